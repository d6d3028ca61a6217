// What weights in half precision cost, for compile and repack.
#pragma once

#include <vector>

#include "execute/compare.h"

namespace net2c::cli {

// A line an output; nothing where weights are fp32. One list a size.
void print_half_errors(const std::vector<std::vector<Difference>> &);

}  // namespace net2c::cli
