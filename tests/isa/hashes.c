/* Runs kernels of one ISA over seeded numbers and prints a hash of the memory after each: equal lines are equal bits.
 * Built with -DTABLE=net2c_kernels_<isa> and that ISA's file of kernels/isa. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/families_args.h"

extern const net2c_kernel TABLE[];
enum {
#define NET2C_FAMILY(family, FAMILY, folder)
#define NET2C_KERNEL(instance, family, ...) KERNEL_##instance,
#include "kernels/catalogue.def"
  KERNELS
};
enum { BYTES = 1 << 22, FIRST = 0, SECOND = 1 << 20, THIRD = 2 << 20 }; /* the arena and three places in it */

static struct net2c_frame frame;

static net2c_ref at(uint32_t offset) { return NET2C_REF(NET2C_ARENA, offset / 64); }

static struct net2c_map map(uint32_t offset, uint32_t c, uint32_t h, uint32_t w, uint32_t halo, uint32_t fill)
{
  struct net2c_map m;
  memset(&m, 0, sizeof m);
  m.base = at(offset), m.n = 1, m.c = c, m.h = h, m.w = w, m.lanes = 8, m.fill = fill;
  m.top = m.left = m.bottom = m.right = halo;
  m.pitch = w + 2 * halo, m.plane = m.pitch * (h + 2 * halo), m.plane += m.plane & 1, m.image = m.plane * ((c + 7) / 8);
  return m;
}

static void run(const char *name, int kernel, const void *args)
{
  uint64_t hash = 0xcbf29ce484222325u;
  TABLE[kernel](args, &frame, 0);
  for (uint32_t i = 0; i < BYTES / 4; ++i) {
    uint32_t bits;
    memcpy(&bits, frame.arena + 4 * (size_t)i, 4);
    if ((bits & 0x7fffffffu) > 0x7f800000u) bits = 0x7fc00000u; /* one NaN for all */
    hash = (hash ^ bits) * 0x100000001b3u;
  }
  printf("%s %016llx\n", name, (unsigned long long)hash);
}
#define RUN(kernel, family, ...)                                  \
  do {                                                            \
    const struct net2c_##family##_args args = {__VA_ARGS__};      \
    run(#kernel, KERNEL_##kernel, &args);                         \
  } while (0)

int main(void)
{
  uint32_t seed = 1;
  char *memory = aligned_alloc(64, BYTES + 64), *scratch = aligned_alloc(64, 1 << 16);
  if (!memory || !scratch) return 1;
  frame.weights = frame.arena = memory, frame.scratch = scratch;
  for (uint32_t i = 0; i < BYTES / 4 + 16; ++i) {
    float x;
    seed = seed * 1664525u + 1013904223u;
    x = (float)(int32_t)seed / 2147483648.0f * (i % 4 ? 3.0f : 60.0f);
    memcpy(memory + 4 * (size_t)i, &x, 4);
  }
  for (uint32_t act = 0; act < NET2C_ACT_NOT; ++act) RUN(act_plain, act_plain, at(FIRST), at(SECOND), 30011, act, 0.3f, 1.1f, 1);
  for (uint32_t kind = 0; kind < NET2C_BIN_EQUAL; ++kind)
    RUN(binary_plain, binary_plain, at(FIRST), at(6400), at(THIRD), {1, 1, 1, 1, 50, 301}, {0, 0, 0, 0, 301, 1}, {0, 0, 0, 0, 1, 0}, kind,
        NET2C_TYPE_F32, 1);
  for (uint32_t kind = 0; kind <= NET2C_REDUCE_SUM_SQUARE; ++kind) {
    RUN(reduce_plain, reduce_plain, at(FIRST), at(THIRD), 7, 1003, 1, kind, NET2C_TYPE_F32, 1);
    RUN(reduce_plain, reduce_plain, at(FIRST), at(THIRD), 3, 301, 21, kind, NET2C_TYPE_F32, 1);
  }
  for (uint32_t logarithm = 0; logarithm < 2; ++logarithm) {
    RUN(softmax, softmax, at(FIRST), at(THIRD), 7, 1003, 1, logarithm, 1);
    RUN(softmax, softmax, at(FIRST), at(THIRD), 3, 301, 21, logarithm, 1);
  }
  RUN(layer_norm, layer_norm, at(FIRST), at(THIRD), at(FIRST), NET2C_NONE, 20, 333, 1e-5f, 1);
  {
    const struct net2c_map x = map(SECOND, 21, 37, 29, 2, NET2C_FILL_REFLECT), y = map(THIRD, 21, 37, 29, 1, NET2C_FILL_EDGE);
    const struct net2c_map half = map(THIRD, 21, 19, 15, 1, NET2C_FILL_ZERO), one = map(THIRD, 21, 1, 1, 0, 0);
    RUN(to_map, to_map, at(FIRST), x, 1);
    RUN(act, act, x, y, NET2C_ACT_SIGMOID, 0, 0, 1);
    RUN(instance_norm, instance_norm, x, y, at(FIRST), at(1024), 1e-5f, NET2C_ACT_CLIP, -1.0f, 2.0f, 1);
    RUN(lrn, lrn, x, y, 2, 2, 0.1f, 0.75f, 100.0f, 1);
    RUN(lrn, lrn, x, y, 2, 2, 0.1f, 0.6f, 100.0f, 1);
    RUN(max_pool_3_2, pool, x, half, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0);
    RUN(average_pool_3_1, pool, x, y, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0);
    RUN(average_pool, pool, x, half, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 0, 1, 1, 0, 0);
    for (uint32_t kind = 0; kind <= NET2C_REDUCE_SUM_SQUARE; ++kind)
      if (kind != NET2C_REDUCE_LOG_SUM_EXP) RUN(reduce_plane, reduce_plane, x, one, kind, 1);
    RUN(add_map, binary_map, x, at(FIRST), y, 0, 0, 8, 0, 0, 8, NET2C_BIN_ADD, 0, 1);
    RUN(binary_map, binary_map, x, at(FIRST), y, 0, 0, 8, 0, 0, 8, NET2C_BIN_DIV, 1, 1);
    RUN(affine, affine, x, y, at(FIRST), at(1024), 1);
    RUN(copy_map, copy_map, x, y, 1);
    RUN(to_plain, to_plain, x, at(THIRD), 1);
  }
  free(memory), free(scratch);
  return 0;
}
