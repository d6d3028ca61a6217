// Each pass: what becomes of a small graph, and that it still means the same. Then random graphs.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "build_graph.h"
#include "execute/interpret.h"
#include "optimise/optimise.h"

using namespace net2c;

namespace {

// The nodes that do something, one a line: op, inputs (%c: a constant), attributes.
std::string summary(const Graph &g)
{
  std::vector<std::string> constants;
  std::string text;
  const std::string printed = print(g);
  for (size_t at = printed.find('\n') + 1, end; at < printed.size(); at = end + 1) {
    end = printed.find('\n', at);
    const std::string line = printed.substr(at, end - at), name = line.substr(0, line.find(':'));
    std::string what = line.substr(line.find("= ") + 2);
    what = what.substr(0, what.find(" name="));
    if (what.starts_with("Input")) continue;
    if (what.starts_with("Constant")) {
      constants.push_back(name);
      continue;
    }
    for (const std::string &c : constants)
      for (const char *behind : {",", ")"})
        if (const size_t found = what.find(c + behind); found != std::string::npos) what.replace(found, c.size(), "%c");
    text += what + "\n";
  }
  return text;
}

void expect_equal(const std::vector<Tensor> &a, const std::vector<Tensor> &b, double tolerance)
{
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].type, b[i].type);
    ASSERT_EQ(a[i].shape, b[i].shape);
    const auto x = a[i].numbers(), y = b[i].numbers();
    double largest = 1e-3, worst = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      largest = std::max(largest, std::abs(x[k]));
      worst = std::max(worst, std::abs(x[k] - y[k]));
    }
    ASSERT_TRUE(worst <= tolerance * largest) << "output " << i << ": " << worst << " of " << largest;
  }
}

// The optimised graph; checked to have the same outputs under the same names and to compute the same.
Graph optimised(Builder &b, double tolerance = 1e-5)
{
  verify(b.g, "building");
  Graph g = b.g;
  optimise(g);
  std::string before, after;
  for (ValueId v : b.g.outputs) before += b.g.values[v].name + " ";
  for (ValueId v : g.outputs) after += g.values[v].name + " ";
  EXPECT_EQ(before, after);
  const auto inputs = b.random_inputs();
  expect_equal(interpret(b.g, inputs), interpret(g, inputs), tolerance);
  return g;
}

// For chains that start at x [2][4][6][6] (or as given) and end in one output.
std::string after(const std::function<ValueId(Builder &, ValueId)> &build, const Shape &shape = {2, 4, 6, 6})
{
  Builder b(7);
  b.output(build(b, b.input(shape)));
  return summary(optimised(b));
}

Conv same3() { return {.pads = {1, 1, 1, 1}}; }
ValueId conv3(Builder &b, ValueId x, int64_t out = 4)
{
  return b.add(same3(), {x, b.constant({out, b.shape(x)[1], 3, 3})});
}
ValueId batch_norm(Builder &b, ValueId x)
{
  const Shape c{b.shape(x)[1]};
  return b.add(Norm{}, {x, b.constant(c), b.constant(c), b.constant(c), b.constant(c, 0.5f, 2)});
}
ValueId scalar(Builder &b, float x) { return b.constant(tensor_f32({}, {x})); }
ValueId unary(Builder &b, ValueId x, UnaryKind kind, float p = 0, float q = 0) { return b.add(Unary{kind, p, q}, {x}); }
ValueId binary(Builder &b, BinaryKind kind, ValueId x, ValueId y) { return b.add(Binary{kind}, {x, y}); }

const std::string act_of(const std::string &kind) { return "Unary(%x0) kind=" + kind + "\n"; }

}  // namespace

TEST(Optimise, BatchNormFoldsIntoConvolutionsOfEveryKind)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) { return unary(b, batch_norm(b, conv3(b, x)), UnaryKind::relu); }),
            "Conv(%x0, %c, %c) pads=[1,1,1,1] act=relu\n");
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              return batch_norm(b, b.add(Conv{.pads = {1, 1, 1, 1}, .group = 2}, {x, b.constant({6, 2, 3, 3}), b.constant({6})}));
            }),
            "Conv(%x0, %c, %c) pads=[1,1,1,1] group=2\n");
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              return batch_norm(b, b.add(ConvTranspose{.strides = {2, 2}, .group = 2}, {x, b.constant({4, 3, 2, 2})}));
            }),
            "ConvTranspose(%x0, %c, %c) strides=[2,2] group=2\n");
  EXPECT_EQ(after([](Builder &b, ValueId x) { return batch_norm(b, b.add(MatMul{}, {x, b.constant({4, 5})})); }, {3, 4}),
            "MatMul(%x0, %c, %c)\n");
}

TEST(Optimise, ArithmeticByConstantsFoldsWhateverItsShape)
{
  for (const Shape &shape : {Shape{}, Shape{1}, Shape{4, 1, 1}, Shape{1, 4, 1, 1}})
    for (BinaryKind kind : {BinaryKind::add, BinaryKind::sub, BinaryKind::mul, BinaryKind::div})
      for (bool swapped : {false, true}) {
        if (kind == BinaryKind::div && swapped) continue;
        EXPECT_EQ(after([&](Builder &b, ValueId x) {
                    const ValueId y = conv3(b, x), c = b.constant(shape, 0.5f, 2);
                    return swapped ? binary(b, kind, c, y) : binary(b, kind, y, c);
                  }),
                  "Conv(%x0, %c, %c) pads=[1,1,1,1]\n");
      }
}

TEST(Optimise, ChainsOfScalesBecomeOneAffine)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              x = binary(b, BinaryKind::sub, scalar(b, 1), binary(b, BinaryKind::mul, x, b.constant({4, 1, 1})));
              return unary(b, batch_norm(b, x), UnaryKind::sigmoid);
            }).substr(0, 22),
            "Affine(%x0, %c, %c)\nUn");
}

TEST(Optimise, NormBehindAnActivationIsAnEpilogue)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) { return conv3(b, batch_norm(b, unary(b, conv3(b, x), UnaryKind::elu, 1)), 3); }),
            "Conv(%x0, %c, _, _, %c, %c) pads=[1,1,1,1] act=elu(1,0)\nConv(%Norm10, %c) pads=[1,1,1,1]\n");
}

TEST(Optimise, NormBeforeAnUnpaddedConvolutionFoldsForth)
{
  const auto build = [](Conv conv) {
    return [conv](Builder &b, ValueId x) {
      x = batch_norm(b, unary(b, x, UnaryKind::relu));
      return b.add(conv, {x, b.constant({6, 4 / conv.group, 3, 3})});
    };
  };
  EXPECT_EQ(after(build(Conv{})), act_of("relu") + "Conv(%Unary1, %c, %c)\n");
  EXPECT_EQ(after(build(Conv{.group = 2})), act_of("relu") + "Conv(%Unary1, %c, %c) group=2\n");
  EXPECT_EQ(after(build(Conv{.pads = {1, 1, 1, 1}, .fill = Fill::reflect})),
            act_of("relu") + "Conv(%Unary1, %c, %c) pads=[1,1,1,1] fill=reflect\n");
  // Zeros are not shifted: the norm stays.
  EXPECT_EQ(after(build(Conv{.pads = {1, 1, 1, 1}})), act_of("relu") + "Affine(%Unary1, %c, %c)\nConv(%Norm6, %c) pads=[1,1,1,1]\n");
}

TEST(Optimise, WhatOthersReadIsNotFolded)
{
  Builder b(3);
  const ValueId y = conv3(b, b.input({1, 4, 5, 5})), z = unary(b, y, UnaryKind::relu);
  b.output(y);
  b.output(z);
  EXPECT_EQ(summary(optimised(b)), "Conv(%x0, %c) pads=[1,1,1,1]\nUnary(%Conv2) kind=relu\n");
}

TEST(Optimise, ResidualAndActivationGoIntoTheLaterConvolution)
{
  for (bool swapped : {false, true})
    EXPECT_EQ(after([&](Builder &b, ValueId x) {
                const ValueId y = batch_norm(b, conv3(b, unary(b, conv3(b, x), UnaryKind::relu))), shortcut = conv3(b, x);
                return unary(b, swapped ? binary(b, BinaryKind::add, shortcut, y) : binary(b, BinaryKind::add, y, shortcut), UnaryKind::relu);
              }),
              "Conv(%x0, %c) pads=[1,1,1,1] act=relu\nConv(%Unary3, %c, %c) pads=[1,1,1,1]\n"
              "Conv(%x0, %c, _, %Norm10) pads=[1,1,1,1] act=relu\n");
}

TEST(Optimise, ResidualThatBroadcastsStays)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              const ValueId mean = b.add(Reduce{ReduceKind::mean, {2, 3}, true}, {x});
              return binary(b, BinaryKind::add, conv3(b, x), mean);
            }),
            "Reduce(%x0) axes=[2,3]\nConv(%x0, %c) pads=[1,1,1,1]\nBinary(%Conv3, %Reduce1)\n");
}

TEST(Optimise, MatMulTakesVectorsAsBias)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) { return binary(b, BinaryKind::add, b.add(MatMul{}, {x, b.constant({4, 5})}), b.constant({5})); },
                  {2, 3, 4}),
            "MatMul(%x0, %c, %c)\n");
  Builder b(5);
  const ValueId x = b.input({2, 3, 4}), w = b.input({4, 5}), bias = b.input({5});
  b.output(unary(b, binary(b, BinaryKind::add, bias, b.add(MatMul{}, {x, w})), UnaryKind::relu));
  EXPECT_EQ(summary(optimised(b)), "MatMul(%x0, %x1, %x2) act=relu\n");
}

TEST(Optimise, PadsBecomeHalos)
{
  const auto padded = [](PadKind kind, Ints pads, Conv conv, float value = 0) {
    return [=](Builder &b, ValueId x) { return b.add(conv, {b.add(Pad{kind, pads, value}, {x}), b.constant({3, 4, 3, 3})}); };
  };
  const Ints around{0, 0, 1, 2, 0, 0, 2, 1}, crop{0, 0, -1, 0, 0, 0, 0, 0}, channels{0, 1, 0, 0, 0, 0, 0, 0};
  EXPECT_EQ(after(padded(PadKind::constant, around, Conv{})), "Conv(%x0, %c) pads=[1,2,2,1]\n");
  EXPECT_EQ(after(padded(PadKind::constant, around, same3())), "Conv(%x0, %c) pads=[2,3,3,2]\n");
  EXPECT_EQ(after(padded(PadKind::edge, around, Conv{})), "Conv(%x0, %c) pads=[1,2,2,1] fill=edge\n");
  EXPECT_EQ(after(padded(PadKind::reflect, around, Conv{})), "Conv(%x0, %c) pads=[1,2,2,1] fill=reflect\n");
  const auto stays = [&](const auto &build) { return after(build).starts_with("Pad("); };
  EXPECT_TRUE(stays(padded(PadKind::constant, around, Conv{}, 1)));
  EXPECT_TRUE(stays(padded(PadKind::edge, around, same3())));
  EXPECT_TRUE(stays(padded(PadKind::constant, around, Conv{.pads = {1, 1, 1, 1}, .fill = Fill::edge})));
  EXPECT_TRUE(stays(padded(PadKind::constant, crop, Conv{})));
  EXPECT_TRUE(stays([&](Builder &b, ValueId x) {
    return b.add(Conv{}, {b.add(Pad{PadKind::constant, channels, 0}, {x}), b.constant({3, 5, 3, 3})});
  }));
}

TEST(Optimise, PadsBeforePools)
{
  const auto pooled = [](Pool pool, float value, bool positive) {
    return [=](Builder &b, ValueId x) {
      if (positive) x = unary(b, x, UnaryKind::relu);
      x = b.add(Pad{PadKind::constant, {0, 0, 1, 1, 0, 0, 1, 1}, value}, {x});
      return b.add(pool, {x}, {2, 4, 4, 4});
    };
  };
  Pool average{PoolKind::average, {3, 3}, {2, 2}}, largest{PoolKind::max, {3, 3}, {2, 2}};
  average.pads = largest.pads = {0, 0, 1, 1};   // ceil rounding as padding
  EXPECT_EQ(after(pooled(average, 0, false)).substr(0, 4), "Pad(");
  average.count_include_pad = true;
  EXPECT_EQ(after(pooled(average, 0, false)), "Pool(%x0) kind=average kernel=[3,3] strides=[2,2] pads=[1,1,2,2] count_include_pad=true\n");
  EXPECT_EQ(after(pooled(largest, 0, false)).substr(0, 4), "Pad(");
  EXPECT_EQ(after(pooled(largest, -INFINITY, false)), "Pool(%x0) kernel=[3,3] strides=[2,2] pads=[1,1,2,2]\n");
  EXPECT_EQ(after(pooled(largest, 0, true)), act_of("relu") + "Pool(%Unary1) kernel=[3,3] strides=[2,2] pads=[1,1,2,2]\n");
}

TEST(Optimise, ActivationsSpelledOut)
{
  using enum BinaryKind;
  using U = UnaryKind;
  EXPECT_EQ(after([](Builder &b, ValueId x) { return binary(b, mul, unary(b, x, U::sigmoid), x); }), act_of("silu"));
  EXPECT_EQ(after([](Builder &b, ValueId x) { return binary(b, mul, x, unary(b, x, U::hard_sigmoid, 1.0f / 6, 0.5f)); }), act_of("hard_swish"));
  const auto relu6 = [](Builder &b, ValueId x) { return unary(b, binary(b, add, x, scalar(b, 3)), U::clip, 0, 6); };
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, div, binary(b, mul, x, relu6(b, x)), scalar(b, 6)); }), act_of("hard_swish"));
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, mul, x, binary(b, div, relu6(b, x), scalar(b, 6))); }), act_of("hard_swish"));
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, mul, binary(b, mul, x, scalar(b, 1.0f / 6)), relu6(b, x)); }), act_of("hard_swish"));
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, div, relu6(b, x), scalar(b, 6)); }).substr(0, 30), "Unary(%x0) kind=hard_sigmoid a");
  EXPECT_EQ(after([](Builder &b, ValueId x) { return binary(b, mul, x, unary(b, unary(b, x, U::softplus), U::tanh)); }), act_of("mish"));
  const auto erf1 = [](Builder &b, ValueId x) {
    return binary(b, add, unary(b, binary(b, div, x, scalar(b, std::sqrt(2.0f))), U::erf), scalar(b, 1));
  };
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, mul, binary(b, mul, x, erf1(b, x)), scalar(b, 0.5f)); }), act_of("gelu"));
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, mul, binary(b, mul, x, scalar(b, 0.5f)), erf1(b, x)); }), act_of("gelu"));
  EXPECT_EQ(after([&](Builder &b, ValueId x) { return binary(b, mul, x, binary(b, mul, scalar(b, 0.5f), erf1(b, x))); }), act_of("gelu"));
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              const ValueId cube = binary(b, mul, binary(b, pow, x, scalar(b, 3)), scalar(b, 0.044715f));
              const ValueId t = unary(b, binary(b, mul, binary(b, add, x, cube), scalar(b, 0.7978845608f)), U::tanh);
              return binary(b, mul, binary(b, mul, x, scalar(b, 0.5f)), binary(b, add, t, scalar(b, 1)));
            }),
            act_of("gelu_tanh"));
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              return binary(b, div, scalar(b, 1), binary(b, add, scalar(b, 1), unary(b, unary(b, x, U::neg), U::exp)));
            }),
            act_of("sigmoid"));
  EXPECT_EQ(after([](Builder &b, ValueId x) { return unary(b, binary(b, add, unary(b, x, U::exp), scalar(b, 1)), U::log); }), act_of("softplus"));
}

TEST(Optimise, ActivationsThatOnlyLookAlike)
{
  using enum BinaryKind;
  using U = UnaryKind;
  const auto is_one_unary = [](const std::string &s) { return s.starts_with("Unary(%x0)") && std::count(s.begin(), s.end(), '\n') == 1; };
  EXPECT_FALSE(is_one_unary(after([](Builder &b, ValueId x) { return binary(b, mul, x, unary(b, binary(b, mul, x, scalar(b, 2)), U::sigmoid)); })));
  EXPECT_FALSE(is_one_unary(after([](Builder &b, ValueId x) { return binary(b, mul, x, unary(b, x, U::hard_sigmoid, 0.2f, 0.5f)); })));
  EXPECT_FALSE(is_one_unary(after([](Builder &b, ValueId x) {
    const ValueId f = binary(b, add, unary(b, binary(b, mul, x, scalar(b, 0.7f)), U::erf), scalar(b, 1));
    return binary(b, mul, binary(b, mul, x, f), scalar(b, 0.5f));
  })));
  EXPECT_FALSE(is_one_unary(after([](Builder &b, ValueId x) { return binary(b, max, x, binary(b, mul, x, scalar(b, 1.5f))); })));
}

TEST(Optimise, Clips)
{
  using U = UnaryKind;
  EXPECT_EQ(after([](Builder &b, ValueId x) { return unary(b, unary(b, x, U::relu), U::clip, -1, 6); }), act_of("clip b=6"));
  EXPECT_EQ(after([](Builder &b, ValueId x) { return unary(b, unary(b, x, U::clip, -3, -2), U::relu); }), act_of("clip"));
  EXPECT_EQ(after([](Builder &b, ValueId x) { return binary(b, BinaryKind::max, scalar(b, 0), x); }), act_of("relu"));
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              return binary(b, BinaryKind::min, binary(b, BinaryKind::max, x, scalar(b, -0.5f)), scalar(b, 0.5f));
            }),
            act_of("clip a=-0.5 b=0.5"));
  for (bool swapped : {false, true})
    EXPECT_EQ(after([&](Builder &b, ValueId x) {
                const ValueId flat = binary(b, BinaryKind::mul, x, scalar(b, 0.25f));
                return swapped ? binary(b, BinaryKind::max, flat, x) : binary(b, BinaryKind::max, x, flat);
              }),
              act_of("leaky_relu a=0.25"));
  EXPECT_EQ(after([](Builder &b, ValueId x) { return binary(b, BinaryKind::prelu, x, b.constant(tensor_f32({4, 1, 1}, {0.5f, 0.5f, 0.5f, 0.5f}))); }),
            act_of("leaky_relu a=0.5"));
}

TEST(Optimise, NormsSpelledOut)
{
  using enum BinaryKind;
  const auto normed = [](Ints axes, Shape scale, bool squared_by_pow, bool reciprocal) {
    return [=](Builder &b, ValueId x) {
      const ValueId d = binary(b, sub, x, b.add(Reduce{ReduceKind::mean, axes, true}, {x}));
      const ValueId square = squared_by_pow ? binary(b, pow, d, scalar(b, 2)) : binary(b, mul, d, d);
      const ValueId variance = b.add(Reduce{ReduceKind::mean, axes, true}, {square});
      const ValueId s = unary(b, binary(b, add, variance, scalar(b, 0.001f)), UnaryKind::sqrt);
      const ValueId y = reciprocal ? binary(b, mul, d, unary(b, s, UnaryKind::reciprocal)) : binary(b, div, d, s);
      return binary(b, add, binary(b, mul, y, b.constant(scale)), b.constant(scale));
    };
  };
  EXPECT_EQ(after(normed({2, 3}, {4, 1, 1}, true, false)), "Norm(%x0, %c, %c) kind=instance epsilon=0.001\n");
  EXPECT_EQ(after(normed({2, 3}, {1, 4, 1, 1}, false, true)), "Norm(%x0, %c, %c) kind=instance epsilon=0.001\n");
  EXPECT_EQ(after(normed({2}, {5}, true, true), {2, 3, 5}), "Norm(%x0, %c, %c) kind=layer epsilon=0.001 axis=2\n");
}

TEST(Optimise, MovesThatAreNone)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              x = b.add(Reshape{}, {b.add(Reshape{}, {b.add(Reshape{}, {x}, {8, 36})}, {2, 2, 2, 36})}, {2, 4, 6, 6});
              x = b.add(Transpose{{3, 1, 2, 0}}, {b.add(Transpose{{3, 1, 2, 0}}, {x})});
              x = b.add(Slice{{0, 0, 0, 0}, {1, 1, 1, 1}}, {x}, {2, 4, 6, 6});
              x = b.add(Concat{1}, {b.add(Cast{Type::f32}, {x})});
              x = binary(b, BinaryKind::mul, binary(b, BinaryKind::add, x, scalar(b, 0)), scalar(b, 1));
              return unary(b, unary(b, x, UnaryKind::identity), UnaryKind::relu);
            }),
            act_of("relu"));
  EXPECT_EQ(after([](Builder &b, ValueId x) { return b.add(Transpose{{0, 2, 3, 1}}, {x}); }, {2, 4, 1, 1}), "Reshape(%x0)\n");
}

TEST(Optimise, OutputsKeepTheirNames)
{
  // An output that is a graph input, a constant, another output, or in the middle of a chain.
  Builder b(11);
  const ValueId x = b.input({1, 2, 3, 3});
  b.output(unary(b, x, UnaryKind::identity));
  b.output(unary(b, b.constant({2, 2}), UnaryKind::relu));
  const ValueId y = conv3(b, x, 2), same = unary(b, y, UnaryKind::identity);
  b.output(same);
  b.output(unary(b, same, UnaryKind::identity));
  b.output(unary(b, y, UnaryKind::relu));
  b.output(x);
  const Graph g = optimised(b);
  EXPECT_EQ(g.values[g.outputs[2]].name, "Unary6");
}

TEST(Optimise, ReductionsKeepTheirAxes)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) { return b.add(Reduce{ReduceKind::mean, {2, 3}, false}, {x}); }),
            "Reduce(%x0) axes=[2,3]\nReshape(%Reduce1_1)\n");
  EXPECT_EQ(after([](Builder &b, ValueId x) { return b.add(Pool{PoolKind::average, {6, 6}}, {x}, {2, 4, 1, 1}); }), "Reduce(%x0) axes=[2,3]\n");
}

TEST(Optimise, TransposesAroundElementWiseOpsCancel)
{
  const Ints to_last{0, 2, 3, 1}, to_first{0, 3, 1, 2};
  EXPECT_EQ(after([&](Builder &b, ValueId x) {
              const ValueId z = b.add(Transpose{to_last}, {unary(b, x, UnaryKind::tanh)});
              ValueId y = binary(b, BinaryKind::mul, b.add(Transpose{to_last}, {x}), b.constant({4}));
              y = b.add(Pad{PadKind::constant, {0, 1, 0, 0, 0, 0, 0, 0}, 0}, {unary(b, binary(b, BinaryKind::add, y, z), UnaryKind::sigmoid)});
              return b.add(Transpose{to_first}, {b.add(Concat{3}, {y, b.add(Pad{PadKind::constant, {0, 1, 0, 0, 0, 0, 0, 0}, 0}, {z})})});
            }).find("Transpose"),
            std::string::npos);
  EXPECT_NE(after([&](Builder &b, ValueId x) { return b.add(Transpose{to_last}, {unary(b, b.add(Transpose{to_last}, {x}), UnaryKind::relu)}); }).find("Transpose"),
            std::string::npos);
}

TEST(Optimise, ChannelShufflesAreOneOp)
{
  const auto shuffled = [](Builder &b, ValueId x) {
    x = b.add(Transpose{{0, 2, 1, 3, 4}}, {b.add(Reshape{}, {x}, {2, 2, 2, 6, 6})});
    return b.add(Reshape{}, {x}, {2, 4, 6, 6});
  };
  EXPECT_EQ(after(shuffled), "Gather(%x0, %c) axis=1\n");
  EXPECT_EQ(after([](Builder &b, ValueId x) {   // as ShuffleNet v2 in PyTorch splits: even and odd channels
              x = b.add(Transpose{{1, 0, 2}}, {b.add(Reshape{}, {x}, {2, 2, 36})});
              x = b.add(Reshape{}, {x}, {2, 1, 2, 6, 6});
              return b.add(Gather{0}, {x, b.constant(tensor_i64({}, {1}))});
            }, {1, 4, 6, 6}),
            "Gather(%x0, %c) axis=1\n");
  EXPECT_EQ(after([](Builder &b, ValueId x) {   // swaps rows and columns: no shuffle
              return b.add(Reshape{}, {b.add(Transpose{{0, 1, 3, 2}}, {b.add(Reshape{}, {x}, {2, 4, 6, 6})})}, {2, 4, 6, 6});
            }),
            "Transpose(%x0) perm=[0,1,3,2]\n");
}

TEST(Optimise, ConstantsFoldAndTheDeadGo)
{
  EXPECT_EQ(after([](Builder &b, ValueId x) {
              conv3(b, x, 8);
              const ValueId c = b.add(Reshape{}, {binary(b, BinaryKind::add, b.constant({36, 4, 1}), b.constant({1}))}, {4, 4, 3, 3});
              return b.add(same3(), {x, c});
            }),
            "Conv(%x0, %c) pads=[1,1,1,1]\n");
}

namespace {

// A random net of maps: chains, branches, sums, outputs in the middle.
void grow(Builder &b)
{
  std::vector<ValueId> maps{b.input({b.pick(1, 2), b.pick(1, 5), b.pick(3, 8), b.pick(3, 8)})};
  const int64_t ops = b.pick(3, 14);
  for (int64_t i = 0; i < ops; ++i) {
    const ValueId x = b.pick(0, 3) ? maps.back() : maps[static_cast<size_t>(b.pick(0, static_cast<int64_t>(maps.size()) - 1))];
    const Shape s = b.shape(x);
    const auto channels = [&](float low = -1.5f, float high = 1.5f) {
      const Shape shapes[] = {{}, {1}, {s[1], 1, 1}, {1, s[1], 1, 1}};
      return b.constant(shapes[b.pick(0, 3)], low, high);
    };
    ValueId y = none;
    switch (b.pick(0, 13)) {
      case 0:
      case 1: {
        const bool grouped = b.coin();
        Conv conv{.strides = {b.pick(1, 2), 1}, .pads = {b.pick(0, 1), b.pick(0, 2), 1, 1}, .group = grouped ? s[1] : 1};
        const int64_t out = grouped ? s[1] * b.pick(1, 2) : b.pick(0, 2) ? s[1] : b.pick(1, 6);
        std::vector<ValueId> inputs{x, b.constant({out, grouped ? 1 : s[1], b.pick(1, 3), b.pick(1, 3)})};
        if (b.coin()) inputs.push_back(b.constant({out}));
        y = b.add(conv, inputs);
        break;
      }
      case 2:
        y = b.add(ConvTranspose{.strides = {1, b.pick(1, 2)}, .pads = {1, 1, 1, 1}}, {x, b.constant({s[1], b.pick(1, 4), 3, 3})});
        break;
      case 3: y = batch_norm(b, x); break;
      case 4:
      case 5: {
        const auto kind = static_cast<BinaryKind>(b.pick(0, 3));
        const ValueId c = channels(0.5f, 2);
        y = kind != BinaryKind::div && b.coin() ? binary(b, kind, c, x) : binary(b, kind, x, c);
        break;
      }
      case 6: {
        const UnaryKind kinds[] = {UnaryKind::relu, UnaryKind::identity, UnaryKind::elu, UnaryKind::clip, UnaryKind::tanh, UnaryKind::hard_swish};
        y = unary(b, x, kinds[b.pick(0, 5)], 0.5f, 2);
        break;
      }
      case 7:
        for (ValueId other : maps)
          if (b.shape(other) == s && b.coin()) y = b.coin() ? binary(b, BinaryKind::add, x, other) : binary(b, BinaryKind::add, other, x);
        break;
      case 8: {
        const PadKind kind = static_cast<PadKind>(b.pick(0, 2));
        y = b.add(Pad{kind, {0, 0, b.pick(0, 1), b.pick(0, 1), 0, 0, b.pick(0, 1), b.pick(0, kind == PadKind::reflect ? 1 : 2)}, 0}, {x});
        break;
      }
      case 9: y = binary(b, BinaryKind::mul, x, unary(b, x, UnaryKind::sigmoid)); break;
      case 10: y = b.add(Transpose{{0, 1, 3, 2}}, {b.coin() ? unary(b, x, UnaryKind::neg) : x}); break;
      case 11: {
        const Shape &first = b.shape(maps[0]);
        y = b.add(Concat{1}, {x, first[2] == s[2] && first[3] == s[3] ? maps[0] : x});
        break;
      }
      case 12: y = b.add(Reshape{}, {b.add(Reshape{}, {x}, {s[0], s[1] * s[2] * s[3]})}, s); break;
      default: {
        Pool pool{b.coin() ? PoolKind::max : PoolKind::average, {2, 2}, {1, 1}};
        pool.count_include_pad = b.coin();
        pool.pads = {b.pick(0, 1), 0, 0, b.pick(0, 1)};
        y = b.add(pool, {x}, {s[0], s[1], s[2] + pool.pads[0] - 1, s[3] + pool.pads[3] - 1});
      }
    }
    if (y == none || b.shape(y)[2] < 3 || b.shape(y)[3] < 3 || count(b.shape(y)) > 4000) continue;
    maps.push_back(y);
    if (b.pick(0, 9) == 0) b.output(y);
  }
  b.output(maps.back());
}

}  // namespace

TEST(Optimise, RandomNetsMeanTheSame)
{
  int saved = 0;
  for (uint32_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(seed);
    Builder b(seed);
    grow(b);
    const Graph g = optimised(b, 2e-5);
    saved += static_cast<int>(b.g.nodes.size()) - static_cast<int>(g.nodes.size());
    if (HasFatalFailure() || HasNonfatalFailure()) {
      ADD_FAILURE() << print(b.g) << print(g);
      return;
    }
  }
  EXPECT_GT(saved, 3000);
}
