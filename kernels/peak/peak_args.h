/* What `net2c bench` compares with: as many fused multiply-adds as the machine can do, and as many bytes. */
#ifndef NET2C_PEAK_ARGS_H
#define NET2C_PEAK_ARGS_H

#include "kernels/kernel.h"

/* n multiply-adds of floats, n a multiple of 384: of the lanes of all sums on every ISA. y: one register of floats. */
#define NET2C_FMA_PEAK_ARGS(F) F(ref, y) F(u32, n)
struct net2c_fma_peak_args { NET2C_FMA_PEAK_ARGS(NET2C_FIELD) };

/* Reads n floats, chunk by chunk, n a multiple of 128. x: chunks * n floats. y: one register of floats, which add up to the chunk's sum. */
#define NET2C_STREAM_ARGS(F) F(ref, x) F(ref, y) F(u32, n)
struct net2c_stream_args { NET2C_STREAM_ARGS(NET2C_FIELD) };

#endif
