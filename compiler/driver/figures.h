// What a network is and what it will need, in figures: `inspect`.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "driver/model.h"

namespace net2c {

struct LayerFigures {
  std::string layer, op, kernel, shape;
  uint64_t parameters = 0, macs = 0;
};

// Where the arena is fullest, and what lies in it then.
struct ArenaPeak {
  size_t step = 0;
  std::string layer;
  uint64_t bytes = 0;                        // without scratch
  struct Tensor { std::string name; uint64_t bytes; };
  std::vector<Tensor> tensors;               // largest first
  std::string scratch_layer;                 // that takes most scratch; empty: none does
};
ArenaPeak arena_peak_of(const Recipe &);

struct Figures {
  std::string name;
  std::vector<LayerFigures> layers;          // a row a layer and kernel; parameters and multiply-adds stand at the kernel that completes the layer's value
  uint64_t parameters = 0, macs = 0;         // of all layers
  uint64_t weights_bytes = 0;                // of the .weights file
  uint64_t arena_bytes = 0, scratch_bytes = 0;   // on one thread; more for each other
  uint64_t io_bytes = 0;                     // inputs and outputs
  ArenaPeak arena_peak;
  uint64_t peak_bytes() const { return weights_bytes + arena_bytes + io_bytes; }
};

// The row of each step in a table with one a layer and kernel, also where that runs strip by strip.
std::vector<size_t> rows_of(const Recipe &);
Figures figures_of(const Model &, const Recipe &);
std::string json_of(const Figures &);

}  // namespace net2c
