// What the algorithms of convolution share.
#pragma once

#include "lower/epilogue.h"

namespace net2c {

struct Operands {
  net2c_map y, r{};
  EpilogueChoice epilogue;
  net2c_ref bias;
};
Operands operands_of(const Node &, const Epilogue &, Lowering &);

Halo halo_of(const Conv &, const Shape &x, const Shape &w, const Shape &y);   // how far taps reach beyond the map

// By Winograd's algorithm (kernels/winograd): where it can be, and where the costs say that it is faster than the direct sum.
bool winograd_is_faster(const Conv &, const Shape &x, const Shape &w, const Shape &y);
void lower_winograd(const Conv &, const Node &, Lowering &);

}  // namespace net2c
