// y = f(x), element by element, and the arithmetic of several bottoms.
#include <cmath>

#include "import/caffe/operators.h"

namespace net2c::caffe {

namespace {

void apply(Layer &layer, const Unary &op)
{
  layer.want_bottoms(1, 1);
  layer.result(layer.unary(op, layer.in(0)));
}

double wide(float x) { return static_cast<double>(x); }

}  // namespace

void relu(Layer &layer)
{
  Params &p = layer.params("relu_param");
  p.ignore({"engine"});
  const float slope = p.real("negative_slope", 0);
  apply(layer, slope == 0 ? Unary{UnaryKind::relu} : Unary{UnaryKind::leaky_relu, slope});
}

void relu6(Layer &layer) { apply(layer, {UnaryKind::clip, 0, 6}); }

void prelu(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("prelu_param");
  p.ignore({"filler"});
  if (layer.rank(x) < 2) fail({}, "its bottom is {}, but must have 2 dimensions or more", text_of(layer.shape(x)));
  const int64_t slopes = p.flag("channel_shared", false) ? 1 : layer.size(x, 1);
  Shape along(static_cast<size_t>(layer.rank(x) - 1), 1);
  along[0] = slopes;
  layer.result(layer.binary(BinaryKind::prelu, x, layer.reshape(layer.blob(0, {slopes}), along)));
}

void elu(Layer &layer) { apply(layer, {UnaryKind::elu, layer.params("elu_param").real("alpha", 1)}); }
void clip(Layer &layer)
{
  Params &p = layer.params("clip_param");
  if (!p.has("min") || !p.has("max")) fail({}, "clip_param: 'min' and 'max' must be given");
  const float low = p.real("min", 0);
  apply(layer, {UnaryKind::clip, low, p.real("max", 0)});
}

// (shift + scale x)^power
void power(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("power_param");
  const double exponent = wide(p.real("power", 1)), factor = wide(p.real("scale", 1)), shift = wide(p.real("shift", 0));
  const ValueId base = layer.plus(layer.times(x, factor), shift);
  if (exponent == 0) return layer.result(layer.plus(layer.binary(BinaryKind::mul, x, layer.scalar(0)), 1));
  if (exponent == 2) return layer.result(layer.binary(BinaryKind::mul, base, base));
  layer.result(exponent == 1 ? base : layer.binary(BinaryKind::pow, base, layer.scalar(exponent)));
}

namespace {

// The natural logarithm of `base`; -1 stands for e.
double log_of_base(float base)
{
  if (base != -1 && !(base > 0)) fail({}, "'base' is {}, but must be positive, or -1 for e", base);
  return base == -1 ? 1 : std::log(wide(base));
}

}  // namespace

// base^(shift + scale x)
void exponential(Layer &layer)
{
  layer.want_bottoms(1, 1);
  Params &p = layer.params("exp_param");
  const double log = log_of_base(p.real("base", -1)), factor = wide(p.real("scale", 1)), shift = wide(p.real("shift", 0));
  const ValueId y = layer.unary({UnaryKind::exp}, layer.times(layer.in(0), log * factor));
  layer.result(layer.times(y, std::exp(log * shift)));
}

// log_base(shift + scale x)
void logarithm(Layer &layer)
{
  layer.want_bottoms(1, 1);
  Params &p = layer.params("log_param");
  const double log = log_of_base(p.real("base", -1)), factor = wide(p.real("scale", 1)), shift = wide(p.real("shift", 0));
  if (log == 0) fail({}, "'base' is 1, which has no logarithm");
  const ValueId y = layer.unary({UnaryKind::log}, layer.plus(layer.times(layer.in(0), factor), shift));
  layer.result(layer.times(y, 1 / log));
}

void threshold(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId limit = layer.scalar(wide(layer.params("threshold_param").real("threshold", 0)));
  layer.result(layer.add(Cast{Type::f32}, {layer.binary(BinaryKind::greater, layer.in(0), limit)}));
}

// x sigmoid(beta x)
void swish(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const float beta = layer.params("swish_param").real("beta", 1);
  if (beta == 1) return layer.result(layer.unary({UnaryKind::silu}, layer.in(0)));
  layer.result(layer.binary(BinaryKind::mul, layer.in(0), layer.unary({UnaryKind::sigmoid}, layer.times(layer.in(0), wide(beta)))));
}

void eltwise(Layer &layer)
{
  Params &p = layer.params("eltwise_param");
  p.ignore({"stable_prod_grad"});
  const int64_t operation = p.choice("operation", 1, {{"PROD", 0}, {"SUM", 1}, {"MAX", 2}});
  const std::vector<float> coefficients = p.reals("coeff");
  if (!coefficients.empty() && (operation != 1 || coefficients.size() != layer.bottoms()))
    fail({}, "{} coefficients are given, but its bottoms are {}; coefficients belong to SUM, one a bottom", coefficients.size(),
         layer.bottoms());
  constexpr BinaryKind kinds[] = {BinaryKind::mul, BinaryKind::add, BinaryKind::max};
  ValueId y = none;
  for (size_t i = 0; i < std::max<size_t>(1, layer.bottoms()); ++i) {
    ValueId x = layer.in(i);
    if (layer.shape(x) != layer.shape(layer.in(0)))
      fail({}, "its bottoms {} and {} have different shapes", text_of(layer.shape(layer.in(0))), text_of(layer.shape(x)));
    if (!coefficients.empty()) x = layer.times(x, wide(coefficients[i]));
    y = i ? layer.binary(kinds[operation], y, x) : x;
  }
  layer.result(y);
}

// A factor for each channel, x, y: factor x + y.
void axpy(Layer &layer)
{
  layer.want_bottoms(3, 3);
  const ValueId x = layer.in(1), y = layer.in(2);
  const Shape &shape = layer.shape(x), &factors = layer.shape(layer.in(0));
  if (shape.size() < 2 || layer.shape(y) != shape || factors.size() < 2 || count(factors) != shape[0] * shape[1])
    fail({}, "its bottoms {}, {} and {} do not fit: they must be a factor a channel and two of one shape", text_of(factors),
         text_of(shape), text_of(layer.shape(y)));
  Shape around(shape.size(), 1);
  around[0] = shape[0], around[1] = shape[1];
  layer.result(layer.binary(BinaryKind::add, layer.binary(BinaryKind::mul, x, layer.reshape(layer.in(0), around)), y));
}

}  // namespace net2c::caffe
