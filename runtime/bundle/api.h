#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NET2C_ABI 1
#include "runtime/bundle/figures.inc"

/* BAD_ABI: this header is not the library's. The weights: NOT_GIVEN, CANNOT_READ the file, TRUNCATED, FOREIGN (no weights
 * file), of another VERSION, ORDER of bytes, NETWORK or LENGTH, DAMAGED (verify), ALIGNMENT of 64 bytes missing. ARENA too
 * small. NO_MEMORY. NO_ISA: not in the bundle or not on this CPU. WRONG_RESULT: of the self-test. */
enum net2c_error {
  NET2C_OK, NET2C_BAD_ABI = -20, NET2C_BAD_SIZE, NET2C_NO_ISA, NET2C_NOT_GIVEN, NET2C_CANNOT_READ, NET2C_TRUNCATED,
  NET2C_FOREIGN, NET2C_BAD_VERSION, NET2C_BAD_ORDER, NET2C_OTHER_NETWORK, NET2C_BAD_LENGTH, NET2C_DAMAGED, NET2C_BAD_ALIGNMENT,
  NET2C_SMALL_ARENA, NET2C_NO_MEMORY, NET2C_BAD_WORKERS, NET2C_WRONG_RESULT
};
enum { NET2C_BEST, NET2C_PORTABLE, NET2C_AVX2, NET2C_AVX512, NET2C_NEON }; /* options.isa */
enum { NET2C_F32, NET2C_F16, NET2C_F64, NET2C_I8, NET2C_U8, NET2C_I16, NET2C_U16, NET2C_I32, NET2C_U32, NET2C_I64, NET2C_U64,
       NET2C_BOOL };

extern const char *const net2c_labels[]; /* NET2C_LABELS of them */
struct net2c_port { const char *name; int type, rank; size_t dims[6], bytes; }; /* row-major */
extern const struct net2c_port net2c_inputs[], net2c_outputs[]; /* those of size s: from net2c_inputs[s * NET2C_INPUTS] on */
int net2c_input(const char *name); /* its index, or -1 */
int net2c_output(const char *name);

/* For the trace hook, once for each tensor that a step has completed, or once with tensor null. lanes 0: row-major. Else
 * element (n, c, y, x) lies at data[((n * image + c / lanes * plane + y * pitch + x) * lanes + c % lanes)] (floats). */
struct net2c_event {
  unsigned step, steps;
  const char *layer, *kernel, *tensor;
  int type, rank;
  size_t dims[6], lanes, pitch, plane, image;
  const void *data;
};

/* Start from  struct net2c_options o = NET2C_OPTIONS;  all others are 0 then. */
struct net2c_options {
  unsigned abi;
  int size, isa;            /* size: which of the compiled input sizes, 0 to NET2C_SIZES - 1 */
  const char *weights_path; /* mapped; or handed over below; neither: those linked in */
  const void *weights;      /* 64-byte aligned, the file's bytes */
  size_t weights_bytes;
  void *arena;              /* 64-byte aligned, NET2C_ARENA_BYTES(workers); null: allocated at open */
  size_t arena_bytes;
  unsigned workers;         /* most threads of one run, up to 64; 0: 1 */
  void (*parallel_for)(void *context, unsigned n, void (*body)(void *task, unsigned i), void *task); /* null: own threads */
  void *context;
  int (*trace)(void *trace_context, const struct net2c_event *); /* not 0: net2c_run stops and returns it */
  void *trace_context;
};
#define NET2C_OPTIONS {NET2C_ABI, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}

/* An open network; one run at a time. Its fields are private. */
struct net2c {
  const char *weights;
  const void *mapped, *isa;
  size_t mapped_bytes;
  char *arena;
  void *owned_arena, *owned_pool;
  struct net2c_options options;
};

int net2c_open(struct net2c *net, const struct net2c_options *options); /* 0 or a net2c_error; then nothing is open */
int net2c_verify(const struct net2c *net);                              /* reads all weights: 0 or NET2C_DAMAGED */
/* In declared order, at any alignment. 0, or what the hook returned; allocates nothing, cannot fail otherwise. */
int net2c_run(struct net2c *net, const void *const inputs[], void *const outputs[]);
void net2c_close(struct net2c *net);
const char *net2c_error(int code);
const char *net2c_isa(const struct net2c *net); /* the one chosen */
/* Threads that several networks may share: parallel_for = net2c_pool_run, context = the pool. `threads` besides the caller. */
struct net2c_pool *net2c_pool_open(unsigned threads);
void net2c_pool_close(struct net2c_pool *pool);
void net2c_pool_run(void *pool, unsigned n, void (*body)(void *task, unsigned i), void *task);
unsigned net2c_best(const float *scores, unsigned count, unsigned k, unsigned *best); /* indices of the k largest; how many */
#include "runtime/bundle/picture.inc"
#include "runtime/bundle/self_test.inc"

#ifdef __cplusplus
}
#endif
