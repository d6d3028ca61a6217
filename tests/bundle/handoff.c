/* What a step costs beside its kernels, the best of many rounds: for one worker, empty chunks; for two, what is more than half
 * of the work, in chunks long enough that both take part. By hand, on an idle machine:
 * cc -O2 -D_GNU_SOURCE -I . runtime/{run,pool,port_posix}.c tests/bundle/handoff.c -o handoff -pthread && chrt -f 10 ./handoff */
#include <time.h>

#include "check.h"
#include "runtime/pool.h"
#include "runtime/port.h"
#include "runtime/run.h"

/* A chain of `turns` multiplications. */
static unsigned turns;
static void kernel(const void *args, const struct net2c_frame *f, uint32_t chunk)
{
  float x = 1.0f;
  (void)args;
  for (unsigned i = 0; i < turns; ++i) {
    __asm__ volatile("" : "+x"(x));
    x *= 1.0000001f;
  }
  *(float *)(void *)f->scratch = x + (float)chunk;
}

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

enum { STEPS = 1000 };
static struct net2c_step steps[STEPS];
static struct net2c_pool *pool;

static double step_ns(uint32_t workers, uint32_t chunks)
{
  static _Alignas(64) char scratch[2][64];
  const net2c_kernel kernels[] = {kernel};
  struct net2c_frame frames[2] = {{0}};
  struct net2c_job job = {steps, STEPS, kernels, frames, workers, net2c_pool_run, pool, NULL, NULL, net2c_pool_wait};
  double best = 1e30;
  for (int w = 0; w < 2; ++w) frames[w].scratch = scratch[w];
  for (int s = 0; s < STEPS; ++s) steps[s].chunks = chunks;
  for (int round = 0; round < 200; ++round) {
    const double start = now();
    CHECK(net2c_run_steps(&job) == 0);
    if (now() - start < best) best = now() - start;
  }
  return best / STEPS;
}

int main(void)
{
  pool = net2c_pool_open(1);
  for (uint32_t chunks = 2; chunks <= 32; chunks *= 4) {
    turns = 0;
    const double empty = step_ns(1, chunks);
    turns = 8000 / chunks; /* about 6 us a step */
    const double one = step_ns(1, chunks), two = step_ns(2, chunks);
    printf("%2u chunks: one worker, empty %5.1f ns; %6.0f ns of work: two workers %6.0f, hand-off %5.0f ns\n", chunks, empty, one, two,
           two - one / 2);
  }
  net2c_pool_close(pool);
  return 0;
}
