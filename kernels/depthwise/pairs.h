/* A 3 x 3 depthwise convolution of stride 1 where vw holds two pixels: T of such pairs a row, two rows at a time, which share the
 * two input rows between them, so that there are two loads for three multiply-adds. A last odd pixel is computed with one beyond. */
#ifndef NET2C_DEPTHWISE_PAIRS_H
#define NET2C_DEPTHWISE_PAIRS_H

#include "kernels/kernel.h"

#if NET2C_VW == 16

struct net2c_depthwise_pairs {
  const float *x, *w, *bias;
  float *y;
  size_t x_row, y_row;
  float low, high;
};

/* R rows of T pairs, x and y floats into their rows; the last pair is stored whole or, if `odd`, its first pixel. */
NET2C_INLINE void net2c_depthwise_pairs_tile(const struct net2c_depthwise_pairs *g, const vw *filter, vw bias, const float *x, float *y,
                                             int odd, const int R, const int T)
{
  const vw low = setw(g->low), high = setw(g->high);
  const size_t x_row = g->x_row, y_row = g->y_row;
  vw c[2][4];
  NET2C_UNROLL for (int r = 0; r < R; ++r)
  {
    NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = bias;
  }
  NET2C_UNROLL for (int i = 0; i < R + 2; ++i)
  {
    NET2C_UNROLL for (int j = 0; j < 3; ++j)
    {
      NET2C_UNROLL for (int t = 0; t < T; ++t)
      {
        const vw v = loadw(x + (size_t)i * x_row + (2 * t + j) * 8);
        NET2C_UNROLL for (int r = 0; r < R; ++r)
          if (i - r >= 0 && i - r < 3) c[r][t] = fmaw(v, filter[(i - r) * 3 + j], c[r][t]);
      }
    }
  }
  NET2C_UNROLL for (int r = 0; r < R; ++r)
  {
    NET2C_UNROLL for (int t = 0; t < T; ++t) c[r][t] = minw(high, maxw(low, c[r][t]));
    NET2C_UNROLL for (int t = 0; t < T - 1; ++t) storew(y + r * y_row + t * 16, c[r][t]);
    if (odd) store8(y + r * y_row + (T - 1) * 16, half8(&c[r][T - 1], 0));
    else storew(y + r * y_row + (T - 1) * 16, c[r][T - 1]);
  }
}

#define NET2C_DEPTHWISE_PAIRS(R)                                                                              \
  NET2C_NOINLINE void net2c_depthwise_pairs_##R(const struct net2c_depthwise_pairs *g, uint32_t width)        \
  {                                                                                                           \
    const uint32_t pairs = (width + 1) / 2, tiles = (pairs + 3) / 4;                                          \
    const vw bias = twicew(load8(g->bias));                                                                   \
    const float *x = g->x;                                                                                    \
    float *y = g->y;                                                                                          \
    vw filter[9];                                                                                             \
    NET2C_UNROLL for (int k = 0; k < 9; ++k) filter[k] = twicew(load8(g->w + 8 * k));                         \
    for (uint32_t i = 0; i < tiles; ++i) {                                                                    \
      const uint32_t t = pairs / tiles + (i < pairs % tiles);                                                 \
      const int odd = i + 1 == tiles && width % 2;                                                            \
      switch (t) {                                                                                            \
      case 1: net2c_depthwise_pairs_tile(g, filter, bias, x, y, odd, R, 1); break;                            \
      case 2: net2c_depthwise_pairs_tile(g, filter, bias, x, y, odd, R, 2); break;                            \
      case 3: net2c_depthwise_pairs_tile(g, filter, bias, x, y, odd, R, 3); break;                            \
      default: net2c_depthwise_pairs_tile(g, filter, bias, x, y, odd, R, 4);                                  \
      }                                                                                                       \
      x += t * 16, y += t * 16;                                                                               \
    }                                                                                                         \
  }
NET2C_DEPTHWISE_PAIRS(1)
NET2C_DEPTHWISE_PAIRS(2)

#endif

#endif
