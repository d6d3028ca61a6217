// libFuzzer: whatever the file's bytes are, open's check of the header reads none beyond them, what it lets through has the
// length that was compiled in, and verify finds one changed bit of a file that it accepts.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "runtime/weights.h"

namespace {
constexpr uint64_t structure = 0x0123456789abcdef, length = 128;   // of tests/seeds/weights
void must(bool holds)
{
  if (!holds) std::abort();
}
}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  void *memory = nullptr;
  if (posix_memalign(&memory, 64, size)) return 0;
  const std::unique_ptr<void, void (*)(void *)> file(memory, std::free);   // exactly `size` bytes, so that one more is an error
  if (size) std::memcpy(memory, data, size);
  if (net2c_weights_check(memory, size, structure, length) != NET2C_WEIGHTS_GOOD) return 0;
  must(size == NET2C_WEIGHTS_HEADER + length);
  if (net2c_weights_verify(memory) != NET2C_WEIGHTS_GOOD) return 0;
  const size_t bit = (data[NET2C_WEIGHTS_HEADER] * 131u + data[size - 1]) % (size * 8);
  static_cast<uint8_t *>(memory)[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
  must(net2c_weights_check(memory, size, structure, length) != NET2C_WEIGHTS_GOOD || net2c_weights_verify(memory) != NET2C_WEIGHTS_GOOD);
  return 0;
}
