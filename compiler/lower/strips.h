// Depth first: convolutions (the first also by Winograd), depthwise ones, pools and LRNs of which each alone reads the map of the one before run by turns on strips of rows, so that
// the maps between them, the widest of many networks, are never whole and their strips stay in L2 (the idea: Alwani et al., "Fused-layer CNN
// accelerators", 2016; for the memory of inverted residuals Sandler et al., "MobileNetV2", 2018). Rows that two strips read are made once and kept.
#pragma once

#include "plan/plan.h"

namespace net2c {

// Before plan_arena. The same sums, so the same bits; the maps between are not traced.
void cut_into_strips(Recipe &);

}  // namespace net2c
