/* Runs a list of steps, chunk by chunk, on any number of workers with the same result.
 *
 * A step starts when the step before it is complete, or follows that chunk by chunk. Within a step each worker owns a contiguous range of chunks and takes
 * them in ascending order; one that has none left takes from the far end of another's range. A worker waits only for chunks
 * that somebody is running, so no parallel_for can hang it: a serial loop and one that starts fewer workers than asked give
 * the same bits as real threads. */
#ifndef NET2C_RUN_H
#define NET2C_RUN_H

#include "kernels/kernel.h"

#ifdef __cplusplus
extern "C" {
#endif

#ifndef NET2C_THREADS
#define NET2C_THREADS 1 /* 0: a plain loop, no atomics, whatever `workers` says */
#endif

enum { NET2C_MAX_WORKERS = 64, NET2C_MAX_CHUNKS = (1 << 20) - 1, NET2C_MAX_STEPS = (1 << 24) - 2 };

struct net2c_step {
  const void *args;  /* of its kernel's family */
  uint32_t kernel;   /* index into the table of kernels */
  /* 1 .. NET2C_MAX_CHUNKS. 0: it follows the step before and has as many; who has done chunk i of that does chunk i of this at
   * once, while what it wrote is in its cache. Under an after_step it runs on its own, so that each step is seen complete. */
  uint32_t chunks;
};

/* Calls body(task, i) for i in 0..n-1, in any order, at any time, on any threads, or for some of them only; returns when
 * every call that it made has returned. */
typedef void (*net2c_parallel_for)(void *context, unsigned n, void (*body)(void *task, unsigned i), void *task);

/* After each step, by the worker that finished it, while the others wait. Not 0: the run stops and returns that. */
typedef int (*net2c_after_step)(void *context, uint32_t step);

struct net2c_job {
  const struct net2c_step *steps;
  uint32_t count;
  const net2c_kernel *kernels;
  const struct net2c_frame *frames; /* one per worker */
  uint32_t workers;                 /* 1 .. NET2C_MAX_WORKERS */
  net2c_parallel_for parallel_for;  /* null: one worker, the caller */
  void *context;
  net2c_after_step after_step;      /* may be null */
  void *after_context;
  void (*wait)(void *context, unsigned i); /* by body i, again and again when it has waited long; null: there is nobody to give the CPU to */
};

/* 0, or what after_step stopped it with. Allocates nothing, keeps no state. */
int net2c_run_steps(const struct net2c_job *job);

#ifdef __cplusplus
}
#endif

#endif
