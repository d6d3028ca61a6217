// libFuzzer: whatever the bytes are, the ONNX reader gives a graph or an Error.
#include <cstddef>
#include <cstdint>

#include "import/onnx/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  net2c::ImportOptions options;
  options.fold_limit = 1 << 20;   // so that one input takes milliseconds
  options.size = {8, 8};
  try {
    net2c::onnx::looks_like_onnx(bytes);
    net2c::onnx::import_onnx("fuzz", bytes, options);
  } catch (const net2c::Error &) {
  }
  try {
    net2c::onnx::read_tensor_proto("fuzz", bytes);
  } catch (const net2c::Error &) {
  }
  return 0;
}
