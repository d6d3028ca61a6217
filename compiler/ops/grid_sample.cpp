#include <algorithm>
#include <cmath>

#include "ops/common.h"
#include "ops/resize.h"

namespace net2c {

TypedShape infer(const GridSample &, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x"), &grid = need(inputs, 1, "grid");
  no_more_than(inputs, 2);
  want_float(x, "x");
  want_rank(x, 4, "x");
  want_type(grid, x.type, "grid");
  want_rank(grid, 4, "grid");
  want_shape(grid, {x.shape[0], grid.shape[1], grid.shape[2], 2}, "grid");
  want_between("height of x", x.shape[2], 1, window_limit);
  want_between("width of x", x.shape[3], 1, window_limit);
  return {x.type, {x.shape[0], x.shape[1], grid.shape[1], grid.shape[2]}};
}

namespace {

// One axis of n pixels. Places are floats, so that ties and borders fall as they do where the network was trained.
struct Axis {
  int64_t n;
  float low, high;   // the ends

  Axis(int64_t size, bool align_corners) : n(size), low(align_corners ? 0.0f : -0.5f), high(static_cast<float>(size) - (align_corners ? 1.0f : 0.5f)) {}

  float reflected(float v) const
  {
    const float range = high - low;
    if (v >= low && v <= high) return v;
    if (range <= 0) return low;
    const float beyond = v < low ? low - v : v - high, times = std::trunc(beyond / range), rest = beyond - times * range;
    return (v < low) == (std::fmod(times, 2.0f) == 0) ? low + rest : high - rest;
  }

  float place(const GridSample &op, float v) const
  {
    const float size = static_cast<float>(n);
    v = op.align_corners ? (v + 1) / 2 * (size - 1) : ((v + 1) * size - 1) / 2;
    constexpr float most = 1 << 21;   // also what is not a number
    v = std::min(v > -most ? v : -most, most);
    if (op.kind == ResizeKind::nearest) v = std::nearbyint(v);
    if (op.outside == Fill::edge && op.kind != ResizeKind::cubic) return std::clamp(v, 0.0f, size - 1);
    return op.outside == Fill::reflect ? reflected(v) : v;
  }

  std::vector<Tap> taps(const GridSample &op, float v) const
  {
    const double at = static_cast<double>(place(op, v)), first = std::floor(at), t = at - first;
    const int64_t i = static_cast<int64_t>(first);
    std::vector<Tap> all;
    if (op.kind == ResizeKind::nearest) all = {{i, 1}};
    else if (op.kind == ResizeKind::linear) all = {{i, 1 - t}, {i + 1, t}};
    else
      for (int64_t k = -1; k < 3; ++k) all.push_back({i + k, keys(std::abs(t - static_cast<double>(k)))});
    for (Tap &tap : all) {
      if (tap.from >= 0 && tap.from < n) continue;
      if (op.outside == Fill::zero) tap = {0, 0};
      else if (op.outside == Fill::edge) tap.from = std::clamp<int64_t>(tap.from, 0, n - 1);
      else tap.from = std::clamp<int64_t>(static_cast<int64_t>(reflected(static_cast<float>(tap.from))), 0, n - 1);
    }
    return all;
  }

  // Keys' kernel at distance d < 2.
  static double keys(double d)
  {
    constexpr double a = -0.75;
    return d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
  }
};

}  // namespace

Tensor compute(const GridSample &op, const Tensors &in, const Value &out)
{
  const std::vector<double> x = in[0]->numbers(), grid = in[1]->numbers();
  const Shape &shape = in[0]->shape;
  const Axis rows(shape[2], op.align_corners), columns(shape[3], op.align_corners);
  const int64_t channels = shape[1], plane = shape[2] * shape[3], places = out.shape[2] * out.shape[3];
  std::vector<double> y(static_cast<size_t>(count(out.shape)));
  for (int64_t n = 0; n < shape[0]; ++n)
    for (int64_t p = 0; p < places; ++p) {
      const double *at = grid.data() + (n * places + p) * 2;
      const std::vector<Tap> across = columns.taps(op, static_cast<float>(at[0])), down = rows.taps(op, static_cast<float>(at[1]));
      for (int64_t c = 0; c < channels; ++c)
        for (const Tap &r : down)
          for (const Tap &q : across)
            if (r.weight != 0 && q.weight != 0)   // what is left out may be infinite
              y[static_cast<size_t>((n * channels + c) * places + p)] +=
                  r.weight * q.weight * x[static_cast<size_t>((n * channels + c) * plane + r.from * shape[3] + q.from)];
    }
  return tensor_of(out, y);
}

}  // namespace net2c
