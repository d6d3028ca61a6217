/* One function over n floats, which may be the app's: read and written exactly. */
#ifndef NET2C_ACT_PLAIN_H
#define NET2C_ACT_PLAIN_H

#include "kernels/act/act_many.h"

NET2C_INLINE void net2c_act_plain_body(const struct net2c_act_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t vectors = a->n / 8, groups = (vectors + 7) / 8;
  const float *x = (const float *)net2c_in(f, a->x);
  float *y = (float *)net2c_out(f, a->y);
  v8 v[8];
  (void)unused;
  for (uint32_t g = net2c_cut(groups, chunk, a->chunks), end = net2c_cut(groups, chunk + 1, a->chunks); g < end; ++g) {
    const uint32_t first = 8 * g, n = vectors - first < 8 ? vectors - first : 8;
    for (uint32_t k = 0; k < n; ++k) v[k] = load8(x + 8 * (first + k));
    net2c_act_many(v, n, a->act, a->a, a->b);
    for (uint32_t k = 0; k < n; ++k) store8(y + 8 * (first + k), v[k]);
  }
  if (chunk + 1 == a->chunks && a->n % 8) {
    v[0] = loadn8(x + 8 * vectors, a->n % 8);
    net2c_act_many(v, 1, a->act, a->a, a->b);
    storen8(y + 8 * vectors, v[0], a->n % 8);
  }
}

#endif
