#include "runtime/pool.h"
#include "runtime/pause.h"
#include "runtime/port.h"

/* NET2C_POOL_SPINS: some 0.1 ms. To wake a thread takes tens of microseconds, which is much of a run of a millisecond: one that has just finished a run
 * waits so for the next before it parks, and so does a caller for the last of its threads. */
enum { NET2C_POOL_MOST = 63, NET2C_POOL_SPINS = 4000 };

/* How often a caller yields to a thread that it has fetched and that does not get on: one that sleeps, in a page fault say. */
enum { NET2C_POOL_TURNS = 100 };

struct net2c_pool;
struct net2c_pool_thread {
  struct net2c_pool *pool;
  struct net2c_port_thread *thread;
  unsigned inside; /* a body */
};

/* Everything is guarded by the gate; what a thread spins on is written by atomics, too. A run is open while its caller works; threads that wake later do not join
 * it. */
struct net2c_pool {
  struct net2c_port_gate *gate;
  unsigned threads;
  unsigned wanted;  /* bodies of the open run that nobody has started */
  unsigned next;    /* index of the next of them */
  unsigned running; /* threads inside a body */
  int busy, closing;
  int kept_off;     /* CPU that the threads keep off, the caller's of the last run */
  void (*body)(void *task, unsigned i);
  void *task;
  struct net2c_pool_thread thread[NET2C_POOL_MOST];
};

static void net2c_pool_set(unsigned *field, unsigned value) { __atomic_store_n(field, value, __ATOMIC_RELAXED); }

static void net2c_pool_thread(void *argument)
{
  struct net2c_pool_thread *self = (struct net2c_pool_thread *)argument;
  struct net2c_pool *pool = self->pool;
  unsigned spins = 0;
  net2c_port_lock(pool->gate);
  while (!pool->closing) {
    if (!pool->wanted && spins) {
      net2c_port_unlock(pool->gate);
      while (--spins && !__atomic_load_n(&pool->wanted, __ATOMIC_RELAXED)) net2c_pause();
      net2c_port_lock(pool->gate);
      continue;
    }
    if (!pool->wanted) {
      net2c_port_wait(pool->gate);
      continue;
    }
    void (*const body)(void *, unsigned) = pool->body;
    void *const task = pool->task;
    const unsigned i = pool->next++;
    net2c_pool_set(&pool->wanted, pool->wanted - 1);
    net2c_pool_set(&pool->running, pool->running + 1);
    net2c_pool_set(&self->inside, 1);
    net2c_port_unlock(pool->gate);
    body(task, i);
    spins = NET2C_POOL_SPINS;
    net2c_port_lock(pool->gate);
    net2c_pool_set(&self->inside, 0);
    net2c_pool_set(&pool->running, pool->running - 1);
    if (pool->running == 0) net2c_port_wake(pool->gate);
  }
  net2c_port_unlock(pool->gate);
}

struct net2c_pool *net2c_pool_open(unsigned threads)
{
  struct net2c_pool *pool = (struct net2c_pool *)net2c_port_allocate(sizeof *pool);
  if (!pool) return NULL;
  *pool = (struct net2c_pool){0};
  pool->kept_off = -1;
  pool->gate = net2c_port_gate_new();
  if (!pool->gate) {
    net2c_port_free(pool);
    return NULL;
  }
  while (pool->threads < threads && pool->threads < NET2C_POOL_MOST) {
    struct net2c_pool_thread *const t = &pool->thread[pool->threads];
    t->pool = pool;
    t->thread = net2c_port_start(net2c_pool_thread, t);
    if (!t->thread) break;
    ++pool->threads;
  }
  return pool;
}

void net2c_pool_close(struct net2c_pool *pool)
{
  if (!pool) return;
  net2c_port_lock(pool->gate);
  pool->closing = 1;
  net2c_port_wake(pool->gate);
  net2c_port_unlock(pool->gate);
  for (unsigned i = 0; i < pool->threads; ++i) net2c_port_join(pool->thread[i].thread);
  net2c_port_gate_free(pool->gate);
  net2c_port_free(pool);
}

/* A scheduler may wake a thread on the caller's CPU, thinking that a short run is soon over, and let it wait there for the end: Linux does so where runs
 * are rare, though another CPU is idle. */
static void net2c_pool_make_way(struct net2c_pool *pool)
{
  const int cpu = net2c_port_cpu();
  int all = 1;
  if (cpu == pool->kept_off) return;
  for (unsigned i = 0; i < pool->threads; ++i) all &= net2c_port_keep_off(pool->thread[i].thread, cpu);
  pool->kept_off = all ? cpu : -1;
}

void net2c_pool_wait(void *context, unsigned i)
{
  struct net2c_pool *pool = (struct net2c_pool *)context;
  if (i == 0) net2c_pool_make_way(pool);
  for (unsigned k = 0; i == 0 && k < pool->threads; ++k) {
    struct net2c_port_thread *const t = pool->thread[k].thread;
    if (!__atomic_load_n(&pool->thread[k].inside, __ATOMIC_RELAXED) || !net2c_port_is_aside(t) || !net2c_port_fetch(t, pool->kept_off)) continue;
    for (unsigned turn = 0; turn < NET2C_POOL_TURNS && net2c_port_is_aside(t); ++turn) net2c_port_yield();
    net2c_port_keep_off(t, pool->kept_off);
  }
  net2c_port_yield();
}

void net2c_pool_run(void *context, unsigned n, void (*body)(void *task, unsigned i), void *task)
{
  struct net2c_pool *pool = (struct net2c_pool *)context;
  net2c_port_lock(pool->gate);
  if (pool->busy || n < 2) {
    net2c_port_unlock(pool->gate);
    for (unsigned i = 0; i < n; ++i) body(task, i);
    return;
  }
  pool->busy = 1;
  net2c_pool_make_way(pool);
  pool->body = body;
  pool->task = task;
  pool->next = 1;
  net2c_pool_set(&pool->wanted, n - 1 < pool->threads ? n - 1 : pool->threads);
  net2c_port_wake(pool->gate);
  net2c_port_unlock(pool->gate);
  body(task, 0);
  for (unsigned spins = NET2C_POOL_SPINS; spins && __atomic_load_n(&pool->running, __ATOMIC_RELAXED); --spins) net2c_pause();
  for (unsigned turns = NET2C_POOL_TURNS; turns && __atomic_load_n(&pool->running, __ATOMIC_RELAXED); --turns) net2c_pool_wait(pool, 0);
  net2c_port_lock(pool->gate);
  net2c_pool_set(&pool->wanted, 0);
  while (pool->running) net2c_port_wait(pool->gate);
  pool->busy = 0;
  net2c_port_unlock(pool->gate);
}
