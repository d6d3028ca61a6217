/* A box of elements from one strided place to another. */
#ifndef NET2C_COPY_STRIDED_H
#define NET2C_COPY_STRIDED_H

#include "kernels/eltwise/walk.h"
#include "kernels/move/move_args.h"

NET2C_INLINE void net2c_copy_bytes(const char *x, size_t n, char *y)
{
  size_t i = 0;
  for (; i + 32 <= n; i += 32) __builtin_memcpy(y + i, x + i, 32);
  for (; i < n; ++i) y[i] = x[i];
}

#define NET2C_STRIDED_LOOP(T)                                                                      \
  {                                                                                                \
    const T *from = (const T *)x + ix;                                                             \
    T *to = (T *)y + iy;                                                                           \
    if (sx == 0 && sy == 1) {                                                                      \
      const T v = from[0];                                                                         \
      for (uint32_t i = 0; i < n; ++i) to[i] = v;                                                  \
    } else {                                                                                       \
      for (uint32_t i = 0; i < n; ++i) to[(ptrdiff_t)i * sy] = from[(ptrdiff_t)i * sx];            \
    }                                                                                              \
  }

NET2C_INLINE void net2c_copy_strided_body(const struct net2c_copy_strided_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const char *x = (const char *)net2c_in(f, a->x);
  char *y = (char *)net2c_out(f, a->y);
  const uint32_t total = net2c_walk_count(a->size);
  const int32_t sx = a->x_step[5], sy = a->y_step[5];
  struct net2c_walk k;
  (void)unused;
  for (net2c_walk_begin(&k, a->size, net2c_cut(total, chunk, a->chunks), net2c_cut(total, chunk + 1, a->chunks)); k.at < k.end;) {
    const uint32_t n = net2c_walk_run(&k, a->size, UINT32_MAX);
    const ptrdiff_t ix = net2c_walk_offset(&k, a->x_step) + (ptrdiff_t)a->x_first, iy = net2c_walk_offset(&k, a->y_step) + (ptrdiff_t)a->y_first;
    if (sx == 1 && sy == 1) net2c_copy_bytes(x + ix * (ptrdiff_t)a->bytes, (size_t)n * a->bytes, y + iy * (ptrdiff_t)a->bytes);
    else if (a->bytes == 4) NET2C_STRIDED_LOOP(uint32_t)
    else if (a->bytes == 8) NET2C_STRIDED_LOOP(uint64_t)
    else if (a->bytes == 2) NET2C_STRIDED_LOOP(uint16_t)
    else NET2C_STRIDED_LOOP(uint8_t)
    net2c_walk_next(&k, a->size, n);
  }
}

#endif
