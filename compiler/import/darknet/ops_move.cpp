#include "import/darknet/sections.h"

namespace net2c::darknet {

// Of each of its layers the group-th part of the channels.
void route(Layer &layer)
{
  const int64_t groups = layer.integer("groups", 1, 1, 1 << 24), group = layer.integer("group_id", 0, 0, groups - 1);
  std::vector<Operand> parts;
  for (Operand x : layer.others("layers")) {
    Shape shape = layer.shape(x);
    if (!parts.empty() && (shape[2] != layer.shape(parts[0])[2] || shape[3] != layer.shape(parts[0])[3]))
      fail({}, "it joins {} and {}, whose heights and widths differ", text_of(layer.shape(parts[0])), text_of(shape));
    if (shape[1] % groups) fail({}, "its {} groups do not divide {} channels", groups, shape[1]);
    shape[1] /= groups;
    if (groups > 1) x = layer.add(Slice{{0, group * shape[1], 0, 0}, {1, 1, 1, 1}}, {x}, shape);
    parts.push_back(x);
  }
  layer.result(parts.size() == 1 ? parts[0] : layer.add(Concat{1}, parts));
}

namespace {

struct Blocks {
  int64_t n, c, h, w, s;
};

Blocks blocks_of(const Layer &layer)
{
  const Shape shape = layer.shape(layer.in());
  return {shape[0], shape[1], shape[2], shape[3], layer.integer("stride", 1, 1, 1 << 12)};
}

// From space to channels: each block of s x s pixels becomes one pixel, place by place.
Operand to_channels(Layer &layer, const Shape &split, const Shape &result)
{
  return layer.reshape(layer.transpose(layer.reshape(layer.in(), split), {0, 3, 5, 1, 2, 4}), result);
}

void check_blocks(bool divides, const Layer &layer, const Blocks &b)
{
  if (!divides) fail({}, "its stride of {} does not divide its input of {}", b.s, text_of(layer.shape(layer.in())));
}

}  // namespace

// Darknet reads the map as if it had s x s times the pixels and fewer channels, and moves its blocks to channels of the map as it is.
void reorg(Layer &layer)
{
  for (const char *key : {"flatten", "extra"}) layer.refuse_option(key);
  const Blocks b = blocks_of(layer);
  if (layer.flag("reverse")) {
    check_blocks(b.c % (b.s * b.s) == 0, layer, b);
    const int64_t c = b.c / (b.s * b.s);
    const Operand x = layer.transpose(layer.reshape(layer.in(), {b.n, b.s, b.s, c, b.h, b.w}), {0, 3, 4, 1, 5, 2});
    return layer.result(layer.reshape(x, {b.n, c, b.h * b.s, b.w * b.s}));
  }
  check_blocks(b.c % (b.s * b.s) == 0 && b.h % b.s == 0 && b.w % b.s == 0, layer, b);
  layer.result(to_channels(layer, {b.n, b.c / (b.s * b.s), b.h, b.s, b.w, b.s}, {b.n, b.c * b.s * b.s, b.h / b.s, b.w / b.s}));
}

// The same without that mistake.
void reorg3d(Layer &layer)
{
  layer.refuse_option("reverse");
  const Blocks b = blocks_of(layer);
  check_blocks(b.h % b.s == 0 && b.w % b.s == 0, layer, b);
  layer.result(to_channels(layer, {b.n, b.c, b.h / b.s, b.s, b.w / b.s, b.s}, {b.n, b.c * b.s * b.s, b.h / b.s, b.w / b.s}));
}

// The middle, from 0..1 to -1..1.
void crop(Layer &layer)
{
  Shape shape = layer.shape(layer.in());
  const int64_t h = layer.integer("crop_height", 1, 1, 1 << 24), w = layer.integer("crop_width", 1, 1, 1 << 24);
  if (h > shape[2] || w > shape[3]) fail({}, "it crops {}x{} from {}; give the network a larger picture", h, w, text_of(shape));
  const Ints starts{0, 0, (shape[2] - h) / 2, (shape[3] - w) / 2};
  shape[2] = h, shape[3] = w;
  Operand x = layer.add(Slice{starts, {1, 1, 1, 1}}, {layer.in()}, shape);
  if (!layer.flag("noadjust"))
    x = layer.binary(BinaryKind::sub, layer.binary(BinaryKind::mul, x, layer.scalar(Type::f32, 2)), layer.scalar(Type::f32, 1));
  layer.result(x);
}

}  // namespace net2c::darknet
