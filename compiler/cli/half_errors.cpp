#include "cli/half_errors.h"

#include <algorithm>

namespace net2c::cli {

void print_half_errors(const std::vector<std::vector<Difference>> &sizes)
{
  for (size_t s = 0; s < sizes.size(); ++s)
    for (const Difference &d : sizes[s])
      fmt::print("  fp16     error of output '{}'{}, against fp32 weights on pseudo-random input: largest {:.2g} of the largest value, rms {:.2g} of its rms\n", d.name,
                 sizes.size() == 1 ? "" : fmt::format(" of size {}", s), d.max_abs == 0 ? 0 : d.max_abs / std::max(d.range, 1e-300), d.relative_rms);
}

}  // namespace net2c::cli
