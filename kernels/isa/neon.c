#if defined(__aarch64__)
#include "kernels/strict.h"
#include "kernels/simd/neon.h"
#define NET2C_ISA_TABLE net2c_kernels_neon
#include "kernels/isa.h"
#else
typedef int net2c_no_neon;
#endif
