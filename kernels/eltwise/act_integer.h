/* Functions of one integer or bool. */
#ifndef NET2C_ACT_INTEGER_H
#define NET2C_ACT_INTEGER_H

#include "kernels/act/act_args.h"
#include "kernels/eltwise/numbers.h"

NET2C_INLINE void net2c_act_integer_body(const struct net2c_act_integer_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const void *x = net2c_in(f, a->x);
  void *y = net2c_out(f, a->y);
  (void)unused;
  for (uint32_t i = net2c_cut(a->n, chunk, a->chunks), end = net2c_cut(a->n, chunk + 1, a->chunks); i < end; i += NET2C_NUMBERS) {
    const uint32_t n = end - i < NET2C_NUMBERS ? end - i : NET2C_NUMBERS;
    int64_t t[NET2C_NUMBERS];
    net2c_load_integers(x, a->type, (ptrdiff_t)i, 1, n, t);
    for (uint32_t k = 0; k < n; ++k) {
      const int64_t v = t[k];
      switch (a->act) {
      case NET2C_ACT_RELU: t[k] = v > 0 ? v : 0; break;
      case NET2C_ACT_ABS: t[k] = v < 0 ? (int64_t)(0 - (uint64_t)v) : v; break;
      case NET2C_ACT_NEG: t[k] = (int64_t)(0 - (uint64_t)v); break;
      case NET2C_ACT_SIGN: t[k] = (v > 0) - (v < 0); break;
      case NET2C_ACT_NOT: t[k] = v == 0; break;
      default: t[k] = v < a->low ? a->low : v > a->high ? a->high : v;
      }
    }
    net2c_store_integers(y, a->type, i, n, t);
  }
}

#endif
