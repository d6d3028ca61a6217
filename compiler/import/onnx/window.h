// What convolutions and poolings share: the attributes of their windows.
#pragma once

#include "import/onnx/layer.h"

namespace net2c::onnx {

inline constexpr int64_t window_limit = int64_t{1} << 30;   // of sizes and steps: products of two do not overflow

// Over two or three dimensions; one is made two, of height 1.
struct Window {
  Ints kernel, strides, dilations, pads;   // pads: all begins, then all ends
  std::string auto_pad;
  size_t dims() const { return kernel.size(); }
};

// dims: 1 to 3 spatial dimensions. kernel: of the weights, or empty where only the attribute says it.
Window window_of(Layer &, size_t dims, Ints kernel);
void check_window(const char *name, const Ints &values, int64_t low);   // Error: out of range

int64_t reach(const Window &, size_t d);   // from a window's first element to behind its last

// Splits what is to be padded between both ends; SAME_UPPER has the odd one at the end.
void distribute(Window &, size_t d, int64_t total, bool odd_at_end);
// Pads for an output of ceil(size / stride).
void pad_same(Window &, const Shape &x);

// ops_volume.cpp: [N][C][D][H][W] by operators over two dimensions. w: the weights as the model has them.
Operand conv_volume(Layer &, const Window &, Operand x, Operand w, Operand bias);
Operand conv_transpose_volume(Layer &, const Window &, const Ints &output_padding, Operand x, Operand w, Operand bias);
Operand pool_volume(Layer &, const Window &, Pool, Operand x, const Shape &result);

}  // namespace net2c::onnx
