/* Guard pages around arena and weights, at both ends; malloc and its kin counted (-Wl,--wrap): run touches nothing else and
 * allocates nothing. argv: the weights file. */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "check.h"
#include "one.h"

static int calls;
void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t m);
void *__real_realloc(void *p, size_t n);
int __real_posix_memalign(void **p, size_t a, size_t n);
void *__wrap_malloc(size_t n) { return ++calls, __real_malloc(n); }
void *__wrap_calloc(size_t n, size_t m) { return ++calls, __real_calloc(n, m); }
void *__wrap_realloc(void *p, size_t n) { return ++calls, __real_realloc(p, n); }
int __wrap_posix_memalign(void **p, size_t a, size_t n) { return ++calls, __real_posix_memalign(p, a, n); }

/* `bytes` (a multiple of 64) that end, or begin, at a page that cannot be touched. */
static char *guarded(size_t bytes, int at_end)
{
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (bytes + page - 1) / page * page;
  char *p = mmap(NULL, room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CHECK(p != MAP_FAILED && mprotect(p + page, room, PROT_READ | PROT_WRITE) == 0);
  return p + page + (at_end ? room - bytes : 0);
}

int main(int argc, char **argv)
{
  CHECK(argc == 2);
  for (int at_end = 0; at_end < 2; ++at_end)
    for (unsigned workers = 1; workers <= 3; ++workers) {
      struct one_options o = ONE_OPTIONS;
      struct one net;
      char *weights = guarded(ONE_WEIGHTS_BYTES, at_end);
      float *x = (float *)(void *)guarded((sizeof(float) * COUNT + 63) / 64 * 64, at_end), *y = (float *)(void *)guarded(sizeof(float) * COUNT, at_end);
      float *w = (float *)(void *)guarded((sizeof(float) * WEIGHTS + 63) / 64 * 64, at_end);
      const void *in[] = {x};
      void *out[] = {y, w};
      FILE *f = fopen(argv[1], "rb");
      CHECK(f && fread(weights, 1, ONE_WEIGHTS_BYTES, f) == ONE_WEIGHTS_BYTES && fclose(f) == 0);
      fill_input(x);
      o.weights = weights, o.weights_bytes = ONE_WEIGHTS_BYTES;
      o.workers = workers;
      o.arena_bytes = ONE_ARENA_BYTES(workers);
      o.arena = guarded(o.arena_bytes, at_end);
      CHECK(one_open(&net, &o) == 0);
      calls = 0;
      for (int i = 0; i < 3; ++i) CHECK(one_run(&net, in, out) == 0);
      CHECK(calls == 0);
      check_outputs(y, w, 0.0f);
      one_close(&net);
    }
  void *volatile p = malloc(1);
  free(p);
  CHECK(calls > 0); /* the counting works */
  return 0;
}
