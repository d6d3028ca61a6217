// Convolutions and poolings. Those over one dimension are computed as images of height 1, those over three in ops_volume.cpp.
#include <algorithm>

#include "import/onnx/operators.h"
#include "import/onnx/window.h"

namespace net2c::onnx {

namespace {

void check_image(Layer &layer, const char *what, Operand x)
{
  const int64_t rank = layer.rank(x);
  if (rank < 3 || rank > 5) fail({}, "{} has shape {}, but must have 4 dimensions (or 3, or 5)", what, text_of(layer.shape(x)));
  for (int64_t d : layer.shape(x))
    if (d > window_limit) fail({}, "{} {} is too large", what, text_of(layer.shape(x)));
}

// [A][B][L] -> [A][B][1][L]
Operand as_image(Layer &layer, Operand x)
{
  const Shape &s = layer.shape(x);
  return s.size() != 3 ? x : layer.reshape(x, {s[0], s[1], 1, s[2]});
}

Operand like_input(Layer &layer, Operand y, int64_t rank)
{
  const Shape &s = layer.shape(y);
  return rank != 3 ? y : layer.reshape(y, {s[0], s[1], s[3]});
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
  if (images.rank == 5) return layer.result(conv_volume(layer, w, images.x, images.weights, layer.maybe(2)));
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
    check_window(name, values, 0);
    if (!values.empty() && dims == 1) values.insert(values.begin(), name == std::string_view("output_shape"));
    return values;
  };
  Ints more = list("output_padding"), wanted = list("output_shape");
  if (more.empty()) more.assign(w.dims(), 0);
  const Shape &x = layer.shape(images.x);
  const bool same = w.auto_pad == "SAME_UPPER" || w.auto_pad == "SAME_LOWER";
  for (size_t d = 0; d < w.dims(); ++d) {
    if (wanted.empty() && !same) break;
    const int64_t out = wanted.empty() ? x[2 + d] * w.strides[d] : wanted[d];
    const int64_t natural = (x[2 + d] - 1) * w.strides[d] + reach(w, d) + more[d];
    distribute(w, d, std::max<int64_t>(0, natural - out), w.auto_pad == "SAME_UPPER");
    more[d] += std::max<int64_t>(0, out - natural);
  }
  if (images.rank == 5) return layer.result(conv_transpose_volume(layer, w, more, images.x, images.weights, layer.maybe(2)));
  ConvTranspose op{.strides = w.strides, .dilations = w.dilations, .pads = w.pads, .output_padding = more, .group = layer.integer("group", 1), .epilogue = {}};
  layer.result(like_input(layer, layer.add(std::move(op), with_bias(layer, images)), images.rank));
}

namespace {

Operand pool(Layer &layer, PoolKind kind, Operand x)
{
  check_image(layer, "X", x);
  const Operand image = as_image(layer, x);
  Window w = window_of(layer, static_cast<size_t>(layer.rank(x) - 2), {});
  pad_same(w, layer.shape(image));
  check_window("pad", w.pads, 0);
  const bool up = layer.integer("ceil_mode", 0) != 0;
  Shape shape = layer.shape(image);
  for (size_t d = 0; d < w.dims(); ++d) {
    const int64_t padded = shape[2 + d] + w.pads[d] + w.pads[d + w.dims()], room = padded - reach(w, d), stride = w.strides[d];
    if (room < 0 && !up) fail({}, "kernel {} does not fit into X {} with pads {}", text_of(w.kernel), text_of(layer.shape(x)), fmt::join(w.pads, ","));
    int64_t windows = room < 0 ? 1 : (room + (up ? stride - 1 : 0)) / stride + 1;
    if (up && (windows - 1) * stride >= shape[2 + d] + w.pads[d]) --windows;   // would start in the padding at the end
    shape[2 + d] = windows;
  }
  Pool op{.kind = kind, .kernel = w.kernel, .strides = w.strides, .dilations = w.dilations, .pads = w.pads};
  if (kind == PoolKind::average) op.count_include_pad = layer.integer("count_include_pad", 0) != 0;
  if (w.dims() == 3) return pool_volume(layer, w, std::move(op), image, shape);
  return like_input(layer, layer.add(std::move(op), {image}, shape), layer.rank(x));
}

// (sum of |x|^p)^(1/p), of all that `sum` adds up.
template <class Sum>
void lp(Layer &layer, Sum sum)
{
  const Operand x = layer.in(0);
  const double p = layer.version < 2 ? static_cast<double>(layer.real("p", 2)) : static_cast<double>(layer.integer("p", 2));
  if (!(p >= 1)) fail({}, "p is {}, but must be 1 or more", p);
  if (p == 2) return layer.result(layer.unary({UnaryKind::sqrt}, sum(layer.binary(BinaryKind::mul, x, x))));
  const Operand size = layer.unary({UnaryKind::abs}, x);
  if (p == 1) return layer.result(sum(size));
  const auto power = [&](Operand a, double b) { return layer.binary(BinaryKind::pow, a, layer.scalar(layer.type(x), b)); };
  layer.result(power(sum(power(size, p)), 1 / p));
}

Operand global_pool(Layer &layer, ReduceKind kind, Operand x)
{
  if (layer.rank(x) < 2) fail({}, "X has shape {}, but must have 3 dimensions or more", text_of(layer.shape(x)));
  Reduce op{kind, {}, true};
  for (int64_t d = 2; d < layer.rank(x); ++d) op.axes.push_back(d);
  return layer.add(std::move(op), {x});
}

}  // namespace

void max_pool(Layer &layer)
{
  layer.only_output();
  layer.ignore({"storage_order"});   // of the indices
  layer.result(pool(layer, PoolKind::max, layer.in(0)));
}
void average_pool(Layer &layer) { layer.result(pool(layer, PoolKind::average, layer.in(0))); }
void lp_pool(Layer &layer) { lp(layer, [&](Operand x) { return pool(layer, PoolKind::sum, x); }); }
void global_average_pool(Layer &layer) { layer.result(global_pool(layer, ReduceKind::mean, layer.in(0))); }
void global_max_pool(Layer &layer) { layer.result(global_pool(layer, ReduceKind::max, layer.in(0))); }
void global_lp_pool(Layer &layer) { lp(layer, [&](Operand x) { return global_pool(layer, ReduceKind::sum, x); }); }

}  // namespace net2c::onnx
