#if defined(__x86_64__)
#include "kernels/isa/target_avx2.h"
#include "kernels/simd/avx2.h"
#define NET2C_ISA_TABLE net2c_kernels_avx2
#include "kernels/isa.h"
#include "kernels/isa/target_end.h"
#else
typedef int net2c_no_avx2;
#endif
