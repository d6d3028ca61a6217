/* One ISA's kernels: after the vocabulary. Defines every instance of catalogue.def as a static function and
 * NET2C_ISA_TABLE, the table of them in the order of the catalogue. The compiler links one such table per ISA (isa/); the
 * emitter writes the same out in full, for the families and instances that a network uses. */
#include "kernels/families.h"

#define NET2C_FAMILY(family, FAMILY, folder)
#define NET2C_KERNEL(instance, family, ...)                                                                 \
  static void net2c_##instance(const void *args, const struct net2c_frame *f, uint32_t chunk)               \
  {                                                                                                         \
    net2c_##family##_body((const struct net2c_##family##_args *)args, f, chunk, __VA_ARGS__);               \
  }
#include "kernels/catalogue.def"
#undef NET2C_KERNEL

#define NET2C_KERNEL(instance, family, ...) net2c_##instance,
extern const net2c_kernel NET2C_ISA_TABLE[];
const net2c_kernel NET2C_ISA_TABLE[] = {
#include "kernels/catalogue.def"
};
