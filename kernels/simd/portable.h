/* The vocabulary in plain C. Meaning of each function: README.md. fmaf is used where the target has it in hardware
 * (NET2C_FMA or the compiler's own macro); without one, fma8 rounds twice: another profile, equal by tolerance only. */
#ifndef NET2C_SIMD_H
#define NET2C_SIMD_H

#include <stdint.h>
#include "kernels/kernel.h"

#if defined(NET2C_FMA) || defined(__FMA__) || defined(__aarch64__) || defined(__ARM_FEATURE_FMA)
#define NET2C_FMA1(a, b, c) __builtin_fmaf((a), (b), (c))
#else
#define NET2C_FMA1(a, b, c) ((a) * (b) + (c))
#endif

#define NET2C_VW 8
typedef struct { float v[8]; } v8;
typedef struct { int32_t v[8]; } vi8;
typedef v8 vw;

#define NET2C_LANES for (int i = 0; i < 8; ++i)
NET2C_INLINE uint32_t net2c_bits1(float a) { union { float f; uint32_t u; } x; x.f = a; return x.u; }
NET2C_INLINE float net2c_float1(uint32_t a) { union { uint32_t u; float f; } x; x.u = a; return x.f; }
NET2C_INLINE v8 load8(const float *p) { v8 r; NET2C_LANES r.v[i] = p[i]; return r; }
NET2C_INLINE void store8(float *p, v8 a) { NET2C_LANES p[i] = a.v[i]; }
NET2C_INLINE v8 set8(float a) { v8 r; NET2C_LANES r.v[i] = a; return r; }
NET2C_INLINE v8 add8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = a.v[i] + b.v[i]; return r; }
NET2C_INLINE v8 sub8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = a.v[i] - b.v[i]; return r; }
NET2C_INLINE v8 mul8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = a.v[i] * b.v[i]; return r; }
NET2C_INLINE v8 div8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = a.v[i] / b.v[i]; return r; }
NET2C_INLINE v8 fma8(v8 a, v8 b, v8 c) { v8 r; NET2C_LANES r.v[i] = NET2C_FMA1(a.v[i], b.v[i], c.v[i]); return r; }
NET2C_INLINE v8 max8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = a.v[i] > b.v[i] ? a.v[i] : b.v[i]; return r; }
NET2C_INLINE v8 min8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = a.v[i] < b.v[i] ? a.v[i] : b.v[i]; return r; }
NET2C_INLINE v8 abs8(v8 a) { v8 r; NET2C_LANES r.v[i] = net2c_float1(net2c_bits1(a.v[i]) & 0x7fffffffu); return r; }
NET2C_INLINE v8 neg8(v8 a) { v8 r; NET2C_LANES r.v[i] = net2c_float1(net2c_bits1(a.v[i]) ^ 0x80000000u); return r; }
/* Correctly rounded by the compiler's square root instruction; where there is none, by Newton steps on an integer guess
 * and one exact correction, so no libm is needed. */
NET2C_INLINE float net2c_sqrt1(float a)
{
#if defined(__SSE__) || defined(__aarch64__)
  float r;
#if defined(__aarch64__)
  __asm__("fsqrt %s0, %s1" : "=w"(r) : "w"(a));
#elif defined(__AVX__) || defined(NET2C_FMA)
  __asm__("vsqrtss %1, %1, %0" : "=x"(r) : "x"(a));
#else
  __asm__("sqrtss %1, %0" : "=x"(r) : "x"(a));
#endif
  return r;
#else
  double x = a, y, s;
  if (!(a > 0.0f) || a > 3.4028235e38f) return a == 0.0f || a > 0.0f || a != a ? a : (a - a) / (a - a);
  s = 1.0;
  while (x >= 4.0) x *= 0.25, s *= 2.0;
  while (x < 1.0) x *= 4.0, s *= 0.5;
  y = 0.5 * (1.0 + x);
  for (int i = 0; i < 6; ++i) y = 0.5 * (y + x / y);
  return (float)(y * s);
#endif
}
NET2C_INLINE v8 sqrt8(v8 a) { v8 r; NET2C_LANES r.v[i] = net2c_sqrt1(a.v[i]); return r; }
NET2C_INLINE v8 lt8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = net2c_float1(a.v[i] < b.v[i] ? 0xffffffffu : 0u); return r; }
NET2C_INLINE v8 le8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = net2c_float1(a.v[i] <= b.v[i] ? 0xffffffffu : 0u); return r; }
NET2C_INLINE v8 eq8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = net2c_float1(a.v[i] == b.v[i] ? 0xffffffffu : 0u); return r; }
NET2C_INLINE v8 and8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = net2c_float1(net2c_bits1(a.v[i]) & net2c_bits1(b.v[i])); return r; }
NET2C_INLINE v8 or8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = net2c_float1(net2c_bits1(a.v[i]) | net2c_bits1(b.v[i])); return r; }
NET2C_INLINE v8 xor8(v8 a, v8 b) { v8 r; NET2C_LANES r.v[i] = net2c_float1(net2c_bits1(a.v[i]) ^ net2c_bits1(b.v[i])); return r; }
NET2C_INLINE v8 select8(v8 mask, v8 yes, v8 no)
{
  v8 r;
  NET2C_LANES r.v[i] = net2c_bits1(mask.v[i]) >> 31 ? yes.v[i] : no.v[i];
  return r;
}
NET2C_INLINE vi8 seti8(int32_t a) { vi8 r; NET2C_LANES r.v[i] = a; return r; }
NET2C_INLINE vi8 addi8(vi8 a, vi8 b) { vi8 r; NET2C_LANES r.v[i] = (int32_t)((uint32_t)a.v[i] + (uint32_t)b.v[i]); return r; }
NET2C_INLINE vi8 subi8(vi8 a, vi8 b) { vi8 r; NET2C_LANES r.v[i] = (int32_t)((uint32_t)a.v[i] - (uint32_t)b.v[i]); return r; }
NET2C_INLINE vi8 andi8(vi8 a, vi8 b) { vi8 r; NET2C_LANES r.v[i] = a.v[i] & b.v[i]; return r; }
NET2C_INLINE vi8 shli8(vi8 a, int n) { vi8 r; NET2C_LANES r.v[i] = (int32_t)((uint32_t)a.v[i] << n); return r; }
NET2C_INLINE vi8 shri8(vi8 a, int n) { vi8 r; NET2C_LANES r.v[i] = a.v[i] >> n; return r; }
NET2C_INLINE v8 bits8(vi8 a) { v8 r; NET2C_LANES r.v[i] = net2c_float1((uint32_t)a.v[i]); return r; }
NET2C_INLINE vi8 ibits8(v8 a) { vi8 r; NET2C_LANES r.v[i] = (int32_t)net2c_bits1(a.v[i]); return r; }
/* To nearest even: exact by the 1.5 * 2^23 trick below 2^22; larger floats are handled by halves of the same trick. */
NET2C_INLINE int32_t net2c_toint1(float a)
{
  if (a < 4194304.0f && a > -4194304.0f) {
    volatile float t = a + 12582912.0f;
    return (int32_t)(t - 12582912.0f);
  }
  if (a < 8388608.0f && a > -8388608.0f) {
    volatile float t = a > 0.0f ? a + 8388608.0f : a - 8388608.0f;
    return (int32_t)(a > 0.0f ? t - 8388608.0f : t + 8388608.0f);
  }
  return a < 2147483648.0f && a >= -2147483648.0f ? (int32_t)a : INT32_MIN;
}
NET2C_INLINE vi8 toint8(v8 a) { vi8 r; NET2C_LANES r.v[i] = net2c_toint1(a.v[i]); return r; }
NET2C_INLINE v8 tofloat8(vi8 a) { v8 r; NET2C_LANES r.v[i] = (float)a.v[i]; return r; }
NET2C_INLINE v8 loadn8(const float *p, uint32_t n) { v8 r; NET2C_LANES r.v[i] = (uint32_t)i < n ? p[i] : 0.0f; return r; }
NET2C_INLINE void storen8(float *p, v8 a, uint32_t n) { NET2C_LANES if ((uint32_t)i < n) p[i] = a.v[i]; }
NET2C_INLINE v8 keep8(v8 a, uint32_t n) { v8 r; NET2C_LANES r.v[i] = (uint32_t)i < n ? a.v[i] : 0.0f; return r; }
NET2C_INLINE void transpose8(v8 r[8])
{
  for (int i = 0; i < 8; ++i)
    for (int j = 0; j < i; ++j) {
      float t = r[i].v[j];
      r[i].v[j] = r[j].v[i], r[j].v[i] = t;
    }
}

NET2C_INLINE vw loadw(const float *p) { return load8(p); }
NET2C_INLINE void storew(float *p, vw a) { store8(p, a); }
NET2C_INLINE vw setw(float a) { return set8(a); }
NET2C_INLINE vw bcastw(const float *p) { return set8(*p); }
NET2C_INLINE vw fmaw(vw a, vw b, vw c) { return fma8(a, b, c); }
NET2C_INLINE void holdw(vw a) { (void)a; }
NET2C_INLINE v8 half8(const vw *c, int half) { return c[half]; }
NET2C_INLINE void prefetch8(const void *p) { __builtin_prefetch(p); }

#endif
