/* Where the largest or smallest element of an axis is: eight results at a time, positions counted in floats. */
#ifndef NET2C_ARGMAX_H
#define NET2C_ARGMAX_H

#include "kernels/eltwise/numbers.h"
#include "kernels/math.h"
#include "kernels/reduce/reduce_args.h"

NET2C_INLINE void net2c_argmax_floats(const struct net2c_argmax_args *a, const float *x, int64_t *y, uint32_t chunk)
{
  const uint32_t groups = (a->inner + 7) / 8, work = a->outer * groups;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t o = i / groups, at = 8 * (i % groups), lanes = a->inner - at < 8 ? a->inner - at : 8;
    const float *from = x + (size_t)o * a->n * a->inner + at;
    v8 best = loadn8(from, lanes), where = set8(0.0f);
    float position[8];
    for (uint32_t k = 1; k < a->n; ++k) {
      const v8 v = loadn8(from + (size_t)k * a->inner, lanes), low = a->least ? v : best, high = a->least ? best : v;
      const v8 wins = a->last ? le8(low, high) : lt8(low, high);
      best = select8(wins, v, best);
      where = select8(wins, set8((float)k), where);
    }
    store8(position, where);
    for (uint32_t l = 0; l < lanes; ++l) y[(size_t)o * a->inner + at + l] = (int64_t)position[l];
  }
}

NET2C_INLINE void net2c_argmax_integers(const struct net2c_argmax_args *a, const void *x, int64_t *y, uint32_t chunk)
{
  const uint32_t work = a->outer * a->inner;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const size_t first = (size_t)(i / a->inner) * a->n * a->inner + i % a->inner;
    int64_t best = 0;
    uint32_t where = 0;
    for (uint32_t j = 0; j < a->n; j += NET2C_NUMBERS) {
      int64_t t[NET2C_NUMBERS];
      const uint32_t m = a->n - j < NET2C_NUMBERS ? a->n - j : NET2C_NUMBERS;
      net2c_load_integers(x, a->type, (ptrdiff_t)(first + (size_t)j * a->inner), (int32_t)a->inner, m, t);
      for (uint32_t k = 0; k < m; ++k) {
        const int64_t low = a->least ? t[k] : best, high = a->least ? best : t[k];
        if ((j | k) == 0 || (a->last ? low <= high : low < high)) best = t[k], where = j + k;
      }
    }
    y[i] = where;
  }
}

NET2C_INLINE void net2c_argmax_body(const struct net2c_argmax_args *a, const struct net2c_frame *f, uint32_t chunk, int integers)
{
  if (integers) net2c_argmax_integers(a, net2c_in(f, a->x), (int64_t *)net2c_out(f, a->y), chunk);
  else net2c_argmax_floats(a, (const float *)net2c_in(f, a->x), (int64_t *)net2c_out(f, a->y), chunk);
}

#endif
