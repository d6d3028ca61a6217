#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/common.h"

namespace net2c {

namespace {

bool has(const Ints &axes, size_t d) { return std::find(axes.begin(), axes.end(), static_cast<int64_t>(d)) != axes.end(); }

// Of nothing: the least and greatest numbers of W, infinite where it has such.
template <class W>
W start_of(ReduceKind kind)
{
  using Limits = std::numeric_limits<W>;
  switch (kind) {
    case ReduceKind::max: return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    case ReduceKind::min: return Limits::has_infinity ? Limits::infinity() : Limits::max();
    case ReduceKind::prod: return 1;
    default: return 0;
  }
}

double magnitude(double x) { return std::fabs(x); }
int64_t magnitude(int64_t x) { return x < 0 ? static_cast<int64_t>(0 - static_cast<uint64_t>(x)) : x; }
uint64_t magnitude(uint64_t x) { return x; }

// Integers wrap: sums and products of them are made as unsigned ones.
template <class W>
using Wrapping = std::conditional_t<std::is_same_v<W, double>, double, uint64_t>;
template <class W>
W sum(W a, W b)
{
  return static_cast<W>(static_cast<Wrapping<W>>(a) + static_cast<Wrapping<W>>(b));
}
template <class W>
W times(W a, W b)
{
  return static_cast<W>(static_cast<Wrapping<W>>(a) * static_cast<Wrapping<W>>(b));
}

template <class W>
W step(ReduceKind kind, W so_far, W x)
{
  switch (kind) {
    case ReduceKind::max: return so_far > x ? so_far : x;
    case ReduceKind::min: return so_far < x ? so_far : x;
    case ReduceKind::prod: return times(so_far, x);
    case ReduceKind::l1: return sum(so_far, magnitude(x));
    case ReduceKind::l2:
    case ReduceKind::sum_square: return sum(so_far, times(x, x));
    default: return sum(so_far, x);
  }
}

}  // namespace

TypedShape infer(const Reduce &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  for (size_t i = 0; i < op.axes.size(); ++i) {
    want_axis(op.axes[i], x.shape);
    if (i && op.axes[i] <= op.axes[i - 1]) fail({}, "axes {} are not ascending", fmt::join(op.axes, ","));
  }
  if (op.kind == ReduceKind::l2 || op.kind == ReduceKind::log_sum || op.kind == ReduceKind::log_sum_exp) want_float(x, "x");
  if (x.type == Type::boolean && op.kind != ReduceKind::max && op.kind != ReduceKind::min)
    fail({}, "{} of bools", name_of(op.kind));
  TypedShape y{x.type, {}};
  for (size_t d = 0; d < x.shape.size(); ++d)
    if (!has(op.axes, d)) y.shape.push_back(x.shape[d]);
    else if (op.keep_dims) y.shape.push_back(1);
  return y;
}

Tensor compute(const Reduce &op, const Tensors &in, const Value &out)
{
  const Tensor &x = *in[0];
  Shape kept = x.shape;  // as with keep_dims
  for (int64_t axis : op.axes) kept[static_cast<size_t>(axis)] = 1;
  const Ints strides = broadcast_strides(kept, x.shape);
  const int64_t n = row_of(x.shape), step_of = last(strides);
  Tensor y(out.type, out.shape);
  with_element(x.type, [&](auto e) {
    using E = decltype(e);
    using W = typename E::Wide;
    const auto from = x.as<typename E::Stored>();
    const auto to = y.as<typename E::Stored>();
    // Calls f(position in y, x) for every element.
    const auto each = [&](auto f) {
      each_row(x.shape, {strides}, [&](int64_t at, const Ints &offset) {
        for (int64_t i = 0; i < n; ++i) f(static_cast<size_t>(offset[0] + i * step_of), E::get(from[static_cast<size_t>(at + i)]));
      });
    };
    std::vector<W> result(to.size(), start_of<W>(op.kind));
    std::vector<W> largest;
    if (op.kind == ReduceKind::log_sum_exp) {
      largest.assign(to.size(), start_of<W>(ReduceKind::max));
      each([&](size_t i, W v) { largest[i] = step(ReduceKind::max, largest[i], v); });
      if constexpr (std::is_same_v<W, double>)
        each([&](size_t i, W v) { result[i] += std::isinf(largest[i]) ? std::exp(v) : std::exp(v - largest[i]); });
    } else {
      each([&](size_t i, W v) { result[i] = step(op.kind, result[i], v); });
    }
    int64_t count_of = 1;
    for (int64_t axis : op.axes) count_of *= x.shape[static_cast<size_t>(axis)];
    for (size_t i = 0; i < to.size(); ++i) {
      W value = result[i];
      if constexpr (std::is_same_v<W, double>) {
        if (op.kind == ReduceKind::mean) value /= static_cast<double>(count_of);
        if (op.kind == ReduceKind::l2) value = std::sqrt(value);
        if (op.kind == ReduceKind::log_sum) value = std::log(value);
        if (op.kind == ReduceKind::log_sum_exp) value = std::log(value) + (std::isinf(largest[i]) ? 0 : largest[i]);
      } else if (op.kind == ReduceKind::mean) {
        if (count_of == 0) fail({}, "the mean of no integers");
        value /= static_cast<W>(count_of);
      }
      // The limits of 64 bits stand for nothing at all; they become those of the type.
      if constexpr (!std::is_same_v<W, double>) {
        using S = typename E::Stored;
        if (count_of == 0 && op.kind == ReduceKind::max) value = static_cast<W>(std::numeric_limits<S>::lowest());
        if (count_of == 0 && op.kind == ReduceKind::min) value = static_cast<W>(std::numeric_limits<S>::max());
      }
      to[i] = E::put(value);
    }
  });
  return y;
}

}  // namespace net2c
