// The vocabulary: every operator of a Graph and what it means. Tensors are row-major as the model wrote them; images are
// [N][C][H][W], sequences [N][C][L]. Shapes are static. An input that is absent is `none`. Importers translate into this.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "graph/tensor.h"

namespace net2c {

using Ints = std::vector<int64_t>;

// y = f(x), element by element. a and b are the parameters named in the comment.
enum class UnaryKind : uint8_t {
  identity, relu,      // max(0, x)
  leaky_relu,          // x < 0 ? a x : x
  elu,                 // x < 0 ? a (e^x - 1) : x
  celu,                // max(0, x) + min(0, a (e^(x/a) - 1))
  selu,                // b (x > 0 ? x : a (e^x - 1))
  thresholded_relu,    // x > a ? x : 0
  clip,                // min(max(x, a), b); a may be -inf, b +inf
  sigmoid, tanh,
  hard_sigmoid,        // max(0, min(1, a x + b))
  hard_swish,          // x max(0, min(1, x/6 + 1/2))
  silu,                // x sigmoid(x)
  gelu,                // x/2 (1 + erf(x/sqrt 2))
  gelu_tanh,           // x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))
  mish,                // x tanh(softplus(x))
  softplus, softsign, abs, neg, sign, floor, ceil,
  round,               // half to even
  sqrt, reciprocal, exp, log, erf, sin, cos,
  logical_not,         // bool
  count_
};

struct Unary {
  UnaryKind kind = UnaryKind::identity;
  float a = 0, b = 0;
};

// What a convolution or matrix product does to its sums before they are stored:
//   y = act(sum + bias + residual) * scale + shift
// residual has y's shape; scale and shift have one number a channel. Inputs: x, weights, bias, residual, scale, shift.
struct Epilogue {
  Unary act;
};

enum class Fill : uint8_t { zero, edge, reflect };  // reflect does not repeat the border

struct Input { int index = 0; };                    // -> the value the app hands over
struct Constant { TensorPtr data; };

// x [N][C][H][W] * w [O][C/group][KH][KW]; bias [O]. pads: top, left, bottom, right (may be negative: crop).
// Output size: (H + pads - dilation (K - 1) - 1) / stride + 1. Rank 3 and 5 are not here: importers make rank 3 rank 4.
struct Conv {
  Ints strides{1, 1}, dilations{1, 1}, pads{0, 0, 0, 0};
  int64_t group = 1;
  Fill fill = Fill::zero;
  Epilogue epilogue{};
};

// The gradient of Conv: x [N][C][H][W] * w [C][O/group][KH][KW]. Output size: (H - 1) stride + dilation (K - 1) + 1 - pads
// + output_padding (rows and columns at the end that only bias reaches, or taps that pads did not cut).
struct ConvTranspose {
  Ints strides{1, 1}, dilations{1, 1}, pads{0, 0, 0, 0}, output_padding{0, 0};
  int64_t group = 1;
  Epilogue epilogue{};
};

// Windows over H and W. Output size is in the value's shape; window i starts at i * stride - pad. Taps outside the map
// never win a max. Average: divided by the taps inside the map, or, count_include_pad, inside the padded map; taps past the
// padded map (ceil rounding) never count. Sum: of the taps inside the map.
enum class PoolKind : uint8_t { max, average, sum };
struct Pool {
  PoolKind kind = PoolKind::max;
  Ints kernel{1, 1}, strides{1, 1}, dilations{1, 1}, pads{0, 0, 0, 0};
  bool count_include_pad = false;
};

// a [..][M][K] * b [..][K][N], batch dimensions broadcast; rank 1 is not here. Inputs: a, b, bias [N], residual, scale, shift.
struct MatMul { Epilogue epilogue; };

// softmax(scale q k^T + bias) v, for each of the batches, which are the same: q [..][M][K], k [..][N][K], v [..][N][L]; bias (may be
// absent) broadcasts to [..][M][N]. Inputs: q, k, v, bias.
struct Attention { float scale = 1; };

enum class BinaryKind : uint8_t {
  add, sub, mul, div,  // integers: truncated towards zero
  pow, min, max,
  prelu,               // a < 0 ? a b : a
  mod,                 // sign of b
  fmod,                // sign of a
  equal, less, less_equal, greater, greater_equal, logical_and, logical_or, logical_xor,  // -> bool
  count_
};
struct Binary { BinaryKind kind = BinaryKind::add; };  // numpy's broadcasting
struct Select {};                                      // inputs condition (bool), yes, no; broadcast
struct Affine {};                                      // fma(x, scale[c], shift[c]) over axis 1; inputs x, scale [C], shift [C]

enum class ReduceKind : uint8_t { mean, sum, max, min, prod, l1, l2, log_sum, log_sum_exp, sum_square, count_ };
struct Reduce {
  ReduceKind kind = ReduceKind::mean;
  Ints axes;             // sorted, not negative; empty: nothing is reduced
  bool keep_dims = true;
};

// y i64: where along the axis the largest (least: the smallest) element stands; of equal ones the first, or the last.
struct ArgMax {
  int64_t axis = 0;
  bool least = false, last = false, keep_dims = true;
};

// batch: (x - mean) / sqrt(variance + epsilon) * scale + bias over axis 1; inputs x, scale, bias, mean, variance.
// instance: statistics over all axes after 1 for each n, c; inputs x, scale [C], bias [C]; with an activation.
// layer: statistics over axes >= axis; inputs x, scale, bias (may be absent), shaped like those axes.
// channel: statistics over axis 1, for each position of the others; inputs x, scale [C], bias [C] (may be absent).
// lrn: x / (k + alpha / size * sum over `size` channels of x^2)^beta, window from c - (size-1)/2 to c + size/2.
enum class NormKind : uint8_t { batch, instance, layer, channel, lrn };
struct Norm {
  NormKind kind = NormKind::batch;
  float epsilon = 1e-5f;
  int64_t axis = 1;
  int64_t size = 5;
  float alpha = 1e-4f, beta = 0.75f, k = 1;
  Epilogue epilogue{};
};

struct Softmax { int64_t axis = -1; bool log = false; };  // axis not negative after import
struct Concat { int64_t axis = 0; };
// Output size k of axis d is in the value's shape: element i comes from start[d] + i * step[d]; one entry an axis.
struct Slice { Ints starts, steps; };
// pads: begins of all axes, then ends (negative: crop). constant fill uses `value`.
enum class PadKind : uint8_t { constant, edge, reflect };
struct Pad { PadKind kind = PadKind::constant; Ints pads; float value = 0; };

// Output sizes are in the value's shape. Source coordinate of output i, with scale s (output/input as the model gives it):
//   half_pixel (i+.5)/s-.5; pytorch_half_pixel the same but 0 when the output is 1; asymmetric i/s;
//   align_corners i (in-1)/(out-1); half_pixel_symmetric: half_pixel, shifted as ONNX says when out is not in * s;
//   half_pixel_centre (i+.5)/s; crop: from starts (in-1) to ends (in-1). Coordinates outside of the axis take its border, in
//   cubic one tap by tap. Nearest: in float, so that ties fall as they do where the network was trained.
enum class ResizeKind : uint8_t { nearest, linear, cubic };
enum class Coordinates : uint8_t { half_pixel, pytorch_half_pixel, asymmetric, align_corners, half_pixel_symmetric, half_pixel_centre, crop };
enum class Nearest : uint8_t { round_prefer_floor, round_prefer_ceil, floor, ceil };
struct Resize {
  ResizeKind kind = ResizeKind::nearest;
  Coordinates coordinates = Coordinates::half_pixel;
  Nearest nearest = Nearest::round_prefer_floor;
  std::vector<double> scales;  // one an axis
  std::vector<double> starts{}, ends{};   // of crop: one an axis
  float cubic_a = -0.75f;
  bool exclude_outside = false, antialias = false;
};

// x [N][C][H][W] read at the places that grid [N][P][Q][2] gives, each as column and row from -1 to 1; y [N][C][P][Q]. With
// align_corners these are the centres of the outer pixels, else their outer edges. Of n pixels in a row, place v is pixel
// (v+1)/2 (n-1), or ((v+1) n - 1)/2; nearest rounds it half to even. What lies outside is zero, the edge, or the map reflected about
// those ends: reflect moves the place itself, edge too (not for cubic), and then each tap of linear and cubic (Keys, a = -0.75).
struct GridSample {
  ResizeKind kind = ResizeKind::linear;
  Fill outside = Fill::zero;
  bool align_corners = false;
};

struct Reshape {};                       // the value's shape; same order of elements
struct Transpose { Ints perm; };         // output axis i is input axis perm[i]
struct Gather { int64_t axis = 0; };     // inputs data, indices (i64; what lies beyond -n..n-1 is clamped); shape data[:axis] + indices + data[axis+1:]
struct Expand {};                        // broadcast to the value's shape
struct Cast { Type to = Type::f32; };    // float to integer truncates; to bool is != 0

using Op = std::variant<Input, Constant, Conv, ConvTranspose, Pool, MatMul, Attention, Unary, Binary, Select, Affine, Reduce, ArgMax,
                        Norm, Softmax, Concat, Slice, Pad, Resize, GridSample, Reshape, Transpose, Gather, Expand, Cast>;

const char *name_of(const Op &);         // "Conv", "ConvTranspose", ...
const char *name_of(UnaryKind);
const char *name_of(BinaryKind);
const char *name_of(ReduceKind);
inline constexpr int epilogue_residual = 3, epilogue_scale = 4, epilogue_shift = 5;  // positions among the inputs

}  // namespace net2c
