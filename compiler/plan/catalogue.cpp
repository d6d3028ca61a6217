// The catalogue of kernels as data, and the kernels of each ISA that this build has.
#include "kernels/families_args.h"
#include "plan/plan.h"
#include "runtime/cpu.h"

extern "C" {
extern const net2c_kernel net2c_kernels_portable[];
#if defined(__x86_64__)
extern const net2c_kernel net2c_kernels_portable_fma[];
extern const net2c_kernel net2c_kernels_avx2[];
extern const net2c_kernel net2c_kernels_avx512[];
#elif defined(__aarch64__)
extern const net2c_kernel net2c_kernels_neon[];
#endif
}

namespace net2c {

namespace {

#define NET2C_DESCRIBE(type, name) Field{FieldType::type, #name},
#define NET2C_KERNEL(...)
#define NET2C_FAMILY(family, FAMILY, folder) const Family family_##family{#family, #folder, {NET2C_##FAMILY##_ARGS(NET2C_DESCRIBE)}};
#include "kernels/catalogue.def"
#undef NET2C_FAMILY
#undef NET2C_KERNEL

const net2c_kernel *table_of(Isa isa)
{
#if defined(__x86_64__)
  static const int cpu = net2c_cpu();
  switch (isa) {
    case Isa::portable: return cpu & NET2C_CPU_FMA ? net2c_kernels_portable_fma : net2c_kernels_portable;
    case Isa::avx2: return cpu & NET2C_CPU_AVX2 ? net2c_kernels_avx2 : nullptr;
    case Isa::avx512: return cpu & NET2C_CPU_AVX512 ? net2c_kernels_avx512 : nullptr;
    case Isa::neon: return nullptr;
  }
#elif defined(__aarch64__)
  if (isa == Isa::neon) return net2c_kernels_neon;
#endif
  return isa == Isa::portable ? net2c_kernels_portable : nullptr;
}

constexpr const char *isa_names[] = {"portable", "avx2", "avx512", "neon"};

}  // namespace

const std::vector<Kernel> &catalogue()
{
#define NET2C_FAMILY(family, FAMILY, folder)
#define NET2C_KERNEL(instance, family, ...) Kernel{#instance, &family_##family, #__VA_ARGS__},
  static const std::vector<Kernel> all = {
#include "kernels/catalogue.def"
  };
  return all;
#undef NET2C_FAMILY
#undef NET2C_KERNEL
}

KernelId kernel_named(const std::string &name)
{
  for (KernelId i = 0; i < catalogue().size(); ++i)
    if (name == catalogue()[i].name) return i;
  bug("no kernel {} in catalogue.def", name);
}

const char *name_of(Isa isa) { return isa_names[static_cast<int>(isa)]; }

Isa isa_named(const std::string &name)
{
  for (int i = 0; i < 4; ++i)
    if (name == isa_names[i]) return static_cast<Isa>(i);
  fail({}, "'{}' is not an ISA; there are portable, avx2, avx512 and neon", name);
}

bool runs_here(Isa isa) { return table_of(isa) != nullptr; }

void check_runs_here(Isa isa)
{
  if (!runs_here(isa)) fail({}, "{} does not run on this machine; it has {}", name_of(isa), name_of(best_isa()));
}

Isa best_isa()
{
  for (Isa isa : {Isa::avx512, Isa::avx2, Isa::neon})
    if (runs_here(isa)) return isa;
  return Isa::portable;
}

Plan plan_for(const Recipe &recipe, Isa isa)
{
  check_runs_here(isa);
  const net2c_kernel *table = table_of(isa);
  Plan plan{&recipe, isa, {}};
  for (const Step &step : recipe.steps) plan.kernels.push_back(table[step.kernel]);
  return plan;
}

}  // namespace net2c
