// Normalisations, and the scale and bias that follow them.
#include <algorithm>
#include <cmath>

#include "import/caffe/operators.h"

namespace net2c::caffe {

namespace {

ValueId square(Layer &layer, ValueId x) { return layer.binary(BinaryKind::mul, x, x); }

// (x - mean) over `axes`, and its mean square.
std::pair<ValueId, ValueId> centred(Layer &layer, ValueId x, const Ints &axes)
{
  const Reduce mean{ReduceKind::mean, axes, true};
  const ValueId y = layer.binary(BinaryKind::sub, x, layer.add(mean, {x}));
  return {y, layer.add(mean, {square(layer, y)})};
}

}  // namespace

// Mean and variance are stored times a factor, which is the third blob.
void batch_norm(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  if (layer.rank(x) < 1) fail({}, "its bottom is a scalar");
  Params &p = layer.params("batch_norm_param");
  p.ignore({"moving_average_fraction"});
  const float epsilon = p.real("eps", 1e-5f);
  const int64_t channels = layer.rank(x) == 1 ? 1 : layer.size(x, 1);
  const Shape shape = layer.shape(x);
  if (!p.flag("use_global_stats", true)) {
    Ints axes;
    for (int64_t d = 0; d < layer.rank(x); ++d)
      if (d != 1) axes.push_back(d);
    const auto [y, variance] = centred(layer, x, axes);
    const ValueId deviation = layer.unary({UnaryKind::sqrt}, layer.plus(variance, static_cast<double>(epsilon)));
    return layer.result(layer.binary(BinaryKind::div, y, deviation));
  }
  ValueId mean = layer.blob(0, {channels}), variance = layer.blob(1, {channels});
  const ValueId factor = layer.blob(2, {1});
  // A factor of 0 stands for statistics that nobody gathered: zeros.
  const ValueId zero = layer.scalar(0), empty = layer.binary(BinaryKind::equal, factor, zero);
  const ValueId inverse = layer.add(Select{}, {empty, zero, layer.unary({UnaryKind::reciprocal}, factor)});
  mean = layer.binary(BinaryKind::mul, mean, inverse);
  variance = layer.binary(BinaryKind::mul, variance, inverse);
  const ValueId image = layer.rank(x) == 1 ? layer.reshape(x, {shape[0], 1}) : x;
  const Norm op{.kind = NormKind::batch, .epsilon = epsilon};
  layer.result(
      layer.reshape(layer.add(op, {image, layer.filled({channels}, 1), layer.filled({channels}, 0), mean, variance}), shape));
}

// Within a channel: x (1 + alpha * average of squares)^-beta, the window's padding counted.
void lrn(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("lrn_param");
  p.ignore({"engine"});
  const int64_t size = p.integer("local_size", 5);
  if (size < 1 || size % 2 == 0) fail({}, "'local_size' is {}, but must be odd", size);
  const float alpha = p.real("alpha", 1), beta = p.real("beta", 0.75f), k = p.real("k", 1);
  if (p.choice("norm_region", 0, {{"ACROSS_CHANNELS", 0}, {"WITHIN_CHANNEL", 1}}) == 0)
    return layer.result(layer.add(Norm{.kind = NormKind::lrn, .size = size, .alpha = alpha, .beta = beta, .k = k}, {x}));
  if (layer.rank(x) != 4) fail({}, "its bottom is {}, but must have 4 dimensions", text_of(layer.shape(x)));
  const int64_t pad = (size - 1) / 2;
  const Pool average{.kind = PoolKind::average, .kernel = {size, size}, .pads = {pad, pad, pad, pad}, .count_include_pad = true};
  const ValueId squares = layer.add(average, {square(layer, x)}, layer.shape(x));
  const ValueId base = layer.plus(layer.times(squares, static_cast<double>(alpha)), 1);
  layer.result(layer.binary(BinaryKind::mul, x, layer.binary(BinaryKind::pow, base, layer.scalar(-static_cast<double>(beta)))));
}

// (x - mean) / (deviation + eps)
void mvn(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("mvn_param");
  const bool variance = p.flag("normalize_variance", true), across = p.flag("across_channels", false);
  const double epsilon = static_cast<double>(p.real("eps", 1e-9f));
  Ints axes;
  for (int64_t d = across ? 1 : 2; d < layer.rank(x); ++d) axes.push_back(d);
  if (axes.empty()) fail({}, "its bottom {} has nothing to take the mean of", text_of(layer.shape(x)));
  const auto [y, squares] = centred(layer, x, axes);
  if (!variance) return layer.result(y);
  layer.result(layer.binary(BinaryKind::div, y, layer.plus(layer.unary({UnaryKind::sqrt}, squares), epsilon)));
}

// x / |x| * scale, the length over channels, or over all of an image.
void normalize(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  if (layer.rank(x) < 2) fail({}, "its bottom is {}, but must have 2 dimensions or more", text_of(layer.shape(x)));
  Params &p = layer.params("norm_param");
  p.ignore({"scale_filler"});
  const bool across = p.flag("across_spatial", true), shared = p.flag("channel_shared", true);
  const double epsilon = static_cast<double>(p.real("eps", 1e-10f));
  Reduce sum{ReduceKind::sum_square, {1}, true};
  for (int64_t d = 2; across && d < layer.rank(x); ++d) sum.axes.push_back(d);
  const ValueId length = layer.unary({UnaryKind::sqrt}, layer.plus(layer.add(sum, {x}), epsilon));
  const ValueId y = layer.binary(BinaryKind::div, x, length);
  const int64_t channels = layer.size(x, 1);
  Shape around(static_cast<size_t>(layer.rank(x) - 1), 1);
  if (!shared) around[0] = channels;
  const ValueId scale = layer.reshape(layer.blob(0, {shared ? 1 : channels}), around);
  layer.result(layer.binary(BinaryKind::mul, y, scale));
}

namespace {

// The shape of a parameter that lies along axes axis .. axis + num_axes - 1 of x; -1: to the end.
Shape part(Layer &layer, Params &p, ValueId x, int64_t axis)
{
  const int64_t n = p.integer("num_axes", 1), rank = layer.rank(x);
  const int64_t end = n == -1 ? rank : axis + n;
  if (n < -1 || end > rank) fail({}, "'num_axes' {} from axis {} on does not fit {}", n, axis, text_of(layer.shape(x)));
  return Shape(layer.shape(x).begin() + axis, layer.shape(x).begin() + end);
}

// A parameter with axes of size 1 behind, so that it lies along `axis` of x when broadcast.
ValueId along(Layer &layer, ValueId parameter, ValueId x, int64_t axis)
{
  Shape shape = layer.shape(parameter);
  if (axis + static_cast<int64_t>(shape.size()) > layer.rank(x))
    fail({}, "{} does not fit into {} from axis {} on", text_of(shape), text_of(layer.shape(x)), axis);
  for (size_t d = 0; d < shape.size(); ++d)
    if (shape[d] != layer.size(x, axis + static_cast<int64_t>(d)))
      fail({}, "{} does not fit into {} from axis {} on", text_of(shape), text_of(layer.shape(x)), axis);
  shape.resize(shape.empty() ? 0 : static_cast<size_t>(layer.rank(x) - axis), 1);
  return layer.reshape(parameter, shape);
}

int64_t axis_of(Layer &layer, Params &p, ValueId x) { return layer.rank(x) ? layer.axis(p.integer("axis", 1), layer.rank(x)) : 0; }

}  // namespace

// The second bottom, or a blob; and where it says so another blob is added.
void scale(Layer &layer)
{
  layer.want_bottoms(1, 2);
  const ValueId x = layer.in(0);
  Params &p = layer.params("scale_param");
  p.ignore({"filler", "bias_filler"});
  const int64_t axis = axis_of(layer, p, x);
  const bool learned = layer.bottoms() == 1, bias = p.flag("bias_term", false);
  if (!learned) p.ignore({"num_axes"});
  const Shape shape = learned ? part(layer, p, x, axis) : layer.shape(layer.in(1));
  const ValueId factor = learned ? layer.blob(0, shape) : layer.in(1);
  const size_t second = learned ? 1 : 0;
  if (learned && axis == 1 && shape.size() == 1)
    return layer.result(layer.add(Affine{}, {x, factor, bias ? layer.blob(second, shape) : layer.filled(shape, 0)}));
  ValueId y = layer.binary(BinaryKind::mul, x, along(layer, factor, x, axis));
  if (bias) y = layer.binary(BinaryKind::add, y, along(layer, layer.blob(second, shape), x, axis));
  layer.result(y);
}

void bias(Layer &layer)
{
  layer.want_bottoms(1, 2);
  const ValueId x = layer.in(0);
  Params &p = layer.params("bias_param");
  p.ignore({"filler"});
  const int64_t axis = axis_of(layer, p, x);
  if (layer.bottoms() == 2) p.ignore({"num_axes"});
  const ValueId term = layer.bottoms() == 2 ? layer.in(1) : layer.blob(0, part(layer, p, x, axis));
  layer.result(layer.binary(BinaryKind::add, x, along(layer, term, x, axis)));
}

}  // namespace net2c::caffe
