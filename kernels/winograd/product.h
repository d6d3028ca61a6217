/* The products of Winograd's algorithm: for one point, P tiles by the 16 (or 8) output channels of a panel, all sums in registers. Tiles
 * lie side by side, so one pointer serves all of them, and where there are registers enough P can be larger than conv's. */
#ifndef NET2C_WINOGRAD_PRODUCT_H
#define NET2C_WINOGRAD_PRODUCT_H

#include "kernels/kernel.h"

#if NET2C_VW == 16
#define NET2C_PRODUCT_MOST 14
#define NET2C_PRODUCTS(F, B) \
  F(B, 1) F(B, 2) F(B, 3) F(B, 4) F(B, 5) F(B, 6) F(B, 7) F(B, 8) F(B, 9) F(B, 10) F(B, 11) F(B, 12) F(B, 13) F(B, 14)
#else
#define NET2C_PRODUCT_MOST 6
#define NET2C_PRODUCTS(F, B) F(B, 1) F(B, 2) F(B, 3) F(B, 4) F(B, 5) F(B, 6)
#endif

/* m[tile][16] = sum of x[block][tile][8] by u[channel][16]; `step`: floats from block to block. */
NET2C_INLINE void net2c_product_body(const float *x, size_t step, const float *u, float *m, uint32_t blocks, const int B, const int P)
{
  enum { W = 16 / NET2C_VW };
  vw c[NET2C_PRODUCT_MOST][W];
  v8 c8[NET2C_PRODUCT_MOST];
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    NET2C_UNROLL for (int v = 0; v < W; ++v) c[p][v] = setw(0.0f);
    c8[p] = set8(0.0f);
  }
  _Pragma("GCC unroll 1") for (; blocks > 0; --blocks)
  {
    NET2C_UNROLL for (int l = 0; l < 8; ++l)
    {
      if (B == 2) {
        vw w[W];
        NET2C_UNROLL for (int v = 0; v < W; ++v) w[v] = loadw(u + l * 16 + v * NET2C_VW);
        NET2C_UNROLL for (int p = 0; p < P; ++p)
        {
          const vw s = bcastw(x + p * 8 + l);
          NET2C_UNROLL for (int v = 0; v < W; ++v) c[p][v] = fmaw(w[v], s, c[p][v]);
          holdw(s);
        }
        NET2C_UNROLL for (int v = 0; v < W; ++v) holdw(w[v]);
      } else {
        const v8 w = load8(u + l * 16);
        NET2C_UNROLL for (int p = 0; p < P; ++p)
        {
          const v8 s = set8(x[p * 8 + l]);
          c8[p] = fma8(w, s, c8[p]);
          hold8(s);
        }
        hold8(w);
      }
    }
    x += step, u += 8 * 16;
  }
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    if (B == 2) {
      NET2C_UNROLL for (int v = 0; v < W; ++v) storew(m + p * 16 + v * NET2C_VW, c[p][v]);
    } else {
      store8(m + p * 16, c8[p]);
    }
  }
}

#define NET2C_PRODUCT_FUNCTION(B, P)                                                                                                 \
  NET2C_NOINLINE void net2c_product_##B##_##P(const float *x, size_t step, const float *u, float *m, uint32_t blocks)                \
  {                                                                                                                                  \
    net2c_product_body(x, step, u, m, blocks, B, P);                                                                                 \
  }
#define NET2C_PRODUCT_CASE(B, P) \
  case B * 16 + P: net2c_product_##B##_##P(x, step, u, m, blocks); break;
NET2C_PRODUCTS(NET2C_PRODUCT_FUNCTION, 1)
NET2C_PRODUCTS(NET2C_PRODUCT_FUNCTION, 2)

/* Any number of tiles, in near-equal parts. */
NET2C_INLINE void net2c_product(const float *x, size_t step, const float *u, float *m, uint32_t blocks, uint32_t tiles, uint32_t b)
{
  const uint32_t parts = (tiles + NET2C_PRODUCT_MOST - 1) / NET2C_PRODUCT_MOST, least = tiles / parts, larger = tiles % parts;
  for (uint32_t i = 0; i < parts; ++i) {
    const uint32_t p = least + (i < larger);
    switch (b * 16 + p) {
      NET2C_PRODUCTS(NET2C_PRODUCT_CASE, 1)
      NET2C_PRODUCTS(NET2C_PRODUCT_CASE, 2)
    }
    x += p * 8, m += p * 16;
  }
}

#endif
