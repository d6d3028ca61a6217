/* Our own threads: parked between inferences, shared by as many networks as the app likes. */
#ifndef NET2C_POOL_H
#define NET2C_POOL_H

#ifdef __cplusplus
extern "C" {
#endif

struct net2c_pool;

/* `threads` besides the caller's. Fewer when the system gives no more; null: none at all. */
struct net2c_pool *net2c_pool_open(unsigned threads);
void net2c_pool_close(struct net2c_pool *pool); /* null: nothing. No run may be going on */

/* A parallel_for whose context is the pool. While it serves one caller, others run their work alone. */
void net2c_pool_run(void *pool, unsigned n, void (*body)(void *task, unsigned i), void *task);

/* For body i of a run, again and again while it waits for others: gives the CPU away. The caller's to a thread that the system has put aside in the
 * middle of its work, for a program on another CPU. */
void net2c_pool_wait(void *pool, unsigned i);

#ifdef __cplusplus
}
#endif

#endif
