// The three functions that each op has. lower.cpp visits the variant with them, so an op without them does not compile.
//   layout_of: the layout of the result, given the layouts of the inputs (Wants::layout).
//   want:      which forms and halos its inputs should have, so that their producers write them right away.
//   lower:     its steps.
#pragma once

#include "lower/lower.h"

namespace net2c {

#define NET2C_LOWERED(OP)                                          \
  Layout layout_of(const OP &, const Node &, const Wants &);       \
  void want(const OP &, const Node &, Wants &);                    \
  void lower(const OP &, const Node &, Lowering &);

NET2C_LOWERED(Conv)           // conv.cpp
NET2C_LOWERED(ConvTranspose)
NET2C_LOWERED(MatMul)         // dense.cpp
NET2C_LOWERED(Attention)      // attention.cpp
NET2C_LOWERED(Unary)          // eltwise.cpp
NET2C_LOWERED(Binary)
NET2C_LOWERED(Select)
NET2C_LOWERED(Affine)
NET2C_LOWERED(Cast)
NET2C_LOWERED(Pool)           // pool.cpp
NET2C_LOWERED(Reduce)
NET2C_LOWERED(ArgMax)         // argmax.cpp
NET2C_LOWERED(Norm)           // norm.cpp
NET2C_LOWERED(Softmax)
NET2C_LOWERED(Resize)         // resize.cpp
NET2C_LOWERED(GridSample)     // grid_sample.cpp
NET2C_LOWERED(Concat)         // move.cpp
NET2C_LOWERED(Slice)
NET2C_LOWERED(Pad)
NET2C_LOWERED(Reshape)
NET2C_LOWERED(Transpose)
NET2C_LOWERED(Gather)
NET2C_LOWERED(Expand)

#undef NET2C_LOWERED

// Refuses a form that no kernel serves; lower() collects these and reports all at once.
struct Unsupported { std::string reason; };

}  // namespace net2c
