/* Rows picked by a table. */
#ifndef NET2C_GATHER_ROWS_H
#define NET2C_GATHER_ROWS_H

#include "kernels/move/copy_strided.h"
#include "kernels/move/move_args.h"

NET2C_INLINE void net2c_gather_rows_body(const struct net2c_gather_rows_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const char *x = (const char *)net2c_in(f, a->x);
  char *y = (char *)net2c_out(f, a->y);
  const uint32_t *index = (const uint32_t *)net2c_in(f, a->index);
  const uint32_t rows = a->outer * a->count, row = a->row;
  (void)unused;
  for (uint32_t i = net2c_cut(rows, chunk, a->chunks), end = net2c_cut(rows, chunk + 1, a->chunks); i < end; ++i) {
    const size_t from = (size_t)(i / a->count) * a->n + index[i % a->count];
    if (row == 4) ((uint32_t *)(void *)y)[i] = ((const uint32_t *)(const void *)x)[from];
    else net2c_copy_bytes(x + from * row, row, y + (size_t)i * row);
  }
}

#endif
