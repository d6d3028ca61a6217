// What Conv, ConvTranspose and MatMul have in common: weights, a bias and an epilogue.
#pragma once

#include <vector>

#include "graph/graph.h"

namespace net2c {

const Epilogue *epilogue_of(const Op &);  // nullptr: the op has none
bool epilogue_empty(const Node &);        // the node has one, and adds at most a bias
bool takes_activation(const Op &);        // it may have one and has none; instance norms too
Op with_activation(Op, const Unary &);

// All inputs that an epilogue may have, absent ones `none`.
std::vector<ValueId> epilogue_inputs(const Node &);

// The axis of the result along which the node has its channels: 1, of matrix products the last.
int64_t channel_axis(const Op &, const Shape &result);

}  // namespace net2c
