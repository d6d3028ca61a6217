// 1 x 1 convolutions by one step of Strassen's algorithm (kernels/strassen/strassen_args.h).
#pragma once

#include "lower/winograd.h"

namespace net2c {

// Whether it was lowered so: where channels can be halved and the costs say that it is faster than the direct sum.
bool lower_by_strassen(const Conv &, const Node &, Lowering &, const Groups &);

}  // namespace net2c
