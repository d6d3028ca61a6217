// The packed constants of a network: one blob, in which each part is there once, for all sizes of the network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernels/kernel.h"

namespace net2c {

class WeightsPool {
 public:
  std::vector<std::byte> bytes;   // parts at multiples of 64
  bool halves = false;            // constant weights of convolutions and matrix products are to be IEEE halves

  // Parts are one where their source has one name and their bytes are equal. Not where only the bytes are: two biases that are
  // both zero part ways when the network is trained on, and then new weights would not fit the old code.
  net2c_ref add(std::string_view source, std::span<const std::byte> part);
  void cut(size_t length);        // forgets the parts from there on

 private:
  struct Part { uint64_t source, offset, length; };   // source: the hash of its name
  std::unordered_multimap<uint64_t, Part> parts_;   // by hash of source and bytes
};

}  // namespace net2c
