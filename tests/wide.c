/* The bodies that AVX-512 has alone (pairs of blocks in one register, tiles of four blocks) on any CPU with fma. */
#if defined(__x86_64__)
#define NET2C_FMA
#include "kernels/isa/target_fma.h"
#endif
#include "kernels/strict.h"
#include "wide.h"
#define NET2C_ISA_TABLE net2c_kernels_wide
#include "kernels/isa.h"
#if defined(__x86_64__)
#include "kernels/isa/target_end.h"
#endif
