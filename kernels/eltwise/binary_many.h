/* x[i] = x[i] op y[i] on vectors, by kind; the switch stands outside the loops. */
#ifndef NET2C_BINARY_MANY_H
#define NET2C_BINARY_MANY_H

#include "kernels/eltwise/eltwise_args.h"
#include "kernels/eltwise/power.h"

NET2C_NOINLINE v8 net2c_binary_rare8(v8 x, v8 y, uint32_t kind)
{
  float a[8], b[8];
  store8(a, x), store8(b, y);
  for (int i = 0; i < 8; ++i)
    a[i] = kind == NET2C_BIN_POW ? net2c_pow1(a[i], b[i]) : kind == NET2C_BIN_MOD ? net2c_mod1(a[i], b[i]) : net2c_fmod1(a[i], b[i]);
  return load8(a);
}

NET2C_INLINE void net2c_binary_many(v8 *x, const v8 *y, uint32_t n, uint32_t kind)
{
  switch (kind) {
  case NET2C_BIN_ADD:
    for (uint32_t i = 0; i < n; ++i) x[i] = add8(x[i], y[i]);
    break;
  case NET2C_BIN_SUB:
    for (uint32_t i = 0; i < n; ++i) x[i] = sub8(x[i], y[i]);
    break;
  case NET2C_BIN_MUL:
    for (uint32_t i = 0; i < n; ++i) x[i] = mul8(x[i], y[i]);
    break;
  case NET2C_BIN_DIV:
    for (uint32_t i = 0; i < n; ++i) x[i] = div8(x[i], y[i]);
    break;
  case NET2C_BIN_MIN:
    for (uint32_t i = 0; i < n; ++i) x[i] = min8(x[i], y[i]);
    break;
  case NET2C_BIN_MAX:
    for (uint32_t i = 0; i < n; ++i) x[i] = max8(x[i], y[i]);
    break;
  case NET2C_BIN_PRELU:
    for (uint32_t i = 0; i < n; ++i) x[i] = select8(lt8(x[i], set8(0.0f)), mul8(x[i], y[i]), x[i]);
    break;
  default:
    for (uint32_t i = 0; i < n; ++i) x[i] = net2c_binary_rare8(x[i], y[i], kind);
  }
}

#endif
