/* The rows of a map, numbered through: image by image, block by block. Chunks are ranges of them. */
#ifndef NET2C_ROWS_H
#define NET2C_ROWS_H

#include "kernels/halo.h"

struct net2c_row {
  uint32_t n, b, r;
  uint32_t valid; /* channels of this block, 1..8 (image maps: all) */
};

NET2C_INLINE uint32_t net2c_blocks(const struct net2c_map *m) { return m->lanes == 8 ? (m->c + 7) / 8 : 1; }
NET2C_INLINE uint32_t net2c_rows(const struct net2c_map *m) { return m->n * net2c_blocks(m) * m->h; }

NET2C_INLINE struct net2c_row net2c_row_at(const struct net2c_map *m, uint32_t i)
{
  const uint32_t blocks = net2c_blocks(m), plane = i / m->h;
  struct net2c_row row;
  row.r = i - plane * m->h, row.n = plane / blocks, row.b = plane - row.n * blocks;
  row.valid = m->c - 8 * row.b < 8 ? m->c - 8 * row.b : 8;
  return row;
}

NET2C_INLINE const float *net2c_row_in(const struct net2c_frame *f, const struct net2c_map *m, const struct net2c_row *row)
{
  return net2c_map_in(f, m, row->n, row->b) + (size_t)row->r * m->pitch * m->lanes;
}

NET2C_INLINE float *net2c_row_out(const struct net2c_frame *f, const struct net2c_map *m, const struct net2c_row *row)
{
  return net2c_map_out(f, m, row->n, row->b) + (size_t)row->r * m->pitch * m->lanes;
}

/* The row is complete: its part of the halo. */
NET2C_INLINE void net2c_row_done(const struct net2c_frame *f, const struct net2c_map *m, const struct net2c_row *row)
{
  if (m->top | m->left | m->bottom | m->right) net2c_halo_rows(f, m, row->n, row->b, row->r, row->r + 1);
}

/* The next strip of rows of a map that is never whole begins with this one's last `kept` rows: copies them, of one block, from end to end, `back` rows
 * up. Whoever reads a strip does so, in the chunks that have its last rows. */
NET2C_INLINE void net2c_keep_rows(const struct net2c_frame *f, const struct net2c_map *m, uint32_t n, uint32_t b, uint32_t kept, uint32_t back)
{
  const size_t row = (size_t)m->pitch * m->lanes;
  const float *from;
  float *to;
  if (!kept) return;
  from = net2c_map_in(f, m, n, b) + (size_t)(m->h - kept) * row - (size_t)m->left * m->lanes;
  to = net2c_map_out(f, m, n, b) + (size_t)(m->h - kept) * row - (size_t)m->left * m->lanes - back * row;
  for (size_t i = 0; i < kept * row; i += 8) store8(to + i, load8(from + i));
}

#endif
