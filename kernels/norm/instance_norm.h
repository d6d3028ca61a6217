/* Instance normalisation, a plane at a time. */
#ifndef NET2C_INSTANCE_NORM_H
#define NET2C_INSTANCE_NORM_H

#include "kernels/norm/moments.h"
#include "kernels/norm/normalise.h"

NET2C_INLINE void net2c_instance_norm_body(const struct net2c_instance_norm_args *a, const struct net2c_frame *f, uint32_t chunk, int unused)
{
  const uint32_t blocks = net2c_blocks(&a->x), planes = a->x.n * blocks, h = a->x.h;
  const float *scales = (const float *)net2c_in(f, a->scale), *biases = (const float *)net2c_in(f, a->bias);
  (void)unused;
  for (uint32_t i = net2c_cut(planes, chunk, a->chunks), end = net2c_cut(planes, chunk + 1, a->chunks); i < end; ++i) {
    const uint32_t n = i / blocks, b = i % blocks, valid = a->x.c - 8 * b < 8 ? a->x.c - 8 * b : 8;
    const float *x = net2c_map_in(f, &a->x, n, b);
    float *y = net2c_map_out(f, &a->y, n, b);
    struct net2c_block_moments m;
    v8 terms[3];
    net2c_moments_of(&m, x, (size_t)a->x.pitch * 8, h, a->x.w, 1);
    net2c_moments_terms(&m, scales + 8 * b, biases + 8 * b, a->epsilon, valid, terms);
    for (uint32_t r = 0; r < h; ++r)
      net2c_normalise_row(x + (size_t)r * a->x.pitch * 8, y + (size_t)r * a->y.pitch * 8, 0, a->x.w, terms, a->act, a->a, a->b, valid);
    net2c_halo_rows(f, &a->y, n, b, 0, h);
  }
}

#endif
