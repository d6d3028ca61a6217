// The ISAs whose kernels run on this machine: what must give the same bits on all of them is tested on these, by recipes of all methods.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace net2c {

inline std::vector<Isa> isas_here()
{
  std::vector<Isa> here;
  for (Isa isa : all_isas)
    if (runs_here(isa)) here.push_back(isa);
  return here;
}

const Speeds all_methods{.times = {}, .avx512 = false};   // with AVX-512 Strassen's method needs a measured time

}  // namespace net2c
