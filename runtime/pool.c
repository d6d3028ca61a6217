#include "runtime/pool.h"
#include "runtime/port.h"

enum { NET2C_POOL_MOST = 63 };

/* Everything is guarded by the gate. A run is open while its caller works; threads that wake later do not join it. */
struct net2c_pool {
  struct net2c_port_gate *gate;
  unsigned threads;
  unsigned wanted;  /* bodies of the open run that nobody has started */
  unsigned next;    /* index of the next of them */
  unsigned running; /* threads inside a body */
  int busy, closing;
  void (*body)(void *task, unsigned i);
  void *task;
  struct net2c_port_thread *thread[NET2C_POOL_MOST];
};

static void net2c_pool_thread(void *argument)
{
  struct net2c_pool *pool = (struct net2c_pool *)argument;
  net2c_port_lock(pool->gate);
  while (!pool->closing) {
    if (!pool->wanted) {
      net2c_port_wait(pool->gate);
      continue;
    }
    void (*const body)(void *, unsigned) = pool->body;
    void *const task = pool->task;
    const unsigned i = pool->next++;
    --pool->wanted;
    ++pool->running;
    net2c_port_unlock(pool->gate);
    body(task, i);
    net2c_port_lock(pool->gate);
    if (--pool->running == 0) net2c_port_wake(pool->gate);
  }
  net2c_port_unlock(pool->gate);
}

struct net2c_pool *net2c_pool_open(unsigned threads)
{
  struct net2c_pool *pool = (struct net2c_pool *)net2c_port_allocate(sizeof *pool);
  if (!pool) return NULL;
  *pool = (struct net2c_pool){0};
  pool->gate = net2c_port_gate_new();
  if (!pool->gate) {
    net2c_port_free(pool);
    return NULL;
  }
  while (pool->threads < threads && pool->threads < NET2C_POOL_MOST &&
         (pool->thread[pool->threads] = net2c_port_start(net2c_pool_thread, pool)))
    ++pool->threads;
  return pool;
}

void net2c_pool_close(struct net2c_pool *pool)
{
  if (!pool) return;
  net2c_port_lock(pool->gate);
  pool->closing = 1;
  net2c_port_wake(pool->gate);
  net2c_port_unlock(pool->gate);
  for (unsigned i = 0; i < pool->threads; ++i) net2c_port_join(pool->thread[i]);
  net2c_port_gate_free(pool->gate);
  net2c_port_free(pool);
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
  pool->body = body;
  pool->task = task;
  pool->next = 1;
  pool->wanted = n - 1 < pool->threads ? n - 1 : pool->threads;
  net2c_port_wake(pool->gate);
  net2c_port_unlock(pool->gate);
  body(task, 0);
  net2c_port_lock(pool->gate);
  pool->wanted = 0;
  while (pool->running) net2c_port_wait(pool->gate);
  pool->busy = 0;
  net2c_port_unlock(pool->gate);
}
