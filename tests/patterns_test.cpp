// What recognise_patterns finds, and what it must not.
#include "optimised.h"

using namespace net2c;

TEST(Patterns, ActivationsSpelledOut)
{
  using enum BinaryKind;
  using U = UnaryKind;
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return binary(b, mul, unary(b, x, U::sigmoid), x); }), act_of("silu"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return binary(b, mul, x, unary(b, x, U::hard_sigmoid, 1.0f / 6, 0.5f)); }),
            act_of("hard_swish"));
  const auto relu6 = [](GraphBuilder &b, ValueId x) { return unary(b, binary(b, add, x, scalar(b, 3)), U::clip, 0, 6); };
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, div, binary(b, mul, x, relu6(b, x)), scalar(b, 6)); }),
            act_of("hard_swish"));
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, x, binary(b, div, relu6(b, x), scalar(b, 6))); }),
            act_of("hard_swish"));
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, binary(b, mul, x, scalar(b, 1.0f / 6)), relu6(b, x)); }),
            act_of("hard_swish"));
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
              return binary(b, mul, x, unary(b, binary(b, div, binary(b, add, x, scalar(b, 3)), scalar(b, 6)), U::clip, 0, 1));
            }),
            act_of("hard_swish"));
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, div, relu6(b, x), scalar(b, 6)); }).substr(0, 30),
            "Unary(%x0) kind=hard_sigmoid a");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return binary(b, mul, x, unary(b, unary(b, x, U::softplus), U::tanh)); }),
            act_of("mish"));
  const auto erf1 = [](GraphBuilder &b, ValueId x) {
    return binary(b, add, unary(b, binary(b, div, x, scalar(b, std::sqrt(2.0f))), U::erf), scalar(b, 1));
  };
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, binary(b, mul, x, erf1(b, x)), scalar(b, 0.5f)); }),
            act_of("gelu"));
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, binary(b, mul, x, scalar(b, 0.5f)), erf1(b, x)); }),
            act_of("gelu"));
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, x, binary(b, mul, scalar(b, 0.5f), erf1(b, x))); }),
            act_of("gelu"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              const ValueId cube = binary(b, mul, binary(b, pow, x, scalar(b, 3)), scalar(b, 0.044715f));
              const ValueId t = unary(b, binary(b, mul, binary(b, add, x, cube), scalar(b, 0.7978845608f)), U::tanh);
              return binary(b, mul, binary(b, mul, x, scalar(b, 0.5f)), binary(b, add, t, scalar(b, 1)));
            }),
            act_of("gelu_tanh"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              return binary(b, div, scalar(b, 1), binary(b, add, scalar(b, 1), unary(b, unary(b, x, U::neg), U::exp)));
            }),
            act_of("sigmoid"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return unary(b, binary(b, add, unary(b, x, U::exp), scalar(b, 1)), U::log); }),
            act_of("softplus"));
}

TEST(Patterns, ActivationsThatOnlyLookAlike)
{
  using enum BinaryKind;
  using U = UnaryKind;
  const auto is_one_unary = [](const std::string &s) {
    return s.starts_with("Unary(%x0)") && std::count(s.begin(), s.end(), '\n') == 1;
  };
  EXPECT_FALSE(is_one_unary(
      after([](GraphBuilder &b, ValueId x) { return binary(b, mul, x, unary(b, binary(b, mul, x, scalar(b, 2)), U::sigmoid)); })));
  EXPECT_FALSE(
      is_one_unary(after([](GraphBuilder &b, ValueId x) { return binary(b, mul, x, unary(b, x, U::hard_sigmoid, 0.2f, 0.5f)); })));
  EXPECT_FALSE(is_one_unary(
      after([](GraphBuilder &b, ValueId x) { return binary(b, mul, x, unary(b, x, U::hard_sigmoid, 1.0f / 6, 0.25f)); })));
  for (const auto &[scale, shift] : {std::pair{0.7f, 0.0f}, std::pair{std::sqrt(0.5f), 0.25f}})
    EXPECT_FALSE(is_one_unary(after([&](GraphBuilder &b, ValueId x) {
      const ValueId line = binary(b, add, binary(b, mul, x, scalar(b, scale)), scalar(b, shift));
      return binary(b, mul, binary(b, mul, x, binary(b, add, unary(b, line, U::erf), scalar(b, 1))), scalar(b, 0.5f));
    })));
  EXPECT_FALSE(is_one_unary(after([](GraphBuilder &b, ValueId x) { return binary(b, max, x, binary(b, mul, x, scalar(b, 1.5f))); })));
}

TEST(Patterns, Clips)
{
  using U = UnaryKind;
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return unary(b, unary(b, x, U::relu), U::clip, -1, 6); }), act_of("clip b=6"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return unary(b, unary(b, x, U::clip, -3, -2), U::relu); }), act_of("clip"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return binary(b, BinaryKind::max, scalar(b, 0), x); }), act_of("relu"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              return binary(b, BinaryKind::min, binary(b, BinaryKind::max, x, scalar(b, -0.5f)), scalar(b, 0.5f));
            }),
            act_of("clip a=-0.5 b=0.5"));
  for (bool swapped : {false, true})
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
                const ValueId flat = binary(b, BinaryKind::mul, x, scalar(b, 0.25f));
                return swapped ? binary(b, BinaryKind::max, flat, x) : binary(b, BinaryKind::max, x, flat);
              }),
              act_of("leaky_relu a=0.25"));
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              return binary(b, BinaryKind::prelu, x, b.constant(tensor_f32({4, 1, 1}, {0.5f, 0.5f, 0.5f, 0.5f})));
            }),
            act_of("leaky_relu a=0.5"));
}

TEST(Patterns, NormsSpelledOut)
{
  using enum BinaryKind;
  const auto normed = [](Ints axes, Shape scale, bool squared_by_pow, bool reciprocal) {
    return [=](GraphBuilder &b, ValueId x) {
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

TEST(Patterns, NormsThatOnlyLookAlike)
{
  using enum BinaryKind;
  // Mean of the maps, deviation of something else.
  const auto build = [](Ints inner, Ints outer, Ints mean = {2, 3}) {
    return [=](GraphBuilder &b, ValueId x) {
      const auto centred = [&](const Ints &axes) { return binary(b, sub, x, b.add(Reduce{ReduceKind::mean, axes, true}, {x})); };
      const ValueId d = centred(mean), other = centred(inner);
      const ValueId variance = b.add(Reduce{ReduceKind::mean, outer, true}, {binary(b, mul, other, other)});
      return binary(b, div, d, unary(b, binary(b, add, variance, scalar(b, 0.001f)), UnaryKind::sqrt));
    };
  };
  EXPECT_EQ(after(build({2, 3}, {2, 3})), "Norm(%x0, %c, %c) kind=instance epsilon=0.001\n");
  EXPECT_EQ(after(build({1, 2, 3}, {2, 3})).find("Norm"), std::string::npos);
  EXPECT_EQ(after(build({2, 3}, {3})).find("Norm"), std::string::npos);
  for (const Ints &axes : {Ints{1, 2}, Ints{0, 2, 3}, Ints{}})   // neither the last ones nor the channels
    EXPECT_EQ(after(build(axes, axes, axes)).find("Norm"), std::string::npos);
}

TEST(Patterns, ReductionsKeepTheirAxes)
{
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return b.add(Reduce{ReduceKind::mean, {2, 3}, false}, {x}); }),
            "Reduce(%x0) axes=[2,3]\nReshape(%Reduce1_2)\n");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return b.add(Pool{PoolKind::average, {6, 6}}, {x}, {2, 4, 1, 1}); }),
            "Reduce(%x0) axes=[2,3]\n");
  for (const auto &[kind, name] : {std::pair{PoolKind::max, "max"}, {PoolKind::sum, "sum"}})
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return b.add(Pool{kind, {6, 6}}, {x}, {2, 4, 1, 1}); }),
              std::string("Reduce(%x0) kind=") + name + " axes=[2,3]\n");
  // Windows as large as the map that do not meet all of it.
  for (PoolKind kind : {PoolKind::average, PoolKind::max})
    for (const Ints &pads : {Ints{1, 0, 1, 0}, Ints{0, 1, 0, 1}}) {
      const Pool beside{.kind = kind, .kernel = {6, 6}, .strides = {3, 3}, .pads = pads};
      EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return b.add(beside, {x}, {2, 4, 1, 1}); }).substr(0, 4), "Pool");
    }
}

TEST(Patterns, TransposesAroundElementWiseOpsCancel)
{
  const Ints to_last{0, 2, 3, 1}, to_first{0, 3, 1, 2};
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
              const ValueId z = b.add(Transpose{to_last}, {unary(b, x, UnaryKind::tanh)});
              ValueId y = binary(b, BinaryKind::mul, b.add(Transpose{to_last}, {x}), b.constant({4}));
              y = b.add(Pad{PadKind::constant, {0, 1, 0, 0, 0, 0, 0, 0}, 0},
                        {unary(b, binary(b, BinaryKind::add, y, z), UnaryKind::sigmoid)});
              return b.add(Transpose{to_first},
                           {b.add(Concat{3}, {y, b.add(Pad{PadKind::constant, {0, 1, 0, 0, 0, 0, 0, 0}, 0}, {z})})});
            }).find("Transpose"),
            std::string::npos);
  EXPECT_NE(after([&](GraphBuilder &b, ValueId x) {
              return b.add(Transpose{to_last}, {unary(b, b.add(Transpose{to_last}, {x}), UnaryKind::relu)});
            }).find("Transpose"),
            std::string::npos);
}

TEST(Patterns, ChannelShufflesAreOneOp)
{
  const auto shuffled = [](GraphBuilder &b, ValueId x) {
    x = b.add(Transpose{{0, 2, 1, 3, 4}}, {b.add(Reshape{}, {x}, {2, 2, 2, 6, 6})});
    return b.add(Reshape{}, {x}, {2, 4, 6, 6});
  };
  EXPECT_EQ(after(shuffled), "Gather(%x0, %c) axis=1\n");
  EXPECT_EQ(after(
                [](GraphBuilder &b, ValueId x) {  // as ShuffleNet v2 in PyTorch splits: even and odd channels
                  x = b.add(Transpose{{1, 0, 2}}, {b.add(Reshape{}, {x}, {2, 2, 36})});
                  x = b.add(Reshape{}, {x}, {2, 1, 2, 6, 6});
                  return b.add(Gather{0}, {x, b.constant(tensor_i64({}, {1}))});
                },
                {1, 4, 6, 6}),
            "Gather(%x0, %c) axis=1\n");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {  // the second half, split off as ShuffleNet v2 does
              x = b.add(Slice{{0, 1, 0, 0, 0}, {1, 1, 1, 1, 1}}, {b.add(Reshape{}, {x}, {2, 2, 2, 6, 6})}, {2, 1, 2, 6, 6});
              return b.add(Reshape{}, {x}, {2, 2, 6, 6});
            }),
            "Slice(%x0) starts=[0,2,0,0] steps=[1,1,1,1]\n");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {  // swaps rows and columns: no shuffle
              return b.add(Reshape{}, {b.add(Transpose{{0, 1, 3, 2}}, {b.add(Reshape{}, {x}, {2, 4, 6, 6})})}, {2, 4, 6, 6});
            }),
            "Transpose(%x0) perm=[0,1,3,2]\n");
  EXPECT_NE(after([](GraphBuilder &b, ValueId x) {  // another order in each image
              x = b.add(Gather{0}, {b.add(Reshape{}, {x}, {8, 6, 6}), b.constant(tensor_i64({8}, {0, 1, 2, 3, 5, 4, 6, 7}))});
              return b.add(Reshape{}, {x}, {2, 4, 6, 6});
            }),
            "Gather(%x0, %c) axis=1\n");
}

namespace {

// q x [2][4][6][6] with keys and values of its own, spelled as exporters do.
std::string attention_after(const std::function<ValueId(GraphBuilder &, ValueId q, ValueId k, ValueId v)> &build)
{
  GraphBuilder b(7);
  const ValueId q = b.input({2, 4, 6, 6}), k = b.input({2, 4, 9, 6}), v = b.input({2, 4, 9, 5});
  b.output(build(b, q, k, v));
  return summary(optimised(b));
}

}  // namespace

TEST(Patterns, AttentionSpelledOut)
{
  using enum BinaryKind;
  const auto columns = [](GraphBuilder &b, ValueId k) { return b.add(Transpose{{0, 1, 3, 2}}, {k}); };
  const auto softmax = [](GraphBuilder &b, ValueId x) { return b.add(Softmax{3}, {x}); };
  const auto product = [](GraphBuilder &b, ValueId x, ValueId y) { return b.add(MatMul{}, {x, y}); };
  EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) {
              return product(b, softmax(b, binary(b, mul, product(b, q, columns(b, k)), scalar(b, 0.25f))), v);
            }),
            "Attention(%x0, %x1, %x2) scale=0.25\n");
  EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) {
              return product(b, softmax(b, product(b, binary(b, div, q, scalar(b, 4)), columns(b, binary(b, mul, k, scalar(b, 0.5f))))), v);
            }).substr(0, 30),
            "Affine(%x1, %c, %c)\nAttention(");   // a factor before the transpose stays
  EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) {
              return product(b, softmax(b, product(b, binary(b, div, q, scalar(b, 4)), binary(b, mul, columns(b, k), scalar(b, 3)))), v);
            }),
            "Attention(%x0, %x1, %x2) scale=0.75\n");
  EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) { return product(b, softmax(b, product(b, q, columns(b, k))), v); }),
            "Attention(%x0, %x1, %x2)\n");
  // A bias, for each head and for all of them; not one that other batches have crosswise, nor one before the factor.
  for (const Shape &bias : {Shape{4, 6, 9}, Shape{9}, Shape{2, 1, 6, 9}, Shape{1, 4, 1, 9}, Shape{6, 1}})
    EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) {
                const ValueId scores = binary(b, mul, product(b, q, columns(b, k)), scalar(b, 0.25f)), c = b.add(Unary{UnaryKind::tanh}, {b.input(bias)});
                return product(b, softmax(b, bias.size() == 1 ? binary(b, add, c, scores) : binary(b, add, scores, c)), v);
              }).find("Attention(%x0, %x1, %x2, %Unary") != std::string::npos,
              bias.back() == 9);
  EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) {
              const ValueId scores = binary(b, add, product(b, q, columns(b, k)), b.add(Unary{UnaryKind::tanh}, {b.input({9})}));
              return product(b, softmax(b, binary(b, mul, scores, scalar(b, 0.5f))), v);
            }).find("Attention"),
            std::string::npos);
  // Scores that somebody else reads, a softmax over the queries: as they are.
  for (int kind : {0, 2, 3})
    EXPECT_EQ(attention_after([&](GraphBuilder &b, ValueId q, ValueId k, ValueId v) {
                ValueId scores = product(b, q, columns(b, k));
                if (kind == 0 || kind == 3) b.output(scores);
                if (kind == 3) scores = binary(b, mul, scores, scalar(b, 0.5f));
                return product(b, b.add(Softmax{kind == 2 ? 2 : 3}, {scores}), v);
              }).find("Attention"),
              std::string::npos);
}

TEST(Patterns, NormOverChannelsSpelledOut)
{
  using enum BinaryKind;
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {   // as ConvNeXt's LayerNorm of maps is exported
              const auto mean = [&](ValueId v) { return b.add(Reduce{ReduceKind::mean, {1}}, {v}); };
              const ValueId centred = binary(b, sub, x, mean(x)), square = binary(b, pow, centred, scalar(b, 2));
              const ValueId y = binary(b, div, centred, unary(b, binary(b, add, mean(square), scalar(b, 1e-6f)), UnaryKind::sqrt));
              return binary(b, add, binary(b, mul, b.constant({4, 1, 1}), y), b.constant({4, 1, 1}));
            }),
            "Norm(%x0, %c, %c) kind=channel epsilon=1e-06\n");
}

TEST(Patterns, NormsFactoredOut)
{
  using enum BinaryKind;
  // x f + (bias - mean f): over the last axis, over channels, over maps; with operands in any order.
  const auto norm = [](GraphBuilder &b, ValueId x, const Ints &axes, const Shape &channels, bool swapped) {
    const auto mean = [&](ValueId v) { return b.add(Reduce{ReduceKind::mean, axes}, {v}); };
    const auto mul_of = [&](ValueId p, ValueId q) { return swapped ? binary(b, mul, q, p) : binary(b, mul, p, q); };
    const ValueId m = mean(x), d = binary(b, sub, x, m);
    const ValueId deviation = unary(b, binary(b, add, mean(binary(b, mul, d, d)), scalar(b, 1e-3f)), UnaryKind::sqrt);
    const ValueId f = mul_of(unary(b, deviation, UnaryKind::reciprocal), b.constant(channels));
    const ValueId y = mul_of(x, f), z = binary(b, sub, b.constant(channels), mul_of(m, f));
    return swapped ? binary(b, add, z, y) : binary(b, add, y, z);
  };
  for (bool swapped : {false, true}) {
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return norm(b, x, {3}, {6}, swapped); }), "Norm(%x0, %c, %c) kind=layer epsilon=0.001 axis=3\n");
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return norm(b, x, {1}, {4, 1, 1}, swapped); }), "Norm(%x0, %c, %c) kind=channel epsilon=0.001\n");
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return norm(b, x, {2, 3}, {4, 1, 1}, swapped); }), "Norm(%x0, %c, %c) kind=instance epsilon=0.001\n");
  }
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return norm(b, x, {2}, {6}, false); }).find("Norm"), std::string::npos);
}

TEST(Patterns, ProductsOfRows)
{
  const auto product = [](GraphBuilder &b, ValueId x, const Shape &back) {
    x = b.add(MatMul{}, {b.add(Reshape{}, {x}, {48, 6}), b.constant({6, 5})});
    return b.add(Reshape{}, {binary(b, BinaryKind::add, x, b.constant({5}))}, back);
  };
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) { return product(b, x, {2, 4, 6, 5}); }), "MatMul(%x0, %c, %c)\n");
  EXPECT_NE(after([&](GraphBuilder &b, ValueId x) { return product(b, x, {4, 2, 6, 5}); }).find("Reshape"), std::string::npos);
}

TEST(Patterns, NormsScaledByWhatIsComputed)
{
  using enum BinaryKind;
  const auto norm = [](GraphBuilder &b, ValueId x, float scale = 1) {
    Tensor ones(Type::f32, {4});
    for (float &v : ones.as<float>()) v = scale;
    return b.add(Norm{.kind = NormKind::instance}, {x, b.constant(ones), b.constant(Tensor(Type::f32, {4}))});
  };
  const auto vector = [](GraphBuilder &b, const Shape &shape) { return b.add(Unary{UnaryKind::tanh}, {b.input(shape)}); };
  EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
              const ValueId scale = vector(b, {1, 4, 1, 1}), shift = vector(b, {4, 1, 1}), y = norm(b, x);
              return binary(b, add, shift, binary(b, mul, y, scale));
            }),
            "Unary(%x1) kind=tanh\nUnary(%x2) kind=tanh\nReshape(%Unary2)\nReshape(%Unary4)\nNorm(%x0, %Norm7_scale, %Norm7_bias) kind=instance\n");
  for (const Shape &shape : {Shape{2, 4, 1, 1}, Shape{1, 4, 6, 1}, Shape{6}})   // not one number a channel
    EXPECT_NE(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, norm(b, x), vector(b, shape)); }).find("Binary"), std::string::npos);
  EXPECT_NE(after([&](GraphBuilder &b, ValueId x) { return binary(b, mul, norm(b, x, 2), vector(b, {1, 4, 1, 1})); }).find("Binary"), std::string::npos);
}
