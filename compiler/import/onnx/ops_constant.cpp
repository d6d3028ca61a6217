// Operators that make constants, and casts.
#include <algorithm>
#include <array>
#include <cmath>

#include "import/onnx/operators.h"
#include "import/onnx/read.h"

namespace net2c::onnx {

void constant(Layer &layer)
{
  const auto is = [&](const char *name) { return layer.has(name); };
  if (is("value")) return layer.result(layer.constant(to_tensor(*layer.tensor("value"))));
  if (is("value_float")) return layer.result(layer.constant(tensor_f32({}, {layer.real("value_float", 0)})));
  if (is("value_int")) return layer.result(layer.constant(tensor_i64({}, {layer.integer("value_int", 0)})));
  if (is("value_floats")) {
    const std::vector<float> all = *layer.reals("value_floats");
    return layer.result(layer.constant(tensor_f32({static_cast<int64_t>(all.size())}, all)));
  }
  if (is("value_ints")) {
    const Ints all = *layer.integers("value_ints");
    return layer.result(layer.constant(tensor_i64({static_cast<int64_t>(all.size())}, all)));
  }
  if (is("sparse_value")) unsupported("of a sparse tensor");
  if (is("value_string") || is("value_strings")) unsupported("of text");
  fail({}, "has no value");
}

void constant_of_shape(Layer &layer)
{
  const Shape shape = layer.known_integers(0, "input");
  const TensorRecord *value = layer.tensor("value");
  const Tensor number = value ? to_tensor(*value) : tensor_f32({}, {0});
  if (number.size() != 1) fail({}, "the value has shape {}, but must be one number", text_of(number.shape));
  layer.result(layer.add(Expand{}, {layer.reshape(layer.constant(number), {})}, shape));
}

void range(Layer &layer)
{
  const Type type = layer.type(layer.in(0));
  if (layer.known(1, "limit").type != type || layer.known(2, "delta").type != type) fail({}, "start, limit and delta have different types");
  const double start = layer.known_number(0, "start"), limit = layer.known_number(1, "limit"), delta = layer.known_number(2, "delta");
  if (!(std::isfinite(start) && std::isfinite(limit) && std::isfinite(delta)) || delta == 0) fail({}, "from {} to {} by {}", start, limit, delta);
  const double n = std::max(0.0, std::ceil((limit - start) / delta));
  if (n >= 0x1p40) fail({}, "{} numbers from {} to {} by {} are too many", n, start, limit, delta);
  const Shape shape{static_cast<int64_t>(n)};
  layer.reserve(shape, Type::f64);
  Tensor all(Type::f64, shape);
  double i = 0;
  for (double &x : all.as<double>()) x = start + delta * i++;
  layer.result(layer.cast(layer.constant(std::move(all)), type));
}

namespace {

// Version 1 has names, in the order of TensorProto.DataType.
int32_t data_type_named(const std::string &name)
{
  constexpr std::array names = {"UNDEFINED", "FLOAT", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "STRING",
                                "BOOL", "FLOAT16", "DOUBLE", "UINT32", "UINT64"};
  for (size_t i = 1; i < names.size(); ++i)
    if (name == names[i]) return static_cast<int32_t>(i);
  fail({}, "type '{}' is unknown", name);
}

}  // namespace

void cast(Layer &layer)
{
  layer.ignore({"saturate", "round_mode"});   // of 8 bit floats
  const int64_t to = layer.version < 6 ? data_type_named(layer.text("to", "")) : layer.integer("to", 0);
  const bool known = to >= dt_float && to <= dt_uint64 && to != dt_string && to != dt_complex64;
  if (!known) unsupported("to {}", name_of_data_type(static_cast<int32_t>(std::clamp<int64_t>(to, -1, 1000))));
  layer.result(layer.cast(layer.in(0), type_of(static_cast<int32_t>(to))));
}

void cast_like(Layer &layer)
{
  layer.ignore({"saturate", "round_mode"});
  layer.result(layer.cast(layer.in(0), layer.type(layer.in(1))));
}

}  // namespace net2c::onnx
