/* The scheduler on random steps and 1..8 workers: every chunk runs once, in its step, on a worker's own frame. Best under
 * -fsanitize=thread: the cells are plain memory, ordered by the scheduler alone. */
#include <pthread.h>

#include "check.h"
#include "runtime/pool.h"
#include "runtime/port.h"
#include "runtime/run.h"

enum { STEPS = 40, MOST = 70 };
static unsigned cells[STEPS + 1][MOST], hooked;
struct args { uint32_t number, step, before, chunks, follows; };

/* Chunk c of a step looks at what the step before left in any cell, or the one that it follows in the same, then leaves its mark in its own. */
static void kernel(const void *p, const struct net2c_frame *f, uint32_t c)
{
  const struct args *a = p;
  unsigned *to = cells[a->step + 1], *from = cells[a->step];
  uint32_t *running = (uint32_t *)(void *)f->scratch;
  CHECK(*running == 0);
  *running = 1;
  CHECK(c < a->chunks);
  if (a->follows) CHECK(from[c] == a->number - 1);
  for (uint32_t i = 0; i < a->before && !a->follows; ++i) CHECK(from[i] == a->number - 1);
  CHECK(to[c] != a->number);
  to[c] = a->number;
  *running = 0;
}

static int after(void *context, uint32_t step)
{
  const struct args *a = (const struct args *)context + step;
  const unsigned *to = cells[step + 1];
  for (uint32_t i = 0; i < a->chunks; ++i) CHECK(to[i] == a->number);
  CHECK(hooked == step);
  ++hooked;
  return 0;
}

static unsigned state = 1;
static unsigned below(unsigned n)
{
  state = state * 1664525u + 1013904223u;
  return (state >> 8) % n;
}

int main(int argc, char **argv)
{
  const int rounds = argc > 1 ? atoi(argv[1]) : 200;
  const net2c_kernel kernels[] = {kernel};
  struct net2c_pool *pool = net2c_pool_open(7);
  uint32_t number = 1;
  for (int round = 0; round < rounds; ++round) {
    struct net2c_step steps[STEPS];
    struct args args[STEPS];
    struct net2c_frame frames[8];
    uint32_t running[8] = {0};
    struct net2c_job job = {0};
    const uint32_t count = 1 + below(STEPS), few = below(3);
    number += 2; /* nothing of the round before looks right */
    for (uint32_t s = 0; s < count; ++s) {
      args[s].number = ++number;
      args[s].step = s;
      args[s].before = s ? args[s - 1].chunks : 0;
      args[s].follows = s && !below(3);
      args[s].chunks = args[s].follows ? args[s].before : few ? 1 + below(few == 1 ? 4 : 20) : 1 + below(MOST);
      steps[s] = (struct net2c_step){&args[s], 0, args[s].follows ? 0 : args[s].chunks};
    }
    for (int w = 0; w < 8; ++w) frames[w] = (struct net2c_frame){0}, frames[w].scratch = (char *)&running[w];
    job.steps = steps, job.count = count, job.kernels = kernels, job.frames = frames;
    job.workers = 1 + below(8);
    job.parallel_for = net2c_pool_run, job.context = pool;
    job.wait = net2c_pool_wait;
    if (below(2)) job.after_step = after, job.after_context = args, hooked = 0;
    CHECK(net2c_run_steps(&job) == 0);
    for (uint32_t i = 0; i < args[count - 1].chunks; ++i) CHECK(cells[count][i] == args[count - 1].number);
  }
  net2c_pool_close(pool);
  return 0;
}
