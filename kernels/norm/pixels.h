/* What norms over channels go through: a vector of eight channels of a pixel, of two pixels side by side where it has sixteen lanes. The vocabulary's
 * functions on them have names of their own: emitted C for several ISAs in one file tells these apart by whole words. */
#ifndef NET2C_NORM_PIXELS_H
#define NET2C_NORM_PIXELS_H

#include "kernels/kernel.h"

#if NET2C_VW == 16
#define NET2C_PIXELS_VECTOR 2
typedef vw net2c_pixels;
NET2C_INLINE vw net2c_pixels_set(float a) { return setw(a); }
NET2C_INLINE vw net2c_pixels_add(vw a, vw b) { return addw(a, b); }
NET2C_INLINE vw net2c_pixels_sub(vw a, vw b) { return subw(a, b); }
NET2C_INLINE vw net2c_pixels_mul(vw a, vw b) { return mulw(a, b); }
NET2C_INLINE vw net2c_pixels_fma(vw a, vw b, vw c) { return fmaw(a, b, c); }
NET2C_INLINE vw net2c_pixels_slide(vw a, vw b, int n) { return slidew(a, b, n); }
NET2C_INLINE vw net2c_pixels_total(vw a) { return totalw(a); }
/* Without `both` of one pixel only. */
NET2C_INLINE vw net2c_pixels_load(const float *p, int both) { return both ? loadw(p) : twicew(load8(p)); }
NET2C_INLINE void net2c_pixels_store(float *p, vw v, int both, uint32_t valid)
{
  if (both && valid == 8) {
    storew(p, v);
    return;
  }
  store8(p, keep8(half8(&v, 0), valid));
  if (both) store8(p + 8, keep8(half8(&v, 1), valid));
}
NET2C_INLINE vw net2c_pixels_keep(vw v, uint32_t valid) { return andw(v, twicew(keep8(bits8(seti8(-1)), valid))); }
NET2C_INLINE vw net2c_pixels_each(v8 v) { return twicew(v); }
NET2C_INLINE vw net2c_pixels_own(const float *p) { return halvesw(setw(p[0]), setw(p[1])); } /* a number each */
NET2C_INLINE v8 net2c_pixels_one(const vw *v, uint32_t i) { return half8(v, (int)i); }
#else
#define NET2C_PIXELS_VECTOR 1
typedef v8 net2c_pixels;
NET2C_INLINE v8 net2c_pixels_set(float a) { return set8(a); }
NET2C_INLINE v8 net2c_pixels_add(v8 a, v8 b) { return add8(a, b); }
NET2C_INLINE v8 net2c_pixels_sub(v8 a, v8 b) { return sub8(a, b); }
NET2C_INLINE v8 net2c_pixels_mul(v8 a, v8 b) { return mul8(a, b); }
NET2C_INLINE v8 net2c_pixels_fma(v8 a, v8 b, v8 c) { return fma8(a, b, c); }
NET2C_INLINE v8 net2c_pixels_slide(v8 a, v8 b, int n) { return slide8(a, b, n); }
NET2C_INLINE v8 net2c_pixels_total(v8 a) { return total8(a); }
NET2C_INLINE v8 net2c_pixels_load(const float *p, int both) { (void)both; return load8(p); }
NET2C_INLINE void net2c_pixels_store(float *p, v8 v, int both, uint32_t valid) { (void)both, store8(p, valid == 8 ? v : keep8(v, valid)); }
NET2C_INLINE v8 net2c_pixels_keep(v8 v, uint32_t valid) { return keep8(v, valid); }
NET2C_INLINE v8 net2c_pixels_each(v8 v) { return v; }
NET2C_INLINE v8 net2c_pixels_own(const float *p) { return set8(*p); }
NET2C_INLINE v8 net2c_pixels_one(const v8 *v, uint32_t i) { return v[i]; }
#endif

#endif
