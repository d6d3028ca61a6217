// libFuzzer: whatever the bytes are, the reader of Darknet's files gives a graph or an Error. A line of "%%" parts the .cfg from
// the .weights; without one there are no weights.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "import/darknet/darknet.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  using namespace net2c;
  const std::span<const std::byte> bytes(reinterpret_cast<const std::byte *>(data), size);
  const size_t end = std::string_view(reinterpret_cast<const char *>(data), size).find("\n%%\n");
  const darknet::File cfg{"fuzz.cfg", bytes.first(std::min(end, size))};
  std::optional<darknet::File> weights;
  if (end != std::string_view::npos) weights = darknet::File{"fuzz.weights", bytes.subspan(end + 4)};
  ImportOptions options;
  options.fold_limit = 1 << 20;   // so that one input takes milliseconds
  options.without_weights = true;
  for (const bool resized : {false, true}) {
    if (resized) options.size = {8, 8};
    try {
      darknet::looks_like_cfg(cfg.bytes);
      if (weights) darknet::looks_like_weights(weights->bytes);
      darknet::import_darknet(cfg, weights, options);
    } catch (const Error &) {
    }
  }
  return 0;
}
