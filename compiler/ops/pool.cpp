#include <algorithm>
#include <limits>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Pool &op, const Values &inputs, const Shape &wanted)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  want_rank(x, 4, "x");
  if (op.kind != PoolKind::max) want_float(x, "x");
  want_ints("kernel", op.kernel, 2, 1, window_limit);
  want_ints("strides", op.strides, 2, 1, window_limit);
  want_ints("dilations", op.dilations, 2, 1, window_limit);
  want_ints("pads", op.pads, 4, 0, window_limit);
  if (wanted.size() != 4 || wanted[0] != x.shape[0] || wanted[1] != x.shape[1])
    fail({}, "the result's shape {} does not fit x {}", text_of(wanted), text_of(x.shape));
  for (size_t d = 0; d < 2; ++d) {
    // Rounding up adds at most one window, which must begin inside the padded map.
    const int64_t size = x.shape[2 + d], after = op.pads[d + 2] + op.strides[d] - 1;
    const int64_t most = windows(size, op.pads[d], after, op.kernel[d], op.strides[d], op.dilations[d]);
    if (wanted[2 + d] < 1 || wanted[2 + d] > most || (wanted[2 + d] - 1) * op.strides[d] >= size + op.pads[d] + op.pads[d + 2])
      fail({}, "kernel {} with strides {} and pads {} on {} gives no result of {}", fmt::join(op.kernel, "x"),
           fmt::join(op.strides, ","), fmt::join(op.pads, ","), text_of(x.shape), text_of(wanted));
  }
  return {x.type, wanted};
}

namespace {

// The taps of one window along an axis: those inside the map, and how many are inside the padded map.
struct Taps {
  Ints inside;
  int64_t padded = 0;
};

std::vector<Taps> taps_of(const Pool &op, size_t d, int64_t size, int64_t outputs)
{
  std::vector<Taps> all(static_cast<size_t>(outputs));
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t k = 0; k < op.kernel[d]; ++k) {
      const int64_t at = o * op.strides[d] - op.pads[d] + k * op.dilations[d];
      if (at >= 0 && at < size) all[static_cast<size_t>(o)].inside.push_back(at);
      if (at < size + op.pads[d + 2]) ++all[static_cast<size_t>(o)].padded;
    }
  return all;
}

template <class W>
constexpr W lowest()
{
  return std::numeric_limits<W>::has_infinity ? -std::numeric_limits<W>::infinity() : std::numeric_limits<W>::lowest();
}

}  // namespace

// A window with no tap inside the map: the lowest number for max, else 0.
Tensor compute(const Pool &op, const Tensors &in, const Value &out)
{
  const Tensor &x = *in[0];
  Tensor y(out.type, out.shape);
  const int64_t h = x.shape[2], w = x.shape[3], planes = out.shape[0] * out.shape[1];
  const std::vector<Taps> rows = taps_of(op, 0, h, out.shape[2]), columns = taps_of(op, 1, w, out.shape[3]);
  with_element(x.type, [&](auto e) {
    using E = decltype(e);
    using W = typename E::Wide;
    const auto all = x.as<typename E::Stored>();
    auto to = y.as<typename E::Stored>().begin();
    for (int64_t plane = 0; plane < planes; ++plane)
      for (const Taps &row : rows)
        for (const Taps &column : columns) {
          const auto *from = all.data() + plane * h * w;
          W result = op.kind == PoolKind::max ? lowest<W>() : W{};
          for (int64_t iy : row.inside)
            for (int64_t ix : column.inside) {
              const W value = E::get(from[iy * w + ix]);
              if (op.kind != PoolKind::max) result += value;
              else if (value > result) result = value;
            }
          if (op.kind == PoolKind::average) {
            const int64_t inside = static_cast<int64_t>(row.inside.size() * column.inside.size());
            const int64_t taps = op.count_include_pad ? row.padded * column.padded : inside;
            result = inside ? result / static_cast<W>(taps) : W{};
          }
          *to++ = E::put(result);
        }
  });
  return y;
}

}  // namespace net2c
