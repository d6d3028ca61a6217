// The test cases that ONNX itself publishes: model, inputs and expected outputs. NET2C_ONNX_CASES names the folder of them
// (onnx/backend/test/data in the Python package onnx); tests/conformance/spine.txt names the cases that must pass.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "base/file.h"
#include "execute/interpret.h"
#include "import/import.h"
#include "import/onnx/onnx.h"

using namespace net2c;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> listed_cases()
{
  const std::vector<std::byte> bytes = read_file(std::string(NET2C_SOURCE_DIR) + "/tests/conformance/spine.txt");
  std::istringstream text(std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size()));
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);)
    if (!line.empty() && line[0] != '#') names.push_back(line);
  return names;
}

struct Named {
  std::string name;
  Tensor tensor;
};

// input_0.pb, input_1.pb, ... until one is not there.
std::vector<Named> tensors(const fs::path &folder, const std::string &what)
{
  std::vector<Named> all;
  for (int i = 0;; ++i) {
    const fs::path path = folder / fmt::format("{}_{}.pb", what, i);
    if (!fs::exists(path)) return all;
    Named named;
    named.tensor = onnx::read_tensor_proto(path, read_file(path), &named.name);
    all.push_back(std::move(named));
  }
}

// As ONNX's own runner compares: relative 1e-3, absolute 1e-7.
std::string difference(const Tensor &y, const Tensor &wanted)
{
  if (y.type != wanted.type || y.shape != wanted.shape)
    return fmt::format("{} {} instead of {} {}", name_of(y.type), text_of(y.shape), name_of(wanted.type), text_of(wanted.shape));
  const std::vector<double> a = y.numbers(), b = wanted.numbers();
  for (size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
    if (!(std::fabs(a[i] - b[i]) <= 1e-7 + 1e-3 * std::fabs(b[i])))
      return fmt::format("element {} is {} instead of {}", i, a[i], b[i]);
  }
  return {};
}

// Empty when the case passes. All inputs but a first one of floats are baked in: a static compiler takes sizes, axes and
// weights so. Tensors without a name (models from PyTorch) are the inputs in their order.
std::string run_case(const fs::path &folder)
{
  try {
    const fs::path data = folder / "test_data_set_0";
    const std::vector<Named> inputs = tensors(data, "input"), wanted = tensors(data, "output");
    ImportOptions options;
    std::vector<Tensor> given;
    for (const Named &input : inputs) {
      if (!input.name.empty()) options.shapes[input.name] = input.tensor.shape;
      if (input.name.empty() || (&input == &inputs[0] && input.tensor.type == Type::f32)) given.push_back(input.tensor);
      else options.constants[input.name] = input.tensor;
    }
    const Graph graph = import_model({(folder / "model.onnx").string()}, options).graph;
    const std::vector<Tensor> outputs = interpret(graph, given);
    if (outputs.size() != wanted.size()) return fmt::format("{} outputs instead of {}", outputs.size(), wanted.size());
    for (size_t i = 0; i < outputs.size(); ++i)
      if (const std::string text = difference(outputs[i], wanted[i].tensor); !text.empty())
        return fmt::format("output {}: {}", i, text);
    const std::string text = print(graph, true);
    return print(parse_graph(text), true) == text ? "" : "the graph's text is not read back as it was printed";
  } catch (const std::exception &e) {
    return e.what();
  }
}

}  // namespace

TEST(Conformance, OnnxCases)
{
  const char *folder = std::getenv("NET2C_ONNX_CASES");
  if (!folder) GTEST_SKIP() << "set NET2C_ONNX_CASES to the folder onnx/backend/test/data of the Python package onnx";
  const std::vector<std::string> names = listed_cases();
  EXPECT_GT(names.size(), 400u);
  for (const std::string &name : names) {
    const std::string failure = run_case(fs::path(folder) / name);
    EXPECT_EQ(failure, "") << name;
  }
}
