/* The halo of a map, written by whoever wrote the rows: every chunk calls this for its own rows and blocks. */
#ifndef NET2C_HALO_H
#define NET2C_HALO_H

#include "kernels/kernel.h"

NET2C_INLINE void net2c_halo_copy(float *d, const float *s, uint32_t floats)
{
  for (uint32_t i = 0; i < floats; ++i) d[i] = s[i];
}

NET2C_INLINE void net2c_halo_zero(float *d, size_t floats)
{
  for (size_t i = 0; i < floats; ++i) d[i] = 0.0f;
}

/* Rows [r0, r1) of image n, block b are complete: writes their left and right halo, and the halo rows that mirror them
 * (zero fill: row 0 owns all above it, row h - 1 all below). Reflect needs halos smaller than the map, edge none. */
NET2C_NOINLINE void net2c_halo_rows(const struct net2c_frame *f, const struct net2c_map *m, uint32_t n, uint32_t b, uint32_t r0,
                                    uint32_t r1)
{
  const uint32_t lanes = m->lanes, left = m->left, right = m->right, w = m->w, h = m->h;
  const size_t row = (size_t)m->pitch * lanes;
  float *origin;
  if (!(m->top | m->left | m->bottom | m->right)) return;
  origin = net2c_map_out(f, m, n, b);
  for (uint32_t r = r0; r < r1; ++r) {
    float *p = origin + r * row, *whole = p - (size_t)left * lanes;
    const uint32_t whole_floats = (left + w + right) * lanes;
    if (m->fill == NET2C_FILL_ZERO) {
      net2c_halo_zero(whole, (size_t)left * lanes);
      net2c_halo_zero(p + (size_t)w * lanes, (size_t)right * lanes);
      if (r == 0)
        for (uint32_t i = 1; i <= m->top; ++i) net2c_halo_zero(whole - i * row, whole_floats);
      if (r == h - 1)
        for (uint32_t i = 1; i <= m->bottom; ++i) net2c_halo_zero(whole + i * row, whole_floats);
      continue;
    }
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
