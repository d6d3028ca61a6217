/* The three transforms of F(4,3) and F(2,5) along one axis, and of the filter along both. With points p = +-q in pairs, the even and the odd
 * half of each polynomial are there once. N(p) is the product of p's distances to the other points; filters are divided by it. */
#ifndef NET2C_WINOGRAD_TRANSFORM_H
#define NET2C_WINOGRAD_TRANSFORM_H

#include "kernels/math.h"

/* q = 3/4: N = -243/128; q = 3/2: N = 243/32; 0: N = 81/64. */
NET2C_INLINE void net2c_winograd_input6(const v8 d[6], v8 o[6])
{
  const v8 even = fma8(set8(-2.25f), d[2], d[4]), odd = fma8(set8(-2.25f), d[1], d[3]);
  const v8 even2 = fma8(set8(-0.5625f), d[2], d[4]), odd2 = fma8(set8(-0.5625f), d[1], d[3]);
  o[0] = fma8(set8(1.265625f), d[0], fma8(set8(-2.8125f), d[2], d[4]));
  o[1] = fma8(set8(0.75f), odd, even);
  o[2] = fma8(set8(-0.75f), odd, even);
  o[3] = fma8(set8(1.5f), odd2, even2);
  o[4] = fma8(set8(-1.5f), odd2, even2);
  o[5] = fma8(set8(1.265625f), d[1], fma8(set8(-2.8125f), d[3], d[5]));
}

NET2C_INLINE void net2c_winograd_output6(const v8 m[6], v8 *o, const int M)
{
  const v8 s1 = add8(m[1], m[2]), d1 = sub8(m[1], m[2]), s2 = add8(m[3], m[4]), d2 = sub8(m[3], m[4]);
  const v8 slope = fma8(set8(0.75f), d1, mul8(set8(1.5f), d2));
  o[0] = add8(m[0], add8(s1, s2));
  if (M == 2) {
    o[1] = add8(slope, m[5]);
    return;
  }
  o[1] = slope;
  o[2] = fma8(set8(0.5625f), s1, mul8(set8(2.25f), s2));
  o[3] = fma8(set8(0.421875f), d1, fma8(set8(3.375f), d2, m[5]));
}

/* R taps, 3 or 5. */
NET2C_INLINE void net2c_winograd_filter6(const v8 *w, v8 o[6], const int R)
{
  v8 even = fma8(set8(-0.2962962963f), w[2], mul8(set8(-0.5267489712f), w[0]));
  v8 odd = mul8(set8(-0.3950617284f), w[1]);
  v8 even2 = fma8(set8(0.2962962963f), w[2], mul8(set8(0.1316872428f), w[0]));
  v8 odd2 = mul8(set8(0.1975308642f), w[1]);
  if (R == 5) {
    even = fma8(set8(-0.1666666667f), w[R - 1], even), odd = fma8(set8(-0.2222222222f), w[R - 2], odd);
    even2 = fma8(set8(0.6666666667f), w[R - 1], even2), odd2 = fma8(set8(0.4444444444f), w[R - 2], odd2);
  }
  o[0] = mul8(set8(0.7901234568f), w[0]);
  o[1] = add8(even, odd), o[2] = sub8(even, odd);
  o[3] = add8(even2, odd2), o[4] = sub8(even2, odd2);
  o[5] = w[R - 1];
}

/* Eight output channels of one input channel: taps `tap` floats apart at w, the 36 results `plane` apart at u. */
NET2C_INLINE void net2c_winograd_filter(const float *w, size_t tap, float *u, size_t plane, const int R)
{
  v8 t[6][5], in[5], out[6];
  NET2C_UNROLL for (int j = 0; j < R; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < R; ++i) in[i] = load8(w + (size_t)(i * R + j) * tap);
    net2c_winograd_filter6(in, out, R);
    NET2C_UNROLL for (int i = 0; i < 6; ++i) t[i][j] = out[i];
  }
  NET2C_UNROLL for (int i = 0; i < 6; ++i)
  {
    net2c_winograd_filter6(t[i], out, R);
    NET2C_UNROLL for (int j = 0; j < 6; ++j) store8(u + (size_t)(i * 6 + j) * plane, out[j]);
  }
}

#endif
