// libFuzzer: whatever the text is, the prototxt reader gives a graph or an Error.
#include <cstddef>
#include <cstdint>

#include "import/caffe/caffe.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  using namespace net2c;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  ImportOptions options;
  options.fold_limit = 1 << 18;   // so that one input takes milliseconds
  options.without_weights = true;
  options.open_size = {8, 8};
  try {
    caffe::kind_of(bytes);
    caffe::import_caffe(caffe::File{"fuzz", bytes}, {}, {}, options);
  } catch (const Error &) {
  }
  return 0;
}
