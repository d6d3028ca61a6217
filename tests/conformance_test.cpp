// The test cases that ONNX itself publishes: model, inputs and expected outputs. NET2C_ONNX_CASES names the folder of them
// (onnx/backend/test/data in the Python package onnx); tests/conformance/onnx.txt names the cases. Each is run twice, with its inputs but the first baked in (--const), and with all
// inputs handed over that may be: by the reference interpreter, by the plan on every ISA of this machine, and as emitted C, all
// cases side by side in one bundle.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "base/file.h"
#include "emit/emit.h"
#include "execute/execute.h"
#include "execute/interpret.h"
#include "import/import.h"
#include "import/onnx/onnx.h"
#include "isas_here.h"
#include "lower/lower.h"
#include "optimise/optimise.h"

using namespace net2c;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> listed_cases()
{
  const std::vector<std::byte> bytes = read_file(std::string(NET2C_SOURCE_DIR) + "/tests/conformance/onnx.txt");
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

struct Case {
  std::string name;
  Graph graph;                      // as imported
  std::vector<Tensor> given;
  std::vector<Named> wanted;
};

// The inputs that are handed over when the case is run; the others are baked in.
enum class Mode { baked, fed };
const char *name_of(Mode mode) { return mode == Mode::baked ? "baked" : "fed"; }

// The input that a message wants to be baked in; empty: none.
std::string wants_baked(const std::string &message)
{
  const size_t at = message.find("--const "), end = message.find("=FILE", at);
  return at == std::string::npos || end == std::string::npos ? "" : message.substr(at + 8, end - at - 8);
}

// Baked: all inputs but a first one of floats, as a static compiler takes sizes, axes and weights. Fed: none but those that the
// importer asks for. Tensors without a name (models from PyTorch) are the inputs in their order.
Case import_case(const fs::path &folder, Mode mode)
{
  const fs::path data = folder / "test_data_set_0";
  const std::vector<Named> inputs = tensors(data, "input");
  ImportOptions options;
  const auto bake = [&](const Named &input) { options.constants[input.name] = input.tensor; };
  for (const Named &input : inputs) {
    if (!input.name.empty()) options.shapes[input.name] = input.tensor.shape;
    if (mode == Mode::baked && !input.name.empty() && (&input != &inputs[0] || input.tensor.type != Type::f32)) bake(input);
  }
  Case c;
  c.name = folder.parent_path().filename() / folder.filename();
  c.wanted = tensors(data, "output");
  for (;;) try {
      c.graph = import_model({(folder / "model.onnx").string()}, options).graph;
      break;
    } catch (const Error &error) {
      const std::string name = mode == Mode::fed ? wants_baked(error.what()) : "";
      const auto input = std::find_if(inputs.begin(), inputs.end(), [&](const Named &n) { return n.name == name; });
      if (name.empty() || input == inputs.end() || options.constants.contains(name)) throw;
      bake(*input);
    }
  for (const Named &input : inputs)
    if (!options.constants.contains(input.name)) c.given.push_back(input.tensor);
  return c;
}

// Empty when the outputs are those wanted.
std::string judge(const Case &c, std::span<const Tensor> outputs)
{
  if (outputs.size() != c.wanted.size()) return fmt::format("{} outputs instead of {}", outputs.size(), c.wanted.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    if (const std::string text = difference(outputs[i], c.wanted[i].tensor); !text.empty()) return fmt::format("output {}: {}", i, text);
  return {};
}

// All cases in a mode; those that cannot be imported are failures of the test already.
std::vector<Case> cases_of(const fs::path &folder, Mode mode)
{
  std::vector<Case> cases;
  for (const std::string &name : listed_cases()) try {
      cases.push_back(import_case(folder / name, mode));
    } catch (const std::exception &e) {
      ADD_FAILURE() << name << ", " << name_of(mode) << ": " << e.what();
    }
  return cases;
}

// How many cases pass; `run` gives a case's outputs.
void count_passing(const char *engine, Mode mode, const std::vector<Case> &cases, const std::function<std::vector<Tensor>(size_t)> &run)
{
  size_t passed = 0;
  for (size_t i = 0; i < cases.size(); ++i) {
    std::string failure;
    try {
      failure = judge(cases[i], run(i));
    } catch (const std::exception &e) {
      failure = e.what();
    }
    EXPECT_EQ(failure, "") << cases[i].name << ", " << name_of(mode) << ", " << engine;
    passed += failure.empty();
  }
  fmt::print("ONNX conformance, inputs {:<5} {:<10} {} of {} cases pass\n", name_of(mode), engine, passed, listed_cases().size());
}

// Appends a graph to another, under names of its own.
void append(Graph &all, const Graph &one, const std::string &prefix)
{
  const ValueId first = static_cast<ValueId>(all.values.size());
  const int first_input = static_cast<int>(all.inputs.size());
  const auto moved = [&](std::vector<ValueId> ids) {
    for (ValueId &v : ids)
      if (v != none) v += first;
    return ids;
  };
  for (Value value : one.values) {
    value.name = prefix + value.name;
    all.values.push_back(std::move(value));
  }
  for (const Node &node : one.nodes) {
    Node copy{node.op, prefix + node.name, moved(node.inputs), moved(node.outputs)};
    if (auto *input = std::get_if<Input>(&copy.op)) input->index += first_input;
    all.nodes.push_back(std::move(copy));
  }
  for (ValueId v : one.inputs) all.inputs.push_back(v + first);
  for (ValueId v : one.outputs) all.outputs.push_back(v + first);
}

const char *cases_folder() { return std::getenv("NET2C_ONNX_CASES"); }
constexpr const char *no_cases = "set NET2C_ONNX_CASES to the folder onnx/backend/test/data of the Python package onnx";

class Conformance : public ::testing::TestWithParam<Mode> {};

void shell(const std::string &command) { ASSERT_EQ(std::system(command.c_str()), 0) << command; }

// All cases in one bundle: compiled once for each way to run it, then judged case by case.
class Cases {
 public:
  Cases(std::vector<Case> cases, Mode mode, std::vector<Isa> isas) : cases_(std::move(cases)), mode_(mode)
  {
    std::string pattern = (fs::temp_directory_path() / "net2c_conformance_XXXXXX").string();
    if (!mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    Graph all;
    all.name = "cases";
    std::ofstream inputs(folder_ / "inputs", std::ios::binary);
    for (size_t i = 0; i < cases_.size(); ++i) {
      append(all, cases_[i].graph, fmt::format("c{}.", i));
      for (const Tensor &t : cases_[i].given) inputs.write(reinterpret_cast<const char *>(t.bytes.data()), static_cast<std::streamsize>(t.bytes.size()));
    }
    optimise(all);
    recipe_ = lower(all);
    EmitOptions options;
    options.name = "cases";
    options.isas = std::move(isas);
    write_bundle(emit(recipe_, options), (folder_ / "bundle").string());
    fs::remove(folder_ / "bundle/main.c");
  }
  ~Cases() { fs::remove_all(folder_); }

  void compile(const std::string &cc)
  {
    shell(fmt::format("cd {0} && {1} -O2 -I bundle {2}/tests/bundle/conformance.c bundle/*.c -o run -pthread", folder_.string(), cc, NET2C_SOURCE_DIR));
  }
  void run(const char *engine, const std::string &emulator, Isa isa)
  {
    shell(fmt::format("cd {} && {} ./run bundle/cases.weights {} inputs outputs", folder_.string(), emulator, static_cast<int>(isa) + 1));
    std::ifstream file(folder_ / "outputs", std::ios::binary);
    std::vector<Tensor> outputs;
    for (const Port &p : recipe_.outputs) {
      outputs.emplace_back(p.type, p.shape);
      file.read(reinterpret_cast<char *>(outputs.back().bytes.data()), static_cast<std::streamsize>(outputs.back().bytes.size()));
    }
    ASSERT_TRUE(file.good());
    size_t next = 0;
    count_passing(engine, mode_, cases_, [&](size_t i) {
      const size_t first = next;
      next += cases_[i].graph.outputs.size();
      return std::vector<Tensor>(outputs.begin() + static_cast<ptrdiff_t>(first), outputs.begin() + static_cast<ptrdiff_t>(next));
    });
  }

 private:
  std::vector<Case> cases_;
  Mode mode_;
  fs::path folder_;
  Recipe recipe_;
};

}  // namespace

TEST_P(Conformance, OnnxCases)
{
  if (!cases_folder()) GTEST_SKIP() << no_cases;
  const std::vector<Case> cases = cases_of(cases_folder(), GetParam());
  count_passing("reference", GetParam(), cases, [&](size_t i) { return interpret(cases[i].graph, cases[i].given); });
  for (Compiled isa : compiled_here())
    count_passing(fmt::format("plan {}", net2c::name_of(isa)).c_str(), GetParam(), cases, [&](size_t i) {
      Graph graph = cases[i].graph;
      optimise(graph);
      const Recipe recipe = lower(graph);
      return Executor(plan_for(recipe, isa), 2).run(cases[i].given, {}, true);
    });
}

TEST_P(Conformance, OnnxCasesAsC)
{
  if (!cases_folder()) GTEST_SKIP() << no_cases;
  Cases cases(cases_of(cases_folder(), GetParam()), GetParam(), {best_isa()});
  cases.compile("cc");
  cases.run("native", "", best_isa());
}

// Every ISA that the compiler has, NEON under emulation.
TEST_P(Conformance, SlowOnnxCasesAsCForEveryIsa)
{
  if (!cases_folder()) GTEST_SKIP() << no_cases;
  if (!std::getenv("NET2C_LONG")) GTEST_SKIP() << "left to make test-all";
  Cases cases(cases_of(cases_folder(), GetParam()), GetParam(), {});
  cases.compile("cc");
  for (Isa isa : isas_here()) cases.run(fmt::format("native {}", net2c::name_of(isa)).c_str(), "", isa);
  if (runs_here(Isa::neon) || std::system("command -v qemu-aarch64 clang-19 >/dev/null") != 0) return;
  cases.compile("clang-19 --target=aarch64-linux-gnu -fuse-ld=lld -static");
  cases.run("native neon", "qemu-aarch64", Isa::neon);
}

TEST_P(Conformance, OnnxCasesReadBackAsText)
{
  if (!cases_folder()) GTEST_SKIP() << no_cases;
  for (const Case &c : cases_of(cases_folder(), GetParam())) {
    const std::string text = print(c.graph, true);
    EXPECT_EQ(print(parse_graph(text), true), text) << c.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Inputs, Conformance, ::testing::Values(Mode::baked, Mode::fed),
                         [](const auto &mode) { return std::string(name_of(mode.param)); });
