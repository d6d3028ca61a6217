/* Over an axis of a plain array. The last axis: lane = index mod 8, lanes merged by a fixed tree. Another: in order. Both in
 * partial results of a few hundred elements, so that long sums keep their digits. */
#ifndef NET2C_REDUCE_PLAIN_H
#define NET2C_REDUCE_PLAIN_H

#include "kernels/eltwise/numbers.h"
#include "kernels/reduce/reduce_steps.h"

enum { NET2C_REDUCE_PART = 256 }; /* vectors */

/* n floats, `step` vectors' distance apart, of lanes `lanes`. offset: what is taken off before e^x is summed. */
NET2C_NOINLINE v8 net2c_reduce_run(const float *x, uint32_t n, size_t step, uint32_t lanes, uint32_t kind, v8 offset)
{
  v8 all = set8(net2c_reduce_start(kind));
  for (uint32_t i = 0; i < n;) {
    v8 part = set8(net2c_reduce_start(kind));
    const uint32_t end = n - i < NET2C_REDUCE_PART ? n : i + NET2C_REDUCE_PART;
    for (; i < end; ++i) {
      const v8 v = lanes == 8 ? load8(x + i * step) : loadn8(x + i * step, lanes);
      part = kind == NET2C_REDUCE_LOG_SUM_EXP ? add8(part, exp8(sub8(v, offset))) : net2c_reduce_step(part, v, kind);
    }
    all = net2c_reduce_merge(all, part, kind);
  }
  return all;
}

/* The last axis: whole vectors, then the rest with neutral elements. */
NET2C_INLINE float net2c_reduce_last(const float *x, uint32_t n, uint32_t kind, float offset)
{
  v8 all = net2c_reduce_run(x, n / 8, 8, 8, kind, set8(offset));
  if (n % 8) {
    float t[8];
    for (uint32_t i = 0; i < 8; ++i)
      t[i] = i < n % 8 ? x[n / 8 * 8 + i] : kind == NET2C_REDUCE_LOG_SUM_EXP ? -__builtin_inff() : net2c_reduce_start(kind);
    all = net2c_reduce_merge(all, net2c_reduce_run(t, 1, 8, 8, kind, set8(offset)), kind);
  }
  return net2c_reduce_lanes(all, kind);
}

NET2C_INLINE void net2c_reduce_floats(const struct net2c_reduce_plain_args *a, const float *x, float *y, uint32_t chunk)
{
  const uint32_t n = a->n, inner = a->inner, kind = a->kind, groups = (inner + 7) / 8, work = a->outer * groups;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t o = i / groups, at = 8 * (i % groups), lanes = inner - at < 8 ? inner - at : 8;
    const float *from = n ? x + (size_t)o * n * inner + at : x; /* of nothing x may be null */
    v8 offset = set8(0.0f), all;
    if (kind == NET2C_REDUCE_LOG_SUM_EXP) {
      offset = inner == 1 ? set8(net2c_reduce_last(from, n, NET2C_REDUCE_MAX, 0.0f)) : net2c_reduce_run(from, n, inner, lanes, NET2C_REDUCE_MAX, offset);
      offset = select8(lt8(abs8(offset), set8(__builtin_inff())), offset, set8(0.0f)); /* infinite ones need no care */
    }
    if (inner == 1) {
      float first[8];
      store8(first, offset);
      all = set8(net2c_reduce_last(from, n, kind, first[0]));
    } else {
      all = net2c_reduce_run(from, n, inner, lanes, kind, offset);
    }
    storen8(y + (size_t)o * inner + at, add8(net2c_reduce_end(all, n, kind), offset), lanes);
  }
}

NET2C_INLINE void net2c_reduce_integers(const struct net2c_reduce_plain_args *a, const void *x, void *y, uint32_t chunk)
{
  const uint32_t work = a->outer * a->inner;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const size_t first = (size_t)(i / a->inner) * a->n * a->inner + i % a->inner;
    int64_t all = a->kind == NET2C_REDUCE_PROD ? 1 : 0;
    for (uint32_t j = 0; j < a->n; j += NET2C_NUMBERS) {
      int64_t t[NET2C_NUMBERS];
      const uint32_t m = a->n - j < NET2C_NUMBERS ? a->n - j : NET2C_NUMBERS;
      net2c_load_integers(x, a->type, (ptrdiff_t)(first + (size_t)j * a->inner), (int32_t)a->inner, m, t);
      for (uint32_t k = 0; k < m; ++k) {
        const int64_t v = t[k];
        switch (a->kind) {
        case NET2C_REDUCE_MAX: all = (j | k) == 0 || v > all ? v : all; break;
        case NET2C_REDUCE_MIN: all = (j | k) == 0 || v < all ? v : all; break;
        case NET2C_REDUCE_PROD: all = (int64_t)((uint64_t)all * (uint64_t)v); break;
        case NET2C_REDUCE_L1: all = (int64_t)((uint64_t)all + (v < 0 ? 0 - (uint64_t)v : (uint64_t)v)); break;
        case NET2C_REDUCE_SUM_SQUARE: all = (int64_t)((uint64_t)all + (uint64_t)v * (uint64_t)v); break;
        default: all = (int64_t)((uint64_t)all + (uint64_t)v);
        }
      }
    }
    if (a->kind == NET2C_REDUCE_MEAN) all /= a->n;
    net2c_store_integers(y, a->type, i, 1, &all);
  }
}

NET2C_INLINE void net2c_reduce_plain_body(const struct net2c_reduce_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int integers)
{
  if (integers) net2c_reduce_integers(a, net2c_in(f, a->x), net2c_out(f, a->y), chunk);
  else net2c_reduce_floats(a, (const float *)net2c_in(f, a->x), (float *)net2c_out(f, a->y), chunk);
}

#endif
