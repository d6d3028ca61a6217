#ifndef NET2C_WINOGRAD_H
#define NET2C_WINOGRAD_H

#include "kernels/conv/tile.h"
#include "kernels/winograd/product.h"
#include "kernels/winograd/transform.h"
#include "kernels/winograd/winograd_args.h"

/* Where the outputs of a tile go: rows [i0, i1) and columns [j0, j1) of its M x M are in the map. */
struct net2c_winograd_place {
  float *y;
  const float *r;
  ptrdiff_t y_row, r_row, pixel;
  uint32_t i0, i1, j0, j1;
};

/* One tile of one block, or of a pair where vt holds one, from its N x N products, `plane` floats apart. */
NET2C_INLINE void net2c_winograd_output_tile(struct net2c_tile *t, const float *m, size_t plane, const struct net2c_winograd_place *o,
                                             uint32_t blocks, const int N, const int M)
{
  enum { H = NET2C_VT / 8 };
  const vt bias = loadt(t->bias), low = sett(t->a), high = sett(t->b);
  const size_t y_block = t->y_block;
  vt column[4][6], in[6], out[4];
  NET2C_UNROLL for (int j = 0; j < N; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < N; ++i) in[i] = loadt(m + (size_t)(i * N + j) * plane);
    net2c_winograd_output_axis(in, out, N, M);
    NET2C_UNROLL for (int i = 0; i < M; ++i) column[i][j] = out[i];
  }
  for (uint32_t i = o->i0; i < o->i1; ++i) {
    float *y = o->y + (ptrdiff_t)i * o->y_row;
    const float *r = o->r + (ptrdiff_t)i * o->r_row;
    net2c_winograd_output_axis(column[i], out, N, M);
    NET2C_UNROLL for (int j = 0; j < M; ++j) out[j] = addt(out[j], bias);
    if (!t->clamp || t->residual) {
      v8 sums[4 * H];
      for (uint32_t j = o->j0; j < o->j1; ++j) {
        t->y[j - o->j0] = y + j * o->pixel, t->r[j - o->j0] = r + j * o->pixel;
        for (uint32_t h = 0; h < blocks; ++h) sums[(j - o->j0) * blocks + h] = halft(out[j], h);
      }
      net2c_tile_finish(t, sums, o->j1 - o->j0, blocks);
      continue;
    }
    NET2C_UNROLL for (int j = 0; j < M; ++j) out[j] = mint(high, maxt(low, out[j]));
    if (o->j1 - o->j0 == (uint32_t)M) {
      NET2C_UNROLL for (int j = 0; j < M; ++j) store8(y + j * o->pixel, halft(out[j], 0));
      if (H == 2 && blocks == 2) {
        NET2C_UNROLL for (int j = 0; j < M; ++j) store8(y + y_block + j * o->pixel, halft(out[j], 1));
      }
    } else {
      for (uint32_t j = o->j0; j < o->j1; ++j)
        for (uint32_t h = 0; h < blocks; ++h) store8(y + h * y_block + j * o->pixel, halft(out[j], h));
    }
  }
}

/* Outputs of a tile's side that lie in [0, size), when the first lies at `first` and they lie `step` apart. */
NET2C_INLINE uint32_t net2c_winograd_from(int32_t first, int32_t step) { return first < 0 ? (uint32_t)((step - 1 - first) / step) : 0; }
NET2C_INLINE uint32_t net2c_winograd_to(int32_t first, int32_t step, uint32_t size, uint32_t m)
{
  const int32_t left = ((int32_t)size - first + step - 1) / step;
  return left <= 0 ? 0 : (uint32_t)left < m ? (uint32_t)left : m;
}

/* Tiles [from, from + tiles) of the strip, `blocks` of channels at once. Outputs lie S apart, those of tile (0, 0) from (top, left) on. */
NET2C_INLINE void net2c_winograd_output(const struct net2c_winograd_args *a, const struct net2c_frame *f, struct net2c_tile *t, uint32_t block,
                                        uint32_t blocks, const float *m, size_t plane, uint32_t from, uint32_t tiles, int32_t top, int32_t left, const int N,
                                        const int M, const int S)
{
  struct net2c_winograd_place o;
  o.y_row = (ptrdiff_t)a->y.pitch * 8 * S, o.r_row = (ptrdiff_t)a->r.pitch * 8 * S, o.pixel = 8 * S;
  for (uint32_t i = from; i < from + tiles; ++i, m += 16) {
    const uint32_t row = a->first + i / a->columns, n = row / a->tile_rows;
    const int32_t y = (int32_t)(row % a->tile_rows) * M * S + top, x = (int32_t)(i % a->columns) * M * S + left;
    o.i0 = net2c_winograd_from(y, S), o.i1 = net2c_winograd_to(y, S, a->y.h, (uint32_t)M);
    o.j0 = net2c_winograd_from(x, S), o.j1 = net2c_winograd_to(x, S, a->y.w, (uint32_t)M);
    if (o.j0 >= o.j1) continue;
    o.y = net2c_map_out(f, &a->y, n, block) + (y * (ptrdiff_t)a->y.pitch + x) * 8;
    for (uint32_t h = 0; h < blocks; ++h)
      NET2C_UNROLL for (int k = 0; k < M; ++k) {
        prefetch8(o.y + 2 * M * 8 * S + h * t->y_block + k * o.y_row);
        prefetch8(o.y + 2 * M * 8 * S + h * t->y_block + k * o.y_row + 16);
      }
    o.r = t->residual ? net2c_map_in(f, &a->r, n, block) + (y * (ptrdiff_t)a->r.pitch + x) * 8 : o.y;
    net2c_winograd_output_tile(t, m, plane, &o, blocks, N, M);
  }
}

/* Filters of one pair of blocks, `width` channels, transformed: blocks [from, to) of the input channels, of all images one after the other. */
NET2C_INLINE void net2c_winograd_filters(const void *w, uint32_t width, uint32_t ic_blocks, uint32_t from, uint32_t to, float *u, size_t plane,
                                         const int R, const int T, const int H)
{
  void (*const filter)(const void *, ptrdiff_t, ptrdiff_t, float *, size_t, uint32_t) =
    R == 3 ? H ? net2c_winograd_filter3_half : net2c_winograd_filter3
    : R == 5 ? H ? net2c_winograd_filter5_half : net2c_winograd_filter5
    : H ? net2c_winograd_filter2_half : net2c_winograd_filter2;
  const ptrdiff_t tap = (ptrdiff_t)width;
  const int taps = T ? 4 : R * R;
  for (uint32_t k = from * 8; k < to * 8; ++k, u += 16) {
    const uint32_t image = R == 4 && !T ? k / (ic_blocks * 8) : 0, c = k - image * ic_blocks * 8;
    const void *wc = net2c_weights_at(w, (ptrdiff_t)c * taps * tap, H);
    NET2C_UNROLL for (int n = 0; n < taps; ++n) prefetch8(net2c_weights_at(wc, (taps * 6 + n) * tap, H));
    for (uint32_t b = 0; b < width; b += NET2C_VT) {
      const ptrdiff_t first = (ptrdiff_t)b + (T ? 3 : image / 2 * 4 + image % 2) * tap;
      const ptrdiff_t row = (T ? -2 : R == 4 ? 8 : R) * tap, next = (T ? -1 : R == 4 ? 2 : 1) * tap;   /* T: tap n reads pixel q - n */
      filter(net2c_weights_at(wc, first, H), row, next, u + b, plane, width);
    }
  }
}

/* R: taps of the kernel's side, 3 and 5 with stride 1, 4 with stride 2, which is 2 with stride 1 of the four images that have every
 * second pixel. T: transposed, 4 x 4 with stride 2: each of the four phases of the output is 2 x 2 with stride 1, all of the same input. */
NET2C_INLINE void net2c_winograd_body(const struct net2c_winograd_args *a, const struct net2c_frame *f, uint32_t chunk, const int R, const int T,
                                      const int H)
{
  const int N = R == 4 ? 5 : 6, M = R == 5 ? 2 : 4, S = T ? 2 : 1;
  const uint32_t images = R == 4 && !T ? 4 : 1, phases = T ? 4 : 1, points = (uint32_t)(N * N);
  const uint32_t panels = NET2C_WINOGRAD_PANELS(a->oc_blocks), all = panels * a->groups, depth = a->ic_blocks * images;
  const uint32_t oc_chunk = chunk % a->oc_chunks, row_chunk = chunk / a->oc_chunks;
  const uint32_t r0 = net2c_cut(a->rows, row_chunk, a->row_chunks), r1 = net2c_cut(a->rows, row_chunk + 1, a->row_chunks);
  const uint32_t last = net2c_cut(all, oc_chunk + 1, a->oc_chunks), tiles = (r1 - r0) * a->columns;
  const uint32_t parts = (tiles + NET2C_WINOGRAD_BLOCK - 1) / NET2C_WINOGRAD_BLOCK;
  const size_t v_plane = NET2C_WINOGRAD_PLANE((size_t)a->groups * depth * a->pitch * 8), v_step = (size_t)a->pitch * 8;
  const size_t u_plane = NET2C_WINOGRAD_PLANE((size_t)a->depth * 128), m_plane = NET2C_WINOGRAD_PLANE(NET2C_WINOGRAD_BLOCK * 16);
  const size_t u_next = points * u_plane, m_next = points * m_plane;
  float *u = (float *)f->scratch, *m = u + 2 * u_next;
  struct net2c_tile t;
  t.residual = a->r.base != NET2C_NONE, t.act = a->act, t.a = a->a, t.b = a->b, t.y_block = (size_t)a->y.plane * 8, t.r_block = (size_t)a->r.plane * 8;
  for (uint32_t i = net2c_cut(all, oc_chunk, a->oc_chunks); i < last; ++i) {
    const uint32_t group = i / panels, panel = i % panels, block = group * a->oc_blocks + panel * 4;
    const uint32_t blocks = a->oc_blocks - panel * 4 < 4 ? a->oc_blocks - panel * 4 : 4, pairs = (blocks + 1) / 2;
    const float *v = (const float *)net2c_in(f, a->v) + (size_t)group * a->ic_blocks * v_step;
    if (blocks & 1) /* products are of two blocks; nobody reads those of a second that is not there */
      for (size_t j = 0; j < u_next; j += 8) store8(u + (pairs - 1) * u_next + j, set8(0.0f));
    for (uint32_t phase = 0; phase < phases; ++phase) {
      const size_t taps = (size_t)(T ? 4 : R * R) * a->ic_blocks * 8;
      const void *w = net2c_weights_at(net2c_in(f, a->w), (ptrdiff_t)(((size_t)phase * a->groups * a->oc_blocks + block) * 8 * taps), H);
      const int32_t y = phase / 2 ? 1 - 2 * (a->top & 1) : 0, x = phase % 2 ? 1 - 2 * (a->left & 1) : 0;
      for (uint32_t k = 0; k < depth; k += a->depth) {
        const uint32_t end = depth - k < a->depth ? depth : k + a->depth;
        for (uint32_t b = 0; b < pairs; ++b)
          net2c_winograd_filters(net2c_weights_at(w, (ptrdiff_t)(b * 16 * taps), H), blocks - b * 2 < 2 ? 8 : 16, a->ic_blocks, k, end, u + b * u_next,
                                 u_plane, R, T, H);
        for (uint32_t part = 0; part < parts; ++part) {
          const uint32_t from = r0 * a->columns + net2c_cut(tiles, part, parts), to = r0 * a->columns + net2c_cut(tiles, part + 1, parts);
          for (uint32_t p = 0; p < points; ++p) {
            const struct net2c_product product = {v + p * v_plane + k * v_step + (size_t)from * 8, u + p * u_plane, m + p * m_plane,
                                                  v_step, u_next, m_next, end - k, k > 0};
            net2c_product(product, to - from, pairs);
          }
          if (end < depth) continue;
          for (uint32_t b = 0, some; b < blocks; b += some) {
            some = blocks - b < NET2C_VT / 8 ? blocks - b : NET2C_VT / 8;
            net2c_tile_panel(&t, f, (const float *)w, a->bias, a->scale, a->shift, block + b, some, 0, a->y.c);
            net2c_winograd_output(a, f, &t, block + b, some, m + b / 2 * m_next + b % 2 * 8, m_plane, from, to - from, y, x, N, M, S);
          }
        }
      }
    }
    for (uint32_t b = 0; b < blocks; ++b)
      for (uint32_t r = a->first + r0; r < a->first + r1; ++r) {
        const int32_t top = (int32_t)(r % a->tile_rows) * M * S - (T ? a->top & 1 : 0), end = top + M * S;
        net2c_halo_rows(f, &a->y, r / a->tile_rows, block + b, top < 0 ? 0 : (uint32_t)top, (uint32_t)end < a->y.h ? (uint32_t)end : a->y.h);
      }
  }
}

#endif
