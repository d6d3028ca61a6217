// A 2 x 2 max pool after Winograd's F(4,3): each tile has its maxima before they are written, a quarter of the bytes, and the large map is nowhere.
#pragma once

#include "plan/plan.h"

namespace net2c {

// Before plan_arena. The same numbers (bias and activation rise, so they may come after the maximum); the map between is not traced.
void fuse_pools(Recipe &);

}  // namespace net2c
