// From a model's files and the options of `compile` to its bundle.
#pragma once

#include <string>
#include <vector>

#include "driver/network.h"
#include "emit/emit.h"

namespace net2c {

struct BundleOptions {
  std::string name;                // prefix of all public names; empty: the file's name
  std::vector<std::string> isas;   // empty: all there are
  bool single_file = false, self_test = false;
};

struct MadeBundle {
  Bundle bundle;
  Network network;
};

// Sizes and batches of the model may be lists ("224x224,480x640"): every batch at every size.
MadeBundle make_bundle(const ModelOptions &, const BundleOptions &, Progress &);

}  // namespace net2c
