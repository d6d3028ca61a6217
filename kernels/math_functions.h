/* Those of math.h that activations use: included once for v8, once more for vw where that has sixteen lanes (math_wide.h), so it has no guard. */

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

NET2C_INLINE v8 net2c_elu8(v8 x, float a) { return select8(lt8(x, set8(0.0f)), mul8(set8(a), expm1_negative8(x)), x); }
NET2C_INLINE v8 net2c_silu8(v8 x) { return div8(x, add8(set8(1.0f), exp8(neg8(x)))); }
NET2C_INLINE v8 net2c_gelu8(v8 x) { return mul8(mul8(x, set8(0.5f)), add8(set8(1.0f), erf8(mul8(x, set8(0.707106781f))))); }

/* Clamped to 0..1. In this order NaN passes. */
NET2C_INLINE v8 net2c_unit8(v8 x) { return max8(set8(0.0f), min8(set8(1.0f), x)); }
NET2C_INLINE v8 net2c_hard_swish8(v8 x) { return mul8(x, net2c_unit8(fma8(x, set8(0.166666667f), set8(0.5f)))); }

/* x^(-3/4), 2^-126 <= x < inf: 2.1 ulp. A first guess y by the exponent's bits and, linearly, the mantissa's; then a polynomial of x^3 y^4, which is 1.46
 * to 2.01, for its power -1/4. */
NET2C_INLINE v8 power_n34_8(v8 x)
{
  const vi8 i = ibits8(x);
  const v8 y = bits8(subi8(seti8(0x6f2cf400), subi8(i, shri8(i, 2))));
  const v8 t = mul8(x, y), e = fma8(mul8(t, t), mul8(t, y), set8(-1.71899414f));
  v8 p = fma8(set8(0.00237810146f), e, set8(-0.00486738654f));
  p = fma8(p, e, set8(0.00952932332f));
  p = fma8(p, e, set8(-0.0201426391f));
  p = fma8(p, e, set8(0.0461797006f));
  p = fma8(p, e, set8(-0.127012715f));
  p = fma8(p, e, set8(0.873336077f));
  return mul8(p, y);
}
