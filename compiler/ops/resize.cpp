// Resize, axis by axis: every output is a weighted sum of a few inputs (ONNX, operator Resize). Coordinates come from the scales
// that the model gives, so with fractional scales the ends of align_corners are at scale * size. Weights want double; which
// element is nearest wants the float of other programs: 3.5 / 0.7f is 5 there, a tie, and a little more in double.
#include <algorithm>
#include <cmath>

#include "ops/common.h"
#include "ops/resize.h"

namespace net2c {

TypedShape infer(const Resize &op, const Values &inputs, const Shape &wanted)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  if (op.kind != ResizeKind::nearest) want_float(x, "x");
  if (op.scales.size() != x.shape.size() || wanted.size() != x.shape.size())
    fail({}, "{} scales and the result {} do not fit x {}", op.scales.size(), text_of(wanted), text_of(x.shape));
  if (op.coordinates == Coordinates::crop) {
    if (op.starts.size() != x.shape.size() || op.ends.size() != x.shape.size()) fail({}, "a crop needs a start and an end for each axis");
    for (const std::vector<double> *bounds : {&op.starts, &op.ends})
      for (double b : *bounds)
        if (!(std::fabs(b) < 1e6)) fail({}, "a crop from or to {}", b);
  }
  for (size_t d = 0; d < wanted.size(); ++d) {
    if (!(op.scales[d] > 0) || std::isinf(op.scales[d])) fail({}, "scale {} along axis {}", op.scales[d], d);
    // The filter of antialias reaches 2 / scale elements: a bound that also keeps it from growing without sense.
    if (op.scales[d] < 1e-6) fail({}, "scale {} along axis {} is too small", op.scales[d], d);
    if (x.shape[d] < 1 && wanted[d] > 0) fail({}, "an empty axis {} cannot become {}", d, wanted[d]);
    want_between("a size", x.shape[d], 0, window_limit);
    want_between("a size", wanted[d], 0, window_limit);
  }
  return {x.type, wanted};
}

namespace {

struct Axis {
  const Resize &op;
  size_t d;
  int64_t in, out;
  double scale = op.scales[d];

  template <class Real>
  Real source(int64_t i) const
  {
    const Real x = static_cast<Real>(i), size = static_cast<Real>(in), s = static_cast<Real>(scale), half = Real{0.5};
    const Real resized = static_cast<Real>(scale * static_cast<double>(in));
    switch (op.coordinates) {
      case Coordinates::half_pixel: return (x + half) / s - half;
      case Coordinates::pytorch_half_pixel: return out == 1 ? 0 : (x + half) / s - half;
      case Coordinates::asymmetric: return x / s;
      case Coordinates::align_corners: return out == 1 || resized <= 1 ? 0 : x * (size - 1) / (resized - 1);
      case Coordinates::half_pixel_symmetric: return size / 2 * (1 - static_cast<Real>(out) / resized) + (x + half) / s - half;
      case Coordinates::half_pixel_centre: return (x + half) / s;
      case Coordinates::crop: {
        const Real start = static_cast<Real>(op.starts[d]), end = static_cast<Real>(op.ends[d]);
        if (out == 1) return half * (start + end) * (size - 1);
        return start * (size - 1) + x * (end - start) * (size - 1) / static_cast<Real>(out - 1);
      }
    }
    bug("coordinates {}", static_cast<int>(op.coordinates));
  }

  int64_t nearest(double x) const
  {
    const double below = std::floor(x), rest = x - below;
    constexpr double about = 1e-6;   // a tie, but for the rounding of x
    switch (op.nearest) {
      case Nearest::round_prefer_floor: return static_cast<int64_t>(rest <= 0.5 + about ? below : below + 1);
      case Nearest::round_prefer_ceil: return static_cast<int64_t>(rest < 0.5 - about ? below : below + 1);
      case Nearest::floor: return static_cast<int64_t>(below);
      case Nearest::ceil: return static_cast<int64_t>(std::ceil(x));
    }
    bug("nearest {}", static_cast<int>(op.nearest));
  }

  // The filter at distance x: a triangle, or the cubic convolution of Keys with parameter a.
  double filter(double x) const
  {
    x = std::fabs(x);
    if (op.kind == ResizeKind::linear) return std::max(0.0, 1 - x);
    const double a = static_cast<double>(op.cubic_a);
    if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
    return 0;
  }
};

}  // namespace

bool stays(const Resize &op, size_t axis, int64_t in, int64_t out)
{
  if (op.coordinates == Coordinates::crop && (op.starts[axis] != 0 || op.ends[axis] != 1)) return false;
  return in == out && (op.scales[axis] == 1 || in == 1);
}

double source_of(const Resize &op, size_t axis, int64_t in, int64_t out, int64_t i)
{
  const Axis a{op, axis, in, out};
  return op.kind == ResizeKind::nearest ? static_cast<double>(a.source<float>(i)) : a.source<double>(i);
}

std::vector<Tap> taps_of(const Resize &op, size_t d, int64_t in, int64_t out, int64_t i)
{
  const Axis axis{op, d, in, out};
  if (axis.op.kind == ResizeKind::nearest)
    return {{std::clamp<int64_t>(axis.nearest(static_cast<double>(axis.source<float>(i))), 0, axis.in - 1), 1.0}};
  const double x = axis.source<double>(i);
  // Shrinking with antialias widens the filter by 1 / scale.
  const double narrow = axis.op.antialias ? std::min(axis.scale, 1.0) : 1.0;
  const double support = axis.op.kind == ResizeKind::linear ? 1 : 2;
  const int64_t base = static_cast<int64_t>(std::ceil(x)) - 1, reach = -static_cast<int64_t>(std::floor(-support / narrow) + 1);
  std::vector<Tap> taps;
  double sum = 0;
  for (int64_t k = base - reach; k <= base + 1 + reach; ++k) {
    if (axis.op.exclude_outside && (k < 0 || k >= axis.in)) continue;
    const double weight = axis.filter(narrow * (static_cast<double>(k) - x));
    taps.push_back({std::clamp<int64_t>(k, 0, axis.in - 1), weight});
    sum += weight;
  }
  if (sum != 0)   // not 1 with exclude_outside and antialias only
    for (Tap &tap : taps) tap.weight /= sum;
  return taps;
}

Tensor compute(const Resize &op, const Tensors &in, const Value &out)
{
  const size_t rank = out.shape.size();
  if (op.kind == ResizeKind::nearest) {
    std::vector<Ints> maps(rank);
    for (size_t d = 0; d < rank; ++d)
      for (int64_t i = 0; i < out.shape[d]; ++i) maps[d].push_back(taps_of(op, d, in[0]->shape[d], out.shape[d], i)[0].from);
    return pick(*in[0], out.shape, maps);
  }
  Shape shape = in[0]->shape;
  std::vector<double> x = in[0]->numbers();
  for (size_t d = rank; d-- > 0;) {
    if (stays(op, d, shape[d], out.shape[d])) continue;
    const int64_t n = shape[d], m = out.shape[d];
    const int64_t outer = product(shape, 0, d), inner = product(shape, d + 1, rank);
    shape[d] = m;
    std::vector<double> y(static_cast<size_t>(count(shape)));
    for (int64_t i = 0; i < m; ++i)
      for (const Tap &tap : taps_of(op, d, n, m, i))
        for (int64_t o = 0; o < outer; ++o) {
          const double *from = x.data() + (o * n + tap.from) * inner;
          double *to = y.data() + (o * m + i) * inner;
          for (int64_t k = 0; k < inner; ++k) to[k] += tap.weight * from[k];
        }
    x = std::move(y);
  }
  return tensor_of(out, x);
}

}  // namespace net2c
