/* Elementary functions on eight floats, from + - x / fma and integers, so that every ISA gives the same bits. Polynomials are
 * fitted by iteratively reweighted least squares to a relative error under 1e-8; the errors given are of the whole function.
 * NaN gives NaN; what would be subnormal may become zero. */
#ifndef NET2C_MATH_H
#define NET2C_MATH_H

#include "kernels/kernel.h"

#define NET2C_ROUND_MAGIC 12582912.0f /* 1.5 * 2^23: added, it leaves the nearest integer in the low bits */

/* x = n ln 2 + r, |r| <= 0.35: gives e^r - 1 and n + magic. |x| < 2^20. */
NET2C_INLINE v8 net2c_exp_reduced8(v8 x, v8 *shifted)
{
  const v8 t = fma8(x, set8(1.44269504f), set8(NET2C_ROUND_MAGIC)), n = sub8(t, set8(NET2C_ROUND_MAGIC));
  const v8 r = fma8(n, set8(1.90465433e-9f), fma8(n, set8(-0.693147182f), x));
  v8 p = fma8(set8(0.00139505242f), r, set8(0.00836890843f));
  p = fma8(p, r, set8(0.041666206f));
  p = fma8(p, r, set8(0.166665182f));
  p = fma8(p, r, set8(0.5f));
  *shifted = t;
  return fma8(mul8(r, r), p, r);
}

/* e^x: 1 ulp. */
NET2C_INLINE v8 exp8(v8 x)
{
  v8 t, y;
  vi8 n, half;
  /* In this order min and max pass NaN on. */
  x = min8(set8(89.0f), max8(set8(-105.0f), x));
  y = add8(set8(1.0f), net2c_exp_reduced8(x, &t));
  n = subi8(ibits8(t), seti8(0x4b400000));
  half = shri8(n, 1);
  /* 2^n in two steps: n reaches 128 and -151. */
  y = mul8(y, bits8(shli8(addi8(half, seti8(127)), 23)));
  return mul8(y, bits8(shli8(addi8(subi8(n, half), seti8(127)), 23)));
}

/* e^x - 1 for x <= 0, to 2 ulp also near 0; for x > 0 a number without meaning. */
NET2C_INLINE v8 expm1_negative8(v8 x)
{
  v8 t, y, scale;
  y = net2c_exp_reduced8(min8(set8(1.0f), max8(set8(-30.0f), x)), &t);
  scale = bits8(shli8(addi8(subi8(ibits8(t), seti8(0x4b400000)), seti8(127)), 23));
  return fma8(y, scale, sub8(scale, set8(1.0f)));
}

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

NET2C_INLINE v8 net2c_with_sign8(v8 magnitude, v8 sign) { return or8(magnitude, and8(sign, set8(-0.0f))); }

/* 3 ulp. */
NET2C_INLINE v8 tanh8(v8 x)
{
  const v8 t = expm1_negative8(mul8(set8(-2.0f), abs8(x)));
  return net2c_with_sign8(div8(abs8(t), add8(t, set8(2.0f))), x);
}

NET2C_INLINE v8 sigmoid8(v8 x) { return div8(set8(1.0f), add8(set8(1.0f), exp8(neg8(x)))); }

/* Error function: 2 ulp. Up to 0.94 an odd polynomial, above 1 - e^p(|x|). */
NET2C_INLINE v8 erf8(v8 x)
{
  const v8 a = abs8(x), z = mul8(x, x), t = min8(set8(4.0f), a);
  v8 p = fma8(set8(8.22398724e-05f), z, set8(-0.000810808269f)), q;
  p = fma8(p, z, set8(0.00519799162f));
  p = fma8(p, z, set8(-0.0268581863f));
  p = fma8(p, z, set8(0.112836741f));
  p = fma8(p, z, set8(-0.376126319f));
  p = fma8(p, z, set8(1.12837923f));
  q = fma8(set8(0.00019717979f), t, set8(-0.00305559044f));
  q = fma8(q, t, set8(0.0222770255f));
  q = fma8(q, t, set8(-0.10403724f));
  q = fma8(q, t, set8(-0.637059867f));
  q = fma8(q, t, set8(-1.12774944f));
  q = fma8(q, t, set8(-0.000177509122f));
  q = net2c_with_sign8(abs8(expm1_negative8(q)), x);
  return select8(lt8(set8(0.94f), a), q, mul8(x, p));
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
