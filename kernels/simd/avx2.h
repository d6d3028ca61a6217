/* The vocabulary on AVX2 + FMA. Meaning of each function: README.md. */
#ifndef NET2C_SIMD_H
#define NET2C_SIMD_H

#include "kernels/simd/ymm.h"

#define NET2C_VW 8
#define NET2C_TILE_PIXELS 6 /* 12 sums, two weights and a broadcast in 16 registers */
#define NET2C_TILE_PIXELS_3 3
#define NET2C_TILE_BLOCKS 2
#define NET2C_TILES(F, L) NET2C_TILES_6(F, L)
#define NET2C_TILE_TAP
#define NET2C_DENSE_ROWS 3
#define NET2C_DENSE_PANELS 2
typedef __m256 vw;

NET2C_INLINE vw loadw(const float *p) { return _mm256_loadu_ps(p); }
NET2C_INLINE vw loadhw(const uint16_t *p) { return loadh8(p); }
NET2C_INLINE void storew(float *p, vw a) { _mm256_storeu_ps(p, a); }
NET2C_INLINE vw setw(float a) { return _mm256_set1_ps(a); }
NET2C_INLINE vw bcastw(const float *p) { return _mm256_broadcast_ss(p); }
NET2C_INLINE v8 bcast8(vw s, const float *p) { (void)p; return s; }
NET2C_INLINE vw fmaw(vw a, vw b, vw c) { return _mm256_fmadd_ps(a, b, c); }
NET2C_INLINE vw mulw(vw a, vw b) { return _mm256_mul_ps(a, b); }
NET2C_INLINE vw maxw(vw a, vw b) { return _mm256_max_ps(a, b); }
NET2C_INLINE vw minw(vw a, vw b) { return _mm256_min_ps(a, b); }
/* Operands stay until here, so that no fma is written over one: both compilers then keep 12 sums without a spill. */
NET2C_INLINE void holdw(vw a) { __asm__ volatile("" : : "x"(a)); }
NET2C_INLINE void hold8(v8 a) { __asm__ volatile("" : : "x"(a)); }
/* Floats 8 * half .. 8 * half + 7 of an accumulator row c[]; half is a literal. */
NET2C_INLINE v8 half8(const vw *c, int half) { return c[half]; }

#endif
