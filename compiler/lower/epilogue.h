// What convolution and matrix product share after their sums: the activation and the operands.
#pragma once

#include <functional>
#include <string>

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

// Weights in the layout that `pack` gives them: packed now where they are constant, else by a step of every run. `pack` only
// copies numbers and puts zeros between.
using Packer = std::function<std::vector<float>(const Tensor &)>;
net2c_ref packed(ValueId weights, const Node &, Lowering &, const Packer &pack);

// Weights of a sum over channels, which may be halves where they are constant.
struct PackedWeights {
  net2c_ref ref = NET2C_NONE;
  bool half = false;
  std::string reader(const std::string &kernel) const { return half ? kernel + "_half" : kernel; }
};
// Error: a number that no half is near to, where halves are wanted.
PackedWeights packed_weights(ValueId, const Node &, Lowering &, const Packer &pack);
PackedWeights constant_weights(const std::vector<float> &packed, ValueId source, const Node &, Lowering &);
// One number a channel, padded with zeros; all zeros for `none`.
net2c_ref packed_vector(ValueId, const Node &, Lowering &, int64_t channels, int64_t multiple);

}  // namespace net2c
