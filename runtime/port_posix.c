/* What a strict -std=c11 hides. */
#if !defined(_POSIX_C_SOURCE) && !defined(_GNU_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#if defined(__APPLE__) && !defined(_DARWIN_C_SOURCE)
#define _DARWIN_C_SOURCE
#endif
#include "runtime/port.h"

#if defined(NET2C_PORT_POSIX)
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <time.h>
#if !defined(__cplusplus)
long syscall(long number, ...); /* hidden by a strict -std=c11 */
#endif
#endif

const void *net2c_port_map(const char *path, uint64_t *bytes)
{
  struct stat status;
  void *p = MAP_FAILED;
  const int file = open(path, O_RDONLY);
  if (file < 0) return NULL;
  if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (uint64_t)status.st_size <= SIZE_MAX) {
    *bytes = (uint64_t)status.st_size;
    if (*bytes == 0) {
      close(file);
      return "";
    }
    p = mmap(NULL, (size_t)*bytes, PROT_READ, MAP_SHARED, file, 0);
  }
  close(file);
  return p == MAP_FAILED ? NULL : p;
}

void net2c_port_unmap(const void *p, uint64_t bytes)
{
  if (bytes) munmap((void *)(uintptr_t)p, (size_t)bytes);
}

void *net2c_port_allocate(size_t bytes)
{
  void *p;
  return posix_memalign(&p, 64, bytes) == 0 ? p : NULL;
}

void net2c_port_free(void *p) { free(p); }

uint32_t net2c_port_cpus(void)
{
  const long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : (uint32_t)n;
}

void net2c_port_yield(void) { sched_yield(); }

struct net2c_port_gate {
  pthread_mutex_t lock;
  pthread_cond_t condition;
};

struct net2c_port_gate *net2c_port_gate_new(void)
{
  struct net2c_port_gate *g = (struct net2c_port_gate *)malloc(sizeof *g);
  if (!g) return NULL;
  if (pthread_mutex_init(&g->lock, NULL) == 0) {
    if (pthread_cond_init(&g->condition, NULL) == 0) return g;
    pthread_mutex_destroy(&g->lock);
  }
  free(g);
  return NULL;
}

void net2c_port_gate_free(struct net2c_port_gate *g)
{
  pthread_cond_destroy(&g->condition);
  pthread_mutex_destroy(&g->lock);
  free(g);
}

void net2c_port_lock(struct net2c_port_gate *g) { pthread_mutex_lock(&g->lock); }
void net2c_port_unlock(struct net2c_port_gate *g) { pthread_mutex_unlock(&g->lock); }
void net2c_port_wait(struct net2c_port_gate *g) { pthread_cond_wait(&g->condition, &g->lock); }
void net2c_port_wake(struct net2c_port_gate *g) { pthread_cond_broadcast(&g->condition); }

enum { NET2C_PORT_CPUS = 1024, NET2C_PORT_BITS = 8 * sizeof(long) };

struct net2c_port_thread {
  pthread_t thread;
  void (*run)(void *);
  void *argument;
  long id, cpus;                                        /* of Linux; cpus: bytes of the mask, of the CPUs that its starter may use */
  struct timespec ran;                                  /* when it was last asked for */
  unsigned long mask[NET2C_PORT_CPUS / NET2C_PORT_BITS];
};

static void *net2c_port_enter(void *p)
{
  struct net2c_port_thread *t = (struct net2c_port_thread *)p;
#if defined(__linux__)
  __atomic_store_n(&t->id, syscall(SYS_gettid), __ATOMIC_RELAXED);
#endif
  t->run(t->argument);
  return NULL;
}

struct net2c_port_thread *net2c_port_start(void (*run)(void *), void *argument)
{
  struct net2c_port_thread *t = (struct net2c_port_thread *)malloc(sizeof *t);
  if (!t) return NULL;
  t->run = run;
  t->argument = argument;
  t->id = t->cpus = 0;
  t->ran = (struct timespec){0};
#if defined(__linux__)
  t->cpus = syscall(SYS_sched_getaffinity, 0, sizeof t->mask, t->mask);
#endif
  if (pthread_create(&t->thread, NULL, net2c_port_enter, t)) {
    free(t);
    return NULL;
  }
#if defined(__linux__)
  /* Until it has begun it cannot be kept off a CPU; a first run would then do without it. */
  while (!__atomic_load_n(&t->id, __ATOMIC_RELAXED)) sched_yield();
#endif
  return t;
}

void net2c_port_join(struct net2c_port_thread *t)
{
  pthread_join(t->thread, NULL);
  free(t);
}

#if defined(__linux__)
int net2c_port_cpu(void)
{
  unsigned cpu = 0;
  return syscall(SYS_getcpu, &cpu, NULL, NULL) == 0 && cpu < NET2C_PORT_CPUS ? (int)cpu : -1;
}

int net2c_port_keep_off(struct net2c_port_thread *t, int cpu)
{
  unsigned long mask[NET2C_PORT_CPUS / NET2C_PORT_BITS], left = 0;
  const long id = __atomic_load_n(&t->id, __ATOMIC_RELAXED), words = t->cpus / (long)sizeof(long);
  if (id <= 0) return 0;
  for (long i = 0; i < words; ++i) {
    mask[i] = t->mask[i];
    if (i == cpu / NET2C_PORT_BITS) mask[i] &= ~(1ul << cpu % NET2C_PORT_BITS);
    left |= mask[i];
  }
  return left && syscall(SYS_sched_setaffinity, id, (size_t)t->cpus, mask) == 0;
}

int net2c_port_fetch(struct net2c_port_thread *t, int cpu)
{
  unsigned long mask[NET2C_PORT_CPUS / NET2C_PORT_BITS] = {0};
  if (cpu < 0) return 0;
  mask[cpu / NET2C_PORT_BITS] = 1ul << cpu % NET2C_PORT_BITS;
  return syscall(SYS_sched_setaffinity, t->id, sizeof mask, mask) == 0;
}

int net2c_port_is_aside(struct net2c_port_thread *t)
{
  const struct timespec before = t->ran;
  clockid_t clock;
  return pthread_getcpuclockid(t->thread, &clock) == 0 && clock_gettime(clock, &t->ran) == 0 && before.tv_sec == t->ran.tv_sec && before.tv_nsec == t->ran.tv_nsec;
}
#else
int net2c_port_cpu(void) { return -1; }
int net2c_port_keep_off(struct net2c_port_thread *t, int cpu)
{
  (void)t;
  (void)cpu;
  return 0;
}
int net2c_port_fetch(struct net2c_port_thread *t, int cpu) { return net2c_port_keep_off(t, cpu); }
int net2c_port_is_aside(struct net2c_port_thread *t)
{
  (void)t;
  return 0;
}
#endif
#endif
