// cancel_transposes: channels-last stretches become channels first, where that moves fewer elements; any net means the same.
#include "optimised.h"
#include "optimise/cut.h"
#include "optimise/turn.h"

using namespace net2c;

namespace {

const Ints to_last{0, 2, 3, 1}, to_first{0, 3, 1, 2};

ValueId last(GraphBuilder &b, ValueId x) { return b.add(Transpose{to_last}, {x}); }
ValueId first(GraphBuilder &b, ValueId x) { return b.add(Transpose{to_first}, {x}); }
ValueId dense(GraphBuilder &b, ValueId x, int64_t n)
{
  return binary(b, BinaryKind::add, b.add(MatMul{}, {x, b.constant({b.shape(x).back(), n})}), b.constant({n}));
}
ValueId layer_norm(GraphBuilder &b, ValueId x)
{
  const int64_t c = b.shape(x).back(), axis = static_cast<int64_t>(b.shape(x).size()) - 1;
  return b.add(Norm{.kind = NormKind::layer, .axis = axis}, {x, b.constant({c}), b.constant({c})});
}
ValueId add(GraphBuilder &b, ValueId x, ValueId y) { return binary(b, BinaryKind::add, x, y); }

// What all transposes of a graph move.
int64_t moved(const Graph &g)
{
  int64_t all = 0;
  for (const Node &node : g.nodes)
    if (const auto *t = std::get_if<Transpose>(&node.op); t && !keeps_order(t->perm, g.values[node.inputs[0]].shape))
      all += count(g.values[node.outputs[0]].shape);
  return all;
}

}  // namespace

TEST(Transposes, CutIsTheCheapest)
{
  // Against all cuts of small networks.
  std::mt19937 random(3);
  const auto pick = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  for (int round = 0; round < 300; ++round) {
    struct Edge { size_t from, to; int64_t price; };
    std::vector<Edge> edges;
    Cut cut;
    size_t nodes = 2;
    for (int64_t i = pick(0, 6); i-- > 0; ++nodes) cut.add();
    for (int64_t i = pick(0, 20); i-- > 0;) {
      const Edge e{static_cast<size_t>(pick(0, static_cast<int64_t>(nodes) - 1)), static_cast<size_t>(pick(0, static_cast<int64_t>(nodes) - 1)), pick(0, 4)};
      edges.push_back(e);
      cut.cost(e.from, e.to, e.price);
    }
    const auto price = [&](const std::vector<bool> &behind) {
      int64_t sum = 0;
      for (const Edge &e : edges) sum += !behind[e.from] && behind[e.to] ? e.price : 0;
      return sum;
    };
    const std::vector<bool> found = cut.cheapest();
    ASSERT_FALSE(found[Cut::source]);
    ASSERT_TRUE(found[Cut::sink]);
    for (size_t bits = 0; bits < size_t{1} << (nodes - 2); ++bits) {
      std::vector<bool> other(nodes);
      other[Cut::sink] = true;
      for (size_t i = 2; i < nodes; ++i) other[i] = bits >> (i - 2) & 1;
      ASSERT_LE(price(found), price(other));
      if (price(found) != price(other)) continue;
      ASSERT_LE(std::count(found.begin(), found.end(), true), std::count(other.begin(), other.end(), true));
    }
  }
}

TEST(Transposes, ChannelsLastBlockIsChannelsFirst)
{
  // ConvNeXt's block: the residual goes around, the branch is channels last.
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              const ValueId wide = dense(b, layer_norm(b, last(b, x)), 16), scale = b.constant({4});
              const ValueId narrow = dense(b, unary(b, wide, UnaryKind::gelu), 4);
              return add(b, first(b, binary(b, BinaryKind::mul, narrow, scale)), x);
            }),
            "Norm(%x0, %c, %c) kind=channel\nConv(%Norm4_18, %c, %c) act=gelu\nConv(%Unary10_23, %c, %c, %x0)\n");
  // The residual is channels last too.
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              const ValueId start = last(b, x);
              return first(b, add(b, dense(b, layer_norm(b, start), 4), start));
            }),
            "Norm(%x0, %c, %c) kind=channel\nConv(%Norm4_11, %c, %c, %x0)\n");
  // Sequences.
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) {
              x = b.add(Transpose{{0, 2, 1}}, {x});
              return b.add(Transpose{{0, 2, 1}}, {add(b, dense(b, layer_norm(b, x), 4), x)});
            }, {2, 4, 9}).find("Transpose("),
            std::string::npos);
  // A reduction that drops axes, and the index of the largest channel.
  for (bool largest : {false, true})
    EXPECT_EQ(after([&](GraphBuilder &b, ValueId x) {
                const ValueId y = last(b, unary(b, x, UnaryKind::tanh));
                if (largest) return b.add(Cast{Type::f32}, {b.add(ArgMax{.axis = 3, .keep_dims = false}, {y})});
                return b.add(Reduce{ReduceKind::mean, {1, 2}, false}, {y});
              }).find("Transpose("),
              std::string::npos);
}

TEST(Transposes, OnlyWhereFewerElementsMove)
{
  // Nothing to win: one transpose there, one here. Then what a convolution may take in goes to it.
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return b.add(Softmax{3}, {last(b, x)}); }).substr(0, 10), "Transpose(");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return unary(b, binary(b, BinaryKind::mul, last(b, conv3(b, x)), b.constant({4})), UnaryKind::relu); }),
            "Conv(%x0, %c, %c) pads=[1,1,1,1] act=relu\nTranspose(%Unary6_9) perm=[0,2,3,1]\n");
  // A product makes it larger, so it stays behind the transpose; smaller, so it goes before.
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return dense(b, last(b, x), 8); }).substr(0, 10), "Transpose(");
  EXPECT_EQ(after([](GraphBuilder &b, ValueId x) { return dense(b, last(b, x), 2); }), "Conv(%x0, %c, %c)\nTranspose(%Binary5_7) perm=[0,2,3,1]\n");
  // Several readers and an output: the tensor is made as it was, once.
  const std::string text = after([](GraphBuilder &b, ValueId x) {
    const ValueId y = dense(b, layer_norm(b, last(b, x)), 4);
    b.output(y);
    b.output(b.add(Slice{{0, 0, 0, 0}, {1, 1, 1, 1}}, {y}, {2, 6, 6, 2}));
    return first(b, unary(b, y, UnaryKind::relu));
  });
  EXPECT_EQ(text.find("Transpose(", text.find("Transpose(") + 1), std::string::npos) << text;
  // Another order is no way back.
  EXPECT_NE(after([](GraphBuilder &b, ValueId x) { return last(b, unary(b, last(b, x), UnaryKind::relu)); }).find("Transpose("), std::string::npos);
}

TEST(Transposes, ChannelsLastInputAndOutput)
{
  // As TensorFlow's networks come: between convolutions nothing is transposed.
  const std::string text = after(
      [](GraphBuilder &b, ValueId x) {
        const auto conv = [&](ValueId v, int64_t out) { return last(b, conv3(b, first(b, v), out)); };
        const auto bias = [&](ValueId v) { return add(b, v, b.constant({b.shape(v)[3]})); };
        x = unary(b, bias(conv(x, 8)), UnaryKind::relu);
        ValueId y = unary(b, bias(conv(x, 8)), UnaryKind::relu);
        const ValueId gate = b.add(Reduce{ReduceKind::mean, {1, 2}}, {y});   // squeeze and excite
        y = binary(b, BinaryKind::mul, y, unary(b, dense(b, gate, 8), UnaryKind::sigmoid));
        y = b.add(Concat{3}, {add(b, bias(conv(y, 8)), x), x});
        y = b.add(Resize{.scales = {1, 2, 2, 1}}, {b.add(Pad{PadKind::edge, {0, 1, 0, 0, 0, 0, 2, 0}}, {y})}, {2, 14, 16, 16});
        return unary(b, bias(conv(y, 2)), UnaryKind::sigmoid);
      },
      {2, 6, 6, 3});
  const size_t one = text.find("Transpose("), two = text.find("Transpose(", one + 1);
  EXPECT_NE(two, std::string::npos);
  EXPECT_EQ(text.find("Transpose(", two + 1), std::string::npos) << text;
}

namespace {

// Random nets over maps that are channels first or last (of rank 3 or 4, or turned in any other way), with all that can turn
// and some that cannot, with outputs in the middle.
void grow(GraphBuilder &b)
{
  const size_t rank = static_cast<size_t>(b.pick(3, 4));
  Shape shape{b.pick(1, 2)};
  while (shape.size() < rank) shape.push_back(b.pick(1, 5));
  std::vector<ValueId> all{b.input(shape)};
  const Ints other = rank == 4 ? Ints{b.coin() ? Ints{0, 1, 3, 2} : Ints{1, 0, 2, 3}} : Ints{1, 0, 2};
  const std::vector<Ints> perms{rank == 4 ? to_last : Ints{0, 2, 1}, rank == 4 ? to_first : Ints{0, 2, 1}, other};
  const int64_t ops = b.pick(4, 18), r = static_cast<int64_t>(rank);
  for (int64_t i = 0; i < ops; ++i) {
    const ValueId x = b.pick(0, 3) ? all.back() : all[static_cast<size_t>(b.pick(0, static_cast<int64_t>(all.size()) - 1))];
    const Shape s = b.shape(x);
    const auto some_axis = [&] { return b.pick(0, r - 1); };
    ValueId y = none;
    switch (b.pick(0, 17)) {
      case 0:
      case 1:
      case 2:
      case 3: y = b.add(Transpose{perms[b.pick(0, 5) ? b.coin() : 2]}, {x}); break;
      case 4: y = unary(b, x, b.coin() ? UnaryKind::relu : UnaryKind::tanh); break;
      case 5:
        for (ValueId v : all)
          if (b.shape(v) == s && b.coin()) y = b.coin() ? add(b, x, v) : binary(b, BinaryKind::mul, v, x);
        break;
      case 6: {   // operands that are repeated
        Shape operand = s;
        for (int64_t &d : operand)
          if (b.coin()) d = 1;
        if (b.coin()) operand.erase(operand.begin(), operand.begin() + b.pick(1, r));
        const ValueId c = b.coin() ? b.constant(operand) : b.input(operand);
        y = b.coin() ? add(b, x, c) : binary(b, BinaryKind::mul, c, x);
        break;
      }
      case 7: y = layer_norm(b, x); break;
      case 8:
      case 9: {
        const int64_t n = b.pick(1, 6);
        y = b.add(MatMul{}, {x, b.pick(0, 4) ? b.constant({s.back(), n}) : b.input({s.back(), n})});
        if (b.coin()) y = add(b, y, b.constant({n}));
        break;
      }
      case 10: y = b.add(Concat{some_axis()}, {x, b.coin() ? x : b.constant(s)}); break;
      case 11: {
        Ints pads(2 * rank);
        for (int64_t &p : pads) p = b.pick(0, 3) == 0;
        y = b.add(Pad{PadKind::constant, pads, 0.5f}, {x});
        break;
      }
      case 12: {
        Ints starts(rank), steps(rank, 1);
        Shape size = s;
        const size_t d = static_cast<size_t>(some_axis());
        starts[d] = b.pick(0, s[d] - 1), size[d] = b.pick(1, s[d] - starts[d]);
        y = b.add(Slice{starts, steps}, {x}, size);
        break;
      }
      case 13: y = b.add(Softmax{some_axis()}, {x}); break;
      case 14: {
        Ints axes;
        for (int64_t d = 0; d < r; ++d)
          if (b.coin()) axes.push_back(d);
        const bool keep = b.coin();
        y = b.add(Reduce{b.coin() ? ReduceKind::mean : ReduceKind::max, axes, keep}, {x});
        if (b.shape(y).size() == rank) break;
        b.output(y);
        continue;
      }
      case 15: {
        const bool keep = b.coin();
        const int64_t axis = some_axis();
        Shape kept = s;
        if (keep) kept[static_cast<size_t>(axis)] = 1;
        else kept.erase(kept.begin() + axis);
        // Of numbers that are never nearly equal: the index must not hang on the last bit.
        const ValueId apart = binary(b, BinaryKind::mul, unary(b, x, UnaryKind::floor), scalar(b, 0.5f));
        b.output(b.add(ArgMax{.axis = axis, .keep_dims = keep}, {apart}));
        continue;
      }
      case 16: {
        const size_t d = static_cast<size_t>(some_axis());
        y = b.add(Gather{static_cast<int64_t>(d)}, {x, b.constant(tensor_i64({2}, {s[d] - 1, 0}))});
        break;
      }
      default:
        if (rank == 4 && b.coin()) {
          y = b.add(Conv{}, {x, b.constant({b.pick(1, 5), s[1], 1, 1})});
        } else {
          Shape size = s;
          std::vector<double> scales(rank, 1.0);
          const size_t d = static_cast<size_t>(some_axis());
          size[d] *= 2, scales[d] = 2;
          y = b.add(Resize{.kind = b.coin() ? ResizeKind::nearest : ResizeKind::linear, .scales = scales}, {x}, size);
        }
    }
    if (y == none || count(b.shape(y)) > 3000) continue;
    all.push_back(y);
    if (b.pick(0, 9) == 0) b.output(y);
  }
  b.output(all.back());
}

}  // namespace

TEST(Transposes, RandomNetsMeanTheSameAndMoveLess)
{
  int64_t before = 0, after = 0;
  for (uint32_t seed = 0; seed < 1500; ++seed) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    grow(b);
    Graph alone = b.g;
    const int64_t at_first = moved(alone);
    int rounds = 0;
    while (remove_identities(alone) + cancel_transposes(alone) + remove_dead(alone) > 0 && ++rounds < 9) verify(alone, "cancel_transposes");
    EXPECT_LT(rounds, 9) << "no end";
    EXPECT_LE(moved(alone), at_first);
    const Graph g = optimised(b, 2e-5);
    before += at_first, after += moved(g);
    if (HasFatalFailure() || HasNonfatalFailure()) {
      ADD_FAILURE() << print(b.g) << print(g);
      return;
    }
  }
  EXPECT_LT(after, before * 3 / 4);
}
