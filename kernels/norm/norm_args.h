/* Normalisations with statistics of their own. */
#ifndef NET2C_NORM_ARGS_H
#define NET2C_NORM_ARGS_H

#include "kernels/kernel.h"

/* act((x - mean) / sqrt(variance + epsilon) * scale[c] + bias[c]) by plane of a C8 map; y may be x. Chunk: blocks of all images. */
#define NET2C_INSTANCE_NORM_ARGS(F) \
  F(map, x) F(map, y) F(ref, scale) F(ref, bias) F(f32, epsilon) F(u32, act) F(f32, a) F(f32, b) F(u32, chunks)
struct net2c_instance_norm_args { NET2C_INSTANCE_NORM_ARGS(NET2C_FIELD) };

/* The same by rows of n plain floats, scale and bias (each may be absent) with n numbers; y may be x. Chunk: rows. */
#define NET2C_LAYER_NORM_ARGS(F) F(ref, x) F(ref, y) F(ref, scale) F(ref, bias) F(u32, rows) F(u32, n) F(f32, epsilon) F(u32, chunks)
struct net2c_layer_norm_args { NET2C_LAYER_NORM_ARGS(NET2C_FIELD) };

/* The same over the channels of each pixel of a C8 map; scale and bias may be absent; y may be x. Chunk: rows of all images. */
#define NET2C_CHANNEL_NORM_ARGS(F) F(map, x) F(map, y) F(ref, scale) F(ref, bias) F(f32, epsilon) F(u32, chunks)
struct net2c_channel_norm_args { NET2C_CHANNEL_NORM_ARGS(NET2C_FIELD) };

/* x / (k + factor * sum of x^2 over channels c - before .. c + after)^beta on a C8 map. Scratch:
 * NET2C_LRN_SCRATCH(x.c, before, after) bytes. Chunk: rows of all images. */
#define NET2C_LRN_ARGS(F) F(map, x) F(map, y) F(u32, before) F(u32, after) F(f32, factor) F(f32, beta) F(f32, k) F(u32, chunks)
struct net2c_lrn_args { NET2C_LRN_ARGS(NET2C_FIELD) };
#define NET2C_LRN_PIXELS 8
#define NET2C_LRN_LINE(c, before, after) (((size_t)(c) + 7) / 8 * 8 + (before) + (after)) /* floats of a pixel */
#define NET2C_LRN_SCRATCH(c, before, after) (NET2C_LRN_PIXELS * NET2C_LRN_LINE(c, before, after) * 4)

#endif
