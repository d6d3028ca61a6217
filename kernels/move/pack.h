/* Weights that are known at run time only, in the layout that their kernel wants. */
#ifndef NET2C_PACK_H
#define NET2C_PACK_H

#include "kernels/move/move_args.h"

NET2C_INLINE void net2c_pack_body(const struct net2c_pack_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *x = (const float *)net2c_in(f, a->x);
  const uint32_t *index = (const uint32_t *)net2c_in(f, a->index);
  float *y = (float *)net2c_out(f, a->y);
  (void)unused;
  for (uint32_t i = net2c_cut(a->n, chunk, a->chunks), end = net2c_cut(a->n, chunk + 1, a->chunks); i < end; ++i)
    y[i] = index[i] ? x[index[i] - 1] : 0.0f;
}

#endif
