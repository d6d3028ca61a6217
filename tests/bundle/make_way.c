/* On Linux the pool's threads keep off the caller's CPU, and off no other that they may use; where the caller may use one CPU only, they run there. */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "check.h"
#include "runtime/pool.h"
#include "runtime/port.h"

static cpu_set_t seen[2];
static unsigned ran;

static void body(void *task, unsigned i)
{
  (void)task;
  if (i) {
    CHECK(sched_getaffinity(0, sizeof *seen, &seen[1]) == 0);
    __atomic_fetch_add(&ran, 1, __ATOMIC_RELEASE);
    return;
  }
  for (int k = 0; k < 2000 && !__atomic_load_n(&ran, __ATOMIC_ACQUIRE); ++k) usleep(1000); /* for the thread to come */
}

static void run_on(int cpu, struct net2c_pool *pool)
{
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(cpu, &one);
  CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
  ran = 0;
  net2c_pool_run(pool, 2, body, NULL);
  CHECK(ran == 1);
}

int main(void)
{
  cpu_set_t all, wanted;
  CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
  struct net2c_pool *pool = net2c_pool_open(1);
  ran = 0;
  net2c_pool_run(pool, 2, body, NULL); /* until the thread has begun it cannot be told */
  for (int cpu = 0, k = 0; cpu < CPU_SETSIZE && k < 8; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    for (int twice = 0; twice < 2; ++twice, ++k) {
      usleep(2000); /* parked, then woken */
      run_on(cpu, pool);
      wanted = all;
      if (CPU_COUNT(&all) > 1) CPU_CLR(cpu, &wanted);
      CHECK(CPU_EQUAL(&seen[1], &wanted));
    }
  }
  net2c_pool_close(pool);
  pool = net2c_pool_open(1); /* of a caller with one CPU */
  for (int k = 0; k < 3; ++k) run_on(net2c_port_cpu(), pool);
  net2c_pool_close(pool);
  return 0;
}
