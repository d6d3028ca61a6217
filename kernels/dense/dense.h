/* Matrix product: some rows x a panel of 32 columns in registers; one row goes through several panels side by side, which hardware prefetches
 * as so many streams, at memory speed. Halves are read as they are by few rows; many widen a panel once. */
#ifndef NET2C_DENSE_H
#define NET2C_DENSE_H

#include "kernels/act/act_many.h"
#include "kernels/dense/dense_args.h"
#include "kernels/half.h"

struct net2c_dense_tile {
  const float *x[NET2C_DENSE_ROWS], *r[NET2C_DENSE_ROWS], *bias, *scale, *shift;
  const void *w;
  float *y[NET2C_DENSE_ROWS];
  uint32_t k, columns; /* columns: 1..32, of one row 1..32 * NET2C_DENSE_PANELS */
  uint32_t residual, act;
  float a, b;
};

/* y = act(sum + residual) * scale + shift of some rows; o[row * 4 + block]. */
NET2C_NOINLINE void net2c_dense_finish(const struct net2c_dense_tile *t, v8 *o, uint32_t rows)
{
  const uint32_t blocks = (t->columns + 7) / 8;
  if (t->residual)
    for (uint32_t p = 0; p < rows; ++p)
      for (uint32_t h = 0; h < blocks; ++h) o[p * 4 + h] = add8(o[p * 4 + h], loadn8(t->r[p] + 8 * h, t->columns - 8 * h < 8 ? t->columns - 8 * h : 8));
  net2c_act_many(o, rows == 1 ? blocks : rows * 4, t->act, t->a, t->b);
  for (uint32_t p = 0; p < rows; ++p)
    for (uint32_t h = 0; h < blocks; ++h) {
      v8 v = o[p * 4 + h];
      if (t->scale) v = fma8(v, load8(t->scale + 8 * h), load8(t->shift + 8 * h));
      if (t->columns - 8 * h >= 8) store8(t->y[p] + 8 * h, v);
      else storen8(t->y[p] + 8 * h, v, t->columns - 8 * h);
    }
}

/* P rows of a panel, or one row of G panels. */
NET2C_INLINE void net2c_dense_step(const struct net2c_dense_tile *t, const int P, const int G, const int H)
{
  enum { V = 32 / NET2C_VW };
  const ptrdiff_t panel = (ptrdiff_t)32 * t->k;
  vw c[NET2C_DENSE_ROWS][V];
  v8 o[NET2C_DENSE_ROWS * 4];
  const float *x[NET2C_DENSE_ROWS];
  const void *w = t->w;
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    x[p] = t->x[p];
    NET2C_UNROLL for (int g = 0; g < G; ++g)
      NET2C_UNROLL for (int v = 0; v < V; ++v) c[p + g][v] = loadw(t->bias + g * 32 + v * NET2C_VW);
  }
  for (uint32_t k = 0; k < t->k; ++k, w = net2c_weights_at(w, 32, H)) {
    vw s[NET2C_DENSE_ROWS];
    NET2C_UNROLL for (int p = 0; p < P; ++p) s[p] = bcastw(x[p] + k);
    NET2C_UNROLL for (int g = 0; g < G; ++g)
      NET2C_UNROLL for (int v = 0; v < V; ++v)
      {
        const vw wv = net2c_weights_loadw(net2c_weights_at(w, g * panel + v * NET2C_VW, H), H);
        NET2C_UNROLL for (int p = 0; p < P; ++p) c[p + g][v] = fmaw(s[p], wv, c[p + g][v]);
      }
    if (P == 1 && G == 1) prefetch8((const float *)w + 512);
  }
  NET2C_UNROLL for (int p = 0; p < P + G - 1; ++p)
  {
    NET2C_UNROLL for (int h = 0; h < 4; ++h) o[p * 4 + h] = half8(c[p], h);
  }
  net2c_dense_finish(t, o, P);
}

NET2C_INLINE void net2c_dense_rows(const struct net2c_dense_tile *t, uint32_t rows, uint32_t panels, const int H)
{
  if (NET2C_DENSE_PANELS > 1 && panels == NET2C_DENSE_PANELS) {
    net2c_dense_step(t, 1, NET2C_DENSE_PANELS, H);
    return;
  }
  if (NET2C_DENSE_PANELS > 2 && panels == 2) {
    net2c_dense_step(t, 1, 2, H);
    return;
  }
  switch (rows) {
  case 1: net2c_dense_step(t, 1, 1, H); break;
  case 2: net2c_dense_step(t, 2, 1, H); break;
#if NET2C_DENSE_ROWS > 3
  case 4: net2c_dense_step(t, 4, 1, H); break;
  case 5: net2c_dense_step(t, 5, 1, H); break;
  case 6: net2c_dense_step(t, 6, 1, H); break;
#endif
  default: net2c_dense_step(t, 3, 1, H);
  }
}

NET2C_INLINE void net2c_dense_body(const struct net2c_dense_args *a, const struct net2c_frame *f, uint32_t chunk, const int H)
{
  const uint32_t columns = (a->n + 31) / 32, column_chunk = chunk % a->column_chunks, row_chunk = chunk / a->column_chunks % a->row_chunks;
  const uint32_t batch = chunk / a->column_chunks / a->row_chunks;
  const uint32_t r0 = net2c_cut(a->m, row_chunk, a->row_chunks), r1 = net2c_cut(a->m, row_chunk + 1, a->row_chunks);
  const uint32_t tiles = (r1 - r0 + NET2C_DENSE_ROWS - 1) / NET2C_DENSE_ROWS;
  const float *x = (const float *)net2c_in(f, a->x) + (size_t)batch * a->x_batch;
  const void *w = net2c_weights_at(net2c_in(f, a->w), (ptrdiff_t)batch * a->w_batch, H);
  const int widen = H && r1 - r0 >= NET2C_DENSE_WIDEN_ROWS;
  const float *r = a->r == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->r) + (size_t)batch * a->m * a->n;
  float *y = (float *)net2c_out(f, a->y) + (size_t)batch * a->m * a->n;
  struct net2c_dense_tile t;
  t.k = a->k, t.residual = r != 0, t.act = a->act, t.a = a->a, t.b = a->b;
  for (uint32_t i = net2c_cut(columns, column_chunk, a->column_chunks), end = net2c_cut(columns, column_chunk + 1, a->column_chunks), panels; i < end; i += panels) {
    panels = r1 - r0 > 1 ? 1 : end - i >= NET2C_DENSE_PANELS ? NET2C_DENSE_PANELS : NET2C_DENSE_PANELS > 2 && end - i >= 2 ? 2 : 1;
    t.w = net2c_weights_at(w, (ptrdiff_t)i * 32 * a->k, H);
    if (widen) {
      net2c_widen((float *)f->scratch, (const uint16_t *)t.w, (size_t)32 * a->k);
      t.w = f->scratch;
    }
    t.bias = (const float *)net2c_in(f, a->bias) + (size_t)i * 32;
    t.scale = a->scale == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->scale) + (size_t)i * 32;
    t.shift = a->scale == NET2C_NONE ? 0 : (const float *)net2c_in(f, a->shift) + (size_t)i * 32;
    t.columns = a->n - i * 32 < panels * 32 ? a->n - i * 32 : panels * 32;
    for (uint32_t m = r0, left = tiles; left > 0; --left) {
      const uint32_t p = (r1 - m) / left;
      for (uint32_t k = 0; k < p; ++k) {
        t.x[k] = x + (size_t)(m + k) * a->k;
        t.y[k] = y + (size_t)(m + k) * a->n + i * 32;
        if (r) t.r[k] = r + (size_t)(m + k) * a->n + i * 32;
      }
      if (H && !widen) net2c_dense_rows(&t, p, panels, 1);
      else net2c_dense_rows(&t, p, panels, 0);
      m += p;
    }
  }
}

#endif
