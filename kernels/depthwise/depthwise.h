/* Depthwise convolution: T outputs of a row at a time, their windows by memory operands; a 3x3 filter stays in registers. */
#ifndef NET2C_DEPTHWISE_H
#define NET2C_DEPTHWISE_H

#include "kernels/conv/tile.h"
#include "kernels/depthwise/depthwise_args.h"

/* One row of outputs of one block. The net2c_tile carries the epilogue; its pointers are of the row's first pixel. */
struct net2c_depthwise_row {
  struct net2c_tile t;
  const float *x, *w, *r;
  float *y;
  v8 bias;
  size_t x_row, x_tap, x_pixel; /* floats from tap to tap down, across, and from output to output */
  uint32_t kh, kw, width;
};

/* K: the filter, in registers, or 0: any size, read tap by tap. S: column stride in pixels as a literal, or 0: any. */
NET2C_INLINE void net2c_depthwise_tile(struct net2c_depthwise_row *g, const float *x, uint32_t at, const v8 *filter, const int T,
                                       const int K, const int S)
{
  v8 c[8];
  const size_t pixel = S ? (size_t)S * 8 : g->x_pixel;
  NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = g->bias;
  if (K == 3) {
    NET2C_UNROLL for (int i = 0; i < 3; ++i)
    {
      NET2C_UNROLL for (int j = 0; j < 3; ++j)
      {
        NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = fma8(load8(x + i * g->x_row + (t * S + j) * 8), filter[i * 3 + j], c[t]);
      }
    }
  } else {
    const float *w = g->w;
    for (uint32_t i = 0; i < g->kh; ++i) {
      const float *p = x + i * g->x_row;
      for (uint32_t j = 0; j < g->kw; ++j, w += 8, p += g->x_tap) {
        const v8 wv = load8(w);
        NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = fma8(load8(p + (size_t)t * pixel), wv, c[t]);
      }
    }
  }
  if (g->t.clamp) {
    const v8 low = set8(g->t.a), high = set8(g->t.b);
    float *y = g->y + (size_t)at * 8;
    if (g->t.residual) {
      const float *r = g->r + (size_t)at * 8;
      NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = add8(c[t], load8(r + 8 * t));
    }
    NET2C_UNROLL for (int t = 0; t < T; ++t) store8(y + 8 * t, min8(high, max8(low, c[t])));
  } else {
    v8 o[8];
    NET2C_UNROLL for (int t = 0; t < T; ++t)
    {
      o[t] = c[t];
      g->t.y[t] = g->y + ((size_t)at + (size_t)t) * 8, g->t.r[t] = g->r + ((size_t)at + (size_t)t) * 8;
    }
    net2c_tile_finish(&g->t, o, (uint32_t)T, 1);
  }
}

#define NET2C_DEPTHWISE_CASE(T) \
  case T: net2c_depthwise_tile(g, x, at, filter, T, K, S); break;
NET2C_INLINE void net2c_depthwise_run(struct net2c_depthwise_row *g, const int K, const int S)
{
  enum { MOST = 8 };
  const uint32_t most = K == 3 ? 4 : MOST, tiles = (g->width + most - 1) / most, least = g->width / tiles, larger = g->width % tiles;
  const size_t pixel = S ? (size_t)S * 8 : g->x_pixel;
  const float *x = g->x;
  v8 filter[9];
  if (K == 3) {
    NET2C_UNROLL for (int k = 0; k < 9; ++k) filter[k] = load8(g->w + 8 * k);
  }
  for (uint32_t i = 0, at = 0; i < tiles; ++i) {
    const uint32_t p = least + (i < larger);
    if (K == 3)
      switch (p) {
        NET2C_DEPTHWISE_CASE(1) NET2C_DEPTHWISE_CASE(2) NET2C_DEPTHWISE_CASE(3) NET2C_DEPTHWISE_CASE(4)
      }
    else
      switch (p) {
        NET2C_DEPTHWISE_CASE(1) NET2C_DEPTHWISE_CASE(2) NET2C_DEPTHWISE_CASE(3) NET2C_DEPTHWISE_CASE(4)
        NET2C_DEPTHWISE_CASE(5) NET2C_DEPTHWISE_CASE(6) NET2C_DEPTHWISE_CASE(7) NET2C_DEPTHWISE_CASE(8)
      }
    at += p, x += p * pixel;
  }
}

NET2C_NOINLINE void net2c_depthwise_3_1(struct net2c_depthwise_row *g) { net2c_depthwise_run(g, 3, 1); }
NET2C_NOINLINE void net2c_depthwise_3_2(struct net2c_depthwise_row *g) { net2c_depthwise_run(g, 3, 2); }
NET2C_NOINLINE void net2c_depthwise_0_1(struct net2c_depthwise_row *g) { net2c_depthwise_run(g, 0, 1); }
NET2C_NOINLINE void net2c_depthwise_0_2(struct net2c_depthwise_row *g) { net2c_depthwise_run(g, 0, 2); }
NET2C_NOINLINE void net2c_depthwise_0_0(struct net2c_depthwise_row *g) { net2c_depthwise_run(g, 0, 0); }

NET2C_INLINE void net2c_depthwise_body(const struct net2c_depthwise_args *a, const struct net2c_frame *f, uint32_t chunk, const int K,
                                       const int S)
{
  const uint32_t blocks = (a->x.c + 7) / 8, rows = a->y.n * blocks * a->y.h;
  struct net2c_depthwise_row g;
  g.kh = a->kh, g.kw = a->kw, g.width = a->y.w;
  g.x_row = (size_t)a->x.pitch * 8 * a->dh, g.x_tap = (size_t)a->dw * 8, g.x_pixel = (size_t)a->sw * 8;
  g.t.y_block = g.t.r_block = 0;
  g.t.residual = a->r.base != NET2C_NONE;
  g.t.act = a->act, g.t.a = a->a, g.t.b = a->b;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t plane = i / a->y.h, h = i - plane * a->y.h, n = plane / blocks, b = plane - n * blocks;
    net2c_tile_panel(&g.t, f, (const float *)net2c_in(f, a->w), a->bias, a->scale, a->shift, b, 1, (size_t)a->kh * a->kw, a->y.c);
    g.w = g.t.w, g.bias = load8(g.t.bias);
    g.x = net2c_map_in(f, &a->x, n, b) + ((ptrdiff_t)(h * a->sh) - a->top) * (ptrdiff_t)a->x.pitch * 8 - a->left * (ptrdiff_t)8;
    g.y = net2c_map_out(f, &a->y, n, b) + (size_t)h * a->y.pitch * 8;
    g.r = g.t.residual ? net2c_map_in(f, &a->r, n, b) + (size_t)h * a->r.pitch * 8 : g.y;
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
    net2c_halo_rows(f, &a->y, n, b, h, h + 1);
  }
}

#endif
