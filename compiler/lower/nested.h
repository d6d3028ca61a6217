// 9 x 9 convolutions by nested Winograd algorithms (kernels/winograd/nested_args.h).
#pragma once

#include "lower/winograd.h"

namespace net2c {

// Whether it was lowered so: to at most four channels, where scratch is allowed.
bool lower_by_nested(const Conv &, const Node &, Lowering &);

// The same of a picture of three channels, to more of them than eight.
bool lower_by_nested_image(const Conv &, const Node &, Lowering &);

}  // namespace net2c
