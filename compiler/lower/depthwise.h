// How depthwise convolutions are cut into chunks.
#pragma once

#include <algorithm>

#include "kernels/conv/conv_args.h"
#include "kernels/depthwise/depthwise_args.h"

namespace net2c {

// About so many chunks: of rows, so that a worker finds in its cache what it has written the step before, but no fewer than the four that share their
// inputs; of channels for the rest, and where the map is small.
inline void cut_depthwise(net2c_depthwise_args &a, uint32_t wanted)
{
  const uint32_t planes = a.y.n * ((a.y.c + 7) / 8), quads = (a.y.h + 3) / 4;
  a.row_chunks = a.x.h * a.x.w >= NET2C_CONV_FEW_PIXELS ? std::clamp(wanted, 1u, quads) : 1;
  a.oc_chunks = std::clamp((wanted + a.row_chunks - 1) / a.row_chunks, 1u, planes);
}

}  // namespace net2c
