// How pools are cut into chunks.
#pragma once

#include <algorithm>

#include "kernels/conv/conv_args.h"
#include "kernels/pool/pool_args.h"

namespace net2c {

// About so many chunks: of rows, by the pairs that share what they read, so that a worker finds in its cache what it has written the step before; of
// channels for the rest, and where the map is small.
inline void cut_pool(net2c_pool_args &a, uint32_t wanted)
{
  const uint32_t planes = a.y.n * ((a.y.c + 7) / 8), pairs = (a.y.h + 1) / 2;
  a.row_chunks = a.x.h * a.x.w >= NET2C_CONV_FEW_PIXELS ? std::clamp(wanted, 1u, pairs) : 1;
  a.oc_chunks = std::clamp((wanted + a.row_chunks - 1) / a.row_chunks, 1u, planes);
}

}  // namespace net2c
