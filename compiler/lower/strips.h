// Depth first: a convolution, the depthwise one that alone reads it and the 1 x 1 that alone reads that run by turns on strips of rows,
// so that the widest map of an inverted residual is never whole and its strip stays in L2 (the idea: Alwani et al., "Fused-layer CNN
// accelerators", 2016; for the memory of such blocks Sandler et al., "MobileNetV2", 2018). Rows that two strips need are computed twice.
#pragma once

#include "plan/plan.h"

namespace net2c {

// Before plan_arena. The same sums, so the same bits; the two maps are not traced.
void cut_into_strips(Recipe &);

}  // namespace net2c
