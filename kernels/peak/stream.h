/* Memory read once, as one stream, with nothing else to do: eight sums, so that no load waits for an addition. */
#ifndef NET2C_STREAM_H
#define NET2C_STREAM_H

#include "kernels/peak/peak_args.h"

#define NET2C_STREAM_SUMS 8

NET2C_INLINE void net2c_stream_body(const struct net2c_stream_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *x = (const float *)net2c_in(f, a->x) + (size_t)chunk * a->n;
  const vw one = setw(1);
  vw sums[NET2C_STREAM_SUMS];
  (void)unused;
  NET2C_UNROLL
  for (int k = 0; k < NET2C_STREAM_SUMS; ++k) sums[k] = setw(0);
  for (uint32_t i = 0; i < a->n / (NET2C_STREAM_SUMS * NET2C_VW); ++i) {
    NET2C_UNROLL
    for (int k = 0; k < NET2C_STREAM_SUMS; ++k) sums[k] = fmaw(loadw(x + k * NET2C_VW), one, sums[k]);
    x += NET2C_STREAM_SUMS * NET2C_VW;
  }
  NET2C_UNROLL
  for (int k = 1; k < NET2C_STREAM_SUMS; ++k) sums[0] = fmaw(sums[k], one, sums[0]);
  storew((float *)net2c_out(f, a->y), sums[0]);
}

#endif
