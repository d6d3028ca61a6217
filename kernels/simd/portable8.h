/* The eight lanes of the vocabulary in the vector extension of gcc and clang, two vectors of four: any CPU. Meaning of each function: README.md.
 * fma is used where the target has it in hardware (NET2C_FMA or the compiler's own macro); without one, fma8 rounds twice:
 * another profile, equal by tolerance only. */
#ifndef NET2C_SIMD_PORTABLE8_H
#define NET2C_SIMD_PORTABLE8_H

#include <stdint.h>
#include "kernels/kernel.h"

typedef float net2c_f4 __attribute__((vector_size(16)));
typedef int32_t net2c_i4 __attribute__((vector_size(16)));
typedef uint32_t net2c_u4 __attribute__((vector_size(16)));
typedef float net2c_f4u __attribute__((vector_size(16), aligned(4), may_alias)); /* at any address of a float */
typedef uint16_t net2c_h4u __attribute__((vector_size(8), aligned(2), may_alias));

typedef struct { net2c_f4 l, h; } v8;
typedef struct { net2c_i4 l, h; } vi8;

#define NET2C_V8(L, H) v8 r; r.l = (L), r.h = (H); return r
#define NET2C_VI8(L, H) vi8 r; r.l = (L), r.h = (H); return r
#define NET2C_I(a) ((net2c_i4)(a))
#define NET2C_F(a) ((net2c_f4)(a))
/* One instruction on four floats where C has no operator for it. */
#define NET2C_ASM1(T, NAME, INSTRUCTION, REGISTER) \
  NET2C_INLINE T NAME(net2c_f4 a) { T r; __asm__(INSTRUCTION : "=" REGISTER(r) : REGISTER(a)); return r; }

NET2C_INLINE net2c_f4 net2c_set4(float a) { return (net2c_f4){a, a, a, a}; }
NET2C_INLINE v8 set8(float a) { NET2C_V8(net2c_set4(a), net2c_set4(a)); }
NET2C_INLINE v8 load8(const float *p) { NET2C_V8(*(const net2c_f4u *)p, *(const net2c_f4u *)(p + 4)); }
NET2C_INLINE void store8(float *p, v8 a) { *(net2c_f4u *)p = a.l, *(net2c_f4u *)(p + 4) = a.h; }
NET2C_INLINE v8 add8(v8 a, v8 b) { NET2C_V8(a.l + b.l, a.h + b.h); }
NET2C_INLINE v8 sub8(v8 a, v8 b) { NET2C_V8(a.l - b.l, a.h - b.h); }
NET2C_INLINE v8 mul8(v8 a, v8 b) { NET2C_V8(a.l * b.l, a.h * b.h); }
NET2C_INLINE v8 div8(v8 a, v8 b) { NET2C_V8(a.l / b.l, a.h / b.h); }

#if defined(__x86_64__) && (defined(NET2C_FMA) || defined(__FMA__))
NET2C_INLINE net2c_f4 net2c_fma4(net2c_f4 a, net2c_f4 b, net2c_f4 c)
{
  __asm__("vfmadd231ps %2, %1, %0" : "+x"(c) : "x"(a), "x"(b));
  return c;
}
NET2C_ASM1(net2c_f4, net2c_sqrt4, "vsqrtps %1, %0", "x")
#elif defined(__aarch64__)
NET2C_INLINE net2c_f4 net2c_fma4(net2c_f4 a, net2c_f4 b, net2c_f4 c)
{
  __asm__("fmla %0.4s, %1.4s, %2.4s" : "+w"(c) : "w"(a), "w"(b));
  return c;
}
NET2C_ASM1(net2c_f4, net2c_sqrt4, "fsqrt %0.4s, %1.4s", "w")
#else
#if defined(__ARM_FEATURE_FMA)
NET2C_INLINE net2c_f4 net2c_fma4(net2c_f4 a, net2c_f4 b, net2c_f4 c)
{
  for (int i = 0; i < 4; ++i) c[i] = __builtin_fmaf(a[i], b[i], c[i]);
  return c;
}
#else
NET2C_INLINE net2c_f4 net2c_fma4(net2c_f4 a, net2c_f4 b, net2c_f4 c) { return a * b + c; }
#endif
#if defined(__x86_64__) && defined(__AVX__)
NET2C_ASM1(net2c_f4, net2c_sqrt4, "vsqrtps %1, %0", "x")
#elif defined(__SSE__)
NET2C_ASM1(net2c_f4, net2c_sqrt4, "sqrtps %1, %0", "x")
#else
/* Correctly rounded by Newton steps in double and the one rounding to float, so no libm is needed. */
NET2C_INLINE float net2c_sqrt1(float a)
{
  double x = a, y, s;
  if (!(a > 0.0f) || a > 3.4028235e38f) return a == 0.0f || a > 0.0f || a != a ? a : (a - a) / (a - a);
  s = 1.0;
  while (x >= 4.0) x *= 0.25, s *= 2.0;
  while (x < 1.0) x *= 4.0, s *= 0.5;
  y = 0.5 * (1.0 + x);
  for (int i = 0; i < 6; ++i) y = 0.5 * (y + x / y);
  return (float)(y * s);
}
NET2C_INLINE net2c_f4 net2c_sqrt4(net2c_f4 a)
{
  for (int i = 0; i < 4; ++i) a[i] = net2c_sqrt1(a[i]);
  return a;
}
#endif
#endif
NET2C_INLINE v8 fma8(v8 a, v8 b, v8 c) { NET2C_V8(net2c_fma4(a.l, b.l, c.l), net2c_fma4(a.h, b.h, c.h)); }
NET2C_INLINE v8 sqrt8(v8 a) { NET2C_V8(net2c_sqrt4(a.l), net2c_sqrt4(a.h)); }

NET2C_INLINE net2c_f4 net2c_pick4(net2c_i4 mask, net2c_f4 yes, net2c_f4 no)
{
  return NET2C_F((mask & NET2C_I(yes)) | (~mask & NET2C_I(no)));
}
NET2C_INLINE v8 max8(v8 a, v8 b) { NET2C_V8(net2c_pick4(a.l > b.l, a.l, b.l), net2c_pick4(a.h > b.h, a.h, b.h)); }
NET2C_INLINE v8 min8(v8 a, v8 b) { NET2C_V8(net2c_pick4(a.l < b.l, a.l, b.l), net2c_pick4(a.h < b.h, a.h, b.h)); }
NET2C_INLINE v8 abs8(v8 a) { NET2C_V8(NET2C_F(NET2C_I(a.l) & INT32_MAX), NET2C_F(NET2C_I(a.h) & INT32_MAX)); }
NET2C_INLINE v8 neg8(v8 a) { NET2C_V8(NET2C_F(NET2C_I(a.l) ^ INT32_MIN), NET2C_F(NET2C_I(a.h) ^ INT32_MIN)); }
NET2C_INLINE v8 lt8(v8 a, v8 b) { NET2C_V8(NET2C_F(a.l < b.l), NET2C_F(a.h < b.h)); }
NET2C_INLINE v8 le8(v8 a, v8 b) { NET2C_V8(NET2C_F(a.l <= b.l), NET2C_F(a.h <= b.h)); }
NET2C_INLINE v8 eq8(v8 a, v8 b) { NET2C_V8(NET2C_F(a.l == b.l), NET2C_F(a.h == b.h)); }
NET2C_INLINE v8 and8(v8 a, v8 b) { NET2C_V8(NET2C_F(NET2C_I(a.l) & NET2C_I(b.l)), NET2C_F(NET2C_I(a.h) & NET2C_I(b.h))); }
NET2C_INLINE v8 or8(v8 a, v8 b) { NET2C_V8(NET2C_F(NET2C_I(a.l) | NET2C_I(b.l)), NET2C_F(NET2C_I(a.h) | NET2C_I(b.h))); }
NET2C_INLINE v8 xor8(v8 a, v8 b) { NET2C_V8(NET2C_F(NET2C_I(a.l) ^ NET2C_I(b.l)), NET2C_F(NET2C_I(a.h) ^ NET2C_I(b.h))); }
NET2C_INLINE v8 select8(v8 mask, v8 yes, v8 no)
{
  NET2C_V8(net2c_pick4(NET2C_I(mask.l) >> 31, yes.l, no.l), net2c_pick4(NET2C_I(mask.h) >> 31, yes.h, no.h));
}

#define NET2C_U(a) ((net2c_u4)(a)) /* wraps, where int32 must not */
NET2C_INLINE vi8 seti8(int32_t a) { NET2C_VI8(((net2c_i4){a, a, a, a}), ((net2c_i4){a, a, a, a})); }
NET2C_INLINE vi8 addi8(vi8 a, vi8 b) { NET2C_VI8(NET2C_I(NET2C_U(a.l) + NET2C_U(b.l)), NET2C_I(NET2C_U(a.h) + NET2C_U(b.h))); }
NET2C_INLINE vi8 subi8(vi8 a, vi8 b) { NET2C_VI8(NET2C_I(NET2C_U(a.l) - NET2C_U(b.l)), NET2C_I(NET2C_U(a.h) - NET2C_U(b.h))); }
NET2C_INLINE vi8 andi8(vi8 a, vi8 b) { NET2C_VI8(a.l & b.l, a.h & b.h); }
NET2C_INLINE vi8 shli8(vi8 a, int n) { NET2C_VI8(NET2C_I(NET2C_U(a.l) << n), NET2C_I(NET2C_U(a.h) << n)); }
NET2C_INLINE vi8 shri8(vi8 a, int n) { NET2C_VI8(a.l >> n, a.h >> n); }
NET2C_INLINE v8 bits8(vi8 a) { NET2C_V8(NET2C_F(a.l), NET2C_F(a.h)); }
NET2C_INLINE vi8 ibits8(v8 a) { NET2C_VI8(NET2C_I(a.l), NET2C_I(a.h)); }
/* To nearest even; what does not fit gives INT32_MIN, as SSE2's conversion does. */
#if defined(__x86_64__) && (defined(NET2C_FMA) || defined(__AVX__))
NET2C_ASM1(net2c_i4, net2c_toint4, "vcvtps2dq %1, %0", "x")
#elif defined(__SSE2__)
NET2C_ASM1(net2c_i4, net2c_toint4, "cvtps2dq %1, %0", "x")
#else
/* Exact by the 1.5 * 2^23 trick below 2^22; larger floats by halves of the same trick. */
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
NET2C_INLINE net2c_i4 net2c_toint4(net2c_f4 a)
{
  return (net2c_i4){net2c_toint1(a[0]), net2c_toint1(a[1]), net2c_toint1(a[2]), net2c_toint1(a[3])};
}
#endif
NET2C_INLINE vi8 toint8(v8 a) { NET2C_VI8(net2c_toint4(a.l), net2c_toint4(a.h)); }
NET2C_INLINE v8 tofloat8(vi8 a) { NET2C_V8(__builtin_convertvector(a.l, net2c_f4), __builtin_convertvector(a.h, net2c_f4)); }

/* Four halves. The exponent's bias grows by 112. Infinities and NaN have the largest exponent in both forms, NaN become quiet; subnormals
 * are whole multiples of 2^-24, normal floats, so whether the CPU flushes those changes nothing. */
NET2C_INLINE net2c_f4 net2c_loadh4(const uint16_t *p)
{
  const net2c_i4 h = __builtin_convertvector(*(const net2c_h4u *)(const void *)p, net2c_i4), size = h & 0x7fff;
  const net2c_i4 bias = {112 << 23, 112 << 23, 112 << 23, 112 << 23}, normal = (size << 13) + bias;
  const net2c_i4 special = (normal + bias) | ((size > 0x7c00) & 0x400000);
  const net2c_f4 small = __builtin_convertvector(size, net2c_f4) * net2c_set4(0x1p-24f);
  const net2c_f4 finite = net2c_pick4(size < 0x400, small, NET2C_F(normal)), all = net2c_pick4(size >= 0x7c00, NET2C_F(special), finite);
  return NET2C_F(NET2C_I(all) | NET2C_I(NET2C_U(h & 0x8000) << 16));
}
NET2C_INLINE v8 loadh8(const uint16_t *p) { NET2C_V8(net2c_loadh4(p), net2c_loadh4(p + 4)); }

/* All bits set in the lanes below n. */
NET2C_INLINE vi8 net2c_below8(uint32_t n)
{
  const int32_t most = (int32_t)n;
  NET2C_VI8(((net2c_i4){0, 1, 2, 3}) < ((net2c_i4){most, most, most, most}), ((net2c_i4){4, 5, 6, 7}) < ((net2c_i4){most, most, most, most}));
}
NET2C_INLINE v8 keep8(v8 a, uint32_t n) { const vi8 m = net2c_below8(n); NET2C_V8(NET2C_F(NET2C_I(a.l) & m.l), NET2C_F(NET2C_I(a.h) & m.h)); }
NET2C_INLINE v8 loadn8(const float *p, uint32_t n)
{
  float a[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (uint32_t i = 0; i < 8 && i < n; ++i) a[i] = p[i];
  return load8(a);
}
NET2C_INLINE void storen8(float *p, v8 a, uint32_t n)
{
  float all[8];
  store8(all, a);
  for (uint32_t i = 0; i < 8 && i < n; ++i) p[i] = all[i];
}
NET2C_INLINE net2c_f4 net2c_slide4(net2c_f4 a, net2c_f4 b, int n)
{
  switch (n) {
  case 1: return (net2c_f4){a[1], a[2], a[3], b[0]};
  case 2: return (net2c_f4){a[2], a[3], b[0], b[1]};
  case 3: return (net2c_f4){a[3], b[0], b[1], b[2]};
  default: return a;
  }
}
NET2C_INLINE v8 slide8(v8 a, v8 b, int n)
{
  if (n >= 4) a.l = a.h, a.h = b.l, b.l = b.h;
  NET2C_V8(net2c_slide4(a.l, a.h, n & 3), net2c_slide4(a.h, b.l, n & 3));
}
NET2C_INLINE v8 total8(v8 a)
{
  net2c_f4 s = a.l + a.h;
  s += (net2c_f4){s[2], s[3], s[0], s[1]};
  s += (net2c_f4){s[1], s[0], s[3], s[2]};
  NET2C_V8(s, s);
}
NET2C_INLINE v8 sums8(const v8 r[8])
{
  float s[8], a[8];
  for (int i = 0; i < 8; ++i) {
    store8(a, r[i]);
    s[i] = ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]));
  }
  return load8(s);
}
NET2C_INLINE void interleave8(float *p, v8 a, v8 b, v8 c)
{
  float all[3][8];
  store8(all[0], a), store8(all[1], b), store8(all[2], c);
  for (int i = 0; i < 24; ++i) p[i] = all[i % 3][i / 3];
}
NET2C_INLINE void transpose8(v8 r[8])
{
  float a[8][8];
  for (int i = 0; i < 8; ++i) store8(a[i], r[i]);
  for (int j = 0; j < 8; ++j) {
    NET2C_UNROLL for (int half = 0; half < 2; ++half)
    {
      const int i = 4 * half;
      const net2c_f4 column = {a[i][j], a[i + 1][j], a[i + 2][j], a[i + 3][j]};
      if (half) r[j].h = column;
      else r[j].l = column;
    }
  }
}

NET2C_INLINE void hold8(v8 a) { (void)a; }
NET2C_INLINE void prefetch8(const void *p) { __builtin_prefetch(p); }
NET2C_INLINE void prefetch8_l2(const void *p) { __builtin_prefetch(p, 0, 2); }

#endif
