// The two functions that each op has. ops.cpp visits the variant with them, so an op without them does not build.
//   infer:   type and shape of the result, or Error with the reason (see result_of).
//   compute: the result.
#pragma once

#include "ops/ops.h"

namespace net2c {

using Values = std::vector<const Value *>;
using Tensors = std::vector<const Tensor *>;

#define NET2C_OP(OP)                                                     \
  TypedShape infer(const OP &, const Values &, const Shape &wanted);     \
  Tensor compute(const OP &, const Tensors &, const Value &output);

NET2C_OP(Input)          // ops.cpp
NET2C_OP(Constant)
NET2C_OP(Conv)           // conv.cpp
NET2C_OP(ConvTranspose)  // conv_transpose.cpp
NET2C_OP(Pool)           // pool.cpp
NET2C_OP(MatMul)         // matmul.cpp
NET2C_OP(Attention)      // attention.cpp
NET2C_OP(Unary)          // unary.cpp
NET2C_OP(Binary)         // binary.cpp
NET2C_OP(Select)
NET2C_OP(Affine)
NET2C_OP(Reduce)         // reduce.cpp
NET2C_OP(ArgMax)         // argmax.cpp
NET2C_OP(Norm)           // norm.cpp
NET2C_OP(Softmax)        // softmax.cpp
NET2C_OP(Concat)         // move.cpp
NET2C_OP(Slice)
NET2C_OP(Pad)
NET2C_OP(Reshape)
NET2C_OP(Transpose)
NET2C_OP(Gather)
NET2C_OP(Expand)
NET2C_OP(Resize)         // resize.cpp
NET2C_OP(GridSample)     // grid_sample.cpp
NET2C_OP(Cast)           // cast.cpp

#undef NET2C_OP

}  // namespace net2c
