/* One turn of a loop that waits for another CPU. */
#ifndef NET2C_PAUSE_H
#define NET2C_PAUSE_H

static inline void net2c_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__) || (defined(__ARM_ARCH) && __ARM_ARCH >= 7)
  __asm__ volatile("yield");
#endif
}

#endif
