// New weights for a bundle that is there.
#pragma once

#include <string>

#include "driver/model.h"

namespace net2c {

struct Repacked {
  std::string path;
  uint64_t bytes = 0;
};

// Writes the .weights file of the bundle in this folder, at its sizes. Error: not a bundle, or of another network.
Repacked repack(const ModelOptions &, const std::string &bundle, Progress &);

}  // namespace net2c
