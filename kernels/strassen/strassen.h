#ifndef NET2C_STRASSEN_H
#define NET2C_STRASSEN_H

#include "kernels/half.h"
#include "kernels/strassen/strassen_input.h"
#include "kernels/vt.h"

/* The five sums of W for a pair of blocks in either half: `half` floats from W11 to W12, `lower` from W11 to W21. */
NET2C_INLINE void net2c_strassen_weights(const float *w, size_t half, size_t lower, float *u, size_t sum)
{
  for (size_t i = 0; i < half; i += NET2C_VT) {
    const vt w11 = loadt(w + i), w12 = loadt(w + half + i), w21 = loadt(w + lower + i), w22 = loadt(w + lower + half + i);
    storet(u + i, addt(w11, w22));
    storet(u + sum + i, addt(w21, w22));
    storet(u + 2 * sum + i, addt(w11, w12));
    storet(u + 3 * sum + i, subt(w21, w11));
    storet(u + 4 * sum + i, subt(w12, w22));
  }
}

/* What is left of a quadrant in registers: bias, residual and clip. Where more is to come, o keeps it for net2c_tile_finish. */
NET2C_INLINE void net2c_strassen_store(const struct net2c_tile *t, v8 sum, uint32_t h, size_t y, size_t r, v8 *o)
{
  const v8 biased = add8(sum, load8(t->bias + 8 * h));
  if (!t->clamp) *o = biased;
  else {
    const v8 all = t->residual ? add8(biased, load8(t->r[0] + h * t->r_block + r)) : biased;
    store8(t->y[0] + h * t->y_block + y, min8(set8(t->b), max8(set8(t->a), all)));
  }
}

/* The four quadrants of a tile from its seven products at m, [block][product][pixel of the part][8]; yo and ro: where its pixels lie, of the left half and of
 * the right one, from the first of the map. */
NET2C_INLINE void net2c_strassen_sums(struct net2c_tile *t, const float *m, size_t (*yo)[NET2C_TILE_PIXELS], size_t (*ro)[NET2C_TILE_PIXELS],
                                      uint32_t blocks)
{
  enum { P = NET2C_TILE_PIXELS, product = NET2C_STRASSEN_PIXELS * 8 };
  v8 o[4][P * NET2C_TILE_BLOCKS];
  for (uint32_t h = 0; h < blocks; ++h)
    for (uint32_t p = 0; p < P; ++p) {
      const float *at = m + h * 7 * product + p * 8;
      const v8 m1 = load8(at), m2 = load8(at + product), m3 = load8(at + 2 * product), m4 = load8(at + 3 * product), m5 = load8(at + 4 * product);
      const uint32_t i = p * blocks + h;
      net2c_strassen_store(&t[0], add8(sub8(add8(m1, m4), m5), load8(at + 6 * product)), h, yo[0][p], ro[0][p], &o[0][i]);
      net2c_strassen_store(&t[0], add8(m3, m5), h, yo[1][p], ro[1][p], &o[1][i]);
      net2c_strassen_store(&t[1], add8(m2, m4), h, yo[0][p], ro[0][p], &o[2][i]);
      net2c_strassen_store(&t[1], add8(add8(sub8(m1, m2), m3), load8(at + 5 * product)), h, yo[1][p], ro[1][p], &o[3][i]);
    }
  if (t->clamp) return;
  for (uint32_t k = 0; k < 4; ++k) {
    struct net2c_tile *q = &t[k / 2];
    float *const y = q->y[0];
    const float *const r = q->r[0];
    for (uint32_t p = 0; p < P; ++p) q->y[p] = y + yo[k % 2][p], q->r[p] = r + ro[k % 2][p];
    net2c_tile_finish(q, o[k], P, blocks);
    q->y[0] = y, q->r[0] = r;
  }
}

/* Where the next `count` pixels from `at` on lie, for output blocks from `block` on. */
NET2C_INLINE void net2c_strassen_place(struct net2c_tile *t, const struct net2c_strassen_args *a, const struct net2c_frame *f, uint32_t block,
                                       struct net2c_strassen_pixel at, uint32_t count)
{
  const float *x = net2c_map_in(f, &a->x, 0, 0), *r = t->residual ? net2c_map_in(f, &a->r, 0, block) : 0;
  float *y = net2c_map_out(f, &a->y, 0, block);
  for (uint32_t p = 0; p < count; ++p) {
    t->x[p] = x + net2c_strassen_offset(&a->x, &at), t->y[p] = y + net2c_strassen_offset(&a->y, &at);
    t->r[p] = r ? r + net2c_strassen_offset(&a->r, &at) : t->y[p];
    net2c_strassen_next(&a->y, &at);
  }
}

NET2C_INLINE void net2c_strassen_body(const struct net2c_strassen_args *a, const struct net2c_frame *f, uint32_t chunk, const int H)
{
  enum { P = NET2C_TILE_PIXELS, product = NET2C_STRASSEN_PIXELS * 8 };
  static const float zeros[32] = {0};
  const uint32_t pairs = a->y.c / 32, depth = a->x.c / 16, panels = NET2C_STRASSEN_PANELS(a->y.c), all = a->y.n * a->y.h * a->y.w;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks, parts = a->pixels / NET2C_STRASSEN_PIXELS;
  const uint32_t from = net2c_cut(parts, row_chunk, a->row_chunks), to = net2c_cut(parts, row_chunk + 1, a->row_chunks);
  const uint32_t last = net2c_cut(panels, oc_chunk + 1, a->oc_chunks) * 2, end = last < pairs ? last : pairs;
  const size_t half = (size_t)depth * 128, sum = NET2C_STRASSEN_SUM(a->x.c), operand = NET2C_STRASSEN_OPERAND(a->x.c);
  const float *v = (const float *)net2c_in(f, a->v);
  float *u = (float *)f->scratch, *m = u + 10 * sum, *wide = m + 7 * NET2C_STRASSEN_PIXELS * 32;
  struct net2c_tile s, t[2]; /* of a product; of the upper and the lower half of the output channels */
  s.kh = s.kw = 1, s.count = depth, s.row = s.column = 0, s.step = product;
  s.bias = zeros, s.scale = s.shift = 0, s.y_block = 7 * product, s.r_block = 0, s.residual = 0, s.valid = 8;
  s.clamp = 1, s.leaky = 0, s.act = NET2C_ACT_CLIP, s.a = -__builtin_inff(), s.b = __builtin_inff();
  s.tiles = s.a_row = NET2C_STRASSEN_PIXELS / P, s.x_gap = s.y_gap = s.r_gap = 0;
  for (int q = 0; q < 2; ++q) {
    t[q] = s;
    t[q].residual = a->r.base != NET2C_NONE, t[q].act = a->act, t[q].a = a->a, t[q].b = a->b;
    t[q].y_block = (size_t)a->y.plane * 8, t[q].r_block = (size_t)a->r.plane * 8;
    t[q].count = 2 * depth, t[q].step = (ptrdiff_t)a->x.plane * 8;
  }
  for (uint32_t pair = net2c_cut(panels, oc_chunk, a->oc_chunks) * 2, width; pair < end; pair += width) {
    width = NET2C_TILE_BLOCKS == 4 && end - pair >= 2 ? 2 : 1;
    const uint32_t blocks = 2 * width;
    const size_t panel = width * 2 * half, lower = H ? panel : (size_t)pairs * 2 * half;
    const void *stored = net2c_weights_at(net2c_in(f, a->w), (ptrdiff_t)((size_t)pair * 2 * half), H);
    const float *w = H ? wide : (const float *)stored;
    if (H)
      for (uint32_t q = 0; q < 2; ++q) net2c_widen(wide + q * panel, (const uint16_t *)stored + (size_t)q * pairs * 2 * half, panel);
    const float *const weights[7] = {u, u + sum, w, w + lower + half, u + 2 * sum, u + 3 * sum, u + 4 * sum};
    for (uint32_t q = 0; q < width; ++q) net2c_strassen_weights(w + q * 2 * half, half, lower, u + q * 5 * sum, sum);
    for (uint32_t q = 0; q < 2; ++q) {
      const uint32_t block = (q * pairs + pair) * 2;
      net2c_tile_panel(&t[q], f, w, a->bias, a->scale, a->shift, block, blocks, 0, a->y.c);
      t[q].w = w + q * lower, t[q].pair = 2 * half;
      t[q].y[0] = net2c_map_out(f, &a->y, 0, block), t[q].r[0] = t[q].residual ? net2c_map_in(f, &a->r, 0, block) : t[q].y[0];
    }
    size_t yo[2][P], ro[2][P];
    struct net2c_strassen_pixel at[2] = {net2c_strassen_pixel_at(&a->y, from * NET2C_STRASSEN_PIXELS),
                                         net2c_strassen_pixel_at(&a->y, a->pixels + from * NET2C_STRASSEN_PIXELS)};
    for (uint32_t part = from; part < to; ++part) {
      for (uint32_t k = 0; k < 7; ++k) {
        s.w = weights[k], s.pair = k == 2 || k == 3 ? 2 * half : 5 * sum;
        s.x[0] = v + ((size_t)part * 7 + k) * operand, s.y[0] = m + k * product, s.r[0] = s.y[0];
        /* the next panel's weights of the file, upper half and lower, by the tiles of the first two parts */
        s.next = w + panel + (part - from == 1 ? lower : 0), s.from = k * s.tiles, s.fetches = H || part - from > 1 ? 0 : 8 * width;
        net2c_line_run(&s, blocks, P);
      }
      for (uint32_t tile = 0; tile < s.tiles; ++tile) {
        for (uint32_t k = 0; k < 2; ++k)
          for (uint32_t p = 0; p < P; ++p) {
            yo[k][p] = net2c_strassen_offset(&a->y, &at[k]), ro[k][p] = net2c_strassen_offset(&a->r, &at[k]);
            net2c_strassen_next(&a->y, &at[k]);
          }
        net2c_strassen_sums(t, m + tile * P * 8, yo, ro, blocks);
      }
    }
    for (uint32_t q = 0; q < 2 && row_chunk == 0; ++q) {
      const uint32_t block = (q * pairs + pair) * 2;
      for (uint32_t i = 2 * a->pixels, count; i < all; i += count) {
        count = all - i < P ? all - i : P;
        net2c_strassen_place(&t[q], a, f, block, net2c_strassen_pixel_at(&a->y, i), count);
        t[q].ahead = t[q].w;
        net2c_tile_run(&t[q], blocks, count, 8);
      }
      for (uint32_t n = 0; n < a->y.n; ++n)
        for (uint32_t h = 0; h < blocks; ++h) net2c_halo_rows(f, &a->y, n, block + h, 0, a->y.h);
    }
  }
}

#endif
