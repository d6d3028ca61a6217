/* First in every file of kernels: one rounding an operation, as written, on every compiler. */
#ifndef NET2C_STRICT_H
#define NET2C_STRICT_H
#if defined(__FAST_MATH__)
#error "net2c kernels give wrong numbers under -ffast-math; leave it off for this file"
#endif
#if defined(__FLT_EVAL_METHOD__) && __FLT_EVAL_METHOD__ != 0
#error "net2c kernels need float arithmetic in float (FLT_EVAL_METHOD 0); compile for SSE2 or later"
#endif
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif
#endif
