// Protobuf bytes -> records -> tensors. Every length is checked; memory is bounded by the bytes that are really there.
#pragma once

#include <span>
#include <string>

#include "import/onnx/records.h"

namespace net2c::onnx {

// Error: damaged.
ModelRecord read_model(const std::string &file, std::span<const std::byte>);
TensorRecord read_tensor(const std::string &file, std::span<const std::byte>);

// The element type, bf16 widened to f32. Error (reason only): one that tensors here cannot have.
Type type_of(int32_t data_type);
std::string name_of_data_type(int32_t);

// Error (reason only): external data that was not fetched (external.h), a wrong length, an unknown type.
Tensor to_tensor(const TensorRecord &);

}  // namespace net2c::onnx
