// What this machine can do, measured: the figure that `bench` gives per cents of.
#pragma once

#include <cstdint>

namespace net2c {

// fp32 multiply-adds (2 flop each) in registers by the best ISA, `threads` at once, in GFLOP/s; takes about a fifth of a second.
double measured_peak(uint32_t threads);

}  // namespace net2c
