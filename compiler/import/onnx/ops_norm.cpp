// Normalisations.
#include <algorithm>
#include <limits>

#include "import/onnx/operators.h"

namespace net2c::onnx {

namespace {

// A parameter of the type of x.
Operand parameter(Layer &layer, size_t i) { return layer.cast(layer.in(i), layer.type(layer.in(0))); }

Operand filled(Layer &layer, Type type, int64_t n, double number)
{
  return layer.add(Expand{}, {layer.scalar(type, number)}, {n});
}

// Statistics for each element of an image rather than for each channel: (x - mean) * (scale / sqrt(variance + epsilon)) + bias.
void normalise_elements(Layer &layer)
{
  const Operand x = layer.in(0);
  for (size_t i = 1; i < 5; ++i) {
    Shape all = layer.shape(layer.in(i));
    all.insert(all.begin(), layer.rank(x) ? layer.shape(x)[0] : 1);
    if (all != layer.shape(x)) fail({}, "parameter number {} is {} and spatial = 0, which does not fit X {}", i, text_of(layer.shape(layer.in(i))), text_of(layer.shape(x)));
  }
  const Operand epsilon = layer.scalar(layer.type(x), static_cast<double>(layer.real("epsilon", 1e-5f)));
  const Operand deviation = layer.unary({UnaryKind::sqrt}, layer.binary(BinaryKind::add, parameter(layer, 4), epsilon));
  const Operand scale = layer.binary(BinaryKind::div, parameter(layer, 1), deviation);
  const Operand centred = layer.binary(BinaryKind::sub, x, parameter(layer, 3));
  layer.result(layer.binary(BinaryKind::add, layer.binary(BinaryKind::mul, centred, scale), parameter(layer, 2)));
}

// Statistics that only a run knows.
void normalise_channels(Layer &layer, float epsilon)
{
  const Operand x = layer.in(0), safe = layer.binary(BinaryKind::add, parameter(layer, 4), layer.scalar(layer.type(x), static_cast<double>(epsilon)));
  const Operand scale = layer.binary(BinaryKind::div, parameter(layer, 1), layer.unary({UnaryKind::sqrt}, safe));
  const Operand shift = layer.binary(BinaryKind::sub, parameter(layer, 2), layer.binary(BinaryKind::mul, parameter(layer, 3), scale));
  layer.result(layer.add(Affine{}, {x, scale, shift}));
}

}  // namespace

void batch_normalization(Layer &layer)
{
  layer.only_output();
  layer.ignore({"momentum", "consumed_inputs"});
  if (layer.integer("training_mode", 0) != 0 || layer.integer("is_test", 1) == 0)
    unsupported("in training mode; export the model for inference (model.eval() in PyTorch)");
  // MXNet writes spatial = 0 also where the parameters are those of channels.
  if (layer.integer("spatial", 1) == 0 && layer.rank(layer.in(1)) != 1) return normalise_elements(layer);
  const float epsilon = layer.real("epsilon", 1e-5f);
  for (size_t i = 1; i < 5; ++i)
    if (!layer.constant(layer.in(i))) return normalise_channels(layer, epsilon);
  Norm op{.kind = NormKind::batch, .epsilon = epsilon};
  layer.result(layer.add(op, {layer.in(0), parameter(layer, 1), parameter(layer, 2), parameter(layer, 3), parameter(layer, 4)}));
}

void instance_normalization(Layer &layer)
{
  layer.ignore({"consumed_inputs"});
  Norm op{.kind = NormKind::instance, .epsilon = layer.real("epsilon", 1e-5f)};
  layer.result(layer.add(op, {layer.in(0), parameter(layer, 1), parameter(layer, 2)}));
}

// The statistics are outputs too: the mean and 1 / sqrt(variance + epsilon).
void layer_normalization(Layer &layer)
{
  layer.ignore({"stash_type"});
  const Operand x = layer.in(0);
  Norm op{.kind = NormKind::layer, .epsilon = layer.real("epsilon", 1e-5f)};
  op.axis = layer.axis(layer.integer("axis", -1), layer.rank(x));
  const Shape axes(layer.shape(x).begin() + op.axis, layer.shape(x).end());
  std::vector<Operand> inputs{x};
  for (size_t i = 1; i < 3 && layer.maybe(i) != absent; ++i) {
    const Operand p = parameter(layer, i);
    inputs.push_back(layer.shape(p) == axes ? p : layer.add(Expand{}, {p}, axes));
  }
  layer.result(layer.add(op, inputs));
  if (!layer.used(1) && !layer.used(2)) return;
  Reduce over;
  for (int64_t d = op.axis; d < layer.rank(x); ++d) over.axes.push_back(d);
  const Operand mean = layer.add(over, {x});
  if (layer.used(2)) {
    const Operand centred = layer.binary(BinaryKind::sub, x, mean);
    const Operand variance = layer.add(over, {layer.binary(BinaryKind::mul, centred, centred)});
    const Operand safe = layer.binary(BinaryKind::add, variance, layer.scalar(layer.type(x), static_cast<double>(op.epsilon)));
    layer.result(2, layer.unary({UnaryKind::reciprocal}, layer.unary({UnaryKind::sqrt}, safe)));
  }
  if (layer.used(1)) layer.result(1, mean);
}

// A group is an instance of its own: [N][C]... -> [N][groups][all of a group].
void group_normalization(Layer &layer)
{
  layer.ignore({"stash_type"});
  const Operand x = layer.in(0);
  const Shape shape = layer.shape(x);
  const int64_t groups = layer.integer("num_groups", 0);
  if (shape.size() < 2 || groups < 1 || shape[1] % groups) fail({}, "{} groups do not fit X {}", groups, text_of(shape));
  const Operand scale = parameter(layer, 1), bias = parameter(layer, 2);
  // Version 18 has a scale for each group, later ones for each channel.
  const bool by_group = layer.version < 21;
  const Type type = layer.type(x);
  const Operand grouped = layer.reshape(x, {shape[0], groups, count(shape) / std::max<int64_t>(1, shape[0] * groups)});
  Norm op{.kind = NormKind::instance, .epsilon = layer.real("epsilon", 1e-5f)};
  const Operand y = layer.add(op, {grouped, by_group ? scale : filled(layer, type, groups, 1), by_group ? bias : filled(layer, type, groups, 0)});
  const Operand like_x = layer.reshape(y, shape);
  layer.result(by_group ? like_x : layer.add(Affine{}, {like_x, scale, bias}));
}

void lrn(Layer &layer)
{
  Norm op{.kind = NormKind::lrn};
  op.size = layer.integer("size", 0);
  op.alpha = layer.real("alpha", 1e-4f);
  op.beta = layer.real("beta", 0.75f);
  op.k = layer.real("bias", 1.0f);
  layer.result(layer.add(op, {layer.in(0)}));
}

// x / sqrt(mean(x^2) + epsilon) * scale
void rms_normalization(Layer &layer)
{
  layer.ignore({"stash_type"});
  const Operand x = layer.in(0);
  Reduce mean;
  for (int64_t d = layer.axis(layer.integer("axis", -1), layer.rank(x)); d < layer.rank(x); ++d) mean.axes.push_back(d);
  const Operand squares = layer.add(mean, {layer.binary(BinaryKind::mul, x, x)});
  const Operand epsilon = layer.scalar(layer.type(x), static_cast<double>(layer.real("epsilon", 1e-5f)));
  const Operand deviation = layer.unary({UnaryKind::sqrt}, layer.binary(BinaryKind::add, squares, epsilon));
  layer.result(layer.binary(BinaryKind::mul, layer.binary(BinaryKind::div, x, deviation), parameter(layer, 1)));
}

void lp_normalization(Layer &layer)
{
  const Operand x = layer.in(0);
  const int64_t p = layer.integer("p", 2);
  if (p != 1 && p != 2) fail({}, "p is {}, but must be 1 or 2", p);
  const int64_t axis = layer.axis(layer.integer("axis", -1), layer.rank(x));
  const Reduce kind{p == 1 ? ReduceKind::l1 : ReduceKind::l2, {axis}, true};
  // A vector of length 0 stays one.
  const Operand length = layer.add(kind, {x}), least = layer.scalar(layer.type(x), static_cast<double>(std::numeric_limits<float>::min()));
  layer.result(layer.binary(BinaryKind::div, x, layer.binary(BinaryKind::max, length, least)));
}

// (x - mean) / (deviation + 1e-9)
void mean_variance_normalization(Layer &layer)
{
  const Operand x = layer.in(0);
  Reduce mean;
  const std::vector<bool> over = layer.chosen(layer.integers("axes").value_or(Ints{0, 2, 3}), layer.rank(x));
  for (size_t d = 0; d < over.size(); ++d)
    if (over[d]) mean.axes.push_back(static_cast<int64_t>(d));
  const Operand centred = layer.binary(BinaryKind::sub, x, layer.add(mean, {x}));
  const Operand variance = layer.add(mean, {layer.binary(BinaryKind::mul, centred, centred)});
  const Operand deviation = layer.binary(BinaryKind::add, layer.unary({UnaryKind::sqrt}, variance), layer.scalar(layer.type(x), 1e-9));
  layer.result(layer.binary(BinaryKind::div, centred, deviation));
}

}  // namespace net2c::onnx
