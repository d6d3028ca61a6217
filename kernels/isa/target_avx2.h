/* Everything after this is compiled for avx2,fma,f16c, whatever the command line says. Ended by target_end.h. */
#include "kernels/strict.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c")
#endif
