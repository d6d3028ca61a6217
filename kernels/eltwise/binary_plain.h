/* Two plain operands, broadcast against each other. */
#ifndef NET2C_BINARY_PLAIN_H
#define NET2C_BINARY_PLAIN_H

#include "kernels/eltwise/binary_many.h"
#include "kernels/eltwise/numbers.h"
#include "kernels/eltwise/walk.h"

/* n (1..8) floats, `step` apart. */
NET2C_INLINE v8 net2c_gather8(const float *p, int32_t step, uint32_t n)
{
  float t[8] = {0, 0, 0, 0, 0, 0, 0, 0};
  if (step == 0) return set8(p[0]);
  if (step == 1) return n == 8 ? load8(p) : loadn8(p, n);
  for (uint32_t i = 0; i < n; ++i) t[i] = p[(ptrdiff_t)i * step];
  return load8(t);
}

NET2C_INLINE void net2c_binary_floats(const float *a, int32_t sa, const float *b, int32_t sb, uint32_t n, uint32_t kind, float *y)
{
  for (uint32_t i = 0; i < n; i += 64) {
    const uint32_t m = n - i < 64 ? n - i : 64;
    v8 v[8], u[8];
    for (uint32_t k = 0; k * 8 < m; ++k) {
      const uint32_t l = m - 8 * k < 8 ? m - 8 * k : 8;
      v[k] = net2c_gather8(a + (ptrdiff_t)(i + 8 * k) * sa, sa, l), u[k] = net2c_gather8(b + (ptrdiff_t)(i + 8 * k) * sb, sb, l);
    }
    net2c_binary_many(v, u, (m + 7) / 8, kind);
    for (uint32_t k = 0; k * 8 < m; ++k) {
      if (m - 8 * k >= 8) store8(y + i + 8 * k, v[k]);
      else storen8(y + i + 8 * k, v[k], m - 8 * k);
    }
  }
}

/* Division by zero gives 0, and nothing traps. */
NET2C_NOINLINE int64_t net2c_integer_binary(int64_t a, int64_t b, uint32_t kind)
{
  const uint64_t p = (uint64_t)a, q = (uint64_t)b;
  switch (kind) {
  case NET2C_BIN_ADD: return (int64_t)(p + q);
  case NET2C_BIN_SUB: return (int64_t)(p - q);
  case NET2C_BIN_MUL: return (int64_t)(p * q);
  case NET2C_BIN_MIN: return a < b ? a : b;
  case NET2C_BIN_MAX: return a > b ? a : b;
  case NET2C_BIN_PRELU: return a < 0 ? (int64_t)(p * q) : a;
  case NET2C_BIN_POW: {
    uint64_t r = 1, square = p;
    if (b < 0) return a == 1 || a == -1 ? (b & 1 ? a : 1) : 0;
    for (uint64_t e = q; e; e >>= 1, square *= square)
      if (e & 1) r *= square;
    return (int64_t)r;
  }
  case NET2C_BIN_DIV: return b == 0 ? 0 : b == -1 ? (int64_t)(0 - p) : a / b;
  default: {
    const int64_t r = b == 0 || b == -1 ? 0 : a % b;
    return kind == NET2C_BIN_MOD && r != 0 && (r < 0) != (b < 0) ? r + b : r;
  }
  }
}

NET2C_INLINE double net2c_double_binary(double a, double b, uint32_t kind)
{
  switch (kind) {
  case NET2C_BIN_ADD: return a + b;
  case NET2C_BIN_SUB: return a - b;
  case NET2C_BIN_MUL: return a * b;
  case NET2C_BIN_DIV: return a / b;
  case NET2C_BIN_MIN: return a < b ? a : b;
  case NET2C_BIN_MAX: return a > b ? a : b;
  default: return a < 0.0 ? a * b : a; /* prelu */
  }
}

#define NET2C_COMPARE_LOOP(a, b)                                                          \
  switch (kind) {                                                                         \
  case NET2C_BIN_EQUAL: for (uint32_t i = 0; i < n; ++i) y[i] = (a)[i] == (b)[i]; break;  \
  case NET2C_BIN_LESS: for (uint32_t i = 0; i < n; ++i) y[i] = (a)[i] < (b)[i]; break;    \
  case NET2C_BIN_LESS_EQUAL: for (uint32_t i = 0; i < n; ++i) y[i] = (a)[i] <= (b)[i]; break; \
  case NET2C_BIN_GREATER: for (uint32_t i = 0; i < n; ++i) y[i] = (a)[i] > (b)[i]; break; \
  case NET2C_BIN_GREATER_EQUAL: for (uint32_t i = 0; i < n; ++i) y[i] = (a)[i] >= (b)[i]; break; \
  case NET2C_BIN_AND: for (uint32_t i = 0; i < n; ++i) y[i] = ((a)[i] != 0) & ((b)[i] != 0); break; \
  case NET2C_BIN_OR: for (uint32_t i = 0; i < n; ++i) y[i] = ((a)[i] != 0) | ((b)[i] != 0); break; \
  default: for (uint32_t i = 0; i < n; ++i) y[i] = ((a)[i] != 0) ^ ((b)[i] != 0);         \
  }

NET2C_INLINE void net2c_binary_plain_body(const struct net2c_binary_plain_args *a, const struct net2c_frame *f, uint32_t chunk, int mode)
{
  const void *p = net2c_in(f, a->a), *q = net2c_in(f, a->b);
  void *to = net2c_out(f, a->y);
  const uint32_t total = net2c_walk_count(a->size), most = mode ? NET2C_NUMBERS : UINT32_MAX, kind = a->kind;
  const int32_t sa = a->a_step[5], sb = a->b_step[5];
  struct net2c_walk k;
  for (net2c_walk_begin(&k, a->size, net2c_cut(total, chunk, a->chunks), net2c_cut(total, chunk + 1, a->chunks)); k.at < k.end;) {
    const uint32_t n = net2c_walk_run(&k, a->size, most);
    const ptrdiff_t ia = net2c_walk_offset(&k, a->a_step), ib = net2c_walk_offset(&k, a->b_step);
    if (mode == 0) {
      net2c_binary_floats((const float *)p + ia, sa, (const float *)q + ib, sb, n, kind, (float *)to + k.at);
    } else if (mode == 3) {
      double x[NET2C_NUMBERS], z[NET2C_NUMBERS];
      net2c_load_doubles(p, NET2C_TYPE_F64, ia, sa, n, x);
      net2c_load_doubles(q, NET2C_TYPE_F64, ib, sb, n, z);
      for (uint32_t i = 0; i < n; ++i) x[i] = net2c_double_binary(x[i], z[i], kind);
      net2c_store_doubles(to, NET2C_TYPE_F64, k.at, n, x);
    } else if (mode == 1 && (a->type == NET2C_TYPE_F32 || a->type == NET2C_TYPE_F64)) {
      uint8_t *y = (uint8_t *)to + k.at;
      double x[NET2C_NUMBERS], z[NET2C_NUMBERS];
      net2c_load_doubles(p, a->type, ia, sa, n, x);
      net2c_load_doubles(q, a->type, ib, sb, n, z);
      NET2C_COMPARE_LOOP(x, z)
    } else {
      int64_t x[NET2C_NUMBERS], z[NET2C_NUMBERS];
      net2c_load_integers(p, a->type, ia, sa, n, x);
      net2c_load_integers(q, a->type, ib, sb, n, z);
      if (mode == 1) {
        uint8_t *y = (uint8_t *)to + k.at;
        NET2C_COMPARE_LOOP(x, z)
      } else {
        for (uint32_t i = 0; i < n; ++i) x[i] = net2c_integer_binary(x[i], z[i], kind);
        net2c_store_integers(to, a->type, k.at, n, x);
      }
    }
    net2c_walk_next(&k, a->size, n);
  }
}

#endif
