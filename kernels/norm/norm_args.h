/* Normalisations with statistics of their own. */
#ifndef NET2C_NORM_ARGS_H
#define NET2C_NORM_ARGS_H

#include "kernels/kernel.h"

/* act((x - mean) / sqrt(variance + epsilon) * scale[c] + bias[c]) by plane of a C8 map; y may be x. Chunk: blocks of all images. */
#define NET2C_INSTANCE_NORM_ARGS(F) \
  F(map, x) F(map, y) F(ref, scale) F(ref, bias) F(f32, epsilon) F(u32, act) F(f32, a) F(f32, b) F(u32, chunks)
struct net2c_instance_norm_args { NET2C_INSTANCE_NORM_ARGS(NET2C_FIELD) };

/* The same in parts: the moments of what each chunk of a step wrote, in a step that follows it; all parts of a channel merged; normalised. Of one image. */
struct net2c_block_moments { double count, mean[8], squares[8]; }; /* of the channels of a block; squares: sum of squares around the mean */

/* partials: [block][parts]. What the chunk wrote are rows [row, row_end) of the map in `units` of `unit` rows, and blocks in `panels` a group of four blocks and what is left of
 * `oc_blocks`; both cut by net2c_cut. Chunk: part of rows * oc_chunks + part of panels. `part` is the number of the first part. */
#define NET2C_MOMENTS_ARGS(F)                                                                                             \
  F(map, x) F(ref, partials) F(u32, parts) F(u32, part) F(i32, row) F(u32, row_end) F(u32, unit) F(u32, units)            \
  F(u32, groups) F(u32, panels) F(u32, oc_blocks) F(u32, row_chunks) F(u32, oc_chunks)
struct net2c_moments_args { NET2C_MOMENTS_ARGS(NET2C_FIELD) };

struct net2c_moments_part { uint32_t number, row, row_end, block, block_end; };

static inline __attribute__((unused)) struct net2c_moments_part net2c_moments_part_of(const struct net2c_moments_args *a, uint32_t chunk)
{
  const uint32_t i = chunk / a->oc_chunks, j = chunk % a->oc_chunks, all = a->panels * a->groups;
  const int32_t from = a->row + (int32_t)(a->unit * net2c_cut(a->units, i, a->row_chunks)), to = a->row + (int32_t)(a->unit * net2c_cut(a->units, i + 1, a->row_chunks));
  const uint32_t p = net2c_cut(all, j, a->oc_chunks), q = net2c_cut(all, j + 1, a->oc_chunks);
  struct net2c_moments_part part;
  part.number = a->part + i;
  part.row = from < 0 ? 0 : (uint32_t)from, part.row_end = (uint32_t)to < a->row_end ? (uint32_t)to : a->row_end;
  part.block = p / a->panels * a->oc_blocks + p % a->panels * 4, part.block_end = q / a->panels * a->oc_blocks + q % a->panels * 4;
  return part;
}

/* terms: for each block means, factors, addends of normalise. Chunk: blocks. */
#define NET2C_MOMENTS_MERGE_ARGS(F) \
  F(ref, partials) F(ref, terms) F(ref, scale) F(ref, bias) F(u32, parts) F(u32, c) F(f32, epsilon) F(u32, chunks)
struct net2c_moments_merge_args { NET2C_MOMENTS_MERGE_ARGS(NET2C_FIELD) };

/* act((x - mean) * factor + addend) + r; y may be x or r, and r may be absent. Chunk: rows of all blocks. */
#define NET2C_NORMALISE_ARGS(F) F(map, x) F(map, y) F(map, r) F(ref, terms) F(u32, act) F(f32, a) F(f32, b) F(u32, chunks)
struct net2c_normalise_args { NET2C_NORMALISE_ARGS(NET2C_FIELD) };

/* Instance norm's by rows of n plain floats, scale and bias (each may be absent) with n numbers; y may be x. Chunk: rows. */
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
