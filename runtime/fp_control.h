/* The floating-point control word that the kernels' numbers are made under: round to nearest, no traps, subnormals are 0. */
#ifndef NET2C_FP_CONTROL_H
#define NET2C_FP_CONTROL_H

#include <stdint.h>

#if defined(__x86_64__) || defined(__SSE__)
#define NET2C_FP_WORD 0x9fc0u /* MXCSR: all exceptions masked, FTZ, DAZ */
static inline uint64_t net2c_fp_get(void) { return __builtin_ia32_stmxcsr(); }
static inline void net2c_fp_set(uint64_t word) { __builtin_ia32_ldmxcsr((unsigned)word); }
#elif defined(__aarch64__)
#define NET2C_FP_WORD 0x1000000u /* FPCR: FZ */
static inline uint64_t net2c_fp_get(void)
{
  uint64_t word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(word) : : "memory");
  return word;
}
static inline void net2c_fp_set(uint64_t word) { __asm__ volatile("msr fpcr, %0" : : "r"(word) : "memory"); }
#elif defined(__arm__) && defined(__ARM_FP)
#define NET2C_FP_WORD 0x1000000u /* FPSCR: FZ */
static inline uint64_t net2c_fp_get(void)
{
  uint32_t word;
  __asm__ volatile("vmrs %0, fpscr" : "=r"(word) : : "memory");
  return word;
}
static inline void net2c_fp_set(uint64_t word) { __asm__ volatile("vmsr fpscr, %0" : : "r"((uint32_t)word) : "memory"); }
#else /* WebAssembly and others have none */
#define NET2C_FP_WORD 0
static inline uint64_t net2c_fp_get(void) { return 0; }
static inline void net2c_fp_set(uint64_t word) { (void)word; }
#endif

#endif
