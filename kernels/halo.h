/* The halo of a map, written by whoever wrote the rows: every chunk calls this for its own rows and blocks. */
#ifndef NET2C_HALO_H
#define NET2C_HALO_H

#include "kernels/kernel.h"

NET2C_INLINE void net2c_halo_copy(float *d, const float *s, uint32_t floats)
{
  for (uint32_t i = 0; i < floats; ++i) d[i] = s[i];
}

/* By stores, since halos are short and compilers make a call of memset from loops of zeros that they know. */
NET2C_INLINE void net2c_halo_zero(float *d, size_t floats, v8 zeros)
{
  for (; floats >= 8; floats -= 8, d += 8) store8(d, zeros);
  for (; floats; --floats) *d++ = 0.0f;
}

/* What net2c_halo_rows does where the fill is zero; `whole`: the left end of row r0. */
NET2C_INLINE void net2c_halo_zeros(const struct net2c_map *m, float *whole, uint32_t r0, uint32_t r1)
{
  const size_t left = (size_t)m->left * m->lanes, right = (size_t)m->right * m->lanes, row = (size_t)m->pitch * m->lanes;
  const size_t inner = (size_t)m->w * m->lanes, floats = left + inner + right;
  int32_t bits = 0;
  __asm__("" : "+r"(bits));
  const v8 zeros = bits8(seti8(bits));
  if (r0 == 0)
    for (uint32_t i = 1; i <= m->top; ++i) net2c_halo_zero(whole - i * row, floats, zeros);
  for (uint32_t r = r0; r < r1; ++r, whole += row) {
    net2c_halo_zero(whole, left, zeros);
    net2c_halo_zero(whole + left + inner, right, zeros);
  }
  if (r1 == m->h)
    for (uint32_t i = 0; i < m->bottom; ++i) net2c_halo_zero(whole + i * row, floats, zeros);
}

/* Rows [r0, r1) of image n, block b are complete: writes their left and right halo, and the halo rows that mirror them
 * (zero fill: row 0 owns all above it, row h - 1 all below). Reflect needs halos smaller than the map, edge none. */
NET2C_NOINLINE void net2c_halo_rows(const struct net2c_frame *f, const struct net2c_map *m, uint32_t n, uint32_t b, uint32_t r0,
                                    uint32_t r1)
{
  const uint32_t lanes = m->lanes, left = m->left, right = m->right, w = m->w, h = m->h;
  const size_t row = (size_t)m->pitch * lanes;
  float *origin;
  if (r0 >= r1 || !(m->top | m->left | m->bottom | m->right)) return;
  origin = net2c_map_out(f, m, n, b);
  if (m->fill == NET2C_FILL_ZERO) {
    net2c_halo_zeros(m, origin + r0 * row - (size_t)left * lanes, r0, r1);
    return;
  }
  for (uint32_t r = r0; r < r1; ++r) {
    float *p = origin + r * row, *whole = p - (size_t)left * lanes;
    const uint32_t whole_floats = (left + w + right) * lanes;
    if (m->fill == NET2C_FILL_EDGE) {
      for (uint32_t i = 1; i <= left; ++i) net2c_halo_copy(p - (size_t)i * lanes, p, lanes);
      for (uint32_t i = 0; i < right; ++i) net2c_halo_copy(p + (size_t)(w + i) * lanes, p + (size_t)(w - 1) * lanes, lanes);
      if (r == 0)
        for (uint32_t i = 1; i <= m->top; ++i) net2c_halo_copy(whole - i * row, whole, whole_floats);
      if (r == h - 1)
        for (uint32_t i = 1; i <= m->bottom; ++i) net2c_halo_copy(whole + i * row, whole, whole_floats);
      continue;
    }
    for (uint32_t i = 1; i <= left; ++i) net2c_halo_copy(p - (size_t)i * lanes, p + (size_t)i * lanes, lanes);
    for (uint32_t i = 0; i < right; ++i)
      net2c_halo_copy(p + (size_t)(w + i) * lanes, p + ((size_t)w - 2 - i) * lanes, lanes);
    if (r >= 1 && r <= m->top) net2c_halo_copy(whole - 2 * r * row, whole, whole_floats);
    if (r + 1 < h && h - 1 - r <= m->bottom) net2c_halo_copy(whole + 2 * (h - 1 - r) * row, whole, whole_floats);
  }
}

#endif
