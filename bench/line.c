/* Nanoseconds that a cache line takes from CPU 0 to CPU 1 and back: of a virtual machine the host may move them, and two threads then take longer. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { WARM = 10000, TIMED = 10000 };
static _Alignas(128) atomic_int there;
static _Alignas(128) atomic_int back;

static double now(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void pin(int cpu)
{
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

static void *answer(void *unused)
{
  pin(1);
  for (int i = 1; i <= WARM + TIMED; ++i) {
    while (atomic_load_explicit(&there, memory_order_acquire) != i) {}
    atomic_store_explicit(&back, i, memory_order_release);
  }
  return unused;
}

int main(void)
{
  pthread_t other;
  double begun = 0;
  if (pthread_create(&other, NULL, answer, NULL)) return 1;
  pin(0);
  for (int i = 1; i <= WARM + TIMED; ++i) {
    if (i == WARM + 1) begun = now();
    atomic_store_explicit(&there, i, memory_order_release);
    while (atomic_load_explicit(&back, memory_order_acquire) != i) {}
  }
  printf("%.0f\n", (now() - begun) / TIMED);
  return pthread_join(other, NULL);
}
