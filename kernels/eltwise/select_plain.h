/* condition ? yes : no, broadcast. */
#ifndef NET2C_SELECT_PLAIN_H
#define NET2C_SELECT_PLAIN_H

#include "kernels/eltwise/eltwise_args.h"
#include "kernels/eltwise/walk.h"

#define NET2C_SELECT_LOOP(T)                                                                                            \
  for (uint32_t i = 0; i < n; ++i)                                                                                      \
    ((T *)to)[k.at + i] = condition[ic + (ptrdiff_t)i * a->condition_step[5]] ? ((const T *)yes)[iy + (ptrdiff_t)i * a->yes_step[5]] \
                                                                              : ((const T *)no)[in + (ptrdiff_t)i * a->no_step[5]];

NET2C_INLINE void net2c_select_plain_body(const struct net2c_select_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint8_t *condition = (const uint8_t *)net2c_in(f, a->condition);
  const void *yes = net2c_in(f, a->yes), *no = net2c_in(f, a->no);
  void *to = net2c_out(f, a->y);
  const uint32_t total = net2c_walk_count(a->size);
  struct net2c_walk k;
  (void)unused;
  for (net2c_walk_begin(&k, a->size, net2c_cut(total, chunk, a->chunks), net2c_cut(total, chunk + 1, a->chunks)); k.at < k.end;) {
    const uint32_t n = net2c_walk_run(&k, a->size, UINT32_MAX);
    const ptrdiff_t ic = net2c_walk_offset(&k, a->condition_step), iy = net2c_walk_offset(&k, a->yes_step),
                    in = net2c_walk_offset(&k, a->no_step);
    if (a->bytes == 1) NET2C_SELECT_LOOP(uint8_t)
    else if (a->bytes == 2) NET2C_SELECT_LOOP(uint16_t)
    else if (a->bytes == 4) NET2C_SELECT_LOOP(uint32_t)
    else NET2C_SELECT_LOOP(uint64_t)
    net2c_walk_next(&k, a->size, n);
  }
}

#endif
