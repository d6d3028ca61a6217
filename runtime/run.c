#include "runtime/run.h"
#include "runtime/fp_control.h"
#include "runtime/pause.h"

/* Step s has as many chunks as the one that it follows. */
static uint32_t net2c_chunks(const struct net2c_job *job, uint32_t s)
{
  while (!job->steps[s].chunks) --s;
  return job->steps[s].chunks;
}

/* The first step behind s that does not follow. */
static uint32_t net2c_next(const struct net2c_job *job, uint32_t s)
{
  ++s;
  while (!job->after_step && s < job->count && !job->steps[s].chunks) ++s;
  return s;
}

/* A chunk of step s and of those up to `next` that follow it. */
static void net2c_do(const struct net2c_job *job, uint32_t s, uint32_t next, uint32_t worker, uint32_t chunk)
{
  do job->kernels[job->steps[s].kernel](job->steps[s].args, &job->frames[worker], chunk);
  while (++s < next);
}

static int net2c_run_alone(const struct net2c_job *job)
{
  const uint64_t fp = net2c_fp_get();
  int stop = 0;
  net2c_fp_set(NET2C_FP_WORD);
  for (uint32_t s = 0, next; s < job->count && !stop; s = next) {
    const uint32_t chunks = net2c_chunks(job, s);
    next = net2c_next(job, s);
    for (uint32_t c = 0; c < chunks; ++c) net2c_do(job, s, next, 0, c);
    if (job->after_step) stop = job->after_step(job->after_context, s);
  }
  net2c_fp_set(fp);
  return stop;
}

#if NET2C_THREADS

/* What is left of a worker's range in one step: step + 1 | end | begin, in 24, 20 and 20 bits. A word of an earlier step
 * stands for the whole range of any later one, so nobody has to reset it; and because the step is in the word, a worker that
 * was put to sleep in the middle of a claim cannot take a chunk of another step. */
struct net2c_range {
  _Alignas(64) uint64_t word;
};

struct net2c_shared {
  const struct net2c_job *job;
  uint32_t workers;
  _Alignas(64) uint32_t entered;
  int stop;
  /* Chunks done since the start, plus one a step for the hook where there is one: a step is complete when this reaches the
   * sum over it and the steps before. */
  _Alignas(64) uint32_t done;
  struct net2c_range ranges[NET2C_MAX_WORKERS];
};

/* A chunk of `owner`'s range of step s: its first, or for a thief its last. 0 when there is none. */
static int net2c_claim(struct net2c_shared *shared, uint32_t owner, uint32_t s, int thief, uint32_t *chunk)
{
  const uint64_t mask = NET2C_MAX_CHUNKS, tag = s + 1;
  uint64_t *word = &shared->ranges[owner].word;
  uint64_t old = __atomic_load_n(word, __ATOMIC_RELAXED);
  for (;;) {
    uint64_t begin = old & mask, end = old >> 20 & mask;
    if (old >> 40 > tag) return 0;
    if (old >> 40 < tag) {
      const uint32_t chunks = net2c_chunks(shared->job, s);
      begin = net2c_cut(chunks, owner, shared->workers);
      end = net2c_cut(chunks, owner + 1, shared->workers);
    }
    if (begin == end) return 0;
    *chunk = (uint32_t)(thief ? --end : begin++);
    if (__atomic_compare_exchange_n(word, &old, tag << 40 | end << 20 | begin, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) return 1;
  }
}

static int net2c_reached(const struct net2c_shared *shared, uint32_t target)
{
  return (int32_t)(__atomic_load_n(&shared->done, __ATOMIC_ACQUIRE) - target) >= 0;
}

/* Adds finished chunks; whoever completes the step runs the hook before anybody goes on. */
static void net2c_finish(struct net2c_shared *shared, uint32_t s, uint32_t count, uint32_t target)
{
  const struct net2c_job *job = shared->job;
  const uint32_t now = __atomic_add_fetch(&shared->done, count, __ATOMIC_ACQ_REL);
  if (job->after_step && now == target - 1) {
    const int stop = job->after_step(job->after_context, s);
    if (stop) __atomic_store_n(&shared->stop, stop, __ATOMIC_RELAXED);
    __atomic_add_fetch(&shared->done, 1, __ATOMIC_RELEASE);
  }
}

static void net2c_work(void *task, unsigned i)
{
  struct net2c_shared *shared = task;
  const struct net2c_job *job = shared->job;
  const uint32_t worker = __atomic_fetch_add(&shared->entered, 1, __ATOMIC_RELAXED), workers = shared->workers;
  const uint64_t fp = net2c_fp_get();
  uint32_t target = 0;
  if (worker >= workers) return;
  net2c_fp_set(NET2C_FP_WORD);
  for (uint32_t s = 0, next; s < job->count; s = next) {
    uint32_t chunk, count = 0;
    next = net2c_next(job, s);
    target += net2c_chunks(job, s) + (job->after_step ? 1 : 0);
    if (!net2c_reached(shared, target)) {
      for (; net2c_claim(shared, worker, s, 0, &chunk); ++count) net2c_do(job, s, next, worker, chunk);
      if (count) net2c_finish(shared, s, count, target);
      for (uint32_t w = 1; w < workers; ++w) {
        const uint32_t victim = worker + w < workers ? worker + w : worker + w - workers;
        for (count = 0; net2c_claim(shared, victim, s, 1, &chunk); ++count) net2c_do(job, s, next, worker, chunk);
        if (count) net2c_finish(shared, s, count, target);
      }
      /* About 50 us of spinning, then the CPU is offered to whoever runs the missing chunks. */
      for (uint32_t spins = 0; !net2c_reached(shared, target); ++spins)
        if (spins < 1500 || !job->wait)
          net2c_pause();
        else
          job->wait(job->context, i);
    }
    if (job->after_step && __atomic_load_n(&shared->stop, __ATOMIC_RELAXED)) break;
  }
  net2c_fp_set(fp);
}

int net2c_run_steps(const struct net2c_job *job)
{
  struct net2c_shared shared;
  if (!job->parallel_for || job->workers <= 1) return net2c_run_alone(job);
  shared.job = job;
  shared.workers = job->workers < NET2C_MAX_WORKERS ? job->workers : NET2C_MAX_WORKERS;
  shared.entered = 0;
  shared.stop = 0;
  shared.done = 0;
  for (uint32_t w = 0; w < shared.workers; ++w) shared.ranges[w].word = 0;
  job->parallel_for(job->context, shared.workers, net2c_work, &shared);
  if (!__atomic_load_n(&shared.entered, __ATOMIC_ACQUIRE)) net2c_work(&shared, 0); /* it started nobody */
  return shared.stop;
}

#else

int net2c_run_steps(const struct net2c_job *job) { return net2c_run_alone(job); }

#endif
