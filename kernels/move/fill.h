#ifndef NET2C_FILL_H
#define NET2C_FILL_H

#include "kernels/move/move_args.h"

NET2C_INLINE void net2c_fill_body(const struct net2c_fill_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  char *y = (char *)net2c_out(f, a->y);
  (void)unused;
  for (uint32_t i = net2c_cut(a->n, chunk, a->chunks), end = net2c_cut(a->n, chunk + 1, a->chunks); i < end; ++i) switch (a->bytes) {
    case 1: ((int8_t *)y)[i] = (int8_t)a->value; break;
    case 2: ((int16_t *)y)[i] = (int16_t)a->value; break;
    case 4: ((int32_t *)y)[i] = a->value; break;
    default: ((int64_t *)y)[i] = a->value;
    }
}

#endif
