// Element types, shapes and constant data.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace net2c {

enum class Type : uint8_t { f32, f16, f64, i8, u8, i16, u16, i32, u32, i64, u64, boolean };

size_t size_of(Type);
const char *name_of(Type);               // "f32", "bool", ...
Type type_named(const std::string &);    // Error when unknown

using Shape = std::vector<int64_t>;      // rank 0 to 6, row-major, every size known

// Product of the sizes; 1 for rank 0. Error when it does not fit in 2^40 elements.
int64_t count(const Shape &);
std::string text_of(const Shape &);      // "1x3x224x224"; "scalar" for rank 0

// Data with type and shape, row-major, little endian. bool is one byte, 0 or 1.
struct Tensor {
  Type type = Type::f32;
  Shape shape;
  std::vector<std::byte> bytes;

  Tensor() = default;
  Tensor(Type, Shape);                   // zeros
  int64_t size() const { return count(shape); }

  template <class T>
  std::span<T> as()
  {
    if (sizeof(T) != size_of(type)) bug("tensor of {} read with {} byte elements", name_of(type), sizeof(T));
    return {reinterpret_cast<T *>(bytes.data()), bytes.size() / sizeof(T)};
  }
  template <class T>
  std::span<const T> as() const
  {
    return const_cast<Tensor *>(this)->as<T>();
  }
  std::vector<int64_t> integers() const; // of any integer or bool type. Bug for float types
  std::vector<double> numbers() const;   // of any type
};

using TensorPtr = std::shared_ptr<const Tensor>;

Tensor tensor_f32(Shape, const std::vector<float> &);
Tensor tensor_i64(Shape, const std::vector<int64_t> &);

float half_to_float(uint16_t);
uint16_t float_to_half(float);           // nearest even

}  // namespace net2c
