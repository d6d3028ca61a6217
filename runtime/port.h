/* All that the runtime asks of a system; one port_*.c a system defines it. Kernels need none of this. */
#ifndef NET2C_PORT_H
#define NET2C_PORT_H

#include <stddef.h>
#include <stdint.h>

#if defined(NET2C_FREESTANDING)
#define NET2C_PORT_NONE
#elif defined(_WIN32)
#define NET2C_PORT_WINDOWS
#elif defined(__unix__) || defined(__APPLE__)
#define NET2C_PORT_POSIX
#else
#define NET2C_PORT_NONE
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The file's bytes, read-only, shared with every process that maps it; null: it cannot be read. An empty file is not null. */
const void *net2c_port_map(const char *path, uint64_t *bytes);
void net2c_port_unmap(const void *p, uint64_t bytes);
void *net2c_port_allocate(size_t bytes); /* 64-byte aligned; null: there is no room */
void net2c_port_free(void *p);
uint32_t net2c_port_cpus(void);          /* that this process may use, 1 or more */
void net2c_port_yield(void);

/* A lock with one condition, and threads. Null: there are none here. */
struct net2c_port_gate;
struct net2c_port_gate *net2c_port_gate_new(void);
void net2c_port_gate_free(struct net2c_port_gate *g);
void net2c_port_lock(struct net2c_port_gate *g);
void net2c_port_unlock(struct net2c_port_gate *g);
void net2c_port_wait(struct net2c_port_gate *g); /* locked before and after; may wake for nothing */
void net2c_port_wake(struct net2c_port_gate *g); /* all that wait; locked */
struct net2c_port_thread;
struct net2c_port_thread *net2c_port_start(void (*run)(void *), void *argument);
void net2c_port_join(struct net2c_port_thread *t);
int net2c_port_cpu(void); /* that the caller is on; -1: the system does not say */
/* The thread may use all CPUs of whoever started it but this one, from now on; 0: it could not be done, or there would be none. */
int net2c_port_keep_off(struct net2c_port_thread *t, int cpu);
int net2c_port_fetch(struct net2c_port_thread *t, int cpu); /* the same, but this CPU only */
int net2c_port_is_aside(struct net2c_port_thread *t);       /* it has not run since this was asked before; 0: or the system does not say */

#ifdef __cplusplus
}
#endif

#endif
