#include "module/arrays.h"

#include <cstring>

namespace net2c::python {

namespace nb = nanobind;
using Code = nb::dlpack::dtype_code;

namespace {

struct Row {
  Type type;
  Code code;
  uint8_t bits;
};

constexpr Row types[] = {{Type::f32, Code::Float, 32}, {Type::f16, Code::Float, 16}, {Type::f64, Code::Float, 64}, {Type::i8, Code::Int, 8},
                         {Type::u8, Code::UInt, 8},    {Type::i16, Code::Int, 16},   {Type::u16, Code::UInt, 16},  {Type::i32, Code::Int, 32},
                         {Type::u32, Code::UInt, 32},  {Type::i64, Code::Int, 64},   {Type::u64, Code::UInt, 64},  {Type::boolean, Code::Bool, 8}};

}  // namespace

Tensor tensor_of(const Array &array, const std::string &what)
{
  for (const Row &row : types)
    if (array.dtype() == nb::dlpack::dtype{static_cast<uint8_t>(row.code), row.bits, 1}) {
      Shape shape;
      for (size_t d = 0; d < array.ndim(); ++d) shape.push_back(static_cast<int64_t>(array.shape(d)));
      Tensor t(row.type, shape);
      if (!t.bytes.empty()) std::memcpy(t.bytes.data(), array.data(), t.bytes.size());
      return t;
    }
  fail({}, "{}: the array's type is not one that networks have (floats, integers, bool)", what);
}

nb::ndarray<nb::numpy> array_of(Tensor t)
{
  const std::vector<size_t> shape(t.shape.begin(), t.shape.end());
  auto *bytes = new std::vector<std::byte>(std::move(t.bytes));
  const nb::capsule owner(bytes, [](void *p) noexcept { delete static_cast<std::vector<std::byte> *>(p); });
  for (const Row &row : types)
    if (row.type == t.type)
      return nb::ndarray<nb::numpy>(bytes->data(), shape.size(), shape.data(), owner, nullptr,
                                    {static_cast<uint8_t>(row.code), row.bits, 1});
  bug("tensors of {} have no array", name_of(t.type));
}

}  // namespace net2c::python
