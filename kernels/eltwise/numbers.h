/* Elements of any type as 64-bit integers or doubles, and back: what is rare goes through these, so that there is one loop a
 * type, not one for each pair of types or kind of operation. No f16. */
#ifndef NET2C_NUMBERS_H
#define NET2C_NUMBERS_H

#include "kernels/eltwise/eltwise_args.h"

enum { NET2C_NUMBERS = 64 }; /* how many at a time */

#define NET2C_LOAD_LOOP(T, expression)                        \
  {                                                           \
    const T *p = (const T *)x + offset;                       \
    for (uint32_t i = 0; i < n; ++i) {                        \
      const T v = p[(ptrdiff_t)i * step];                     \
      y[i] = (expression);                                    \
    }                                                         \
    break;                                                    \
  }

NET2C_NOINLINE void net2c_load_integers(const void *x, uint32_t type, ptrdiff_t offset, int32_t step, uint32_t n, int64_t *y)
{
  switch (type) {
  case NET2C_TYPE_I8: NET2C_LOAD_LOOP(int8_t, v)
  case NET2C_TYPE_U8: NET2C_LOAD_LOOP(uint8_t, v)
  case NET2C_TYPE_I16: NET2C_LOAD_LOOP(int16_t, v)
  case NET2C_TYPE_U16: NET2C_LOAD_LOOP(uint16_t, v)
  case NET2C_TYPE_I32: NET2C_LOAD_LOOP(int32_t, v)
  case NET2C_TYPE_U32: NET2C_LOAD_LOOP(uint32_t, v)
  case NET2C_TYPE_I64: NET2C_LOAD_LOOP(int64_t, v)
  case NET2C_TYPE_U64: NET2C_LOAD_LOOP(uint64_t, (int64_t)v)
  default: NET2C_LOAD_LOOP(uint8_t, v != 0) /* bool */
  }
}

NET2C_NOINLINE void net2c_load_doubles(const void *x, uint32_t type, ptrdiff_t offset, int32_t step, uint32_t n, double *y)
{
  switch (type) {
  case NET2C_TYPE_F32: NET2C_LOAD_LOOP(float, v)
  case NET2C_TYPE_F64: NET2C_LOAD_LOOP(double, v)
  case NET2C_TYPE_U64: NET2C_LOAD_LOOP(uint64_t, (double)v)
  default: {
    int64_t t[NET2C_NUMBERS];
    net2c_load_integers(x, type, offset, step, n, t);
    for (uint32_t i = 0; i < n; ++i) y[i] = (double)t[i];
  }
  }
}

#define NET2C_STORE_LOOP(T, expression)                               \
  {                                                                   \
    T *p = (T *)y + offset;                                           \
    for (uint32_t i = 0; i < n; ++i) p[i] = (T)(expression);          \
    break;                                                            \
  }

/* Wrapped. */
NET2C_NOINLINE void net2c_store_integers(void *y, uint32_t type, size_t offset, uint32_t n, const int64_t *x)
{
  switch (type) {
  case NET2C_TYPE_I8:
  case NET2C_TYPE_U8: NET2C_STORE_LOOP(uint8_t, x[i])
  case NET2C_TYPE_I16:
  case NET2C_TYPE_U16: NET2C_STORE_LOOP(uint16_t, x[i])
  case NET2C_TYPE_I32:
  case NET2C_TYPE_U32: NET2C_STORE_LOOP(uint32_t, x[i])
  case NET2C_TYPE_I64:
  case NET2C_TYPE_U64: NET2C_STORE_LOOP(int64_t, x[i])
  default: NET2C_STORE_LOOP(uint8_t, x[i] != 0)
  }
}

/* Cut off, clamped to the type; NaN is 0. The limits of 64 bits are not doubles: the next ones below and above. */
NET2C_INLINE int64_t net2c_whole(double x, double low, double high, int64_t lowest, int64_t highest)
{
  return x != x ? 0 : x <= low ? lowest : x >= high ? highest : (int64_t)x;
}

NET2C_NOINLINE void net2c_store_doubles(void *y, uint32_t type, size_t offset, uint32_t n, const double *x)
{
  switch (type) {
  case NET2C_TYPE_F32: NET2C_STORE_LOOP(float, x[i])
  case NET2C_TYPE_F64: NET2C_STORE_LOOP(double, x[i])
  case NET2C_TYPE_I8: NET2C_STORE_LOOP(int8_t, net2c_whole(x[i], -128.0, 127.0, -128, 127))
  case NET2C_TYPE_U8: NET2C_STORE_LOOP(uint8_t, net2c_whole(x[i], 0.0, 255.0, 0, 255))
  case NET2C_TYPE_I16: NET2C_STORE_LOOP(int16_t, net2c_whole(x[i], -32768.0, 32767.0, -32768, 32767))
  case NET2C_TYPE_U16: NET2C_STORE_LOOP(uint16_t, net2c_whole(x[i], 0.0, 65535.0, 0, 65535))
  case NET2C_TYPE_I32: NET2C_STORE_LOOP(int32_t, net2c_whole(x[i], -2147483648.0, 2147483647.0, INT32_MIN, INT32_MAX))
  case NET2C_TYPE_U32: NET2C_STORE_LOOP(uint32_t, net2c_whole(x[i], 0.0, 4294967295.0, 0, UINT32_MAX))
  case NET2C_TYPE_I64: NET2C_STORE_LOOP(int64_t, net2c_whole(x[i], -9223372036854775808.0, 9223372036854775808.0, INT64_MIN, INT64_MAX))
  case NET2C_TYPE_U64:
    NET2C_STORE_LOOP(uint64_t, x[i] >= 18446744073709551616.0 ? UINT64_MAX
                               : x[i] >= 9223372036854775808.0 ? (uint64_t)x[i] : (uint64_t)net2c_whole(x[i], 0.0, 1e19, 0, 0))
  default: NET2C_STORE_LOOP(uint8_t, x[i] != 0.0)
  }
}

#endif
