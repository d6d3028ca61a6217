// New weights for a bundle that is there.
#pragma once

#include <string>

#include "driver/network.h"

namespace net2c {

struct Repacked {
  std::string path;
  uint64_t bytes = 0;
  std::vector<std::vector<Difference>> half_errors;   // as in Network
};

// Writes the .weights file of the bundle in this folder, at its sizes. Error: not a bundle, or of another network.
Repacked repack(const ModelOptions &, const std::string &bundle, Progress &);

}  // namespace net2c
