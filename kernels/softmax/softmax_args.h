/* Softmax over plain arrays. */
#ifndef NET2C_SOFTMAX_ARGS_H
#define NET2C_SOFTMAX_ARGS_H

#include "kernels/kernel.h"

/* Over n of [outer][n][inner]; logarithm: its log. y may be x. Chunk: rows, or groups of eight of the inner axis. */
#define NET2C_SOFTMAX_ARGS(F) F(ref, x) F(ref, y) F(u32, outer) F(u32, n) F(u32, inner) F(u32, logarithm) F(u32, chunks)
struct net2c_softmax_args { NET2C_SOFTMAX_ARGS(NET2C_FIELD) };

#endif
