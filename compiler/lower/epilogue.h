// What convolution and matrix product share after their sums: the activation and the operands.
#pragma once

#include "lower/lower.h"

namespace net2c {

// Identity and relu are given as clips, so that kernels have one fast case.
struct EpilogueChoice {
  uint32_t act = 0;
  float a = 0, b = 0;
  net2c_ref scale = NET2C_NONE, shift = NET2C_NONE;   // padded to `multiple` channels
};

EpilogueChoice choose_epilogue(const Epilogue &, const Node &, Lowering &, int64_t channels, int64_t multiple);

inline ValueId operand(const Node &node, int i) { return static_cast<size_t>(i) < node.inputs.size() ? node.inputs[static_cast<size_t>(i)] : none; }

// The constant data of an operand that kernels want packed. Unsupported when it is not constant.
const Tensor &constant_operand(const Node &, int i, const char *what, const Lowering &);

}  // namespace net2c
