/* Depthwise convolutions where vw holds two pixels: T such pairs of outputs in each of a few rows, which share what they read: each input is
 * loaded once a tile, pairs that do not lie in memory so are put together from others. A last odd pixel is computed with one beyond. */
#ifndef NET2C_DEPTHWISE_PAIRS_H
#define NET2C_DEPTHWISE_PAIRS_H

#include "kernels/kernel.h"

#if NET2C_VW == 16

struct net2c_depthwise_pairs {
  const float *x, *w, *bias;
  float *y;
  size_t x_row, y_row;
  float low, high;
  int swish;   /* hard swish instead of a clamp */
};

/* The inputs of a row that T pairs read: pair t takes v[2 t + j] at column j. Stride 1: it is outputs 2 t and 2 t + 1, so v[i] is pixels i and i + 1. Stride 2: it is
 * outputs t and T + t, so v[i] is pixels i and i + 2 T: one shuffle for each, where pairs side by side take two for every other one. */
NET2C_INLINE void net2c_depthwise_pairs_inputs(vw v[13], const float *x, const int K, const int S, const int T)
{
  const int count = 2 * (T - 1) + K;
  if (S == 1) {
    NET2C_UNROLL for (int i = 0; i < count; i += 2) v[i] = loadw(x + i * 8);
    NET2C_UNROLL for (int i = 1; i < count; i += 2) v[i] = betweenw(v[i - 1], v[i + 1]);
  } else {
    NET2C_UNROLL for (int i = 0; i + 1 < count; i += 2)
    {
      const vw near = loadw(x + i * 8), far = loadw(x + (i + 2 * T) * 8);
      v[i] = firstsw(near, far), v[i + 1] = secondsw(near, far);
    }
    v[count - 1] = pairw(load8(x + (count - 1) * 8), load8(x + (count - 1 + 2 * T) * 8));   /* no more of it is read, and may not be */
  }
}

/* Adds a row of the filter, at w, to a row of T pairs whose inputs are v. */
NET2C_INLINE void net2c_depthwise_pairs_taps(vw c[4], const vw v[13], const float *w, const int K, const int T)
{
  NET2C_UNROLL for (int j = 0; j < K; ++j)
  {
    const vw f = twicew(load8(w + j * 8));
    NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = fmaw(v[2 * t + j], f, c[t]);
  }
}

/* The same to R rows, stride 1; x: the first of the rows that it meets. */
NET2C_INLINE void net2c_depthwise_pairs_row(vw c[4][4], const float *x, size_t x_row, const float *w, const int K, const int R, const int T)
{
  NET2C_UNROLL for (int r = 0; r < R; ++r)
  {
    vw v[13];
    NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = herew(c[r][t]);
    net2c_depthwise_pairs_inputs(v, x + (size_t)r * x_row, K, 1, T);
    net2c_depthwise_pairs_taps(c[r], v, w, K, T);
  }
}

/* A filter of 3 x 3, given in registers: each row of inputs once, for all rows of outputs that read it. */
NET2C_INLINE void net2c_depthwise_pairs_sums(vw c[4][4], const float *x, size_t x_row, const vw *filter, const int S, const int R, const int T)
{
  NET2C_UNROLL for (int i = 0; i < (R - 1) * S + 3; ++i)
  {
    vw v[13];
    NET2C_UNROLL for (int r = 0; r < R; ++r)
    {
      NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = herew(c[r][t]);
    }
    net2c_depthwise_pairs_inputs(v, x + (size_t)i * x_row, 3, S, T);
    NET2C_UNROLL for (int j = 0; j < 3; ++j)
    {
      NET2C_UNROLL for (int r = 0; r < R; ++r)
      {
        if (i < r * S || i > r * S + 2) continue;
        NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = fmaw(v[2 * t + j], filter[(i - r * S) * 3 + j], c[r][t]);
      }
    }
  }
}

/* A row of T pairs of outputs, at y: the activation, and side by side what lies so. */
NET2C_INLINE void net2c_depthwise_pairs_store(vw c[4], float *y, int swish, vw low, vw high, int odd, const int S, const int T)
{
  NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = swish ? net2c_hard_swishw(c[t]) : minw(high, maxw(low, c[t]));
  NET2C_UNROLL for (int t = 0; t < T; ++t)
  {
    const int o = 2 * t;   /* the first of two outputs side by side */
    const vw out = S == 1 ? c[t] : o + 1 < T ? firstsw(c[o], c[o + 1]) : o < T ? halvesw(c[o], c[0]) : secondsw(c[o - T], c[o + 1 - T]);
    if (t == T - 1 && odd) store8(y + t * 16, half8(&out, 0));
    else storew(y + t * 16, out);
  }
}

/* 5 x 5 of stride 2, T pairs of each of some rows of outputs: two rows of inputs a step, put together once for the three rows of outputs that they meet. */
NET2C_INLINE void net2c_depthwise_pairs_column(const struct net2c_depthwise_pairs *g, vw bias, const float *x, float *y, uint32_t rows, int odd, const int T)
{
  const vw low = setw(g->low), high = setw(g->high);
  const size_t x_row = g->x_row, y_row = g->y_row;
  const float *w = g->w;
  const int swish = g->swish;
  vw next[4], c[4], last[4], v[13];   /* rows i, i - 1 and i - 2 */
  NET2C_UNROLL for (int t = 0; t < T; ++t) next[t] = c[t] = bias;
  for (uint32_t i = 0; i < rows + 2; ++i, x += 2 * x_row) {
    const int begins = i < rows, goes_on = i > 0 && i <= rows;
    NET2C_UNROLL for (int t = 0; t < T; ++t) last[t] = c[t], c[t] = next[t], next[t] = bias;
    net2c_depthwise_pairs_inputs(v, x, 5, 2, T);
    if (begins) net2c_depthwise_pairs_taps(next, v, w, 5, T);
    if (goes_on) net2c_depthwise_pairs_taps(c, v, w + 80, 5, T);
    if (i > 1) {
      net2c_depthwise_pairs_taps(last, v, w + 160, 5, T);
      net2c_depthwise_pairs_store(last, y, swish, low, high, odd, 2, T);
      y += y_row;
    }
    if (i > rows) break;
    net2c_depthwise_pairs_inputs(v, x + x_row, 5, 2, T);
    if (begins) net2c_depthwise_pairs_taps(next, v, w + 40, 5, T);
    if (goes_on) net2c_depthwise_pairs_taps(c, v, w + 120, 5, T);
  }
}

/* R rows of T pairs, x and y in their rows; the last output is not stored if `odd`. K: side of the filter. */
NET2C_INLINE void net2c_depthwise_pairs_tile(const struct net2c_depthwise_pairs *g, const vw *filter, vw bias, const float *x, float *y, int odd, const int K,
                                             const int S, const int R, const int T)
{
  const vw low = setw(g->low), high = setw(g->high);
  const size_t x_row = g->x_row, y_row = g->y_row;
  const float *w = g->w;
  const int swish = g->swish;
  vw c[4][4];
  NET2C_UNROLL for (int r = 0; r < R; ++r)
  {
    NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = bias;
  }
  if (K == 3) {
    net2c_depthwise_pairs_sums(c, x, x_row, filter, S, R, T);
  } else {   /* a loop: code that a layer runs through once comes from memory, as its weights do */
    for (int i = 0; i < K; ++i) net2c_depthwise_pairs_row(c, x + (size_t)i * x_row, x_row, w + i * K * 8, K, R, T);
  }
  NET2C_UNROLL for (int r = 0; r < R; ++r) net2c_depthwise_pairs_store(c[r], y + r * y_row, swish, low, high, odd, S, T);
}

#define NET2C_DEPTHWISE_PAIRS_CASE(R, T) \
  case R * 4 + T - 1: if (R != 3 || K > 3) net2c_depthwise_pairs_tile(g, filter, bias, x, y, odd, K, S, R, T); break;
NET2C_INLINE void net2c_depthwise_pairs_run(const struct net2c_depthwise_pairs *g, uint32_t width, uint32_t rows, const int K, const int S)
{
  const uint32_t pairs = (width + 1) / 2, tiles = (pairs + 3) / 4;
  const vw bias = twicew(load8(g->bias));
  vw filter[9];
  if (K == 3) {
    NET2C_UNROLL for (int k = 0; k < 9; ++k) filter[k] = twicew(load8(g->w + 8 * k));
  }
  for (uint32_t row = 0, r; row < rows; row += r) {
    const float *x = g->x + row * S * g->x_row;
    float *y = g->y + row * g->y_row;
    if (K == 3) r = rows - row >= 4 ? 4 : rows - row < 2 ? 1 : 2;
    else r = (rows - row) / ((rows - row + 3) / 4);
    for (uint32_t i = 0; i < tiles; ++i) {
      const uint32_t t = pairs / tiles + (i < pairs % tiles);
      const int odd = i + 1 == tiles && width % 2;
      switch (r * 4 + t - 1) {
        NET2C_DEPTHWISE_PAIRS_CASE(1, 1) NET2C_DEPTHWISE_PAIRS_CASE(1, 2) NET2C_DEPTHWISE_PAIRS_CASE(1, 3) NET2C_DEPTHWISE_PAIRS_CASE(1, 4)
        NET2C_DEPTHWISE_PAIRS_CASE(4, 1) NET2C_DEPTHWISE_PAIRS_CASE(4, 2) NET2C_DEPTHWISE_PAIRS_CASE(4, 3) NET2C_DEPTHWISE_PAIRS_CASE(4, 4)
        NET2C_DEPTHWISE_PAIRS_CASE(2, 1) NET2C_DEPTHWISE_PAIRS_CASE(2, 2) NET2C_DEPTHWISE_PAIRS_CASE(2, 3) NET2C_DEPTHWISE_PAIRS_CASE(2, 4)
        NET2C_DEPTHWISE_PAIRS_CASE(3, 1) NET2C_DEPTHWISE_PAIRS_CASE(3, 2) NET2C_DEPTHWISE_PAIRS_CASE(3, 3) NET2C_DEPTHWISE_PAIRS_CASE(3, 4)
      }
      x += t * 16 * S, y += t * 16;
    }
  }
}

NET2C_INLINE void net2c_depthwise_pairs_columns(const struct net2c_depthwise_pairs *g, uint32_t width, uint32_t rows)
{
  const uint32_t pairs = (width + 1) / 2, tiles = (pairs + 3) / 4;
  const vw bias = twicew(load8(g->bias));
  const float *x = g->x;
  float *y = g->y;
  for (uint32_t i = 0; i < tiles; ++i) {
    const uint32_t t = pairs / tiles + (i < pairs % tiles);
    const int odd = i + 1 == tiles && width % 2;
    switch (t) {
      case 1: net2c_depthwise_pairs_column(g, bias, x, y, rows, odd, 1); break;
      case 2: net2c_depthwise_pairs_column(g, bias, x, y, rows, odd, 2); break;
      case 3: net2c_depthwise_pairs_column(g, bias, x, y, rows, odd, 3); break;
      default: net2c_depthwise_pairs_column(g, bias, x, y, rows, odd, 4); break;
    }
    x += t * 32, y += t * 16;
  }
}

#define NET2C_DEPTHWISE_PAIRS(K, S)                                                                                                   \
  NET2C_NOINLINE void net2c_depthwise_pairs_##K##_##S(const struct net2c_depthwise_pairs *g, uint32_t width, uint32_t rows)           \
  {                                                                                                                                   \
    if (K == 5 && S == 2) net2c_depthwise_pairs_columns(g, width, rows);                                                              \
    else net2c_depthwise_pairs_run(g, width, rows, K, S);                                                                             \
  }
NET2C_DEPTHWISE_PAIRS(3, 1)
NET2C_DEPTHWISE_PAIRS(3, 2)
NET2C_DEPTHWISE_PAIRS(5, 1)
NET2C_DEPTHWISE_PAIRS(5, 2)
NET2C_DEPTHWISE_PAIRS(7, 1)

#endif

#endif
