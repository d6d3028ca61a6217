/* vt: what goes at once: of channels (transforms of weights and products) a pair of blocks where vw holds one, else a block; of pixels (norm/pixels.h) the same.
 * loadnt reads n of them, 8 or all, loadnht halves; the rest is zero. */
#ifndef NET2C_VT_H
#define NET2C_VT_H

#include "kernels/kernel.h"

#if NET2C_VW == 16
#define NET2C_VT 16
typedef vw vt;
NET2C_INLINE vt loadt(const float *p) { return loadw(p); }
NET2C_INLINE vt loadnt(const float *p, uint32_t n) { return loadnw(p, n); }
NET2C_INLINE vt loadnht(const uint16_t *p, uint32_t n) { return loadnhw(p, n); }
NET2C_INLINE void storet(float *p, vt a) { storew(p, a); }
NET2C_INLINE vt sett(float a) { return setw(a); }
NET2C_INLINE vt addt(vt a, vt b) { return addw(a, b); }
NET2C_INLINE vt subt(vt a, vt b) { return subw(a, b); }
NET2C_INLINE vt mult(vt a, vt b) { return mulw(a, b); }
NET2C_INLINE vt maxt(vt a, vt b) { return maxw(a, b); }
NET2C_INLINE vt mint(vt a, vt b) { return minw(a, b); }
NET2C_INLINE vt fmat(vt a, vt b, vt c) { return fmaw(a, b, c); }
NET2C_INLINE vt slidet(vt a, vt b, int n) { return slidew(a, b, n); }
NET2C_INLINE vt totalt(vt a) { return totalw(a); }
NET2C_INLINE v8 halft(vt a, int half) { return half8(&a, half); }
#else
#define NET2C_VT 8
typedef v8 vt;
NET2C_INLINE vt loadt(const float *p) { return load8(p); }
NET2C_INLINE vt loadnt(const float *p, uint32_t n) { (void)n; return load8(p); }
NET2C_INLINE vt loadnht(const uint16_t *p, uint32_t n) { (void)n; return loadh8(p); }
NET2C_INLINE void storet(float *p, vt a) { store8(p, a); }
NET2C_INLINE vt sett(float a) { return set8(a); }
NET2C_INLINE vt addt(vt a, vt b) { return add8(a, b); }
NET2C_INLINE vt subt(vt a, vt b) { return sub8(a, b); }
NET2C_INLINE vt mult(vt a, vt b) { return mul8(a, b); }
NET2C_INLINE vt maxt(vt a, vt b) { return max8(a, b); }
NET2C_INLINE vt mint(vt a, vt b) { return min8(a, b); }
NET2C_INLINE vt fmat(vt a, vt b, vt c) { return fma8(a, b, c); }
NET2C_INLINE vt slidet(vt a, vt b, int n) { return slide8(a, b, n); }
NET2C_INLINE vt totalt(vt a) { return total8(a); }
NET2C_INLINE v8 halft(vt a, int half) { (void)half; return a; }
#endif

#endif
