// The least time that a network's layers can take on a machine: the arithmetic of their algorithms at the rate of its registers, or the bytes
// that they must read and write at that of its memory, whichever takes longer.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "plan/plan.h"

namespace net2c {

// Work of a layer, at one of its rows of rows_of(recipe) (driver/figures.h): that with arithmetic, else the first. Maps: what it reads
// and writes that other layers, or the app, write and read; not what passes between its own steps. Strips: those maps that are never whole (lower/strips.h).
struct LayerWork {
  size_t row = 0;                                  // where the layer's work stands; other rows only help there
  uint64_t operations = 0;                         // of the chosen algorithm: multiply-adds, and the additions of transforms and norms
  uint64_t weights_bytes = 0, maps_bytes = 0;
  std::map<uint64_t, uint64_t> strips_bytes = {};  // by the size of the buffer that they go through: the bytes of all rows
};

// Rates of a machine: of fp32 multiply-adds (2 flop each) in GFLOP/s, of bytes in GB/s. Weights were last read a run ago, so theirs is that of a
// buffer as large as weights and arena together; maps were written in the same run: theirs is that of one as large as the arena; strips just before:
// theirs is that of their buffer, by its size.
struct MachineRates {
  double gflops, weights_gbs, maps_gbs;
  std::map<uint64_t, double> strips_gbs = {};
};

// One for each row.
std::vector<LayerWork> work_of(const Recipe &);

double bound_ms(const LayerWork &, const MachineRates &);

}  // namespace net2c
