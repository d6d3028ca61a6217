/* Transposed convolution by phases: sh * sw convolutions of stride 1 with an interleaving store, no zeros multiplied. */
#ifndef NET2C_DECONV_H
#define NET2C_DECONV_H

#include "kernels/conv/conv.h"

/* The taps of phase p of one axis: kernel rows first, first + step, ...; output i = stride * q + p reads input rows
 * q + shift - n * back for tap n. */
struct net2c_phase { uint32_t taps; int32_t shift, back; };
NET2C_INLINE struct net2c_phase net2c_deconv_phase(uint32_t p, uint32_t kernel, uint32_t stride, uint32_t dilation, int32_t pad)
{
  struct net2c_phase r = {0, 0, 0};
  int32_t first = -1;
  for (uint32_t k = 0; k < kernel; ++k) {
    const int32_t from = (int32_t)p + pad - (int32_t)(k * dilation);
    if (from % (int32_t)stride) continue;
    if (first < 0) first = (int32_t)k, r.shift = from / (int32_t)stride;
    else if (r.taps == 1) r.back = r.shift - from / (int32_t)stride;
    ++r.taps;
  }
  return r;
}

/* Chunk: rows of y in whole groups of sh, so that a chunk owns complete rows. */
NET2C_INLINE void net2c_deconv_body(const struct net2c_deconv_args *a, const struct net2c_frame *f, uint32_t chunk, const int LANES,
                                    const int EPILOGUE)
{
  const uint32_t pairs = (a->oc_blocks + 1) / 2, all = pairs * a->groups, rows = (a->y.h + a->sh - 1) / a->sh;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks % a->row_chunks;
  const uint32_t n = chunk / a->oc_chunks / a->row_chunks;
  const uint32_t q0 = net2c_cut(rows, row_chunk, a->row_chunks), q1 = net2c_cut(rows, row_chunk + 1, a->row_chunks);
  const size_t x_row = (size_t)a->x.pitch * 8;
  const float *bias = (const float *)net2c_in(f, a->bias);
  struct net2c_tile t;
  t.blocks = a->ic_blocks;
  t.block = (ptrdiff_t)a->x.plane * 8;
  t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  t.residual = a->r.base != NET2C_NONE;
  t.act = a->act, t.a = a->a, t.b = a->b;
  t.scale = t.shift = 0;
  for (uint32_t i = net2c_cut(all, oc_chunk, a->oc_chunks), end = net2c_cut(all, oc_chunk + 1, a->oc_chunks); i < end; ++i) {
    const uint32_t group = i / pairs, pair = i % pairs, block = group * a->oc_blocks + pair * 2;
    const uint32_t blocks = a->oc_blocks - pair * 2 < 2 ? 1 : 2, left = a->y.c - (block + blocks - 1) * 8;
    const float *w = (const float *)net2c_in(f, a->w);
    const uint32_t last = q1 * a->sh < a->y.h ? q1 * a->sh : a->y.h;
    t.bias = bias + (size_t)block * 8;
    t.valid = left < 8 ? left : 8;
    if (a->scale != NET2C_NONE) {
      t.scale = (const float *)net2c_in(f, a->scale) + (size_t)block * 8;
      t.shift = (const float *)net2c_in(f, a->shift) + (size_t)block * 8;
    }
    for (uint32_t p = 0; p < a->sh; ++p) {
      const struct net2c_phase v = net2c_deconv_phase(p, a->kh, a->sh, a->dh, a->top);
      for (uint32_t q = 0; q < a->sw; ++q) {
        const struct net2c_phase h = net2c_deconv_phase(q, a->kw, a->sw, a->dw, a->left);
        const size_t taps = (size_t)v.taps * h.taps * a->ic_blocks * 8;
        const uint32_t end_row = a->y.h > p ? (a->y.h - p + a->sh - 1) / a->sh : 0, to = end_row < q1 ? end_row : q1;
        const uint32_t width = a->y.w > q ? (a->y.w - q + a->sw - 1) / a->sw : 0;
        const size_t first_y = ((size_t)q0 * a->sh + p) * 8, step_r = (size_t)a->sh * a->r.pitch * 8;
        const float *x = net2c_map_in(f, &a->x, n, group * a->ic_blocks) + ((ptrdiff_t)q0 + v.shift) * (ptrdiff_t)x_row +
                         (ptrdiff_t)h.shift * 8;
        float *y = net2c_map_out(f, &a->y, n, block) + first_y * a->y.pitch + q * 8;
        const float *r = t.residual ? net2c_map_in(f, &a->r, n, block) + first_y * a->r.pitch + q * 8 : 0;
        t.kh = v.taps, t.kw = h.taps;
        t.row = -(ptrdiff_t)v.back * (ptrdiff_t)x_row, t.column = -(ptrdiff_t)h.back * 8;
        t.w = w + (size_t)block * 8 * taps;
        if (to > q0 && width)
          net2c_conv_pixels(&t, x, x_row, 8, y, (size_t)a->sh * a->y.pitch * 8, (size_t)a->sw * 8, r, step_r, (size_t)a->sw * 8, width,
                            (to - q0) * width, blocks, LANES, EPILOGUE);
        w += taps * a->groups * a->oc_blocks * 8;
      }
    }
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, block + b, q0 * a->sh, last);
  }
}

#endif
