// Measuring what a record of times says: each layer that could be computed in several ways, alone, by each of them, in this process.
#pragma once

#include "driver/model.h"
#include "driver/progress.h"
#include "driver/tuning.h"

namespace net2c {

struct TuneOptions {
  std::vector<Isa> isas;           // that run here
  uint32_t threads = 1;
  double seconds = 0.3;            // for a layer on an ISA, all its methods together
};

struct TunedLayer {
  LayerKind kind;
  std::string name;                // of the first layer of this kind
  int count = 0;                   // layers of this kind
  Method usual = Method::direct;   // what the cost model says
};

struct Tuned {
  std::vector<TunedLayer> layers;  // in the network's order
  Tuning times;                    // of all layers on each ISA, the shortest of at least five warm runs, taken by turns
};
Tuned tune(const Model &, const TuneOptions &, Progress &);

}  // namespace net2c
