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

#ifdef __cplusplus
}
#endif

#endif
