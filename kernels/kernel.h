/* What every kernel shares: how it names memory, what a feature map is, how its arguments are described.
 *
 * A kernel is  void KERNEL(const struct FAMILY_args *a, const struct net2c_frame *f, uint32_t chunk).
 * It reads its arguments, its inputs and the weights, writes its output and its worker's scratch, and does nothing else:
 * no libc, no allocation, no state, no question about the CPU. Arguments are 32-bit fields only, constants of the plan. */
#ifndef NET2C_KERNEL_H
#define NET2C_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Windows aligns the stack to 16 bytes only, and gcc, which cannot align it further there (its bug 54412), now and then still
 * reads a wider vector that it kept there by an instruction that wants more. Its assembler takes the others, as fast. */
#if defined(_WIN32) && defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
__asm__(".ifndef net2c_any_alignment\n.set net2c_any_alignment, 1\n" /* once, also where -flto joins files */
        ".macro vmovaps operands:vararg\nvmovups \\operands\n.endm\n"
        ".macro vmovapd operands:vararg\nvmovupd \\operands\n.endm\n"
        ".macro vmovdqa operands:vararg\nvmovdqu \\operands\n.endm\n"
        ".macro vmovdqa32 operands:vararg\nvmovdqu32 \\operands\n.endm\n"
        ".macro vmovdqa64 operands:vararg\nvmovdqu64 \\operands\n.endm\n"
        ".endif\n");
#endif

/* A place in memory: the base in the three high bits, below it the offset in units of 64 bytes
 * (for the app's own inputs and outputs: their index, offset 0). */
typedef uint32_t net2c_ref;
enum { NET2C_WEIGHTS = 0, NET2C_ARENA = 1, NET2C_SCRATCH = 2, NET2C_INPUT = 3, NET2C_OUTPUT = 4 };
#define NET2C_REF(base, index) (((net2c_ref)(base) << 29) | (net2c_ref)(index))
#define NET2C_NONE 0xffffffffu /* an optional operand that is absent */

/* One per worker. Weights and arena are 64-byte aligned and end in 64 readable bytes. */
struct net2c_frame {
  const char *weights;
  char *arena;
  char *scratch;
  const void *const *inputs;
  void *const *outputs;
};

static inline __attribute__((unused)) const void *net2c_in(const struct net2c_frame *f, net2c_ref r)
{
  uint32_t index = r & 0x1fffffffu;
  switch (r >> 29) {
  case NET2C_WEIGHTS: return f->weights + (size_t)index * 64;
  case NET2C_ARENA: return f->arena + (size_t)index * 64;
  case NET2C_SCRATCH: return f->scratch + (size_t)index * 64;
  case NET2C_INPUT: return f->inputs[index];
  default: return f->outputs[index];
  }
}

static inline __attribute__((unused)) void *net2c_out(const struct net2c_frame *f, net2c_ref r)
{
  uint32_t index = r & 0x1fffffffu;
  if (r >> 29 == NET2C_OUTPUT) return f->outputs[index];
  return (r >> 29 == NET2C_SCRATCH ? f->scratch : f->arena) + (size_t)index * 64;
}

/* How a halo is filled. Whoever writes a row of a map writes that row's part of the halo, on every run (halo.h). */
enum { NET2C_FILL_ZERO = 0, NET2C_FILL_EDGE = 1, NET2C_FILL_REFLECT = 2 };

/* A feature map [n][blocks][rows][pitch][lanes] of floats with a halo around every plane.
 *   C8:    lanes = 8, block b holds channels 8b..8b+7, blocks = (c + 7) / 8; lanes beyond c are zero, always.
 *   image: lanes = c (1..4), one block: pixels interleaved. Only first layers read it.
 * Sizes and distances are in pixels; a pixel is `lanes` floats. `base` is the first pixel of the halo of image 0, block 0.
 * A map may be some blocks of a larger one (concat in place), so `image` can exceed blocks * plane. */
struct net2c_map {
  net2c_ref base;
  uint32_t n, c, h, w;
  uint32_t lanes;
  uint32_t pitch; /* row to row */
  uint32_t plane; /* block to block; even for C8, so every block is 64-byte aligned */
  uint32_t image; /* n to n + 1 */
  uint32_t top, left, bottom, right;
  uint32_t fill;
};

/* Fields of argument structs: F(type, name) over the types below; the emitter prints them by this list, nothing else
 * knows a family's fields. */
typedef uint32_t net2c_u32;
typedef int32_t net2c_i32;
typedef float net2c_f32;
typedef struct net2c_map net2c_map_t;
#define NET2C_FIELD_u32(name) uint32_t name;
#define NET2C_FIELD_i32(name) int32_t name;
#define NET2C_FIELD_f32(name) float name;
#define NET2C_FIELD_ref(name) net2c_ref name;
#define NET2C_FIELD_map(name) struct net2c_map name;
#define NET2C_FIELD_dims(name) uint32_t name[6]; /* sizes, outermost first, leading ones 1 */
#define NET2C_FIELD_steps(name) int32_t name[6]; /* distances in elements for each of those */
#define NET2C_FIELD(type, name) NET2C_FIELD_##type(name)

/* The pixel (0, 0) of image n, block b. */
static inline __attribute__((unused)) const float *net2c_map_in(const struct net2c_frame *f, const struct net2c_map *m, uint32_t n,
                                                                uint32_t b)
{
  return (const float *)net2c_in(f, m->base) +
         ((size_t)n * m->image + (size_t)b * m->plane + (size_t)m->top * m->pitch + m->left) * m->lanes;
}

static inline __attribute__((unused)) float *net2c_map_out(const struct net2c_frame *f, const struct net2c_map *m, uint32_t n,
                                                           uint32_t b)
{
  return (float *)net2c_out(f, m->base) +
         ((size_t)n * m->image + (size_t)b * m->plane + (size_t)m->top * m->pitch + m->left) * m->lanes;
}

/* Chunk c of `chunks` near-equal parts of 0..n: [net2c_cut(n, c, chunks), net2c_cut(n, c + 1, chunks)). */
static inline __attribute__((unused)) uint32_t net2c_cut(uint32_t n, uint32_t c, uint32_t chunks)
{
  return (uint32_t)((uint64_t)n * c / chunks);
}

/* How a kernel is called: `args` points to its family's struct. */
typedef void (*net2c_kernel)(const void *args, const struct net2c_frame *f, uint32_t chunk);

#define NET2C_INLINE static inline __attribute__((always_inline, unused))
#define NET2C_NOINLINE static __attribute__((noinline, unused))
#ifndef NET2C_UNROLL
#define NET2C_UNROLL _Pragma("GCC unroll 32")
#endif

#endif
