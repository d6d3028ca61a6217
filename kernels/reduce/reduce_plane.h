/* Over the planes of a C8 map: a partial a row, columns ascending; rows merged in order. */
#ifndef NET2C_REDUCE_PLANE_H
#define NET2C_REDUCE_PLANE_H

#include "kernels/reduce/reduce_steps.h"
#include "kernels/rows.h"

/* `rows` rows (a literal, to keep several sums in flight) into all. */
NET2C_INLINE v8 net2c_reduce_rows(const float *x, size_t pitch, uint32_t w, v8 all, uint32_t kind, uint32_t rows)
{
  v8 part[4];
  for (uint32_t i = 0; i < rows; ++i) part[i] = set8(net2c_reduce_start(kind));
  for (uint32_t j = 0; j < w; ++j)
    NET2C_UNROLL for (uint32_t i = 0; i < rows; ++i) part[i] = net2c_reduce_step(part[i], load8(x + i * pitch + 8 * j), kind);
  for (uint32_t i = 0; i < rows; ++i) all = net2c_reduce_merge(all, part[i], kind);
  return all;
}

NET2C_INLINE v8 net2c_reduce_whole_plane(const float *x, size_t pitch, uint32_t h, uint32_t w, uint32_t kind)
{
  v8 all = set8(net2c_reduce_start(kind));
  uint32_t r = 0;
  for (; r + 4 <= h; r += 4) all = net2c_reduce_rows(x + r * pitch, pitch, w, all, kind, 4);
  for (; r < h; ++r) all = net2c_reduce_rows(x + r * pitch, pitch, w, all, kind, 1);
  return all;
}

NET2C_INLINE void net2c_reduce_plane_body(const struct net2c_reduce_plane_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t planes = net2c_rows(&a->y), h = a->x.h, w = a->x.w;
  const size_t pitch = (size_t)a->x.pitch * 8;
  (void)unused;
  for (uint32_t i = net2c_cut(planes, chunk, a->chunks), end = net2c_cut(planes, chunk + 1, a->chunks); i < end; ++i) {
    const struct net2c_row row = net2c_row_at(&a->y, i);
    const float *x = net2c_map_in(f, &a->x, row.n, row.b);
    v8 all;
    switch (a->kind) { /* the common ones as literals */
    case NET2C_REDUCE_MEAN: all = net2c_reduce_whole_plane(x, pitch, h, w, NET2C_REDUCE_MEAN); break;
    case NET2C_REDUCE_MAX: all = net2c_reduce_whole_plane(x, pitch, h, w, NET2C_REDUCE_MAX); break;
    default: all = net2c_reduce_whole_plane(x, pitch, h, w, a->kind);
    }
    store8(net2c_row_out(f, &a->y, &row), keep8(net2c_reduce_end(all, h * w, a->kind), row.valid));
    net2c_row_done(f, &a->y, &row);
  }
}

#endif
