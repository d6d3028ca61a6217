// From one random case of a test to the next: all are run, but with AddressSanitizer, under which each takes up to eight times as long, every fifth,
// unless NET2C_LONG is set (make test-all). Five has no factor of the numbers of forms that tests take by turns.
#pragma once

#include <cstdint>
#include <cstdlib>

#ifdef __has_feature
#define NET2C_HAS_ASAN __has_feature(address_sanitizer)
#else
#define NET2C_HAS_ASAN 0
#endif

namespace net2c {

inline uint32_t seed_step() { return NET2C_HAS_ASAN && !std::getenv("NET2C_LONG") ? 5 : 1; }

}  // namespace net2c
