/* The products of Winograd's algorithm: for one point, P tiles by the 16 output channels of a panel, all sums in registers. Tiles
 * lie side by side, so one pointer serves all of them, and where there are registers enough P can be larger than conv's. */
#ifndef NET2C_WINOGRAD_PRODUCT_H
#define NET2C_WINOGRAD_PRODUCT_H

#include "kernels/kernel.h"

#if NET2C_VW == 16
#define NET2C_PRODUCT_MOST 10
#define NET2C_PRODUCTS(F) F(1) F(2) F(3) F(4) F(5) F(6) F(7) F(8) F(9) F(10)
#else
#define NET2C_PRODUCT_MOST 6
#define NET2C_PRODUCTS(F) F(1) F(2) F(3) F(4) F(5) F(6)
#endif

/* m[tile][16] = sum of x[block][tile][8] by u[channel][16], added to what is there if `more`; `step`: floats from block to block. */
NET2C_INLINE void net2c_product_body(const float *x, size_t step, const float *u, float *m, uint32_t blocks, int more, const int P)
{
  enum { W = 16 / NET2C_VW };
  vw c[NET2C_PRODUCT_MOST][W];
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    NET2C_UNROLL for (int v = 0; v < W; ++v) c[p][v] = more ? loadw(m + p * 16 + v * NET2C_VW) : setw(0.0f);
  }
  _Pragma("GCC unroll 1") for (; blocks > 0; --blocks)
  {
    NET2C_UNROLL for (int l = 0; l < 8; ++l)
    {
      vw w[W];
      NET2C_UNROLL for (int v = 0; v < W; ++v) w[v] = loadw(u + l * 16 + v * NET2C_VW);
      NET2C_UNROLL for (int p = 0; p < P; ++p)
      {
        const vw s = bcastw(x + p * 8 + l);
        NET2C_UNROLL for (int v = 0; v < W; ++v) c[p][v] = fmaw(w[v], s, c[p][v]);
        holdw(s);
      }
      NET2C_UNROLL for (int v = 0; v < W; ++v) holdw(w[v]);
    }
    x += step, u += 8 * 16;
  }
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    NET2C_UNROLL for (int v = 0; v < W; ++v) storew(m + p * 16 + v * NET2C_VW, c[p][v]);
  }
}

#define NET2C_PRODUCT_FUNCTION(P)                                                                                           \
  NET2C_NOINLINE void net2c_product_##P(const float *x, size_t step, const float *u, float *m, uint32_t blocks, int more)   \
  {                                                                                                                         \
    net2c_product_body(x, step, u, m, blocks, more, P);                                                                     \
  }
#define NET2C_PRODUCT_CASE(P) \
  case P: net2c_product_##P(x, step, u, m, blocks, more); break;
NET2C_PRODUCTS(NET2C_PRODUCT_FUNCTION)

/* Any number of tiles, in near-equal parts. */
NET2C_INLINE void net2c_product(const float *x, size_t step, const float *u, float *m, uint32_t blocks, int more, uint32_t tiles)
{
  const uint32_t parts = (tiles + NET2C_PRODUCT_MOST - 1) / NET2C_PRODUCT_MOST, least = tiles / parts, larger = tiles % parts;
  for (uint32_t i = 0; i < parts; ++i) {
    const uint32_t p = least + (i < larger);
    switch (p) {
      NET2C_PRODUCTS(NET2C_PRODUCT_CASE)
    }
    x += p * 8, m += p * 16;
  }
}

#endif
