#ifndef NET2C_MOVE_H
#define NET2C_MOVE_H

#include "kernels/move/move_args.h"

/* n elements, `sx` and `sy` elements apart. */
NET2C_INLINE void net2c_move_run(char *y, ptrdiff_t sy, const char *x, ptrdiff_t sx, uint32_t n, uint32_t bytes)
{
  if (sx == 1 && sy == 1) {
    uint32_t i = 0, floats = n * (bytes / 4);
    if (bytes >= 4) {
      for (; i + 8 <= floats; i += 8) store8((float *)y + i, load8((const float *)x + i));
      for (; i < floats; ++i) ((uint32_t *)y)[i] = ((const uint32_t *)x)[i];
    } else {
      for (i = 0; i < n * bytes; ++i) y[i] = x[i];
    }
    return;
  }
  switch (bytes) {
  case 1:
    for (uint32_t i = 0; i < n; ++i) y[(ptrdiff_t)i * sy] = x[(ptrdiff_t)i * sx];
    break;
  case 2:
    for (uint32_t i = 0; i < n; ++i) ((uint16_t *)y)[(ptrdiff_t)i * sy] = ((const uint16_t *)x)[(ptrdiff_t)i * sx];
    break;
  case 4:
    for (uint32_t i = 0; i < n; ++i) ((uint32_t *)y)[(ptrdiff_t)i * sy] = ((const uint32_t *)x)[(ptrdiff_t)i * sx];
    break;
  default:
    for (uint32_t i = 0; i < n; ++i) ((uint64_t *)y)[(ptrdiff_t)i * sy] = ((const uint64_t *)x)[(ptrdiff_t)i * sx];
  }
}

NET2C_INLINE void net2c_move_body(const struct net2c_move_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t rows = a->size[0] * a->size[1] * a->size[2] * a->size[3] * a->size[4];
  const uint32_t cut_inner = rows == 1, all = cut_inner ? a->size[5] : rows;
  const uint32_t from = net2c_cut(all, chunk, a->chunks), to = net2c_cut(all, chunk + 1, a->chunks);
  const char *x = (const char *)net2c_in(f, a->x) + (size_t)a->x_first * a->bytes;
  char *y = (char *)net2c_out(f, a->y) + (size_t)a->y_first * a->bytes;
  const ptrdiff_t bytes = (ptrdiff_t)a->bytes;
  (void)unused;
  if (cut_inner) {
    net2c_move_run(y + (ptrdiff_t)from * a->y_step[5] * bytes, a->y_step[5], x + (ptrdiff_t)from * a->x_step[5] * bytes, a->x_step[5],
                   to - from, a->bytes);
    return;
  }
  uint32_t at[5], rest = from;
  for (int d = 4; d >= 0; --d) {
    at[d] = rest % a->size[d], rest /= a->size[d];
    x += (ptrdiff_t)at[d] * a->x_step[d] * bytes, y += (ptrdiff_t)at[d] * a->y_step[d] * bytes;
  }
  for (uint32_t row = from; row < to; ++row) {
    net2c_move_run(y, a->y_step[5], x, a->x_step[5], a->size[5], a->bytes);
    for (int d = 4; d >= 0; --d) {
      x += a->x_step[d] * bytes, y += a->y_step[d] * bytes;
      if (++at[d] < a->size[d]) break;
      x -= (ptrdiff_t)a->size[d] * a->x_step[d] * bytes, y -= (ptrdiff_t)a->size[d] * a->y_step[d] * bytes, at[d] = 0;
    }
  }
}

#endif
