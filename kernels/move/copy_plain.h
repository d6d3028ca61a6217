/* Plain bytes as they are; used where a graph output is made elsewhere. */
#ifndef NET2C_COPY_PLAIN_H
#define NET2C_COPY_PLAIN_H

#include "kernels/move/layout_args.h"

NET2C_INLINE void net2c_copy_plain_body(const struct net2c_copy_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const char *x = (const char *)net2c_in(f, a->x);
  char *y = (char *)net2c_out(f, a->y);
  (void)unused;
  for (uint32_t i = net2c_cut(a->bytes, chunk, a->chunks), end = net2c_cut(a->bytes, chunk + 1, a->chunks); i < end; ++i) y[i] = x[i];
}

#endif
