/* What this CPU and its system can run. Asked once, at open; kernels never ask. */
#ifndef NET2C_CPU_H
#define NET2C_CPU_H

#include <stdint.h>

enum { NET2C_CPU_FMA = 1, NET2C_CPU_AVX2 = 2, NET2C_CPU_AVX512 = 4 }; /* each includes those before it */

#if defined(__x86_64__)
static inline void net2c_cpuid(uint32_t leaf, uint32_t r[4])
{
  __asm__ volatile("cpuid" : "=a"(r[0]), "=b"(r[1]), "=c"(r[2]), "=d"(r[3]) : "a"(leaf), "c"(0));
}

/* Intel's manual, volume 1, 14.3 and 15.2: the CPU has it, and the system saves its registers (XCR0). */
static inline int net2c_cpu(void)
{
  const uint32_t f_dq_bw_vl = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
  uint32_t r[4], low, high, most;
  net2c_cpuid(0, r);
  most = r[0];
  net2c_cpuid(1, r);
  if ((r[2] >> 27 & r[2] >> 28 & r[2] >> 12 & 1) == 0) return 0; /* OSXSAVE, AVX, FMA */
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  (void)high;
  if ((low & 6) != 6) return 0;
  if (most < 7 || (r[2] >> 29 & 1) == 0) return NET2C_CPU_FMA; /* F16C */
  net2c_cpuid(7, r);
  if ((r[1] >> 5 & 1) == 0) return NET2C_CPU_FMA;
  if ((r[1] & f_dq_bw_vl) != f_dq_bw_vl || (low & 0xe6) != 0xe6) return NET2C_CPU_FMA | NET2C_CPU_AVX2;
  return NET2C_CPU_FMA | NET2C_CPU_AVX2 | NET2C_CPU_AVX512;
}
#else
static inline int net2c_cpu(void) { return 0; }
#endif

#endif
