/* Maximum, e^x, sum, one division, product. Sums over the last axis: lane = index mod 8, lanes merged by a fixed tree. */
#ifndef NET2C_SOFTMAX_H
#define NET2C_SOFTMAX_H

#include "kernels/reduce/reduce_steps.h"
#include "kernels/softmax/softmax_args.h"

/* n vectors of `lanes` floats, `step` floats apart. The last may have fewer, `rest`, which are one row's end: then `together`
 * the lanes are one row. */
NET2C_INLINE void net2c_softmax_run(const float *x, float *y, uint32_t n, size_t step, uint32_t lanes, uint32_t rest, int together, int logarithm)
{
  v8 most = set8(-__builtin_inff()), sum = set8(0.0f), factor;
  const v8 nothing = set8(-__builtin_inff());
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t k = i + 1 == n ? rest : lanes;
    v8 v = loadn8(x + i * step, k);
    if (together && k < 8) v = select8(eq8(keep8(set8(1.0f), k), set8(0.0f)), nothing, v);
    most = max8(most, v);
  }
  if (together) most = set8(net2c_reduce_lanes(most, NET2C_REDUCE_MAX));
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t k = i + 1 == n ? rest : lanes;
    const v8 e = exp8(sub8(loadn8(x + i * step, k), most));
    sum = add8(sum, together ? keep8(e, k) : e);
    if (!logarithm) storen8(y + i * step, e, k);
  }
  if (together) sum = set8(net2c_reduce_lanes(sum, NET2C_REDUCE_SUM));
  factor = logarithm ? log8(sum) : div8(set8(1.0f), sum);
  for (uint32_t i = 0; i < n; ++i) {
    const uint32_t k = i + 1 == n ? rest : lanes;
    if (logarithm) storen8(y + i * step, sub8(sub8(loadn8(x + i * step, k), most), factor), k);
    else storen8(y + i * step, mul8(loadn8(y + i * step, k), factor), k);
  }
}

NET2C_INLINE void net2c_softmax_body(const struct net2c_softmax_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *x = (const float *)net2c_in(f, a->x);
  float *y = (float *)net2c_out(f, a->y);
  const uint32_t n = a->n, inner = a->inner, groups = (inner + 7) / 8, work = a->outer * groups;
  (void)unused;
  for (uint32_t i = net2c_cut(work, chunk, a->chunks), end = net2c_cut(work, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t at = 8 * (i % groups), lanes = inner - at < 8 ? inner - at : 8;
    const size_t first = (size_t)(i / groups) * n * inner + at;
    if (inner == 1) net2c_softmax_run(x + first, y + first, (n + 7) / 8, 8, 8, n % 8 ? n % 8 : 8, 1, (int)a->logarithm);
    else net2c_softmax_run(x + first, y + first, n, inner, lanes, lanes, 0, (int)a->logarithm);
  }
}

#endif
