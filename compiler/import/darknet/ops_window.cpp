#include "import/darknet/sections.h"

namespace net2c::darknet {

namespace {

constexpr int64_t longest = 1 << 16;

// Rows, columns.
Ints strides_of(const Layer &layer)
{
  const int64_t stride = layer.integer("stride", 1, 1, longest);
  return {layer.integer("stride_y", stride, 1, longest), layer.integer("stride_x", stride, 1, longest)};
}

// All the padding that the windows need, the smaller half of it at the top and left.
Operand pool(Layer &layer, PoolKind kind)
{
  const Ints strides = strides_of(layer);
  const int64_t size = layer.integer("size", layer.integer("stride", 1, 1, longest), 1, longest);
  const int64_t padding = layer.integer("padding", size - 1, 0, longest), before = padding / 2;
  if (padding - before >= size) fail({}, "its padding of {} is too much for windows of {}", padding, size);
  Shape shape = layer.shape(layer.in());
  for (size_t d = 0; d < 2; ++d) {
    const int64_t room = shape[2 + d] + padding - size;
    if (room < 0) fail({}, "its windows of {}x{} are larger than its input of {}", size, size, text_of(layer.shape(layer.in())));
    shape[2 + d] = room / strides[d] + 1;
  }
  return layer.add(Pool{.kind = kind, .kernel = {size, size}, .strides = strides, .pads = {before, before, padding - before, padding - before}},
                   {layer.in()}, shape);
}

// The file has the biases, what a batch normalisation needs, and the weights.
Operand with_weights(Layer &layer, Op op, int64_t filters, const Shape &weights)
{
  const Operand biases = layer.weights({filters});
  if (!layer.flag("batch_normalize")) return layer.add(std::move(op), {layer.in(), layer.weights(weights), biases});
  const Operand scales = layer.weights({filters}), mean = layer.weights({filters}), variance = layer.weights({filters});
  return normalized(layer, layer.add(std::move(op), {layer.in(), layer.weights(weights)}), scales, biases, mean, variance);
}

}  // namespace

void convolutional(Layer &layer)
{
  for (const char *key : {"binary", "xnor", "bin_output", "flipped", "antialiasing", "assisted_excitation", "sway", "rotate", "stretch",
                          "stretch_sway", "coordconv", "reverse", "cbn"})
    layer.refuse_option(key);
  if (layer.has("share_index")) layer.refuse("with share_index");
  const int64_t filters = layer.integer("filters", 1, 1, 1 << 24), size = layer.integer("size", 1, 1, longest);
  const int64_t groups = layer.integer("groups", 1, 1, 1 << 24), channels = layer.channels();
  const int64_t dilation = size == 1 ? 1 : layer.integer("dilation", 1, 1, longest);
  const int64_t padding = layer.flag("pad") ? size / 2 : layer.integer("padding", 0, 0, longest);
  if (channels % groups || filters % groups) fail({}, "its {} groups do not divide {} channels and {} filters", groups, channels, filters);
  if (dilation > 1 && 2 * padding != size - 1) layer.refuse("with dilation and a padding other than size/2");
  const int64_t pad = padding * dilation;
  Conv op{.strides = strides_of(layer), .dilations = {dilation, dilation}, .pads = {pad, pad, pad, pad}, .group = groups, .epilogue = {}};
  layer.result(activated(layer, with_weights(layer, std::move(op), filters, {filters, channels / groups, size, size}), "logistic"));
}

void deconvolutional(Layer &layer)
{
  const int64_t filters = layer.integer("filters", 1, 1, 1 << 24), size = layer.integer("size", 1, 1, longest);
  const int64_t pad = layer.flag("pad") ? size / 2 : layer.integer("padding", 0, 0, longest), stride = layer.integer("stride", 1, 1, longest);
  ConvTranspose op{.strides = {stride, stride}, .pads = {pad, pad, pad, pad}, .epilogue = {}};
  layer.result(activated(layer, with_weights(layer, std::move(op), filters, {layer.channels(), filters, size, size}), "logistic"));
}

void maxpool(Layer &layer)
{
  for (const char *key : {"maxpool_depth", "antialiasing", "maxpool_zero_nonmax"}) layer.refuse_option(key);
  layer.result(pool(layer, PoolKind::max));
}

void local_avgpool(Layer &layer) { layer.result(pool(layer, PoolKind::average)); }

void avgpool(Layer &layer) { layer.result(layer.add(Reduce{ReduceKind::mean, {2, 3}, true}, {layer.in()})); }

void upsample(Layer &layer)
{
  const int64_t stride = layer.integer("stride", 2, -longest, longest);
  if (stride < 1) return layer.refuse("with a stride below 1"), layer.result(layer.in());
  Shape shape = layer.shape(layer.in());
  shape[2] *= stride, shape[3] *= stride;
  Operand y = layer.add(Resize{.kind = ResizeKind::nearest, .coordinates = Coordinates::asymmetric, .nearest = Nearest::floor,
                               .scales = {1, 1, static_cast<double>(stride), static_cast<double>(stride)}},
                        {layer.in()}, shape);
  const double scale = layer.real("scale", 1);
  if (scale != 1) y = layer.binary(BinaryKind::mul, y, layer.scalar(Type::f32, scale));
  layer.result(y);
}

}  // namespace net2c::darknet
