#include "graph/tensor.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <iterator>

namespace net2c {

namespace {

struct TypeInfo {
  const char *name;
  size_t size;
};
constexpr TypeInfo types[] = {{"f32", 4}, {"f16", 2}, {"f64", 8}, {"i8", 1},  {"u8", 1},  {"i16", 2},
                              {"u16", 2}, {"i32", 4}, {"u32", 4}, {"i64", 8}, {"u64", 8}, {"bool", 1}};
static_assert(std::size(types) == static_cast<size_t>(Type::boolean) + 1);

// Calls `f` with a value of the C++ type that stores `type`; f16 is handed over as uint16_t.
template <class F>
auto with_type(Type type, F f)
{
  switch (type) {
    case Type::f32: return f(float{});
    case Type::f16: return f(uint16_t{});
    case Type::f64: return f(double{});
    case Type::i8: return f(int8_t{});
    case Type::u8:
    case Type::boolean: return f(uint8_t{});
    case Type::i16: return f(int16_t{});
    case Type::u16: return f(uint16_t{});
    case Type::i32: return f(int32_t{});
    case Type::u32: return f(uint32_t{});
    case Type::i64: return f(int64_t{});
    case Type::u64: return f(uint64_t{});
  }
  bug("type {}", static_cast<int>(type));
}

}  // namespace

size_t size_of(Type type) { return types[static_cast<size_t>(type)].size; }
const char *name_of(Type type) { return types[static_cast<size_t>(type)].name; }

Type type_named(const std::string &name)
{
  for (size_t i = 0; i < std::size(types); ++i)
    if (name == types[i].name) return static_cast<Type>(i);
  fail({}, "'{}' is not an element type", name);
}

int64_t count(const Shape &shape)
{
  int64_t n = 1;
  bool empty = false;
  for (int64_t d : shape) {
    if (d < 0) fail({}, "shape {} has a negative size", text_of(shape));
    if (d == 0) empty = true;
    else if (__builtin_mul_overflow(n, d, &n) || n > int64_t{1} << 40) fail({}, "shape {} has too many elements", text_of(shape));
  }
  return empty ? 0 : n;
}

std::string text_of(const Shape &shape)
{
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape, "x"));
}

Tensor::Tensor(Type t, Shape s) : type(t), shape(std::move(s)), bytes(static_cast<size_t>(count(shape)) * size_of(t)) {}

std::vector<int64_t> Tensor::integers() const
{
  if (type == Type::f32 || type == Type::f16 || type == Type::f64) bug("integers of a {} tensor", name_of(type));
  return with_type(type, [&](auto zero) {
    const auto all = as<decltype(zero)>();
    return std::vector<int64_t>(all.begin(), all.end());
  });
}

std::vector<double> Tensor::numbers() const
{
  if (type == Type::f16) {
    std::vector<double> result;
    for (uint16_t h : as<uint16_t>()) result.push_back(half_to_float(h));
    return result;
  }
  return with_type(type, [&](auto zero) {
    const auto all = as<decltype(zero)>();
    return std::vector<double>(all.begin(), all.end());
  });
}

Tensor tensor_f32(Shape shape, const std::vector<float> &data)
{
  Tensor t(Type::f32, std::move(shape));
  if (t.as<float>().size() != data.size()) bug("{} floats for shape {}", data.size(), text_of(t.shape));
  std::copy(data.begin(), data.end(), t.as<float>().begin());
  return t;
}

Tensor tensor_i64(Shape shape, const std::vector<int64_t> &data)
{
  Tensor t(Type::i64, std::move(shape));
  if (t.as<int64_t>().size() != data.size()) bug("{} integers for shape {}", data.size(), text_of(t.shape));
  std::copy(data.begin(), data.end(), t.as<int64_t>().begin());
  return t;
}

float half_to_float(uint16_t h)
{
  const uint32_t sign = static_cast<uint32_t>(h & 0x8000) << 16, exponent = h >> 10 & 31, mantissa = h & 1023;
  if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
  const float value = static_cast<float>(mantissa) * 0x1p-24f;
  return sign ? -value : value;
}

uint16_t float_to_half(float f)
{
  const uint32_t u = std::bit_cast<uint32_t>(f), sign = u >> 16 & 0x8000, a = u & 0x7fffffff;
  if (a > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);
  if (a >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);
  if (a < 0x38800000) {
    const float scaled = std::bit_cast<float>(a) * 0x1p24f;  // exact; rounded to an integer below
    uint32_t m = static_cast<uint32_t>(scaled);
    const float rest = scaled - static_cast<float>(m);
    if (rest > 0.5f || (rest == 0.5f && (m & 1))) ++m;
    return static_cast<uint16_t>(sign | m);
  }
  const uint32_t rounded = a + 0xfff + (a >> 13 & 1);
  return static_cast<uint16_t>(sign | ((rounded >> 13) - (112 << 10)));
}

}  // namespace net2c
