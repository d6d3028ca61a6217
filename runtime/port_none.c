/* No system at all: weights and arena are handed over, there are no threads of ours. Compilers turn loops into calls of
 * memcpy and its kin even here; whoever links without a libc defines NET2C_MEMORY_FUNCTIONS to get them from this file. */
#include "runtime/port.h"

#if defined(NET2C_PORT_NONE)
const void *net2c_port_map(const char *path, uint64_t *bytes)
{
  (void)path;
  (void)bytes;
  return NULL;
}
void net2c_port_unmap(const void *p, uint64_t bytes)
{
  (void)p;
  (void)bytes;
}
void *net2c_port_allocate(size_t bytes)
{
  (void)bytes;
  return NULL;
}
void net2c_port_free(void *p) { (void)p; }
uint32_t net2c_port_cpus(void) { return 1; }
void net2c_port_yield(void) {}
struct net2c_port_gate *net2c_port_gate_new(void) { return NULL; }
void net2c_port_gate_free(struct net2c_port_gate *g) { (void)g; }
void net2c_port_lock(struct net2c_port_gate *g) { (void)g; }
void net2c_port_unlock(struct net2c_port_gate *g) { (void)g; }
void net2c_port_wait(struct net2c_port_gate *g) { (void)g; }
void net2c_port_wake(struct net2c_port_gate *g) { (void)g; }
struct net2c_port_thread *net2c_port_start(void (*run)(void *), void *argument)
{
  (void)run;
  (void)argument;
  return NULL;
}
void net2c_port_join(struct net2c_port_thread *t) { (void)t; }
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

#if defined(NET2C_MEMORY_FUNCTIONS)
/* Through volatile: a compiler would turn plain loops into calls of these very functions. */
void *memcpy(void *restrict to, const void *restrict from, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);
void *memmove(void *to, const void *from, size_t bytes)
{
  volatile unsigned char *t = (volatile unsigned char *)to;
  const unsigned char *f = (const unsigned char *)from;
  if ((uintptr_t)to < (uintptr_t)from)
    for (size_t i = 0; i < bytes; ++i) t[i] = f[i];
  else
    for (size_t i = bytes; i > 0; --i) t[i - 1] = f[i - 1];
  return to;
}
void *memcpy(void *restrict to, const void *restrict from, size_t bytes) { return memmove(to, from, bytes); }
void *memset(void *to, int value, size_t bytes)
{
  volatile unsigned char *t = (volatile unsigned char *)to;
  for (size_t i = 0; i < bytes; ++i) t[i] = (unsigned char)value;
  return to;
}
#endif
#endif
