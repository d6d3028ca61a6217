// The translators: one for each type of layer. operators.cpp is the table.
#pragma once

#include "import/caffe/layer.h"

namespace net2c::caffe {

// ops_window.cpp
void convolution(Layer &);
void depthwise_convolution(Layer &);
void deconvolution(Layer &);
void pooling(Layer &);
void padding(Layer &);

// ops_matmul.cpp
void inner_product(Layer &);

// ops_norm.cpp
void batch_norm(Layer &);
void lrn(Layer &);
void mvn(Layer &);
void normalize(Layer &);
void scale(Layer &);
void bias(Layer &);

// ops_elementwise.cpp
void relu(Layer &);
void relu6(Layer &);
void prelu(Layer &);
void elu(Layer &);
void power(Layer &);
void exponential(Layer &);
void logarithm(Layer &);
void threshold(Layer &);
void clip(Layer &);
void swish(Layer &);
void eltwise(Layer &);
void axpy(Layer &);

template <UnaryKind kind>
void elementwise(Layer &layer)
{
  layer.want_bottoms(1, 1);
  layer.result(layer.unary({kind}, layer.in(0)));
}

// ops_move.cpp
void concat(Layer &);
void slice(Layer &);
void split(Layer &);
void same(Layer &);        // Dropout and the like: nothing at inference
void flatten(Layer &);
void reshape(Layer &);
void permute(Layer &);
void crop(Layer &);
void crop_center(Layer &);
void tile(Layer &);
void shuffle_channel(Layer &);

// ops_reduce.cpp
void softmax(Layer &);
void sigmoid_of_loss(Layer &);
void reduction(Layer &);
void argmax(Layer &);

}  // namespace net2c::caffe
