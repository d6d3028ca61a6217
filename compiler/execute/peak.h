// What this machine can do, measured: the figures that `bench` gives per cents of.
#pragma once

#include <cstdint>

namespace net2c {

// fp32 multiply-adds (2 flop each) in registers by the best ISA, `threads` at once, in GFLOP/s; takes about a fifth of a second.
double measured_peak(uint32_t threads);

// Reading so many bytes again and again, each thread its own part of them, in GB/s; takes about a fifth of a second. It is the rate of the
// nearest cache that holds them. Over 512 MB is read as 512 MB.
double measured_bandwidth(uint64_t bytes, uint32_t threads);

}  // namespace net2c
