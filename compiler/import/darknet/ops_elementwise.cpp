#include "import/darknet/sections.h"

namespace net2c::darknet {

namespace {

Operand scaled(Layer &layer, Operand x, double by) { return layer.binary(BinaryKind::mul, x, layer.scalar(Type::f32, by)); }

}  // namespace

Operand activated(Layer &layer, Operand x, const char *otherwise)
{
  using U = UnaryKind;
  const std::string kind = layer.text("activation", otherwise);
  const auto is = [&](const char *name) { return kind == name; };
  if (is("linear")) return x;
  if (is("leaky")) return layer.unary({U::leaky_relu, 0.1f}, x);
  if (is("relu")) return layer.unary({U::relu}, x);
  if (is("relu6")) return layer.unary({U::clip, 0, 6}, x);
  if (is("logistic")) return layer.unary({U::sigmoid}, x);
  if (is("tanh")) return layer.unary({U::tanh}, x);
  if (is("elu")) return layer.unary({U::elu, 1}, x);
  if (is("selu")) return layer.unary({U::selu, 1.6732f, 1.0507f}, x);
  if (is("gelu")) return layer.unary({U::gelu_tanh}, x);
  if (is("swish")) return layer.unary({U::silu}, x);
  if (is("mish")) return layer.unary({U::mish}, x);
  if (is("relie")) return layer.unary({U::leaky_relu, 0.01f}, x);
  if (is("ramp")) return layer.binary(BinaryKind::add, layer.unary({U::relu}, x), scaled(layer, x, 0.1));
  if (is("loggy")) return layer.unary({U::tanh}, scaled(layer, x, 0.5));   // 2 sigmoid - 1
  if (is("hardtan")) return layer.unary({U::clip, -1, 1}, x);
  layer.refuse("with activation " + kind.substr(0, 60));
  return x;
}

Operand normalized(Layer &layer, Operand x, Operand scale, Operand bias, Operand mean, Operand variance)
{
  return layer.add(Norm{.kind = NormKind::batch, .epsilon = 1e-6f}, {x, scale, bias, mean, variance});
}

void activation(Layer &layer) { layer.result(activated(layer, layer.in(), "linear")); }

void same(Layer &layer) { layer.result(layer.in()); }

void logistic(Layer &layer) { layer.result(layer.unary({UnaryKind::sigmoid}, layer.in())); }

// Each pixel's channels become a vector of length 1.
void l2norm(Layer &layer)
{
  const Operand length = layer.add(Reduce{ReduceKind::l2, {1}, true}, {layer.in()});
  layer.result(layer.binary(BinaryKind::div, layer.in(), length));
}

// Old versions of Darknet keep no biases for it.
void batchnorm(Layer &layer)
{
  const Shape shape{layer.channels()};
  Operand biases;
  if (layer.norm_has_biases()) {
    biases = layer.weights(shape);
  } else {
    layer.reserve(shape, Type::f32);
    biases = layer.constant(Tensor(Type::f32, shape));
  }
  const Operand scales = layer.weights(shape), mean = layer.weights(shape), variance = layer.weights(shape);
  layer.result(normalized(layer, layer.in(), scales, biases, mean, variance));
}

// Adds what fits of the others: their first channels, or zeros for those that they do not have; of larger maps every nth pixel.
void shortcut(Layer &layer)
{
  for (const char *key : {"weights_type", "weights_normalization"})
    if (layer.text(key, "none") != "none") layer.refuse(std::string("with ") + key);
  if (layer.real("alpha", 1) != 1) layer.refuse("with alpha");
  if (layer.real("beta", 1) != 1) layer.refuse("with beta");
  Operand y = layer.in();
  const Shape shape = layer.shape(y);
  for (Operand x : layer.others("from")) {
    Shape other = layer.shape(x);
    const int64_t step = other[2] / shape[2];
    if (step < 1 || other[2] != step * shape[2] || other[3] != step * shape[3])
      fail({}, "it adds {} to {}, whose heights and widths do not fit", text_of(other), text_of(shape));
    if (step > 1 || other[1] > shape[1]) {
      other = {shape[0], std::min(other[1], shape[1]), shape[2], shape[3]};
      x = layer.add(Slice{{0, 0, 0, 0}, {1, 1, step, step}}, {x}, other);
    }
    if (other[1] < shape[1]) x = layer.add(Pad{PadKind::constant, {0, 0, 0, 0, 0, shape[1] - other[1], 0, 0}, 0}, {x});
    y = layer.binary(BinaryKind::add, y, x);
  }
  layer.result(activated(layer, y, "linear"));
}

// [scale_channels]: one number a channel (scale_wh: a pixel) times another layer's map; [sam]: a number each.
void scale_channels(Layer &layer)
{
  const std::vector<Operand> others = layer.others("from");
  if (others.size() != 1) fail({}, "'from' names {} layers; one is allowed", others.size());
  const Shape factors = layer.shape(layer.in()), map = layer.shape(others[0]);
  for (size_t d = 0; d < 4; ++d)
    if (factors[d] != map[d] && factors[d] != 1) fail({}, "its factors of {} do not fit the map of {}", text_of(factors), text_of(map));
  layer.result(activated(layer, layer.binary(BinaryKind::mul, others[0], layer.in()), "linear"));
}

// Over all numbers of a picture, in `groups` parts; spatial: over the channels of each pixel.
void softmax(Layer &layer)
{
  if (layer.has("tree")) layer.refuse("with a tree");
  const Shape shape = layer.shape(layer.in());
  const int64_t groups = layer.integer("groups", 1, 1, 1 << 24), inputs = count({shape[1], shape[2], shape[3]});
  const double temperature = layer.real("temperature", 1);
  if (!(temperature > 0)) fail({}, "temperature={}: it must be above 0", temperature);
  if (inputs % groups) fail({}, "its {} groups do not divide {} inputs", groups, inputs);
  Operand x = layer.in();
  if (temperature != 1) x = scaled(layer, x, 1 / temperature);
  if (layer.flag("spatial")) return layer.result(layer.add(Softmax{1}, {x}));
  x = layer.add(Softmax{2}, {layer.reshape(x, {shape[0], groups, inputs / groups})});
  layer.result(layer.reshape(x, shape));
}

}  // namespace net2c::darknet
