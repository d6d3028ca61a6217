/* Mixed tiles of F(4,3): where a side of the map is no multiple of four, its last tile has the one, two or three outputs that are left, from as many and
 * two more of the six points: of the same transformed filter, only fewer products. The points left out are, of three outputs, 0; of two, +-3/2;
 * of one, all three. Errors are no larger than those of whole tiles.
 *
 * A strip's tiles lie band by band, `band` rows of tiles each or what is left. In a band those come first that are short along the row (A), then the
 * whole ones (B), then those that are short along the column (C), then the one that is both (D): so the tiles of every point are side by side. */
#ifndef NET2C_BAND_H
#define NET2C_BAND_H

#include "kernels/kernel.h"

struct net2c_band {
  uint32_t base, rows, full;   /* its first tile; rows of tiles; of those the ones with four outputs along the column */
  uint32_t columns, whole;     /* tiles of a row; of those the ones with four outputs along the row */
};

/* The points of `outputs` of a tile's side, 1 to 4. */
NET2C_INLINE uint32_t net2c_band_points(uint32_t outputs) { return outputs == 4 ? 0x3f : outputs == 3 ? 0x3e : outputs == 2 ? 0x27 : 0x26; }

/* Band `i` of a strip of `rows` rows of tiles from `first` on, of `tile_rows` and `columns` in all, of a map of h x w. */
NET2C_INLINE struct net2c_band net2c_band_of(uint32_t i, uint32_t band, uint32_t first, uint32_t rows, uint32_t tile_rows, uint32_t columns, uint32_t h, uint32_t w)
{
  struct net2c_band b = {i * band * columns, rows - i * band < band ? rows - i * band : band, 0, columns, columns - (w % 4 != 0)};
  b.full = b.rows - (h % 4 != 0 && first + i * band + b.rows == tile_rows);
  return b;
}

/* The tile of row r and column c of the band. */
NET2C_INLINE uint32_t net2c_band_tile(const struct net2c_band *b, uint32_t r, uint32_t c)
{
  if (r < b->full) return b->base + (c < b->whole ? (b->columns - b->whole) * b->full + r * b->whole + c : r);
  return b->base + b->full * b->columns + c;
}

/* Row and column of tile i, counted from the band's first. */
NET2C_INLINE void net2c_band_place(const struct net2c_band *b, uint32_t i, uint32_t *row, uint32_t *column)
{
  const uint32_t a = (b->columns - b->whole) * b->full, ab = a + b->full * b->whole;
  *row = i < a ? i : i < ab ? (i - a) / b->whole : b->full;
  *column = i < a ? b->whole : i < ab ? (i - a) % b->whole : i - ab;
}

/* The tiles that have the product of point (i, j), of the band's: [*from, *to). */
NET2C_INLINE void net2c_band_range(const struct net2c_band *b, uint32_t i, uint32_t j, uint32_t h, uint32_t w, uint32_t *from, uint32_t *to)
{
  const uint32_t shorter = b->columns - b->whole, in_row = net2c_band_points(w % 4 ? w % 4 : 4) >> j & 1, in_column = net2c_band_points(h % 4 ? h % 4 : 4) >> i & 1;
  *from = in_row ? 0 : shorter * b->full;
  *to = b->full == b->rows || in_column ? b->rows * b->columns - (in_row || b->full == b->rows ? 0 : shorter) : b->full * b->columns;
}

#endif
