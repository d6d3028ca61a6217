// How far two runs of one network are apart, value by value.
#pragma once

#include <string>
#include <vector>

#include "graph/tensor.h"

namespace net2c {

struct Difference {
  std::string name;          // of the value
  std::string layer;
  double max_abs = 0;        // largest |a - b|; infinite when one is NaN and the other is not
  double range = 0;          // largest |b|
  double relative_rms = 0;   // rms(a - b) / rms(b)
  bool same_bits = false;    // NaN equals NaN
};

// Bug when types or shapes differ.
Difference compare(const std::string &name, const std::string &layer, const Tensor &a, const Tensor &b);

}  // namespace net2c
