// Convolutions and poolings.
#include <algorithm>

#include "import/caffe/operators.h"

namespace net2c::caffe {

namespace {

constexpr int64_t limit = int64_t{1} << 30;   // of sizes and steps: products of two do not overflow

// `name` once, or once a dimension; or else by name_h and name_w.
Ints pair(Params &p, const char *name, const char *name_h, const char *name_w, int64_t otherwise, int64_t least)
{
  Ints values = p.integers(name);
  const bool sides = p.has(name_h) || p.has(name_w);
  if (sides && !values.empty()) fail({}, "both '{}' and '{}', '{}' are given", name, name_h, name_w);
  if (sides) values = {p.integer(name_h, otherwise), p.integer(name_w, otherwise)};
  if (values.size() > 2) unsupported("over {} spatial dimensions", values.size());
  if (values.empty()) values.push_back(otherwise);
  if (values.size() == 1) values.push_back(values[0]);
  for (int64_t v : values)
    if (v < least || v > limit) fail({}, "'{}' is {}, which is out of range", name, v);
  return values;
}

void want_image(Layer &layer, ValueId x)
{
  if (layer.rank(x) == 5) unsupported("over three spatial dimensions");
  if (layer.rank(x) != 4) fail({}, "its bottom is {}, but must have 4 dimensions", text_of(layer.shape(x)));
  for (int64_t d : layer.shape(x))
    if (d > limit) fail({}, "its bottom {} is too large", text_of(layer.shape(x)));
}

struct Window {
  Ints kernel, strides, dilations, pads;
  int64_t outputs = 0, group = 1;
  bool bias = true;
};

Window window_of(Layer &layer, ValueId x)
{
  want_image(layer, x);
  Params &p = layer.params("convolution_param");
  p.ignore({"weight_filler", "bias_filler", "engine", "force_nd_im2col"});
  if (layer.axis(p.integer("axis", 1), 4) != 1) unsupported("along another axis than 1");
  Window w;
  w.kernel = pair(p, "kernel_size", "kernel_h", "kernel_w", 0, 1);
  w.strides = pair(p, "stride", "stride_h", "stride_w", 1, 1);
  w.dilations = pair(p, "dilation", "dilation_h", "dilation_w", 1, 1);
  const Ints pad = pair(p, "pad", "pad_h", "pad_w", 0, 0);
  w.pads = {pad[0], pad[1], pad[0], pad[1]};
  w.outputs = p.integer("num_output", 0);
  w.group = p.integer("group", 1);
  w.bias = p.flag("bias_term", true);
  return w;
}

void check_groups(const Window &w, int64_t channels)
{
  if (w.outputs < 1) fail({}, "'num_output' is {}, but must be at least 1", w.outputs);
  if (w.group < 1 || channels % w.group || w.outputs % w.group)
    fail({}, "{} channels and {} outputs cannot be split into {} groups", channels, w.outputs, w.group);
}

// The same weights on every bottom, each into its own top.
void convolve(Layer &layer, bool depthwise)
{
  for (size_t i = 0; i < std::max<size_t>(1, layer.tops()); ++i) {
    const ValueId x = layer.in(i);
    Window w = window_of(layer, x);
    const int64_t channels = layer.size(x, 1);
    if (depthwise) w.group = channels;
    check_groups(w, channels);
    std::vector<ValueId> inputs{x, layer.blob(0, {w.outputs, channels / w.group, w.kernel[0], w.kernel[1]})};
    if (w.bias) inputs.push_back(layer.blob(1, {w.outputs}));
    layer.result(
        i,
        layer.add(Conv{.strides = w.strides, .dilations = w.dilations, .pads = w.pads, .group = w.group, .epilogue = {}}, inputs));
  }
  layer.want_bottoms(layer.tops(), layer.tops());
}

}  // namespace

void convolution(Layer &layer) { convolve(layer, false); }
void depthwise_convolution(Layer &layer) { convolve(layer, true); }

void deconvolution(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  const Window w = window_of(layer, x);
  const int64_t channels = layer.size(x, 1);
  check_groups(w, channels);
  std::vector<ValueId> inputs{x, layer.blob(0, {channels, w.outputs / w.group, w.kernel[0], w.kernel[1]})};
  if (w.bias) inputs.push_back(layer.blob(1, {w.outputs}));
  ConvTranspose op{.strides = w.strides, .dilations = w.dilations, .pads = w.pads, .group = w.group, .epilogue = {}};
  layer.result(layer.add(std::move(op), inputs));
}

// Windows are rounded up, but with padding the last one must begin inside the map or the padding before it. An average counts
// the padding, but not what the rounding adds.
void pooling(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  want_image(layer, x);
  Params &p = layer.params("pooling_param");
  p.ignore({"engine"});
  const int64_t method = p.choice("pool", 0, {{"MAX", 0}, {"AVE", 1}, {"STOCHASTIC", 2}});
  if (method == 2) unsupported("with pool STOCHASTIC");
  for (size_t i = 1; i < layer.tops(); ++i)
    if (layer.used(i)) unsupported("with a second top (the mask of the maxima)");
  const bool global = p.flag("global_pooling", false),
             floor = p.choice("round_mode", 0, {{"CEIL", 0}, {"FLOOR", 1}}) == 1 || !p.flag("ceil_mode", true);
  if (global) {
    p.ignore({"kernel_size", "kernel_h", "kernel_w", "stride", "stride_h", "stride_w", "pad", "pad_h", "pad_w"});
    return layer.result(layer.add(Reduce{method ? ReduceKind::mean : ReduceKind::max, {2, 3}, true}, {x}));
  }
  const Ints kernel = pair(p, "kernel_size", "kernel_h", "kernel_w", 0, 1),
             strides = pair(p, "stride", "stride_h", "stride_w", 1, 1);
  const Ints pad = pair(p, "pad", "pad_h", "pad_w", 0, 0);
  Shape shape = layer.shape(x);
  for (size_t d = 0; d < 2; ++d) {
    if (pad[d] >= kernel[d]) fail({}, "pooling_param: 'pad' {} must be less than the kernel's size {}", pad[d], kernel[d]);
    const int64_t in = shape[2 + d], room = in + 2 * pad[d] - kernel[d], stride = strides[d];
    if (room < 0 && (floor || -room >= stride))
      fail({}, "kernel {} does not fit into {} with pad {}", text_of(kernel), text_of(layer.shape(x)), text_of(pad));
    int64_t windows = (room < 0 ? 0 : floor ? room / stride : (room + stride - 1) / stride) + 1;
    if ((pad[0] || pad[1]) && (windows - 1) * stride >= in + pad[d]) --windows;
    shape[2 + d] = windows;
  }
  Pool op{.kind = method ? PoolKind::average : PoolKind::max,
          .kernel = kernel,
          .strides = strides,
          .pads = {pad[0], pad[1], pad[0], pad[1]}};
  op.count_include_pad = method == 1;
  layer.result(layer.add(std::move(op), {x}, shape));
}

// A layer of the first files: zeros around the map.
void padding(Layer &layer)
{
  layer.want_bottoms(1, 1);
  want_image(layer, layer.in(0));
  const int64_t pad = layer.params("padding_param").integer("pad", 0);
  if (pad < 0) fail({}, "'pad' is {}", pad);
  layer.result(layer.add(Pad{PadKind::constant, {0, 0, pad, pad, 0, 0, pad, pad}, 0}, {layer.in(0)}));
}

}  // namespace net2c::caffe
