#include <cmath>

#include "ops/common.h"

namespace net2c {

namespace {

bool is_comparison(BinaryKind kind) { return kind >= BinaryKind::equal && kind <= BinaryKind::greater_equal; }
bool is_logical(BinaryKind kind) { return kind >= BinaryKind::logical_and && kind <= BinaryKind::logical_xor; }

double arithmetic(BinaryKind kind, double a, double b)
{
  switch (kind) {
    case BinaryKind::add: return a + b;
    case BinaryKind::sub: return a - b;
    case BinaryKind::mul: return a * b;
    case BinaryKind::div: return a / b;
    case BinaryKind::pow: return std::pow(a, b);
    case BinaryKind::min: return a < b ? a : b;  // the second when one is not a number, as kernels have it
    case BinaryKind::max: return a > b ? a : b;
    case BinaryKind::prelu: return a < 0 ? a * b : a;
    case BinaryKind::fmod: return std::fmod(a, b);
    case BinaryKind::mod: {
      const double rest = std::fmod(a, b);
      return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    default: bug("{} is not arithmetic", name_of(kind));
  }
}

// Integers wrap, so they are added and multiplied as unsigned ones.
template <class W>
W power(W base, W exponent)
{
  if (exponent < 0) {
    if (base == 0) fail({}, "0 to the power of a negative integer");
    return base == 1 ? 1 : base == static_cast<W>(-1) ? (exponent % 2 ? base : 1) : 0;
  }
  uint64_t result = 1, square = static_cast<uint64_t>(base);
  for (uint64_t e = static_cast<uint64_t>(exponent); e; e >>= 1, square *= square)
    if (e & 1) result *= square;
  return static_cast<W>(result);
}

template <class W>
W arithmetic(BinaryKind kind, W a, W b)
{
  const uint64_t p = static_cast<uint64_t>(a), q = static_cast<uint64_t>(b);
  switch (kind) {
    case BinaryKind::add: return static_cast<W>(p + q);
    case BinaryKind::sub: return static_cast<W>(p - q);
    case BinaryKind::mul: return static_cast<W>(p * q);
    case BinaryKind::pow: return power(a, b);
    case BinaryKind::min: return a < b ? a : b;
    case BinaryKind::max: return a > b ? a : b;
    case BinaryKind::prelu: return a < 0 ? static_cast<W>(p * q) : a;
    case BinaryKind::div:
    case BinaryKind::mod:
    case BinaryKind::fmod: {
      if (b == 0) fail({}, "an integer is divided by 0");
      const bool minus_one = std::is_signed_v<W> && b == static_cast<W>(-1);  // the lowest integer / -1 would overflow
      if (kind == BinaryKind::div) return minus_one ? static_cast<W>(0 - p) : a / b;
      const W rest = minus_one ? 0 : a % b;
      return kind == BinaryKind::mod && rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
    }
    default: bug("{} is not arithmetic", name_of(kind));
  }
}

template <class W>
bool holds(BinaryKind kind, W a, W b)
{
  switch (kind) {
    case BinaryKind::equal: return a == b;
    case BinaryKind::less: return a < b;
    case BinaryKind::less_equal: return a <= b;
    case BinaryKind::greater: return a > b;
    case BinaryKind::greater_equal: return a >= b;
    case BinaryKind::logical_and: return a != 0 && b != 0;
    case BinaryKind::logical_or: return a != 0 || b != 0;
    case BinaryKind::logical_xor: return (a != 0) != (b != 0);
    default: bug("{} is not a condition", name_of(kind));
  }
}

}  // namespace

TypedShape infer(const Binary &op, const Values &inputs, const Shape &)
{
  const Value &a = need(inputs, 0, "a"), &b = need(inputs, 1, "b");
  no_more_than(inputs, 2);
  want_type(b, a.type, "b");
  const bool condition = is_comparison(op.kind) || is_logical(op.kind);
  if (is_logical(op.kind)) want_type(a, Type::boolean, "a");
  else if (!condition && a.type == Type::boolean) fail({}, "{} of bools", name_of(op.kind));
  return {condition ? Type::boolean : a.type, broadcast(a.shape, b.shape)};
}

Tensor compute(const Binary &op, const Tensors &in, const Value &out)
{
  Tensor y(out.type, out.shape);
  const Ints left = broadcast_strides(in[0]->shape, out.shape), right = broadcast_strides(in[1]->shape, out.shape);
  const int64_t n = row_of(out.shape);
  const bool condition = is_comparison(op.kind) || is_logical(op.kind);
  with_element(in[0]->type, [&](auto e) {
    using E = decltype(e);
    const auto *a = in[0]->as<typename E::Stored>().data(), *b = in[1]->as<typename E::Stored>().data();
    const auto fill = [&](auto *to, auto f) {
      each_row(out.shape, {left, right}, [&](int64_t at, const Ints &from) {
        for (int64_t i = 0; i < n; ++i) to[at + i] = f(E::get(a[from[0] + i * last(left)]), E::get(b[from[1] + i * last(right)]));
      });
    };
    if (condition) fill(y.as<uint8_t>().data(), [&](auto p, auto q) { return static_cast<uint8_t>(holds(op.kind, p, q)); });
    else fill(y.as<typename E::Stored>().data(), [&](auto p, auto q) { return E::put(arithmetic(op.kind, p, q)); });
  });
  return y;
}

TypedShape infer(const Select &, const Values &inputs, const Shape &)
{
  const Value &condition = need(inputs, 0, "condition"), &yes = need(inputs, 1, "yes"), &no = need(inputs, 2, "no");
  no_more_than(inputs, 3);
  want_type(condition, Type::boolean, "condition");
  want_type(no, yes.type, "no");
  return {yes.type, broadcast(condition.shape, broadcast(yes.shape, no.shape))};
}

Tensor compute(const Select &, const Tensors &in, const Value &out)
{
  Tensor y(out.type, out.shape);
  std::vector<Ints> strides;
  for (const Tensor *t : in) strides.push_back(broadcast_strides(t->shape, out.shape));
  const int64_t n = row_of(out.shape);
  with_bits(out.type, [&](auto zero) {
    using T = decltype(zero);
    const auto *condition = in[0]->as<uint8_t>().data();
    const auto *yes = in[1]->as<T>().data(), *no = in[2]->as<T>().data();
    auto *to = y.as<T>().data();
    each_row(out.shape, strides, [&](int64_t at, const Ints &from) {
      for (int64_t i = 0; i < n; ++i)
        to[at + i] =
            condition[from[0] + i * last(strides[0])] ? yes[from[1] + i * last(strides[1])] : no[from[2] + i * last(strides[2])];
    });
  });
  return y;
}

TypedShape infer(const Affine &, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x"), &scale = need(inputs, 1, "scale"), &shift = need(inputs, 2, "shift");
  no_more_than(inputs, 3);
  want_float(x, "x");
  want_axis(1, x.shape);
  for (const Value *v : {&scale, &shift}) want_type(*v, x.type, "scale or shift"), want_shape(*v, {x.shape[1]}, "scale or shift");
  return {x.type, x.shape};
}

Tensor compute(const Affine &, const Tensors &in, const Value &out)
{
  std::vector<double> x = in[0]->numbers();
  const std::vector<double> scale = in[1]->numbers(), shift = in[2]->numbers();
  const size_t plane = static_cast<size_t>(product(out.shape, 2, out.shape.size()));
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t c = i / plane % scale.size();
    x[i] = std::fma(x[i], scale[c], shift[c]);
  }
  return tensor_of(out, x);
}

}  // namespace net2c
