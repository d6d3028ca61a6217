/* Elements of one type as another. */
#ifndef NET2C_CAST_H
#define NET2C_CAST_H

#include "kernels/eltwise/numbers.h"

NET2C_INLINE void net2c_cast_body(const struct net2c_cast_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const void *x = net2c_in(f, a->x);
  void *y = net2c_out(f, a->y);
  const int floats = a->from == NET2C_TYPE_F32 || a->from == NET2C_TYPE_F64 || a->to == NET2C_TYPE_F32 || a->to == NET2C_TYPE_F64;
  (void)unused;
  for (uint32_t i = net2c_cut(a->n, chunk, a->chunks), end = net2c_cut(a->n, chunk + 1, a->chunks); i < end; i += NET2C_NUMBERS) {
    const uint32_t n = end - i < NET2C_NUMBERS ? end - i : NET2C_NUMBERS;
    if (floats) {
      double t[NET2C_NUMBERS];
      net2c_load_doubles(x, a->from, (ptrdiff_t)i, 1, n, t);
      net2c_store_doubles(y, a->to, i, n, t);
    } else {
      int64_t t[NET2C_NUMBERS];
      net2c_load_integers(x, a->from, (ptrdiff_t)i, 1, n, t);
      net2c_store_integers(y, a->to, i, n, t);
    }
  }
}

#endif
