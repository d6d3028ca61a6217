/* The portable kernels on an x86 CPU with fma: the same bits as every other ISA. */
#if defined(__x86_64__)
#define NET2C_FMA
#define NET2C_ISA_TABLE net2c_kernels_portable_fma
#include "kernels/isa/target_fma.h"
#include "kernels/isa/portable.c"
#include "kernels/isa/target_end.h"
#else
typedef int net2c_no_portable_fma;
#endif
