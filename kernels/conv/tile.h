/* The tile of a convolution: P consecutive output pixels (one input pointer each) x 8 * BLOCKS output channels, all sums in
 * registers from bias to epilogue. P * 2 accumulators of 8 floats, two of weights and one broadcast fill AVX2's registers at
 * P = 6 (the shape that MLAS, oneDNN and XNNPACK use there too). */
#ifndef NET2C_CONV_TILE_H
#define NET2C_CONV_TILE_H

#include "kernels/act/act_many.h"
#include "kernels/conv/conv_args.h"
#include "kernels/halo.h"

#define NET2C_TILE 6
enum { NET2C_CONV_CLAMP, NET2C_CONV_ADD, NET2C_CONV_ACT };

struct net2c_tile {
  const float *x[NET2C_TILE];
  float *y[NET2C_TILE];
  const float *r[NET2C_TILE]; /* residual; only where `residual` */
  const float *w, *bias, *scale, *shift;
  uint32_t kh, kw, blocks;        /* taps and input blocks */
  ptrdiff_t row, column, block;   /* floats from tap to tap, block to block */
  size_t y_block, r_block;        /* floats from one block of 8 output channels to the next */
  uint32_t residual, valid;       /* valid: channels of the last block, 1..8 */
  uint32_t act;
  float a, b;
};

NET2C_INLINE void net2c_tile_body(const struct net2c_tile *t, const int P, const int BLOCKS, const int LANES, const int EPILOGUE)
{
  enum { W = 8 / NET2C_VW > 0 ? 8 / NET2C_VW : 1 };
  const int V = BLOCKS * 8 / NET2C_VW;
  vw c[NET2C_TILE][2 * W];
  const float *x[NET2C_TILE], *w = t->w;
  NET2C_UNROLL for (int p = 0; p < P; ++p)
  {
    x[p] = t->x[p];
    NET2C_UNROLL for (int v = 0; v < V; ++v) c[p][v] = loadw(t->bias + v * NET2C_VW);
  }
  for (uint32_t i = 0; i < t->kh; ++i)
    for (uint32_t j = 0; j < t->kw; ++j) {
      ptrdiff_t at = (ptrdiff_t)i * t->row + (ptrdiff_t)j * t->column;
      for (uint32_t k = 0; k < t->blocks; ++k, at += t->block) {
        NET2C_UNROLL for (int l = 0; l < LANES; ++l)
        {
          vw wv[2 * W];
          NET2C_UNROLL for (int v = 0; v < V; ++v) wv[v] = loadw(w + (l * V + v) * NET2C_VW);
          NET2C_UNROLL for (int p = 0; p < P; ++p)
          {
            const vw s = bcastw(x[p] + at + l);
            NET2C_UNROLL for (int v = 0; v < V; ++v) c[p][v] = fmaw(s, wv[v], c[p][v]);
          }
        }
        w += LANES * BLOCKS * 8;
      }
    }
  if (EPILOGUE == NET2C_CONV_ACT) {
    v8 o[NET2C_TILE * 2];
    NET2C_UNROLL for (int p = 0; p < P; ++p) NET2C_UNROLL for (int h = 0; h < BLOCKS; ++h) o[p * BLOCKS + h] = half8(c[p], h);
    if (t->residual)
      for (int p = 0; p < P; ++p)
        for (int h = 0; h < BLOCKS; ++h) o[p * BLOCKS + h] = add8(o[p * BLOCKS + h], load8(t->r[p] + h * t->r_block));
    net2c_act_many(o, (uint32_t)(P * BLOCKS), t->act, t->a, t->b);
    if (t->scale)
      for (int h = 0; h < BLOCKS; ++h) {
        const v8 scale = load8(t->scale + 8 * h), shift = load8(t->shift + 8 * h);
        for (int p = 0; p < P; ++p) o[p * BLOCKS + h] = fma8(o[p * BLOCKS + h], scale, shift);
      }
    for (int p = 0; p < P; ++p) {
      if (t->valid < 8) o[p * BLOCKS + BLOCKS - 1] = keep8(o[p * BLOCKS + BLOCKS - 1], t->valid);
      for (int h = 0; h < BLOCKS; ++h) store8(t->y[p] + h * t->y_block, o[p * BLOCKS + h]);
    }
  } else {
    const v8 low = set8(t->a), high = set8(t->b);
    NET2C_UNROLL for (int p = 0; p < P; ++p)
    {
      NET2C_UNROLL for (int h = 0; h < BLOCKS; ++h)
      {
        v8 o = half8(c[p], h);
        if (EPILOGUE == NET2C_CONV_ADD) o = add8(o, load8(t->r[p] + h * t->r_block));
        store8(t->y[p] + h * t->y_block, min8(high, max8(low, o)));
      }
    }
  }
}

/* p pixels, blocks of 8 channels: 1 or 2. Inlined once an instance, so each instance holds its twelve bodies. */
NET2C_INLINE void net2c_tile_run(const struct net2c_tile *t, uint32_t p, uint32_t blocks, const int LANES, const int EPILOGUE)
{
  switch (p * 2 + blocks) {
  case 3: net2c_tile_body(t, 1, 1, LANES, EPILOGUE); break;
  case 4: net2c_tile_body(t, 1, 2, LANES, EPILOGUE); break;
  case 5: net2c_tile_body(t, 2, 1, LANES, EPILOGUE); break;
  case 6: net2c_tile_body(t, 2, 2, LANES, EPILOGUE); break;
  case 7: net2c_tile_body(t, 3, 1, LANES, EPILOGUE); break;
  case 8: net2c_tile_body(t, 3, 2, LANES, EPILOGUE); break;
  case 9: net2c_tile_body(t, 4, 1, LANES, EPILOGUE); break;
  case 10: net2c_tile_body(t, 4, 2, LANES, EPILOGUE); break;
  case 11: net2c_tile_body(t, 5, 1, LANES, EPILOGUE); break;
  case 12: net2c_tile_body(t, 5, 2, LANES, EPILOGUE); break;
  case 13: net2c_tile_body(t, 6, 1, LANES, EPILOGUE); break;
  default: net2c_tile_body(t, 6, 2, LANES, EPILOGUE); break;
  }
}

#endif
