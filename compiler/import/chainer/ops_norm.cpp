// Normalisations.
#include <algorithm>
#include <numeric>

#include "import/chainer/functions.h"

namespace net2c::chainer {

namespace {

Operand filled(Layer &layer, Type type, int64_t n, double number) { return layer.add(Expand{}, {layer.scalar(type, number)}, {n}); }

float epsilon_of(Layer &layer, double otherwise) { return static_cast<float>(layer.real("eps", otherwise)); }

// The axes that statistics run over. Without attribute: the first, and those after the ones that gamma has.
Ints axes_of(Layer &layer, Operand x, Operand gamma)
{
  if (layer.has("axis")) return layer.axes("axis", x);
  if (layer.rank(gamma) >= layer.rank(x)) fail({}, "gamma {} does not fit x {}", text_of(layer.shape(gamma)), text_of(layer.shape(x)));
  Ints axes{0};
  for (int64_t d = layer.rank(gamma) + 1; d < layer.rank(x); ++d) axes.push_back(d);
  return axes;
}

// Parameters have the axes that are not in `axes`: with sizes of 1 in the place of those they lie along x.
Operand along(Layer &layer, Operand parameter, Operand x, const Ints &axes)
{
  Shape shape = layer.shape(x);
  for (int64_t d : axes) shape[static_cast<size_t>(d)] = 1;
  if (count(shape) != count(layer.shape(parameter)) || layer.rank(parameter) + static_cast<int64_t>(axes.size()) != layer.rank(x))
    fail({}, "a parameter is {}, which does not fit x {} with axis {}", text_of(layer.shape(parameter)), text_of(layer.shape(x)), fmt::join(axes, ","));
  return layer.reshape(parameter, shape);
}

bool all_but_channels(const Ints &axes, int64_t rank)
{
  Ints rest{0};
  for (int64_t d = 2; d < rank; ++d) rest.push_back(d);
  return rank >= 2 && axes == rest;
}

// (x - mean) / sqrt(variance + epsilon) * gamma + beta by broadcasting.
Operand normalised(Layer &layer, Operand x, Operand mean, Operand variance, Operand gamma, Operand beta, double epsilon)
{
  const Operand safe = layer.binary(BinaryKind::add, variance, layer.scalar(layer.type(x), epsilon));
  const Operand factor = layer.unary({UnaryKind::reciprocal}, layer.unary({UnaryKind::sqrt}, safe));
  const Operand y = layer.binary(BinaryKind::mul, layer.binary(BinaryKind::sub, x, mean), factor);
  return layer.binary(BinaryKind::add, layer.binary(BinaryKind::mul, y, gamma), beta);
}

}  // namespace

void fixed_batch_normalization(Layer &layer)
{
  const Operand x = layer.in(0), gamma = layer.in(1), beta = layer.in(2), mean = layer.in(3), variance = layer.in(4);
  const Ints axes = axes_of(layer, x, gamma);
  const float epsilon = epsilon_of(layer, 2e-5);
  if (all_but_channels(axes, layer.rank(x)))
    return layer.result(layer.add(Norm{.kind = NormKind::batch, .epsilon = epsilon}, {x, gamma, beta, mean, variance}));
  layer.result(normalised(layer, x, along(layer, mean, x, axes), along(layer, variance, x, axes), along(layer, gamma, x, axes),
                          along(layer, beta, x, axes), static_cast<double>(epsilon)));
}

// With the statistics of x itself. One image alone, or images that stand as channels of one (the recipe for instance
// normalisation), have those of each channel.
void batch_normalization(Layer &layer)
{
  const Operand x = layer.in(0), gamma = layer.in(1), beta = layer.in(2);
  const Ints axes = axes_of(layer, x, gamma);
  const float epsilon = epsilon_of(layer, 2e-5);
  if (all_but_channels(axes, layer.rank(x)) && layer.rank(x) > 2 && layer.shape(x)[0] == 1)
    return layer.result(layer.add(Norm{.kind = NormKind::instance, .epsilon = epsilon}, {x, gamma, beta}));
  const Reduce over{ReduceKind::mean, axes, true};
  const Operand mean = layer.add(over, {x});
  const Operand centred = layer.binary(BinaryKind::sub, x, mean);
  const Operand variance = layer.add(over, {layer.binary(BinaryKind::mul, centred, centred)});
  layer.result(normalised(layer, x, mean, variance, along(layer, gamma, x, axes), along(layer, beta, x, axes), static_cast<double>(epsilon)));
}

// A group is an instance of its own: [N][C]... -> [N][groups][all of a group].
void group_normalization(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape shape = layer.shape(x);
  const int64_t groups = layer.integer("groups");
  if (shape.size() < 2 || groups < 1 || groups > shape[1] || shape[1] % groups) fail({}, "{} groups do not fit x {}", groups, text_of(shape));
  const Operand grouped = layer.reshape(x, {shape[0], groups, count(shape) / std::max<int64_t>(1, shape[0] * groups)});
  const Norm op{.kind = NormKind::instance, .epsilon = epsilon_of(layer, 1e-5)};
  const Operand y = layer.add(op, {grouped, filled(layer, layer.type(x), groups, 1), filled(layer, layer.type(x), groups, 0)});
  layer.result(layer.add(Affine{}, {layer.reshape(y, shape), layer.in(1), layer.in(2)}));
}

void layer_normalization(Layer &layer)
{
  const Norm op{.kind = NormKind::layer, .epsilon = epsilon_of(layer, 1e-5), .axis = 1};
  layer.result(layer.add(op, {layer.in(0), layer.in(1), layer.in(2)}));
}

// Here alpha is a factor of the plain sum, and the window reaches n / 2 channels to both sides.
void local_response_normalization(Layer &layer)
{
  const int64_t n = layer.integer("n", 5);
  if (n < 1 || n > 1 << 20) fail({}, "n is {}", n);
  Norm op{.kind = NormKind::lrn, .size = n / 2 * 2 + 1};
  op.alpha = static_cast<float>(layer.real("alpha", 1e-4) * static_cast<double>(op.size));
  op.beta = static_cast<float>(layer.real("beta", 0.75));
  op.k = static_cast<float>(layer.real("k", 2));
  layer.result(layer.add(op, {layer.in(0)}));
}

void normalize(Layer &layer)
{
  const Operand x = layer.in(0);
  const Ints axes = layer.has("axis") ? layer.axes("axis", x) : Ints{1};
  const Operand length = layer.add(Reduce{ReduceKind::l2, axes, true}, {x});
  layer.result(layer.binary(BinaryKind::div, x, layer.binary(BinaryKind::add, length, layer.scalar(layer.type(x), layer.real("eps", 1e-5)))));
}

}  // namespace net2c::chainer
