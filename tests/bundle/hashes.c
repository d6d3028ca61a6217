/* hashes WEIGHTS ISA THREADS: one line a step, with a hash of every tensor that the step completes. The inputs are the same
 * numbers on every machine; all NaN count as one. The bundle is named `bits`. */
#include <inttypes.h>
#include <stdint.h>
#include "bits.h"
#include "check.h"

static uint64_t hash_of(uint64_t hash, uint64_t value) { return (hash ^ value) * 1099511628211u; }

static uint64_t hash_float(uint64_t hash, const float *p)
{
  uint32_t word;
  memcpy(&word, p, 4);
  return hash_of(hash, *p != *p ? 0x7fc00000u : word);
}

static int trace(void *context, const struct bits_event *e)
{
  size_t count = 1, bytes = e->type == BITS_F32 || e->type == BITS_I32 ? 4 : e->type == BITS_I64 ? 8 : 1;
  uint64_t hash = 14695981039346656037u;
  (void)context;
  if (!e->tensor) return 0;
  for (int d = 0; d < e->rank; ++d) count *= e->dims[d];
  if (e->lanes) {   /* element by element: what lies between rows is another tensor's, or nobody's */
    const size_t c = e->rank > 1 ? e->dims[1] : 1, h = e->rank > 2 ? e->dims[2] : 1, w = e->rank > 3 ? e->dims[3] : 1;
    for (size_t n = 0; n < e->dims[0]; ++n)
      for (size_t k = 0; k < c; ++k)
        for (size_t y = 0; y < h; ++y)
          for (size_t x = 0; x < w; ++x)
            hash = hash_float(hash, (const float *)e->data + ((n * e->image + k / e->lanes * e->plane + y * e->pitch + x) * e->lanes + k % e->lanes));
  } else if (e->type == BITS_F32) {
    for (size_t i = 0; i < count; ++i) hash = hash_float(hash, (const float *)e->data + i);
  } else {
    for (size_t i = 0; i < count * bytes; ++i) hash = hash_of(hash, ((const unsigned char *)e->data)[i]);
  }
  printf("%u %s %s %016" PRIx64 "\n", e->step, e->kernel, e->tensor, hash);
  return 0;
}

int main(int argc, char **argv)
{
  struct bits net;
  struct bits_options options = BITS_OPTIONS;
  void *inputs[BITS_INPUTS], *outputs[BITS_OUTPUTS];
  uint32_t state = 1;
  int error;
  CHECK(argc == 4);
  options.weights_path = argv[1], options.isa = atoi(argv[2]), options.workers = (unsigned)atoi(argv[3]);
  options.trace = trace;
  for (int i = 0; i < BITS_INPUTS; ++i) {
    float *x = inputs[i] = malloc(bits_inputs[i].bytes);
    CHECK(bits_inputs[i].type == BITS_F32);
    for (size_t k = 0; k < bits_inputs[i].bytes / 4; ++k) state = state * 1664525u + 1013904223u, x[k] = (float)(state >> 8) / 8388608.0f - 1.0f;
  }
  for (int i = 0; i < BITS_OUTPUTS; ++i) outputs[i] = malloc(bits_outputs[i].bytes);
  error = bits_open(&net, &options);
  if (error) printf("%s\n", bits_error(error));
  CHECK(error == 0);
  CHECK(bits_run(&net, (const void *const *)inputs, outputs) == 0);
  for (int i = 0; i < BITS_OUTPUTS; ++i) {
    uint64_t hash = 14695981039346656037u;
    for (size_t k = 0; k < bits_outputs[i].bytes / 4; ++k) hash = hash_float(hash, (const float *)outputs[i] + k);
    printf("output %s %016" PRIx64 "\n", bits_outputs[i].name, hash);
    free(outputs[i]);
  }
  for (int i = 0; i < BITS_INPUTS; ++i) free(inputs[i]);
  bits_close(&net);
  return 0;
}
