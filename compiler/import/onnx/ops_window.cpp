// Convolutions and poolings. Those over one dimension are computed as images of height 1.
#include <algorithm>

#include "import/onnx/operators.h"

namespace net2c::onnx {

namespace {

constexpr int64_t limit = int64_t{1} << 30;   // of sizes and steps: products of two do not overflow

// The window attributes, for two dimensions.
struct Window {
  Ints kernel, strides, dilations, pads;
  std::string auto_pad;
};

void check(const char *name, const Ints &values, int64_t low)
{
  for (int64_t v : values)
    if (v < low || v > limit) fail({}, "{} {} is out of range", name, v);
}

// dims: 1 or 2 spatial dimensions. kernel: of the weights, or empty where only the attribute says it.
Window window_of(Layer &layer, size_t dims, Ints kernel)
{
  Window w;
  const auto list = [&](const char *name, size_t n, int64_t otherwise) {
    Ints values = layer.integers(name).value_or(Ints{});
    if (values.empty()) values.assign(n, otherwise);
    if (values.size() != n) fail({}, "{} has {} numbers, but must have {}", name, values.size(), n);
    return values;
  };
  const std::optional<Ints> given = layer.integers("kernel_shape");
  if (kernel.empty() && !given) fail({}, "attribute 'kernel_shape' is missing");
  w.kernel = given ? list("kernel_shape", dims, 1) : kernel;
  if (!kernel.empty() && w.kernel != kernel)
    fail({}, "kernel_shape {} is not that of the weights, {}", text_of(w.kernel), text_of(kernel));
  w.strides = list("strides", dims, 1);
  w.dilations = list("dilations", dims, 1);
  w.pads = list("pads", 2 * dims, 0);
  w.auto_pad = layer.text("auto_pad", "NOTSET");
  if (w.auto_pad.empty()) w.auto_pad = "NOTSET";
  if (w.auto_pad != "NOTSET" && w.auto_pad != "SAME_UPPER" && w.auto_pad != "SAME_LOWER" && w.auto_pad != "VALID")
    fail({}, "auto_pad '{}' is unknown", w.auto_pad);
  if (w.auto_pad != "NOTSET") std::fill(w.pads.begin(), w.pads.end(), 0);
  check("kernel size", w.kernel, 1);
  check("stride", w.strides, 1);
  check("dilation", w.dilations, 1);
  check("pad", w.pads, -limit);
  if (dims == 1) {
    for (Ints *one : {&w.kernel, &w.strides, &w.dilations}) one->insert(one->begin(), 1);
    w.pads = {0, w.pads[0], 0, w.pads[1]};
  }
  return w;
}

int64_t reach(const Window &w, size_t d) { return w.dilations[d] * (w.kernel[d] - 1) + 1; }

// Splits what is to be padded between both ends; SAME_UPPER has the odd one at the end.
void distribute(Window &w, size_t d, int64_t total, bool odd_at_end)
{
  w.pads[d] = odd_at_end ? total / 2 : total - total / 2;
  w.pads[d + 2] = total - w.pads[d];
}

// Pads for an output of ceil(size / stride).
void pad_same(Window &w, const Shape &x)
{
  if (w.auto_pad != "SAME_UPPER" && w.auto_pad != "SAME_LOWER") return;
  for (size_t d = 0; d < 2; ++d) {
    const int64_t size = x[2 + d], out = (size + w.strides[d] - 1) / w.strides[d];
    distribute(w, d, std::max<int64_t>(0, (out - 1) * w.strides[d] + reach(w, d) - size), w.auto_pad == "SAME_UPPER");
  }
}

void check_image(Layer &layer, const char *what, Operand x)
{
  const int64_t rank = layer.rank(x);
  if (rank == 5) unsupported("over three spatial dimensions");
  if (rank != 3 && rank != 4) fail({}, "{} has shape {}, but must have 4 dimensions (or 3)", what, text_of(layer.shape(x)));
  for (int64_t d : layer.shape(x))
    if (d > limit) fail({}, "{} {} is too large", what, text_of(layer.shape(x)));
}

// [A][B][L] -> [A][B][1][L]
Operand as_image(Layer &layer, Operand x)
{
  const Shape &s = layer.shape(x);
  return s.size() == 4 ? x : layer.reshape(x, {s[0], s[1], 1, s[2]});
}

Operand like_input(Layer &layer, Operand y, int64_t rank)
{
  const Shape &s = layer.shape(y);
  return rank == 4 ? y : layer.reshape(y, {s[0], s[1], s[3]});
}

struct Images {
  int64_t rank;
  Operand x, weights;
  Ints kernel;     // as the weights have it
};

Images images_of(Layer &layer)
{
  const Operand x = layer.in(0), w = layer.in(1);
  check_image(layer, "X", x);
  check_image(layer, "W", w);
  if (layer.rank(x) != layer.rank(w)) fail({}, "X {} and W {} have different ranks", text_of(layer.shape(x)), text_of(layer.shape(w)));
  Images images{layer.rank(x), as_image(layer, x), as_image(layer, w), {}};
  images.kernel.assign(layer.shape(w).begin() + 2, layer.shape(w).end());
  return images;
}

std::vector<Operand> with_bias(Layer &layer, const Images &images)
{
  std::vector<Operand> inputs{images.x, images.weights};
  if (layer.maybe(2) != absent) inputs.push_back(layer.in(2));
  return inputs;
}

}  // namespace

void conv(Layer &layer)
{
  const Images images = images_of(layer);
  Window w = window_of(layer, static_cast<size_t>(images.rank - 2), images.kernel);
  pad_same(w, layer.shape(images.x));
  Conv op{.strides = w.strides, .dilations = w.dilations, .pads = w.pads, .group = layer.integer("group", 1), .epilogue = {}};
  layer.result(like_input(layer, layer.add(std::move(op), with_bias(layer, images)), images.rank));
}

void conv_transpose(Layer &layer)
{
  const Images images = images_of(layer);
  const size_t dims = static_cast<size_t>(images.rank - 2);
  Window w = window_of(layer, dims, images.kernel);
  const auto list = [&](const char *name) {
    Ints values = layer.integers(name).value_or(Ints{});
    if (!values.empty() && values.size() != dims) fail({}, "{} has {} numbers, but must have {}", name, values.size(), dims);
    check(name, values, 0);
    if (!values.empty() && dims == 1) values.insert(values.begin(), name == std::string_view("output_shape"));
    return values;
  };
  Ints more = list("output_padding"), wanted = list("output_shape");
  if (more.empty()) more = {0, 0};
  const Shape &x = layer.shape(images.x);
  const bool same = w.auto_pad == "SAME_UPPER" || w.auto_pad == "SAME_LOWER";
  for (size_t d = 0; d < 2; ++d) {
    if (wanted.empty() && !same) break;
    const int64_t out = wanted.empty() ? x[2 + d] * w.strides[d] : wanted[d];
    const int64_t natural = (x[2 + d] - 1) * w.strides[d] + reach(w, d) + more[d];
    distribute(w, d, std::max<int64_t>(0, natural - out), w.auto_pad == "SAME_UPPER");
    more[d] += std::max<int64_t>(0, out - natural);
  }
  ConvTranspose op{.strides = w.strides, .dilations = w.dilations, .pads = w.pads, .output_padding = more, .group = layer.integer("group", 1), .epilogue = {}};
  layer.result(like_input(layer, layer.add(std::move(op), with_bias(layer, images)), images.rank));
}

namespace {

void pool(Layer &layer, PoolKind kind)
{
  const Operand x = layer.in(0);
  check_image(layer, "X", x);
  const Operand image = as_image(layer, x);
  Window w = window_of(layer, static_cast<size_t>(layer.rank(x) - 2), {});
  pad_same(w, layer.shape(image));
  check("pad", w.pads, 0);
  const bool up = layer.integer("ceil_mode", 0) != 0;
  Shape shape = layer.shape(image);
  for (size_t d = 0; d < 2; ++d) {
    const int64_t padded = shape[2 + d] + w.pads[d] + w.pads[d + 2], room = padded - reach(w, d), stride = w.strides[d];
    if (room < 0 && !up) fail({}, "kernel {} does not fit into X {} with pads {}", text_of(w.kernel), text_of(layer.shape(x)), fmt::join(w.pads, ","));
    int64_t windows = room < 0 ? 1 : (room + (up ? stride - 1 : 0)) / stride + 1;
    if (up && (windows - 1) * stride >= shape[2 + d] + w.pads[d]) --windows;   // would start in the padding at the end
    shape[2 + d] = windows;
  }
  Pool op{.kind = kind, .kernel = w.kernel, .strides = w.strides, .dilations = w.dilations, .pads = w.pads};
  if (kind == PoolKind::average) op.count_include_pad = layer.integer("count_include_pad", 0) != 0;
  layer.result(like_input(layer, layer.add(std::move(op), {image}, shape), layer.rank(x)));
}

void global_pool(Layer &layer, ReduceKind kind)
{
  const Operand x = layer.in(0);
  if (layer.rank(x) < 2) fail({}, "X has shape {}, but must have 3 dimensions or more", text_of(layer.shape(x)));
  Reduce op{kind, {}, true};
  for (int64_t d = 2; d < layer.rank(x); ++d) op.axes.push_back(d);
  layer.result(layer.add(std::move(op), {x}));
}

}  // namespace

void max_pool(Layer &layer)
{
  layer.only_output();
  layer.ignore({"storage_order"});   // of the indices
  pool(layer, PoolKind::max);
}
void average_pool(Layer &layer) { pool(layer, PoolKind::average); }
void global_average_pool(Layer &layer) { global_pool(layer, ReduceKind::mean); }
void global_max_pool(Layer &layer) { global_pool(layer, ReduceKind::max); }

}  // namespace net2c::onnx
