// The translators: one for each operator of ONNX, all versions of it. operators.cpp is the table.
#pragma once

#include "import/onnx/layer.h"

namespace net2c::onnx {

// ops_window.cpp
void conv(Layer &);
void conv_transpose(Layer &);
void max_pool(Layer &);
void average_pool(Layer &);
void global_average_pool(Layer &);
void global_max_pool(Layer &);
void lp_pool(Layer &);
void global_lp_pool(Layer &);

// ops_norm.cpp
void batch_normalization(Layer &);
void instance_normalization(Layer &);
void layer_normalization(Layer &);
void group_normalization(Layer &);
void lrn(Layer &);
void rms_normalization(Layer &);
void lp_normalization(Layer &);
void mean_variance_normalization(Layer &);

// ops_matmul.cpp
void matmul(Layer &);
void gemm(Layer &);
Operand matrix_product(Layer &, Operand a, Operand b);   // [..][M][K] [..][K][N], batches broadcast

// ops_einsum.cpp
void einsum(Layer &);

// ops_elementwise.cpp
void leaky_relu(Layer &);
void elu(Layer &);
void celu(Layer &);
void selu(Layer &);
void thresholded_relu(Layer &);
void hard_sigmoid(Layer &);
void gelu(Layer &);
void swish(Layer &);
void shrink(Layer &);
void clip(Layer &);
void prelu(Layer &);
void power(Layer &);
void modulo(Layer &);
void minimum(Layer &);
void maximum(Layer &);
void sum(Layer &);
void mean(Layer &);
void where(Layer &);
void is_nan(Layer &);
void is_inf(Layer &);
void identity(Layer &);
void dropout(Layer &);
Operand aligned(Layer &, Operand a, Operand b);   // B as it lies along A by the rules of the layer's version

template <UnaryKind kind>
void elementwise(Layer &layer)
{
  layer.ignore({"consumed_inputs"});
  layer.result(layer.unary({kind}, layer.in(0)));
}

template <BinaryKind kind>
void arithmetic(Layer &layer)
{
  const Operand a = layer.in(0);
  layer.result(layer.binary(kind, a, aligned(layer, a, layer.in(1))));
}

// ops_reduce.cpp
void reduce_mean(Layer &);
void reduce_sum(Layer &);
void reduce_max(Layer &);
void reduce_min(Layer &);
void reduce_prod(Layer &);
void reduce_l1(Layer &);
void reduce_l2(Layer &);
void reduce_log_sum(Layer &);
void reduce_log_sum_exp(Layer &);
void reduce_sum_square(Layer &);
void arg_max(Layer &);
void arg_min(Layer &);
void hardmax(Layer &);
void softmax(Layer &);
void log_softmax(Layer &);

// ops_shape.cpp
void reshape(Layer &);
void transpose(Layer &);
void flatten(Layer &);
void squeeze(Layer &);
void unsqueeze(Layer &);
void shape_of(Layer &);
void size_of(Layer &);
void depth_to_space(Layer &);
void space_to_depth(Layer &);

// ops_move.cpp
void concat(Layer &);
void split(Layer &);
void slice(Layer &);
void pad(Layer &);
void gather(Layer &);
void expand(Layer &);
void tile(Layer &);

// ops_index.cpp
void trilu(Layer &);
void eye_like(Layer &);
void cum_sum(Layer &);
void one_hot(Layer &);
void gather_elements(Layer &);
void gather_nd(Layer &);

// ops_resize.cpp
void upsample(Layer &);
void resize(Layer &);
void grid_sample(Layer &);
void affine_grid(Layer &);

// ops_constant.cpp
void constant(Layer &);
void constant_of_shape(Layer &);
void range(Layer &);
void cast(Layer &);
void cast_like(Layer &);

}  // namespace net2c::onnx
