// What the op families share: checks of inputs, shapes and strides, and how the element types are computed with.
#pragma once

#include <cmath>
#include <limits>

#include "ops/families.h"

namespace net2c {

// Input i or nullptr when it is absent.
template <class T>
const T *input(const std::vector<const T *> &inputs, size_t i)
{
  return i < inputs.size() ? inputs[i] : nullptr;
}
const Value &need(const Values &, size_t i, const char *what);  // Error when absent
void no_more_than(const Values &, size_t n);                    // Error when there are more inputs
void want_rank(const Value &, size_t rank, const char *what);
void want_shape(const Value &, const Shape &, const char *what);
void want_type(const Value &, Type, const char *what);
void want_float(const Value &, const char *what);
void want_axis(int64_t axis, const Shape &);
bool is_float(Type);

// Sizes that windows are made of stay below this, so that products of two cannot overflow.
inline constexpr int64_t window_limit = int64_t{1} << 30;
void want_between(const char *what, int64_t value, int64_t low, int64_t high);
void want_ints(const char *what, const Ints &, size_t n, int64_t low, int64_t high);

// Windows that fit entirely: (size + before + after - dilation (kernel - 1) - 1) / stride + 1, or 0.
int64_t windows(int64_t size, int64_t before, int64_t after, int64_t kernel, int64_t stride, int64_t dilation);

// Where position i of a padded axis of n elements comes from: -1 for a zero.
int64_t filled_from(int64_t i, int64_t n, Fill);

int64_t product(const Shape &, size_t from, size_t to);
Shape broadcast(const Shape &, const Shape &);  // Error when they do not fit
Ints strides_of(const Shape &);
Ints broadcast_strides(const Shape &from, const Shape &to);  // 0 where an axis is repeated

// Calls f(at, offsets) for each row (last axis) of `shape`: `at` is the row-major position, `offsets` the position in each
// operand whose steps along the axes are given.
template <class F>
void each_row(const Shape &shape, const std::vector<Ints> &strides, F f)
{
  const int64_t total = count(shape), row = shape.empty() ? 1 : shape.back();
  Ints index(shape.size()), from(strides.size());
  for (int64_t at = 0; at < total; at += row) {
    f(at, from);
    for (size_t d = shape.size(); d-- > 0;) {
      if (d + 1 == shape.size()) continue;
      ++index[d];
      for (size_t k = 0; k < from.size(); ++k) from[k] += strides[k][d];
      if (index[d] < shape[d]) break;
      for (size_t k = 0; k < from.size(); ++k) from[k] -= strides[k][d] * shape[d];
      index[d] = 0;
    }
  }
}
inline int64_t row_of(const Shape &shape) { return shape.empty() ? 1 : shape.back(); }
inline int64_t last(const Ints &strides) { return strides.empty() ? 0 : strides.back(); }

// How elements of one type are stored, and in which type they are computed with.
template <class S, class W>
struct Element {
  using Stored = S;
  using Wide = W;
  static W get(S s) { return static_cast<W>(s); }
  static S put(W w) { return static_cast<S>(w); }
};
struct HalfElement {
  using Stored = uint16_t;
  using Wide = double;
  static double get(uint16_t h) { return half_to_float(h); }
  static uint16_t put(double w) { return float_to_half(static_cast<float>(w)); }
};
struct BoolElement {
  using Stored = uint8_t;
  using Wide = uint64_t;
  static uint64_t get(uint8_t b) { return b != 0; }
  static uint8_t put(uint64_t w) { return w != 0; }
};

// Calls f with the Element of `type`. Floats are computed with in double and rounded once, integers in 64 bits and wrapped.
template <class F>
auto with_element(Type type, F f)
{
  switch (type) {
    case Type::f32: return f(Element<float, double>{});
    case Type::f16: return f(HalfElement{});
    case Type::f64: return f(Element<double, double>{});
    case Type::i8: return f(Element<int8_t, int64_t>{});
    case Type::i16: return f(Element<int16_t, int64_t>{});
    case Type::i32: return f(Element<int32_t, int64_t>{});
    case Type::i64: return f(Element<int64_t, int64_t>{});
    case Type::u8: return f(Element<uint8_t, uint64_t>{});
    case Type::u16: return f(Element<uint16_t, uint64_t>{});
    case Type::u32: return f(Element<uint32_t, uint64_t>{});
    case Type::u64: return f(Element<uint64_t, uint64_t>{});
    case Type::boolean: return f(BoolElement{});
  }
  bug("type {}", static_cast<int>(type));
}

// Calls f with an unsigned integer as wide as the type: for moving elements about.
template <class F>
auto with_bits(Type type, F f)
{
  switch (size_of(type)) {
    case 1: return f(uint8_t{});
    case 2: return f(uint16_t{});
    case 4: return f(uint32_t{});
    default: return f(uint64_t{});
  }
}

// A float as an integer, fraction cut off. Beyond the integer type: its nearest number; not a number: 0.
template <class S>
S truncated(double x)
{
  if (std::isnan(x)) return 0;
  if (x <= static_cast<double>(std::numeric_limits<S>::lowest())) return std::numeric_limits<S>::lowest();
  if (x >= static_cast<double>(std::numeric_limits<S>::max())) return std::numeric_limits<S>::max();
  return static_cast<S>(x);
}

Tensor tensor_of(const Value &, const std::vector<double> &);  // rounded to the value's float type

// One copy for Slice, Pad, Expand and nearest Resize: element (i, j, ...) is x(maps[0][i], maps[1][j], ...), or `fill` (an
// element of x's type) where a map says -1.
Tensor pick(const Tensor &x, const Shape &shape, const std::vector<Ints> &maps, const std::vector<std::byte> &fill = {});

double apply(const Unary &, double x);

// The end of Conv, ConvTranspose and MatMul (op.h, Epilogue). `channels`: how many numbers bias, scale and shift have.
void check_epilogue(const Values &, const TypedShape &result, int64_t channels);
class Finish {
 public:
  Finish(const Epilogue &, const Tensors &);
  // `at`: row-major position in the result.
  double operator()(double sum, int64_t channel, int64_t at) const;

 private:
  Unary act_;
  std::vector<double> bias_, residual_, scale_, shift_;
};

}  // namespace net2c
