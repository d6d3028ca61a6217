// From a model and the options of `compile` to its bundle.
#pragma once

#include <string>
#include <vector>

#include "driver/model.h"
#include "emit/emit.h"

namespace net2c {

struct BundleOptions {
  std::string name;                // prefix of all public names; empty: the file's name
  std::vector<std::string> isas;   // empty: all there are
  std::string preprocess;          // file; empty: what the model itself says of pictures, if it does
};

Bundle bundle_of(const Model &, const Recipe &, const BundleOptions &);

}  // namespace net2c
