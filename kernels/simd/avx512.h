/* The vocabulary on AVX-512 (F, VL, DQ, BW). Meaning of each function: README.md. */
#ifndef NET2C_SIMD_H
#define NET2C_SIMD_H

#include "kernels/simd/ymm.h"

#define NET2C_VW 16
#define NET2C_TILE_PIXELS 8 /* sums for two fmas a cycle of latency 4, and pointers that the general registers hold */
#define NET2C_TILE_PIXELS_3 8
#define NET2C_TILE_BLOCKS 4
#define NET2C_TILES(F, L) NET2C_TILES_8(F, L)
#define NET2C_TILE_TAP __asm__ volatile("" : : : "memory"); /* gcc would carry pointers from tap to tap in idle vector registers */
#define NET2C_DENSE_ROWS 6
#define NET2C_DENSE_PANELS 4
typedef __m512 vw;

NET2C_INLINE vw loadw(const float *p) { return _mm512_loadu_ps(p); }
NET2C_INLINE vw loadnw(const float *p, uint32_t n) { return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p); }
NET2C_INLINE vw loadhw(const uint16_t *p) { return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(const void *)p)); }
NET2C_INLINE vw loadnhw(const uint16_t *p, uint32_t n) { return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16((__mmask16)((1u << n) - 1), p)); }
NET2C_INLINE void storew(float *p, vw a) { _mm512_storeu_ps(p, a); }
NET2C_INLINE vw setw(float a) { return _mm512_set1_ps(a); }
NET2C_INLINE vw twicew(v8 a) { return _mm512_broadcast_f32x8(a); }
NET2C_INLINE vw halvesw(vw a, vw b) { return _mm512_mask_blend_ps(0xff00, a, b); } /* the lower eight lanes of a, the upper of b */
NET2C_INLINE vw betweenw(vw a, vw b) { return _mm512_shuffle_f32x4(a, b, 0x4e); } /* the upper eight lanes of a, then the lower of b */
NET2C_INLINE vw firstsw(vw a, vw b) { return _mm512_shuffle_f32x4(a, b, 0x44); } /* the lower eight lanes of both */
NET2C_INLINE vw secondsw(vw a, vw b) { return _mm512_shuffle_f32x4(a, b, 0xee); } /* the upper eight lanes of both */
NET2C_INLINE vw pairw(v8 a, v8 b) { return _mm512_insertf32x8(_mm512_castps256_ps512(a), b, 1); }
NET2C_INLINE vw net2c_slide4w(vw a, vw b, int n) /* in every quarter */
{
  const __m512i from = _mm512_castps_si512(a), to = _mm512_castps_si512(b);
  switch (n) {
  case 1: return _mm512_castsi512_ps(_mm512_alignr_epi8(to, from, 4));
  case 2: return _mm512_castsi512_ps(_mm512_alignr_epi8(to, from, 8));
  case 3: return _mm512_castsi512_ps(_mm512_alignr_epi8(to, from, 12));
  default: return a;
  }
}
NET2C_INLINE vw slidew(vw a, vw b, int n) /* in either half */
{
  const __m512i from = _mm512_setr_epi64(2, 3, 8, 9, 6, 7, 12, 13);
  const vw middle = _mm512_castsi512_ps(_mm512_permutex2var_epi64(_mm512_castps_si512(a), from, _mm512_castps_si512(b)));
  return n < 4 ? net2c_slide4w(a, middle, n & 3) : net2c_slide4w(middle, b, n & 3);
}
NET2C_INLINE vw bcastw(const float *p) { return _mm512_set1_ps(*p); }
NET2C_INLINE v8 bcast8(vw s, const float *p) { (void)s; return set8(*p); }
NET2C_INLINE vw fmaw(vw a, vw b, vw c) { return _mm512_fmadd_ps(a, b, c); }
NET2C_INLINE vw addw(vw a, vw b) { return _mm512_add_ps(a, b); }
NET2C_INLINE vw subw(vw a, vw b) { return _mm512_sub_ps(a, b); }
NET2C_INLINE vw mulw(vw a, vw b) { return _mm512_mul_ps(a, b); }
NET2C_INLINE vw maxw(vw a, vw b) { return _mm512_max_ps(a, b); }
NET2C_INLINE vw minw(vw a, vw b) { return _mm512_min_ps(a, b); }
NET2C_INLINE vw totalw(vw a)
{
  a = addw(a, _mm512_shuffle_f32x4(a, a, 0xb1));
  a = addw(a, _mm512_shuffle_ps(a, a, 0x4e));
  return addw(a, _mm512_shuffle_ps(a, a, 0xb1));
}
/* What math_functions.h needs beside; a mask has all bits of a lane, or none. */
typedef __m512i vwi;
NET2C_INLINE vwi setiw(int32_t a) { return _mm512_set1_epi32(a); }
NET2C_INLINE vwi addiw(vwi a, vwi b) { return _mm512_add_epi32(a, b); }
NET2C_INLINE vwi subiw(vwi a, vwi b) { return _mm512_sub_epi32(a, b); }
#define shliw(a, n) _mm512_slli_epi32((a), (n))
#define shriw(a, n) _mm512_srai_epi32((a), (n))
NET2C_INLINE vw bitsw(vwi a) { return _mm512_castsi512_ps(a); }
NET2C_INLINE vwi ibitsw(vw a) { return _mm512_castps_si512(a); }
NET2C_INLINE vw divw(vw a, vw b) { return _mm512_div_ps(a, b); }
NET2C_INLINE vw absw(vw a) { return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a); }
NET2C_INLINE vw negw(vw a) { return _mm512_xor_ps(_mm512_set1_ps(-0.0f), a); }
NET2C_INLINE vw andw(vw a, vw b) { return _mm512_and_ps(a, b); }
NET2C_INLINE vw orw(vw a, vw b) { return _mm512_or_ps(a, b); }
NET2C_INLINE vw ltw(vw a, vw b) { return bitsw(_mm512_movm_epi32(_mm512_cmp_ps_mask(a, b, _CMP_LT_OQ))); }
NET2C_INLINE vw selectw(vw mask, vw yes, vw no) { return _mm512_mask_blend_ps(_mm512_movepi32_mask(ibitsw(mask)), no, yes); }
/* Nothing is held: a broadcast must stay the memory operand of its fma (76 to 88 GFLOP/s instead of 117 on Zen 4). */
/* The same, computed before what follows: clang puts a tile's loads and shuffles before its multiply-adds else, and spills (a depthwise 7 x 7 then takes
 * 126 us, not 55); gcc leaves them where they are. */
#if defined(__clang__)
NET2C_INLINE vw herew(vw a) { __asm__ volatile("" : "+v"(a) : : "memory"); return a; }
#else
NET2C_INLINE vw herew(vw a) { return a; }
#endif
NET2C_INLINE vw oncew(vw a) { __asm__("" : "+v"(a)); return a; } /* in a register, loaded once */
NET2C_INLINE void holdw(vw a) { (void)a; }
NET2C_INLINE void hold8(v8 a) { (void)a; }
NET2C_INLINE v8 half8(const vw *c, int half)
{
  return half & 1 ? _mm512_extractf32x8_ps(c[half / 2], 1) : _mm512_castps512_ps256(c[half / 2]);
}

#endif
