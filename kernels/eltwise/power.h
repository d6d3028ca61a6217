/* x^y and the remainder of x / y, one float at a time: in double, where + - x / are the same on every machine. */
#ifndef NET2C_POWER_H
#define NET2C_POWER_H

#include "kernels/kernel.h"

union net2c_double_bits { double d; uint64_t u; };

/* log x for normal x > 0, relative error 1e-13: 2 atanh((m - 1) / (m + 1)) as a series, m from sqrt(1/2) to sqrt 2. */
NET2C_INLINE double net2c_log_double(double x)
{
  union net2c_double_bits m;
  int32_t e;
  double s, z, p;
  m.d = x;
  e = (int32_t)(m.u >> 52) - 1023;
  m.u = (m.u & 0xfffffffffffffu) | 0x3ff0000000000000u;
  if (m.d > 1.41421356237309505) m.d *= 0.5, ++e;
  s = (m.d - 1.0) / (m.d + 1.0), z = s * s;
  p = 1.0 / 17.0;
  for (int k = 15; k >= 1; k -= 2) p = p * z + 1.0 / k;
  return e * 0.69314718055994530942 + 2.0 * s * p;
}

/* e^x for |x| < 700, relative error 1e-13: the series on |r| <= ln 2 / 2. */
NET2C_INLINE double net2c_exp_double(double x)
{
  union net2c_double_bits scale;
  const int32_t n = (int32_t)(x * 1.44269504088896340736 + (x < 0 ? -0.5 : 0.5));
  const double r = x - n * 0.69314718055994530942;
  double p = 1.0;
  for (int k = 12; k >= 1; --k) p = 1.0 + p * r / k;
  scale.u = (uint64_t)(n + 1023) << 52;
  return p * scale.d;
}

/* As C's powf. */
NET2C_NOINLINE float net2c_pow1(float x, float y)
{
  const float inf = __builtin_inff(), magnitude = x < 0 ? -x : x;
  const int whole = y >= 16777216.0f || y <= -16777216.0f || (float)(int32_t)y == y;
  const int odd = y < 16777216.0f && y > -16777216.0f && ((int32_t)y & 1);
  int negative;
  float r;
  if (y == 0.0f || x == 1.0f) return 1.0f;
  if (x != x || y != y) return x + y;
  if (y == inf || y == -inf) return magnitude == 1.0f ? 1.0f : (magnitude > 1.0f) == (y > 0) ? inf : 0.0f;
  negative = (x < 0 || (x == 0 && 1.0f / x < 0)) && odd && whole;
  if (magnitude == 0.0f || magnitude == inf) {
    r = (magnitude == 0.0f) == (y < 0) ? inf : 0.0f;
  } else {
    double p;
    if (x < 0 && !whole) return __builtin_nanf("");
    p = net2c_log_double(magnitude) * y;
    if (p > 89.0) r = inf;
    else if (p < -110.0) r = 0.0f;
    else p = net2c_exp_double(p), r = p >= 3.4028235677973366e38 ? inf : (float)p;
  }
  return negative ? -r : r;
}

/* x - n y with n = x / y cut off, exactly: y doubled until it exceeds x, subtracted on the way back. */
NET2C_NOINLINE float net2c_fmod1(float x, float y)
{
  const float inf = __builtin_inff();
  double r = x < 0 ? -(double)x : x, b = y < 0 ? -(double)y : y, t = b;
  if (!(r < inf) || !(b > 0)) return __builtin_nanf("");
  if (y == inf || y == -inf) return x;
  while (t + t <= r) t += t;
  for (; t >= b; t *= 0.5)
    if (r >= t) r -= t;
  return (float)(x < 0 ? -r : r);
}

/* The same with the sign of y. */
NET2C_INLINE float net2c_mod1(float x, float y)
{
  const float r = net2c_fmod1(x, y);
  return r != 0.0f && (r < 0.0f) != (y < 0.0f) ? r + y : r;
}

#endif
