// ONNX: protobuf bytes -> Graph.
#pragma once

#include <span>
#include <string>

#include "import/format.h"

namespace net2c::onnx {

extern const Format format;

bool looks_like_onnx(std::span<const std::byte>);
Graph import_onnx(const std::string &path, std::span<const std::byte>, const ImportOptions &);

// A TensorProto file (.pb), as the ONNX test suites hold inputs and outputs. `name` gets the tensor's name.
Tensor read_tensor_proto(const std::string &path, std::span<const std::byte>, std::string *name = nullptr);

}  // namespace net2c::onnx
