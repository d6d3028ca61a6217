/* Element-wise functions on eight lanes, by number. */
#ifndef NET2C_ACT_MANY_H
#define NET2C_ACT_MANY_H

#include "kernels/act/act_args.h"
#include "kernels/math_wide.h"

/* Of a bundle, the functions that its steps use, a bit each: it has no others. */
#ifndef NET2C_ACTS
#define NET2C_ACTS 0xffffffffffffffffull
#endif
#define NET2C_HAS_ACT(act) (NET2C_ACTS >> (act) & 1u)

/* The expensive ones are functions over x[0..n), each there once for all epilogues: their constants stay in registers, and vectors overlap; two at a
 * time where vw holds them. */
#if NET2C_VW == 16
#define NET2C_ACT_PAIRS(act, f) \
  for (; NET2C_HAS_ACT(act) && i + 1 < n; i += 2) { const vw v = loadw((const float *)&x[i]); storew((float *)&x[i], f); }
#else
#define NET2C_ACT_PAIRS(act, f)
#endif
#define NET2C_ACT_LOOP(act, wide, f)  \
  uint32_t i = 0;                     \
  NET2C_ACT_PAIRS(act, wide)          \
  for (; NET2C_HAS_ACT(act) && i < n; ++i) { const v8 v = x[i]; x[i] = f; }
NET2C_NOINLINE void net2c_elu_many(v8 *x, uint32_t n, float a) { NET2C_ACT_LOOP(NET2C_ACT_ELU, net2c_eluw(v, a), net2c_elu8(v, a)) }
NET2C_NOINLINE void net2c_sigmoid_many(v8 *x, uint32_t n) { NET2C_ACT_LOOP(NET2C_ACT_SIGMOID, sigmoidw(v), sigmoid8(v)) }
NET2C_NOINLINE void net2c_silu_many(v8 *x, uint32_t n) { NET2C_ACT_LOOP(NET2C_ACT_SILU, net2c_siluw(v), net2c_silu8(v)) }
NET2C_NOINLINE void net2c_tanh_many(v8 *x, uint32_t n) { NET2C_ACT_LOOP(NET2C_ACT_TANH, tanhw(v), tanh8(v)) }
NET2C_NOINLINE void net2c_gelu_many(v8 *x, uint32_t n) { NET2C_ACT_LOOP(NET2C_ACT_GELU, net2c_geluw(v), net2c_gelu8(v)) }

/* max(0, x) + log(1 + e^-|x|) */
NET2C_INLINE v8 net2c_softplus8(v8 x) { return add8(max8(set8(0.0f), x), net2c_log1p8(exp8(neg8(abs8(x))))); }

/* x tanh(softplus(x)) = x n / (n + 2) with n = e^x (e^x + 2), which is x from 20 on. */
NET2C_INLINE v8 net2c_mish8(v8 x)
{
  const v8 e = exp8(min8(set8(20.0f), x)), n = mul8(e, add8(e, set8(2.0f)));
  return mul8(x, div8(n, add8(n, set8(2.0f))));
}

/* (1 + tanh z) / 2 = sigmoid(2 z) */
NET2C_INLINE v8 net2c_gelu_tanh8(v8 x)
{
  const v8 z = mul8(set8(-1.59576912f), fma8(set8(0.044715f), mul8(mul8(x, x), x), x));
  return div8(x, add8(set8(1.0f), exp8(z)));
}

NET2C_NOINLINE v8 net2c_act_rare8(v8 x, uint32_t act, float a, float b)
{
  const v8 zero = set8(0.0f), one = set8(1.0f), va = set8(a), vb = set8(b);
  switch (act) {
  case NET2C_ACT_CELU: {
    const v8 t = div8(x, va), low = mul8(va, select8(lt8(zero, t), sub8(exp8(t), one), expm1_negative8(t)));
    return add8(max8(zero, x), min8(zero, low));
  }
  case NET2C_ACT_SELU: return mul8(vb, select8(lt8(zero, x), x, mul8(va, expm1_negative8(x))));
  case NET2C_ACT_THRESHOLDED_RELU: return select8(lt8(va, x), x, select8(eq8(x, x), zero, x));
  case NET2C_ACT_HARD_SIGMOID: return net2c_unit8(fma8(va, x, vb));
  case NET2C_ACT_GELU_TANH: return net2c_gelu_tanh8(x);
  case NET2C_ACT_MISH: return net2c_mish8(x);
  case NET2C_ACT_SOFTPLUS: return net2c_softplus8(x);
  case NET2C_ACT_SOFTSIGN: return div8(x, add8(one, abs8(x)));
  case NET2C_ACT_ABS: return abs8(x);
  case NET2C_ACT_NEG: return neg8(x);
  case NET2C_ACT_SIGN: return select8(lt8(zero, x), one, select8(lt8(x, zero), set8(-1.0f), x));
  case NET2C_ACT_FLOOR: return floor8(x);
  case NET2C_ACT_CEIL: return ceil8(x);
  case NET2C_ACT_ROUND: return round8(x);
  case NET2C_ACT_SQRT: return sqrt8(x);
  case NET2C_ACT_RECIPROCAL: return div8(one, x);
  case NET2C_ACT_EXP: return exp8(x);
  case NET2C_ACT_LOG: return log8(x);
  case NET2C_ACT_ERF: return erf8(x);
  case NET2C_ACT_SIN: return sin_shifted8(x, 0);
  case NET2C_ACT_COS: return sin_shifted8(x, 1);
  default: return x;
  }
}

#define NET2C_ACTS_FREQUENT                                                                                                          \
  (1ull << NET2C_ACT_IDENTITY | 1ull << NET2C_ACT_RELU | 1ull << NET2C_ACT_LEAKY_RELU | 1ull << NET2C_ACT_CLIP |                       \
   1ull << NET2C_ACT_HARD_SWISH | 1ull << NET2C_ACT_ELU | 1ull << NET2C_ACT_SIGMOID | 1ull << NET2C_ACT_SILU | 1ull << NET2C_ACT_TANH | \
   1ull << NET2C_ACT_GELU)

/* In place over x[0..n), the switch outside the loop. Used by epilogues too. */
NET2C_INLINE void net2c_act_many(v8 *x, uint32_t n, uint32_t act, float a, float b)
{
  switch (act) {
  case NET2C_ACT_IDENTITY: break;
  case NET2C_ACT_RELU:
    for (uint32_t i = 0; i < n; ++i) x[i] = max8(set8(0.0f), x[i]);
    break;
  case NET2C_ACT_LEAKY_RELU:
    for (uint32_t i = 0; i < n; ++i) x[i] = select8(lt8(x[i], set8(0.0f)), mul8(x[i], set8(a)), x[i]);
    break;
  case NET2C_ACT_CLIP:
    for (uint32_t i = 0; i < n; ++i) x[i] = min8(set8(b), max8(set8(a), x[i]));
    break;
  case NET2C_ACT_HARD_SWISH:
    for (uint32_t i = 0; i < n; ++i) x[i] = net2c_hard_swish8(x[i]);
    break;
  case NET2C_ACT_ELU: net2c_elu_many(x, n, a); break;
  case NET2C_ACT_SIGMOID: net2c_sigmoid_many(x, n); break;
  case NET2C_ACT_SILU: net2c_silu_many(x, n); break;
  case NET2C_ACT_TANH: net2c_tanh_many(x, n); break;
  case NET2C_ACT_GELU: net2c_gelu_many(x, n); break;
  default:
    if (NET2C_ACTS & ~NET2C_ACTS_FREQUENT)
      for (uint32_t i = 0; i < n; ++i) x[i] = net2c_act_rare8(x[i], act, a, b);
  }
}

#endif
