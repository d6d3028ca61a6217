/* The mean and the sum of squares around it, of each channel of a block, a group of rows at a time. Rows are summed around a centre: the mean of all rows before,
 * of the first ones that of their first pixels. So sums of squares do not cancel: what a group's mean is off its centre adds at least as much to the squares of the pixels
 * that the centre is the mean of. Groups are merged in double (T. Chan, G. Golub, R. LeVeque: Updating Formulae and a Pairwise Algorithm for
 * Computing Sample Variances, 1979). */
#ifndef NET2C_MOMENTS_H
#define NET2C_MOMENTS_H

#include "kernels/norm/norm_args.h"
#include "kernels/norm/pixels.h"

#define NET2C_MOMENTS_ROWS 4
#define NET2C_MOMENTS_FLIGHT (NET2C_VT == 16 ? 4 : 2) /* of them at once; four registers a row of eight lanes, two of sixteen */
#define NET2C_MOMENTS_FIRST 64                        /* pixels, whose mean is the first centre */
#define NET2C_MOMENTS_AHEAD 64                        /* pixels */

/* Sums over `rows` rows (a literal) of w pixels: of x - centre, and of its squares. Pixels of even and of odd columns apart, then rows.
 * ahead: the map comes from memory. */
NET2C_INLINE void net2c_moments_sums(v8 centre, const float *x, size_t pitch, uint32_t w, uint32_t rows, const int ahead, v8 *sum, v8 *squares)
{
  const vt c = net2c_pixels_each(centre);
  v8 s[NET2C_MOMENTS_ROWS], q[NET2C_MOMENTS_ROWS];
  NET2C_UNROLL for (uint32_t i = 0; i < NET2C_MOMENTS_ROWS; ++i) s[i] = q[i] = set8(0.0f);
  NET2C_UNROLL for (uint32_t r = 0; r < rows; r += NET2C_MOMENTS_FLIGHT) {
    const uint32_t some = rows - r < NET2C_MOMENTS_FLIGHT ? rows - r : NET2C_MOMENTS_FLIGHT;
    vt a[NET2C_MOMENTS_FLIGHT][16 / NET2C_VT], b[NET2C_MOMENTS_FLIGHT][16 / NET2C_VT];
    uint32_t j = 0;
    NET2C_UNROLL for (uint32_t i = 0; i < some; ++i)
      NET2C_UNROLL for (uint32_t k = 0; k < 16 / NET2C_VT; ++k) a[i][k] = b[i][k] = sett(0.0f);
    for (; j + 2 <= w; j += 2)
      NET2C_UNROLL for (uint32_t i = 0; i < some; ++i) {
        const float *p = x + (r + i) * pitch + 8 * (size_t)j;
        if (ahead) prefetch8(p + 8 * NET2C_MOMENTS_AHEAD);
        NET2C_UNROLL for (uint32_t k = 0; k < 16 / NET2C_VT; ++k) {
          const vt d = subt(loadt(p + k * NET2C_VT), c);
          a[i][k] = addt(a[i][k], d), b[i][k] = fmat(d, d, b[i][k]);
        }
      }
    NET2C_UNROLL for (uint32_t i = 0; i < some; ++i) {
      v8 even = halft(a[i][0], 0), squared = halft(b[i][0], 0);
      if (j < w) {
        const v8 d = sub8(load8(x + (r + i) * pitch + 8 * (size_t)j), centre);
        even = add8(even, d), squared = fma8(d, d, squared);
      }
      s[r + i] = add8(even, halft(a[i][16 / NET2C_VT - 1], 1)), q[r + i] = add8(squared, halft(b[i][16 / NET2C_VT - 1], 1));
    }
  }
  *sum = add8(add8(s[0], s[1]), add8(s[2], s[3])), *squares = add8(add8(q[0], q[1]), add8(q[2], q[3]));
}

NET2C_INLINE v8 net2c_moments_first(const float *x, uint32_t w)
{
  const uint32_t n = w < NET2C_MOMENTS_FIRST ? w : NET2C_MOMENTS_FIRST;
  v8 sum[4];
  NET2C_UNROLL for (uint32_t i = 0; i < 4; ++i) sum[i] = set8(0.0f);
  uint32_t j = 0;
  for (; j + 4 <= n; j += 4) NET2C_UNROLL for (uint32_t i = 0; i < 4; ++i) sum[i] = add8(sum[i], load8(x + 8 * (j + i)));
  for (; j < n; ++j) sum[0] = add8(sum[0], load8(x + 8 * j));
  return mul8(add8(add8(sum[0], sum[1]), add8(sum[2], sum[3])), set8(1.0f / (float)n));
}

/* `rows` rows of w pixels join m. */
NET2C_INLINE void net2c_moments_rows(struct net2c_block_moments *m, const float *x, size_t pitch, uint32_t w, uint32_t rows, const int ahead)
{
  const double n = (double)rows * w, part = 1.0 / n, share = n / (m->count + n), weight = m->count * share;
  float centre[8], sum[8], squares[8];
  v8 all, squared;
  if (m->count == 0.0) store8(centre, net2c_moments_first(x, w));
  else
    for (uint32_t l = 0; l < 8; ++l) centre[l] = (float)m->mean[l];
  net2c_moments_sums(load8(centre), x, pitch, w, rows, ahead, &all, &squared);
  store8(sum, all), store8(squares, squared);
  for (uint32_t l = 0; l < 8; ++l) {
    const double off = sum[l] * part, delta = centre[l] + off - m->mean[l];
    m->mean[l] = m->mean[l] + delta * share;
    m->squares[l] = m->squares[l] + (squares[l] - off * sum[l]) + delta * delta * weight;
  }
  m->count += n;
}

/* Of h rows of w pixels. */
NET2C_INLINE void net2c_moments_of(struct net2c_block_moments *m, const float *x, size_t pitch, uint32_t h, uint32_t w, const int ahead)
{
  uint32_t r = 0;
  m->count = 0.0;
  for (uint32_t l = 0; l < 8; ++l) m->mean[l] = m->squares[l] = 0.0;
  for (; r + NET2C_MOMENTS_ROWS <= h; r += NET2C_MOMENTS_ROWS) net2c_moments_rows(m, x + r * pitch, pitch, w, NET2C_MOMENTS_ROWS, ahead);
  for (; r < h; ++r) net2c_moments_rows(m, x + r * pitch, pitch, w, 1, ahead);
}

/* What normalisation does with the channels of a block: (x - terms[0]) * terms[1] + terms[2], 0 beyond `valid`. */
NET2C_INLINE void net2c_moments_terms(const struct net2c_block_moments *m, const float *scales, const float *biases, float epsilon, uint32_t valid, v8 terms[3])
{
  float mean[8], variance[8];
  for (uint32_t l = 0; l < 8; ++l) mean[l] = (float)m->mean[l], variance[l] = m->squares[l] < 0.0 ? 0.0f : (float)(m->squares[l] / m->count);
  terms[0] = load8(mean);
  terms[1] = keep8(div8(loadn8(scales, valid), sqrt8(add8(load8(variance), set8(epsilon)))), valid); /* 0 / 0 where epsilon is 0 */
  terms[2] = loadn8(biases, valid);
}

NET2C_INLINE void net2c_moments_body(const struct net2c_moments_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const struct net2c_moments_part part = net2c_moments_part_of(a, chunk);
  const size_t pitch = (size_t)a->x.pitch * 8;
  (void)unused;
  for (uint32_t b = part.block; b < part.block_end; ++b) {
    struct net2c_block_moments *m = (struct net2c_block_moments *)net2c_out(f, a->partials) + ((size_t)b * a->parts + part.number);
    net2c_moments_of(m, net2c_map_in(f, &a->x, 0, b) + part.row * pitch, pitch, part.row_end - part.row, a->x.w, 0);
  }
}

/* Of all parts of each block, in order. */
NET2C_INLINE void net2c_moments_merge_body(const struct net2c_moments_merge_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t blocks = (a->c + 7) / 8;
  (void)unused;
  for (uint32_t b = net2c_cut(blocks, chunk, a->chunks), end = net2c_cut(blocks, chunk + 1, a->chunks); b < end; ++b) {
    const struct net2c_block_moments *part = (const struct net2c_block_moments *)net2c_in(f, a->partials) + (size_t)b * a->parts;
    const uint32_t valid = a->c - 8 * b < 8 ? a->c - 8 * b : 8;
    float *terms = (float *)net2c_out(f, a->terms) + 24 * (size_t)b;
    struct net2c_block_moments m = part[0];
    v8 t[3];
    for (uint32_t i = 1; i < a->parts; ++i) {
      const double n = part[i].count, share = n / (m.count + n), weight = m.count * share;
      for (uint32_t l = 0; l < 8; ++l) {
        const double delta = part[i].mean[l] - m.mean[l];
        m.mean[l] = m.mean[l] + delta * share;
        m.squares[l] = m.squares[l] + part[i].squares[l] + delta * delta * weight;
      }
      m.count += n;
    }
    net2c_moments_terms(&m, (const float *)net2c_in(f, a->scale) + 8 * b, (const float *)net2c_in(f, a->bias) + 8 * b, a->epsilon, valid, t);
    for (uint32_t i = 0; i < 3; ++i) store8(terms + 8 * i, t[i]);
  }
}

#endif
