/* The tile of a convolution: P output pixels (one input pointer each) x 8 * B output channels, all sums in registers from bias
 * to epilogue. On AVX2 P * B is 12 at most: with B weights and one broadcast these are its sixteen registers (6 x 16 is the shape
 * of MLAS and XNNPACK; 3 x 24 serves odd numbers of blocks, because 8 channels alone load too much for each fma). On AVX-512 a
 * pair of blocks is one register: 8 x 32, so that a core with two units loads 10 operands for 16 multiply-adds (with 8 x 16, 9 for 8, it
 * waits for loads), 8 x 16 and 8 x 24 for what is left, where the third block of two pixels is one register too. Longer tiles lose more at their ends than they gain. */
#ifndef NET2C_CONV_TILE_H
#define NET2C_CONV_TILE_H

#include "kernels/act/act_many.h"
#include "kernels/conv/conv_args.h"
#include "kernels/halo.h"

#define NET2C_TILE_MOST 16

struct net2c_tile {
  const float *x[NET2C_TILE_MOST]; /* first tap of each pixel */
  float *y[NET2C_TILE_MOST];
  const float *r[NET2C_TILE_MOST]; /* residual; used only where `residual` */
  const float *w, *w8;             /* 16 channels a row; the 8 of a last odd block */
  size_t pair;                     /* floats from one pair of blocks to the next at w */
  const float *ahead;              /* what the inner loop fetches into L2, 128 bytes a step of eight */
  const float *next;               /* the next weights of the file: the first `fetches` tiles fetch 32 floats a step each */
  uint32_t fetches;
  uint32_t tiles, from;            /* of a line: how many one after the other; number of the first, of those that fetch */
  uint32_t a_row;                  /* of its tiles; floats from the end of a row to the next: */
  ptrdiff_t x_gap, y_gap, r_gap;
  const float *bias, *scale, *shift;
  uint32_t kh, kw, count;          /* taps, and steps of the inner loop in each */
  ptrdiff_t row, column, step;     /* floats from tap to tap and step to step */
  size_t y_block, r_block;         /* floats from one block of 8 output channels to the next */
  uint32_t residual, valid;        /* valid: channels of the last block, 1..8 */
  uint32_t clamp, leaky, act;      /* clamp: act is a clip to [a, b] and needs nothing else; leaky: a leaky ReLU of slope a in (0, 1], which is a maximum */
  float a, b;
};

/* y = act(sum + residual) * scale + shift for what is not a clamp; o[pixel * blocks + block]. */
NET2C_NOINLINE void net2c_tile_finish(const struct net2c_tile *t, v8 *o, uint32_t pixels, uint32_t blocks)
{
  if (t->act == NET2C_ACT_HARD_SWISH && !t->residual && !t->scale) {   /* in one pass; zeros beyond the channels stay so */
    for (uint32_t h = 0; h < blocks; ++h)
      for (uint32_t p = 0; p < pixels; ++p) store8(t->y[p] + h * t->y_block, net2c_hard_swish8(o[p * blocks + h]));
    return;
  }
  if (t->residual)
    for (uint32_t p = 0; p < pixels; ++p)
      for (uint32_t h = 0; h < blocks; ++h) o[p * blocks + h] = add8(o[p * blocks + h], load8(t->r[p] + h * t->r_block));
  net2c_act_many(o, pixels * blocks, t->act, t->a, t->b);
  if (t->scale)
    for (uint32_t h = 0; h < blocks; ++h) {
      const v8 scale = load8(t->scale + 8 * h), shift = load8(t->shift + 8 * h);
      for (uint32_t p = 0; p < pixels; ++p) o[p * blocks + h] = fma8(o[p * blocks + h], scale, shift);
    }
  if (t->valid < 8)
    for (uint32_t p = 0; p < pixels; ++p) o[p * blocks + blocks - 1] = keep8(o[p * blocks + blocks - 1], t->valid);
  for (uint32_t p = 0; p < pixels; ++p)
    for (uint32_t h = 0; h < blocks; ++h) store8(t->y[p] + h * t->y_block, o[p * blocks + h]);
}

/* What follows the sums of `blocks` blocks from `block` on, for channels c in all. */
NET2C_INLINE void net2c_tile_channels(struct net2c_tile *t, const struct net2c_frame *f, net2c_ref bias, net2c_ref scale, net2c_ref shift, uint32_t block,
                                      uint32_t blocks, uint32_t c)
{
  const uint32_t left = c - (block + blocks - 1) * 8;
  t->bias = (const float *)net2c_in(f, bias) + (size_t)block * 8;
  t->valid = left < 8 ? left : 8;
  t->scale = t->shift = 0;
  if (scale != NET2C_NONE) {
    t->scale = (const float *)net2c_in(f, scale) + (size_t)block * 8;
    t->shift = (const float *)net2c_in(f, shift) + (size_t)block * 8;
  }
  t->clamp = t->act == NET2C_ACT_CLIP && !t->scale && (t->valid == 8 || (t->a <= 0.0f && t->b >= 0.0f));
  t->leaky = t->act == NET2C_ACT_LEAKY_RELU && !t->scale && !t->residual && t->a > 0.0f && t->a <= 1.0f;
}

/* The same, and the weights of a panel that starts there, `taps` numbers a channel at w. */
NET2C_INLINE void net2c_tile_panel(struct net2c_tile *t, const struct net2c_frame *f, const float *w, net2c_ref bias, net2c_ref scale,
                                   net2c_ref shift, uint32_t block, uint32_t blocks, size_t taps, uint32_t c)
{
  t->w = w + (size_t)block * 8 * taps, t->w8 = t->w + (blocks / 2 * 16) * taps, t->pair = 16 * taps;
  net2c_tile_channels(t, f, bias, scale, shift, block, blocks, c);
}

#if NET2C_VW == 16
NET2C_INLINE vw net2c_twins(v8 a) { return twicew(a); }
NET2C_INLINE vw net2c_two(vw a, vw b) { return halvesw(a, b); }
#else   /* never called */
NET2C_INLINE vw net2c_twins(v8 a) { return bcastw((const float *)&a); }
NET2C_INLINE vw net2c_two(vw a, vw b) { return fmaw(a, b, a); }
#endif

/* L: input floats of one step of the inner loop: 8 (a block), or 1 where taps lie side by side (image maps: unrolled further,
 * compilers share the loads of overlapping windows and spill). S: 0, or floats from pixel to pixel of a line, t->tiles tiles, of one tap (S = 8) or of an image,
 * whose pixels lie side by side in rows of whole tiles from x[0], y[0], r[0] on: one pointer instead of P, and no setting up between tiles, which short
 * sums would feel. */
NET2C_INLINE void net2c_tile_body(struct net2c_tile *t, const int L, const int B, const int P, const int S)
{
  enum { W = 16 / NET2C_VW };
  const int wide = B / 2 * W, odd = B & 1;   /* vectors of pairs of blocks; whether a block stands alone, */
  const int twins = NET2C_VW == 16 && B == 3 ? P / 2 * 2 : 0;   /* and of how many pixels two by two have one vector for it */
  const size_t pair = t->pair;
  vw c[NET2C_TILE_MOST][2 * W];
  v8 c8[NET2C_TILE_MOST];
  vw ct[NET2C_TILE_MOST / 2];
  const float *x = t->x[0], *r = t->r[0];
  float *y = t->y[0];
  for (uint32_t tile = 0, left = S ? t->a_row : 0; tile < (S ? t->tiles : 1); ++tile) {
    const float *w = t->w, *w8 = t->w8, *ahead = !S ? t->ahead : t->from + tile < t->fetches ? t->next + (t->from + tile) * (size_t)t->count * 32 : w;
    NET2C_UNROLL for (int p = 0; p < P; ++p)
    {
      NET2C_UNROLL for (int v = 0; v < wide; ++v) c[p][v] = loadw(t->bias + v * NET2C_VW);
      if (p < twins) ct[p / 2] = net2c_twins(load8(t->bias + wide * NET2C_VW));
      else if (odd) c8[p] = load8(t->bias + wide * NET2C_VW);
    }
    for (uint32_t i = 0; i < (S == 8 ? 1 : t->kh); ++i)
      for (uint32_t j = 0; j < (S ? 1 : t->kw); ++j) {
        NET2C_TILE_TAP
        const ptrdiff_t at = (ptrdiff_t)i * t->row + (ptrdiff_t)j * t->column, step = L == 1 ? 1 : t->step;
        const float *xp[NET2C_TILE_MOST];
        NET2C_UNROLL for (int p = 0; p < P; ++p) xp[p] = (S ? x : t->x[p]) + at;
        _Pragma("GCC unroll 1") for (uint32_t k = t->count; k > 0; --k)
        {
          if (L == 1 && S) { NET2C_TILE_TAP }
          if (L == 8) prefetch8_l2(ahead), prefetch8_l2(ahead + 16), ahead += 32;
          NET2C_UNROLL for (int l = 0; l < L; ++l)
          {
            vw wv[2 * W];
            v8 wv8;
            vw before;
            NET2C_UNROLL for (int v = 0; v < wide; ++v) wv[v] = loadw(w + (v < W ? 0 : pair) + (l * W + v % W) * NET2C_VW);
            if (odd) wv8 = load8(w8 + l * 8);
            NET2C_UNROLL for (int p = 0; p < P; ++p)
            {
              const float *const at_p = S ? xp[0] + p * S + l : xp[p] + l;
              const vw s = bcastw(at_p);
              NET2C_UNROLL for (int v = 0; v < wide; ++v) c[p][v] = fmaw(wv[v], s, c[p][v]);
              if (p >= twins && odd) c8[p] = fma8(wv8, bcast8(s, at_p), c8[p]);
              if (p < twins && p % 2) ct[p / 2] = fmaw(net2c_twins(wv8), net2c_two(before, s), ct[p / 2]);
              before = s;
              holdw(s);
            }
            NET2C_UNROLL for (int v = 0; v < wide; ++v) holdw(wv[v]);
            if (odd) hold8(wv8);
          }
          NET2C_UNROLL for (int p = 0; p < P; ++p) xp[p] += step;   /* all the same in a line */
          w += wide ? L * 16 : 0;
          if (odd) w8 += L * 8;
        }
      }
#define NET2C_TILE_SUM(p, h) ((h) < B / 2 * 2 ? half8(c[p], h) : p < twins ? half8(&ct[(p) / 2], (p) % 2) : c8[p])
    if (t->clamp || t->leaky) {
      const v8 low = set8(t->leaky ? -__builtin_inff() : t->a), high = set8(t->leaky ? __builtin_inff() : t->b);
      const size_t y_block = t->y_block, r_block = t->r_block;
      if (t->residual) {
        NET2C_UNROLL for (int p = 0; p < P; ++p)
        {
          NET2C_UNROLL for (int h = 0; h < B; ++h)
            store8((S ? y + p * 8 : t->y[p]) + h * y_block, min8(high, max8(low, add8(NET2C_TILE_SUM(p, h), load8((S ? r + p * 8 : t->r[p]) + h * r_block)))));
        }
      } else {
        const vw loww = setw(t->leaky ? -__builtin_inff() : t->a), highw = setw(t->leaky ? __builtin_inff() : t->b);
        if (t->leaky) {
          const vw slope = setw(t->a);
          const v8 slope8 = set8(t->a);
          NET2C_UNROLL for (int p = 0; p < P; ++p)
          {
            NET2C_UNROLL for (int v = 0; v < wide; ++v) c[p][v] = maxw(mulw(slope, c[p][v]), c[p][v]);
            if (p < twins && p % 2 == 0) ct[p / 2] = maxw(mulw(slope, ct[p / 2]), ct[p / 2]);
            if (p >= twins && odd) c8[p] = max8(mul8(slope8, c8[p]), c8[p]);
          }
        }
        NET2C_UNROLL for (int p = 0; p < P; ++p)
        {
          NET2C_UNROLL for (int v = 0; v < wide; ++v) c[p][v] = minw(highw, maxw(loww, c[p][v]));
          if (p < twins && p % 2 == 0) ct[p / 2] = minw(highw, maxw(loww, ct[p / 2]));
          if (p >= twins && odd) c8[p] = min8(high, max8(low, c8[p]));
          NET2C_UNROLL for (int h = 0; h < B; ++h) store8((S ? y + p * 8 : t->y[p]) + h * y_block, NET2C_TILE_SUM(p, h));
        }
      }
    } else {
      v8 o[NET2C_TILE_MOST * 4];
      NET2C_UNROLL for (int p = 0; p < P; ++p)
      {
        if (NET2C_VW == 16 && !odd) {   /* as activations read them: a vector that was written in halves has to wait */
          NET2C_UNROLL for (int v = 0; v < wide; ++v) storew((float *)&o[p * B + v * 2], c[p][v]);
        } else {
          NET2C_UNROLL for (int h = 0; h < B; ++h) o[p * B + h] = NET2C_TILE_SUM(p, h);
        }
      }
      if (S) {
        NET2C_UNROLL for (int p = 0; p < P; ++p) t->y[p] = y + p * 8, t->r[p] = r + p * 8;
      }
      net2c_tile_finish(t, o, P, B);
    }
    x += P * S, y += P * 8, r += P * 8;
    if (S && --left == 0) left = t->a_row, x += t->x_gap, y += t->y_gap, r += t->r_gap;
  }
}

/* Pixels of the largest tile of B blocks. */
NET2C_INLINE uint32_t net2c_tile_pixels(uint32_t blocks) { return blocks < 3 ? NET2C_TILE_PIXELS : NET2C_TILE_PIXELS_3; }

/* One function a shape, shared by all layers and epilogues: only literals make the loop fast, and these are all of them. */
#define NET2C_TILES_6(F, L) \
  F(L, 1, 1) F(L, 1, 2) F(L, 1, 3) F(L, 1, 4) F(L, 1, 5) F(L, 1, 6) \
  F(L, 2, 1) F(L, 2, 2) F(L, 2, 3) F(L, 2, 4) F(L, 2, 5) F(L, 2, 6) F(L, 3, 1) F(L, 3, 2) F(L, 3, 3)
#define NET2C_TILES_8(F, L) \
  NET2C_TILES_6(F, L) F(L, 1, 7) F(L, 1, 8) F(L, 2, 7) F(L, 2, 8) F(L, 3, 4) F(L, 3, 5) F(L, 3, 6) F(L, 3, 7) F(L, 3, 8) \
  F(L, 4, 1) F(L, 4, 2) F(L, 4, 3) F(L, 4, 4) F(L, 4, 5) F(L, 4, 6) F(L, 4, 7) F(L, 4, 8)
#define NET2C_TILE_FUNCTION(L, B, P) \
  NET2C_NOINLINE void net2c_tile_##L##_##B##_##P(struct net2c_tile *t) { net2c_tile_body(t, L, B, P, 0); }
#define NET2C_TILE_CASE(L, B, P) \
  case B * 8 + P - 1: net2c_tile_##L##_##B##_##P(t); break;
NET2C_TILES(NET2C_TILE_FUNCTION, 8)
NET2C_TILES(NET2C_TILE_FUNCTION, 1)

/* Rows of an image's pixels of three numbers, side by side or every second, on AVX-512; to 16 channels twice as many at once, as 8 sums would wait for
 * each other. */
#if NET2C_TILE_BLOCKS == 4
#define NET2C_IMAGE_LINES(F) F(3, 2, 16) F(3, 4, 8) F(6, 2, 16) F(6, 4, 8)
#else
#define NET2C_IMAGE_LINES(F)
#endif
#define NET2C_IMAGE_LINE_FUNCTION(S, B, P) \
  NET2C_NOINLINE void net2c_image_line_##S##_##B##_##P(struct net2c_tile *t) { net2c_tile_body(t, 1, B, P, S); }
NET2C_IMAGE_LINES(NET2C_IMAGE_LINE_FUNCTION)

/* Lines, of the largest tiles and of those a pixel smaller, which are all there are where a region has many. */
#if NET2C_TILE_BLOCKS == 4
#define NET2C_LINES(F) F(1, 7) F(1, 8) F(2, 7) F(2, 8) F(3, 7) F(3, 8) F(4, 7) F(4, 8)
#else
#define NET2C_LINES(F) F(1, 5) F(1, 6) F(2, 5) F(2, 6) F(3, 2) F(3, 3)
#endif
#define NET2C_LINE_FUNCTION(B, P) \
  NET2C_NOINLINE void net2c_line_##B##_##P(struct net2c_tile *t) { net2c_tile_body(t, 8, B, P, 8); }
#define NET2C_LINE_CASE(B, P) \
  case B * 8 + P - 1: net2c_line_##B##_##P(t); break;
NET2C_LINES(NET2C_LINE_FUNCTION)

NET2C_INLINE void net2c_line_run(struct net2c_tile *t, uint32_t blocks, uint32_t pixels)
{
  switch (blocks * 8 + pixels - 1) {
    NET2C_LINES(NET2C_LINE_CASE)
  }
}

NET2C_INLINE void net2c_tile_run(struct net2c_tile *t, uint32_t blocks, uint32_t pixels, const int L)
{
  if (L == 8)
    switch (blocks * 8 + pixels - 1) {
      NET2C_TILES(NET2C_TILE_CASE, 8)
    }
  else
    switch (blocks * 8 + pixels - 1) {
      NET2C_TILES(NET2C_TILE_CASE, 1)
    }
}

#endif
