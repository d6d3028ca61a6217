// The translators: one for each of Chainer's functions. functions.cpp is the table.
#pragma once

#include "import/chainer/layer.h"

namespace net2c::chainer {

// ops_window.cpp
void convolution(Layer &);
void deconvolution(Layer &);
void max_pooling(Layer &);
void average_pooling(Layer &);
void unpooling(Layer &);
void upsampling(Layer &);

// ops_matmul.cpp
void linear(Layer &);
void matmul(Layer &);

// ops_norm.cpp
void fixed_batch_normalization(Layer &);
void batch_normalization(Layer &);
void group_normalization(Layer &);
void layer_normalization(Layer &);
void local_response_normalization(Layer &);
void normalize(Layer &);

// ops_elementwise.cpp
void identity(Layer &);
void cast(Layer &);
void clipped_relu(Layer &);
void elu(Layer &);
void leaky_relu(Layer &);
void rrelu(Layer &);
void hard_sigmoid(Layer &);
void softplus(Layer &);
void prelu(Layer &);
void swish(Layer &);
void crelu(Layer &);
void clip(Layer &);
void multi_add(Layer &);
void power_with_constant(Layer &);
void power_of_constant(Layer &);
void subtract_from_constant(Layer &);
void divide_constant(Layer &);
void linear_interpolate(Layer &);
void where(Layer &);
void square(Layer &);
void log2(Layer &);
void log10(Layer &);
void log1p(Layer &);
void expm1(Layer &);
void tan(Layer &);
void sinh(Layer &);
void cosh(Layer &);

template <UnaryKind kind>
void elementwise(Layer &layer)
{
  layer.result(layer.unary({kind}, layer.in(0)));
}

template <BinaryKind kind>
void arithmetic(Layer &layer)
{
  layer.result(layer.binary(kind, layer.in(0), layer.in(1)));
}

template <BinaryKind kind>
void with_constant(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.binary(kind, x, layer.scalar(layer.type(x), layer.real("value"))));
}

// ops_reduce.cpp
void sum_to(Layer &);
void log_sum_exp(Layer &);
void softmax(Layer &);
void log_softmax(Layer &);

template <ReduceKind kind>
void reduce(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.add(Reduce{kind, layer.axes("axis", x), layer.flag("keepdims", false)}, {x}));
}

// ops_form.cpp
void reshape(Layer &);
void expand_dims(Layer &);
void squeeze(Layer &);
void transpose(Layer &);
void swapaxes(Layer &);
void moveaxis(Layer &);
void rollaxis(Layer &);
void depth2space(Layer &);
void space2depth(Layer &);

// ops_move.cpp
void concat(Layer &);
void stack(Layer &);
void hstack(Layer &);
void vstack(Layer &);
void dstack(Layer &);
void separate(Layer &);
void split_axis(Layer &);
void get_item(Layer &);
void pad(Layer &);
void flip(Layer &);
void fliplr(Layer &);
void flipud(Layer &);
void tile(Layer &);
void repeat(Layer &);
void broadcast(Layer &);
void broadcast_to(Layer &);
void resize_images(Layer &);

// `length` elements of axis d, from `start` in steps of `step`.
Operand part_of(Layer &, Operand x, size_t d, int64_t start, int64_t length, int64_t step = 1);

}  // namespace net2c::chainer
