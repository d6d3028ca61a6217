// Random nets mean the same before and after all passes.
#include "optimised.h"

using namespace net2c;

namespace {

// A random net of maps: chains, branches, sums, outputs in the middle.
void grow(GraphBuilder &b)
{
  std::vector<ValueId> maps{b.input({b.pick(1, 2), b.pick(1, 5), b.pick(3, 10), b.pick(3, 10)})};
  const int64_t ops = b.pick(3, 14);
  for (int64_t i = 0; i < ops; ++i) {
    const ValueId x = b.pick(0, 3) ? maps.back() : maps[static_cast<size_t>(b.pick(0, static_cast<int64_t>(maps.size()) - 1))];
    const Shape s = b.shape(x);
    const auto channels = [&](float low = -1.5f, float high = 1.5f) {
      const Shape shapes[] = {{}, {1}, {s[1], 1, 1}, {1, s[1], 1, 1}};
      return b.constant(shapes[b.pick(0, 3)], low, high);
    };
    ValueId y = none;
    switch (b.pick(0, 15)) {
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
        const UnaryKind kinds[] = {UnaryKind::relu, UnaryKind::identity, UnaryKind::elu,
                                   UnaryKind::clip, UnaryKind::tanh,     UnaryKind::hard_swish};
        y = unary(b, x, kinds[b.pick(0, 5)], 0.5f, 2);
        break;
      }
      case 7:
        for (ValueId other : maps)
          if (b.shape(other) == s && b.coin())
            y = b.coin() ? binary(b, BinaryKind::add, x, other) : binary(b, BinaryKind::add, other, x);
        break;
      case 8: {
        const PadKind kind = static_cast<PadKind>(b.pick(0, 2));
        y = b.add(
            Pad{kind, {0, 0, b.pick(0, 1), b.pick(0, 1), 0, 0, b.pick(0, 1), b.pick(0, kind == PadKind::reflect ? 1 : 2)}, 0},
            {x});
        break;
      }
      case 9: y = binary(b, BinaryKind::mul, x, unary(b, x, UnaryKind::sigmoid)); break;
      case 10: y = b.add(Transpose{{0, 1, 3, 2}}, {b.coin() ? unary(b, x, UnaryKind::neg) : x}); break;
      case 11: {
        const Shape &first = b.shape(maps[0]);
        y = b.add(Concat{1}, {x, first[2] == s[2] && first[3] == s[3] ? maps[0] : x});
        break;
      }
      case 14:
        for (int64_t n = b.pick(2, 3); n > 0; --n) {
          const ValueId sibling = b.add(Conv{}, {x, b.constant({b.coin() ? 8 : b.pick(1, 17), s[1], 1, 1})});
          maps.push_back(b.coin() ? unary(b, sibling, UnaryKind::relu) : sibling);
        }
        break;
      case 13: y = b.add(Conv{.strides = {2, b.pick(1, 2)}}, {x, b.constant({b.pick(1, 5), s[1], 1, 1})}); break;
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
    GraphBuilder b(seed);
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
