/* Walks over a dense result of up to six axes in runs of its last axis, with the positions of operands whose axes are some
 * distance apart (0 where one is repeated). */
#ifndef NET2C_WALK_H
#define NET2C_WALK_H

#include "kernels/kernel.h"

struct net2c_walk {
  uint32_t index[6];
  uint32_t at, end; /* in the result */
};

NET2C_INLINE void net2c_walk_begin(struct net2c_walk *k, const uint32_t *size, uint32_t from, uint32_t to)
{
  uint32_t rest = from;
  k->at = from, k->end = to;
  for (int d = 5; d >= 0; --d) k->index[d] = rest % size[d], rest /= size[d];
}

/* Length of the next run, at most `most`; 0 at the end. */
NET2C_INLINE uint32_t net2c_walk_run(const struct net2c_walk *k, const uint32_t *size, uint32_t most)
{
  uint32_t n = size[5] - k->index[5];
  if (n > k->end - k->at) n = k->end - k->at;
  return n < most ? n : most;
}

NET2C_INLINE ptrdiff_t net2c_walk_offset(const struct net2c_walk *k, const int32_t *step)
{
  ptrdiff_t offset = 0;
  for (int d = 0; d < 6; ++d) offset += (ptrdiff_t)k->index[d] * step[d];
  return offset;
}

NET2C_INLINE void net2c_walk_next(struct net2c_walk *k, const uint32_t *size, uint32_t run)
{
  k->at += run, k->index[5] += run;
  for (int d = 5; d > 0 && k->index[d] == size[d]; --d) k->index[d] = 0, ++k->index[d - 1];
}

NET2C_INLINE uint32_t net2c_walk_count(const uint32_t *size)
{
  return size[0] * size[1] * size[2] * size[3] * size[4] * size[5];
}

#endif
