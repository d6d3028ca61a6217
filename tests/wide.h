/* The vocabulary with sixteen lanes on any CPU, two vectors of eight, and the tiles of AVX-512: for tests only. Meaning of each function:
 * kernels/simd/README.md. */
#ifndef NET2C_SIMD_H
#define NET2C_SIMD_H

#include "kernels/simd/portable8.h"

#define NET2C_VW 16
#define NET2C_TILE_PIXELS 8
#define NET2C_TILE_PIXELS_3 8
#define NET2C_TILE_BLOCKS 4
#define NET2C_TILES(F, L) NET2C_TILES_8(F, L)
#define NET2C_TILE_TAP
#define NET2C_DENSE_ROWS 6
#define NET2C_DENSE_PANELS 4
typedef struct { v8 l, h; } vw;
typedef struct { vi8 l, h; } vwi;

#define NET2C_EACH(T, NAME, NAME8, A) NET2C_INLINE T NAME(A a) { return (T){NAME8(a.l), NAME8(a.h)}; }
#define NET2C_EACH2(T, NAME, NAME8, A) NET2C_INLINE T NAME(A a, A b) { return (T){NAME8(a.l, b.l), NAME8(a.h, b.h)}; }
NET2C_EACH2(vw, addw, add8, vw)
NET2C_EACH2(vw, subw, sub8, vw)
NET2C_EACH2(vw, mulw, mul8, vw)
NET2C_EACH2(vw, divw, div8, vw)
NET2C_EACH2(vw, maxw, max8, vw)
NET2C_EACH2(vw, minw, min8, vw)
NET2C_EACH2(vw, ltw, lt8, vw)
NET2C_EACH2(vw, andw, and8, vw)
NET2C_EACH2(vw, orw, or8, vw)
NET2C_EACH(vw, absw, abs8, vw)
NET2C_EACH(vw, negw, neg8, vw)
NET2C_EACH(vw, bitsw, bits8, vwi)
NET2C_EACH(vwi, ibitsw, ibits8, vw)
NET2C_EACH2(vwi, addiw, addi8, vwi)
NET2C_EACH2(vwi, subiw, subi8, vwi)
NET2C_INLINE vwi shliw(vwi a, int n) { return (vwi){shli8(a.l, n), shli8(a.h, n)}; }
NET2C_INLINE vwi shriw(vwi a, int n) { return (vwi){shri8(a.l, n), shri8(a.h, n)}; }
NET2C_INLINE vw fmaw(vw a, vw b, vw c) { return (vw){fma8(a.l, b.l, c.l), fma8(a.h, b.h, c.h)}; }
NET2C_INLINE vw selectw(vw mask, vw yes, vw no) { return (vw){select8(mask.l, yes.l, no.l), select8(mask.h, yes.h, no.h)}; }

NET2C_INLINE vw twicew(v8 a) { return (vw){a, a}; }
NET2C_INLINE vw halvesw(vw a, vw b) { return (vw){a.l, b.h}; }
NET2C_INLINE vw betweenw(vw a, vw b) { return (vw){a.h, b.l}; }
NET2C_INLINE vw firstsw(vw a, vw b) { return (vw){a.l, b.l}; }
NET2C_INLINE vw secondsw(vw a, vw b) { return (vw){a.h, b.h}; }
NET2C_INLINE vw pairw(v8 a, v8 b) { return (vw){a, b}; }
NET2C_INLINE vw slidew(vw a, vw b, int n) { return (vw){slide8(a.l, b.l, n), slide8(a.h, b.h, n)}; }
NET2C_INLINE vw totalw(vw a) { return (vw){total8(a.l), total8(a.h)}; }
NET2C_INLINE vw setw(float a) { return twicew(set8(a)); }
NET2C_INLINE vwi setiw(int32_t a) { return (vwi){seti8(a), seti8(a)}; }
NET2C_INLINE vw bcastw(const float *p) { return setw(*p); }
NET2C_INLINE v8 bcast8(vw s, const float *p) { (void)p; return s.l; }
NET2C_INLINE vw loadw(const float *p) { return (vw){load8(p), load8(p + 8)}; }
NET2C_INLINE vw loadhw(const uint16_t *p) { return (vw){loadh8(p), loadh8(p + 8)}; }
NET2C_INLINE vw loadnw(const float *p, uint32_t n) { return (vw){loadn8(p, n), n > 8 ? loadn8(p + 8, n - 8) : set8(0.0f)}; }
NET2C_INLINE vw loadnhw(const uint16_t *p, uint32_t n)
{
  uint16_t a[16] = {0};
  for (uint32_t i = 0; i < 16 && i < n; ++i) a[i] = p[i];
  return loadhw(a);
}
NET2C_INLINE void storew(float *p, vw a) { store8(p, a.l), store8(p + 8, a.h); }
NET2C_INLINE vw oncew(vw a) { return a; }
NET2C_INLINE vw herew(vw a) { return a; }
NET2C_INLINE void holdw(vw a) { (void)a; }
NET2C_INLINE v8 half8(const vw *c, int half) { return half & 1 ? c[half / 2].h : c[half / 2].l; }

#endif
