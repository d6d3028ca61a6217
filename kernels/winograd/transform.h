/* The three transforms along one axis, and of the filter along both. N points: 6 for F(4,3), F(3,4) and F(2,5), 5 for F(4,2), 4 for F(4,1),
 * which are those of F(4,2) without infinity. With points +-q in pairs, the even and the odd half of each polynomial are there once. Filters are divided by the product of a point's distances
 * to the others: -243/128 at +-3/4, 243/32 at +-3/2, 81/64 at 0; of the five, -+21/16 at +-1/2, +-105/32 at +-5/4. */
#ifndef NET2C_WINOGRAD_TRANSFORM_H
#define NET2C_WINOGRAD_TRANSFORM_H

#include "kernels/math.h"
#include "kernels/half.h"
#include "kernels/vt.h"

NET2C_INLINE void net2c_winograd_input_axis(const v8 *d, v8 *o, const int N)
{
  if (N < 6) {
    const v8 far = fma8(set8(-1.5625f), d[1], d[3]), far2 = fma8(set8(-1.5625f), d[0], d[2]);
    const v8 close = fma8(set8(-0.25f), d[1], d[3]), close2 = fma8(set8(-0.25f), d[0], d[2]);
    o[0] = fma8(set8(0.5f), far2, far);
    o[1] = fma8(set8(-0.5f), far2, far);
    o[2] = fma8(set8(1.25f), close2, close);
    o[3] = fma8(set8(-1.25f), close2, close);
    if (N == 5) o[N - 1] = fma8(set8(0.390625f), d[0], fma8(set8(-1.8125f), d[2], d[N - 1]));
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

/* Of a tile of 1, 2 or 3 outputs, from the points that it has (band.h): the filter is divided by the distances to those left out, too. */
NET2C_INLINE void net2c_winograd_input_axis_short(const v8 *d, v8 *o, uint32_t outputs)
{
  if (outputs == 3) {
    const v8 odd = fma8(set8(-2.25f), d[1], d[3]), even = fma8(set8(-2.25f), d[0], d[2]);
    const v8 odd2 = fma8(set8(-0.5625f), d[1], d[3]), even2 = fma8(set8(-0.5625f), d[0], d[2]);
    o[1] = mul8(set8(0.75f), fma8(set8(0.75f), even, odd));
    o[2] = mul8(set8(-0.75f), fma8(set8(-0.75f), even, odd));
    o[3] = mul8(set8(1.5f), fma8(set8(1.5f), even2, odd2));
    o[4] = mul8(set8(-1.5f), fma8(set8(-1.5f), even2, odd2));
    o[5] = fma8(set8(1.265625f), d[0], fma8(set8(-2.8125f), d[2], d[4]));
  } else if (outputs == 2) {
    o[0] = mul8(set8(-2.25f), fma8(set8(-0.5625f), d[0], d[2]));
    o[1] = mul8(set8(-1.6875f), fma8(set8(0.75f), d[1], d[2]));
    o[2] = mul8(set8(-1.6875f), fma8(set8(-0.75f), d[1], d[2]));
    o[5] = fma8(set8(-0.5625f), d[1], d[3]);
  } else {
    o[1] = mul8(set8(-1.265625f), fma8(set8(0.75f), d[0], d[1]));
    o[2] = mul8(set8(1.265625f), fma8(set8(-0.75f), d[0], d[1]));
    o[5] = fma8(set8(-0.5625f), d[0], d[2]);
  }
}

/* M outputs. */
NET2C_INLINE void net2c_winograd_output_axis(const vt *m, vt *o, const int N, const int M)
{
  if (N == 5) {
    const vt s1 = addt(m[0], m[1]), d1 = subt(m[0], m[1]), s2 = addt(m[2], m[3]), d2 = subt(m[2], m[3]);
    o[0] = addt(s1, s2);
    o[1] = fmat(sett(0.5f), d1, mult(sett(1.25f), d2));
    if (M == 3) {
      o[2] = fmat(sett(0.25f), s1, fmat(sett(1.5625f), s2, m[4]));
      return;
    }
    o[2] = fmat(sett(0.25f), s1, mult(sett(1.5625f), s2));
    o[3] = fmat(sett(0.125f), d1, fmat(sett(1.953125f), d2, m[4]));
    return;
  }
  const vt s1 = addt(m[1], m[2]), d1 = subt(m[1], m[2]), s2 = addt(m[3], m[4]), d2 = subt(m[3], m[4]);
  const vt slope = fmat(sett(0.75f), d1, mult(sett(1.5f), d2));
  o[0] = addt(m[0], addt(s1, s2));
  if (M == 1) {
    o[0] = addt(o[0], m[N - 1]);
    return;
  }
  if (M == 2) {
    o[1] = addt(slope, m[N - 1]);
    return;
  }
  o[1] = slope;
  if (M == 3) {
    o[2] = fmat(sett(0.5625f), s1, fmat(sett(2.25f), s2, m[N - 1]));
    return;
  }
  o[2] = fmat(sett(0.5625f), s1, mult(sett(2.25f), s2));
  o[3] = fmat(sett(0.421875f), d1, fmat(sett(3.375f), d2, m[N - 1]));
}

/* R taps: 1 (four points), 2 (five), 3, 4 or 5. */
NET2C_INLINE void net2c_winograd_filter_axis(const vt *w, vt *o, const int R)
{
  if (R == 1) {
    o[0] = mult(sett(-0.7619047619f), w[0]), o[1] = mult(sett(0.7619047619f), w[0]);
    o[2] = mult(sett(0.3047619048f), w[0]), o[3] = mult(sett(-0.3047619048f), w[0]);
    return;
  }
  if (R == 2) {
    const vt q = mult(sett(-0.7619047619f), w[0]), p = mult(sett(-0.3809523810f), w[1]);
    const vt q2 = mult(sett(0.3047619048f), w[0]), p2 = mult(sett(0.3809523810f), w[1]);
    o[0] = addt(p, q), o[1] = subt(p, q), o[2] = addt(p2, q2), o[3] = subt(p2, q2), o[4] = w[1];
    return;
  }
  vt even = fmat(sett(-0.2962962963f), w[2], mult(sett(-0.5267489712f), w[0]));
  vt odd = mult(sett(-0.3950617284f), w[1]);
  vt even2 = fmat(sett(0.2962962963f), w[2], mult(sett(0.1316872428f), w[0]));
  vt odd2 = mult(sett(0.1975308642f), w[1]);
  if (R >= 4) odd = fmat(sett(-0.2222222222f), w[3], odd), odd2 = fmat(sett(0.4444444444f), w[3], odd2);
  if (R == 5) even = fmat(sett(-0.1666666667f), w[R - 1], even), even2 = fmat(sett(0.6666666667f), w[R - 1], even2);
  o[0] = mult(sett(0.7901234568f), w[0]);
  o[1] = addt(even, odd), o[2] = subt(even, odd);
  o[3] = addt(even2, odd2), o[4] = subt(even2, odd2);
  o[5] = w[R - 1];
}

NET2C_INLINE vt net2c_winograd_weights(const void *w, ptrdiff_t i, uint32_t lanes, const int H)
{
  const void *at = net2c_weights_at(w, i, H);
  return H ? loadnht((const uint16_t *)at, lanes) : loadnt((const float *)at, lanes);
}

/* `lanes` output channels of one input channel: R x C taps, `row` and `tap` numbers apart at w (negative: mirrored), to the N x N results,
 * `plane` floats apart at u, but to none at infinity of an axis with one tap. */
NET2C_INLINE void net2c_winograd_filter(const void *w, ptrdiff_t row, ptrdiff_t tap, float *u, size_t plane, uint32_t lanes, const int R,
                                        const int C, const int H)
{
  const int N = R <= 2 ? 5 : 6, rows = R == 1 ? 4 : N, columns = C == 1 ? 4 : N;
  vt t[6][5], in[5], out[6];
  NET2C_UNROLL for (int j = 0; j < C; ++j)
  {
    NET2C_UNROLL for (int i = 0; i < R; ++i) in[i] = net2c_winograd_weights(w, i * row + j * tap, lanes, H);
    net2c_winograd_filter_axis(in, out, R);
    NET2C_UNROLL for (int i = 0; i < rows; ++i) t[i][j] = out[i];
  }
  NET2C_UNROLL for (int i = 0; i < rows; ++i)
  {
    net2c_winograd_filter_axis(t[i], out, C);
    NET2C_UNROLL for (int j = 0; j < columns; ++j) storet(u + (size_t)(i * N + j) * plane, out[j]);
  }
}

/* The same along one axis: R taps, `tap` numbers apart, to `points` results of the six. */
NET2C_INLINE void net2c_winograd_filter_line(const void *w, ptrdiff_t tap, float *u, size_t plane, uint32_t lanes, const int R, const int points,
                                             const int H)
{
  vt in[5], out[6];
  NET2C_UNROLL for (int i = 0; i < R; ++i) in[i] = net2c_winograd_weights(w, i * tap, lanes, H);
  net2c_winograd_filter_axis(in, out, R);
  NET2C_UNROLL for (int i = 0; i < points; ++i) storet(u + (size_t)i * plane, out[i]);
}

#define NET2C_WINOGRAD_FILTER(R, C)                                                                                                           \
  NET2C_NOINLINE void net2c_winograd_filter##R##C(const void *w, ptrdiff_t row, ptrdiff_t tap, float *u, size_t plane, uint32_t lanes)        \
  {                                                                                                                                           \
    net2c_winograd_filter(w, row, tap, u, plane, lanes, R, C, 0);                                                                             \
  }                                                                                                                                           \
  NET2C_NOINLINE void net2c_winograd_filter##R##C##_half(const void *w, ptrdiff_t row, ptrdiff_t tap, float *u, size_t plane, uint32_t lanes) \
  {                                                                                                                                           \
    net2c_winograd_filter(w, row, tap, u, plane, lanes, R, C, 1);                                                                             \
  }
NET2C_WINOGRAD_FILTER(1, 1)
NET2C_WINOGRAD_FILTER(1, 2)
NET2C_WINOGRAD_FILTER(2, 1)
NET2C_WINOGRAD_FILTER(2, 2)
NET2C_WINOGRAD_FILTER(3, 3)
NET2C_WINOGRAD_FILTER(5, 5)

#endif
