/* The vocabulary on AArch64 NEON. Meaning of each function: README.md. */
#ifndef NET2C_SIMD_H
#define NET2C_SIMD_H

#include <arm_neon.h>
#include <stdint.h>
#include "kernels/kernel.h"

#define NET2C_VW 4
#define NET2C_TILE_PIXELS 6
#define NET2C_TILE_PIXELS_3 3
#define NET2C_TILE_BLOCKS 2
#define NET2C_TILES(F, L) NET2C_TILES_6(F, L)
#define NET2C_TILE_TAP
#define NET2C_DENSE_ROWS 3
#define NET2C_DENSE_PANELS 2
typedef struct { float32x4_t l, h; } v8;
typedef struct { int32x4_t l, h; } vi8;
typedef float32x4_t vw;

#define NET2C_V8(L, H) v8 r; r.l = (L), r.h = (H); return r
#define NET2C_VI8(L, H) vi8 r; r.l = (L), r.h = (H); return r
#define NET2C_U(a) vreinterpretq_u32_f32(a)
#define NET2C_F(a) vreinterpretq_f32_u32(a)
NET2C_INLINE v8 load8(const float *p) { NET2C_V8(vld1q_f32(p), vld1q_f32(p + 4)); }
NET2C_INLINE float32x4_t net2c_loadh4(const uint16_t *p) { return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(p))); }
NET2C_INLINE v8 loadh8(const uint16_t *p) { NET2C_V8(net2c_loadh4(p), net2c_loadh4(p + 4)); }
NET2C_INLINE void store8(float *p, v8 a) { vst1q_f32(p, a.l), vst1q_f32(p + 4, a.h); }
NET2C_INLINE v8 set8(float a) { NET2C_V8(vdupq_n_f32(a), vdupq_n_f32(a)); }
NET2C_INLINE v8 add8(v8 a, v8 b) { NET2C_V8(vaddq_f32(a.l, b.l), vaddq_f32(a.h, b.h)); }
NET2C_INLINE v8 sub8(v8 a, v8 b) { NET2C_V8(vsubq_f32(a.l, b.l), vsubq_f32(a.h, b.h)); }
NET2C_INLINE v8 mul8(v8 a, v8 b) { NET2C_V8(vmulq_f32(a.l, b.l), vmulq_f32(a.h, b.h)); }
NET2C_INLINE v8 div8(v8 a, v8 b) { NET2C_V8(vdivq_f32(a.l, b.l), vdivq_f32(a.h, b.h)); }
NET2C_INLINE v8 sqrt8(v8 a) { NET2C_V8(vsqrtq_f32(a.l), vsqrtq_f32(a.h)); }
NET2C_INLINE v8 fma8(v8 a, v8 b, v8 c) { NET2C_V8(vfmaq_f32(c.l, a.l, b.l), vfmaq_f32(c.h, a.h, b.h)); }
NET2C_INLINE v8 max8(v8 a, v8 b)
{
  NET2C_V8(vbslq_f32(vcgtq_f32(a.l, b.l), a.l, b.l), vbslq_f32(vcgtq_f32(a.h, b.h), a.h, b.h));
}
NET2C_INLINE v8 min8(v8 a, v8 b)
{
  NET2C_V8(vbslq_f32(vcltq_f32(a.l, b.l), a.l, b.l), vbslq_f32(vcltq_f32(a.h, b.h), a.h, b.h));
}
NET2C_INLINE v8 abs8(v8 a) { NET2C_V8(vabsq_f32(a.l), vabsq_f32(a.h)); }
NET2C_INLINE v8 neg8(v8 a) { NET2C_V8(vnegq_f32(a.l), vnegq_f32(a.h)); }
NET2C_INLINE v8 lt8(v8 a, v8 b) { NET2C_V8(NET2C_F(vcltq_f32(a.l, b.l)), NET2C_F(vcltq_f32(a.h, b.h))); }
NET2C_INLINE v8 le8(v8 a, v8 b) { NET2C_V8(NET2C_F(vcleq_f32(a.l, b.l)), NET2C_F(vcleq_f32(a.h, b.h))); }
NET2C_INLINE v8 eq8(v8 a, v8 b) { NET2C_V8(NET2C_F(vceqq_f32(a.l, b.l)), NET2C_F(vceqq_f32(a.h, b.h))); }
NET2C_INLINE v8 and8(v8 a, v8 b)
{
  NET2C_V8(NET2C_F(vandq_u32(NET2C_U(a.l), NET2C_U(b.l))), NET2C_F(vandq_u32(NET2C_U(a.h), NET2C_U(b.h))));
}
NET2C_INLINE v8 or8(v8 a, v8 b)
{
  NET2C_V8(NET2C_F(vorrq_u32(NET2C_U(a.l), NET2C_U(b.l))), NET2C_F(vorrq_u32(NET2C_U(a.h), NET2C_U(b.h))));
}
NET2C_INLINE v8 xor8(v8 a, v8 b)
{
  NET2C_V8(NET2C_F(veorq_u32(NET2C_U(a.l), NET2C_U(b.l))), NET2C_F(veorq_u32(NET2C_U(a.h), NET2C_U(b.h))));
}
/* By the sign bit of the mask, as AVX2 does. */
NET2C_INLINE float32x4_t net2c_select4(float32x4_t m, float32x4_t yes, float32x4_t no)
{
  return vbslq_f32(vreinterpretq_u32_s32(vshrq_n_s32(vreinterpretq_s32_f32(m), 31)), yes, no);
}
NET2C_INLINE v8 select8(v8 mask, v8 yes, v8 no)
{
  NET2C_V8(net2c_select4(mask.l, yes.l, no.l), net2c_select4(mask.h, yes.h, no.h));
}
NET2C_INLINE vi8 seti8(int32_t a) { NET2C_VI8(vdupq_n_s32(a), vdupq_n_s32(a)); }
NET2C_INLINE vi8 addi8(vi8 a, vi8 b) { NET2C_VI8(vaddq_s32(a.l, b.l), vaddq_s32(a.h, b.h)); }
NET2C_INLINE vi8 subi8(vi8 a, vi8 b) { NET2C_VI8(vsubq_s32(a.l, b.l), vsubq_s32(a.h, b.h)); }
NET2C_INLINE vi8 andi8(vi8 a, vi8 b) { NET2C_VI8(vandq_s32(a.l, b.l), vandq_s32(a.h, b.h)); }
NET2C_INLINE vi8 shli8(vi8 a, int n) { NET2C_VI8(vshlq_s32(a.l, vdupq_n_s32(n)), vshlq_s32(a.h, vdupq_n_s32(n))); }
NET2C_INLINE vi8 shri8(vi8 a, int n) { NET2C_VI8(vshlq_s32(a.l, vdupq_n_s32(-n)), vshlq_s32(a.h, vdupq_n_s32(-n))); }
NET2C_INLINE v8 bits8(vi8 a) { NET2C_V8(vreinterpretq_f32_s32(a.l), vreinterpretq_f32_s32(a.h)); }
NET2C_INLINE vi8 ibits8(v8 a) { NET2C_VI8(vreinterpretq_s32_f32(a.l), vreinterpretq_s32_f32(a.h)); }
NET2C_INLINE vi8 toint8(v8 a) { NET2C_VI8(vcvtnq_s32_f32(a.l), vcvtnq_s32_f32(a.h)); }
NET2C_INLINE v8 tofloat8(vi8 a) { NET2C_V8(vcvtq_f32_s32(a.l), vcvtq_f32_s32(a.h)); }
NET2C_INLINE v8 loadn8(const float *p, uint32_t n)
{
  float t[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  for (uint32_t i = 0; i < n; ++i) t[i] = p[i];
  return load8(t);
}
NET2C_INLINE void storen8(float *p, v8 a, uint32_t n)
{
  float t[8];
  store8(t, a);
  for (uint32_t i = 0; i < n; ++i) p[i] = t[i];
}
NET2C_INLINE v8 keep8(v8 a, uint32_t n)
{
  static const uint32_t index[8] = {0, 1, 2, 3, 4, 5, 6, 7};
  const uint32x4_t limit = vdupq_n_u32(n);
  NET2C_V8(NET2C_F(vandq_u32(NET2C_U(a.l), vcltq_u32(vld1q_u32(index), limit))),
           NET2C_F(vandq_u32(NET2C_U(a.h), vcltq_u32(vld1q_u32(index + 4), limit))));
}
NET2C_INLINE float32x4_t net2c_slide4(float32x4_t a, float32x4_t b, int n)
{
  switch (n) {
  case 1: return vextq_f32(a, b, 1);
  case 2: return vextq_f32(a, b, 2);
  case 3: return vextq_f32(a, b, 3);
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
  float32x4_t s = vaddq_f32(a.l, a.h);
  s = vaddq_f32(s, vextq_f32(s, s, 2));
  s = vaddq_f32(s, vrev64q_f32(s));
  NET2C_V8(s, s);
}
NET2C_INLINE v8 sums8(const v8 a[8])
{
  float32x4_t pairs[4];
  for (int i = 0; i < 4; ++i) pairs[i] = vpaddq_f32(vpaddq_f32(a[2 * i].l, a[2 * i].h), vpaddq_f32(a[2 * i + 1].l, a[2 * i + 1].h));
  NET2C_V8(vpaddq_f32(pairs[0], pairs[1]), vpaddq_f32(pairs[2], pairs[3]));
}
NET2C_INLINE void interleave8(float *p, v8 a, v8 b, v8 c)
{
  vst3q_f32(p, ((float32x4x3_t){{a.l, b.l, c.l}})), vst3q_f32(p + 12, ((float32x4x3_t){{a.h, b.h, c.h}}));
}
NET2C_INLINE void transpose8(v8 r[8])
{
  float t[64];
  for (int i = 0; i < 8; ++i) store8(t + 8 * i, r[i]);
  for (int i = 0; i < 8; ++i) {
    float c[8];
    for (int j = 0; j < 8; ++j) c[j] = t[8 * j + i];
    r[i] = load8(c);
  }
}

NET2C_INLINE vw loadw(const float *p) { return vld1q_f32(p); }
NET2C_INLINE vw loadhw(const uint16_t *p) { return net2c_loadh4(p); }
NET2C_INLINE void storew(float *p, vw a) { vst1q_f32(p, a); }
NET2C_INLINE vw setw(float a) { return vdupq_n_f32(a); }
NET2C_INLINE vw bcastw(const float *p) { return vld1q_dup_f32(p); }
NET2C_INLINE v8 bcast8(vw s, const float *p) { (void)p; NET2C_V8(s, s); }
NET2C_INLINE vw fmaw(vw a, vw b, vw c) { return vfmaq_f32(c, a, b); }
NET2C_INLINE vw mulw(vw a, vw b) { return vmulq_f32(a, b); }
NET2C_INLINE vw maxw(vw a, vw b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
NET2C_INLINE vw minw(vw a, vw b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
NET2C_INLINE void holdw(vw a) { (void)a; }
NET2C_INLINE void hold8(v8 a) { (void)a; }
NET2C_INLINE v8 half8(const vw *c, int half) { NET2C_V8(c[2 * half], c[2 * half + 1]); }
NET2C_INLINE void prefetch8(const void *p) { __builtin_prefetch(p); }
NET2C_INLINE void prefetch8_l2(const void *p) { __builtin_prefetch(p, 0, 2); }

#endif
