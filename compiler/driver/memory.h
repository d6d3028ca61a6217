// --max-memory: the fastest recipe that stays within it.
#pragma once

#include <cstdint>
#include <string>

#include "graph/graph.h"
#include "lower/weights_pool.h"
#include "plan/plan.h"

namespace net2c {

// "20000000", "20000K", "20MB", "1G": bytes, in powers of 1000. Error: anything else.
uint64_t parse_memory(const std::string &);

// What counts: the weights file and the arena of one thread, not the app's inputs and outputs. weights: bytes of the recipe's.
uint64_t memory_of(const Recipe &, uint64_t weights);

// Its weights are in the pool; `most_weights`: what they will be with those that others add, where that is known.
// Strips of transformed input shrink in the layers that make the arena too large, then direct sums stand in for Winograd's. What
// does not fit comes back as the recipe that needs least.
Recipe lower_within(const Graph &, WeightsPool &, uint64_t limit, uint64_t most_weights, const Speeds & = {});

// The recipe that needs least is still too large.
[[noreturn]] void fail_memory(const std::string &file, const Recipe &least, uint64_t weights, uint64_t limit);

}  // namespace net2c
