// Matrix products of packed weights, and convolutions of one pixel, which are nothing else.
#pragma once

#include "graph/op.h"
#include "lower/epilogue.h"

namespace net2c {

struct Product {
  int64_t batch = 1, m = 1, k = 1, n = 1;
  int64_t x_batch = 1, w_batch = 1;   // batch or, where all share one, 1
};

// The step of [batch][m][k] * weights, with the node's bias and epilogue; x, r and y plain.
void lower_product(const Product &, net2c_ref x, const PackedWeights &, net2c_ref r, net2c_ref y, const Epilogue &, const Node &, Lowering &);

// Whether a convolution was lowered so: where its maps are single pixels, whose C8 is plain, and its weights are many.
bool lower_by_product(const Conv &, const Node &, Lowering &);

}  // namespace net2c
