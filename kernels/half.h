/* Weights lie in the file as floats, or as IEEE halves (H = 1, kernels named _half). A half is a float exactly, and arithmetic is that of
 * floats, so bits are those of the floats that the halves stand for, on every ISA. */
#ifndef NET2C_HALF_H
#define NET2C_HALF_H

#include "kernels/kernel.h"

/* Number i of those at w. */
NET2C_INLINE const void *net2c_weights_at(const void *w, ptrdiff_t i, const int H) { return (const char *)w + i * (H ? 2 : 4); }

NET2C_INLINE vw net2c_weights_loadw(const void *w, const int H) { return H ? loadhw((const uint16_t *)w) : loadw((const float *)w); }

/* `count` halves, a multiple of 8, as floats. */
NET2C_NOINLINE void net2c_widen(float *to, const uint16_t *from, size_t count)
{
  size_t i = 0;
  for (; i + NET2C_VW <= count; i += NET2C_VW) storew(to + i, loadhw(from + i));
  for (; i < count; i += 8) store8(to + i, loadh8(from + i));
}

#endif
