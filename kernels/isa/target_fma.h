/* Everything after this is compiled for fma, whatever the command line says. Ended by target_end.h. */
#include "kernels/strict.h"
#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("fma"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("fma")
#endif
