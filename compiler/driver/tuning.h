// Records of measured times, which `net2c tune` writes and --tuned reads. A file of lines:
//   net2c tuning 1
//   avx512 1 conv 3x3 s1 g1 b1 64->64 @56x56 direct 0.7150 winograd 0.5910
// ISA, threads, a layer (plan/methods.h) and its milliseconds by each method. Empty lines and those that begin with # say nothing.
#pragma once

#include "plan/plan.h"

namespace net2c {

struct Timed {
  Isa isa = Isa::portable;
  uint32_t threads = 1;
  LayerKind layer;
  auto operator<=>(const Timed &) const = default;
};
using Tuning = std::map<Timed, Times>;   // milliseconds

// `file`: for errors, which name the line: it is not of this form, a layer stands twice, a time is not positive.
Tuning parse_tuning(const std::string &file, const std::string &text);
std::string print(const Tuning &);

// A file, or "avx2" or "avx512": those that ship with net2c, whatever machine this is.
Tuning read_tuning(const std::string &name);

// For one recipe that is to be fast on all these ISAs, as far as they were measured: the sum, over ISAs and numbers of threads, of a
// method's time relative to the best. Empty: all ISAs.
LayerTimes relative_times(const Tuning &, std::span<const Isa>);

LayerTimes times_of(const std::vector<std::string> &records, std::span<const Isa>);   // of all of them; later ones take the place of earlier ones

}  // namespace net2c
