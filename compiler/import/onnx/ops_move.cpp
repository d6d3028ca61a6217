// Operators that move elements without computing.
#include <algorithm>

#include "import/onnx/operators.h"

namespace net2c::onnx {

void concat(Layer &layer)
{
  if (layer.version >= 4 && !layer.has("axis")) fail({}, "attribute 'axis' is missing");
  std::vector<Operand> parts;
  for (size_t i = 0; i < layer.inputs(); ++i) parts.push_back(layer.in(i));
  const int64_t axis = layer.axis(layer.integer("axis", 1), layer.rank(layer.in(0)));
  layer.result(parts.size() == 1 ? parts[0] : layer.add(Concat{axis}, parts));
}

namespace {

// `length` elements of one axis.
Operand part_of(Layer &layer, Operand x, size_t axis, int64_t start, int64_t length)
{
  Shape shape = layer.shape(x);
  Slice op{Ints(shape.size(), 0), Ints(shape.size(), 1)};
  op.starts[axis] = start;
  shape[axis] = length;
  return layer.add(std::move(op), {x}, shape);
}

}  // namespace

// Sizes: attribute or (version 1, and from 13 on) input; else equal parts, the last smaller where num_outputs says so.
void split(Layer &layer)
{
  const Operand x = layer.in(0);
  const size_t axis = static_cast<size_t>(layer.axis(layer.integer("axis", 0), layer.rank(x)));
  const int64_t size = layer.shape(x)[axis], parts = static_cast<int64_t>(layer.outputs());
  std::optional<Ints> sizes;
  if (layer.version < 13) sizes = layer.integers("split");
  if (!sizes && layer.maybe(1) != absent) sizes = layer.known_integers(1, "split");
  if (const int64_t n = layer.integer("num_outputs", parts); n != parts) fail({}, "num_outputs is {}, but there are {} outputs", n, parts);
  if (!sizes) {
    const int64_t each = (size + parts - 1) / parts;
    if (size % parts && (layer.version < 18 || (parts - 1) * each > size)) fail({}, "{} elements cannot be split into {} parts", size, parts);
    sizes.emplace(static_cast<size_t>(parts), each);
    sizes->back() = size - (parts - 1) * each;
  }
  if (static_cast<int64_t>(sizes->size()) != parts) fail({}, "{} sizes are given for {} outputs", sizes->size(), parts);
  int64_t start = 0;
  for (size_t i = 0; i < sizes->size(); ++i) {
    const int64_t length = (*sizes)[i];
    if (length < 0 || length > size - start) fail({}, "parts of {} do not fit {} elements", fmt::join(*sizes, ","), size);
    if (layer.used(i)) layer.result(i, part_of(layer, x, axis, start, length));
    start += length;
  }
  if (start != size) fail({}, "parts of {} do not make up {} elements", fmt::join(*sizes, ","), size);
}

void slice(Layer &layer)
{
  const Operand x = layer.in(0);
  std::optional<Ints> starts, ends, axes, steps;
  if (layer.version < 10) {
    starts = layer.integers("starts"), ends = layer.integers("ends"), axes = layer.integers("axes");
    if (!starts || !ends) fail({}, "attributes 'starts' and 'ends' must be given");
  } else {
    starts = layer.known_integers(1, "starts"), ends = layer.known_integers(2, "ends");
    if (layer.maybe(3) != absent) axes = layer.known_integers(3, "axes");
    if (layer.maybe(4) != absent) steps = layer.known_integers(4, "steps");
  }
  Shape shape = layer.shape(x);
  if (!axes) {
    axes.emplace();
    for (size_t d = 0; d < starts->size(); ++d) axes->push_back(static_cast<int64_t>(d));
  }
  if (!steps) steps.emplace(starts->size(), 1);
  if (ends->size() != starts->size() || axes->size() != starts->size() || steps->size() != starts->size())
    fail({}, "{} starts, {} ends, {} axes and {} steps are given", starts->size(), ends->size(), axes->size(), steps->size());
  layer.chosen(*axes, layer.rank(x));
  Slice op{Ints(shape.size(), 0), Ints(shape.size(), 1)};
  for (size_t i = 0; i < axes->size(); ++i) {
    const size_t d = static_cast<size_t>(layer.axis((*axes)[i], layer.rank(x)));
    const int64_t n = shape[d];
    if ((*steps)[i] == 0) fail({}, "a step is 0");
    // A step beyond the axis takes one element, however far it goes.
    const int64_t step = std::clamp<int64_t>((*steps)[i], -n - 1, n + 1);
    const auto bound = [&](int64_t at, int64_t low, int64_t high) { return std::clamp(at < 0 ? at + n : at, low, std::max(low, high)); };
    const bool up = step > 0;
    const int64_t first = bound((*starts)[i], 0, up ? n : n - 1);
    const int64_t end = up ? bound((*ends)[i], 0, n) : bound((*ends)[i], -1, n - 1);
    const int64_t distance = up ? end - first : first - end, stride = up ? step : -step;
    shape[d] = distance <= 0 || n == 0 ? 0 : (distance + stride - 1) / stride;
    op.starts[d] = shape[d] ? first : 0;
    op.steps[d] = step;
  }
  layer.result(layer.add(std::move(op), {x}, shape));
}

namespace {

// What lies before the begin of an axis is its end, and the other way round.
Operand wrapped(Layer &layer, Operand x, const Ints &pads)
{
  const size_t rank = static_cast<size_t>(layer.rank(x));
  if (pads.size() != 2 * rank) fail({}, "{} pads for {} dimensions", pads.size(), rank);
  for (size_t d = 0; d < rank; ++d) {
    const int64_t n = layer.shape(x)[d], before = pads[d], after = pads[d + rank];
    constexpr int64_t most = 1 << 30;
    if (before == 0 && after == 0) continue;
    if (n == 0 || std::max(before, after) > most || std::min(before, after) < -n || n + before + after < 0)
      fail({}, "pads of {} and {} around {} elements", before, after, n);
    layer.reserve({n + before + after}, Type::i64);
    Ints indices;
    for (int64_t i = -before; i < n + after; ++i) indices.push_back((i % n + n) % n);
    const Shape size{static_cast<int64_t>(indices.size())};
    x = layer.add(Gather{static_cast<int64_t>(d)}, {x, layer.constant(tensor_i64(size, indices))});
  }
  return x;
}

}  // namespace

void pad(Layer &layer)
{
  const Operand x = layer.in(0);
  const std::string mode = layer.text("mode", "constant");
  Pad op;
  Ints pads;
  std::optional<Ints> axes;
  if (layer.version < 11) {
    pads = layer.integers(layer.version < 2 ? "paddings" : "pads").value_or(Ints{});
    op.value = layer.real("value", 0);
  } else {
    pads = layer.known_integers(1, "pads");
    if (layer.maybe(2) != absent && mode == "constant") op.value = static_cast<float>(layer.known_number(2, "constant_value"));
    if (layer.maybe(3) != absent) axes = layer.known_integers(3, "axes");
  }
  const bool wrap = mode == "wrap";
  if (mode == "reflect") op.kind = PadKind::reflect;
  else if (mode == "edge") op.kind = PadKind::edge;
  else if (mode != "constant" && !wrap) fail({}, "mode '{}' is unknown", mode);
  const size_t rank = static_cast<size_t>(layer.rank(x));
  if (axes) {
    layer.chosen(*axes, layer.rank(x));
    if (pads.size() != 2 * axes->size()) fail({}, "{} pads for {} axes", pads.size(), axes->size());
    op.pads.assign(2 * rank, 0);
    for (size_t i = 0; i < axes->size(); ++i) {
      const size_t d = static_cast<size_t>(layer.axis((*axes)[i], layer.rank(x)));
      op.pads[d] = pads[i];
      op.pads[d + rank] = pads[i + axes->size()];
    }
  } else {
    op.pads = pads;
  }
  layer.result(wrap ? wrapped(layer, x, op.pads) : layer.add(std::move(op), {x}));
}

void gather(Layer &layer)
{
  const Operand x = layer.in(0);
  const int64_t axis = layer.axis(layer.integer("axis", 0), layer.rank(x)), n = layer.shape(x)[static_cast<size_t>(axis)];
  const Type type = layer.type(layer.in(1));
  if (type != Type::i64 && type != Type::i32) fail({}, "indices are of type {}, but must be int64 or int32", name_of(type));
  if (const Tensor *indices = layer.constant(layer.in(1)))
    for (int64_t i : indices->integers())
      if (i < -n || i >= n) fail({}, "index {} is outside of axis {} of {}", i, axis, text_of(layer.shape(x)));
  layer.result(layer.add(Gather{axis}, {x, layer.cast(layer.in(1), Type::i64)}));
}

// The given shape may be smaller: sizes of 1 and missing ones take those of x.
void expand(Layer &layer)
{
  const Operand x = layer.in(0);
  Shape shape = layer.known_integers(1, "shape");
  const Shape &from = layer.shape(x);
  if (shape.size() < from.size()) shape.insert(shape.begin(), from.size() - shape.size(), 1);
  for (size_t i = 1; i <= from.size(); ++i)
    if (shape[shape.size() - i] == 1) shape[shape.size() - i] = from[from.size() - i];
  layer.result(layer.add(Expand{}, {x}, shape));
}

void tile(Layer &layer)
{
  Operand x = layer.in(0);
  Ints repeats;
  if (layer.version < 6) {
    repeats.assign(static_cast<size_t>(layer.rank(x)), 1);
    const double axis = layer.known_number(2, "axis"), tiles = layer.known_number(1, "tiles");
    if (!(axis >= 0 && axis < static_cast<double>(layer.rank(x)) && tiles >= 0 && tiles < 1e12)) fail({}, "{} tiles along axis {}", tiles, axis);
    repeats[static_cast<size_t>(axis)] = static_cast<int64_t>(tiles);
  } else {
    repeats = layer.known_integers(1, "repeats");
  }
  if (static_cast<int64_t>(repeats.size()) != layer.rank(x)) fail({}, "{} repeats for {} dimensions", repeats.size(), layer.rank(x));
  for (size_t d = 0; d < repeats.size(); ++d) {
    constexpr int64_t most = 4096;   // parts of a Concat
    if (repeats[d] < 0) fail({}, "{} repeats", repeats[d]);
    if (repeats[d] == 0) x = part_of(layer, x, d, 0, 0);
    else if (layer.shape(x)[d] == 1 && repeats[d] > 1) {
      Shape shape = layer.shape(x);
      shape[d] = repeats[d];
      x = layer.add(Expand{}, {x}, shape);
    } else if (repeats[d] > most) unsupported("with more than {} repeats", most);
    else if (repeats[d] > 1) x = layer.add(Concat{static_cast<int64_t>(d)}, std::vector<Operand>(static_cast<size_t>(repeats[d]), x));
  }
  layer.result(x);
}

}  // namespace net2c::onnx
