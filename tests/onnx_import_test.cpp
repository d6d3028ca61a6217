#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <optional>
#include <random>

#include "base/file.h"
#include "import/onnx/onnx.h"
#include "onnx_model.h"
#include "ops/ops.h"

using namespace net2c;

namespace {

std::span<const std::byte> span(const std::string &text) { return std::as_bytes(std::span(text.data(), text.size())); }

Graph import(const OnnxModel &model, const ImportOptions &options = {}) { return onnx::import_onnx("m.onnx", span(model.bytes()), options); }

std::string error_of(const std::string &bytes, const ImportOptions &options = {})
{
  try {
    onnx::import_onnx("m.onnx", span(bytes), options);
  } catch (const Error &error) {
    return error.what();
  }
  return "no error";
}
std::string error_of(const OnnxModel &model, const ImportOptions &options = {}) { return error_of(model.bytes(), options); }

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

const Shape &output_shape(const Graph &g, size_t i = 0) { return g.values[g.outputs.at(i)].shape; }

// Runs the graph by the ops' own meaning; inputs in order.
std::vector<double> run(const Graph &g, const std::vector<Tensor> &inputs = {})
{
  std::vector<Tensor> values(g.values.size());
  for (const Node &node : g.nodes) {
    std::vector<const Tensor *> in;
    for (ValueId v : node.inputs) in.push_back(v == none ? nullptr : &values[v]);
    const auto *input = std::get_if<Input>(&node.op);
    values[node.outputs[0]] = input ? inputs.at(static_cast<size_t>(input->index)) : evaluate(node.op, in, g.values[node.outputs[0]]);
  }
  return values[g.outputs.at(0)].numbers();
}

size_t count_of_constants(const Graph &g)
{
  return static_cast<size_t>(std::count_if(g.nodes.begin(), g.nodes.end(), [](const Node &n) { return std::holds_alternative<Constant>(n.op); }));
}

// x [2][3] -> the op with further constant inputs -> y
OnnxModel one(const std::string &op, int64_t opset, const Names &attributes = {}, const Names &more = {})
{
  Names inputs{"x"};
  inputs.insert(inputs.end(), more.begin(), more.end());
  OnnxModel m(opset);
  m.input("x", {2, 3}).node(op, inputs, {"y"}, attributes, "layer").output("y");
  return m;
}
const Tensor six = tensor_f32({2, 3}, {1, 2, 3, 4, 5, 6});
using Numbers = std::vector<double>;

std::string shared_file(const std::string &name)
{
  const char *root = std::getenv("NET2C_SHARED");
  return (root ? std::string(root) : std::string(NET2C_SOURCE_DIR) + "/../shared") + "/models/" + name;
}

}  // namespace

TEST(OnnxImport, KeepsNamesOrderAndOnlyWhatIsUsed)
{
  OnnxModel m;
  m.input("x", {1, 2}).initialiser("w", {2, 2}, {1, 2, 3, 4}).initialiser("unused", {1}, {5});
  m.node("MatMul", {"x", "w"}, {"h"}, {}, "fc").node("Relu", {"h"}, {"y"}).node("Neg", {"h"}, {"dead"});
  m.output("y").output("h").output("x").output("w");
  const Graph g = import(m);
  ASSERT_EQ(g.outputs.size(), 4u);
  const char *names[] = {"y", "h", "x", "w"};
  for (size_t i = 0; i < 4; ++i) EXPECT_EQ(g.values[g.outputs[i]].name, names[i]);
  EXPECT_EQ(count_of_constants(g), 1u);
  EXPECT_EQ(g.nodes.size(), 4u);
  EXPECT_EQ(g.nodes[2].name, "fc");
  EXPECT_EQ(g.nodes[3].name, "Relu_y");
}

TEST(OnnxImport, NodesMayStandInAnyOrder)
{
  OnnxModel m;
  m.input("x", {2}).node("Neg", {"h"}, {"y"}).node("Exp", {"x"}, {"h"}).output("y");
  EXPECT_EQ(run(import(m), {tensor_f32({2}, {0, 0})}), (Numbers{-1, -1}));
}

TEST(OnnxImport, IdentityOfAConstantAndOfAnInputHaveTheirOwnNames)
{
  OnnxModel m;
  m.input("x", {2}).initialiser("w", {1}, {7}).node("Identity", {"x"}, {"y"}).node("Identity", {"w"}, {"z"}).output("y").output("z");
  const Graph g = import(m);
  EXPECT_EQ(g.values[g.outputs[0]].name, "y");
  EXPECT_EQ(g.values[g.outputs[1]].name, "z");
}

TEST(OnnxImport, ShapeArithmeticIsFolded)
{
  OnnxModel m;
  m.input("x", {2, 3, 4, 4}).initialiser("zero", {0}).initialiser("minus", {-1});
  m.node("Shape", {"x"}, {"s"}).node("Gather", {"s", "zero"}, {"n"}, {attribute("axis", int64_t{0})});
  m.node("Concat", {"n", "minus"}, {"to"}, {attribute("axis", int64_t{0})}).node("Reshape", {"x", "to"}, {"y"}).output("y");
  const Graph g = import(m);
  EXPECT_EQ(output_shape(g), (Shape{2, 48}));
  EXPECT_EQ(g.nodes.size(), 2u) << "Input and Reshape are all that is left";
}

TEST(OnnxImport, DynamicDimensions)
{
  OnnxModel m;
  m.input("x", {-1, 3, -1, -1}).node("Relu", {"x"}, {"y"}).output("y");
  ImportOptions options;
  EXPECT_SAYS(error_of(m), "input 'x' is 1x3xd2xd3: dimension 2 ('d2') is not fixed; set it by --size");
  options.size = {4, 6};
  EXPECT_EQ(output_shape(import(m, options)), (Shape{1, 3, 4, 6}));
  options.batch = 5;
  EXPECT_EQ(output_shape(import(m, options)), (Shape{5, 3, 4, 6}));
  options.shapes["x"] = {2, 3, 8, 9};
  options.size.reset();
  EXPECT_EQ(output_shape(import(m, options)), (Shape{2, 3, 8, 9}));
  options.shapes["x"] = {2, 4, 8, 9};
  EXPECT_SAYS(error_of(m, options), "input 'x' is d0x3xd2xd3, but what is given for it is 2x4x8x9");
  options.shapes = {{"z", {1}}};
  EXPECT_SAYS(error_of(m, options), "has no input 'z'; its inputs are: x");
}

TEST(OnnxImport, TheSameSymbolIsTheSameSize)
{
  OnnxModel m;
  m.input("a", {1, 3, -1, -1}).input("b", {1, 1, -1, -1}).node("Add", {"a", "b"}, {"y"}).output("y");
  ImportOptions options;
  options.shapes["b"] = {1, 1, 8, 9};
  EXPECT_EQ(output_shape(import(m, options)), (Shape{1, 3, 8, 9}));
  options.shapes["a"] = {1, 3, 8, 8};
  EXPECT_SAYS(error_of(m, options), "dimension 'd3' is 8 in one input and 9 in 'b'");
}

TEST(OnnxImport, AQuestionMarkIsNoName)
{
  OnnxModel m;
  m.input("x", {1, 3, -2, -2}).node("Relu", {"x"}, {"y"}).output("y");
  ImportOptions options;
  EXPECT_SAYS(error_of(m), "input 'x' is 1x3x?x?: dimension 2 is not fixed");
  options.shapes["x"] = {1, 3, 8, 9};
  EXPECT_EQ(output_shape(import(m, options)), (Shape{1, 3, 8, 9}));
}

TEST(OnnxImport, ASizeMayReplaceAFixedOneOfASingleImage)
{
  OnnxModel m;
  m.input("x", {1, 3, 8, 8}).node("Relu", {"x"}, {"y"}).output("y");
  ImportOptions options;
  options.size = {4, 6};
  EXPECT_EQ(output_shape(import(m, options)), (Shape{1, 3, 4, 6}));
  EXPECT_SAYS(error_of(one("Relu", 13), options), "no image input");
  OnnxModel last;   // channels last, as few as pictures have
  last.input("x", {1, -1, -1, 3}).node("Relu", {"x"}, {"y"}).output("y");
  EXPECT_EQ(output_shape(import(last, options)), (Shape{1, 4, 6, 3}));
}

TEST(OnnxImport, InitialisersThatAreInputsAreConstants)
{
  OnnxModel m;
  m.input("x", {2}).input("w", {2}).initialiser("w", {2}, {3, 4}).node("Add", {"x", "w"}, {"y"}).output("y");
  EXPECT_EQ(run(import(m), {tensor_f32({2}, {1, 1})}), (Numbers{4, 5}));
  ImportOptions options;
  options.shapes["w"] = {2};
  EXPECT_EQ(import(m, options).inputs.size(), 2u);
}

TEST(OnnxImport, BakedInputs)
{
  OnnxModel m;
  m.input("x", {2, 3}).input("to", {1}, 7).node("Reshape", {"x", "to"}, {"y"}).output("y");
  EXPECT_SAYS(error_of(m), "Reshape whose 'shape' (value 'to') is an input of the network: bake it in (--const to=FILE)");
  ImportOptions options;
  options.constants["to"] = tensor_i64({1}, {-1});
  EXPECT_EQ(output_shape(import(m, options)), (Shape{6}));
  options.constants["to"] = tensor_f32({1}, {-1});
  EXPECT_SAYS(error_of(m, options), "the data to be baked in for input 'to' is f32 1, which does not fit the model (int64)");
}

TEST(OnnxImport, VersionsOfAnOperator)
{
  const auto same = [](const OnnxModel &m, const Numbers &want) { EXPECT_EQ(run(import(m), {six}), want); };
  same(one("Clip", 6, {attribute("min", 2.0f), attribute("max", 5.0f)}), {2, 2, 3, 4, 5, 5});
  same(one("Clip", 13, {}, {"", "hi"}).initialiser(tensor_proto("hi", {}, 1, raw(std::vector<float>{4}))), {1, 2, 3, 4, 4, 4});
  same(one("ReduceSum", 11, {attribute("axes", Dims{-1}), attribute("keepdims", int64_t{0})}), {6, 15});
  same(one("ReduceSum", 13, {attribute("keepdims", int64_t{0})}, {"axes"}).initialiser("axes", {0}), {5, 7, 9});
  same(one("Slice", 9, {attribute("starts", Dims{1}), attribute("ends", Dims{1000}), attribute("axes", Dims{1})}), {2, 3, 5, 6});
  same(one("Slice", 13, {}, {"s", "e", "a", "t"}).initialiser("s", {-1}).initialiser("e", {INT64_MIN}).initialiser("a", {1}).initialiser("t", {-2}),
       {3, 1, 6, 4});
  same(one("Pad", 2, {attribute("pads", Dims{0, 1, 0, 0}), attribute("value", 9.0f)}), {9, 1, 2, 3, 9, 4, 5, 6});
  same(one("Unsqueeze", 11, {attribute("axes", Dims{0})}), {1, 2, 3, 4, 5, 6});
  same(one("Sum", 13, {}, {"x", "x"}), {3, 6, 9, 12, 15, 18});
  same(one("Mean", 13, {}, {"x"}), {1, 2, 3, 4, 5, 6});
  // Before version 7 broadcasting is asked for, and may begin at an axis.
  same(one("Add", 6, {attribute("broadcast", int64_t{1}), attribute("axis", int64_t{0})}, {"b"}).initialiser("b", {2}, {10, 20}),
       {11, 12, 13, 24, 25, 26});
  EXPECT_SAYS(error_of(one("Add", 6, {}, {"b"}).initialiser("b", {3}, {1, 2, 3})), "'broadcast' is not set");
  // Softmax before 13 spans all axes from `axis` on.
  const Numbers whole = run(import(one("Softmax", 11, {attribute("axis", int64_t{0})})), {six}), rows = run(import(one("Softmax", 13)), {six});
  EXPECT_NEAR(std::accumulate(whole.begin(), whole.end(), 0.0), 1, 1e-6);
  EXPECT_NEAR(std::accumulate(rows.begin(), rows.end(), 0.0), 2, 1e-6);
}

TEST(OnnxImport, GemmHasItsFactorsAndTransposes)
{
  OnnxModel m;
  m.input("x", {2, 3}).initialiser("b", {1, 3}, {1, 2, 3}).initialiser("c", {1}, {10});
  m.node("Gemm", {"x", "b", "c"}, {"y"}, {attribute("transB", int64_t{1}), attribute("alpha", 2.0f), attribute("beta", 0.5f)}).output("y");
  EXPECT_EQ(run(import(m), {six}), (Numbers{2 * 14 + 5, 2 * 32 + 5}));
}

TEST(OnnxImport, AttributesOfTheFirstFilesDoNotSayTheirKind)
{
  std::string axis;
  protozero::pbf_writer w(axis);
  w.add_string(1, "axis");
  w.add_int64(3, 0);
  EXPECT_EQ(output_shape(import(one("Concat", 4, {axis}, {"x"}))), (Shape{4, 3}));
}

TEST(OnnxImport, SplitMakesASliceForEachUsedOutput)
{
  OnnxModel m(18);
  m.input("x", {7, 2}).node("Split", {"x"}, {"a", "b", "c"}, {attribute("num_outputs", int64_t{3})}).output("c").output("a");
  const Graph g = import(m);
  EXPECT_EQ(output_shape(g, 0), (Shape{1, 2}));
  EXPECT_EQ(output_shape(g, 1), (Shape{3, 2}));
  EXPECT_EQ(g.nodes.size(), 3u);
}

TEST(OnnxImport, PoolingRoundsUpButStartsNoWindowInThePaddingAtTheEnd)
{
  const auto size = [](int64_t h, const Names &attributes) {
    OnnxModel m;
    m.input("x", {1, 1, h, h}).node("MaxPool", {"x"}, {"y"}, attributes).output("y");
    return output_shape(import(m))[2];
  };
  const std::string kernel = attribute("kernel_shape", Dims{2, 2}), strides = attribute("strides", Dims{2, 2}), up = attribute("ceil_mode", int64_t{1});
  EXPECT_EQ(size(5, {kernel, strides}), 2);
  EXPECT_EQ(size(5, {kernel, strides, up}), 3);
  EXPECT_EQ(size(4, {kernel, strides, up, attribute("pads", Dims{0, 0, 1, 1})}), 2);
  EXPECT_EQ(size(5, {kernel, strides, attribute("auto_pad", std::string("SAME_UPPER"))}), 3);
}

TEST(OnnxImport, ConvolutionOverOneDimensionIsAnImageOfHeightOne)
{
  OnnxModel m;
  m.input("x", {1, 1, 4}).initialiser("w", {1, 1, 2}, {1, 10}).node("Conv", {"x", "w"}, {"y"}, {attribute("pads", Dims{1, 0})}).output("y");
  EXPECT_EQ(run(import(m), {tensor_f32({1, 1, 4}, {1, 2, 3, 4})}), (Numbers{10, 21, 32, 43}));
}

TEST(OnnxImport, HalfPrecisionAndBfloat16Data)
{
  OnnxModel m;
  m.input("x", {1}).initialiser(tensor_proto("h", {1}, 10, std::string("\x00\x3e", 2))).initialiser(tensor_proto("b", {1}, 16, std::string("\xc0\x3f", 2)));
  m.node("Cast", {"h"}, {"f"}, {attribute("to", int64_t{1})}).node("Sum", {"x", "f", "b"}, {"y"}).output("y");
  EXPECT_EQ(run(import(m), {tensor_f32({1}, {1})}), (Numbers{4}));
}

TEST(OnnxImport, UnsupportedIsOneMessageWithAll)
{
  OnnxModel m;
  m.input("x", {1, 1, 4, 4}).node("NonZero", {"x"}, {"a"}, {}, "first").node("NonZero", {"a"}, {"b"}).node("Fancy", {"x"}, {"c"}, {}, "mine", "my.ops");
  m.node("MaxPool", {"x"}, {"d", "where"}, {attribute("kernel_shape", Dims{2, 2})}, "pool").node("Relu", {"b"}, {"e"});
  m.node("Relu", {"x"}, {"f"}, {attribute("wrong", int64_t{1})}, "odd").output("b").output("c").output("d").output("where").output("e").output("f");
  const std::string text = error_of(m);
  EXPECT_SAYS(text, "m.onnx: uses what is not supported:");
  EXPECT_SAYS(text, "NonZero: 2 times, first in layer 'first'");
  EXPECT_SAYS(text, "my.ops.Fancy: 1 time, layer 'mine'");
  EXPECT_SAYS(text, "MaxPool with its output number 1 ('where'): 1 time, layer 'pool'");
  EXPECT_SAYS(text, "Relu with attribute 'wrong': 1 time, layer 'odd'");
  EXPECT_SAYS(text, "Export the model without these");
}

TEST(OnnxImport, BrokenGraphs)
{
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}).node("Relu", {"h"}, {"y"}, {}, "lost").output("y")),
              "m.onnx: layer 'lost' (Relu): its input 'h' is neither an input");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}).node("Add", {"x", "b"}, {"a"}).node("Relu", {"a"}, {"b"}).output("b")), "the graph has a cycle");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}).node("Relu", {"x"}, {"y"}).node("Neg", {"x"}, {"y"}).output("y")),
              "layer 'Neg_y' (Neg): its output 'y' is also made elsewhere");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}).node("Relu", {"x"}, {"y"}).output("z")), "its output 'z' is not made by any layer");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}).node("Relu", {"x"}, {"y"})), "its graph has no outputs");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}).input("x", {1}).output("x")), "two inputs named 'x'");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {-7}).output("x")), "negative size");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {int64_t{1} << 30, int64_t{1} << 30}).output("x")), "too many elements");
  EXPECT_SAYS(error_of(OnnxModel(28).input("x", {1}).output("x")), "export it with opset_version=27");
  EXPECT_SAYS(error_of(OnnxModel().input("x", {1}, 8).output("x")), "input 'x': element type string is not supported");
}

TEST(OnnxImport, ShapesThatDoNotFitNameTheLayer)
{
  EXPECT_SAYS(error_of(one("Add", 13, {}, {"b"}).initialiser("b", {2}, {1, 2})), "m.onnx: layer 'layer' (Add): shapes 2x3 and 2 do not fit");
  EXPECT_SAYS(error_of(one("Reshape", 13, {}, {"s"}).initialiser("s", {4, -1})), "layer 'layer' (Reshape): shape 4x1 with one size left over");
  EXPECT_SAYS(error_of(one("Concat", 13, {attribute("axis", int64_t{2})}, {"x"})), "axis 2 does not fit 2 dimensions");
  EXPECT_SAYS(error_of(one("Relu", 13, {}, {}).node("Conv", {"y", "y"}, {"z"}).output("z")), "X has shape 2x3, but must have 4 dimensions");
  EXPECT_SAYS(error_of(one("Gather", 13, {}, {"i"}).initialiser("i", {2})), "index 2 is outside of axis 0 of 2x3");
}

TEST(OnnxImport, WeightsOfTheWrongLength)
{
  const auto with = [](const std::string &tensor) { return error_of(OnnxModel().input("x", {4}).initialiser(tensor).node("Add", {"x", "w"}, {"y"}).output("y")); };
  EXPECT_SAYS(with(tensor_proto("w", {4}, 1, "123")), "initialiser 'w': its data has 3 bytes, but shape 4 of float32 needs 16");
  EXPECT_SAYS(with(tensor_proto("w", {4}, 1, std::string(20, '0'))), "its data has 20 bytes, but shape 4 of float32 needs 16");
  for (size_t n : {3, 4, 5}) {   // as numbers
    std::string typed;
    protozero::pbf_writer w(typed);
    const std::vector<float> data(n, 1);
    w.add_int64(1, 4);
    w.add_int32(2, 1);
    w.add_packed_float(4, data.begin(), data.end());
    w.add_string(8, "w");
    EXPECT_SAYS(with(typed), n == 4 ? "no error" : fmt::format("its data has {} elements, but shape 4 of float32 needs 4", n));
  }
  EXPECT_SAYS(with(tensor_proto("w", {int64_t{1} << 39}, 1, "1234")), "needs 2199023255552");
  EXPECT_SAYS(with(tensor_proto("w", {int64_t{1} << 62, 8}, 1, "1234")), "too many elements");
  EXPECT_SAYS(with(tensor_proto("w", {4, -4}, 1, "1234")), "negative size");
  EXPECT_SAYS(with(tensor_proto("w", {4}, 14, "1234")), "element type complex64 is not supported");
  std::string external = tensor_proto("w", {4}, 1, "");
  protozero::pbf_writer(external).add_int32(14, 1);
  EXPECT_SAYS(with(external), "its data is in another file");
}

TEST(OnnxImport, DropoutKeepsAll)
{
  OnnxModel m;
  m.input("x", {2, 3}).node("Dropout", {"x"}, {"y", "mask"}, {}, "drop").output("mask");
  EXPECT_EQ(run(import(m), {Tensor(Type::f32, {2, 3})}), std::vector<double>(6, 1));
}

TEST(OnnxImport, FoldingIsLimited)
{
  OnnxModel m;
  m.initialiser("s", {1 << 20, 1 << 19}).node("ConstantOfShape", {"s"}, {"y"}, {}, "huge").output("y");
  EXPECT_SAYS(error_of(m), "layer 'huge' (ConstantOfShape): constants computed from");
  OnnxModel empty;   // no elements at all, but an axis of 2^40
  empty.initialiser("s", {int64_t{1} << 40, 0}).node("ConstantOfShape", {"s"}, {"y"}).output("y");
  EXPECT_SAYS(error_of(empty), "constants computed from");
}

TEST(OnnxImport, DamagedBytesGiveOneError)
{
  OnnxModel m;
  m.input("x", {1, 1, 4, 4}).initialiser("w", {1, 1, 3, 3}, std::vector<float>(9, 1)).initialiser("to", {1, -1});
  m.node("Conv", {"x", "w"}, {"h"}, {attribute("pads", Dims{1, 1, 1, 1})}).node("Reshape", {"h", "to"}, {"y"}).output("y");
  const std::string good = m.bytes();
  EXPECT_NE(error_of(good.substr(0, good.size() / 2)), "no error");
  EXPECT_SAYS(error_of(good.substr(0, good.size() / 2)), "is damaged");
  ImportOptions options;
  options.fold_limit = 1 << 20;
  std::mt19937 random(7);
  const auto survive = [&](const std::string &bytes) {
    const std::string text = error_of(bytes, options);   // any Error will do; a crash or another exception will not
    EXPECT_FALSE(text.empty());
  };
  for (size_t n = 0; n < good.size(); ++n) survive(good.substr(0, n));
  for (int i = 0; i < 3000; ++i) {
    std::string bad = good;
    for (int k = 0; k < 1 + i % 3; ++k) bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    survive(bad);
  }
  for (int i = 0; i < 500; ++i) {
    std::string noise(random() % 300, 0);
    for (char &c : noise) c = static_cast<char>(random());
    survive(noise);
  }
}

class Files : public testing::Test {
 protected:
  std::string folder = testing::TempDir() + "net2c_import_test";
  void SetUp() override { make_folder(folder); }
  void TearDown() override { std::filesystem::remove_all(folder); }
  std::string error(const std::string &name, const std::string &content)
  {
    write_file(folder + "/" + name, content);
    return error_of_files({folder + "/" + name});
  }
  static std::string error_of_files(const std::vector<std::string> &files)
  {
    try {
      import_model(files, {});
    } catch (const Error &e) {
      return e.what();
    }
    return "no error";
  }
};

TEST_F(Files, AreKnownByContent)
{
  using namespace std::string_literals;
  write_file(folder + "/good", one("Relu", 13).bytes());
  EXPECT_EQ(error_of_files({folder + "/good"}), "no error");
  write_file(folder + "/more", std::string("class one\n"));
  EXPECT_SAYS(error_of_files({folder + "/good", folder + "/more"}), "one file too many");
  EXPECT_SAYS(error_of_files({}), "no model file");
  EXPECT_SAYS(error_of_files({folder}), "is a folder");
  EXPECT_SAYS(error_of_files({folder + "/none"}), "cannot be opened");
  EXPECT_SAYS(error("e", ""), "is empty");
  EXPECT_SAYS(error("t", "hello world\n"), "no format that is known");
  EXPECT_SAYS(error("p", "# my net\nname: \"net\"\nlayer {\n}\n"), "has no outputs");
  EXPECT_SAYS(error("c", "[net]\nwidth=416\n"), "has no layers after [net]");
  EXPECT_SAYS(error("w", "\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"s), "weights of a Darknet network: give its .cfg too");
  EXPECT_SAYS(error("m", "{\n  \"nodes\": [{\"op\": \"null\", \"name\": \"data\"}]}"), "is an MXNet symbol; not supported yet");
  EXPECT_SAYS(error("k", "\n\x05LeNet\xa2\x06\x03\x01\x02\x03"s), "is damaged");
  EXPECT_SAYS(error("h", "\x89HDF\r\n\x1a\n\0\0\0\0"s), "HDF5");
  EXPECT_SAYS(error("z", "PK\3\4abcdef"), "zip archive");
  EXPECT_SAYS(error("l", "\x1c\0\0\0TFL3\0\0\0\0"s), "TensorFlow Lite");
  EXPECT_SAYS(error("7", "\4\0\0\0\1\0\0\0\3\0\0\0V 1"s), "Torch7");
  EXPECT_SAYS(error("o", "\x08\x08"), "has no graph in it");
}

TEST(OnnxImport, RealModels)
{
  struct Case {
    const char *file;
    Shape output;
    std::optional<std::pair<int64_t, int64_t>> size = {};
  };
  const Case cases[] = {{"small/mnist.onnx", {1, 10}},
                        {"detect/fastestdet.onnx", {1, 85, 22, 22}},
                        {"style/fs_wave.onnx", {1, 3, 384, 512}},
                        {"style/fs_wave.onnx", {1, 3, 240, 320}, {{240, 320}}},
                        {"superres/esrgan_slim_x2_from_npm.onnx", {1, 3, 256, 256}}};
  for (const Case &c : cases) {
    const std::string path = shared_file(c.file);
    if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not here (set NET2C_SHARED)";
    ImportOptions options;
    options.size = c.size;
    const Graph g = import_model({path}, options).graph;
    EXPECT_EQ(output_shape(g), c.output) << c.file;
  }
}
