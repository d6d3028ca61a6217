/* The products of Winograd's algorithm: for one point, P tiles by the 16 output channels of a pair of blocks or two, all sums in registers. Tiles
 * lie side by side, so one pointer serves all of them, and where there are registers enough P can be larger than conv's. */
#ifndef NET2C_WINOGRAD_PRODUCT_H
#define NET2C_WINOGRAD_PRODUCT_H

#include "kernels/kernel.h"

#if NET2C_TILE_BLOCKS == 4   /* two pairs at once: half as many loads; compilers spill from eleven tiles on */
#define NET2C_PRODUCT_MOST 10
#define NET2C_PRODUCTS(F) \
  F(1, 1) F(1, 2) F(1, 3) F(1, 4) F(1, 5) F(1, 6) F(1, 7) F(1, 8) F(1, 9) F(1, 10) \
  F(2, 1) F(2, 2) F(2, 3) F(2, 4) F(2, 5) F(2, 6) F(2, 7) F(2, 8) F(2, 9) F(2, 10)
#else
#define NET2C_PRODUCT_MOST 6
#define NET2C_PRODUCTS(F) F(1, 1) F(1, 2) F(1, 3) F(1, 4) F(1, 5) F(1, 6)
#endif

/* Of one point: x[block][tile][8], `x_step` floats from block to block; u[channel][16] and m[tile][16] of a pair of blocks,
 * `u_next` and `m_next` floats from one pair to the next. */
struct net2c_product {
  const float *x, *u;
  float *m;
  size_t x_step, u_next, m_next;
  uint32_t blocks, more; /* more: added to what is in m */
};

/* m = sum of x by u, B pairs. */
NET2C_INLINE void net2c_product_body(const struct net2c_product *a, const int B, const int P)
{
  enum { W = 16 / NET2C_VW };
  const float *x = a->x, *u = a->u;
  const size_t x_step = a->x_step, u_next = a->u_next;
  float *m = a->m;
  vw c[NET2C_PRODUCT_MOST][2 * W];
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    NET2C_UNROLL for (int v = 0; v < B * W; ++v)
      c[p][v] = a->more ? loadw(m + (v < W ? 0 : a->m_next) + p * 16 + v % W * NET2C_VW) : setw(0.0f);
  }
  _Pragma("GCC unroll 1") for (uint32_t blocks = a->blocks; blocks > 0; --blocks)
  {
    NET2C_UNROLL for (int l = 0; l < 8; ++l)
    {
      vw w[2 * W];
      NET2C_UNROLL for (int v = 0; v < B * W; ++v) w[v] = loadw(u + (v < W ? 0 : u_next) + l * 16 + v % W * NET2C_VW);
      NET2C_UNROLL for (int p = 0; p < P; ++p)
      {
        const vw s = bcastw(x + p * 8 + l);
        NET2C_UNROLL for (int v = 0; v < B * W; ++v) c[p][v] = fmaw(w[v], s, c[p][v]);
        holdw(s);
      }
      NET2C_UNROLL for (int v = 0; v < B * W; ++v) holdw(w[v]);
    }
    x += x_step, u += 8 * 16;
  }
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    NET2C_UNROLL for (int v = 0; v < B * W; ++v) storew(m + (v < W ? 0 : a->m_next) + p * 16 + v % W * NET2C_VW, c[p][v]);
  }
}

#define NET2C_PRODUCT_FUNCTION(B, P) \
  NET2C_NOINLINE void net2c_product_##B##_##P(const struct net2c_product *a) { net2c_product_body(a, B, P); }
#define NET2C_PRODUCT_CASE(B, P) \
  case B * 16 + P: net2c_product_##B##_##P(&a); break;
NET2C_PRODUCTS(NET2C_PRODUCT_FUNCTION)

/* Any number of tiles, in near-equal parts, by one pair or two. */
NET2C_INLINE void net2c_product(struct net2c_product a, uint32_t tiles, uint32_t pairs)
{
  const uint32_t together = NET2C_TILE_BLOCKS == 4 ? pairs : 1;
  const uint32_t parts = (tiles + NET2C_PRODUCT_MOST - 1) / NET2C_PRODUCT_MOST, least = tiles / parts, larger = tiles % parts;
  const struct net2c_product first = a;
  for (uint32_t k = 0; k < pairs; k += together) {
    a.x = first.x, a.u = first.u + k * a.u_next, a.m = first.m + k * a.m_next;
    for (uint32_t i = 0; i < parts; ++i) {
      const uint32_t p = least + (i < larger);
      switch (together * 16 + p) {
        NET2C_PRODUCTS(NET2C_PRODUCT_CASE)
      }
      a.x += p * 8, a.m += p * 16;
    }
  }
}

#endif
