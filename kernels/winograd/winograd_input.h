#ifndef NET2C_WINOGRAD_INPUT_H
#define NET2C_WINOGRAD_INPUT_H

#include "kernels/winograd/band.h"
#include "kernels/winograd/transform.h"
#include "kernels/winograd/winograd_args.h"

/* One tile of one block: R x C pixels, `pixel` and `row` floats apart at x, to as many of the N x N points (4: without infinity). */
NET2C_INLINE void net2c_winograd_input_tile(const float *x, size_t row, size_t pixel, float *v, size_t plane, const int R, const int C)
{
  const int N = R == 6 ? 6 : 5;
  v8 t[6][6], in[6], out[6];
  NET2C_UNROLL for (int j = 0; j < C; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < R; ++i) in[i] = load8(x + (size_t)i * row + (size_t)j * pixel);
    net2c_winograd_input_axis(in, out, R);
    NET2C_UNROLL for (int i = 0; i < R; ++i) t[i][j] = out[i];
  }
  NET2C_UNROLL for (int i = 0; i < R; ++i)
  {
    net2c_winograd_input_axis(t[i], out, C);
    NET2C_UNROLL for (int j = 0; j < C; ++j) store8(v + (size_t)(i * N + j) * plane, out[j]);
  }
}

/* As functions, each there once; the second takes zeros where only h x w pixels are there. */
#define NET2C_WINOGRAD_INPUT_TILE(R, C)                                                                                               \
  NET2C_NOINLINE void net2c_winograd_input_tile##R##C(const float *x, size_t row, size_t pixel, float *v, size_t plane)               \
  {                                                                                                                                   \
    net2c_winograd_input_tile(x, row, pixel, v, plane, R, C);                                                                         \
  }                                                                                                                                   \
  NET2C_NOINLINE void net2c_winograd_input_edge##R##C(const float *x, size_t row, size_t pixel, uint32_t h, uint32_t w, float *v,     \
                                                      size_t plane)                                                                   \
  {                                                                                                                                   \
    float whole[R * C * 8];                                                                                                           \
    for (uint32_t i = 0; i < R; ++i)                                                                                                  \
      for (uint32_t j = 0; j < C; ++j) store8(whole + (i * C + j) * 8, i < h && j < w ? load8(x + i * row + j * pixel) : set8(0.0f)); \
    net2c_winograd_input_tile##R##C(whole, C * 8, 8, v, plane);                                                                       \
  }
NET2C_WINOGRAD_INPUT_TILE(4, 4)
NET2C_WINOGRAD_INPUT_TILE(4, 5)
NET2C_WINOGRAD_INPUT_TILE(5, 4)
NET2C_WINOGRAD_INPUT_TILE(5, 5)
NET2C_WINOGRAD_INPUT_TILE(6, 6)

/* A tile of h x w outputs, 1 to 4, of which one is less: (h + 2) x (w + 2) pixels. */
NET2C_NOINLINE void net2c_winograd_input_short(const float *x, size_t row, uint32_t h, uint32_t w, float *v, size_t plane)
{
  const uint32_t down = net2c_band_points(h), across = net2c_band_points(w);
  v8 t[6][6], in[6], out[6];
  for (uint32_t j = 0; j < w + 2; ++j) {
    for (uint32_t i = 0; i < h + 2; ++i) in[i] = load8(x + i * row + j * 8);
    if (h == 4) net2c_winograd_input_axis(in, out, 6);
    else net2c_winograd_input_axis_short(in, out, h);
    for (uint32_t i = 0; i < 6; ++i)
      if (down >> i & 1) t[i][j] = out[i];
  }
  for (uint32_t i = 0; i < 6; ++i) {
    if (!(down >> i & 1)) continue;
    if (w == 4) net2c_winograd_input_axis(t[i], out, 6);
    else net2c_winograd_input_axis_short(t[i], out, w);
    for (uint32_t j = 0; j < 6; ++j)
      if (across >> j & 1) store8(v + (size_t)(i * 6 + j) * plane, out[j]);
  }
}

/* A row of mixed tiles, row r of the strip; x: its first pixel, v: the strip's first tile. */
NET2C_INLINE void net2c_winograd_input_band(const struct net2c_winograd_input_args *a, uint32_t r, const float *x, float *v, size_t plane)
{
  const uint32_t h = a->high - 2, w = a->wide - 2;
  const size_t row = (size_t)a->x.pitch * 8;
  const struct net2c_band b = net2c_band_of(r / a->band, a->band, a->first, a->rows, a->tile_rows, a->columns, h, w);
  const uint32_t high = r % a->band < b.full ? 4 : h % 4;
  for (uint32_t j = 0; j < a->columns; ++j, x += 32) {
    float *const to = v + (size_t)net2c_band_tile(&b, r % a->band, j) * 8;
    if (high == 4 && j < b.whole) net2c_winograd_input_tile66(x, row, 8, to, plane);
    else net2c_winograd_input_short(x, row, high, j < b.whole ? 4 : w % 4, to, plane);
  }
}

/* One tile of one line of one block: 6 pixels, `step` floats apart at x; only `wide` are there. */
NET2C_INLINE void net2c_winograd_input_line(const float *x, size_t step, uint32_t wide, float *v, size_t plane)
{
  v8 in[6], out[6];
  NET2C_UNROLL for (uint32_t i = 0; i < 6; ++i) in[i] = i < wide ? load8(x + i * step) : set8(0.0f);
  net2c_winograd_input_axis(in, out, 6);
  NET2C_UNROLL for (int i = 0; i < 6; ++i) store8(v + (size_t)i * plane, out[i]);
}

NET2C_INLINE void net2c_winograd_input_lines(const struct net2c_winograd_input_args *a, const struct net2c_frame *f, uint32_t chunk)
{
  const size_t row = (size_t)a->x.pitch * 8, step = a->vertical ? row : 8, next = a->vertical ? 8 : row;
  const uint32_t blocks = (a->x.c + 7) / 8, reach = a->vertical ? a->high : a->wide, to = net2c_cut(blocks * a->columns, chunk + 1, a->chunks);
  const size_t plane = NET2C_WINOGRAD_PLANE((size_t)blocks * a->pitch * 8);
  for (uint32_t i = net2c_cut(blocks * a->columns, chunk, a->chunks); i < to; ++i) {
    const uint32_t block = i / a->columns, column = i % a->columns, at = column * a->m, wide = reach > at ? reach - at : 0;
    float *v = (float *)net2c_out(f, a->v) + ((size_t)block * a->pitch + (size_t)column * a->rows) * 8;
    for (uint32_t r = 0; r < a->rows;) {
      const uint32_t image = (a->first + r) / a->tile_rows, first = (a->first + r) % a->tile_rows;
      const uint32_t left = a->rows - r, count = left < a->tile_rows - first ? left : a->tile_rows - first;
      const float *x = net2c_map_in(f, &a->x, image, block) + first * next + at * step - a->top * (ptrdiff_t)row - a->left * (ptrdiff_t)8;
      r += count;
      if (wide >= 6)
        for (uint32_t l = 0; l < count; ++l, x += next, v += 8) net2c_winograd_input_line(x, step, 6, v, plane);
      else
        for (uint32_t l = 0; l < count; ++l, x += next, v += 8) net2c_winograd_input_line(x, step, wide, v, plane);
    }
  }
}

/* S: 2 where the pixels of a tile are every second one, four tiles a window: one each for even and odd rows and columns.
 * O: points along odd rows and columns, 4 where they have one tap of the kernel. D: dimensions. */
NET2C_INLINE void net2c_winograd_input_body(const struct net2c_winograd_input_args *a, const struct net2c_frame *f, uint32_t chunk,
                                            const int N, const int S, const int O, const int D)
{
  if (D == 1) {
    net2c_winograd_input_lines(a, f, chunk);
    return;
  }
  const uint32_t blocks = (a->x.c + 7) / 8, s = (uint32_t)S, step = a->m * s;
  const size_t row = (size_t)a->x.pitch * 8, plane = NET2C_WINOGRAD_PLANE((size_t)blocks * s * s * a->pitch * 8);
  const uint32_t to = net2c_cut(blocks * a->rows, chunk + 1, a->chunks);
  for (uint32_t i = net2c_cut(blocks * a->rows, chunk, a->chunks); i < to; ++i) {
    const uint32_t block = i / a->rows, r = i % a->rows, image = (a->first + r) / a->tile_rows, y = (a->first + r) % a->tile_rows * step;
    const float *x = net2c_map_in(f, &a->x, image, block) + ((ptrdiff_t)y - a->top) * (ptrdiff_t)row - a->left * (ptrdiff_t)8;
    float *v = (float *)net2c_out(f, a->v) + ((size_t)block * a->pitch + (size_t)r * a->columns) * 8;
    if (N == 6 && a->band) {
      net2c_winograd_input_band(a, r, x, v - (size_t)r * a->columns * 8, plane);
      continue;
    }
    /* What the next row of tiles reads beside, of this block or the one after it: each image fetches a part of its rows. At six points it gains nothing. */
    const ptrdiff_t below = (ptrdiff_t)(step * row), back = (ptrdiff_t)(a->rows - 1) * below;
    const float *const ahead = x + (r + 1 < a->rows ? below : (ptrdiff_t)a->x.plane * 8 - back) + (ptrdiff_t)((uint32_t)N - a->m) * (ptrdiff_t)row;
    for (uint32_t p = 0; p < s; ++p)
      for (uint32_t q = 0; q < s; ++q) {
        const uint32_t h = a->high > y + p ? (a->high - y - p + s - 1) / s : 0, rows = (uint32_t)(p ? O : N), columns = (uint32_t)(q ? O : N);
        const float *xp = x + p * row + q * 8;
        float *vp = v + (size_t)(S == 2 ? NET2C_WINOGRAD_IMAGE(p, q) : 0) * blocks * a->pitch * 8;
        void (*const tile)(const float *, size_t, size_t, float *, size_t) =
          N == 6 ? net2c_winograd_input_tile66
          : rows == 5 ? columns == 5 ? net2c_winograd_input_tile55 : net2c_winograd_input_tile54
          : columns == 5 ? net2c_winograd_input_tile45 : net2c_winograd_input_tile44;
        void (*const edge)(const float *, size_t, size_t, uint32_t, uint32_t, float *, size_t) =
          N == 6 ? net2c_winograd_input_edge66
          : rows == 5 ? columns == 5 ? net2c_winograd_input_edge55 : net2c_winograd_input_edge54
          : columns == 5 ? net2c_winograd_input_edge45 : net2c_winograd_input_edge44;
        for (uint32_t j = 0; j < a->columns; ++j, xp += step * 8, vp += 8) {
          const uint32_t left = j * step + q, w = a->wide > left ? (a->wide - left + s - 1) / s : 0;
          if (h >= rows && w >= columns) tile(xp, row * s, 8 * s, vp, plane);
          else edge(xp, row * s, 8 * s, h, w, vp, plane);
          for (uint32_t k = (p * s + q) * (a->m / s), end = k + (N == 5 ? a->m / s : 0); k < end; ++k)
            for (uint32_t l = 0; l < step * 8; l += 16) prefetch8_l2(ahead + k * row + j * step * 8 + l);
        }
      }
  }
}

#endif
