/* One value everywhere. */
#ifndef NET2C_FILL_PLAIN_H
#define NET2C_FILL_PLAIN_H

#include "kernels/move/move_args.h"

#define NET2C_FILL_LOOP(T, value)                                   \
  {                                                                 \
    const T v = (T)(value);                                         \
    for (uint32_t i = from; i < to; ++i) ((T *)y)[i] = v;           \
  }

NET2C_INLINE void net2c_fill_plain_body(const struct net2c_fill_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  void *y = net2c_out(f, a->y);
  const uint32_t from = net2c_cut(a->n, chunk, a->chunks), to = net2c_cut(a->n, chunk + 1, a->chunks);
  (void)unused;
  if (a->bytes == 4) NET2C_FILL_LOOP(uint32_t, a->low)
  else if (a->bytes == 8) NET2C_FILL_LOOP(uint64_t, (uint64_t)a->high << 32 | a->low)
  else if (a->bytes == 2) NET2C_FILL_LOOP(uint16_t, a->low)
  else NET2C_FILL_LOOP(uint8_t, a->low)
}

#endif
