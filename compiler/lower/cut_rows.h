// How kernels that go over the rows of one plane after the other, depthwise convolutions and pools, are cut into chunks.
#pragma once

#include <algorithm>

#include "kernels/conv/conv_args.h"

namespace net2c {

inline constexpr uint32_t depthwise_rows = 4, pool_rows = 2;   // that their kernels make together, as they share inputs

// About so many chunks: of rows, so that a worker finds in its cache what it has written the step before, but no fewer than are made together; of
// channels for the rest, and where the map is small.
template <class Args>
void cut_rows(Args &a, uint32_t wanted, uint32_t together)
{
  const uint32_t planes = a.y.n * ((a.y.c + 7) / 8), groups = (a.y.h + together - 1) / together;
  a.row_chunks = a.x.h * a.x.w >= NET2C_CONV_FEW_PIXELS ? std::clamp(wanted, 1u, groups) : 1;
  a.oc_chunks = std::clamp((wanted + a.row_chunks - 1) / a.row_chunks, 1u, planes);
}

}  // namespace net2c
