/* One ISA's kernels: include the vocabulary first. Defines every instance of catalogue.def as a static function and the
 * table NET2C_ISA_TABLE of them, in the order of the catalogue. The compiler links one such table per ISA; the emitter
 * prints only the instances that a network uses. */
#ifndef NET2C_ISA_H
#define NET2C_ISA_H

#include "kernels/kernel.h"

#define NET2C_FAMILY(family, FAMILY, folder)
#define NET2C_KERNEL(instance, family, ...)                                                                 \
  static void net2c_##instance(const void *args, const struct net2c_frame *f, uint32_t chunk)               \
  {                                                                                                         \
    net2c_##family##_body((const struct net2c_##family##_args *)args, f, chunk, __VA_ARGS__);               \
  }

#endif
