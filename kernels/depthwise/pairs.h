/* Depthwise convolutions where vw holds two pixels: T such pairs of outputs in each of a few rows, which share what they read: each input is
 * loaded once a tile, pairs that begin between two others are put together from them. A last odd pixel is computed with one beyond. */
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

/* The inputs of a row that T pairs read at each of K columns: v[j][t]. S: pixels from output to output. */
NET2C_INLINE void net2c_depthwise_pairs_inputs(vw v[7][4], const float *x, const int K, const int S, const int T)
{
  vw even[7], odd[5];   /* stride 1: pairs side by side. 2: of each four pixels the first and third, and the others */
  if (S == 1) {
    NET2C_UNROLL for (int t = 0; t < T + K / 2; ++t) even[t] = loadw(x + t * 16);
  } else {
    NET2C_UNROLL for (int t = 0; t < T + (K == 5); ++t)
    {
      even[t] = pairw(load8(x + t * 32), load8(x + t * 32 + 16));
      odd[t] = pairw(load8(x + t * 32 + 8), load8(x + t * 32 + 24));
    }
    if (K == 3) even[T] = twicew(load8(x + T * 32));   /* no more of it is read, and may not be */
  }
  NET2C_UNROLL for (int j = 0; j < K; ++j)
  {
    const vw *from = S == 2 && j % 2 ? odd : even;
    const int pixel = S == 1 ? j : j / 2;
    NET2C_UNROLL for (int t = 0; t < T; ++t) v[j][t] = pixel % 2 ? betweenw(from[t + pixel / 2], from[t + pixel / 2 + 1]) : from[t + pixel / 2];
  }
}

/* R rows of T pairs, x and y in their rows; the last pair is stored whole or, if `odd`, its first pixel. K: side of the filter, which is
 * in registers where it is 3. */
NET2C_INLINE void net2c_depthwise_pairs_tile(const struct net2c_depthwise_pairs *g, const vw *filter, vw bias, const float *x, float *y,
                                             int odd, const int K, const int S, const int R, const int T)
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
  NET2C_UNROLL for (int i = 0; i < K + (R - 1) * S; ++i)
  {
    vw v[7][4];
    NET2C_UNROLL for (int r = 0; r < R; ++r)
    {
      NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = herew(c[r][t]);
    }
    net2c_depthwise_pairs_inputs(v, x + (size_t)i * x_row, K, S, T);
    NET2C_UNROLL for (int j = 0; j < K; ++j)
    {
      NET2C_UNROLL for (int r = 0; r < R; ++r)
      {
        const int k = (i - r * S) * K + j;
        if (i < r * S || i - r * S >= K) continue;
        const vw f = K == 3 ? filter[k] : twicew(load8(w + k * 8));
        NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = fmaw(v[j][t], f, c[r][t]);
      }
    }
  }
  NET2C_UNROLL for (int r = 0; r < R; ++r)
  {
    if (swish) {
      NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = net2c_hard_swishw(c[r][t]);
    } else {
      NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = minw(high, maxw(low, c[r][t]));
    }
    NET2C_UNROLL for (int t = 0; t < T - 1; ++t) storew(y + r * y_row + t * 16, c[r][t]);
    if (odd) store8(y + r * y_row + (T - 1) * 16, half8(&c[r][T - 1], 0));
    else storew(y + r * y_row + (T - 1) * 16, c[r][T - 1]);
  }
}

#define NET2C_DEPTHWISE_PAIRS_CASE(R, T) \
  case R * 4 + T - 1: if (R < 4 || K == 3) net2c_depthwise_pairs_tile(g, filter, bias, x, y, odd, K, S, R, T); break;
NET2C_INLINE void net2c_depthwise_pairs_run(const struct net2c_depthwise_pairs *g, uint32_t width, uint32_t rows, const int K, const int S)
{
  const uint32_t pairs = (width + 1) / 2, tiles = (pairs + 3) / 4, most = K == 3 ? 4 : 2;   /* of 3 x 3 sixteen sums fit beside a filter in registers */
  const vw bias = twicew(load8(g->bias));
  vw filter[9];
  if (K == 3) {
    NET2C_UNROLL for (int k = 0; k < 9; ++k) filter[k] = twicew(load8(g->w + 8 * k));
  }
  for (uint32_t row = 0, r; row < rows; row += r) {
    const float *x = g->x + row * S * g->x_row;
    float *y = g->y + row * g->y_row;
    r = rows - row >= most ? most : rows - row < 2 ? 1 : 2;
    for (uint32_t i = 0; i < tiles; ++i) {
      const uint32_t t = pairs / tiles + (i < pairs % tiles);
      const int odd = i + 1 == tiles && width % 2;
      switch (r * 4 + t - 1) {
        NET2C_DEPTHWISE_PAIRS_CASE(1, 1) NET2C_DEPTHWISE_PAIRS_CASE(1, 2) NET2C_DEPTHWISE_PAIRS_CASE(1, 3) NET2C_DEPTHWISE_PAIRS_CASE(1, 4)
        NET2C_DEPTHWISE_PAIRS_CASE(4, 1) NET2C_DEPTHWISE_PAIRS_CASE(4, 2) NET2C_DEPTHWISE_PAIRS_CASE(4, 3) NET2C_DEPTHWISE_PAIRS_CASE(4, 4)
        NET2C_DEPTHWISE_PAIRS_CASE(2, 1) NET2C_DEPTHWISE_PAIRS_CASE(2, 2) NET2C_DEPTHWISE_PAIRS_CASE(2, 3) NET2C_DEPTHWISE_PAIRS_CASE(2, 4)
      }
      x += t * 16 * S, y += t * 16;
    }
  }
}

#define NET2C_DEPTHWISE_PAIRS(K, S)                                                                                                   \
  NET2C_NOINLINE void net2c_depthwise_pairs_##K##_##S(const struct net2c_depthwise_pairs *g, uint32_t width, uint32_t rows)           \
  {                                                                                                                                   \
    net2c_depthwise_pairs_run(g, width, rows, K, S);                                                                                  \
  }
NET2C_DEPTHWISE_PAIRS(3, 1)
NET2C_DEPTHWISE_PAIRS(3, 2)
NET2C_DEPTHWISE_PAIRS(5, 1)
NET2C_DEPTHWISE_PAIRS(5, 2)
NET2C_DEPTHWISE_PAIRS(7, 1)

#endif

#endif
