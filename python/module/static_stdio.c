/* Static libraries of a distribution are compiled for programs, where the linker makes copies of libc's stderr and stdout;
 * in a shared object it cannot. Linked with --wrap, every use of the two names means these. */
#include <stdio.h>

FILE *__wrap_stderr, *__wrap_stdout;
extern FILE *__real_stderr, *__real_stdout;

__attribute__((constructor)) static void use_the_real_ones(void)
{
  __wrap_stderr = __real_stderr;
  __wrap_stdout = __real_stdout;
}
