// The static shapes of a model's inputs: what the file leaves open is settled by the options.
#pragma once

#include <string>
#include <vector>

#include "import/import.h"
#include "import/onnx/records.h"

namespace net2c::onnx {

// One shape for each of `inputs`. Error: a dimension stays open, or an option does not fit the model.
std::vector<Shape> resolve_shapes(const std::string &file, const std::vector<const ValueRecord *> &inputs, const ImportOptions &);

}  // namespace net2c::onnx
