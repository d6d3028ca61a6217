/* Hashes of what the kernels of one ISA write, over a fixed list of random cases: equal lines on every ISA (neon.sh compares
 * them). C and no library but stdio, so that it cross-compiles anywhere. A new family is one function and one line of main. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/families_args.h"

#if defined(__aarch64__)
#define TABLE net2c_kernels_neon
#else
#define TABLE net2c_kernels_avx2
#endif
extern const net2c_kernel TABLE[];

#define NET2C_FAMILY(...)
#define NET2C_KERNEL(instance, ...) KERNEL_##instance,
enum {
#include "kernels/catalogue.def"
};

static uint32_t state;
static uint32_t pick(uint32_t low, uint32_t high)
{
  state = state * 1664525u + 1013904223u;
  return low + (state >> 8) % (high - low + 1);
}

enum { FLOATS = 1 << 23 };
static float *memory;
static size_t used;
static net2c_ref take(size_t floats)
{
  const size_t at = used;
  used += (floats + 31) / 16 * 16;
  if (used + 16 > FLOATS) abort();
  for (size_t i = at; i < used; ++i) memory[i] = (float)((int32_t)pick(0, 2000) - 1000) / 1024.0f;
  return NET2C_REF(NET2C_ARENA, at / 16);
}

/* Weights as the kernel reads them; halves of all kinds but infinities and NaN. */
static net2c_ref take_weights(size_t count, int half)
{
  const net2c_ref ref = take(count);
  if (!half) return ref;
  for (size_t i = 0; i < count; ++i) {
    const uint16_t value = (uint16_t)(pick(0, 1) << 15 | pick(0, 15 << 10));
    memcpy((char *)(memory + (size_t)(ref & 0x1fffffffu) * 16) + i * 2, &value, 2);
  }
  return ref;
}

static struct net2c_map map(uint32_t n, uint32_t c, uint32_t h, uint32_t w, uint32_t lanes, uint32_t halo)
{
  struct net2c_map m;
  const uint32_t blocks = lanes == 8 ? (c + 7) / 8 : 1;
  memset(&m, 0, sizeof m);
  m.n = n, m.c = c, m.h = h, m.w = w, m.lanes = lanes;
  m.top = m.left = m.bottom = m.right = halo, m.fill = halo < h && halo < w ? pick(0, 2) : pick(0, 1);
  m.pitch = w + 2 * halo, m.plane = m.pitch * (h + 2 * halo);
  m.plane += m.plane & 1;
  m.image = m.plane * blocks;
  m.base = take((size_t)m.image * n * lanes);
  return m;
}

static void run(const char *name, int kernel, const void *args, uint32_t chunks)
{
  struct net2c_frame f = {(const char *)memory, (char *)memory, 0, 0, 0};
  uint64_t hash = 1469598103934665603u;
  f.scratch = (char *)(memory + used + 16);
  for (uint32_t c = 0; c < chunks; ++c) TABLE[kernel](args, &f, c);
  for (size_t i = 0; i < used; ++i) {
    uint32_t word;
    memcpy(&word, memory + i, 4);
    hash = (hash ^ word) * 1099511628211u;
  }
  printf("%s %016llx\n", name, (unsigned long long)hash);
}

/* What convolutions share, by the fields' names. */
#define EPILOGUE(a, channels)                                                                 \
  do {                                                                                        \
    static const uint32_t acts[] = {NET2C_ACT_CLIP, NET2C_ACT_CLIP, NET2C_ACT_LEAKY_RELU, NET2C_ACT_ELU, NET2C_ACT_SIGMOID, NET2C_ACT_GELU}; \
    (a).act = acts[pick(0, 5)];                                                               \
    (a).a = (a).act == NET2C_ACT_CLIP ? -0.5f : 0.25f, (a).b = 0.75f;                         \
    (a).bias = take((channels) + 16);                                                         \
    (a).scale = (a).shift = NET2C_NONE;                                                       \
    if (pick(0, 2) == 0) (a).scale = take((channels) + 32), (a).shift = take((channels) + 32); \
  } while (0)

static void convolutions(uint32_t seed, int image, int half)
{
  struct net2c_conv_args a;
  const uint32_t k = pick(1, 4), ic = image ? pick(1, 4) : 8 * pick(1, 6), oc = pick(1, 70), s = pick(1, 2), h = pick(1, 15), w = pick(1, 15);
  memset(&a, 0, sizeof a);
  a.groups = 1, a.kh = k, a.kw = pick(1, 4), a.sh = s, a.sw = pick(1, 2), a.dh = pick(1, 2), a.dw = pick(1, 2);
  a.top = (int32_t)pick(0, 3), a.left = (int32_t)pick(0, 3);
  a.ic_blocks = image ? 1 : ic / 8, a.oc_blocks = (oc + 7) / 8;
  a.x = map(pick(1, 2), ic, h * s, w * a.sw, image ? ic : 8, 8);
  a.y = map(a.x.n, oc, h, w, 8, pick(0, 2));
  a.r.base = NET2C_NONE;
  if (pick(0, 2) == 0) a.r = map(a.x.n, oc, h, w, 8, 0);
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)(oc + 16) * a.kh * a.kw * ic, half);
  a.pixels = pick(1, 60), a.row_chunks = pick(1, h), a.oc_chunks = 1 + seed % 2;
  if (half) run(image ? "conv_image_half" : "conv_half", image ? KERNEL_conv_image_half : KERNEL_conv_half, &a, a.x.n * a.row_chunks * a.oc_chunks);
  else run(image ? "conv_image" : "conv", image ? KERNEL_conv_image : KERNEL_conv, &a, a.x.n * a.row_chunks * a.oc_chunks);
}

static void narrow(int half)
{
  static const int kernels[] = {KERNEL_conv_narrow1, KERNEL_conv_narrow2, KERNEL_conv_narrow3, KERNEL_conv_narrow4};
  static const int halves[] = {KERNEL_conv_narrow1_half, KERNEL_conv_narrow2_half, KERNEL_conv_narrow3_half, KERNEL_conv_narrow4_half};
  struct net2c_conv_narrow_args a;
  const uint32_t ic = pick(1, 20), oc = pick(1, 4), h = pick(1, 12), w = pick(1, 60);
  memset(&a, 0, sizeof a);
  a.kh = pick(1, 5), a.kw = pick(1, 5), a.sh = pick(1, 2), a.dh = pick(1, 2), a.dw = pick(1, 2);
  a.top = (int32_t)pick(0, 3), a.left = (int32_t)pick(0, 3);
  a.x = map(1, ic, h * a.sh, w, 8, 9);
  a.y = map(1, oc, h, w, 8, pick(0, 2));
  a.plain = NET2C_NONE;
  if (pick(0, 1)) a.plain = a.y.base, a.y.base = NET2C_NONE;
  a.r.base = NET2C_NONE;
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)a.kh * a.kw * ((ic + 7) / 8 * 8) * oc, half);
  a.row_chunks = pick(1, h);
  run(half ? "conv_narrow_half" : "conv_narrow", (half ? halves : kernels)[oc - 1], &a, a.row_chunks);
}

static void nested(int half)
{
  static const int kernels[] = {KERNEL_nested_narrow1, KERNEL_nested_narrow2, KERNEL_nested_narrow3, KERNEL_nested_narrow4};
  static const int halves[] = {KERNEL_nested_narrow1_half, KERNEL_nested_narrow2_half, KERNEL_nested_narrow3_half, KERNEL_nested_narrow4_half};
  struct net2c_nested_narrow_args a;
  const uint32_t ic = pick(1, 20), oc = pick(1, 4), h = pick(1, 12), w = pick(1, 90);
  memset(&a, 0, sizeof a);
  a.top = (int32_t)pick(0, 4), a.left = (int32_t)pick(0, 4);
  a.x = map(1, ic, h, w, 8, 9);
  a.y = map(1, oc, h, w, 8, pick(0, 2));
  a.plain = NET2C_NONE;
  if (pick(0, 1)) a.plain = a.y.base, a.y.base = NET2C_NONE;
  a.r.base = NET2C_NONE;
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)81 * ((ic + 7) / 8 * 8) * oc, half);
  a.strips = pick(1, (w + 2) / 3), a.row_chunks = pick(1, (h + 2) / 3);
  run(half ? "nested_narrow_half" : "nested_narrow", (half ? halves : kernels)[oc - 1], &a, a.row_chunks);
}

static void nested_image(int half)
{
  struct net2c_nested_image_args a;
  const uint32_t oc = pick(1, 40), h = pick(1, 12), w = pick(1, 90);
  memset(&a, 0, sizeof a);
  a.top = (int32_t)pick(0, 4), a.left = (int32_t)pick(0, 4);
  a.x = map(1, 3, h, w, 3, 9);
  a.y = map(1, oc, h, w, 8, pick(0, 2));
  a.r.base = NET2C_NONE;
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)81 * 3 * (oc + 16), half);
  a.strips = pick(1, (w + 2) / 3), a.row_chunks = pick(1, (h + 2) / 3);
  run(half ? "nested_image_half" : "nested_image", half ? KERNEL_nested_image_half : KERNEL_nested_image, &a, a.row_chunks);
}

static void transposed(int half)
{
  struct net2c_deconv_args a;
  const uint32_t ic = 8 * pick(1, 5), oc = pick(1, 50), h = pick(1, 9), w = pick(1, 9), halo = pick(0, 2);
  memset(&a, 0, sizeof a);
  a.groups = 1, a.kh = pick(1, 4), a.kw = pick(1, 4), a.sh = pick(1, 3), a.sw = pick(1, 3), a.dh = a.dw = 1;
  a.top = (int32_t)pick(0, 1), a.left = (int32_t)pick(0, 1);
  a.ic_blocks = ic / 8, a.oc_blocks = (oc + 7) / 8;
  a.x = map(1, ic, h, w, 8, 5);
  a.y = map(1, oc, h * a.sh, w * a.sw, 8, halo);
  a.r.base = NET2C_NONE;
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)(oc + 16) * a.kh * a.kw * ic, half);
  a.row_chunks = pick(1, a.x.h), a.oc_chunks = 1;
  run(half ? "deconv_half" : "deconv", half ? KERNEL_deconv_half : KERNEL_deconv, &a, a.row_chunks);
}

static void winograd(uint32_t seed, int half)
{
  static const int inputs[] = {KERNEL_winograd_input, KERNEL_winograd_input, KERNEL_winograd_input5_s2, KERNEL_winograd_input5, KERNEL_winograd_input54_s2,
                               KERNEL_winograd_input5};
  static const int products[] = {KERNEL_winograd3, KERNEL_winograd5, KERNEL_winograd4_s2, KERNEL_winograd_deconv, KERNEL_winograd3_s2, KERNEL_winograd_deconv3};
  static const int halves[] = {KERNEL_winograd3_half, KERNEL_winograd5_half, KERNEL_winograd4_s2_half, KERNEL_winograd_deconv_half, KERNEL_winograd3_s2_half,
                               KERNEL_winograd_deconv3_half};
  static const uint32_t sides[] = {3, 5, 4, 4, 3, 3};
  const uint32_t form = seed % 6, taps = sides[form], stride = form > 1 && form % 2 == 0 ? 2 : 1, apart = form > 1 && form % 2 ? 2 : 1, points = form < 2 ? 36 : 25;
  const uint32_t m = form == 1 ? 2 : 4, ic = 8 * pick(1, 5), oc = pick(1, 50), h = pick(1, 13), w = pick(1, 13);
  struct net2c_winograd_input_args in;
  struct net2c_winograd_args a;
  memset(&in, 0, sizeof in), memset(&a, 0, sizeof a);
  in.m = m, in.top = in.left = 1, in.high = (h - 1) * stride + taps, in.wide = (w - 1) * stride + taps;
  in.tile_rows = (h + m) / m, in.columns = (w + m) / m, in.rows = in.tile_rows, in.pitch = in.rows * in.columns, in.chunks = pick(1, 3);
  in.x = map(1, ic, h * stride, w * stride, 8, 5);
  in.v = take((size_t)points * NET2C_WINOGRAD_PLANE(ic * stride * stride * in.pitch));
  a.v = in.v, a.tile_rows = in.tile_rows, a.columns = in.columns, a.rows = in.rows, a.pitch = in.pitch, a.top = a.left = 1;
  a.groups = 1, a.ic_blocks = ic / 8, a.oc_blocks = (oc + 7) / 8;
  if (form == 0 && pick(0, 1)) { /* mixed tiles: no more of them than outputs need */
    in.tile_rows = in.rows = a.tile_rows = a.rows = (h + 3) / 4, in.columns = a.columns = (w + 3) / 4;
    in.band = a.band = pick(1, in.rows);
  }
  a.depth = a.rows * a.columns > NET2C_WINOGRAD_BLOCK || (a.band && a.band < a.rows) ? a.ic_blocks * stride * stride : pick(1, a.ic_blocks * stride * stride);
  a.y = map(1, oc, h * apart, w * apart, 8, pick(0, 2));
  a.r.base = NET2C_NONE;
  if (pick(0, 2) == 0) a.r = map(1, oc, h * apart, w * apart, 8, 0);
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)(oc + 16) * taps * taps * ic, half);
  a.row_chunks = pick(1, a.rows), a.oc_chunks = 1;
  run("winograd_input", inputs[form], &in, in.chunks);
  run(half ? "winograd_half" : "winograd", (half ? halves : products)[form], &a, a.row_chunks);
}

static void winograd_1d(uint32_t seed, int half)
{
  const uint32_t seven = seed % 4 / 2, vertical = seed % 2, m = seven ? 3 : 4, taps = seven ? 7 : 3;
  const uint32_t ic = 8 * pick(1, 5), oc = pick(1, 50), h = pick(1, 13), w = pick(1, 13);
  struct net2c_winograd_input_args in;
  struct net2c_winograd_args a;
  memset(&in, 0, sizeof in), memset(&a, 0, sizeof a);
  in.m = m, in.vertical = vertical, in.top = vertical ? 1 : 0, in.left = vertical ? 0 : 1;
  in.high = h - 1 + (vertical ? taps : 1), in.wide = w - 1 + (vertical ? 1 : taps);
  in.tile_rows = in.rows = vertical ? w : h, a.columns = ((vertical ? h : w) + m - 1) / m, in.columns = a.columns + seven;
  in.pitch = in.rows * in.columns, in.chunks = pick(1, 3);
  in.x = map(1, ic, h, w, 8, 7);
  in.v = take((size_t)6 * NET2C_WINOGRAD_PLANE(ic * in.pitch));
  a.v = in.v, a.tile_rows = a.rows = in.rows, a.pitch = in.pitch, a.vertical = vertical;
  a.groups = 1, a.ic_blocks = ic / 8, a.oc_blocks = (oc + 7) / 8;
  a.depth = a.rows * a.columns > NET2C_WINOGRAD_BLOCK ? a.ic_blocks * (1 + seven) : pick(1, a.ic_blocks * (1 + seven));
  a.y = map(1, oc, h, w, 8, pick(0, 2));
  a.r.base = NET2C_NONE;
  if (pick(0, 2) == 0) a.r = map(1, oc, h, w, 8, 0);
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)(oc + 16) * taps * ic, half);
  a.row_chunks = pick(1, a.columns), a.oc_chunks = 1;
  run("winograd_input_1d", KERNEL_winograd_input_1d, &in, in.chunks);
  if (half) run("winograd_1d_half", seven ? KERNEL_winograd7_1d_half : KERNEL_winograd3_1d_half, &a, a.row_chunks);
  else run("winograd_1d", seven ? KERNEL_winograd7_1d : KERNEL_winograd3_1d, &a, a.row_chunks);
}

static void strassen(int half)
{
  struct net2c_strassen_input_args in;
  struct net2c_strassen_args a;
  const uint32_t n = pick(1, 2), ic = 16 * pick(1, 4), oc = 32 * pick(1, 5), h = pick(6, 13), w = pick(8, 13);
  memset(&in, 0, sizeof in), memset(&a, 0, sizeof a);
  in.x = map(n, ic, h, w, 8, pick(0, 1)), in.pixels = n * h * w / 2 / NET2C_STRASSEN_PIXELS * NET2C_STRASSEN_PIXELS, in.chunks = pick(1, 3);
  in.v = take(NET2C_STRASSEN_BYTES(ic, in.pixels) / 4);
  a.x = in.x, a.v = in.v, a.pixels = in.pixels;
  a.y = map(n, oc, h, w, 8, pick(0, 2));
  a.r.base = NET2C_NONE;
  if (pick(0, 2) == 0) a.r = map(n, oc, h, w, 8, 0);
  EPILOGUE(a, oc);
  a.w = take_weights((size_t)oc * ic, half);
  a.row_chunks = 1, a.oc_chunks = pick(1, 2);
  run("strassen_input", KERNEL_strassen_input, &in, in.chunks);
  run(half ? "strassen_half" : "strassen", half ? KERNEL_strassen_half : KERNEL_strassen, &a, a.oc_chunks);
}

static void depthwise(uint32_t seed)
{
  static const int kernels[] = {KERNEL_depthwise, KERNEL_depthwise_s1, KERNEL_depthwise_s2, KERNEL_depthwise3x3_s1, KERNEL_depthwise3x3_s2};
  struct net2c_depthwise_args a;
  const uint32_t which = seed % 5, c = pick(1, 40), h = pick(1, 20), w = pick(1, 20), halo = pick(0, 2);
  memset(&a, 0, sizeof a);
  a.kh = which >= 3 ? 3 : pick(1, 5), a.kw = which >= 3 ? 3 : pick(1, 5), a.dh = pick(1, 2), a.dw = which >= 3 ? 1 : pick(1, 2);
  a.sh = pick(1, 2), a.sw = which == 0 ? pick(1, 3) : which % 2 ? 1 : 2;
  a.top = (int32_t)pick(0, 3), a.left = (int32_t)pick(0, 3);
  a.y = map(1, c, h, w, 8, halo);
  a.x = map(1, c, a.y.h * a.sh, a.y.w * a.sw, 8, 9);
  a.r.base = NET2C_NONE;
  if (pick(0, 2) == 0) a.r = map(1, c, a.y.h, a.y.w, 8, 1);
  EPILOGUE(a, c);
  a.w = take((size_t)(c + 8) * a.kh * a.kw);
  a.row_chunks = pick(1, (h + 3) / 4), a.oc_chunks = pick(1, (c + 7) / 8);
  run("depthwise", kernels[which], &a, a.row_chunks * a.oc_chunks);
}

static void dense(int half)
{
  struct net2c_dense_args a;
  memset(&a, 0, sizeof a);
  a.batch = pick(1, 2), a.m = pick(1, 40), a.k = pick(1, 90), a.n = pick(1, 90), a.x_batch = a.m * a.k;
  a.x = take((size_t)a.batch * a.m * a.k), a.y = take((size_t)a.batch * a.m * a.n);
  a.r = pick(0, 2) ? NET2C_NONE : take((size_t)a.batch * a.m * a.n);
  EPILOGUE(a, a.n + 32);
  a.w = take_weights((size_t)(a.n + 32) * a.k, half);
  a.row_chunks = pick(1, a.m), a.column_chunks = pick(1, 2);
  run(half ? "dense_half" : "dense", half ? KERNEL_dense_half : KERNEL_dense, &a, a.batch * a.row_chunks * a.column_chunks);
}

static void attention(void)
{
  struct net2c_attention_args a;
  memset(&a, 0, sizeof a);
  a.batch = pick(1, 3), a.m = pick(1, 40), a.n = pick(1, 70), a.depth = pick(1, 40), a.width = pick(1, 40), a.scale = 0.75f;
  a.q = take((size_t)a.batch * a.m * a.depth), a.k = take((size_t)a.batch * a.n * a.depth), a.v = take((size_t)a.batch * a.n * a.width);
  a.y = take((size_t)a.batch * a.m * a.width);
  a.bias = NET2C_NONE, a.bias_repeat = a.bias_batches = 1;
  if (pick(0, 1)) a.bias = take((size_t)a.batch * a.m * a.n), a.bias_batches = a.batch, a.bias_step = a.m * a.n, a.bias_row = a.n;
  a.row_chunks = pick(1, a.m < 3 ? a.m : 3);
  run("attention", KERNEL_attention, &a, a.batch * a.row_chunks);
}

static void channel_norm(void)
{
  struct net2c_channel_norm_args a;
  const uint32_t n = pick(1, 2), c = pick(1, 60), h = pick(1, 6), w = pick(1, 30);
  memset(&a, 0, sizeof a);
  a.x = map(n, c, h, w, 8, pick(0, 1)), a.y = map(n, c, h, w, 8, pick(0, 2));
  a.scale = pick(0, 1) ? take(c) : NET2C_NONE, a.bias = pick(0, 1) ? take(c) : NET2C_NONE;
  a.epsilon = 1e-5f, a.chunks = pick(1, 3);
  run("channel_norm", KERNEL_channel_norm, &a, a.chunks);
}

static void instance_norm(void)
{
  struct net2c_instance_norm_args a;
  const uint32_t n = pick(1, 2), c = pick(1, 60), h = pick(1, 9), w = pick(1, 30);
  memset(&a, 0, sizeof a);
  a.x = map(n, c, h, w, 8, pick(0, 1)), a.y = map(n, c, h, w, 8, pick(0, 2));
  a.scale = take(c), a.bias = take(c), a.act = pick(0, 1) ? NET2C_ACT_CLIP : NET2C_ACT_LEAKY_RELU, a.a = -0.25f, a.b = 0.5f;
  a.epsilon = 1e-5f, a.chunks = pick(1, 3);
  run("instance_norm", KERNEL_instance_norm, &a, a.chunks);
}

static void grid_sample(void)
{
  struct net2c_grid_sample_args a;
  const uint32_t n = pick(1, 2), c = pick(1, 20), h = pick(1, 9), w = pick(1, 9), x_h = pick(1, 9), x_w = pick(1, 9);
  size_t places;
  memset(&a, 0, sizeof a);
  a.x = map(n, c, x_h, x_w, 8, pick(0, 1)), a.y = map(n, c, h, w, 8, pick(0, 2));
  places = (size_t)n * h * w * 2;
  a.grid = take(places);
  for (size_t i = 0; i < places; ++i) memory[(size_t)(a.grid & 0x1fffffffu) * 16 + i] *= 3.0f; /* also beyond the map */
  a.kind = pick(0, 2), a.outside = pick(0, 2), a.align_corners = pick(0, 1), a.chunks = pick(1, 3);
  run("grid_sample", KERNEL_grid_sample, &a, a.chunks);
}

int main(void)
{
  memory = (float *)aligned_alloc(64, (size_t)FLOATS * 4);
  if (!memory) return 1;
  for (uint32_t seed = 0; seed < 60; ++seed) {
    state = seed;
    for (int half = 0; half < 2; ++half) {
      used = 0, convolutions(seed, 0, half);
      used = 0, convolutions(seed, 1, half);
      used = 0, narrow(half);
      used = 0, nested(half);
      used = 0, nested_image(half);
      used = 0, transposed(half);
      used = 0, winograd(seed, half);
      used = 0, winograd_1d(seed, half);
      used = 0, strassen(half);
      used = 0, dense(half);
    }
    used = 0, depthwise(seed);
    used = 0, attention();
    used = 0, channel_norm();
    used = 0, instance_norm();
    used = 0, grid_sample();
  }
  free(memory);
  return 0;
}
