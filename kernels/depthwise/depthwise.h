/* Depthwise convolution: T outputs of a row at a time, the filter in registers where it is 3x3. */
#ifndef NET2C_DEPTHWISE_H
#define NET2C_DEPTHWISE_H

#include "kernels/act/act_many.h"
#include "kernels/conv/tile.h"
#include "kernels/depthwise/depthwise_args.h"
#include "kernels/halo.h"

/* K, S: kernel size and column stride as literals, or 0: any, from the arguments. */
NET2C_INLINE void net2c_depthwise_step(const struct net2c_depthwise_args *a, const float *x, float *y, const float *r, const float *w,
                                       v8 bias, v8 scale, v8 shift, uint32_t valid, const int T, const int K, const int S,
                                       const int EPILOGUE)
{
  const size_t row = (size_t)a->x.pitch * 8 * a->dh;
  v8 c[8];
  NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = bias;
  if (K) {
    NET2C_UNROLL for (int i = 0; i < K; ++i) NET2C_UNROLL for (int j = 0; j < K; ++j)
    {
      const v8 wv = load8(w + (i * K + j) * 8);
      NET2C_UNROLL for (int t = 0; t < T; ++t) c[t] = fma8(load8(x + (size_t)i * row + (size_t)(t * S + j) * 8), wv, c[t]);
    }
  } else {
    for (uint32_t i = 0; i < a->kh; ++i)
      for (uint32_t j = 0; j < a->kw; ++j, w += 8) {
        const v8 wv = load8(w);
        NET2C_UNROLL for (int t = 0; t < T; ++t)
          c[t] = fma8(load8(x + i * row + ((size_t)t * a->sw + (size_t)j * a->dw) * 8), wv, c[t]);
      }
  }
  if (EPILOGUE == NET2C_CONV_ACT) {
    if (r)
      for (int t = 0; t < T; ++t) c[t] = add8(c[t], load8(r + 8 * t));
    net2c_act_many(c, (uint32_t)T, a->act, a->a, a->b);
    for (int t = 0; t < T; ++t) store8(y + 8 * t, keep8(a->scale == NET2C_NONE ? c[t] : fma8(c[t], scale, shift), valid));
  } else {
    NET2C_UNROLL for (int t = 0; t < T; ++t) store8(y + 8 * t, min8(set8(a->b), max8(set8(a->a), c[t])));
  }
}

NET2C_INLINE void net2c_depthwise_body(const struct net2c_depthwise_args *a, const struct net2c_frame *f, uint32_t chunk, const int K,
                                       const int S, const int EPILOGUE)
{
  const uint32_t blocks = (a->x.c + 7) / 8, rows = a->y.n * blocks * a->y.h;
  const size_t stride = (size_t)(S ? (uint32_t)S : a->sw) * 8;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t h = i % a->y.h, b = i / a->y.h % blocks, n = i / a->y.h / blocks, left = a->y.c - 8 * b;
    const float *x = net2c_map_in(f, &a->x, n, b) + ((ptrdiff_t)h * a->sh - a->top) * (ptrdiff_t)a->x.pitch * 8 - (ptrdiff_t)a->left * 8;
    const float *w = (const float *)net2c_in(f, a->w) + (size_t)b * a->kh * a->kw * 8;
    float *y = net2c_map_out(f, &a->y, n, b) + (size_t)h * a->y.pitch * 8;
    const float *r = a->r.base == NET2C_NONE ? 0 : net2c_map_in(f, &a->r, n, b) + (size_t)h * a->r.pitch * 8;
    const v8 bias = load8((const float *)net2c_in(f, a->bias) + 8 * b);
    const v8 scale = a->scale == NET2C_NONE ? bias : load8((const float *)net2c_in(f, a->scale) + 8 * b);
    const v8 shift = a->scale == NET2C_NONE ? bias : load8((const float *)net2c_in(f, a->shift) + 8 * b);
    const uint32_t tiles = (a->y.w + 3) / 4, valid = left < 8 ? left : 8;
    for (uint32_t k = 0, at = 0; k < tiles; ++k) {
      const uint32_t next = net2c_cut(a->y.w, k + 1, tiles);
      const float *xt = x + at * stride, *rt = r ? r + (size_t)at * 8 : 0;
      float *yt = y + (size_t)at * 8;
      switch (next - at) {
      case 1: net2c_depthwise_step(a, xt, yt, rt, w, bias, scale, shift, valid, 1, K, S, EPILOGUE); break;
      case 2: net2c_depthwise_step(a, xt, yt, rt, w, bias, scale, shift, valid, 2, K, S, EPILOGUE); break;
      case 3: net2c_depthwise_step(a, xt, yt, rt, w, bias, scale, shift, valid, 3, K, S, EPILOGUE); break;
      default: net2c_depthwise_step(a, xt, yt, rt, w, bias, scale, shift, valid, 4, K, S, EPILOGUE); break;
      }
      at = next;
    }
    net2c_halo_rows(f, &a->y, n, b, h, h + 1);
  }
}

#endif
