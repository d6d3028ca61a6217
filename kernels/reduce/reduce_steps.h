/* One step of a reduction, its start and its end, on vectors. */
#ifndef NET2C_REDUCE_STEPS_H
#define NET2C_REDUCE_STEPS_H

#include "kernels/math.h"
#include "kernels/reduce/reduce_args.h"

NET2C_INLINE float net2c_reduce_start(uint32_t kind)
{
  return kind == NET2C_REDUCE_MAX ? -__builtin_inff() : kind == NET2C_REDUCE_MIN ? __builtin_inff() : kind == NET2C_REDUCE_PROD ? 1.0f : 0.0f;
}

/* The next element. */
NET2C_INLINE v8 net2c_reduce_step(v8 all, v8 x, uint32_t kind)
{
  switch (kind) {
  case NET2C_REDUCE_MAX: return max8(all, x);
  case NET2C_REDUCE_MIN: return min8(all, x);
  case NET2C_REDUCE_PROD: return mul8(all, x);
  case NET2C_REDUCE_L1: return add8(all, abs8(x));
  case NET2C_REDUCE_L2:
  case NET2C_REDUCE_SUM_SQUARE: return fma8(x, x, all);
  default: return add8(all, x);
  }
}

/* Two partial results. */
NET2C_INLINE v8 net2c_reduce_merge(v8 a, v8 b, uint32_t kind)
{
  switch (kind) {
  case NET2C_REDUCE_MAX: return max8(a, b);
  case NET2C_REDUCE_MIN: return min8(a, b);
  case NET2C_REDUCE_PROD: return mul8(a, b);
  default: return add8(a, b);
  }
}

/* Of n elements. */
NET2C_INLINE v8 net2c_reduce_end(v8 all, uint32_t n, uint32_t kind)
{
  switch (kind) {
  case NET2C_REDUCE_MEAN: return mul8(all, set8(1.0f / (float)n));
  case NET2C_REDUCE_L2: return sqrt8(all);
  case NET2C_REDUCE_LOG_SUM:
  case NET2C_REDUCE_LOG_SUM_EXP: return log8(all);
  default: return all;
  }
}

/* Lanes merged by a fixed tree. */
NET2C_INLINE float net2c_reduce_lanes(v8 all, uint32_t kind)
{
  float t[8];
  store8(t, all);
  for (int half = 4; half; half /= 2)
    for (int i = 0; i < half; ++i) {
      const float a = t[i], b = t[i + half];
      t[i] = kind == NET2C_REDUCE_MAX ? (a > b ? a : b) : kind == NET2C_REDUCE_MIN ? (a < b ? a : b) : kind == NET2C_REDUCE_PROD ? a * b : a + b;
    }
  return t[0];
}

#endif
