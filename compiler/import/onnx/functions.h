// Operators that the model defines itself, by other operators.
#pragma once

#include <deque>
#include <string>

#include "import/onnx/records.h"

namespace net2c::onnx {

// Puts the nodes of functions where they are called, until nothing is left that calls one. The names that this makes are kept
// in `names`, which must outlive the graph. Error: functions that call themselves, or grow beyond all measure.
void inline_functions(const std::string &file, ModelRecord &, std::deque<std::string> &names);

}  // namespace net2c::onnx
