// Which inputs each output of a resize is made of; the lowering makes its tables of them.
#pragma once

#include "graph/op.h"

namespace net2c {

struct Tap {
  int64_t from;
  double weight;
};

// Of output i on an axis of `in` elements that becomes one of `out`. Positions outside are those of the border, or left out
// (exclude_outside).
std::vector<Tap> taps_of(const Resize &, size_t axis, int64_t in, int64_t out, int64_t i);

// Every output is the input at its place.
bool stays(const Resize &, size_t axis, int64_t in, int64_t out);

// The source coordinate of output i.
double source_of(const Resize &, size_t axis, int64_t in, int64_t out, int64_t i);

}  // namespace net2c
