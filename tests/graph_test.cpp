#include "graph/graph.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "execute/interpret.h"
#include "ops/ops.h"

using namespace net2c;

namespace {

// Every op, with every attribute different from its default.
const char *const every_op = R"(graph "every \"op\"" (%x, %c) -> (%"odd name: \x0a", %y, %x)
%x: f32 1x4x6x6 = Input() name="the picture"
%c: bool 1 = Input() index=1
%w: f32 4x2x1x1 = Constant() data=[1, -0.5, 1e-30, 3.4028235e+38, inf, -inf, nan, 0.1] name="w"
%v: f32 4 = Constant() data=[1, 2, 3, 4]
%conv: f32 1x4x2x3 = Conv(%x, %w, %v, _, %v, %v) strides=[3,2] dilations=[2,1] pads=[0,1,-1,0] group=2 fill=reflect act=clip(-1.5,6) name="conv/1"
%t: f32 1x4x7x7 = ConvTranspose(%conv, %wt, %v) strides=[3,2] dilations=[2,1] pads=[1,0,0,1] output_padding=[0,1] group=2 act=leaky_relu(0.1,0)
)";

Graph small()
{
  Graph g;
  g.name = "small";
  const ValueId x = add_value(g, "x", Type::f32, {2, 2});
  add_node(g, Input{0}, "x", {}, {x});
  g.inputs = {x};
  const ValueId w = add_constant(g, "w", tensor_f32({2}, {0.5f, -1}));
  const ValueId y = add_value(g, "y", Type::f32, {2, 2});
  add_node(g, Binary{BinaryKind::mul}, "scale", {x, w}, {y});
  const ValueId z = add_value(g, "z", Type::f32, {2, 2});
  add_node(g, Unary{UnaryKind::clip, 0, 6}, "clip", {y}, {z});
  g.outputs = {z};
  return g;
}

template <class F>
std::string bug_of(F f)
{
  try {
    f();
  } catch (const Bug &b) {
    return b.what();
  }
  return "no bug";
}

std::string error_of(const std::string &text)
{
  try {
    parse_graph(text);
  } catch (const Error &e) {
    return e.what();
  }
  return "no error";
}

// Of an op with all of its attributes set to something else than the default: what parse gives for the printed line.
std::string again(const Op &op)
{
  Graph g;
  g.outputs = {add_value(g, "y", Type::f32, {1})};
  add_node(g, op, "n", {}, g.outputs);
  const std::string text = print(g);
  EXPECT_EQ(print(parse_graph(text)), text);
  return text.substr(text.find('\n') + 1);
}

}  // namespace

TEST(Graph, NamesAreMadeUnique)
{
  Graph g;
  add_value(g, "x", Type::f32, {});
  add_value(g, "x", Type::f32, {});
  add_value(g, "", Type::f32, {});
  add_value(g, "x_4", Type::f32, {});
  add_value(g, "x", Type::f32, {});
  std::set<std::string> names;
  for (const Value &v : g.values) EXPECT_TRUE(!v.name.empty() && names.insert(v.name).second) << v.name;
  EXPECT_EQ(g.values[0].name, "x");
}

TEST(Graph, UsesCountEveryReading)
{
  Graph g = small();
  const ValueId s = add_value(g, "s", Type::f32, {2, 2});
  add_node(g, Binary{}, "twice", {3, 3}, {s});
  g.outputs = {3, s, 3};
  const Uses uses = uses_of(g);
  EXPECT_EQ(uses.producer, (std::vector<NodeId>{0, 1, 2, 3, 4}));
  EXPECT_EQ(uses.readers[3], (std::vector<NodeId>{4, 4}));
  EXPECT_EQ(uses.as_output, (std::vector<int>{0, 0, 0, 2, 1}));
  ASSERT_NE(constant_of(g, uses, 1), nullptr);
  EXPECT_EQ(constant_of(g, uses, 1)->as<float>()[1], -1);
  EXPECT_EQ(constant_of(g, uses, 0), nullptr);
  EXPECT_EQ(constant_of(g, uses, none), nullptr);
}

TEST(GraphText, ReadsAsExpected)
{
  EXPECT_EQ(print(small()),
            "graph \"small\" (%x) -> (%z)\n"
            "%x: f32 2x2 = Input() name=\"x\"\n"
            "%w: f32 2 = Constant() data=[0.5, -1] name=\"w\"\n"
            "%y: f32 2x2 = Binary(%x, %w) kind=mul name=\"scale\"\n"
            "%z: f32 2x2 = Unary(%y) kind=clip b=6 name=\"clip\"\n");
}

TEST(GraphText, RoundTrip)
{
  std::string text = every_op;
  text.replace(text.find("%t:"), 0, "%wt: f32 4x2x2x1 = Constant() data=[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]\n");
  text +=
      "%\"odd name: \\x0a\": f64 scalar = Constant() data=[0.1]\n"
      "%h: f16 3 = Constant() data=[0.5, 65504, -inf]\n"
      "%u: u64 1 = Constant() data=[18446744073709551615]\n"
      "%e: i8 0x3 = Constant() data=[]\n"
      "%b: bool 2 = Constant() data=[1, 0]\n"
      "%big: i64 17 = Constant() data=...\n"
      "%y: f32 1x4x6x6 = Select(%c, %x, %x)\n";
  EXPECT_EQ(print(parse_graph(text)), text);
}

TEST(GraphText, EveryAttributeOfEveryOp)
{
  const Epilogue act{{UnaryKind::hard_sigmoid, 0.2f, 0.5f}};
  EXPECT_EQ(again(Input{3}), "%y: f32 1 = Input() index=3 name=\"n\"\n");
  EXPECT_EQ(
      again(Conv{{1, 2}, {3, 4}, {5, 6, 7, -8}, 9, Fill::edge, act}),
      "%y: f32 1 = Conv() strides=[1,2] dilations=[3,4] pads=[5,6,7,-8] group=9 fill=edge act=hard_sigmoid(0.2,0.5) name=\"n\"\n");
  EXPECT_EQ(again(ConvTranspose{{1, 2}, {3, 4}, {5, 6, 7, -8}, {9, 10}, 11, {{UnaryKind::relu}}}),
            "%y: f32 1 = ConvTranspose() strides=[1,2] dilations=[3,4] pads=[5,6,7,-8] output_padding=[9,10] group=11 act=relu "
            "name=\"n\"\n");
  EXPECT_EQ(again(Pool{PoolKind::average, {1, 2}, {3, 4}, {5, 6}, {7, 8, 9, 10}, true}),
            "%y: f32 1 = Pool() kind=average kernel=[1,2] strides=[3,4] dilations=[5,6] pads=[7,8,9,10] count_include_pad=true "
            "name=\"n\"\n");
  EXPECT_EQ(again(MatMul{act}), "%y: f32 1 = MatMul() act=hard_sigmoid(0.2,0.5) name=\"n\"\n");
  EXPECT_EQ(again(Unary{UnaryKind::clip, -std::numeric_limits<float>::infinity(), 0.1f}),
            "%y: f32 1 = Unary() kind=clip a=-inf b=0.1 name=\"n\"\n");
  EXPECT_EQ(again(Unary{UnaryKind::leaky_relu, 0.333333343f}), "%y: f32 1 = Unary() kind=leaky_relu a=0.33333334 name=\"n\"\n");
  for (int i = 1; i < static_cast<int>(UnaryKind::count_); ++i)
    EXPECT_EQ(again(Unary{static_cast<UnaryKind>(i)}),
              fmt::format("%y: f32 1 = Unary() kind={} name=\"n\"\n", name_of(static_cast<UnaryKind>(i))));
  for (int i = 1; i < static_cast<int>(BinaryKind::count_); ++i)
    EXPECT_EQ(again(Binary{static_cast<BinaryKind>(i)}),
              fmt::format("%y: f32 1 = Binary() kind={} name=\"n\"\n", name_of(static_cast<BinaryKind>(i))));
  EXPECT_EQ(again(Select{}), "%y: f32 1 = Select() name=\"n\"\n");
  EXPECT_EQ(again(Affine{}), "%y: f32 1 = Affine() name=\"n\"\n");
  EXPECT_EQ(again(Reduce{ReduceKind::log_sum_exp, {0, 2}, false}),
            "%y: f32 1 = Reduce() kind=log_sum_exp axes=[0,2] keep_dims=false name=\"n\"\n");
  EXPECT_EQ(again(Norm{NormKind::lrn, 1e-3f, 2, 3, 4.5f, 6.5f, 7.5f}),
            "%y: f32 1 = Norm() kind=lrn epsilon=0.001 axis=2 size=3 alpha=4.5 beta=6.5 k=7.5 name=\"n\"\n");
  EXPECT_EQ(again(Softmax{2, true}), "%y: f32 1 = Softmax() axis=2 log=true name=\"n\"\n");
  EXPECT_EQ(again(Concat{3}), "%y: f32 1 = Concat() axis=3 name=\"n\"\n");
  EXPECT_EQ(again(Slice{{1, 2}, {3, -4}}), "%y: f32 1 = Slice() starts=[1,2] steps=[3,-4] name=\"n\"\n");
  EXPECT_EQ(again(Pad{PadKind::reflect, {1, 2}, 3.5f}), "%y: f32 1 = Pad() kind=reflect pads=[1,2] value=3.5 name=\"n\"\n");
  EXPECT_EQ(
      again(Resize{ResizeKind::cubic, Coordinates::asymmetric, Nearest::ceil, {1, 0.1, 1.5}, {0, 0.5, 1}, {1, 2, -1}, -0.5f, true, true}),
      "%y: f32 1 = Resize() kind=cubic coordinates=asymmetric nearest=ceil scales=[1,0.1,1.5] starts=[0,0.5,1] ends=[1,2,-1] cubic_a=-0.5 exclude_outside=true "
      "antialias=true name=\"n\"\n");
  EXPECT_EQ(again(Reshape{}), "%y: f32 1 = Reshape() name=\"n\"\n");
  EXPECT_EQ(again(GridSample{ResizeKind::cubic, Fill::reflect, true}),
            "%y: f32 1 = GridSample() kind=cubic outside=reflect align_corners=true name=\"n\"\n");
  EXPECT_EQ(again(Transpose{{1, 0}}), "%y: f32 1 = Transpose() perm=[1,0] name=\"n\"\n");
  EXPECT_EQ(again(Gather{2}), "%y: f32 1 = Gather() axis=2 name=\"n\"\n");
  EXPECT_EQ(again(Expand{}), "%y: f32 1 = Expand() name=\"n\"\n");
  EXPECT_EQ(again(Cast{Type::boolean}), "%y: f32 1 = Cast() to=bool name=\"n\"\n");
}

TEST(GraphText, LargeConstantsInFullWhenAsked)
{
  Graph g;
  std::vector<float> numbers(20, std::numeric_limits<float>::quiet_NaN());
  numbers[3] = 0.1f;
  g.outputs = {add_constant(g, "w", tensor_f32({4, 5}, numbers))};
  const std::string full = print(g, true);
  EXPECT_NE(full.find("data=hex:0000c07f"), std::string::npos) << full;
  const Graph back = parse_graph(full);
  EXPECT_EQ(print(back, true), full);
  EXPECT_EQ(std::get<Constant>(back.nodes[0].op).data->bytes, std::get<Constant>(g.nodes[0].op).data->bytes);
  EXPECT_EQ(std::get<Constant>(parse_graph(print(g)).nodes[0].op).data->as<float>()[3], 0);
}

TEST(GraphText, ErrorsNameLineAndReason)
{
  const std::string head = "graph \"g\" () -> ()\n";
  EXPECT_EQ(error_of(""), "line 1: graph \"name\" (inputs) -> (outputs) expected");
  EXPECT_EQ(error_of(head + "\n# a remark\n%x: f32 2 = Conv2()"), "line 4, column 18: 'Conv2' is not an op");
  EXPECT_EQ(error_of(head + "%x: f33 2 = Conv()"),
            "line 2, column 8: 'f33' is none of: f32, f16, f64, i8, u8, i16, u16, i32, u32, i64, u64, bool");
  EXPECT_EQ(error_of(head + "%x: f32 2y = Conv()"), "line 2, column 11: '2y' is not a shape like 1x3x224x224");
  EXPECT_EQ(error_of(head + "%x: f32 2x = Conv()"), "line 2, column 11: '2x' is not a shape like 1x3x224x224");
  EXPECT_EQ(error_of(head + "%x: f32 -2 = Conv()"), "line 2, column 11: shape -2 has a negative size");
  EXPECT_EQ(error_of(head + "%x: f32 2 = Unary(%w)"), "line 2, column 22: no value 'w' is made before");
  EXPECT_EQ(error_of(head + "%x: f32 2 = Softmax() axes=1"), "line 2, column 28: Softmax has no attribute 'axes'");
  EXPECT_EQ(error_of(head + "%x: f32 2 = Softmax() axis=1.5"), "line 2, column 31: '1.5' is not a number that fits here");
  EXPECT_EQ(error_of(head + "%x: f32 2 = Constant()"), "line 2, column 23: a Constant has data=");
  EXPECT_EQ(error_of(head + "%x: f32 2 = Constant() data=[1]"), "line 2, column 32: 1 numbers for shape 2");
  EXPECT_EQ(error_of(head + "%x: i8 1 = Constant() data=[128]"), "line 2, column 33: 128 does not fit type i8");
  EXPECT_EQ(error_of(head + "%x: f32 1 = Constant() data=hex:00"), "line 2, column 35: 1 bytes, but shape 1 has 4");
  EXPECT_EQ(error_of(head + "%x: f32 1 = Constant() data=hex:0"), "line 2, column 33: two hexadecimal digits expected");
  EXPECT_EQ(error_of(head + "%x: f32 1 = Reshape() name=\"a"), "line 2, column 30: the text that begins with '\"' does not end");
  EXPECT_EQ(error_of(head + "%x: f32 1 = Reshape() name=\"a\\"), "line 2, column 31: something expected after '\\'");
  EXPECT_EQ(error_of(head + "%x: f32 1 = Reshape()\n%x: f32 1 = Reshape()"), "line 3, column 3: a new value expected");
  EXPECT_EQ(error_of("graph \"g\" (%x) -> ()\n"), "line 1, column 21: no value 'x' is made before");
}

TEST(Verify, AcceptsAGoodGraph) { verify(small(), "test"); }

TEST(Verify, NamesWhatIsBroken)
{
  const auto broken = [](auto change) {
    Graph g = small();
    change(g);
    return bug_of([&] { verify(g, "a pass"); });
  };
  EXPECT_EQ(broken([](Graph &g) { std::swap(g.nodes[2], g.nodes[3]); }),
            "after a pass: node 'clip' (Unary): input 'y' is not made before");
  EXPECT_EQ(broken([](Graph &g) { g.values[2].shape = {2, 3}; }),
            "after a pass: node 'scale' (Binary): value 'y' is f32 2x3, but the op gives f32 2x2");
  EXPECT_EQ(broken([](Graph &g) { g.values[2].type = Type::f64; }),
            "after a pass: node 'scale' (Binary): value 'y' is f64 2x2, but the op gives f32 2x2");
  EXPECT_EQ(broken([](Graph &g) { g.values[0].shape = {2, 3}; }),
            "after a pass: node 'scale' (Binary): shapes 2x3 and 2 do not fit by broadcasting");
  EXPECT_EQ(broken([](Graph &g) { g.values[2].name = "x"; }), "after a pass: value name 'x' is empty or not unique");
  EXPECT_EQ(broken([](Graph &g) { g.nodes[3].outputs = {2}; }), "after a pass: node 'clip' (Unary): value 'y' is made twice");
  EXPECT_EQ(broken([](Graph &g) { g.nodes[3].outputs = {}; }), "after a pass: node 'clip' (Unary): it has not one output");
  EXPECT_EQ(broken([](Graph &g) { g.nodes[2].inputs[1] = 99; }), "after a pass: node 'scale' (Binary): input 99 is not a value");
  EXPECT_EQ(broken([](Graph &g) { g.nodes[2].inputs[1] = none; }),
            "after a pass: node 'scale' (Binary): the input 'b' (number 1) is missing");
  EXPECT_EQ(broken([](Graph &g) { g.nodes.pop_back(); }), "after a pass: graph output 3 is not made by any node");
  EXPECT_EQ(broken([](Graph &g) { g.inputs.clear(); }), "after a pass: node 'x' (Input): graph input 0 is not 'x'");
  EXPECT_EQ(broken([](Graph &g) { g.inputs.push_back(2); }), "after a pass: 2 graph inputs, 1 Input nodes");
  EXPECT_EQ(broken([](Graph &g) { std::get<Constant>(g.nodes[1].op).data = nullptr; }),
            "after a pass: node 'w' (Constant): it has no data");
}

TEST(Interpret, RunsAndTracesEveryNode)
{
  std::vector<std::string> seen;
  const Graph g = small();
  const auto y = interpret(g, {tensor_f32({2, 2}, {1, 2, -3, 16})}, [&](NodeId n, ValueId v, const Tensor &t) {
    seen.push_back(fmt::format("{} {} {}", n, g.values[v].name, t.numbers()[1]));
  });
  ASSERT_EQ(y.size(), 1u);
  EXPECT_EQ(y[0].numbers(), (std::vector<double>{0.5, 0, 0, 0}));
  EXPECT_EQ(seen, (std::vector<std::string>{"0 x 2", "1 w -1", "2 y -2", "3 z 0"}));
}

TEST(Interpret, RefusesWrongInputs)
{
  const auto error = [](const std::vector<Tensor> &inputs) -> std::string {
    try {
      interpret(small(), inputs);
    } catch (const Error &e) {
      return e.what();
    }
    return "no error";
  };
  EXPECT_EQ(error({}), "input 'x' is missing: the network has 1 inputs, 0 are given");
  EXPECT_EQ(error({tensor_f32({4}, {1, 2, 3, 4})}), "input 'x' is f32 4, but must be f32 2x2");
  EXPECT_EQ(error({tensor_i64({2, 2}, {1, 2, 3, 4})}), "input 'x' is i64 2x2, but must be f32 2x2");
  EXPECT_EQ(error({tensor_f32({2, 2}, {1, 2, 3, 4}), tensor_f32({1}, {1})}), "the network has 1 inputs, but 2 are given");
}
