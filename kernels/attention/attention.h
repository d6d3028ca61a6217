/* Attention: a few rows of scores at a time, which never leave the cache. Both products are those of kernels/dense. */
#ifndef NET2C_ATTENTION_H
#define NET2C_ATTENTION_H

#include "kernels/attention/attention_args.h"
#include "kernels/dense/dense.h"
#include "kernels/softmax/softmax.h"

/* y [rows][n] = x [rows][k] * packed w, times scale. zeros, scale: 32 each. */
NET2C_NOINLINE void net2c_attention_product(const float *x, uint32_t rows, uint32_t k, const float *w, uint32_t n, const float *zeros,
                                            const float *scale, float *y)
{
  struct net2c_dense_tile t;
  t.k = k, t.residual = 0, t.act = NET2C_ACT_CLIP, t.a = -__builtin_inff(), t.b = __builtin_inff();
  t.bias = zeros, t.scale = scale, t.shift = zeros;
  for (uint32_t i = 0; i < n; i += 32) {
    t.w = w + (size_t)i * k;
    t.columns = n - i < 32 ? n - i : 32;
    for (uint32_t m = 0; m < rows;) {
      const uint32_t p = rows - m < 3 ? rows - m : rows - m == 4 ? 2 : 3;
      for (uint32_t j = 0; j < p; ++j) t.x[j] = x + (size_t)(m + j) * k, t.y[j] = y + (size_t)(m + j) * n + i;
      if (p == 1) net2c_dense_step(&t, 1, 1, 0);
      else if (p == 2) net2c_dense_step(&t, 2, 1, 0);
      else net2c_dense_step(&t, 3, 1, 0);
      m += p;
    }
  }
}

/* [rows][columns] of x, element (r, c) at r step_r + c step_c -> [columns/32][rows][32], zeros beyond. */
NET2C_NOINLINE void net2c_attention_pack(const float *x, size_t step_r, size_t step_c, uint32_t rows, uint32_t columns, float *y)
{
  for (uint32_t c = 0; c < columns; c += 32) {
    const uint32_t n = columns - c < 32 ? columns - c : 32;
    for (uint32_t r = 0; r < rows; ++r, y += 32)
      for (uint32_t j = 0; j < 32; ++j) y[j] = j < n ? x[r * step_r + (c + j) * step_c] : 0.0f;
  }
}

NET2C_INLINE void net2c_attention_add(float *y, const float *x, uint32_t n)
{
  for (uint32_t i = 0; i < n; i += 8) {
    const uint32_t k = n - i < 8 ? n - i : 8;
    storen8(y + i, add8(loadn8(y + i, k), loadn8(x + i, k)), k);
  }
}

NET2C_INLINE void net2c_attention_body(const struct net2c_attention_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t b = chunk / a->row_chunks, n = a->n, depth = a->depth, width = a->width;
  const uint32_t r0 = net2c_cut(a->m, chunk % a->row_chunks, a->row_chunks), r1 = net2c_cut(a->m, chunk % a->row_chunks + 1, a->row_chunks);
  const float *q = (const float *)net2c_in(f, a->q) + (size_t)b * a->m * depth;
  float *y = (float *)net2c_out(f, a->y) + (size_t)b * a->m * width;
  float *zeros = (float *)f->scratch, *scale = zeros + 32, *keys = scale + 32;
  const float *bias = a->bias == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->bias) + (size_t)(b / a->bias_repeat % a->bias_batches) * a->bias_step;
  float *values = keys + (size_t)(n + 31) / 32 * 32 * depth, *scores = values + (size_t)(width + 31) / 32 * 32 * n;
  (void)unused;
  for (uint32_t i = 0; i < 32; ++i) zeros[i] = 0.0f, scale[i] = a->scale;
  net2c_attention_pack((const float *)net2c_in(f, a->k) + (size_t)b * n * depth, 1, depth, depth, n, keys);
  net2c_attention_pack((const float *)net2c_in(f, a->v) + (size_t)b * n * width, width, 1, n, width, values);
  for (uint32_t r = r0; r < r1; r += NET2C_ATTENTION_ROWS) {
    const uint32_t rows = r1 - r < NET2C_ATTENTION_ROWS ? r1 - r : NET2C_ATTENTION_ROWS;
    net2c_attention_product(q + (size_t)r * depth, rows, depth, keys, n, zeros, scale, scores);
    for (uint32_t i = 0; bias && i < rows; ++i) net2c_attention_add(scores + (size_t)i * n, bias + (size_t)(r + i) * a->bias_row, n);
    for (uint32_t i = 0; i < rows; ++i)
      net2c_softmax_run(scores + (size_t)i * n, scores + (size_t)i * n, (n + 7) / 8, 8, 8, n % 8 ? n % 8 : 8, 1, 0);
    net2c_attention_product(scores, rows, n, values, width, zeros, 0, y + (size_t)r * width);
  }
}

#endif
