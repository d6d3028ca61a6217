// Instance norms in parts: their statistics are taken where their map is made.
#pragma once

#include "plan/plan.h"

namespace net2c {

// Recipe pass, before plan_arena: an instance norm of a large map that a convolution has just written becomes `moments` behind each of that one's steps, which follow
// them chunk by chunk; a step that merges them; and one that normalises, and adds what would be added next (kernels/norm/norm_args.h).
void split_norms(Recipe &, const Uses &);

}  // namespace net2c
