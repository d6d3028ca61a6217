// How much memory the algorithm of a layer may take beside its operands. Each has one that needs none; without a budget the fastest
// is taken.
#pragma once

#include <cstdint>
#include <vector>

namespace net2c {

struct Allowance {
  uint64_t arena = UINT64_MAX;     // bytes of the layer's spare buffers
  uint64_t scratch = UINT64_MAX;   // bytes a worker
};
using Budget = std::vector<Allowance>;   // by node; empty: no limits

}  // namespace net2c
