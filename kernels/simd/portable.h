/* The vocabulary on any CPU. Meaning of each function: README.md. */
#ifndef NET2C_SIMD_H
#define NET2C_SIMD_H

#include "kernels/simd/portable8.h"

#define NET2C_VW 8
#define NET2C_TILE_PIXELS 6
#define NET2C_TILE_PIXELS_3 3
#define NET2C_TILE_BLOCKS 2
#define NET2C_TILES(F, L) NET2C_TILES_6(F, L)
#define NET2C_TILE_TAP
#define NET2C_DENSE_ROWS 3
#define NET2C_DENSE_PANELS 1
typedef v8 vw;

NET2C_INLINE vw loadw(const float *p) { return load8(p); }
NET2C_INLINE vw loadhw(const uint16_t *p) { return loadh8(p); }
NET2C_INLINE void storew(float *p, vw a) { store8(p, a); }
NET2C_INLINE vw setw(float a) { return set8(a); }
NET2C_INLINE vw bcastw(const float *p) { return set8(*p); }
NET2C_INLINE v8 bcast8(vw s, const float *p) { (void)p; return s; }
NET2C_INLINE vw fmaw(vw a, vw b, vw c) { return fma8(a, b, c); }
NET2C_INLINE vw mulw(vw a, vw b) { return mul8(a, b); }
NET2C_INLINE vw maxw(vw a, vw b) { return max8(a, b); }
NET2C_INLINE vw minw(vw a, vw b) { return min8(a, b); }
NET2C_INLINE void holdw(vw a) { (void)a; }
NET2C_INLINE v8 half8(const vw *c, int half) { return c[half]; }

#endif
