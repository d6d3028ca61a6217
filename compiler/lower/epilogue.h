// What convolution and matrix product share after their sums: the choice of instance and the operands.
#pragma once

#include <string>

#include "lower/lower.h"

namespace net2c {

struct EpilogueChoice {
  const char *suffix;            // of the kernel instance: "clamp", "add" or "act"
  uint32_t act = 0;
  float a = 0, b = 0;
  net2c_ref scale = NET2C_NONE, shift = NET2C_NONE;   // padded to `multiple` channels
};

// `partial`: the last block has lanes beyond the channels, which must stay zero.
EpilogueChoice choose_epilogue(const Epilogue &, const Node &, Lowering &, int64_t channels, int64_t multiple, bool partial);

inline ValueId operand(const Node &node, int i) { return static_cast<size_t>(i) < node.inputs.size() ? node.inputs[static_cast<size_t>(i)] : none; }

// The constant data of an operand that kernels want packed. Unsupported when it is not constant.
const Tensor &constant_operand(const Node &, int i, const char *what, const Lowering &);

}  // namespace net2c
