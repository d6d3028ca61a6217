// The ISAs whose kernels run on this machine: what must give the same bits on all of them is tested on these, by recipes of all methods.
#pragma once

#include <optional>
#include <vector>

#include "plan/plan.h"
#include "runtime/cpu.h"

extern "C" const net2c_kernel net2c_kernels_wide[];   // wide.c

namespace net2c {

inline std::vector<Isa> isas_here()
{
  std::vector<Isa> here;
  for (Isa isa : all_isas)
    if (runs_here(isa)) here.push_back(isa);
  return here;
}

// Kernels to test: an ISA's, or those of wide.c, which are in no bundle.
struct Compiled {
  std::optional<Isa> isa;   // none: wide.c
};

inline std::vector<Compiled> compiled_here()
{
  std::vector<Compiled> here;
  for (Isa isa : isas_here()) here.push_back({isa});
#if defined(NET2C_WIDE)
  if (runs_here(Isa::neon) || net2c_cpu() & NET2C_CPU_FMA) here.push_back({});
#endif
  return here;
}

inline const char *name_of(Compiled c) { return c.isa ? name_of(*c.isa) : "wide portable"; }

inline Plan plan_for(const Recipe &recipe, Compiled c)
{
  if (c.isa) return plan_for(recipe, *c.isa);
  Plan plan{&recipe, Isa::portable, {}};
#if defined(NET2C_WIDE)
  for (const Step &step : recipe.steps) plan.kernels.push_back(net2c_kernels_wide[step.kernel]);
#endif
  return plan;
}

const Speeds all_methods{.times = {}, .avx512 = false};   // with AVX-512 the cost models take the direct sum more often

}  // namespace net2c
