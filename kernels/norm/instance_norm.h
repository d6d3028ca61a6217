/* Instance normalisation. Of the first rows the mean and the sum of squares around it; of rows after them both sums around the mean of all
 * rows before, in one pass, which loses no more: what a group's mean is off adds at least half as much to the sum of squares of the whole. Groups are merged
 * in double (T. Chan, G. Golub, R. LeVeque: Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979). */
#ifndef NET2C_INSTANCE_NORM_H
#define NET2C_INSTANCE_NORM_H

#include "kernels/act/act_many.h"
#include "kernels/norm/norm_args.h"
#include "kernels/rows.h"

#define NET2C_MOMENTS_ROWS 4
#define NET2C_MOMENTS_AHEAD 64 /* pixels */

struct net2c_moments { double mean[8], squares[8]; };

/* Sums over `rows` rows (a literal, to keep several in flight) of w pixels: of x - centre, and of its squares where they are wanted. */
NET2C_INLINE v8 net2c_moments_sums(v8 centre, const float *x, size_t pitch, uint32_t w, uint32_t rows, v8 *all_squares)
{
  v8 sum[NET2C_MOMENTS_ROWS], squares[NET2C_MOMENTS_ROWS];
  NET2C_UNROLL for (uint32_t i = 0; i < NET2C_MOMENTS_ROWS; ++i) sum[i] = squares[i] = set8(0.0f);
  for (uint32_t j = 0; j < w; ++j)
    NET2C_UNROLL for (uint32_t i = 0; i < rows; ++i) {
      const v8 d = sub8(load8(x + i * pitch + 8 * j), centre);
      if (j % 2 == 0) prefetch8(x + i * pitch + 8 * (j + NET2C_MOMENTS_AHEAD)); /* large maps come from memory */
      sum[i] = add8(sum[i], d);
      if (all_squares) squares[i] = fma8(d, d, squares[i]);
    }
  if (all_squares) *all_squares = add8(add8(squares[0], squares[1]), add8(squares[2], squares[3]));
  return add8(add8(sum[0], sum[1]), add8(sum[2], sum[3]));
}

/* `rows` rows of w pixels join the `done` pixels of m. */
NET2C_INLINE void net2c_moments_rows(struct net2c_moments *m, uint32_t done, const float *x, size_t pitch, uint32_t w, uint32_t rows)
{
  const uint32_t n = rows * w;
  const double part = 1.0 / n, share = n / ((double)done + n), weight = done * share;
  float centre[8], sum[8], squares[8];
  v8 v, all;
  for (uint32_t l = 0; l < 8; ++l) centre[l] = (float)m->mean[l];
  v = load8(centre);
  if (done == 0) {
    v = mul8(net2c_moments_sums(v, x, pitch, w, rows, 0), set8((float)part));
    store8(centre, v);
  }
  store8(sum, net2c_moments_sums(v, x, pitch, w, rows, &all)), store8(squares, all);
  for (uint32_t l = 0; l < 8; ++l) {
    const double off = sum[l] * part, delta = centre[l] + off - m->mean[l];
    m->mean[l] = m->mean[l] + delta * share;
    m->squares[l] = m->squares[l] + (squares[l] - off * sum[l]) + delta * delta * weight;
  }
}

/* The rows of y. clip: a clip, where lanes without a channel need nothing else or are not there. */
NET2C_INLINE void net2c_instance_norm_rows(const struct net2c_instance_norm_args *a, const float *x, float *y, v8 centre, v8 scale, v8 bias,
                                           uint32_t valid)
{
  const uint32_t w = a->x.w, clip = a->act == NET2C_ACT_CLIP && (valid == 8 || (a->a <= 0.0f && a->b >= 0.0f));
  const v8 low = set8(a->a), high = set8(a->b);
  for (uint32_t r = 0; r < a->x.h; ++r) {
    const float *p = x + (size_t)r * a->x.pitch * 8;
    float *q = y + (size_t)r * a->y.pitch * 8;
    if (clip) {
      for (uint32_t j = 0; j < w; ++j) store8(q + 8 * j, min8(high, max8(low, fma8(sub8(load8(p + 8 * j), centre), scale, bias))));
      continue;
    }
    for (uint32_t j = 0; j < w; j += 8) {
      const uint32_t n = w - j < 8 ? w - j : 8;
      v8 v[8];
      for (uint32_t k = 0; k < n; ++k) v[k] = fma8(sub8(load8(p + 8 * (j + k)), centre), scale, bias);
      net2c_act_many(v, n, a->act, a->a, a->b);
      for (uint32_t k = 0; k < n; ++k) store8(q + 8 * (j + k), keep8(v[k], valid));
    }
  }
}

NET2C_INLINE void net2c_instance_norm_body(const struct net2c_instance_norm_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t blocks = net2c_blocks(&a->x), planes = a->x.n * blocks, h = a->x.h, w = a->x.w;
  const float *scales = (const float *)net2c_in(f, a->scale), *biases = (const float *)net2c_in(f, a->bias);
  (void)unused;
  for (uint32_t i = net2c_cut(planes, chunk, a->chunks), end = net2c_cut(planes, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / blocks, b = i % blocks, valid = a->x.c - 8 * b < 8 ? a->x.c - 8 * b : 8;
    const float *x = net2c_map_in(f, &a->x, n, b);
    float *y = net2c_map_out(f, &a->y, n, b);
    const size_t pitch = (size_t)a->x.pitch * 8;
    struct net2c_moments m;
    float mean[8], variance[8];
    v8 centre, scale, bias;
    uint32_t r = 0;
    for (uint32_t l = 0; l < 8; ++l) m.mean[l] = m.squares[l] = 0.0;
    for (; r + NET2C_MOMENTS_ROWS <= h; r += NET2C_MOMENTS_ROWS) net2c_moments_rows(&m, r * w, x + r * pitch, pitch, w, NET2C_MOMENTS_ROWS);
    for (; r < h; ++r) net2c_moments_rows(&m, r * w, x + r * pitch, pitch, w, 1);
    for (uint32_t l = 0; l < 8; ++l) mean[l] = (float)m.mean[l], variance[l] = m.squares[l] < 0.0 ? 0.0f : (float)(m.squares[l] / ((double)h * w));
    centre = load8(mean);
    scale = div8(loadn8(scales + 8 * b, valid), sqrt8(add8(load8(variance), set8(a->epsilon))));
    scale = keep8(scale, valid); /* 0 / 0 where epsilon is 0 */
    bias = loadn8(biases + 8 * b, valid);
    net2c_instance_norm_rows(a, x, y, centre, scale, bias, valid);
    net2c_halo_rows(f, &a->y, n, b, 0, h);
  }
}

#endif
