#ifndef NET2C_GATHER_H
#define NET2C_GATHER_H

#include "kernels/move/move.h"

/* Whatever an index is, it stays inside the axis. */
NET2C_INLINE uint32_t net2c_gather_index(int64_t index, uint32_t size)
{
  if (index < 0) index += size;
  return index < 0 ? 0 : index >= size ? size - 1 : (uint32_t)index;
}

NET2C_INLINE void net2c_gather_body(const struct net2c_gather_args *a, const struct net2c_frame *f, uint32_t chunk, int runtime)
{
  const uint32_t rows = a->outer * a->out;
  const void *index = net2c_in(f, a->index);
  const size_t row = (size_t)a->inner * a->bytes;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t k = runtime ? net2c_gather_index(((const int64_t *)index)[i % a->out], a->in) : ((const uint32_t *)index)[i % a->out];
    const size_t from = (size_t)(i / a->out) * a->in + k;
    net2c_move_run((char *)net2c_out(f, a->y) + i * row, 1, (const char *)net2c_in(f, a->x) + from * row, 1, a->inner, a->bytes);
  }
}

#endif
