/* On Linux the pool's threads keep off the caller's CPU, and off no other that they may use; where the caller may use one CPU only, they run there. One
 * that does not get on while the caller waits for it is fetched to the caller's CPU, until it has got on. */
#define _GNU_SOURCE
#include <sched.h>
#include <unistd.h>

#include "check.h"
#include "runtime/pool.h"
#include "runtime/port.h"

static cpu_set_t seen[2];
static unsigned ran;
static struct net2c_pool *shared;

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

static int fetched;

static void stuck(void *task, unsigned i)
{
  const int cpu = *(const int *)task;
  if (i == 0) {
    while (!__atomic_load_n(&ran, __ATOMIC_ACQUIRE)) net2c_pool_wait(shared, 0);
    return;
  }
  for (int k = 0; k < 20000 && !fetched; ++k) {
    usleep(200); /* it gets no CPU: for the caller as good as put aside */
    CHECK(sched_getaffinity(0, sizeof *seen, &seen[1]) == 0);
    fetched = CPU_COUNT(&seen[1]) == 1 && CPU_ISSET(cpu, &seen[1]);
  }
  __atomic_store_n(&ran, 1, __ATOMIC_RELEASE);
}

static void run_stuck(int cpu)
{
  ran = fetched = 0;
  net2c_pool_run(shared, 2, stuck, &cpu);
  CHECK(fetched);
}

int main(void)
{
  cpu_set_t all, wanted;
  CHECK(sched_getaffinity(0, sizeof all, &all) == 0);
  struct net2c_pool *pool = net2c_pool_open(1);
  ran = 0;
  net2c_pool_run(pool, 2, body, NULL); /* the first run, of a thread that has only just begun */
  if (CPU_COUNT(&all) > 1) CHECK(!CPU_EQUAL(&seen[1], &all));
  for (int cpu = 0, k = 0; cpu < CPU_SETSIZE && k < 8; ++cpu) {
    if (!CPU_ISSET(cpu, &all)) continue;
    for (int twice = 0; twice < 2; ++twice, ++k) {
      usleep(2000); /* parked, then woken */
      run_on(cpu, pool);
      wanted = all;
      if (CPU_COUNT(&all) > 1) CPU_CLR(cpu, &wanted);
      CHECK(CPU_EQUAL(&seen[1], &wanted));
      shared = pool;
      if (CPU_COUNT(&all) > 1) run_stuck(cpu);
    }
  }
  net2c_pool_close(pool);
  pool = net2c_pool_open(1); /* of a caller with one CPU */
  for (int k = 0; k < 3; ++k) run_on(net2c_port_cpu(), pool);
  net2c_pool_close(pool);
  return 0;
}
