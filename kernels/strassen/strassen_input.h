#ifndef NET2C_STRASSEN_INPUT_H
#define NET2C_STRASSEN_INPUT_H

#include "kernels/conv/tile.h"
#include "kernels/strassen/strassen_args.h"

/* A pixel, as they are numbered. */
struct net2c_strassen_pixel { uint32_t n, row, column; };

NET2C_INLINE struct net2c_strassen_pixel net2c_strassen_pixel_at(const struct net2c_map *m, uint32_t i)
{
  const struct net2c_strassen_pixel p = {i / (m->h * m->w), i / m->w % m->h, i % m->w};
  return p;
}

NET2C_INLINE void net2c_strassen_next(const struct net2c_map *m, struct net2c_strassen_pixel *p)
{
  if (++p->column < m->w) return;
  p->column = 0;
  if (++p->row < m->h) return;
  p->row = 0, ++p->n;
}

/* Floats from the map's first pixel, in any block. */
NET2C_INLINE size_t net2c_strassen_offset(const struct net2c_map *m, const struct net2c_strassen_pixel *p)
{
  return ((size_t)p->n * m->image + (size_t)p->row * m->pitch + p->column) * 8;
}

NET2C_INLINE void net2c_strassen_input_body(const struct net2c_strassen_input_args *a, const struct net2c_frame *f, uint32_t chunk, const int unused)
{
  const uint32_t depth = a->x.c / 16, all = a->pixels / NET2C_STRASSEN_PIXELS * depth, to = net2c_cut(all, chunk + 1, a->chunks);
  const size_t lower = (size_t)depth * a->x.plane * 8, operand = NET2C_STRASSEN_OPERAND(a->x.c);
  (void)unused;
  for (uint32_t i = net2c_cut(all, chunk, a->chunks); i < to; ++i) {
    const uint32_t part = i / depth, first = part * NET2C_STRASSEN_PIXELS, block = i % depth;
    const float *x = net2c_map_in(f, &a->x, 0, block);
    struct net2c_strassen_pixel left = net2c_strassen_pixel_at(&a->x, first), right = net2c_strassen_pixel_at(&a->x, a->pixels + first);
    float *o = (float *)net2c_out(f, a->v) + part * 7 * operand + (size_t)block * NET2C_STRASSEN_PIXELS * 8;
    for (uint32_t p = 0; p < NET2C_STRASSEN_PIXELS; ++p, o += 8) {
      const float *l = x + net2c_strassen_offset(&a->x, &left), *r = x + net2c_strassen_offset(&a->x, &right);
      const v8 x11 = load8(l), x21 = load8(l + lower), x12 = load8(r), x22 = load8(r + lower);
      store8(o, add8(x11, x22));
      store8(o + operand, x11);
      store8(o + 2 * operand, sub8(x12, x22));
      store8(o + 3 * operand, sub8(x21, x11));
      store8(o + 4 * operand, x22);
      store8(o + 5 * operand, add8(x11, x12));
      store8(o + 6 * operand, add8(x21, x22));
      net2c_strassen_next(&a->x, &left), net2c_strassen_next(&a->x, &right);
    }
  }
}

#endif
