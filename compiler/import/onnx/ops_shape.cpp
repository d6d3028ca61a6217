// Operators that change or ask for the shape only, and the two that shuffle blocks of pixels into channels.
#include <algorithm>

#include "import/onnx/operators.h"

namespace net2c::onnx {

// 0 keeps a size (unless allowzero), -1 is what is left.
void reshape(Layer &layer)
{
  layer.ignore({"consumed_inputs"});
  const Operand x = layer.in(0);
  const Shape &from = layer.shape(x);
  Shape to = layer.version < 5 ? layer.integers("shape").value_or(Ints{}) : layer.known_integers(1, "shape");
  const bool allow_zero = layer.integer("allowzero", 0) != 0;
  int64_t *left_over = nullptr;
  for (size_t d = 0; d < to.size(); ++d) {
    if (to[d] == -1) {
      if (left_over) fail({}, "shape {} has more than one -1", fmt::join(to, ","));
      left_over = &to[d];
    } else if (to[d] == 0 && !allow_zero) {
      if (d >= from.size()) fail({}, "shape {} keeps size number {} of {}, which has none", fmt::join(to, ","), d, text_of(from));
      to[d] = from[d];
    } else if (to[d] < 0) {
      fail({}, "shape {} has a negative size", fmt::join(to, ","));
    }
  }
  if (left_over) {
    *left_over = 1;
    const int64_t rest = count(to), all = count(from);
    if (rest == 0 || all % rest) fail({}, "shape {} with one size left over does not fit {}", text_of(to), text_of(from));
    *left_over = all / rest;
  }
  layer.result(layer.reshape(x, to));
}

void transpose(Layer &layer)
{
  const Operand x = layer.in(0);
  Ints perm = layer.integers("perm").value_or(Ints{});
  if (perm.empty())
    for (int64_t d = layer.rank(x); d-- > 0;) perm.push_back(d);
  layer.result(layer.transpose(x, std::move(perm)));
}

void flatten(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape &shape = layer.shape(x);
  int64_t axis = layer.integer("axis", 1);
  if (axis < -layer.rank(x) || axis > layer.rank(x)) fail({}, "axis {} does not fit {}", axis, text_of(shape));
  if (axis < 0) axis += layer.rank(x);
  const auto split = shape.begin() + axis;
  layer.result(layer.reshape(x, {count(Shape(shape.begin(), split)), count(Shape(split, shape.end()))}));
}

void squeeze(Layer &layer)
{
  const Operand x = layer.in(0);
  const std::optional<Ints> axes = layer.axes(13, 1);
  const std::vector<bool> gone = layer.chosen(axes.value_or(Ints{}), layer.rank(x));
  Shape shape;
  for (size_t d = 0; d < gone.size(); ++d) {
    const int64_t size = layer.shape(x)[d];
    if (gone[d] && size != 1) fail({}, "axis {} of {} is not 1", d, text_of(layer.shape(x)));
    if (axes ? !gone[d] : size != 1) shape.push_back(size);
  }
  layer.result(layer.reshape(x, shape));
}

void unsqueeze(Layer &layer)
{
  const Operand x = layer.in(0);
  const Ints axes = layer.axes(13, 1).value_or(Ints{});
  if (axes.size() > 6) fail({}, "{} new axes; at most 6 dimensions are supported", axes.size());
  const std::vector<bool> fresh = layer.chosen(axes, layer.rank(x) + static_cast<int64_t>(axes.size()));
  Shape shape;
  size_t next = 0;
  for (bool one : fresh) shape.push_back(one ? 1 : layer.shape(x)[next++]);
  if (shape.size() > 6) fail({}, "the result {} has more than 6 dimensions", text_of(shape));
  layer.result(layer.reshape(x, shape));
}

void shape_of(Layer &layer)
{
  const Shape &shape = layer.shape(layer.in(0));
  const int64_t rank = static_cast<int64_t>(shape.size());
  const auto bound = [&](int64_t at) { return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank); };
  const int64_t start = bound(layer.integer("start", 0)), end = std::max(start, bound(layer.integer("end", rank)));
  layer.result(layer.constant(tensor_i64({end - start}, Shape(shape.begin() + start, shape.begin() + end))));
}

void size_of(Layer &layer) { layer.result(layer.constant(tensor_i64({}, {count(layer.shape(layer.in(0)))}))); }

namespace {

struct Blocks {
  Operand x;
  int64_t block, n, c, h, w;
};

Blocks blocks_of(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape &s = layer.shape(x);
  if (s.size() != 4) fail({}, "the input has shape {}, but must have 4 dimensions", text_of(s));
  const int64_t block = layer.integer("blocksize", 0);
  if (block < 1 || block > 1 << 15) fail({}, "blocksize {} is out of range", block);
  return {x, block, s[0], s[1], s[2], s[3]};
}

}  // namespace

void depth_to_space(Layer &layer)
{
  const auto [x, b, n, c, h, w] = blocks_of(layer);
  const std::string mode = layer.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") fail({}, "mode '{}' is unknown", mode);
  if (c % (b * b)) fail({}, "{} channels cannot be split into blocks of {}x{}", c, b, b);
  const int64_t channels = c / (b * b);
  const Operand parts = mode == "DCR" ? layer.transpose(layer.reshape(x, {n, b, b, channels, h, w}), {0, 3, 4, 1, 5, 2})
                                      : layer.transpose(layer.reshape(x, {n, channels, b, b, h, w}), {0, 1, 4, 2, 5, 3});
  layer.result(layer.reshape(parts, {n, channels, h * b, w * b}));
}

void space_to_depth(Layer &layer)
{
  const auto [x, b, n, c, h, w] = blocks_of(layer);
  if (h % b || w % b) fail({}, "{}x{} pixels cannot be split into blocks of {}x{}", h, w, b, b);
  const Operand parts = layer.transpose(layer.reshape(x, {n, c, h / b, b, w / b, b}), {0, 3, 5, 1, 2, 4});
  layer.result(layer.reshape(parts, {n, c * b * b, h / b, w / b}));
}

}  // namespace net2c::onnx
