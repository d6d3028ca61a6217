#ifndef NET2C_WINOGRAD_INPUT_H
#define NET2C_WINOGRAD_INPUT_H

#include "kernels/winograd/transform.h"
#include "kernels/winograd/winograd_args.h"

/* One tile of one block: rows `row` floats apart at x. */
NET2C_INLINE void net2c_winograd_input_tile(const float *x, size_t row, float *v, size_t plane)
{
  v8 t[6][6], in[6], out[6];
  NET2C_UNROLL for (int j = 0; j < 6; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < 6; ++i) in[i] = load8(x + (size_t)i * row + j * 8);
    net2c_winograd_input6(in, out);
    NET2C_UNROLL for (int i = 0; i < 6; ++i) t[i][j] = out[i];
  }
  NET2C_UNROLL for (int i = 0; i < 6; ++i)
  {
    net2c_winograd_input6(t[i], out);
    NET2C_UNROLL for (int j = 0; j < 6; ++j) store8(v + (size_t)(i * 6 + j) * plane, out[j]);
  }
}

/* The same where only h x w pixels are there. */
NET2C_NOINLINE void net2c_winograd_input_edge(const float *x, size_t row, uint32_t h, uint32_t w, float *v, size_t plane)
{
  float whole[6 * 6 * 8];
  for (uint32_t i = 0; i < 6; ++i)
    for (uint32_t j = 0; j < 6; ++j) store8(whole + (i * 6 + j) * 8, i < h && j < w ? load8(x + i * row + j * 8) : set8(0.0f));
  net2c_winograd_input_tile(whole, 6 * 8, v, plane);
}

NET2C_NOINLINE void net2c_winograd_input_row(const struct net2c_winograd_input_args *a, const float *x, size_t row, uint32_t h, float *v,
                                             size_t plane)
{
  for (uint32_t j = 0; j < a->columns; ++j) {
    const uint32_t left = a->wide - j * a->m;
    if (h >= 6 && left >= 6) net2c_winograd_input_tile(x, row, v, plane);
    else net2c_winograd_input_edge(x, row, h, left, v, plane);
    x += a->m * 8, v += 8;
  }
}

NET2C_INLINE void net2c_winograd_input_body(const struct net2c_winograd_input_args *a, const struct net2c_frame *f, uint32_t chunk,
                                            const int unused)
{
  const uint32_t blocks = (a->x.c + 7) / 8;
  const size_t row = (size_t)a->x.pitch * 8, plane = NET2C_WINOGRAD_PLANE((size_t)blocks * a->pitch * 8);
  const uint32_t to = net2c_cut(blocks * a->rows, chunk + 1, a->chunks);
  (void)unused;
  for (uint32_t i = net2c_cut(blocks * a->rows, chunk, a->chunks); i < to; ++i) {
    const uint32_t block = i / a->rows, r = i % a->rows, n = (a->first + r) / a->tile_rows, y = (a->first + r) % a->tile_rows * a->m;
    const float *x = net2c_map_in(f, &a->x, n, block) + ((ptrdiff_t)y - a->top) * (ptrdiff_t)row - a->left * (ptrdiff_t)8;
    float *v = (float *)net2c_out(f, a->v) + ((size_t)block * a->pitch + (size_t)r * a->columns) * 8;
    net2c_winograd_input_row(a, x, row, a->high - y, v, plane);
  }
}

#endif
