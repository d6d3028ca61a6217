#if !defined(_POSIX_C_SOURCE) && !defined(_GNU_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#if defined(__APPLE__) && !defined(_DARWIN_C_SOURCE)
#define _DARWIN_C_SOURCE
#endif
#include "runtime/bundle/api.h"
#include "kernels/strict.h"
#include "kernels/kernel.h"
#include "runtime/run.h"
#include "runtime/weights.h"
#include "runtime/pool.h"
#include "runtime/port.h"
#include "runtime/cpu.h"
#include "runtime/bundle/model.h"

#if !defined(__OPTIMIZE__) && !defined(NET2C_UNOPTIMISED)
#pragma message("net2c: compile with -O2; unoptimised kernels are 10 to 50 times slower (-DNET2C_UNOPTIMISED: as wanted)")
#endif

#include "runtime/bundle/tables.inc"

#include "runtime/bundle/embedded.inc"
/* Linked in: -DNET2C_INCBIN='"path/of/the.weights"'. */
#if defined(NET2C_INCBIN)
#if defined(__APPLE__)
#define NET2C_INCBIN_SECTION ".const_data\n"
#define NET2C_INCBIN_PREFIX "_"
#elif defined(_WIN32)
#define NET2C_INCBIN_SECTION ".section .rdata\n"
#define NET2C_INCBIN_PREFIX ""
#else
#define NET2C_INCBIN_SECTION ".section .rodata\n"
#define NET2C_INCBIN_PREFIX ""
#endif
__asm__(NET2C_INCBIN_SECTION ".balign 64\n" NET2C_INCBIN_PREFIX "net2c_linked_begin:\n.incbin \"" NET2C_INCBIN "\"\n"
        NET2C_INCBIN_PREFIX "net2c_linked_end:\n.byte 0\n.text\n");
extern const char net2c_linked_begin[], net2c_linked_end[];
#endif

/* The kernels that were compiled, the best first. */
struct net2c_isa {
  const char *name;
  int isa, needs;
  const net2c_kernel *kernels;
};
#if defined(__x86_64__)
#if defined(NET2C_HAS_avx512)
extern const net2c_kernel net2c_kernels_avx512[];
#endif
#if defined(NET2C_HAS_avx2)
extern const net2c_kernel net2c_kernels_avx2[];
#endif
#if defined(NET2C_HAS_portable)
extern const net2c_kernel net2c_kernels_portable_fma[];
#endif
#elif defined(__aarch64__) && defined(NET2C_HAS_neon)
extern const net2c_kernel net2c_kernels_neon[];
#endif
#if defined(NET2C_HAS_portable)
extern const net2c_kernel net2c_kernels_portable[];
#endif
static const struct net2c_isa net2c_isas[] = {
#if defined(__x86_64__)
#if defined(NET2C_HAS_avx512)
  {"avx512", NET2C_AVX512, NET2C_CPU_AVX512, net2c_kernels_avx512},
#endif
#if defined(NET2C_HAS_avx2)
  {"avx2", NET2C_AVX2, NET2C_CPU_AVX2, net2c_kernels_avx2},
#endif
#if defined(NET2C_HAS_portable)
  {"portable, fma", NET2C_PORTABLE, NET2C_CPU_FMA, net2c_kernels_portable_fma},
#endif
#elif defined(__aarch64__) && defined(NET2C_HAS_neon)
  {"neon", NET2C_NEON, 0, net2c_kernels_neon},
#endif
#if defined(NET2C_HAS_portable)
  {"portable", NET2C_PORTABLE, 0, net2c_kernels_portable},
#endif
  {NULL, 0, 0, NULL},
};

static const struct net2c_isa *net2c_find_isa(int isa)
{
  const int cpu = net2c_cpu();
  for (const struct net2c_isa *i = net2c_isas; i->name; ++i)
    if ((isa == NET2C_BEST || isa == i->isa) && (i->needs & ~cpu) == 0) return i;
  return NULL;
}

static int net2c_error_of(enum net2c_weights_state state)
{
  switch (state) {
  case NET2C_WEIGHTS_GOOD: return NET2C_OK;
  case NET2C_WEIGHTS_TRUNCATED: return NET2C_TRUNCATED;
  case NET2C_WEIGHTS_FOREIGN: return NET2C_FOREIGN;
  case NET2C_WEIGHTS_VERSION: return NET2C_BAD_VERSION;
  case NET2C_WEIGHTS_ORDER: return NET2C_BAD_ORDER;
  case NET2C_WEIGHTS_OTHER: return NET2C_OTHER_NETWORK;
  case NET2C_WEIGHTS_LENGTH: return NET2C_BAD_LENGTH;
  case NET2C_WEIGHTS_DAMAGED: break;
  }
  return NET2C_DAMAGED;
}

static int net2c_open_weights(struct net2c *net)
{
  const struct net2c_options *o = &net->options;
  const void *data = o->weights;
  uint64_t bytes = o->weights_bytes;
  if (o->weights_path) {
    data = net2c_port_map(o->weights_path, &bytes);
    if (!data) return NET2C_CANNOT_READ;
    if (bytes == 0) return NET2C_TRUNCATED;
    net->mapped = data;
    net->mapped_bytes = (size_t)bytes;
  }
#if defined(NET2C_INCBIN)
  else if (!data) {
    data = net2c_linked_begin;
    bytes = (uint64_t)(net2c_linked_end - net2c_linked_begin);
  }
#elif defined(NET2C_EMBEDDED)
  else if (!data) {
    data = net2c_embedded;
    bytes = sizeof net2c_embedded;
  }
#endif
  if (!data) return NET2C_NOT_GIVEN;
  if ((uintptr_t)data % 64) return NET2C_BAD_ALIGNMENT;
  net->weights = (const char *)data + NET2C_WEIGHTS_HEADER;
  return net2c_error_of(net2c_weights_check(data, bytes, NET2C_STRUCTURE, NET2C_WEIGHTS_BYTES - NET2C_WEIGHTS_HEADER));
}

static int net2c_open_arena(struct net2c *net)
{
  const struct net2c_options *o = &net->options;
  const struct net2c_size *size = &net2c_sizes[o->size];
  const size_t bytes = size->arena + size->scratch * o->workers;
  if (!o->arena) {
    net->arena = (char *)(net->owned_arena = net2c_port_allocate(bytes));
    return net->arena ? NET2C_OK : NET2C_NO_MEMORY;
  }
  net->arena = (char *)o->arena;
  if ((uintptr_t)o->arena % 64) return NET2C_BAD_ALIGNMENT;
  return o->arena_bytes < bytes ? NET2C_SMALL_ARENA : NET2C_OK;
}

int net2c_open(struct net2c *net, const struct net2c_options *options)
{
  int error;
  if (options->abi != NET2C_ABI) return NET2C_BAD_ABI; /* before anything else of it is read */
  net->weights = NULL;
  net->mapped = NULL;
  net->mapped_bytes = 0;
  net->arena = NULL;
  net->owned_arena = NULL;
  net->owned_pool = NULL;
  net->options = *options;
  net->isa = net2c_find_isa(options->isa);
  if (net->options.workers == 0) net->options.workers = 1;
  if (options->size < 0 || options->size >= NET2C_SIZES) return NET2C_BAD_SIZE;
  if (!net->isa) return NET2C_NO_ISA;
  if (net->options.workers > NET2C_MAX_WORKERS) return NET2C_BAD_WORKERS;
  error = net2c_open_weights(net);
  if (!error) error = net2c_open_arena(net);
  if (error) {
    net2c_close(net);
    return error;
  }
  if (net->options.workers > 1 && !net->options.parallel_for) {
    net->owned_pool = net2c_pool_open(net->options.workers - 1);
    net->options.parallel_for = net->owned_pool ? net2c_pool_run : NULL; /* without threads the caller works alone */
    net->options.context = net->owned_pool;
  }
  return NET2C_OK;
}

int net2c_verify(const struct net2c *net)
{
  return net2c_error_of(net2c_weights_verify(net->weights - NET2C_WEIGHTS_HEADER));
}

void net2c_close(struct net2c *net)
{
  net2c_pool_close((struct net2c_pool *)net->owned_pool);
  if (net->owned_arena) net2c_port_free(net->owned_arena);
  if (net->mapped) net2c_port_unmap(net->mapped, net->mapped_bytes);
  net->owned_pool = NULL;
  net->owned_arena = NULL;
  net->mapped = NULL;
}

struct net2c_tracing {
  const struct net2c *net;
  const struct net2c_frame *frame;
};

static int net2c_trace_step(void *context, uint32_t step)
{
  const struct net2c_tracing *tracing = (const struct net2c_tracing *)context;
  const struct net2c_options *o = &tracing->net->options;
  const struct net2c_size *size = &net2c_sizes[o->size];
  const struct net2c_note *note = &size->notes[step];
  struct net2c_event e = {0};
  int stop = 0;
  e.step = step;
  e.steps = size->count;
  e.layer = note->layer;
  e.kernel = note->kernel;
  if (!note->count) return o->trace(o->trace_context, &e);
  for (uint32_t i = 0; i < note->count && !stop; ++i) {
    const struct net2c_written *w = &size->writes[note->first + i];
    e.tensor = w->name;
    e.type = w->type;
    e.rank = w->rank;
    for (int d = 0; d < 6; ++d) e.dims[d] = w->dims[d];
    e.lanes = w->lanes;
    e.pitch = w->pitch;
    e.plane = w->plane;
    e.image = w->image;
    e.data = net2c_in(tracing->frame, w->ref);
    if (w->lanes) e.data = (const float *)e.data + ((size_t)w->top * w->pitch + w->left) * w->lanes;
    stop = o->trace(o->trace_context, &e);
  }
  return stop;
}

/* Of a parallel_for that is not ours. */
static void net2c_yield(void *context, unsigned i)
{
  (void)context;
  (void)i;
  net2c_port_yield();
}

int net2c_run(struct net2c *net, const void *const inputs[], void *const outputs[])
{
  struct net2c_frame frames[NET2C_MAX_WORKERS];
  struct net2c_tracing tracing = {net, frames};
  struct net2c_job job = {0};
  const struct net2c_size *size = &net2c_sizes[net->options.size];
  const uint32_t workers = net->options.workers;
  /* Scratch first: what a kernel reads past its end is the next one's, or the arena. */
  for (uint32_t w = 0; w < workers; ++w) {
    frames[w].weights = net->weights;
    frames[w].arena = net->arena + workers * size->scratch;
    frames[w].scratch = net->arena + w * size->scratch;
    frames[w].inputs = inputs;
    frames[w].outputs = outputs;
  }
  job.steps = size->steps;
  job.count = size->count;
  job.kernels = ((const struct net2c_isa *)net->isa)->kernels;
  job.frames = frames;
  job.workers = workers;
  job.parallel_for = net->options.parallel_for;
  job.context = net->options.context;
  job.after_step = net->options.trace ? net2c_trace_step : NULL;
  job.after_context = &tracing;
  job.wait = job.parallel_for == net2c_pool_run ? net2c_pool_wait : net2c_yield;
  return net2c_run_steps(&job);
}

const char *net2c_isa(const struct net2c *net) { return ((const struct net2c_isa *)net->isa)->name; }

static int net2c_find_port(const struct net2c_port *ports, int count, const char *name)
{
  for (int i = 0; i < count; ++i) {
    const char *a = ports[i].name, *b = name;
    while (*a && *a == *b) ++a, ++b;
    if (*a == *b) return i;
  }
  return -1;
}

int net2c_input(const char *name) { return net2c_find_port(net2c_inputs, NET2C_INPUTS, name); }
int net2c_output(const char *name) { return net2c_find_port(net2c_outputs, NET2C_OUTPUTS, name); }

const char *net2c_error(int code)
{
  switch (code) {
  case NET2C_OK: return "no error";
  case NET2C_BAD_ABI: return "the header that the caller was compiled with is not this library's";
  case NET2C_BAD_SIZE: return "no such input size in this bundle";
  case NET2C_NO_ISA: return "this CPU runs none of the wanted kernels";
  case NET2C_NOT_GIVEN: return "no weights were given and none are linked in";
  case NET2C_CANNOT_READ: return "the weights file cannot be read";
  case NET2C_TRUNCATED: return "the weights are cut off";
  case NET2C_FOREIGN: return "this is not a weights file";
  case NET2C_BAD_VERSION: return "the weights file is of another version of the format";
  case NET2C_BAD_ORDER: return "the weights file was written for the other byte order";
  case NET2C_OTHER_NETWORK: return "the weights are those of another network";
  case NET2C_BAD_LENGTH: return "the weights file has the wrong length";
  case NET2C_DAMAGED: return "the weights are damaged: the checksum is wrong";
  case NET2C_BAD_ALIGNMENT: return "weights and arena must be 64-byte aligned";
  case NET2C_SMALL_ARENA: return "the arena is too small for this number of workers";
  case NET2C_NO_MEMORY: return "no memory for the arena";
  case NET2C_BAD_WORKERS: return "more than 64 workers";
  case NET2C_WRONG_RESULT: return "the self-test gave other numbers than the compiler";
  default: return "stopped by the trace hook";
  }
}
#include "runtime/results/best.c"
#include "runtime/bundle/picture_body.inc"
#include "runtime/bundle/self_test_body.inc"
#include "runtime/run.c"
#include "runtime/weights.c"
#include "runtime/pool.c"
#include "runtime/port_posix.c"
#include "runtime/port_windows.c"
#include "runtime/port_none.c"
