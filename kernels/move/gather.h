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
  const char *x = (const char *)net2c_in(f, a->x);
  char *y = (char *)net2c_out(f, a->y);
  const size_t row = (size_t)a->inner * a->bytes;
  uint32_t i = net2c_cut(rows, chunk, a->chunks);
  for (const uint32_t end = net2c_cut(rows, chunk + 1, a->chunks); i < end;) {
    const uint32_t o = i / a->out, last = end - o * a->out < a->out ? end : (o + 1) * a->out;
    const struct net2c_gather_run *run = (const struct net2c_gather_run *)index;
    uint32_t k = i - o * a->out;
    if (runtime) {
      const size_t from = (size_t)o * a->in + net2c_gather_index(((const int64_t *)index)[k], a->in);
      net2c_move_run(y + i++ * row, 1, x + from * row, 1, a->inner, a->bytes);
      continue;
    }
    while (k >= run->count) k -= run++->count;
    for (; i < last; ++run, k = 0) {
      const uint32_t n = run->count - k < last - i ? run->count - k : last - i, alone = run->step != 1 && a->inner > 1;
      const char *from = x + ((ptrdiff_t)((size_t)o * a->in + run->first) + (ptrdiff_t)k * run->step) * (ptrdiff_t)row;
      if (!alone) net2c_move_run(y + i * row, 1, from, run->step, n * a->inner, a->bytes);
      for (uint32_t j = 0; alone && j < n; ++j) net2c_move_run(y + (i + j) * row, 1, from + (ptrdiff_t)j * run->step * (ptrdiff_t)row, 1, a->inner, a->bytes);
      i += n;
    }
  }
}

#endif
