#include <array>
#include <bit>
#include <cstring>
#include <iterator>

#include "import/onnx/onnx.h"
#include "import/onnx/read.h"

namespace net2c::onnx {

namespace {

constexpr std::array names = {"undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string",
                              "bool", "float16", "float64", "uint32", "uint64", "complex64", "complex128", "bfloat16"};

static_assert(std::endian::native == std::endian::little, "raw data and tensors are little endian");

template <class To, class From>
void convert(const std::vector<From> &from, Tensor &to)
{
  const auto all = to.as<To>();
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<To>(from[i]);
}

// How many elements the typed field for this type has.
size_t typed_size(const TensorRecord &t)
{
  switch (t.data_type) {
    case dt_float: return t.floats.size();
    case dt_double: return t.doubles.size();
    case dt_int64: return t.int64s.size();
    case dt_uint32:
    case dt_uint64: return t.uint64s.size();
    default: return t.int32s.size();
  }
}

void fill_typed(const TensorRecord &t, Tensor &to)
{
  switch (to.type) {
    case Type::f32: return convert<float>(t.floats, to);
    case Type::f64: return convert<double>(t.doubles, to);
    case Type::i64: return convert<int64_t>(t.int64s, to);
    case Type::u64: return convert<uint64_t>(t.uint64s, to);
    case Type::u32: return convert<uint32_t>(t.uint64s, to);
    case Type::i32: return convert<int32_t>(t.int32s, to);
    case Type::f16:
    case Type::u16: return convert<uint16_t>(t.int32s, to);
    case Type::i16: return convert<int16_t>(t.int32s, to);
    case Type::i8: return convert<int8_t>(t.int32s, to);
    case Type::u8:
    case Type::boolean: return convert<uint8_t>(t.int32s, to);
  }
}

// bf16 is the upper half of an f32.
void fill_bfloat16(const TensorRecord &t, Tensor &to)
{
  const auto all = to.as<float>();
  for (size_t i = 0; i < all.size(); ++i) {
    uint16_t half = 0;
    if (t.raw) std::memcpy(&half, t.raw->data() + 2 * i, 2);
    else half = static_cast<uint16_t>(t.int32s[i]);
    all[i] = std::bit_cast<float>(static_cast<uint32_t>(half) << 16);
  }
}

}  // namespace

std::string name_of_data_type(int32_t type)
{
  return type >= 0 && static_cast<size_t>(type) < names.size() ? names[static_cast<size_t>(type)] : fmt::format("number {}", type);
}

Type type_of(int32_t data_type)
{
  switch (data_type) {
    case dt_float:
    case dt_bfloat16: return Type::f32;
    case dt_uint8: return Type::u8;
    case dt_int8: return Type::i8;
    case dt_uint16: return Type::u16;
    case dt_int16: return Type::i16;
    case dt_int32: return Type::i32;
    case dt_int64: return Type::i64;
    case dt_bool: return Type::boolean;
    case dt_float16: return Type::f16;
    case dt_double: return Type::f64;
    case dt_uint32: return Type::u32;
    case dt_uint64: return Type::u64;
    default: fail({}, "element type {} is not supported; convert the model to float32", name_of_data_type(data_type));
  }
}

Tensor to_tensor(const TensorRecord &record)
{
  if (record.external) fail({}, "its data is in another file, which is read for a model only");
  if (record.segmented) fail({}, "its data is split into segments, which is not supported; save the model again");
  const Type type = type_of(record.data_type);
  if (record.dims.size() > 6) fail({}, "{} dimensions; at most 6 are supported", record.dims.size());
  // Before any memory is taken, the data must really be there.
  const size_t n = static_cast<size_t>(count(record.dims));
  const size_t element = record.data_type == dt_bfloat16 ? 2 : size_of(type);
  if (record.raw ? record.raw->size() != n * element : typed_size(record) != n)
    fail({}, "its data has {} {}, but shape {} of {} needs {}; the file is damaged", record.raw ? record.raw->size() : typed_size(record),
         record.raw ? "bytes" : "elements", text_of(record.dims), name_of_data_type(record.data_type), record.raw ? n * element : n);
  Tensor t(type, record.dims);
  if (record.data_type == dt_bfloat16) fill_bfloat16(record, t);
  else if (!record.raw) fill_typed(record, t);
  else if (!t.bytes.empty()) std::memcpy(t.bytes.data(), record.raw->data(), t.bytes.size());
  if (type == Type::boolean)
    for (std::byte &b : t.bytes) b = b == std::byte{0} ? std::byte{0} : std::byte{1};
  return t;
}

Tensor read_tensor_proto(const std::string &path, std::span<const std::byte> bytes, std::string *name)
{
  const TensorRecord record = read_tensor(path, bytes);
  if (name) *name = record.name;
  try {
    return to_tensor(record);
  } catch (const Error &error) {
    fail({.file = path}, "tensor '{}': {}", record.name, error.what());
  }
}

}  // namespace net2c::onnx
