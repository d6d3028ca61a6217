/* Elementary functions on eight floats, from + - x / fma and integers, so that every ISA gives the same bits. Polynomials are
 * fitted by iteratively reweighted least squares to a relative error under 1e-8; the errors given are of the whole function.
 * NaN gives NaN; what would be subnormal may become zero. */
#ifndef NET2C_MATH_H
#define NET2C_MATH_H

#include "kernels/kernel.h"

#define NET2C_ROUND_MAGIC 12582912.0f /* 1.5 * 2^23: added, it leaves the nearest integer in the low bits */

#include "kernels/math_functions.h"

/* Natural logarithm: 2 ulp. log 0 = -inf, of a negative number NaN. */
NET2C_INLINE v8 log8(v8 x)
{
  const v8 tiny = lt8(x, set8(1.17549435e-38f));
  const vi8 i = ibits8(select8(tiny, mul8(x, set8(8388608.0f)), x));
  const vi8 e = shri8(subi8(i, seti8(0x3f3504f3)), 23); /* mantissas from sqrt(1/2) to sqrt 2 */
  const v8 n = sub8(tofloat8(e), and8(tiny, set8(23.0f)));
  const v8 r = sub8(bits8(subi8(i, shli8(e, 23))), set8(1.0f)), s = mul8(r, r);
  v8 p = fma8(set8(0.0691580772f), r, set8(-0.117913008f));
  p = fma8(p, r, set8(0.118735798f));
  p = fma8(p, r, set8(-0.123841561f));
  p = fma8(p, r, set8(0.142185569f));
  p = fma8(p, r, set8(-0.16669257f));
  p = fma8(p, r, set8(0.20002231f));
  p = fma8(p, r, set8(-0.249999866f));
  p = fma8(p, r, set8(0.333333105f));
  p = mul8(mul8(p, r), s);
  p = fma8(n, set8(-1.90465433e-9f), p);
  p = fma8(s, set8(-0.5f), p);
  p = fma8(n, set8(0.693147182f), add8(r, p));
  p = select8(lt8(x, set8(__builtin_inff())), p, x); /* inf and NaN as they are */
  p = select8(eq8(x, set8(0.0f)), set8(-__builtin_inff()), p);
  return select8(lt8(x, set8(0.0f)), set8(__builtin_nanf("")), p);
}

/* log(1 + u), 0 <= u <= 1. */
NET2C_INLINE v8 net2c_log1p8(v8 u)
{
  const v8 w = add8(set8(1.0f), u);
  return add8(log8(w), div8(sub8(u, sub8(w, set8(1.0f))), w));
}

/* Nearest integer, half to even; large numbers and NaN as they are. */
NET2C_INLINE v8 round8(v8 x)
{
  const v8 a = abs8(x), big = set8(8388608.0f);
  return select8(lt8(a, big), net2c_with_sign8(sub8(add8(a, big), big), x), x);
}
NET2C_INLINE v8 floor8(v8 x)
{
  const v8 r = round8(x);
  return select8(lt8(x, r), sub8(r, set8(1.0f)), r);
}
NET2C_INLINE v8 ceil8(v8 x) { return neg8(floor8(neg8(x))); }

/* Sine (shift 0) or cosine (shift 1): 1e-7 up to |x| = 1e8. x - n pi/2 is formed in double, lane by lane. */
NET2C_INLINE v8 sin_shifted8(v8 x, int32_t shift)
{
  const double magic = 6755399441055744.0; /* 1.5 * 2^52 */
  float lanes[8], quarter[8], flip[8];
  v8 r, z, s, c;
  store8(lanes, x);
  for (int i = 0; i < 8; ++i) {
    const double d = lanes[i];
    union { double d; int64_t i; } t;
    double n, rest;
    t.d = d * 0.63661977236758134308 + magic;
    n = t.d - magic;
    rest = (d - n * 1.57079632673412561417) - n * 6.07710050650619224932e-11;
    /* Only numbers beyond 1e15, which mean no angle, leave the quarter. */
    rest = rest > 0.8 ? 0.8 : rest < -0.8 ? -0.8 : rest;
    lanes[i] = (float)rest;
    quarter[i] = ((t.i + shift) & 1) ? -1.0f : 1.0f;
    flip[i] = ((t.i + shift) & 2) ? -1.0f : 1.0f;
  }
  r = load8(lanes), z = mul8(r, r);
  s = fma8(set8(2.71812178e-06f), z, set8(-0.000198393158f));
  s = fma8(s, z, set8(0.00833332911f));
  s = fma8(s, z, set8(-0.166666672f));
  s = fma8(mul8(s, z), r, r);
  c = fma8(set8(-2.72084748e-07f), z, set8(2.47994994e-05f));
  c = fma8(c, z, set8(-0.00138888834f));
  c = fma8(c, z, set8(0.0416666679f));
  c = fma8(mul8(z, z), c, fma8(z, set8(-0.5f), set8(1.0f)));
  return mul8(select8(load8(quarter), c, s), load8(flip));
}

#endif
