// libFuzzer: whatever the bytes are, the reader of Chainer's graphs gives a graph or an Error.
#include <cstddef>
#include <cstdint>

#include "import/chainer/chainer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  net2c::ImportOptions options;
  options.fold_limit = 1 << 20;   // so that one input takes milliseconds
  options.without_weights = true;
  for (const bool resized : {false, true}) {
    if (resized) options.size = {8, 8};
    try {
      net2c::chainer::looks_like_graph(bytes);
      net2c::chainer::import_chainer("fuzz", bytes, nullptr, "", options);
    } catch (const net2c::Error &) {
    }
  }
  return 0;
}
