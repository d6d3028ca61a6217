/* math_functions.h on vw, where that has sixteen lanes: each function of its name with w for 8. */
#ifndef NET2C_MATH_WIDE_H
#define NET2C_MATH_WIDE_H

#include "kernels/math.h"

#if NET2C_VW == 16
#define v8 vw
#define vi8 vwi
#define set8 setw
#define add8 addw
#define sub8 subw
#define mul8 mulw
#define div8 divw
#define fma8 fmaw
#define min8 minw
#define max8 maxw
#define abs8 absw
#define neg8 negw
#define lt8 ltw
#define and8 andw
#define or8 orw
#define select8 selectw
#define bits8 bitsw
#define ibits8 ibitsw
#define seti8 setiw
#define addi8 addiw
#define subi8 subiw
#pragma push_macro("shli8") /* macros themselves */
#pragma push_macro("shri8")
#undef shli8
#undef shri8
#define shli8 shliw
#define shri8 shriw
#define net2c_exp_reduced8 net2c_exp_reducedw
#define exp8 expw
#define expm1_negative8 expm1_negativew
#define net2c_with_sign8 net2c_with_signw
#define tanh8 tanhw
#define sigmoid8 sigmoidw
#define erf8 erfw
#define net2c_elu8 net2c_eluw
#define net2c_silu8 net2c_siluw
#define net2c_gelu8 net2c_geluw
#define net2c_unit8 net2c_unitw
#define net2c_hard_swish8 net2c_hard_swishw
#define power_n34_8 power_n34_w
#include "kernels/math_functions.h"
#undef v8
#undef vi8
#undef set8
#undef add8
#undef sub8
#undef mul8
#undef div8
#undef fma8
#undef min8
#undef max8
#undef abs8
#undef neg8
#undef lt8
#undef and8
#undef or8
#undef select8
#undef bits8
#undef ibits8
#undef seti8
#undef addi8
#undef subi8
#pragma pop_macro("shli8")
#pragma pop_macro("shri8")
#undef net2c_exp_reduced8
#undef exp8
#undef expm1_negative8
#undef net2c_with_sign8
#undef tanh8
#undef sigmoid8
#undef erf8
#undef net2c_elu8
#undef net2c_silu8
#undef net2c_gelu8
#undef net2c_unit8
#undef net2c_hard_swish8
#undef power_n34_8
#endif

#endif
