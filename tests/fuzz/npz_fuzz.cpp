// libFuzzer: whatever the bytes are, the reader of .npz gives arrays or an Error.
#include <cstddef>
#include <cstdint>

#include "import/arrays/arrays.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  try {
    const auto file = net2c::open_npz("fuzz", bytes);
    for (const std::string &name : file->names()) {
      try {
        file->read(name, 1 << 20);
      } catch (const net2c::Error &) {
      }
    }
  } catch (const net2c::Error &) {
  }
  return 0;
}
