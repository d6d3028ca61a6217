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

/* Chunk: rows of y in whole groups of sh, so that a chunk owns complete rows. Panels outer: a panel's
 * weights of all phases stay in cache over the chunk. */
NET2C_INLINE void net2c_deconv_body(const struct net2c_deconv_args *a, const struct net2c_frame *f, uint32_t chunk, const int L,
                                    const int H)
{
  const uint32_t all = NET2C_CONV_PANELS(a->oc_blocks) * a->groups, rows = (a->y.h + a->sh - 1) / a->sh;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks % a->row_chunks;
  const uint32_t n = chunk / a->oc_chunks / a->row_chunks;
  const uint32_t q0 = net2c_cut(rows, row_chunk, a->row_chunks), q1 = net2c_cut(rows, row_chunk + 1, a->row_chunks);
  const uint32_t end = q1 * a->sh < a->y.h ? q1 * a->sh : a->y.h;
  const ptrdiff_t x_row = (ptrdiff_t)a->x.pitch * 8;
  struct net2c_tile t;
  struct net2c_region g;
  g.tile = g.tiles = 0;
  t.count = a->ic_blocks, t.step = (ptrdiff_t)a->x.plane * 8;
  t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  t.residual = a->r.base != NET2C_NONE;
  t.act = a->act, t.a = a->a, t.b = a->b;
  g.x_row = (size_t)x_row, g.x_pixel = 8;
  g.y_row = (size_t)a->sh * a->y.pitch * 8, g.y_pixel = (size_t)a->sw * 8;
  g.r_row = (size_t)a->sh * a->r.pitch * 8, g.r_pixel = (size_t)a->sw * 8;
  const uint32_t last = net2c_panel_block(a->oc_blocks, net2c_cut(all, oc_chunk + 1, a->oc_chunks));
  for (uint32_t block = net2c_panel_block(a->oc_blocks, net2c_cut(all, oc_chunk, a->oc_chunks)), blocks; block < last; block += blocks) {
    const uint32_t group = block / a->oc_blocks, until = (group + 1) * a->oc_blocks;
    blocks = net2c_panel_blocks((last < until ? last : until) - block, (size_t)a->kh * a->kw * a->ic_blocks * 8, H);
    const void *w = net2c_in(f, a->w);
    const float *x = net2c_map_in(f, &a->x, n, group * a->ic_blocks) + q0 * x_row;
    float *y = net2c_map_out(f, &a->y, n, block);
    const float *r = t.residual ? net2c_map_in(f, &a->r, n, block) : y;
    for (uint32_t p = 0; p < a->sh; ++p) {
      const struct net2c_phase v = net2c_deconv_phase(p, a->kh, a->sh, a->dh, a->top);
      const uint32_t height = end > q0 * a->sh + p ? (end - q0 * a->sh - p + a->sh - 1) / a->sh : 0;
      for (uint32_t q = 0; q < a->sw; ++q) {
        const struct net2c_phase h = net2c_deconv_phase(q, a->kw, a->sw, a->dw, a->left);
        const size_t taps = (size_t)v.taps * h.taps * a->ic_blocks * 8;
        g.width = a->y.w > q ? (a->y.w - q + a->sw - 1) / a->sw : 0;
        t.kh = v.taps, t.kw = h.taps;
        t.row = -v.back * x_row, t.column = -h.back * (ptrdiff_t)8;
        g.x = x + v.shift * x_row + h.shift * (ptrdiff_t)8;
        g.y = y + (((size_t)q0 * a->sh + p) * a->y.pitch + q) * 8;
        g.r = t.residual ? r + (((size_t)q0 * a->sh + p) * a->r.pitch + q) * 8 : g.y;
        net2c_conv_panel(&t, f, w, a->bias, a->scale, a->shift, block, blocks, taps, a->y.c, H);
        if (height && g.width) net2c_region_run(&t, &g, 0, height * g.width, blocks, L);
        w = net2c_weights_at(w, (ptrdiff_t)(taps * a->groups * a->oc_blocks * 8), H);
      }
    }
    for (uint32_t b = 0; b < blocks; ++b) net2c_halo_rows(f, &a->y, n, block + b, q0 * a->sh, end);
  }
}

#endif
