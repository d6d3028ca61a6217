/* Layer normalisation of plain rows. Sums: lane = index mod 8, partial results, lanes merged by a fixed tree. */
#ifndef NET2C_LAYER_NORM_H
#define NET2C_LAYER_NORM_H

#include "kernels/norm/norm_args.h"
#include "kernels/reduce/reduce_steps.h"

/* Sum of x - mean, or of its square. */
NET2C_INLINE float net2c_layer_sum(const float *x, uint32_t n, v8 mean, int square)
{
  v8 all = set8(0.0f);
  for (uint32_t i = 0; i < n;) {
    const uint32_t end = n - i < 2048 ? n : i + 2048;
    v8 part = set8(0.0f);
    for (; i < end; i += 8) {
      const uint32_t k = n - i < 8 ? n - i : 8;
      const v8 d = k == 8 ? sub8(load8(x + i), mean) : keep8(sub8(loadn8(x + i, k), mean), k);
      part = square ? fma8(d, d, part) : add8(part, d);
    }
    all = add8(all, part);
  }
  return net2c_reduce_lanes(all, NET2C_REDUCE_SUM);
}

NET2C_INLINE void net2c_layer_norm_body(const struct net2c_layer_norm_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const float *xs = (const float *)net2c_in(f, a->x);
  const float *scale = a->scale == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->scale);
  const float *bias = a->bias == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->bias);
  float *ys = (float *)net2c_out(f, a->y);
  const uint32_t n = a->n;
  const float inverse = 1.0f / (float)n;
  (void)unused;
  for (uint32_t r = net2c_cut(a->rows, chunk, a->chunks), end = net2c_cut(a->rows, chunk + 1, a->chunks); r < end; ++r) {
    const float *x = xs + (size_t)r * n;
    float *y = ys + (size_t)r * n;
    const v8 mean = set8(net2c_layer_sum(x, n, set8(0.0f), 0) * inverse);
    const v8 variance = set8(net2c_layer_sum(x, n, mean, 1) * inverse);
    const v8 factor = div8(set8(1.0f), sqrt8(add8(variance, set8(a->epsilon))));
    uint32_t i = 0;
    for (; i + 8 <= n; i += 8) {
      v8 v = mul8(sub8(load8(x + i), mean), factor);
      if (scale) v = mul8(v, load8(scale + i));
      if (bias) v = add8(v, load8(bias + i));
      store8(y + i, v);
    }
    if (i < n) {
      const uint32_t k = n - i;
      v8 v = mul8(sub8(loadn8(x + i, k), mean), factor);
      if (scale) v = mul8(v, loadn8(scale + i, k));
      if (bias) v = add8(v, loadn8(bias + i, k));
      storen8(y + i, v, k);
    }
  }
}

#endif
