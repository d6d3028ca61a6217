/* Eight floats in a 256-bit register: what AVX2 and AVX-512 share of the vocabulary. Meaning of each function: README.md. */
#ifndef NET2C_SIMD_YMM_H
#define NET2C_SIMD_YMM_H

#include <immintrin.h>
#include <stdint.h>
#include "kernels/kernel.h"

typedef __m256 v8;
typedef __m256i vi8;

NET2C_INLINE v8 load8(const float *p) { return _mm256_loadu_ps(p); }
NET2C_INLINE void store8(float *p, v8 a) { _mm256_storeu_ps(p, a); }
NET2C_INLINE v8 loadh8(const uint16_t *p) { return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(const void *)p)); }
NET2C_INLINE v8 set8(float a) { return _mm256_set1_ps(a); }
NET2C_INLINE v8 add8(v8 a, v8 b) { return _mm256_add_ps(a, b); }
NET2C_INLINE v8 sub8(v8 a, v8 b) { return _mm256_sub_ps(a, b); }
NET2C_INLINE v8 mul8(v8 a, v8 b) { return _mm256_mul_ps(a, b); }
NET2C_INLINE v8 div8(v8 a, v8 b) { return _mm256_div_ps(a, b); }
NET2C_INLINE v8 sqrt8(v8 a) { return _mm256_sqrt_ps(a); }
NET2C_INLINE v8 fma8(v8 a, v8 b, v8 c) { return _mm256_fmadd_ps(a, b, c); }
NET2C_INLINE v8 max8(v8 a, v8 b) { return _mm256_max_ps(a, b); }
NET2C_INLINE v8 min8(v8 a, v8 b) { return _mm256_min_ps(a, b); }
NET2C_INLINE v8 abs8(v8 a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
NET2C_INLINE v8 neg8(v8 a) { return _mm256_xor_ps(_mm256_set1_ps(-0.0f), a); }
NET2C_INLINE v8 lt8(v8 a, v8 b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
NET2C_INLINE v8 le8(v8 a, v8 b) { return _mm256_cmp_ps(a, b, _CMP_LE_OQ); }
NET2C_INLINE v8 eq8(v8 a, v8 b) { return _mm256_cmp_ps(a, b, _CMP_EQ_OQ); }
NET2C_INLINE v8 and8(v8 a, v8 b) { return _mm256_and_ps(a, b); }
NET2C_INLINE v8 or8(v8 a, v8 b) { return _mm256_or_ps(a, b); }
NET2C_INLINE v8 xor8(v8 a, v8 b) { return _mm256_xor_ps(a, b); }
NET2C_INLINE v8 select8(v8 mask, v8 yes, v8 no) { return _mm256_blendv_ps(no, yes, mask); }
NET2C_INLINE vi8 seti8(int32_t a) { return _mm256_set1_epi32(a); }
NET2C_INLINE vi8 addi8(vi8 a, vi8 b) { return _mm256_add_epi32(a, b); }
NET2C_INLINE vi8 subi8(vi8 a, vi8 b) { return _mm256_sub_epi32(a, b); }
NET2C_INLINE vi8 andi8(vi8 a, vi8 b) { return _mm256_and_si256(a, b); }
#define shli8(a, n) _mm256_slli_epi32((a), (n)) /* n is a literal */
#define shri8(a, n) _mm256_srai_epi32((a), (n)) /* arithmetic */
NET2C_INLINE v8 bits8(vi8 a) { return _mm256_castsi256_ps(a); }
NET2C_INLINE vi8 ibits8(v8 a) { return _mm256_castps_si256(a); }
NET2C_INLINE vi8 toint8(v8 a) { return _mm256_cvtps_epi32(a); } /* to nearest even; |a| < 2^31 */
NET2C_INLINE v8 tofloat8(vi8 a) { return _mm256_cvtepi32_ps(a); }

/* The first n lanes (1..8) of memory that ends there; the rest is zero. */
NET2C_INLINE __m256i net2c_lanes8(uint32_t n)
{
  return _mm256_cmpgt_epi32(_mm256_set1_epi32((int32_t)n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
NET2C_INLINE v8 loadn8(const float *p, uint32_t n) { return _mm256_maskload_ps(p, net2c_lanes8(n)); }
NET2C_INLINE void storen8(float *p, v8 a, uint32_t n) { _mm256_maskstore_ps(p, net2c_lanes8(n), a); }
/* Lanes >= n set to zero. */
NET2C_INLINE v8 keep8(v8 a, uint32_t n) { return _mm256_and_ps(a, _mm256_castsi256_ps(net2c_lanes8(n))); }

/* n is a literal, 1 to 7. */
NET2C_INLINE v8 net2c_slide4(v8 a, v8 b, int n) /* in either half */
{
  const vi8 from = _mm256_castps_si256(a), to = _mm256_castps_si256(b);
  switch (n) {
  case 1: return _mm256_castsi256_ps(_mm256_alignr_epi8(to, from, 4));
  case 2: return _mm256_castsi256_ps(_mm256_alignr_epi8(to, from, 8));
  case 3: return _mm256_castsi256_ps(_mm256_alignr_epi8(to, from, 12));
  default: return a;
  }
}
NET2C_INLINE v8 slide8(v8 a, v8 b, int n)
{
  const v8 middle = _mm256_permute2f128_ps(a, b, 0x21);
  return n < 4 ? net2c_slide4(a, middle, n & 3) : net2c_slide4(middle, b, n & 3);
}
NET2C_INLINE v8 total8(v8 a)
{
  a = add8(a, _mm256_permute2f128_ps(a, a, 1));
  a = add8(a, _mm256_shuffle_ps(a, a, 0x4e));
  return add8(a, _mm256_shuffle_ps(a, a, 0xb1));
}
NET2C_INLINE void transpose8(v8 r[8])
{
  __m256 a0 = _mm256_unpacklo_ps(r[0], r[1]), a1 = _mm256_unpackhi_ps(r[0], r[1]);
  __m256 a2 = _mm256_unpacklo_ps(r[2], r[3]), a3 = _mm256_unpackhi_ps(r[2], r[3]);
  __m256 a4 = _mm256_unpacklo_ps(r[4], r[5]), a5 = _mm256_unpackhi_ps(r[4], r[5]);
  __m256 a6 = _mm256_unpacklo_ps(r[6], r[7]), a7 = _mm256_unpackhi_ps(r[6], r[7]);
  __m256 b0 = _mm256_shuffle_ps(a0, a2, 0x44), b1 = _mm256_shuffle_ps(a0, a2, 0xee);
  __m256 b2 = _mm256_shuffle_ps(a1, a3, 0x44), b3 = _mm256_shuffle_ps(a1, a3, 0xee);
  __m256 b4 = _mm256_shuffle_ps(a4, a6, 0x44), b5 = _mm256_shuffle_ps(a4, a6, 0xee);
  __m256 b6 = _mm256_shuffle_ps(a5, a7, 0x44), b7 = _mm256_shuffle_ps(a5, a7, 0xee);
  r[0] = _mm256_permute2f128_ps(b0, b4, 0x20), r[1] = _mm256_permute2f128_ps(b1, b5, 0x20);
  r[2] = _mm256_permute2f128_ps(b2, b6, 0x20), r[3] = _mm256_permute2f128_ps(b3, b7, 0x20);
  r[4] = _mm256_permute2f128_ps(b0, b4, 0x31), r[5] = _mm256_permute2f128_ps(b1, b5, 0x31);
  r[6] = _mm256_permute2f128_ps(b2, b6, 0x31), r[7] = _mm256_permute2f128_ps(b3, b7, 0x31);
}
NET2C_INLINE __m256 net2c_neighbours8(v8 a, v8 b) { return _mm256_add_ps(_mm256_shuffle_ps(a, b, 0x88), _mm256_shuffle_ps(a, b, 0xdd)); }
NET2C_INLINE v8 sums8(const v8 r[8])
{
  const __m256 a = net2c_neighbours8(net2c_neighbours8(r[0], r[1]), net2c_neighbours8(r[2], r[3]));
  const __m256 b = net2c_neighbours8(net2c_neighbours8(r[4], r[5]), net2c_neighbours8(r[6], r[7]));
  return _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20), _mm256_permute2f128_ps(a, b, 0x31));
}
NET2C_INLINE void interleave8(float *p, v8 a, v8 b, v8 c)
{
  const __m256 ab = _mm256_shuffle_ps(a, b, 0x88), bc = _mm256_shuffle_ps(b, c, 0xdd), ca = _mm256_shuffle_ps(c, a, 0xd8); /* in either half */
  const __m256 r = _mm256_shuffle_ps(ab, ca, 0x88), s = _mm256_shuffle_ps(bc, ab, 0xd8), t = _mm256_shuffle_ps(ca, bc, 0xdd);
  store8(p, _mm256_permute2f128_ps(r, s, 0x20));
  store8(p + 8, _mm256_permute2f128_ps(t, r, 0x30));
  store8(p + 16, _mm256_permute2f128_ps(s, t, 0x31));
}
NET2C_INLINE void prefetch8(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T0); }
NET2C_INLINE void prefetch8_l2(const void *p) { _mm_prefetch((const char *)p, _MM_HINT_T1); }

#endif
