/* Element-wise functions on eight lanes, and the family `act` that runs one over a C8 map. */
#ifndef NET2C_ACT_H
#define NET2C_ACT_H

#include "kernels/act/act_args.h"
#include "kernels/halo.h"

/* In place over x[0..n), one function for all: the switch is outside the loop. Used by epilogues too. */
NET2C_INLINE void net2c_act_many(v8 *x, uint32_t n, uint32_t act, float a, float b)
{
  switch (act) {
  case NET2C_ACT_RELU:
    for (uint32_t i = 0; i < n; ++i) x[i] = max8(set8(0.0f), x[i]);
    break;
  case NET2C_ACT_LEAKY_RELU:
    for (uint32_t i = 0; i < n; ++i) x[i] = select8(lt8(x[i], set8(0.0f)), mul8(x[i], set8(a)), x[i]);
    break;
  case NET2C_ACT_CLIP:
    for (uint32_t i = 0; i < n; ++i) x[i] = min8(set8(b), max8(set8(a), x[i]));
    break;
  default: break;
  }
}

NET2C_INLINE void net2c_act_body(const struct net2c_act_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t blocks = (a->x.c + 7) / 8, rows = a->x.n * blocks * a->x.h;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t r = i % a->x.h, b = i / a->x.h % blocks, n = i / a->x.h / blocks;
    const uint32_t valid = a->x.c - 8 * b < 8 ? a->x.c - 8 * b : 8;
    const float *x = net2c_map_in(f, &a->x, n, b) + (size_t)r * a->x.pitch * 8;
    float *y = net2c_map_out(f, &a->y, n, b) + (size_t)r * a->y.pitch * 8;
    for (uint32_t w = 0; w < a->x.w; ++w) {
      v8 v = load8(x + 8 * w);
      net2c_act_many(&v, 1, a->act, a->a, a->b);
      store8(y + 8 * w, keep8(v, valid));
    }
    net2c_halo_rows(f, &a->y, n, b, r, r + 1);
  }
}

#endif
