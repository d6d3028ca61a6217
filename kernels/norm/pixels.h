/* How norms over channels read and write pixels by vt: eight channels of one, or of two side by side where it has sixteen lanes. */
#ifndef NET2C_NORM_PIXELS_H
#define NET2C_NORM_PIXELS_H

#include "kernels/vt.h"

#define NET2C_PIXELS_VECTOR (NET2C_VT / 8)

#if NET2C_VT == 16
/* Without `both` of one pixel only. */
NET2C_INLINE vt net2c_pixels_load(const float *p, int both) { return both ? loadw(p) : twicew(load8(p)); }
NET2C_INLINE void net2c_pixels_store(float *p, vt v, int both, uint32_t valid)
{
  if (both && valid == 8) {
    storew(p, v);
    return;
  }
  store8(p, keep8(half8(&v, 0), valid));
  if (both) store8(p + 8, keep8(half8(&v, 1), valid));
}
NET2C_INLINE vt net2c_pixels_keep(vt v, uint32_t valid) { return andw(v, twicew(keep8(bits8(seti8(-1)), valid))); }
NET2C_INLINE vt net2c_pixels_each(v8 v) { return twicew(v); }
NET2C_INLINE vt net2c_pixels_own(const float *p) { return halvesw(setw(p[0]), setw(p[1])); } /* a number each */
#else
NET2C_INLINE vt net2c_pixels_load(const float *p, int both) { (void)both; return load8(p); }
NET2C_INLINE void net2c_pixels_store(float *p, vt v, int both, uint32_t valid) { (void)both, store8(p, valid == 8 ? v : keep8(v, valid)); }
NET2C_INLINE vt net2c_pixels_keep(vt v, uint32_t valid) { return keep8(v, valid); }
NET2C_INLINE vt net2c_pixels_each(v8 v) { return v; }
NET2C_INLINE vt net2c_pixels_own(const float *p) { return set8(*p); }
#endif

#endif
