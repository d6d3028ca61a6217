// y = f(x), element by element, and the arithmetic of several inputs.
#include <algorithm>
#include <limits>

#include "import/onnx/operators.h"

namespace net2c::onnx {

namespace {

void apply(Layer &layer, const Unary &op)
{
  layer.ignore({"consumed_inputs"});
  layer.result(layer.unary(op, layer.in(0)));
}

bool is_float(Type type) { return type == Type::f32 || type == Type::f16 || type == Type::f64; }

}  // namespace

void leaky_relu(Layer &layer) { apply(layer, {UnaryKind::leaky_relu, layer.real("alpha", 0.01f)}); }
void elu(Layer &layer) { apply(layer, {UnaryKind::elu, layer.real("alpha", 1.0f)}); }
void celu(Layer &layer) { apply(layer, {UnaryKind::celu, layer.real("alpha", 1.0f)}); }
void thresholded_relu(Layer &layer) { apply(layer, {UnaryKind::thresholded_relu, layer.real("alpha", 1.0f)}); }
void hard_sigmoid(Layer &layer) { apply(layer, {UnaryKind::hard_sigmoid, layer.real("alpha", 0.2f), layer.real("beta", 0.5f)}); }

void selu(Layer &layer)
{
  const bool first = layer.version < 6;   // had fewer digits
  const float alpha = layer.real("alpha", first ? 1.6732f : 1.67326319217681884765625f);
  apply(layer, {UnaryKind::selu, alpha, layer.real("gamma", first ? 1.0507f : 1.05070102214813232421875f)});
}

void gelu(Layer &layer)
{
  const std::string approximate = layer.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh") fail({}, "approximate '{}' is unknown", approximate);
  apply(layer, {approximate == "tanh" ? UnaryKind::gelu_tanh : UnaryKind::gelu});
}

// What lies between -lambd and lambd becomes 0, the rest comes nearer to it by `bias`.
void shrink(Layer &layer)
{
  const Operand x = layer.in(0);
  const auto number = [&](double n) { return layer.scalar(layer.type(x), n); };
  const double edge = static_cast<double>(layer.real("lambd", 0.5f)), bias = static_cast<double>(layer.real("bias", 0));
  const auto moved = [&](double by) { return by == 0 ? x : layer.binary(BinaryKind::add, x, number(by)); };
  const Operand high = layer.add(Select{}, {layer.binary(BinaryKind::greater, x, number(edge)), moved(-bias), number(0)});
  layer.result(layer.add(Select{}, {layer.binary(BinaryKind::less, x, number(-edge)), moved(bias), high}));
}

// x sigmoid(alpha x)
void swish(Layer &layer)
{
  const float alpha = layer.real("alpha", 1.0f);
  if (alpha == 1) return apply(layer, {UnaryKind::silu});
  const Operand x = layer.in(0), scaled = layer.binary(BinaryKind::mul, x, layer.scalar(layer.type(x), static_cast<double>(alpha)));
  layer.result(layer.binary(BinaryKind::mul, x, layer.unary({UnaryKind::sigmoid}, scaled)));
}

// Bounds: attributes before version 11, then inputs.
void clip(Layer &layer)
{
  const Operand x = layer.in(0);
  if (layer.version < 11) {
    constexpr float infinity = std::numeric_limits<float>::infinity();
    const float low = layer.real("min", -infinity);
    return apply(layer, {UnaryKind::clip, low, layer.real("max", infinity)});
  }
  const Operand low = layer.maybe(1), high = layer.maybe(2);
  for (Operand bound : {low, high})
    if (bound != absent && count(layer.shape(bound)) != 1) fail({}, "a bound has shape {}, but must be one number", text_of(layer.shape(bound)));
  const auto known = [&](Operand bound) { return bound == absent || layer.constant(bound); };
  if (layer.type(x) == Type::f32 && known(low) && known(high)) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const double a = low == absent ? -infinity : layer.known_number(1, "min"), b = high == absent ? infinity : layer.known_number(2, "max");
    return apply(layer, {UnaryKind::clip, static_cast<float>(a), static_cast<float>(b)});
  }
  Operand y = x;
  if (low != absent) y = layer.binary(BinaryKind::max, y, layer.reshape(low, {}));
  if (high != absent) y = layer.binary(BinaryKind::min, y, layer.reshape(high, {}));
  layer.result(y);
}

// Before version 7 a slope of C numbers belongs to the channels; from then on it is broadcast as all else is.
void prelu(Layer &layer)
{
  layer.ignore({"consumed_inputs"});
  const Operand x = layer.in(0);
  Operand slope = layer.in(1);
  const Shape &shape = layer.shape(x);
  if (layer.version < 7 && layer.rank(slope) == 1 && shape.size() > 2) {
    Shape channels(shape.size() - 1, 1);
    channels[0] = layer.shape(slope)[0];
    slope = layer.reshape(slope, channels);
  }
  const Operand y = layer.binary(BinaryKind::prelu, x, slope);
  if (layer.shape(y) != layer.shape(x)) fail({}, "slope {} does not fit X {}", text_of(layer.shape(slope)), text_of(layer.shape(x)));
  layer.result(y);
}

// Before version 7: no broadcasting unless attribute `broadcast` is set, then B lies along A from `axis` on (default: at the end).
Operand aligned(Layer &layer, Operand a, Operand b)
{
  if (layer.version >= 7) return b;
  layer.ignore({"consumed_inputs"});
  const bool broadcast = layer.integer("broadcast", 0) != 0;
  const bool has_axis = layer.has("axis");
  const Shape &large = layer.shape(a), &small = layer.shape(b);
  if (!broadcast) {
    if (large != small) fail({}, "shapes {} and {} differ, and attribute 'broadcast' is not set", text_of(large), text_of(small));
    return b;
  }
  if (!has_axis) return b;
  const int64_t first = layer.axis(layer.integer("axis", 0), std::max<int64_t>(1, layer.rank(a)));
  if (first + layer.rank(b) > layer.rank(a)) fail({}, "shape {} does not fit into {} from axis {} on", text_of(small), text_of(large), first);
  Shape shape = small;
  shape.resize(static_cast<size_t>(layer.rank(a) - first), 1);
  return layer.reshape(b, shape);
}

namespace {

void fold(Layer &layer, BinaryKind kind, bool mean)
{
  layer.ignore({"consumed_inputs"});
  Operand y = layer.in(0);
  for (size_t i = 1; i < layer.inputs(); ++i) y = layer.binary(kind, y, layer.in(i));
  if (mean) y = layer.binary(BinaryKind::div, y, layer.scalar(layer.type(y), static_cast<double>(layer.inputs())));
  layer.result(y);
}

}  // namespace

// The exponent may be of another type.
void power(Layer &layer)
{
  const Operand a = layer.in(0), b = aligned(layer, a, layer.in(1));
  if (!is_float(layer.type(a)) && is_float(layer.type(b))) {
    const Operand y = layer.binary(BinaryKind::pow, layer.cast(a, Type::f64), layer.cast(b, Type::f64));
    return layer.result(layer.cast(y, layer.type(a)));
  }
  layer.result(layer.binary(BinaryKind::pow, a, layer.cast(b, layer.type(a))));
}

void modulo(Layer &layer)
{
  const bool c_like = layer.integer("fmod", 0) != 0;
  if (!c_like && is_float(layer.type(layer.in(0)))) fail({}, "of floats needs attribute fmod = 1");
  layer.result(layer.binary(c_like ? BinaryKind::fmod : BinaryKind::mod, layer.in(0), layer.in(1)));
}

void minimum(Layer &layer) { fold(layer, BinaryKind::min, false); }
void maximum(Layer &layer) { fold(layer, BinaryKind::max, false); }
void sum(Layer &layer) { fold(layer, BinaryKind::add, false); }
void mean(Layer &layer) { fold(layer, BinaryKind::add, true); }

void where(Layer &layer) { layer.result(layer.add(Select{}, {layer.in(0), layer.in(1), layer.in(2)})); }

void is_nan(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.unary({UnaryKind::logical_not}, layer.binary(BinaryKind::equal, x, x)));
}

void is_inf(Layer &layer)
{
  const Operand x = layer.in(0);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  const auto is = [&](const char *attribute, double number) {
    return layer.integer(attribute, 1) != 0 ? layer.binary(BinaryKind::equal, x, layer.scalar(layer.type(x), number)) : absent;
  };
  const Operand low = is("detect_negative", -infinity), high = is("detect_positive", infinity);
  if (low == absent && high == absent) return layer.result(layer.add(Expand{}, {layer.scalar(Type::boolean, 0)}, layer.shape(x)));
  layer.result(low == absent ? high : high == absent ? low : layer.binary(BinaryKind::logical_or, low, high));
}

void identity(Layer &layer) { layer.result(layer.in(0)); }

void dropout(Layer &layer)
{
  if (layer.version < 12) layer.only_output();
  layer.ignore({"ratio", "is_test", "seed", "consumed_inputs"});
  if (layer.version >= 12 && layer.maybe(2) != absent && layer.known(2, "training_mode").integers() != Ints{0})
    unsupported("in training mode; export the model for inference (model.eval() in PyTorch)");
  layer.result(layer.in(0));
  if (layer.used(1)) layer.result(1, layer.add(Expand{}, {layer.scalar(Type::boolean, 1)}, layer.shape(layer.in(0))));   // nothing is dropped
}

}  // namespace net2c::onnx
