/* Instance normalisation: of each row the mean and the sum of squares around it, merged in double (T. Chan, G. Golub,
 * R. LeVeque: Updating Formulae and a Pairwise Algorithm for Computing Sample Variances, 1979). */
#ifndef NET2C_INSTANCE_NORM_H
#define NET2C_INSTANCE_NORM_H

#include "kernels/norm/norm_args.h"
#include "kernels/rows.h"

struct net2c_moments { double mean[8], squares[8]; };

/* `rows` rows (a literal, to keep several sums in flight) of w pixels; `done` pixels are in m. */
NET2C_INLINE void net2c_moments_rows(struct net2c_moments *m, uint32_t done, const float *x, size_t pitch, uint32_t w, uint32_t rows)
{
  v8 sum[4], mean[4], squares[4];
  const v8 inverse = set8(1.0f / (float)w);
  for (uint32_t i = 0; i < rows; ++i) sum[i] = squares[i] = set8(0.0f);
  for (uint32_t j = 0; j < w; ++j)
    NET2C_UNROLL for (uint32_t i = 0; i < rows; ++i) sum[i] = add8(sum[i], load8(x + i * pitch + 8 * j));
  for (uint32_t i = 0; i < rows; ++i) mean[i] = mul8(sum[i], inverse);
  for (uint32_t j = 0; j < w; ++j)
    NET2C_UNROLL for (uint32_t i = 0; i < rows; ++i) {
      const v8 d = sub8(load8(x + i * pitch + 8 * j), mean[i]);
      squares[i] = fma8(d, d, squares[i]);
    }
  for (uint32_t i = 0; i < rows; ++i, done += w) {
    float row_mean[8], row_squares[8];
    const double all = (double)done + w, share = w / all, weight = done * share;
    store8(row_mean, mean[i]), store8(row_squares, squares[i]);
    for (uint32_t l = 0; l < 8; ++l) {
      const double delta = row_mean[l] - m->mean[l];
      m->mean[l] = m->mean[l] + delta * share;
      m->squares[l] = m->squares[l] + row_squares[l] + delta * delta * weight;
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
    for (; r + 4 <= h; r += 4) net2c_moments_rows(&m, r * w, x + r * pitch, pitch, w, 4);
    for (; r < h; ++r) net2c_moments_rows(&m, r * w, x + r * pitch, pitch, w, 1);
    for (uint32_t l = 0; l < 8; ++l) mean[l] = (float)m.mean[l], variance[l] = (float)(m.squares[l] / ((double)h * w));
    centre = load8(mean);
    scale = div8(loadn8(scales + 8 * b, valid), sqrt8(add8(load8(variance), set8(a->epsilon))));
    scale = keep8(scale, valid); /* 0 / 0 where epsilon is 0 */
    bias = loadn8(biases + 8 * b, valid);
    for (r = 0; r < h; ++r) {
      const float *p = x + r * pitch;
      float *q = y + (size_t)r * a->y.pitch * 8;
      for (uint32_t j = 0; j < w; ++j) store8(q + 8 * j, fma8(sub8(load8(p + 8 * j), centre), scale, bias));
    }
    net2c_halo_rows(f, &a->y, n, b, 0, h);
  }
}

#endif
