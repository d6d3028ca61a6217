// Maps in recipes: whole ones, and some rows of one, where they lie or in a buffer of their own.
#pragma once

#include <cstring>

#include "kernels/kernel.h"

namespace net2c {

inline constexpr net2c_map no_map{NET2C_NONE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

inline bool is_same(const net2c_map &a, const net2c_map &b) { return std::memcmp(&a, &b, sizeof a) == 0; }

// Pixels from plane to plane of so many: planes begin at 64 bytes, and 4 KB apart they would share cache sets.
inline uint32_t padded_plane(uint32_t pixels)
{
  pixels += pixels & 1;
  return pixels % 128 == 0 ? pixels + 2 : pixels;
}

struct Rows { int64_t from, to; int64_t count() const { return to - from; } };

// The rows as a map of their own: halo rows only where they are the map's first or last.
inline net2c_map rows_of(const net2c_map &m, Rows rows)
{
  net2c_map part = m;
  part.h = static_cast<uint32_t>(rows.count());
  if (rows.from > 0) {
    part.base += static_cast<uint32_t>((m.top + rows.from) * m.pitch * m.lanes / 16);
    part.top = 0;
  }
  if (rows.to < m.h) part.bottom = 0;
  return part;
}

inline bool begins_at_64_bytes(const net2c_map &m, int64_t row) { return row == 0 || (m.top + row) * m.pitch * m.lanes % 16 == 0; }

// The same in a buffer that has room for them only. Of one image.
inline net2c_map strip_of(const net2c_map &m, Rows rows, net2c_ref base)
{
  net2c_map part = rows_of(m, rows);
  part.base = base;
  part.plane = padded_plane(part.pitch * (part.top + part.h + part.bottom));
  part.image = part.plane * ((part.c + 7) / 8);
  return part;
}

inline uint64_t bytes_of(const net2c_map &m) { return uint64_t{m.image} * 32; }

}  // namespace net2c
