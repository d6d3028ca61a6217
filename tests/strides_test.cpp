// Strides that move up: maps of which others read every so many rows and columns are made without the rest, with the same bits.
#include "optimised.h"

using namespace net2c;

namespace {

ValueId conv1(GraphBuilder &b, ValueId x, int64_t out, Ints strides = {1, 1})
{
  return b.add(Conv{.strides = std::move(strides)}, {x, b.constant({out, b.shape(x)[1], 1, 1}), b.constant({out})});
}
ValueId relu(GraphBuilder &b, ValueId x) { return unary(b, x, UnaryKind::relu); }

// Multiply-adds, and what an element costs.
double work(const Graph &g)
{
  double all = 0;
  for (const Node &node : g.nodes) {
    if (std::holds_alternative<Input>(node.op) || std::holds_alternative<Constant>(node.op)) continue;
    double each = 16;
    if (std::holds_alternative<Conv>(node.op)) {
      const Shape &w = g.values[node.inputs[1]].shape;
      each += static_cast<double>(w[1] * w[2] * w[3]);
    }
    all += each * static_cast<double>(count(g.values[node.outputs[0]].shape));
  }
  return all;
}

void expect_same_bits(const GraphBuilder &b, const Graph &g, const std::vector<Tensor> &inputs)
{
  const auto before = interpret(b.g, inputs), after = interpret(g, inputs);
  ASSERT_EQ(before.size(), after.size());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(b.g.values[b.g.outputs[i]].name, g.values[g.outputs[i]].name);
    EXPECT_EQ(before[i].shape, after[i].shape);
    EXPECT_TRUE(before[i].bytes == after[i].bytes) << "output " << i;
  }
}

// By this pass alone, as often as it finds something.
Graph moved_graph(GraphBuilder &b)
{
  verify(b.g, "building");
  Graph g = b.g;
  int rounds = 0;
  for (double before = work(g); move_strides(g) > 0; before = work(g)) {
    verify(g, "move_strides");
    fold_constants(g);
    EXPECT_LT(work(g), before);
    EXPECT_LT(++rounds, 9) << "no end";
    if (rounds >= 9) break;
  }
  expect_same_bits(b, g, b.random_inputs());
  return g;
}

std::string moved(const std::function<void(GraphBuilder &, ValueId)> &build, const Shape &shape = {2, 4, 7, 9})
{
  GraphBuilder b(11);
  build(b, b.input(shape));
  return summary(moved_graph(b));
}

bool stays(const std::function<void(GraphBuilder &, ValueId)> &build)
{
  GraphBuilder b(11);
  build(b, b.input({2, 4, 7, 9}));
  return summary(moved_graph(b)) == summary(b.g);
}

}  // namespace

// The last block of a stage of ResNet as Caffe has it, and the first of the next.
TEST(Strides, MoveThroughABlockOfResNet)
{
  for (const Shape &shape : {Shape{1, 8, 8, 8}, Shape{2, 8, 7, 9}, Shape{1, 8, 3, 2}}) {
    GraphBuilder b(5);
    const ValueId x = relu(b, b.input(shape));
    ValueId y = relu(b, conv1(b, x, 4));
    y = relu(b, batch_norm(b, conv3(b, y)));
    y = relu(b, binary(b, BinaryKind::add, batch_norm(b, conv1(b, y, 8)), x));
    const ValueId shortcut = conv1(b, y, 16, {2, 2}), main = conv3(b, relu(b, conv1(b, y, 4, {2, 2})), 16);
    b.output(binary(b, BinaryKind::add, main, shortcut));
    const Graph g = optimised(b);
    EXPECT_EQ(summary(g),
              "Unary(%x0) kind=relu\n"
              "Conv(%Unary1, %c, %c) act=relu\n"
              "Conv(%Unary5, %c, %c) strides=[2,2] pads=[1,1,1,1] act=relu\n"
              "Slice(%Unary1) starts=[0,0,0,0] steps=[1,1,2,2]\n"
              "Conv(%Conv7, %c, %c, %Unary1_31) act=relu\n"
              "Conv(%Conv16, %c, %c)\n"
              "Conv(%Conv16, %c, %c) act=relu\n"
              "Conv(%Unary30, %c, _, %Conv26) pads=[1,1,1,1]\n");
    GraphBuilder fused(5);
    fused.g = g;
    EXPECT_EQ(summary(moved_graph(fused)), summary(g));  // nothing is left to do
  }
}

TEST(Strides, MoveIntoWindows)
{
  for (const int64_t h : {7, 8, 9, 10})
    EXPECT_EQ(moved([](GraphBuilder &b, ValueId x) { b.output(conv1(b, conv1(b, conv3(b, x), 5), 3, {2, 3})); }, {2, 4, h, 7}),
              "Conv(%x0, %c) strides=[2,3] pads=[1,1,1,1]\nConv(%Conv2_9, %c, %c)\nConv(%Conv5_10, %c, %c)\n");
  EXPECT_EQ(moved([](GraphBuilder &b, ValueId x) {
              const Conv conv{.strides = {2, 1}, .dilations = {1, 2}, .pads = {0, 1, 2, 1}, .group = 2, .fill = Fill::edge};
              b.output(conv1(b, b.add(conv, {x, b.constant({6, 2, 2, 3})}), 3, {2, 2}));
            }),
            "Conv(%x0, %c) strides=[4,2] dilations=[1,2] pads=[0,1,2,1] group=2 fill=edge\nConv(%Conv2_6, %c, %c)\n");
  for (const PoolKind kind : {PoolKind::max, PoolKind::average, PoolKind::sum}) {
    // Rounded up: the last windows begin inside the map and end outside.
    const std::string text = moved([&](GraphBuilder &b, ValueId x) {
      b.output(conv1(b, b.add(Pool{kind, {3, 2}, {2, 2}, {1, 1}, {1, 0, 0, 1}}, {x}, {2, 4, 4, 5}), 3, {2, 2}));
    });
    EXPECT_NE(text.find("kernel=[3,2] strides=[4,4] pads=[1,0,0,1]\nConv("), std::string::npos) << text;
    EXPECT_EQ(text.find("strides=[2,2]"), std::string::npos) << text;
  }
  EXPECT_EQ(moved([](GraphBuilder &b, ValueId x) {
              b.output(conv1(b, b.add(Slice{{0, 1, 6, 1}, {1, 2, -1, 2}}, {x}, {2, 2, 5, 4}), 3, {2, 2}));
            }),
            "Slice(%x0) starts=[0,1,6,1] steps=[1,2,-2,4]\nConv(%Slice1, %c, %c)\n");
}

// Along each axis by itself: windows that are one pixel high take rows only.
TEST(Strides, MoveAlongOneAxis)
{
  EXPECT_EQ(moved([](GraphBuilder &b, ValueId x) {
              b.output(b.add(Conv{.strides = {2, 2}, .pads = {0, 1, 0, 1}}, {conv3(b, x), b.constant({3, 4, 1, 3})}));
            }),
            "Conv(%x0, %c) strides=[2,1] pads=[1,1,1,1]\nConv(%Conv2_5, %c) strides=[1,2] pads=[0,1,0,1]\n");
}

TEST(Strides, MoveThroughWhatWorksByPixel)
{
  const auto through = [](const std::function<ValueId(GraphBuilder &, ValueId, ValueId)> &what) {
    const std::string text = moved([&](GraphBuilder &b, ValueId x) { b.output(conv1(b, what(b, conv3(b, x), x), 3, {2, 2})); });
    return text.find("strides=[2,2]") != std::string::npos && text.find("strides=[2,2] pads=[1,1,1,1]\n") == text.find("strides=[2,2]") &&
           text.rfind("strides") == text.find("strides");
  };
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId) { return unary(b, unary(b, y, UnaryKind::clip, 0, 1), UnaryKind::tanh); }));
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Affine{}, {y, b.constant({4}), b.constant({4})}); }));
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId) { return batch_norm(b, y); }));
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Norm{.kind = NormKind::lrn, .size = 3}, {y}); }));
  EXPECT_TRUE(
      through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Norm{.kind = NormKind::channel}, {y, b.constant({4}), none}); }));
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Softmax{1}, {y}); }));
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId x) { return b.add(Concat{1}, {y, x, b.constant({2, 3, 7, 9})}); }));
  EXPECT_TRUE(through([](GraphBuilder &b, ValueId y, ValueId x) {
    return b.add(Select{},
                 {b.add(Cast{Type::boolean}, {b.add(Binary{BinaryKind::less}, {x, y})}), unary(b, y, UnaryKind::abs), scalar(b, 2)});
  }));
  // Operands that are repeated along some axes, or have fewer.
  for (const Shape &shape :
       {Shape{}, Shape{9}, Shape{7, 1}, Shape{4, 1, 1}, Shape{7, 9}, Shape{1, 4, 7, 1}, Shape{2, 1, 1, 9}, Shape{2, 4, 7, 9}})
    for (const bool constant : {true, false})
      EXPECT_TRUE(through([&](GraphBuilder &b, ValueId y, ValueId) {
        return binary(b, BinaryKind::prelu, y, constant ? b.constant(shape) : b.input(shape));
      })) << text_of(shape);
  EXPECT_FALSE(through(
      [](GraphBuilder &b, ValueId y, ValueId) { return b.add(Norm{.kind = NormKind::instance}, {y, b.constant({4}), b.constant({4})}); }));
  EXPECT_FALSE(through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Softmax{3}, {y}); }));
  EXPECT_FALSE(through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Concat{2}, {y, y}); }));
  EXPECT_FALSE(through([](GraphBuilder &b, ValueId y, ValueId) { return b.add(Transpose{{0, 1, 3, 2}}, {y}); }));
}

TEST(Strides, StayWhereSomebodyReadsAllPixels)
{
  const auto both = [](const std::function<void(GraphBuilder &, ValueId)> &other) {
    return [=](GraphBuilder &b, ValueId x) {
      const ValueId y = conv3(b, x);
      b.output(conv1(b, y, 3, {2, 2}));
      other(b, y);
    };
  };
  EXPECT_FALSE(stays(both([](GraphBuilder &b, ValueId y) { b.output(conv1(b, y, 2, {2, 2})); })));
  EXPECT_TRUE(stays(both([](GraphBuilder &b, ValueId y) { b.output(y); })));
  EXPECT_TRUE(stays(both([](GraphBuilder &b, ValueId y) { b.output(conv1(b, y, 2)); })));
  EXPECT_TRUE(stays(both([](GraphBuilder &b, ValueId y) { b.output(conv1(b, y, 2, {3, 3})); })));
  EXPECT_TRUE(stays(both(
      [](GraphBuilder &b, ValueId y) { b.output(b.add(Conv{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, {y, b.constant({3, 4, 3, 3})})); })));
  EXPECT_TRUE(stays(both(
      [](GraphBuilder &b, ValueId y) { b.output(b.add(Conv{.strides = {2, 2}, .pads = {0, 0, 1, 1}}, {y, b.constant({3, 4, 1, 1})})); })));
  EXPECT_TRUE(stays(both([](GraphBuilder &b, ValueId y) {
    b.output(b.add(Conv{.strides = {2, 2}, .pads = {-2, -2, 0, 0}}, {y, b.constant({3, 4, 1, 1})}));
  })));
  EXPECT_TRUE(stays(both([](GraphBuilder &b, ValueId y) { b.output(b.add(Slice{{0, 0, 1, 0}, {1, 1, 2, 2}}, {y}, {2, 4, 3, 5})); })));
  EXPECT_TRUE(stays(both([](GraphBuilder &b, ValueId y) { b.output(b.add(Reduce{ReduceKind::mean, {2, 3}, true}, {y})); })));
  EXPECT_TRUE(stays(
      [](GraphBuilder &b, ValueId x) { b.output(b.add(ConvTranspose{.strides = {2, 2}}, {conv3(b, x), b.constant({4, 3, 1, 1})})); }));
  // Weights that are computed are no map.
  EXPECT_TRUE(stays([](GraphBuilder &b, ValueId x) {
    const ValueId w = unary(b, b.input({7, 4, 1, 1}), UnaryKind::tanh);
    const ValueId y = b.add(Conv{.strides = {2, 2}}, {x, w});
    b.output(y);
  }));
}

TEST(Strides, OfWhichOneDividesTheOther)
{
  EXPECT_EQ(moved([](GraphBuilder &b, ValueId x) {
              const ValueId y = conv3(b, x);
              b.output(conv1(b, y, 3, {2, 2}));
              b.output(conv1(b, y, 2, {4, 2}));
              b.output(b.add(Slice{{0, 0, 2, 8}, {1, 1, 2, -4}}, {y}, {2, 4, 3, 3}));
              b.output(b.add(Pool{PoolKind::average, {1, 1}, {2, 4}}, {y}, {2, 4, 4, 3}));
            }),
            "Conv(%x0, %c) strides=[2,2] pads=[1,1,1,1]\n"
            "Conv(%Conv2_11, %c, %c)\n"
            "Conv(%Conv2_11, %c, %c) strides=[2,1]\n"
            "Slice(%Conv2_11) starts=[0,0,1,4] steps=[1,1,1,-2]\n"
            "Pool(%Conv2_11) kind=average strides=[1,2]\n");
}

TEST(Strides, StayWhereNothingIsGained)
{
  const auto sum = [](const Ints &strides) {
    return [=](GraphBuilder &b, ValueId x) { b.output(conv1(b, binary(b, BinaryKind::add, x, b.input({2, 4, 7, 9})), 3, strides)); };
  };
  EXPECT_TRUE(stays([](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 3, {2, 2})); }));
  EXPECT_TRUE(stays(sum({1, 2})));  // two maps thinned out for one half of a sum
  EXPECT_FALSE(stays(sum({3, 3})));
  EXPECT_TRUE(stays([](GraphBuilder &b, ValueId x) {  // of maps of one pixel
    b.output(conv1(b, relu(b, b.add(Reduce{ReduceKind::mean, {2, 3}, true}, {x})), 3, {2, 2}));
  }));
}

// By Winograd's algorithm, all rows take less time than every second one without; what stands between makes fewer all the same.
TEST(Strides, LeaveWinogradItsRows)
{
  const auto stages = [](const Ints &strides) {
    return moved([&](GraphBuilder &b, ValueId x) { b.output(conv1(b, conv1(b, conv3(b, x, 16), 64), 3, strides)); }, {1, 16, 16, 15});
  };
  EXPECT_EQ(stages({2, 1}), "Conv(%x0, %c) pads=[1,1,1,1]\nConv(%Conv2, %c, %c) strides=[2,1]\nConv(%Conv5_9, %c, %c)\n");
  EXPECT_EQ(stages({2, 2}), "Conv(%x0, %c) strides=[2,2] pads=[1,1,1,1]\nConv(%Conv2_9, %c, %c)\nConv(%Conv5_10, %c, %c)\n");
}

namespace {

// Chains, branches and sums, many of whose convolutions are 1x1 with strides.
void grow(GraphBuilder &b)
{
  std::vector<ValueId> maps{b.input({b.pick(1, 2), b.pick(1, 5), b.pick(1, 12), b.pick(1, 12)})};
  const int64_t ops = b.pick(3, 16);
  const int64_t s = b.pick(2, 3);
  for (int64_t i = 0; i < ops; ++i) {
    const ValueId x = b.pick(0, 3) ? maps.back() : maps[static_cast<size_t>(b.pick(0, static_cast<int64_t>(maps.size()) - 1))];
    const Shape shape = b.shape(x);
    ValueId y = none;
    switch (b.pick(0, 9)) {
    case 0:
    case 1:
    case 2: {
      const Ints strides[] = {{s, s}, {s, s}, {s, s}, {s, 1}, {1, s}, {2 * s, s}};
      const Ints &wanted = strides[b.pick(0, 5)];
      if (b.coin()) b.output(conv1(b, x, b.pick(1, 4), wanted));
      y = conv1(b, x, b.pick(1, 5), wanted);
      break;
    }
    case 3: y = conv1(b, x, shape[1]); break;
    case 4:
    case 5: {
      Conv conv{.strides = {b.pick(1, 2), 1}, .pads = {b.pick(0, 1), b.pick(1, 2), 1, 1}, .fill = b.pick(0, 3) ? Fill::zero : Fill::edge};
      conv.dilations[1] = b.pick(1, 2);
      const int64_t kh = b.pick(1, 3), kw = b.pick(1, 3);
      if (shape[2] + conv.pads[0] + 1 < kh || shape[3] + conv.pads[1] + 1 < conv.dilations[1] * (kw - 1) + 1) continue;
      y = b.add(conv, {x, b.constant({shape[1], shape[1], kh, kw})});
      break;
    }
    case 6: y = unary(b, x, b.coin() ? UnaryKind::relu : UnaryKind::tanh); break;
    case 7:
      for (ValueId other : maps)
        if (b.shape(other) == shape && b.coin()) {
          if (const Node &node = b.g.nodes.back(); node.outputs[0] == x && std::get_if<Conv>(&node.op) && other != x) {
            std::vector<ValueId> inputs = node.inputs;
            inputs.resize(3, none), inputs.push_back(other);
            y = b.add(node.op, inputs);
          } else {
            y = binary(b, BinaryKind::add, x, other);
          }
        }
      break;
    case 8: {
      Pool pool{static_cast<PoolKind>(b.pick(0, 2)), {b.pick(1, 2), 2}, {b.pick(1, 2), 1}};
      pool.pads = {0, 0, 0, b.pick(0, 1)};
      if (shape[2] < 2 || shape[3] < 2) continue;
      y = b.add(pool, {x}, {shape[0], shape[1], (shape[2] - pool.kernel[0]) / pool.strides[0] + 1, shape[3] + pool.pads[3] - 1});
      break;
    }
    default: {
      Shape operand = shape;
      for (int64_t &d : operand)
        if (b.coin()) d = 1;
      if (b.coin()) operand.erase(operand.begin(), operand.begin() + b.pick(1, 4));
      const ValueId c = b.coin() ? b.constant(operand) : b.input(operand);
      y = b.coin() ? b.add(Concat{1}, {x, x}) : binary(b, BinaryKind::mul, c, x);
    }
    }
    if (y == none || count(b.shape(y)) > 4000) continue;
    maps.push_back(y);
    if (b.pick(0, 9) == 0) b.output(y);
  }
  b.output(maps.back());
}

}  // namespace

TEST(Strides, RandomNetsHaveTheSameBitsAndLessWork)
{
  int moved = 0, thinned = 0;
  for (uint32_t seed = 0; seed < 800; ++seed) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    grow(b);
    remove_dead(b.g);
    Graph g = moved_graph(b);
    moved += work(g) < work(b.g);
    thinned += summary(g).find("Slice(") != std::string::npos;
    g = optimised(b, 2e-5);
    if (HasFatalFailure() || HasNonfatalFailure()) {
      ADD_FAILURE() << print(b.g) << print(g);
      return;
    }
  }
  EXPECT_GT(moved, 120);
  EXPECT_GT(thinned, 12);
}
