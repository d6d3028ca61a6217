/* Depthwise convolution: T outputs of a row at a time, their windows by memory operands; a 3x3 filter stays in registers. */
#ifndef NET2C_DEPTHWISE_H
#define NET2C_DEPTHWISE_H

#include "kernels/conv/tile.h"
#include "kernels/depthwise/depthwise_args.h"
#include "kernels/depthwise/pairs.h"

/* Some rows of one block: pointers of the first pixel, distances in floats. The net2c_tile carries the epilogue. */
struct net2c_depthwise_rows {
  struct net2c_tile t;
  const float *x, *w, *r;
  float *y;
  size_t x_row, x_tap, x_pixel;  /* from tap to tap down and across, from output to output */
  size_t x_next, y_next, r_next; /* to the next row of outputs */
  uint32_t kh, kw, width, rows;
  int swish;                     /* hard swish is still to follow */
};

/* Sums of T outputs. K: the filter, given in registers, or 0: any size, read tap by tap. */
NET2C_INLINE void net2c_depthwise_sums(v8 *c, const float *x, v8 bias, const v8 *filter, const float *w, size_t x_row, size_t x_tap,
                                       size_t x_pixel, uint32_t kh, uint32_t kw, const int T, const int K)
{
  NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = bias;
  if (K == 3) {
    NET2C_UNROLL for (int i = 0; i < 3; ++i)
    {
      NET2C_UNROLL for (int j = 0; j < 3; ++j)
      {
        NET2C_UNROLL for (int t = 0; t < T; ++t)
          c[t] = fma8(load8(x + (size_t)i * x_row + (size_t)t * x_pixel + (size_t)j * 8), filter[i * 3 + j], c[t]);
      }
    }
  } else {
    for (uint32_t i = 0; i < kh; ++i, x += x_row) {
      const float *p = x;
      for (uint32_t j = 0; j < kw; ++j, w += 8, p += x_tap) {
        const v8 wv = load8(w);
        NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = fma8(load8(p + (size_t)t * x_pixel), wv, c[t]);
      }
    }
  }
}

/* T outputs at y. What addresses need is in locals, since stores of vectors may alias whatever is read through a pointer; bias
 * and limits are read again for each tile, since filter and sums fill the registers. */
#define NET2C_DEPTHWISE_TILE(T)                                                                                         \
  {                                                                                                                     \
    v8 c[8];                                                                                                            \
    net2c_depthwise_sums(c, x, load8(g->t.bias), filter, w, x_row, x_tap, x_pixel, kh, kw, T, K);                       \
    if (CLAMP) {                                                                                                        \
      const v8 low = set8(g->t.a), high = set8(g->t.b);                                                                 \
      NET2C_UNROLL for (int i = 0; i < T; ++i) store8(y + 8 * i, min8(high, max8(low, c[i])));                          \
    } else {                                                                                                            \
      for (int i = 0; i < T; ++i) g->t.y[i] = y + 8 * i, g->t.r[i] = r + 8 * i;                                         \
      net2c_tile_finish(&g->t, c, T, 1);                                                                                \
    }                                                                                                                   \
    x += T * x_pixel, y += T * 8, r += T * 8;                                                                           \
  }
/* S: column stride in pixels as a literal, or 0: any. CLAMP: all that follows the sums is a clamp. */
NET2C_INLINE void net2c_depthwise_run(struct net2c_depthwise_rows *g, const int K, const int S, const int CLAMP)
{
  const size_t x_row = g->x_row, x_tap = g->x_tap, x_pixel = S ? (size_t)S * 8 : g->x_pixel, x_next = g->x_next, y_next = g->y_next;
  const uint32_t kh = g->kh, kw = g->kw, width = g->width;
  const float *w = g->w;
  v8 filter[9];
  if (K == 3) {
    NET2C_UNROLL for (int k = 0; k < 9; ++k) filter[k] = load8(w + 8 * k);
  }
  for (uint32_t row = 0, rows = g->rows; row < rows; ++row) {
    const float *x = g->x + row * x_next, *r = g->r + row * g->r_next;
    float *y = g->y + row * y_next;
    uint32_t left = width;
    if (K == 3) {
      for (; left >= 4; left -= 4) NET2C_DEPTHWISE_TILE(4)
      if (left == 3) NET2C_DEPTHWISE_TILE(3)
      else if (left == 2) NET2C_DEPTHWISE_TILE(2)
      else if (left == 1) NET2C_DEPTHWISE_TILE(1)
    } else {
      while (left) {   /* near-equal parts of at most 8 */
        const uint32_t part = left / ((left + 7) / 8);
        switch (part) {
        case 1: NET2C_DEPTHWISE_TILE(1) break;
        case 2: NET2C_DEPTHWISE_TILE(2) break;
        case 3: NET2C_DEPTHWISE_TILE(3) break;
        case 4: NET2C_DEPTHWISE_TILE(4) break;
        case 5: NET2C_DEPTHWISE_TILE(5) break;
        case 6: NET2C_DEPTHWISE_TILE(6) break;
        case 7: NET2C_DEPTHWISE_TILE(7) break;
        default: NET2C_DEPTHWISE_TILE(8) break;
        }
        left -= part;
      }
    }
  }
}

/* All rows by pairs of pixels, with their hard swish, where that can be and else a clamp ends them: 0 if not. */
NET2C_INLINE int net2c_depthwise_by_pairs(const struct net2c_depthwise_rows *g, const int K, const int S)
{
#if NET2C_VW == 16
  const struct net2c_depthwise_pairs p = {g->x, g->w, g->t.bias, g->y, g->x_row, g->y_next, g->t.a, g->t.b, g->swish};
  const uint32_t side = g->kh == g->kw && g->x_tap == 8 && g->x_next == S * g->x_row ? g->kh : 0;
  if (K == 3 && S == 1 && side) return net2c_depthwise_pairs_3_1(&p, g->width, g->rows), 1;
  if (K == 3 && S == 2 && side) return net2c_depthwise_pairs_3_2(&p, g->width, g->rows), 1;
  if (K == 0 && S == 1 && side == 5) return net2c_depthwise_pairs_5_1(&p, g->width, g->rows), 1;
  if (K == 0 && S == 2 && side == 5) return net2c_depthwise_pairs_5_2(&p, g->width, g->rows), 1;
  if (K == 0 && S == 1 && side == 7) return net2c_depthwise_pairs_7_1(&p, g->width, g->rows), 1;
#endif
  (void)g, (void)K, (void)S;
  return 0;
}

#define NET2C_DEPTHWISE(K, S)                                                             \
  NET2C_NOINLINE void net2c_depthwise_##K##_##S(struct net2c_depthwise_rows *g)           \
  {                                                                                       \
    if (g->t.clamp && !g->t.residual && net2c_depthwise_by_pairs(g, K, S)) g->swish = 0;  \
    else if (g->t.clamp && !g->t.residual) net2c_depthwise_run(g, K, S, 1);               \
    else net2c_depthwise_run(g, K, S, 0);                                                 \
  }
NET2C_DEPTHWISE(3, 1)
NET2C_DEPTHWISE(3, 2)
NET2C_DEPTHWISE(0, 1)
NET2C_DEPTHWISE(0, 2)
NET2C_DEPTHWISE(0, 0)

#define NET2C_SWISH_PIXELS 256 /* 8 KB: in L1 still */
/* Hard swish of rows just made: its constants would not fit beside a filter and sums. */
NET2C_NOINLINE void net2c_depthwise_swish(const struct net2c_depthwise_rows *g)
{
  for (uint32_t row = 0; row < g->rows; ++row) {
    float *y = g->y + row * g->y_next;
    for (const float *end = y + (size_t)g->width * 8; y < end; y += 8) store8(y, net2c_hard_swish8(load8(y)));
  }
}

NET2C_INLINE void net2c_depthwise_body(const struct net2c_depthwise_args *a, const struct net2c_frame *f, uint32_t chunk, const int K,
                                       const int S)
{
  const uint32_t blocks = (a->x.c + 7) / 8, planes = a->y.n * blocks, quads = (a->y.h + 3) / 4;
  const uint32_t row_chunk = chunk / a->oc_chunks, oc_chunk = chunk % a->oc_chunks;
  const uint32_t from = 4 * net2c_cut(quads, row_chunk, a->row_chunks), quads_end = 4 * net2c_cut(quads, row_chunk + 1, a->row_chunks);
  const uint32_t to = quads_end < a->y.h ? quads_end : a->y.h, end = net2c_cut(planes, oc_chunk + 1, a->oc_chunks);
  struct net2c_depthwise_rows g;
  g.kh = a->kh, g.kw = a->kw, g.width = a->y.w;
  g.x_row = (size_t)a->x.pitch * 8 * a->dh, g.x_tap = (size_t)a->dw * 8, g.x_pixel = (size_t)a->sw * 8;
  g.x_next = (size_t)a->x.pitch * 8 * a->sh, g.y_next = (size_t)a->y.pitch * 8;
  g.t.residual = a->r.base != NET2C_NONE;
  g.r_next = g.t.residual ? (size_t)a->r.pitch * 8 : g.y_next;
  g.t.y_block = g.t.r_block = 0;
  g.t.act = a->act, g.t.a = a->a, g.t.b = a->b;
  const int swish = a->act == NET2C_ACT_HARD_SWISH && !g.t.residual && a->scale == NET2C_NONE;
  if (swish) g.t.act = NET2C_ACT_CLIP, g.t.a = -__builtin_inff(), g.t.b = __builtin_inff();
  uint32_t plane = net2c_cut(planes, oc_chunk, a->oc_chunks), h = from;
  while (plane < end && h < to) {
    const uint32_t n = plane / blocks, b = plane - n * blocks;
    g.rows = to - h;
    if (swish && g.rows * g.width > NET2C_SWISH_PIXELS) g.rows = g.width * 4 < NET2C_SWISH_PIXELS ? NET2C_SWISH_PIXELS / g.width / 4 * 4 : g.width < NET2C_SWISH_PIXELS ? NET2C_SWISH_PIXELS / g.width : 1;
    net2c_tile_panel(&g.t, f, (const float *)net2c_in(f, a->w), a->bias, a->scale, a->shift, b, 1, (size_t)a->kh * a->kw, a->y.c);
    g.w = g.t.w, g.swish = swish;
    g.x = net2c_map_in(f, &a->x, n, b) + ((ptrdiff_t)(h * a->sh) - a->top) * (ptrdiff_t)a->x.pitch * 8 - a->left * (ptrdiff_t)8;
    g.y = net2c_map_out(f, &a->y, n, b) + h * g.y_next;
    g.r = g.t.residual ? net2c_map_in(f, &a->r, n, b) + h * g.r_next : g.y;
    if (K == 3) {
      if (S == 1) net2c_depthwise_3_1(&g);
      else net2c_depthwise_3_2(&g);
    } else if (S == 1) {
      net2c_depthwise_0_1(&g);
    } else if (S == 2) {
      net2c_depthwise_0_2(&g);
    } else {
      net2c_depthwise_0_0(&g);
    }
    if (g.swish) net2c_depthwise_swish(&g);
    net2c_halo_rows(f, &a->y, n, b, h, h + g.rows);
    h += g.rows;
    if (h < to) continue;
    if (to == a->y.h) net2c_keep_rows(f, &a->x, n, b, a->kept, a->back);
    h = from, ++plane;
  }
}

#endif
