/* Between the layouts: the steps that lower/ places where a reader wants another form of a value. f32 only. */
#ifndef NET2C_LAYOUT_ARGS_H
#define NET2C_LAYOUT_ARGS_H

#include "kernels/kernel.h"

/* Plain [n][c][h][w] -> C8 or image map (by y.lanes: 8 blocks of channels, else interleaved), halo and empty lanes written.
 * Chunk: rows of all blocks and images. x may lie in the app's memory: read exactly, at any alignment. */
#define NET2C_TO_MAP_ARGS(F) F(ref, x) F(map, y) F(u32, chunks)
struct net2c_to_map_args { NET2C_TO_MAP_ARGS(NET2C_FIELD) };

/* C8 or image map -> plain. */
#define NET2C_TO_PLAIN_ARGS(F) F(map, x) F(ref, y) F(u32, chunks)
struct net2c_to_plain_args { NET2C_TO_PLAIN_ARGS(NET2C_FIELD) };

/* Map -> map of the same size and lanes with another halo. */
#define NET2C_COPY_MAP_ARGS(F) F(map, x) F(map, y) F(u32, chunks)
struct net2c_copy_map_args { NET2C_COPY_MAP_ARGS(NET2C_FIELD) };

/* Plain bytes as they are. */
#define NET2C_COPY_PLAIN_ARGS(F) F(ref, x) F(ref, y) F(u32, bytes) F(u32, chunks)
struct net2c_copy_plain_args { NET2C_COPY_PLAIN_ARGS(NET2C_FIELD) };

#endif
