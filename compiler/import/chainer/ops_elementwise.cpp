// Activations and arithmetic.
#include <cmath>
#include <limits>

#include "import/chainer/functions.h"

namespace net2c::chainer {

namespace {

void apply(Layer &layer, UnaryKind kind, double a, double b = 0)
{
  layer.result(layer.unary({kind, static_cast<float>(a), static_cast<float>(b)}, layer.in(0)));
}

Operand number(Layer &layer, double value) { return layer.scalar(layer.type(layer.in(0)), value); }

// A parameter of the shape of x's dimensions from 1 on, with sizes of 1 for the others.
Operand by_channel(Layer &layer, Operand parameter, Operand x)
{
  if (layer.rank(parameter) >= layer.rank(x)) fail({}, "a parameter is {}, which does not fit x {}", text_of(layer.shape(parameter)), text_of(layer.shape(x)));
  Shape shape = layer.shape(parameter);
  shape.insert(shape.begin(), 1);
  shape.resize(static_cast<size_t>(layer.rank(x)), 1);
  for (size_t d = 1; d <= static_cast<size_t>(layer.rank(parameter)); ++d)
    if (shape[d] != layer.shape(x)[d]) fail({}, "a parameter is {}, which does not fit x {}", text_of(layer.shape(parameter)), text_of(layer.shape(x)));
  return layer.reshape(parameter, shape);
}

}  // namespace

void identity(Layer &layer)
{
  for (size_t i = 0; i < layer.outputs(); ++i) layer.result(i, layer.in(i));
}

void cast(Layer &layer)
{
  const std::string type = layer.text("type", "");
  if (type != "float32") unsupported("to {}", type);
  layer.result(layer.cast(layer.in(0), Type::f32));
}

void clipped_relu(Layer &layer) { apply(layer, UnaryKind::clip, 0, layer.real("cap", 20)); }
void elu(Layer &layer) { apply(layer, UnaryKind::elu, layer.real("alpha", 1)); }
void leaky_relu(Layer &layer) { apply(layer, UnaryKind::leaky_relu, layer.real("slope", 0.2)); }
void hard_sigmoid(Layer &layer) { apply(layer, UnaryKind::hard_sigmoid, 0.2, 0.5); }

// The slope that is drawn between the two in training is their mean otherwise.
void rrelu(Layer &layer) { apply(layer, UnaryKind::leaky_relu, (layer.real("lower", 1.0 / 8) + layer.real("upper", 1.0 / 3)) / 2); }

void softplus(Layer &layer)
{
  const double beta = layer.real("beta", 1);
  if (beta == 1) return layer.result(layer.unary({UnaryKind::softplus}, layer.in(0)));
  const Operand y = layer.unary({UnaryKind::softplus}, layer.binary(BinaryKind::mul, layer.in(0), number(layer, beta)));
  layer.result(layer.binary(BinaryKind::mul, y, number(layer, 1 / beta)));
}

void prelu(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.binary(BinaryKind::prelu, x, by_channel(layer, layer.in(1), x)));
}

// x sigmoid(beta x)
void swish(Layer &layer)
{
  const Operand x = layer.in(0);
  const Operand inner = layer.binary(BinaryKind::mul, x, by_channel(layer, layer.in(1), x));
  layer.result(layer.binary(BinaryKind::mul, x, layer.unary({UnaryKind::sigmoid}, inner)));
}

void crelu(Layer &layer)
{
  const Operand x = layer.in(0);
  const Operand down = layer.unary({UnaryKind::relu}, layer.unary({UnaryKind::neg}, x));
  layer.result(layer.add(Concat{layer.axis(layer.integer("axis", 1), layer.rank(x))}, {layer.unary({UnaryKind::relu}, x), down}));
}

void clip(Layer &layer)
{
  constexpr double infinity = std::numeric_limits<double>::infinity();
  apply(layer, UnaryKind::clip, layer.real("x_min", -infinity), layer.real("x_max", infinity));
}

void multi_add(Layer &layer)
{
  Operand y = layer.in(0);
  for (size_t i = 1; i < layer.inputs(); ++i) y = layer.binary(BinaryKind::add, y, layer.in(i));
  layer.result(y);
}

void power_with_constant(Layer &layer)
{
  const double exponent = layer.real("value");
  if (exponent == 2) return square(layer);
  layer.result(layer.binary(BinaryKind::pow, layer.in(0), number(layer, exponent)));
}

void power_of_constant(Layer &layer) { layer.result(layer.binary(BinaryKind::pow, number(layer, layer.real("value")), layer.in(0))); }
void subtract_from_constant(Layer &layer) { layer.result(layer.binary(BinaryKind::sub, number(layer, layer.real("value")), layer.in(0))); }
void divide_constant(Layer &layer) { layer.result(layer.binary(BinaryKind::div, number(layer, layer.real("value")), layer.in(0))); }

// p x + (1 - p) y
void linear_interpolate(Layer &layer)
{
  const Operand p = layer.in(0), rest = layer.binary(BinaryKind::sub, number(layer, 1), p);
  layer.result(layer.binary(BinaryKind::add, layer.binary(BinaryKind::mul, p, layer.in(1)), layer.binary(BinaryKind::mul, rest, layer.in(2))));
}

// Input 2 is the condition, which Chainer holds as an array: a constant.
void where(Layer &layer) { layer.result(layer.add(Select{}, {layer.cast(layer.in(2), Type::boolean), layer.in(0), layer.in(1)})); }

void square(Layer &layer) { layer.result(layer.binary(BinaryKind::mul, layer.in(0), layer.in(0))); }

namespace {

Operand log_of(Layer &layer, Operand x, double factor)
{
  return layer.binary(BinaryKind::mul, layer.unary({UnaryKind::log}, x), number(layer, factor));
}

Operand half_of(Layer &layer, BinaryKind kind)   // (e^x +- e^-x) / 2
{
  const Operand up = layer.unary({UnaryKind::exp}, layer.in(0)), down = layer.unary({UnaryKind::exp}, layer.unary({UnaryKind::neg}, layer.in(0)));
  return layer.binary(BinaryKind::mul, layer.binary(kind, up, down), number(layer, 0.5));
}

}  // namespace

void log2(Layer &layer) { layer.result(log_of(layer, layer.in(0), 1 / std::log(2.0))); }
void log10(Layer &layer) { layer.result(log_of(layer, layer.in(0), 1 / std::log(10.0))); }
void log1p(Layer &layer) { layer.result(layer.unary({UnaryKind::log}, layer.binary(BinaryKind::add, layer.in(0), number(layer, 1)))); }
void expm1(Layer &layer) { layer.result(layer.binary(BinaryKind::sub, layer.unary({UnaryKind::exp}, layer.in(0)), number(layer, 1))); }
void tan(Layer &layer) { layer.result(layer.binary(BinaryKind::div, layer.unary({UnaryKind::sin}, layer.in(0)), layer.unary({UnaryKind::cos}, layer.in(0)))); }
void sinh(Layer &layer) { layer.result(half_of(layer, BinaryKind::sub)); }
void cosh(Layer &layer) { layer.result(half_of(layer, BinaryKind::add)); }

}  // namespace net2c::chainer
