// The translators: one for each kind of section. sections.cpp is the table.
#pragma once

#include "import/darknet/layer.h"

namespace net2c::darknet {

// ops_window.cpp
void convolutional(Layer &);
void deconvolutional(Layer &);
void maxpool(Layer &);
void local_avgpool(Layer &);
void avgpool(Layer &);
void upsample(Layer &);

// ops_matmul.cpp
void connected(Layer &);
void local(Layer &);

// ops_elementwise.cpp
void activation(Layer &);
void batchnorm(Layer &);
void l2norm(Layer &);
void logistic(Layer &);
void shortcut(Layer &);
void scale_channels(Layer &);
void softmax(Layer &);
void same(Layer &);

// ops_move.cpp
void route(Layer &);
void reorg(Layer &);
void reorg3d(Layer &);
void crop(Layer &);

// heads.cpp
void region(Layer &);
void yolo(Layer &);
void detection(Layer &);

// (x - mean) / sqrt(variance + 1e-6) * scale + bias, as OpenCV has it. Darknet's own codes differ: sqrt(variance) + 1e-6 on CPUs,
// sqrt(variance + 1e-5) on GPUs.
Operand normalized(Layer &, Operand x, Operand scale, Operand bias, Operand mean, Operand variance);

// What decodes its input to boxes: an output of the network, wherever it stands.
bool is_head(std::string_view section);

}  // namespace net2c::darknet
