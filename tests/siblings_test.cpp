// 1x1 convolutions of one map become one, whose results are parts of its map: the same bits, no step to part them.
#include "lower/lower.h"
#include "optimised.h"

using namespace net2c;

namespace {

ValueId conv1(GraphBuilder &b, ValueId x, int64_t out, Conv op = {})
{
  return b.add(op, {x, b.constant({out, b.shape(x)[1], 1, 1}), b.constant({out})});
}
ValueId relu(GraphBuilder &b, ValueId x) { return unary(b, x, UnaryKind::relu); }

int convolutions(const Graph &g)
{
  return static_cast<int>(std::count_if(g.nodes.begin(), g.nodes.end(), [](const Node &n) { return std::holds_alternative<Conv>(n.op); }));
}

// How many convolutions are left of those on one map [2][4][6][6] that `build` makes and reads.
int left(const std::function<void(GraphBuilder &, ValueId)> &build, double tolerance = 0)
{
  GraphBuilder b(3);
  build(b, b.input({2, 4, 6, 6}));
  return convolutions(optimised(b, tolerance));
}

std::string kernels(const Graph &g)
{
  std::string text;
  for (const Step &step : lower(g).steps) text += std::string(catalogue()[step.kernel].name) + " ";
  return text;
}

}  // namespace

TEST(Siblings, BecomeOneConvolution)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              const ValueId p = relu(b, conv1(b, x, 16)), q = relu(b, conv1(b, x, 12)), r = relu(b, b.add(Conv{}, {x, b.constant({8, 4, 1, 1})}));
              return b.add(Concat{1}, {conv3(b, p), conv3(b, q), conv3(b, r)});
            }),
            "Conv(%x0, %c, %c) act=relu\n"
            "Slice(%\"Conv3+Conv10+Conv7\") starts=[0,0,0,0] steps=[1,1,1,1]\n"
            "Slice(%\"Conv3+Conv10+Conv7\") starts=[0,24,0,0] steps=[1,1,1,1]\n"
            "Slice(%\"Conv3+Conv10+Conv7\") starts=[0,16,0,0] steps=[1,1,1,1]\n"
            "Conv(%Unary4, %c) pads=[1,1,1,1]\n"
            "Conv(%Unary8, %c) pads=[1,1,1,1]\n"
            "Conv(%Unary11, %c) pads=[1,1,1,1]\n"
            "Concat(%Conv13, %Conv15, %Conv17) axis=1\n");
}

TEST(Siblings, MayBeOutputs)
{
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 8)), b.output(conv1(b, x, 8)), b.output(conv1(b, x, 8)); }), 1);
}

TEST(Siblings, WithStrides)
{
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) {
              b.output(conv1(b, x, 8, {.strides = {2, 1}})), b.output(conv1(b, x, 8, {.strides = {2, 1}})), b.output(conv3(b, x));
            }),
            2);
}

TEST(Siblings, OfTwoActivationsBecomeTwo)
{
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) {
              b.output(conv1(b, x, 8)), b.output(relu(b, conv1(b, x, 8))), b.output(conv1(b, x, 8)), b.output(relu(b, conv1(b, x, 8)));
            }),
            2);
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) {
              b.output(unary(b, conv1(b, x, 8), UnaryKind::clip, 0, 6)), b.output(unary(b, conv1(b, x, 8), UnaryKind::clip, 0, 5));
            }),
            2);
}

TEST(Siblings, StayWherePartsWouldNotBeginWithABlock)
{
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 12)), b.output(conv1(b, x, 9)); }), 2);
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 12)), b.output(conv1(b, x, 9)), b.output(conv1(b, x, 8)); }), 2);
}

TEST(Siblings, StayWhereTheyDiffer)
{
  const auto both = [](const Conv &p, const Conv &q) {
    return left([&](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 8, p)), b.output(conv1(b, x, 8, q)), b.output(x); });
  };
  EXPECT_EQ(both({}, {}), 1);
  EXPECT_EQ(both({}, {.strides = {2, 2}}), 2);
  EXPECT_EQ(both({}, {.pads = {0, 0, 1, 0}}), 2);
  EXPECT_EQ(both({.pads = {0, 0, 1, 0}}, {.pads = {0, 0, 1, 0}, .fill = Fill::edge}), 2);
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 8)), b.output(conv3(b, x, 8)); }), 2);
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) { b.output(conv1(b, x, 8)), b.output(b.add(Conv{.group = 4}, {x, b.constant({8, 1, 1, 1})})); }), 2);
}

TEST(Siblings, StayWhereTheyWouldBeCopiedOrTwice)
{
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) {   // a part of the concatenation in place
              const ValueId p = conv1(b, x, 8);
              b.output(b.add(Concat{1}, {p, relu(b, conv3(b, conv1(b, x, 8), 8))}));
            }),
            3);
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) {   // weights of a third
              const ValueId w = b.constant({8, 4, 1, 1}), y = b.input({2, 4, 3, 3});
              b.output(b.add(Conv{}, {x, w})), b.output(conv1(b, x, 8)), b.output(b.add(Conv{}, {y, w}));
            }),
            3);
  EXPECT_EQ(left([](GraphBuilder &b, ValueId x) {   // weights that a run hands over
              b.output(b.add(Conv{}, {x, b.input({8, 4, 1, 1})})), b.output(conv1(b, x, 8));
            }),
            2);
  const auto sum = [](GraphBuilder &b, ValueId x) { b.output(binary(b, BinaryKind::add, conv1(b, x, 8), b.input({2, 8, 6, 6}))), b.output(conv1(b, x, 8)); };
  EXPECT_EQ(left(sum, 1e-6), 2);
}

// Each reader finds its part with the halo that it wants: nothing is copied.
TEST(Siblings, AreReadWhereTheyAre)
{
  GraphBuilder b(3);
  const ValueId x = b.add(Pool{PoolKind::max, {2, 2}, {2, 2}}, {b.input({1, 16, 12, 12})}, {1, 16, 6, 6});
  const ValueId p = relu(b, conv1(b, x, 32)), q = relu(b, conv1(b, x, 16));
  b.output(conv3(b, p, 8));
  b.output(b.add(Conv{.strides = {2, 2}, .pads = {2, 2, 2, 2}}, {q, b.constant({8, 16, 5, 5})}));
  const std::string text = kernels(optimised(b));
  EXPECT_EQ(text.find("copy"), std::string::npos) << text;
  EXPECT_EQ(text.substr(0, text.find("conv ") + 5), "to_map max_pool_2_2 conv ") << text;
}
