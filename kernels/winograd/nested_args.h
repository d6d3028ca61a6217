/* 9 x 9 convolution of stride 1 to at most four channels by the algorithm of Toom, Cook and Winograd, nested: the kernel is 3 x 3 pieces of 3 x 3 taps,
 * each by F(3,3) at the points +-1/2, +-5/4, infinity, so 225 products a pair of channels for 9 outputs instead of 729. The pieces are a tile apart:
 * the transformed input of piece (i, j) is that of the tile i rows below and j to the right, and each tile is transformed once for all of them.
 *
 * So for each of the 25 points this is a 3 x 3 convolution over a map of tiles, by the tiles of kernels/conv/narrow.h: a lane is an input channel, products
 * are summed by piece rows, columns and blocks of channels in eight sums, which are transformed back, added up, and then comes the bias. Three rows
 * of transformed tiles are a ring in scratch. The grid of tiles is the image's; what a tile reads beyond the outputs' taps is zero. */
#ifndef NET2C_NESTED_ARGS_H
#define NET2C_NESTED_ARGS_H

#include "kernels/kernel.h"

#define NET2C_NESTED_TILES 24                                            /* that are transformed back together */
#define NET2C_NESTED_PITCH(tiles) (((tiles) + 4) / 2 * 2)                /* of a strip's ring: with those right of it, in whole vectors */
#define NET2C_NESTED_PLANE(blocks, pitch) ((blocks) * (pitch) * 8 + 16)  /* floats of a point in a row of the ring */
/* Of a worker, in bytes: filters, ring, products, sums of three rows. */
#define NET2C_NESTED_SCRATCH(blocks, oc, pitch) \
  (4 * (225 * 8 * (blocks) * (oc) + 75 * NET2C_NESTED_PLANE(blocks, pitch) + (25 + 9) * 8 * (oc) * NET2C_NESTED_TILES))

/* Operands and weights as conv_narrow's. The map is cut into `strips` of columns of tiles, whose rings stay in L2. Chunk: image * row_chunks + rows of tiles. */
#define NET2C_NESTED_NARROW_ARGS(F)                                                                                    \
  F(map, x) F(map, y) F(ref, plain) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift) F(i32, top) F(i32, left)            \
  F(u32, act) F(f32, a) F(f32, b) F(u32, strips) F(u32, row_chunks)
struct net2c_nested_narrow_args { NET2C_NESTED_NARROW_ARGS(NET2C_FIELD) };

/* The same of a picture of three channels to any number of them; weights as conv_image's. The nine pieces of a point are one sum. */
#define NET2C_PICTURE_BLOCK 30                                                    /* tiles that are transformed back together: whole products on every ISA */
#define NET2C_PICTURE_PITCH(tiles) (((tiles) + 2) * 3 + 3 * NET2C_PICTURE_BLOCK + 32)  /* of a point in a row of the ring */
#define NET2C_PICTURE_SCRATCH(oc, pitch) (4 * (((oc) + 15) / 16 * 25 * 27 * 16 + (75 + 15) * (pitch) + 2 * 25 * (NET2C_PICTURE_BLOCK * 16 + 16)))
#define NET2C_NESTED_IMAGE_ARGS(F)                                                                                     \
  F(map, x) F(map, y) F(map, r) F(ref, w) F(ref, bias) F(ref, scale) F(ref, shift) F(i32, top) F(i32, left)            \
  F(u32, act) F(f32, a) F(f32, b) F(u32, strips) F(u32, row_chunks)
struct net2c_nested_image_args { NET2C_NESTED_IMAGE_ARGS(NET2C_FIELD) };

#endif
