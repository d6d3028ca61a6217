#if defined(__x86_64__)
#include "kernels/isa/target_avx512.h"
#include "kernels/simd/avx512.h"
#define NET2C_ISA_TABLE net2c_kernels_avx512
#include "kernels/isa.h"
#include "kernels/isa/target_end.h"
#else
typedef int net2c_no_avx512;
#endif
