#include "ops/common.h"

#include <algorithm>

namespace net2c {

const Value &need(const Values &inputs, size_t i, const char *what)
{
  const Value *value = input(inputs, i);
  if (!value) fail({}, "the input '{}' (number {}) is missing", what, i);
  return *value;
}

void no_more_than(const Values &inputs, size_t n)
{
  if (inputs.size() > n) fail({}, "{} inputs given, at most {} are known", inputs.size(), n);
}

void want_rank(const Value &value, size_t rank, const char *what)
{
  if (value.shape.size() != rank) fail({}, "{} has shape {}, but must have {} dimensions", what, text_of(value.shape), rank);
}

void want_shape(const Value &value, const Shape &shape, const char *what)
{
  if (value.shape != shape) fail({}, "{} has shape {}, but must have {}", what, text_of(value.shape), text_of(shape));
}

void want_type(const Value &value, Type type, const char *what)
{
  if (value.type != type) fail({}, "{} is of type {}, but must be {}", what, name_of(value.type), name_of(type));
}

bool is_float(Type type) { return type == Type::f32 || type == Type::f16 || type == Type::f64; }

void want_float(const Value &value, const char *what)
{
  if (!is_float(value.type)) fail({}, "{} is of type {}, but must be a float type", what, name_of(value.type));
}

void want_axis(int64_t axis, const Shape &shape)
{
  if (axis < 0 || axis >= static_cast<int64_t>(shape.size())) fail({}, "axis {} is not one of shape {}", axis, text_of(shape));
}

void want_between(const char *what, int64_t value, int64_t low, int64_t high)
{
  if (value < low || value > high) fail({}, "{} is {}, but must be {} to {}", what, value, low, high);
}

void want_ints(const char *what, const Ints &values, size_t n, int64_t low, int64_t high)
{
  if (values.size() != n) fail({}, "{} has {} numbers, but must have {}", what, values.size(), n);
  for (int64_t v : values) want_between(what, v, low, high);
}

int64_t windows(int64_t size, int64_t before, int64_t after, int64_t kernel, int64_t stride, int64_t dilation)
{
  want_between("a size", size, 0, window_limit);
  want_between("a kernel size", kernel, 1, window_limit);
  const int64_t room = size + before + after - dilation * (kernel - 1) - 1;
  return room < 0 ? 0 : room / stride + 1;
}

int64_t filled_from(int64_t i, int64_t n, Fill fill)
{
  if (i >= 0 && i < n) return i;
  switch (fill) {
    case Fill::zero: return -1;
    case Fill::edge: return i < 0 ? 0 : n - 1;
    case Fill::reflect: return i < 0 ? -i : 2 * (n - 1) - i;
  }
  bug("fill {}", static_cast<int>(fill));
}

int64_t product(const Shape &shape, size_t from, size_t to)
{
  return count(Shape(shape.begin() + static_cast<ptrdiff_t>(from), shape.begin() + static_cast<ptrdiff_t>(to)));
}

Shape broadcast(const Shape &a, const Shape &b)
{
  Shape result(std::max(a.size(), b.size()));
  for (size_t i = 1; i <= result.size(); ++i) {
    const int64_t p = i <= a.size() ? a[a.size() - i] : 1, q = i <= b.size() ? b[b.size() - i] : 1;
    if (p != q && p != 1 && q != 1) fail({}, "shapes {} and {} do not fit by broadcasting", text_of(a), text_of(b));
    result[result.size() - i] = p == 1 ? q : p;
  }
  count(result);
  return result;
}

Ints strides_of(const Shape &shape)
{
  Ints strides(shape.size());
  int64_t step = 1;
  for (size_t d = shape.size(); d-- > 0; step *= std::max<int64_t>(shape[d], 1)) strides[d] = step;
  return strides;
}

Ints broadcast_strides(const Shape &from, const Shape &to)
{
  const Ints own = strides_of(from);
  Ints strides(to.size());
  for (size_t i = 1; i <= from.size(); ++i)
    if (from[from.size() - i] != 1) strides[to.size() - i] = own[from.size() - i];
  return strides;
}

Tensor tensor_of(const Value &value, const std::vector<double> &numbers)
{
  Tensor y(value.type, value.shape);
  with_element(value.type, [&](auto e) {
    using E = decltype(e);
    auto to = y.as<typename E::Stored>();
    if (to.size() != numbers.size()) bug("{} numbers for shape {}", numbers.size(), text_of(value.shape));
    for (size_t i = 0; i < to.size(); ++i) to[i] = E::put(static_cast<typename E::Wide>(numbers[i]));
  });
  return y;
}

Tensor pick(const Tensor &x, const Shape &shape, const std::vector<Ints> &maps, const std::vector<std::byte> &fill)
{
  Tensor y(x.type, shape);
  const Ints strides = strides_of(x.shape);
  const size_t rank = shape.size();
  with_bits(x.type, [&](auto zero) {
    using T = decltype(zero);
    const auto from = x.as<T>();
    const auto to = y.as<T>();
    T other{};
    if (!fill.empty()) other = *reinterpret_cast<const T *>(fill.data());
    Ints index(rank);
    const int64_t total = count(shape), row = row_of(shape);
    for (int64_t at = 0; at < total; at += row) {
      int64_t base = 0;
      for (size_t d = 0; d + 1 < rank && base >= 0; ++d) {
        const int64_t source = maps[d][static_cast<size_t>(index[d])];
        base = source < 0 ? -1 : base + source * strides[d];
      }
      for (int64_t i = 0; i < row; ++i) {
        const int64_t source = rank ? maps[rank - 1][static_cast<size_t>(i)] : 0;
        to[static_cast<size_t>(at + i)] = base < 0 || source < 0 ? other : from[static_cast<size_t>(base + source)];
      }
      for (size_t d = rank; d-- > 0;) {
        if (d + 1 == rank) continue;
        if (++index[d] < shape[d]) break;
        index[d] = 0;
      }
    }
  });
  return y;
}

void check_epilogue(const Values &inputs, const TypedShape &result, int64_t channels)
{
  no_more_than(inputs, 6);
  const auto vector = [&](size_t i, const char *what) {
    if (const Value *v = input(inputs, i)) want_type(*v, result.type, what), want_shape(*v, {channels}, what);
  };
  vector(2, "bias");
  vector(epilogue_scale, "scale");
  vector(epilogue_shift, "shift");
  if (const Value *residual = input(inputs, epilogue_residual))
    want_type(*residual, result.type, "residual"), want_shape(*residual, result.shape, "residual");
}

Finish::Finish(const Epilogue &epilogue, const Tensors &inputs) : act_(epilogue.act)
{
  const auto numbers = [&](size_t i) { return input(inputs, i) ? inputs[i]->numbers() : std::vector<double>{}; };
  bias_ = numbers(2);
  residual_ = numbers(epilogue_residual);
  scale_ = numbers(epilogue_scale);
  shift_ = numbers(epilogue_shift);
}

double Finish::operator()(double sum, int64_t channel, int64_t at) const
{
  const auto c = static_cast<size_t>(channel);
  if (!bias_.empty()) sum += bias_[c];
  if (!residual_.empty()) sum += residual_[static_cast<size_t>(at)];
  double y = apply(act_, sum);
  if (!scale_.empty()) y *= scale_[c];
  if (!shift_.empty()) y += shift_[c];
  return y;
}

}  // namespace net2c
