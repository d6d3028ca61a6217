/* The three transforms along one axis, and of the filter along both. N points: 6 for F(4,3) and F(2,5), 5 for F(4,2). With points
 * +-q in pairs, the even and the odd half of each polynomial are there once. Filters are divided by the product of a point's distances
 * to the others: -243/128 at +-3/4, 243/32 at +-3/2, 81/64 at 0; of the five, -+21/16 at +-1/2, +-105/32 at +-5/4. */
#ifndef NET2C_WINOGRAD_TRANSFORM_H
#define NET2C_WINOGRAD_TRANSFORM_H

#include "kernels/math.h"

NET2C_INLINE void net2c_winograd_input_axis(const v8 *d, v8 *o, const int N)
{
  if (N == 5) {
    const v8 far = fma8(set8(-1.5625f), d[1], d[3]), far2 = fma8(set8(-1.5625f), d[0], d[2]);
    const v8 close = fma8(set8(-0.25f), d[1], d[3]), close2 = fma8(set8(-0.25f), d[0], d[2]);
    o[0] = fma8(set8(0.5f), far2, far);
    o[1] = fma8(set8(-0.5f), far2, far);
    o[2] = fma8(set8(1.25f), close2, close);
    o[3] = fma8(set8(-1.25f), close2, close);
    o[4] = fma8(set8(0.390625f), d[0], fma8(set8(-1.8125f), d[2], d[4]));
    return;
  }
  const v8 even = fma8(set8(-2.25f), d[2], d[4]), odd = fma8(set8(-2.25f), d[1], d[3]);
  const v8 even2 = fma8(set8(-0.5625f), d[2], d[4]), odd2 = fma8(set8(-0.5625f), d[1], d[3]);
  o[0] = fma8(set8(1.265625f), d[0], fma8(set8(-2.8125f), d[2], d[4]));
  o[1] = fma8(set8(0.75f), odd, even);
  o[2] = fma8(set8(-0.75f), odd, even);
  o[3] = fma8(set8(1.5f), odd2, even2);
  o[4] = fma8(set8(-1.5f), odd2, even2);
  o[N - 1] = fma8(set8(1.265625f), d[1], fma8(set8(-2.8125f), d[3], d[N - 1]));
}

/* M outputs. */
NET2C_INLINE void net2c_winograd_output_axis(const v8 *m, v8 *o, const int N, const int M)
{
  if (N == 5) {
    const v8 s1 = add8(m[0], m[1]), d1 = sub8(m[0], m[1]), s2 = add8(m[2], m[3]), d2 = sub8(m[2], m[3]);
    o[0] = add8(s1, s2);
    o[1] = fma8(set8(0.5f), d1, mul8(set8(1.25f), d2));
    o[2] = fma8(set8(0.25f), s1, mul8(set8(1.5625f), s2));
    o[3] = fma8(set8(0.125f), d1, fma8(set8(1.953125f), d2, m[4]));
    return;
  }
  const v8 s1 = add8(m[1], m[2]), d1 = sub8(m[1], m[2]), s2 = add8(m[3], m[4]), d2 = sub8(m[3], m[4]);
  const v8 slope = fma8(set8(0.75f), d1, mul8(set8(1.5f), d2));
  o[0] = add8(m[0], add8(s1, s2));
  if (M == 2) {
    o[1] = add8(slope, m[N - 1]);
    return;
  }
  o[1] = slope;
  o[2] = fma8(set8(0.5625f), s1, mul8(set8(2.25f), s2));
  o[3] = fma8(set8(0.421875f), d1, fma8(set8(3.375f), d2, m[N - 1]));
}

/* R taps: 2 (five points), 3 or 5. */
NET2C_INLINE void net2c_winograd_filter_axis(const v8 *w, v8 *o, const int R)
{
  if (R == 2) {
    const v8 q = mul8(set8(-0.7619047619f), w[0]), p = mul8(set8(-0.3809523810f), w[1]);
    const v8 q2 = mul8(set8(0.3047619048f), w[0]), p2 = mul8(set8(0.3809523810f), w[1]);
    o[0] = add8(p, q), o[1] = sub8(p, q), o[2] = add8(p2, q2), o[3] = sub8(p2, q2), o[4] = w[1];
    return;
  }
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

/* Eight output channels of one input channel: R x R taps, `row` and `tap` floats apart at w (negative: mirrored), to the N x N results,
 * `plane` floats apart at u. */
NET2C_INLINE void net2c_winograd_filter(const float *w, ptrdiff_t row, ptrdiff_t tap, float *u, size_t plane, const int R)
{
  const int N = R == 2 ? 5 : 6;
  v8 t[6][5], in[5], out[6];
  NET2C_UNROLL for (int j = 0; j < R; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < R; ++i) in[i] = load8(w + i * row + j * tap);
    net2c_winograd_filter_axis(in, out, R);
    NET2C_UNROLL for (int i = 0; i < N; ++i) t[i][j] = out[i];
  }
  NET2C_UNROLL for (int i = 0; i < N; ++i)
  {
    net2c_winograd_filter_axis(t[i], out, R);
    NET2C_UNROLL for (int j = 0; j < N; ++j) store8(u + (size_t)(i * N + j) * plane, out[j]);
  }
}

#define NET2C_WINOGRAD_FILTER(R)                                                                                             \
  NET2C_NOINLINE void net2c_winograd_filter##R(const float *w, ptrdiff_t row, ptrdiff_t tap, float *u, size_t plane)         \
  {                                                                                                                          \
    net2c_winograd_filter(w, row, tap, u, plane, R);                                                                         \
  }
NET2C_WINOGRAD_FILTER(2)
NET2C_WINOGRAD_FILTER(3)
NET2C_WINOGRAD_FILTER(5)

#endif
