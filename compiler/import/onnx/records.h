// An ONNX file as plain records. Names and bulk data point into the file's bytes, which must outlive them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "graph/op.h"

namespace net2c::onnx {

// TensorProto.DataType, the ones that have a name here.
enum DataType : int32_t {
  dt_undefined, dt_float, dt_uint8, dt_int8, dt_uint16, dt_int16, dt_int32, dt_int64, dt_string, dt_bool, dt_float16, dt_double,
  dt_uint32, dt_uint64, dt_complex64, dt_complex128, dt_bfloat16
};

struct TensorRecord {
  std::string_view name;
  Ints dims;
  int32_t data_type = dt_undefined;
  std::optional<std::string_view> raw;       // little endian
  std::vector<std::pair<std::string_view, std::string_view>> external_data;   // location, offset, length: see external.h
  std::vector<float> floats;                 // else one of these
  std::vector<int32_t> int32s;               // also i8, u8, i16, u16, bool, and the bits of f16 and bf16
  std::vector<int64_t> int64s;
  std::vector<double> doubles;
  std::vector<uint64_t> uint64s;             // also u32
  bool external = false, segmented = false;
};

struct Attribute {
  enum class Kind : int32_t { undefined, real, integer, text, tensor, graph, reals, integers, texts, tensors, graphs, other };
  std::string_view name;
  Kind kind = Kind::undefined;
  std::string_view reference;                // not empty: stands for this attribute of the function around it
  float real = 0;
  int64_t integer = 0;
  std::string_view text;
  std::vector<float> reals;
  Ints integers;
  std::vector<std::string_view> texts;
  std::optional<TensorRecord> tensor;
};

struct NodeRecord {
  std::string_view name, op_type, domain, overload;
  std::vector<std::string_view> inputs, outputs;   // an absent one is empty
  std::vector<Attribute> attributes;
  int64_t version = 0;                       // of the operators; 0: the model's
};

struct Dimension {
  std::optional<int64_t> size;               // absent: dynamic
  std::string_view symbol;                   // may be empty
};

struct ValueRecord {
  std::string_view name;
  bool tensor = false;                       // neither a sequence nor a map nor optional
  int32_t data_type = dt_undefined;
  std::optional<std::vector<Dimension>> shape;     // absent: not even the rank is known
};

struct GraphRecord {
  std::string_view name;
  std::vector<NodeRecord> nodes;
  std::vector<TensorRecord> initialisers;
  std::vector<ValueRecord> inputs, outputs;
  bool sparse_initialisers = false;
};

struct OpsetRecord {
  std::string_view domain;
  int64_t version = 0;
};

// An operator that the model defines itself.
struct FunctionRecord {
  std::string_view name, domain, overload;
  std::vector<std::string_view> inputs, outputs, attributes;   // attributes: without a default
  std::vector<Attribute> defaults;
  std::vector<NodeRecord> nodes;
  std::vector<OpsetRecord> opsets;
};

struct ModelRecord {
  int64_t ir_version = 0;
  std::string_view producer;
  std::vector<OpsetRecord> opsets;
  std::optional<GraphRecord> graph;
  std::vector<FunctionRecord> functions;
};

}  // namespace net2c::onnx
