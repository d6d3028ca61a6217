#include "kernels/strict.h"
#include "kernels/simd/portable.h"
#if !defined(NET2C_ISA_TABLE) /* portable_fma.c includes this file */
#define NET2C_ISA_TABLE net2c_kernels_portable
#endif
#include "kernels/isa.h"
