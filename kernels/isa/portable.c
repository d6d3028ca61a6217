#include "kernels/strict.h"
#include "kernels/simd/portable.h"
#define NET2C_ISA_TABLE net2c_kernels_portable
#include "kernels/isa.h"
