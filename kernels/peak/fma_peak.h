/* Independent sums in registers: no load, no store, no latency in the way. Two units of latency 4 need eight, four need 16. */
#ifndef NET2C_FMA_PEAK_H
#define NET2C_FMA_PEAK_H

#include "kernels/peak/peak_args.h"

#if NET2C_VW == 8
#define NET2C_PEAK_SUMS 12 /* of 16 registers */
#else
#define NET2C_PEAK_SUMS 24 /* of 32 */
#endif

NET2C_INLINE void net2c_fma_peak_body(const struct net2c_fma_peak_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  float *y = (float *)net2c_out(f, a->y);
  const vw scale = setw(0.999f), shift = loadw(y);
  vw sums[NET2C_PEAK_SUMS];
  (void)chunk, (void)unused;
  NET2C_UNROLL
  for (int k = 0; k < NET2C_PEAK_SUMS; ++k) sums[k] = setw((float)k);
  for (uint32_t i = 0; i < a->n / (NET2C_PEAK_SUMS * NET2C_VW); ++i) {
    NET2C_UNROLL
    for (int k = 0; k < NET2C_PEAK_SUMS; ++k) sums[k] = fmaw(sums[k], scale, shift);
  }
  NET2C_UNROLL
  for (int k = 1; k < NET2C_PEAK_SUMS; ++k) sums[0] = fmaw(sums[k], scale, sums[0]);
  storew(y, sums[0]);
}

#endif
