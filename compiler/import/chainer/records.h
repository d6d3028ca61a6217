// A .c2g file as plain records.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace net2c::chainer {

struct ValueRecord {
  std::string name;
  Type type = Type::f32;
  Shape shape;
};

struct ConstantRecord {
  std::string name;
  Tensor data;
};

struct FunctionRecord {
  std::string function, name;
  std::vector<std::string> inputs;
  std::vector<ValueRecord> outputs;
  nlohmann::json attributes;               // an object
};

struct OutputRecord {
  std::string name, value;
};

struct GraphRecord {
  std::string name;
  std::vector<ValueRecord> inputs, parameters;
  std::vector<ConstantRecord> constants;
  std::vector<FunctionRecord> functions;
  std::vector<OutputRecord> outputs;
};

// Error: not JSON, another version, a part that is missing or of the wrong kind.
GraphRecord read_graph(const std::string &path, std::span<const std::byte>);

}  // namespace net2c::chainer
