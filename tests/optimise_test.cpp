// Folding and fusing: what becomes of a small graph.
#include "optimised.h"

using namespace net2c;

TEST(Optimise, BatchNormFoldsIntoConvolutionsOfEveryKind)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return unary(b, batch_norm(b, conv3(b, x)), UnaryKind::relu); }),
            "Conv(%x0, %c, %c) pads=[1,1,1,1] act=relu\n");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              return batch_norm(b, b.add(Conv{.pads = {1, 1, 1, 1}, .group = 2}, {x, b.constant({6, 2, 3, 3}), b.constant({6})}));
            }),
            "Conv(%x0, %c, %c) pads=[1,1,1,1] group=2\n");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              return batch_norm(b, b.add(ConvTranspose{.strides = {2, 2}, .group = 2}, {x, b.constant({4, 3, 2, 2})}));
            }),
            "ConvTranspose(%x0, %c, %c) strides=[2,2] group=2\n");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return batch_norm(b, b.add(MatMul{}, {x, b.constant({4, 5})})); }, {3, 4}),
            "MatMul(%x0, %c, %c)\n");
}

TEST(Optimise, ArithmeticByConstantsFoldsWhateverItsShape)
{
  for (const Shape &shape : {Shape{}, Shape{1}, Shape{4, 1, 1}, Shape{1, 4, 1, 1}})
    for (BinaryKind kind : {BinaryKind::add, BinaryKind::sub, BinaryKind::mul, BinaryKind::div})
      for (bool swapped : {false, true}) {
        if (kind == BinaryKind::div && swapped) continue;
        EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
                    const ValueId y = conv3(b, x), c = b.constant(shape, 0.5f, 2);
                    return swapped ? binary(b, kind, c, y) : binary(b, kind, y, c);
                  }),
                  "Conv(%x0, %c, %c) pads=[1,1,1,1]\n");
      }
}

TEST(Optimise, ChainsOfScalesBecomeOneAffine)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              x = binary(b, BinaryKind::sub, scalar(b, 1), binary(b, BinaryKind::mul, x, b.constant({4, 1, 1})));
              return unary(b, batch_norm(b, x), UnaryKind::sigmoid);
            }).substr(0, 22),
            "Affine(%x0, %c, %c)\nUn");
}

TEST(Optimise, NormBehindAnActivationIsAnEpilogue)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return conv3(b, batch_norm(b, unary(b, conv3(b, x), UnaryKind::elu, 1)), 3); }),
            "Conv(%x0, %c, _, _, %c, %c) pads=[1,1,1,1] act=elu(1,0)\nConv(%Norm8, %c) pads=[1,1,1,1]\n");
}

TEST(Optimise, ActivationBehindAnInstanceNormIsItsEpilogue)
{
  const auto build = [](NormKind kind) {
    return [kind](GraphBuilder &b, ValueId x) {
      return unary(b, b.add(Norm{.kind = kind}, {x, b.constant({4}), b.constant({4})}), UnaryKind::elu, 1);
    };
  };
  EXPECT_EQ(after(build(NormKind::instance)), "Norm(%x0, %c, %c) kind=instance act=elu(1,0)\n");
  EXPECT_EQ(after(build(NormKind::channel)), "Norm(%x0, %c, %c) kind=channel\nUnary(%Norm3) kind=elu a=1\n");
  // What follows the activation is no scale of the norm, constant or computed.
  const auto scaled = [&](bool computed) {
    return after([&, computed](GraphBuilder &b, ValueId x) {
      const ValueId factor = computed ? b.input({1, 4, 1, 1}) : b.constant({1, 4, 1, 1});
      const ValueId norm = b.add(Norm{.kind = NormKind::instance}, {x, b.constant({4}, 1, 1), b.constant({4}, 0, 0)});
      return b.add(Binary{BinaryKind::mul}, {unary(b, norm, UnaryKind::relu), factor});
    });
  };
  for (const bool computed : {false, true}) {
    const std::string text = scaled(computed);
    EXPECT_NE(text.find("kind=instance act=relu\n"), std::string::npos) << text;
    EXPECT_NE(text.find(computed ? "kind=mul" : "Affine("), std::string::npos) << text;
  }
}

TEST(Optimise, NormBeforeAnUnpaddedConvolutionFoldsForth)
{
  const auto build = [](Conv conv) {
    return [conv](GraphBuilder &b, ValueId x) {
      x = batch_norm(b, unary(b, x, UnaryKind::relu));
      return b.add(conv, {x, b.constant({6, 4 / conv.group, 3, 3})});
    };
  };
  EXPECT_EQ(after(build(Conv{})), act_of("relu") + "Conv(%Unary1, %c, %c)\n");
  EXPECT_EQ(after(build(Conv{.group = 2})), act_of("relu") + "Conv(%Unary1, %c, %c) group=2\n");
  EXPECT_EQ(after(build(Conv{.pads = {1, 1, 1, 1}, .fill = Fill::reflect})),
            act_of("relu") + "Conv(%Unary1, %c, %c) pads=[1,1,1,1] fill=reflect\n");
  // Zeros are not shifted: the norm stays.
  EXPECT_EQ(after(build(Conv{.pads = {1, 1, 1, 1}})),
            act_of("relu") + "Affine(%Unary1, %c, %c)\nConv(%Norm6, %c) pads=[1,1,1,1]\n");
}

TEST(Optimise, WhatOthersReadIsNotFolded)
{
  GraphBuilder b(3);
  const ValueId y = conv3(b, b.input({1, 4, 5, 5})), z = unary(b, y, UnaryKind::relu);
  b.output(y);
  b.output(z);
  EXPECT_EQ(summary(optimised(b)), "Conv(%x0, %c) pads=[1,1,1,1]\nUnary(%Conv2) kind=relu\n");
}

TEST(Optimise, ResidualAndActivationGoIntoTheLaterConvolution)
{
  for (bool swapped : {false, true})
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
                const ValueId y = batch_norm(b, conv3(b, unary(b, conv3(b, x), UnaryKind::relu))), shortcut = conv3(b, x);
                return unary(b, swapped ? binary(b, BinaryKind::add, shortcut, y) : binary(b, BinaryKind::add, y, shortcut),
                             UnaryKind::relu);
              }),
              "Conv(%x0, %c) pads=[1,1,1,1] act=relu\nConv(%Unary3, %c, %c) pads=[1,1,1,1]\n"
              "Conv(%x0, %c, _, %Norm10) pads=[1,1,1,1] act=relu\n");
}

TEST(Optimise, OneResidualIsAll)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              const ValueId sum = binary(b, BinaryKind::add, conv3(b, x), x);
              return binary(b, BinaryKind::add, sum, unary(b, x, UnaryKind::tanh));
            }),
            "Conv(%x0, %c, _, %x0) pads=[1,1,1,1]\nUnary(%x0) kind=tanh\nBinary(%Binary3, %Unary4)\n");
}

TEST(Optimise, ResidualThatBroadcastsStays)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              const ValueId mean = b.add(Reduce{ReduceKind::mean, {2, 3}, true}, {x});
              return binary(b, BinaryKind::add, conv3(b, x), mean);
            }),
            "Reduce(%x0) axes=[2,3]\nConv(%x0, %c) pads=[1,1,1,1]\nBinary(%Conv3, %Reduce1)\n");
}

TEST(Optimise, MatMulTakesVectorsAsBias)
{
  EXPECT_EQ(after([](GraphBuilder &b,
                     ValueId x) { return binary(b, BinaryKind::add, b.add(MatMul{}, {x, b.constant({4, 5})}), b.constant({5})); },
                  {2, 3, 4}),
            "MatMul(%x0, %c, %c)\n");
  GraphBuilder b(5);
  const ValueId x = b.input({2, 3, 4}), w = b.input({4, 5}), bias = b.input({5});
  b.output(unary(b, binary(b, BinaryKind::add, bias, b.add(MatMul{}, {x, w})), UnaryKind::relu));
  EXPECT_EQ(summary(optimised(b)), "MatMul(%x0, %x1, %x2) act=relu\n");
}

TEST(Optimise, MatMulTakesNoOtherOperandAsBias)
{
  for (const Shape &shape : {Shape{1}, Shape{3, 1}, Shape{3, 5}}) {
    GraphBuilder b(5);
    const ValueId x = b.input({2, 3, 4}), other = b.input(shape);
    b.output(binary(b, BinaryKind::add, other, b.add(MatMul{}, {x, b.constant({4, 5})})));
    EXPECT_EQ(summary(optimised(b)), "MatMul(%x0, %c)\nBinary(%x1, %MatMul3)\n");
  }
}

TEST(Optimise, PadsBecomeHalos)
{
  const auto padded = [](PadKind kind, Ints pads, Conv conv, float value = 0) {
    return [=](GraphBuilder &b, ValueId x) { return b.add(conv, {b.add(Pad{kind, pads, value}, {x}), b.constant({3, 4, 3, 3})}); };
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
  EXPECT_TRUE(stays([&](GraphBuilder &b, ValueId x) {
    return b.add(Conv{}, {b.add(Pad{PadKind::constant, channels, 0}, {x}), b.constant({3, 5, 3, 3})});
  }));
}

TEST(Optimise, PadsBeforePools)
{
  const auto pooled = [](Pool pool, float value, bool positive) {
    return [=](GraphBuilder &b, ValueId x) {
      if (positive) x = unary(b, x, UnaryKind::relu);
      x = b.add(Pad{PadKind::constant, {0, 0, 1, 1, 0, 0, 1, 1}, value}, {x});
      return b.add(pool, {x}, {2, 4, 4, 4});
    };
  };
  Pool average{PoolKind::average, {3, 3}, {2, 2}}, largest{PoolKind::max, {3, 3}, {2, 2}};
  average.pads = largest.pads = {0, 0, 1, 1};  // ceil rounding as padding
  EXPECT_EQ(after(pooled(average, 0, false)).substr(0, 4), "Pad(");
  average.count_include_pad = true;
  EXPECT_EQ(after(pooled(average, 0, false)),
            "Pool(%x0) kind=average kernel=[3,3] strides=[2,2] pads=[1,1,2,2] count_include_pad=true\n");
  EXPECT_EQ(after(pooled(largest, 0, false)).substr(0, 4), "Pad(");
  EXPECT_EQ(after(pooled(largest, -INFINITY, false)), "Pool(%x0) kernel=[3,3] strides=[2,2] pads=[1,1,2,2]\n");
  EXPECT_EQ(after(pooled(largest, 0, true)), act_of("relu") + "Pool(%Unary1) kernel=[3,3] strides=[2,2] pads=[1,1,2,2]\n");
}

TEST(Optimise, MovesThatAreNone)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              x = b.add(Reshape{}, {b.add(Reshape{}, {b.add(Reshape{}, {x}, {8, 36})}, {2, 2, 2, 36})}, {2, 4, 6, 6});
              x = b.add(Transpose{{3, 1, 2, 0}}, {b.add(Transpose{{3, 1, 2, 0}}, {x})});
              x = b.add(Slice{{0, 0, 0, 0}, {1, 1, 1, 1}}, {x}, {2, 4, 6, 6});
              x = b.add(Concat{1}, {b.add(Cast{Type::f32}, {x})});
              x = binary(b, BinaryKind::mul, binary(b, BinaryKind::add, x, scalar(b, 0)), scalar(b, 1));
              return unary(b, unary(b, x, UnaryKind::identity), UnaryKind::relu);
            }),
            act_of("relu"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return b.add(Transpose{{0, 2, 3, 1}}, {x}); }, {2, 4, 1, 1}), "Reshape(%x0)\n");
}

TEST(Optimise, OutputsKeepTheirNames)
{
  // An output that is a graph input, a constant, another output, or in the middle of a chain.
  GraphBuilder b(11);
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

TEST(Optimise, ConstantsFoldAndTheDeadGo)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              conv3(b, x, 8);
              const ValueId c =
                  b.add(Reshape{}, {binary(b, BinaryKind::add, b.constant({36, 4, 1}), b.constant({1}))}, {4, 4, 3, 3});
              return b.add(same3(), {x, c});
            }),
            "Conv(%x0, %c) pads=[1,1,1,1]\n");
}

TEST(Optimise, LargeResultsOfSmallConstantsAreNotFolded)
{
  GraphBuilder b(1);
  const Shape large{1, 1 << 10, 1 << 8, 1 << 7};   // 128 MB
  b.output(b.add(Concat{0}, {b.input({1, 1 << 10, 1 << 8, 1 << 7}), b.add(Expand{}, {b.constant({1, 1 << 10, 1, 1})}, large)}));
  Graph g = b.g;
  optimise(g);
  EXPECT_EQ(summary(g), "Expand(%c)\nConcat(%x0, %Expand2)\n");
}

TEST(Optimise, InputsThatNobodyReadsStay)
{
  GraphBuilder b(1);
  const ValueId x = b.input({2}), unread = b.input({3});
  b.output(unary(b, x, UnaryKind::exp));
  const Graph g = optimised(b);
  ASSERT_EQ(g.inputs.size(), 2u);
  EXPECT_EQ(g.values[g.inputs[1]].name, b.g.values[unread].name);
}

TEST(Optimise, NothingGoesIntoAnEpilogueThatHasItsScale)
{
  const auto scaled_behind = [](GraphBuilder &b, ValueId x, UnaryKind act) {
    Conv conv = same3();
    conv.epilogue.act = {act, 0, 0};
    return b.add(conv, {x, b.constant({4, 4, 3, 3}), none, none, b.constant({4}), b.constant({4})});
  };
  const auto scaled = [&](GraphBuilder &b, ValueId x) { return scaled_behind(b, x, UnaryKind::tanh); };
  const std::string conv = "Conv(%x0, %c, _, _, %c, %c) pads=[1,1,1,1] act=tanh\n";
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return unary(b, scaled(b, x), UnaryKind::relu); }),
            conv + "Unary(%Conv4) kind=relu\n");
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return batch_norm(b, scaled(b, x)); }), conv + "Affine(%Conv4, %c, %c)\n");
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, BinaryKind::add, scaled(b, x), x); }),
            conv + "Binary(%Conv4, %x0)\n");
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return unary(b, scaled_behind(b, x, UnaryKind::identity), UnaryKind::relu); }),
            "Conv(%x0, %c, _, _, %c, %c) pads=[1,1,1,1]\nUnary(%Conv4) kind=relu\n");
}

TEST(Optimise, MaxPoolsWhoseWindowsMissTheMapKeepTheirPad)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              x = b.add(Pad{PadKind::constant, {0, 0, 2, 0, 0, 0, 0, 0}, 0}, {unary(b, x, UnaryKind::relu)});
              return b.add(Pool{PoolKind::max, {2, 2}, {1, 1}}, {x}, {2, 4, 7, 5});
            }).substr(0, 25),
            act_of("relu") + "Pad(");
}
