// Functions that move elements without computing.
#include <algorithm>
#include <cmath>
#include <optional>

#include "import/chainer/functions.h"

namespace net2c::chainer {

namespace {

constexpr int64_t most_parts = 4096;   // of a Concat

std::vector<Operand> all_inputs(Layer &layer)
{
  std::vector<Operand> all;
  for (size_t i = 0; i < layer.inputs(); ++i) all.push_back(layer.in(i));
  if (all.empty()) fail({}, "has no inputs");
  return all;
}

Operand joined(Layer &layer, const std::vector<Operand> &parts, int64_t axis) { return parts.size() == 1 ? parts[0] : layer.add(Concat{axis}, parts); }

}  // namespace

Operand part_of(Layer &layer, Operand x, size_t d, int64_t start, int64_t length, int64_t step)
{
  Shape shape = layer.shape(x);
  Slice op{Ints(shape.size(), 0), Ints(shape.size(), 1)};
  op.starts[d] = start;
  op.steps[d] = step;
  shape[d] = length;
  return layer.add(std::move(op), {x}, shape);
}

void concat(Layer &layer)
{
  const std::vector<Operand> parts = all_inputs(layer);
  layer.result(joined(layer, parts, layer.axis(layer.integer("axis", 1), layer.rank(parts[0]))));
}

void stack(Layer &layer)
{
  std::vector<Operand> parts = all_inputs(layer);
  const int64_t axis = layer.axis(layer.integer("axis", 0), layer.rank(parts[0]) + 1);
  for (Operand &x : parts) {
    Shape shape = layer.shape(x);
    if (axis > layer.rank(x)) fail({}, "its inputs have different ranks");
    shape.insert(shape.begin() + axis, 1);
    x = layer.reshape(x, shape);
  }
  layer.result(joined(layer, parts, axis));
}

namespace {

// Parts of less than `rank` dimensions get more: `shape` says which.
void joined_as(Layer &layer, int64_t rank, Shape (*shape)(const Shape &), int64_t axis)
{
  std::vector<Operand> parts = all_inputs(layer);
  for (Operand &x : parts)
    if (layer.rank(x) < rank) x = layer.reshape(x, shape(layer.shape(x)));
  layer.result(joined(layer, parts, axis));
}

}  // namespace

void hstack(Layer &layer)
{
  joined_as(layer, 1, [](const Shape &) { return Shape{1}; }, layer.rank(layer.in(0)) <= 1 ? 0 : 1);
}

void vstack(Layer &layer)
{
  joined_as(layer, 2, [](const Shape &s) { return s.empty() ? Shape{1, 1} : Shape{1, s[0]}; }, 0);
}

void dstack(Layer &layer)
{
  joined_as(layer, 3, [](const Shape &s) { return s.empty() ? Shape{1, 1, 1} : s.size() == 1 ? Shape{1, s[0], 1} : Shape{s[0], s[1], 1}; }, 2);
}

void separate(Layer &layer)
{
  const Operand x = layer.in(0);
  const size_t d = static_cast<size_t>(layer.axis(layer.integer("axis", 0), layer.rank(x)));
  Shape shape = layer.shape(x);
  if (shape[d] != static_cast<int64_t>(layer.outputs())) fail({}, "{} along axis {} gives {} outputs", text_of(shape), d, layer.outputs());
  shape.erase(shape.begin() + static_cast<ptrdiff_t>(d));
  for (size_t i = 0; i < layer.outputs(); ++i) layer.result(i, layer.reshape(part_of(layer, x, d, static_cast<int64_t>(i), 1), shape));
}

// `indices`: where the parts begin, but for the first; else `sections` equal ones.
void split_axis(Layer &layer)
{
  const Operand x = layer.in(0);
  const size_t d = static_cast<size_t>(layer.axis(layer.integer("axis", 0), layer.rank(x)));
  const int64_t size = layer.shape(x)[d], parts = static_cast<int64_t>(layer.outputs());
  const std::optional<Ints> indices = layer.integers("indices");
  const int64_t sections = layer.integer("sections", parts);
  if (indices ? static_cast<int64_t>(indices->size()) + 1 != parts : sections != parts || size % parts)
    fail({}, "{} along axis {} cannot be split into {} parts", text_of(layer.shape(x)), d, parts);
  const auto begin = [&](int64_t i) {
    if (!indices) return i * (size / parts);
    if (i == 0) return int64_t{0};
    if (i == parts) return size;
    const int64_t at = (*indices)[static_cast<size_t>(i - 1)];
    return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size);
  };
  for (int64_t i = 0; i < parts; ++i)
    layer.result(static_cast<size_t>(i), part_of(layer, x, d, begin(i), std::max<int64_t>(0, begin(i + 1) - begin(i))));
}

namespace {

// x[start:stop:step] along axis d, by Python's rules.
Operand sliced(Layer &layer, Operand x, size_t d, const nlohmann::json &slice)
{
  if (!slice.is_array() || slice.size() != 3) fail({}, "a slice must be [start, stop, step]");
  const int64_t n = layer.shape(x)[d];
  const auto given = [&](size_t i) { return slice[i].is_null() ? std::optional<int64_t>{} : integer_of(slice[i], "slices"); };
  const int64_t step = std::clamp<int64_t>(given(2).value_or(1), -n - 1, n + 1);
  if (step == 0) fail({}, "a slice has a step of 0");
  const auto bound = [&](int64_t at, int64_t low, int64_t high) { return std::clamp(at < 0 ? at + n : at, low, std::max(low, high)); };
  const int64_t first = step > 0 ? bound(given(0).value_or(0), 0, n) : bound(given(0).value_or(n - 1), 0, n - 1);
  const int64_t end = step > 0 ? bound(given(1).value_or(n), 0, n) : (given(1) ? bound(*given(1), -1, n - 1) : -1);
  const int64_t distance = step > 0 ? end - first : first - end, stride = std::abs(step);
  const int64_t length = distance <= 0 || n == 0 ? 0 : (distance + stride - 1) / stride;
  return part_of(layer, x, d, length ? first : 0, length, step);
}

Operand taken(Layer &layer, Operand x, size_t d, const nlohmann::json &indices)
{
  if (!indices.is_array()) fail({}, "indices must be a list");
  Ints numbers;
  for (const nlohmann::json &i : indices) {
    if (i.is_array()) unsupported("with indices of more than one dimension");
    numbers.push_back(integer_of(i, "slices"));
    if (numbers.back() < -layer.shape(x)[d] || numbers.back() >= layer.shape(x)[d]) fail({}, "index {} is outside of axis {} of {}", numbers.back(), d, text_of(layer.shape(x)));
  }
  return layer.add(Gather{static_cast<int64_t>(d)}, {x, layer.constant(tensor_i64({static_cast<int64_t>(numbers.size())}, numbers))});
}

}  // namespace

void get_item(Layer &layer)
{
  Operand x = layer.in(0);
  const nlohmann::json &parts = layer.json("slices");
  if (!parts.is_array()) fail({}, "attribute 'slices' is not a list");
  int64_t consuming = 0, lists = 0;
  for (const nlohmann::json &p : parts) {
    consuming += !p.is_null() && p != "...";
    lists += p.is_object() && p.contains("take");
  }
  if (consuming > layer.rank(x)) fail({}, "{} indices for x {}", consuming, text_of(layer.shape(x)));
  if (lists > 1) unsupported("with lists of indices for more than one axis");
  Shape shape;           // of the result: dropped axes are not in it, new ones are
  size_t d = 0;
  for (const nlohmann::json &p : parts) {
    const auto n = [&] { return layer.shape(x)[d]; };
    if (p.is_null()) {
      shape.push_back(1);
    } else if (p == "...") {
      for (int64_t i = layer.rank(x) - consuming; i > 0; --i) shape.push_back(layer.shape(x)[d++]);
    } else if (p.is_number_integer()) {
      if (lists) unsupported("with a number and a list of indices together");
      const int64_t at = integer_of(p, "slices");
      if (at < -n() || at >= n()) fail({}, "index {} is outside of axis {} of {}", at, d, text_of(layer.shape(x)));
      x = part_of(layer, x, d++, at < 0 ? at + n() : at, 1);
    } else if (p.is_object() && p.contains("slice")) {
      x = sliced(layer, x, d, p["slice"]);
      shape.push_back(n());
      ++d;
    } else if (p.is_object() && p.contains("take")) {
      x = taken(layer, x, d, p["take"]);
      shape.push_back(n());
      ++d;
    } else {
      unsupported("with a mask");
    }
  }
  while (d < layer.shape(x).size()) shape.push_back(layer.shape(x)[d++]);
  layer.result(layer.shape(x) == shape ? x : layer.reshape(x, shape));
}

namespace {

Operand mirrored(Layer &layer, Operand x, size_t d)
{
  const int64_t n = layer.shape(x)[d];
  return n ? part_of(layer, x, d, n - 1, n, -1) : x;
}

// numpy's "symmetric" (the border is repeated) and "wrap", along axis d.
Operand padded_with_parts(Layer &layer, Operand x, size_t d, int64_t before, int64_t after, bool wrap)
{
  const int64_t n = layer.shape(x)[d];
  if (before > n || after > n) unsupported("by more than the size of x");
  std::vector<Operand> parts;
  if (before) parts.push_back(wrap ? part_of(layer, x, d, n - before, before) : mirrored(layer, part_of(layer, x, d, 0, before), d));
  parts.push_back(x);
  if (after) parts.push_back(wrap ? part_of(layer, x, d, 0, after) : mirrored(layer, part_of(layer, x, d, n - after, after), d));
  return joined(layer, parts, static_cast<int64_t>(d));
}

// Keyword arguments of numpy.pad: the one that has a meaning here is constant_values, one number.
float constant_of(Layer &layer)
{
  if (!layer.has("keywords")) return 0;
  float value = 0;
  const nlohmann::json &keywords = layer.json("keywords");
  if (!keywords.is_object()) fail({}, "attribute 'keywords' is not an object");
  for (const auto &[name, json] : keywords.items()) {
    const nlohmann::json *number = &json;
    while (number->is_array() && !number->empty() && std::all_of(number->begin(), number->end(), [&](const auto &j) { return j == number->front(); })) number = &number->front();
    if (name != "constant_values" || !number->is_number()) unsupported("with {} = {}", name, json.dump().substr(0, 40));
    value = number->get<float>();
  }
  return value;
}

}  // namespace

void pad(Layer &layer)
{
  Operand x = layer.in(0);
  const size_t rank = static_cast<size_t>(layer.rank(x));
  const std::string mode = layer.text("mode", "constant");
  const nlohmann::json &widths = layer.json("pad_width");
  Pad op{PadKind::constant, Ints(2 * rank, 0), constant_of(layer)};
  if (!widths.is_array() || widths.size() != rank) fail({}, "attribute 'pad_width' is not a list of {} pairs", rank);
  for (size_t d = 0; d < rank; ++d)
    for (size_t end = 0; end < 2; ++end) {
      if (!widths[d].is_array() || widths[d].size() != 2) fail({}, "attribute 'pad_width' is not a list of {} pairs", rank);
      const int64_t width = integer_of(widths[d][end], "pad_width");
      if (width < 0) fail({}, "a pad width is {}", width);
      op.pads[end * rank + d] = width;
    }
  if (mode == "symmetric" || mode == "wrap") {
    for (size_t d = 0; d < rank; ++d)
      if (op.pads[d] || op.pads[rank + d]) x = padded_with_parts(layer, x, d, op.pads[d], op.pads[rank + d], mode == "wrap");
    return layer.result(x);
  }
  if (mode == "reflect") op.kind = PadKind::reflect;
  else if (mode == "edge") op.kind = PadKind::edge;
  else if (mode != "constant") unsupported("with mode '{}'", mode);
  layer.result(layer.add(std::move(op), {x}));
}

void flip(Layer &layer)
{
  Operand x = layer.in(0);
  for (int64_t d : layer.axes("axis", x)) x = mirrored(layer, x, static_cast<size_t>(d));
  layer.result(x);
}

void fliplr(Layer &layer)
{
  if (layer.rank(layer.in(0)) < 2) fail({}, "x has shape {}, but must have 2 dimensions or more", text_of(layer.shape(layer.in(0))));
  layer.result(mirrored(layer, layer.in(0), 1));
}

void flipud(Layer &layer)
{
  if (layer.rank(layer.in(0)) < 1) fail({}, "x is a scalar");
  layer.result(mirrored(layer, layer.in(0), 0));
}

void tile(Layer &layer)
{
  Operand x = layer.in(0);
  Ints repeats = layer.integers("reps").value_or(Ints{});
  Shape shape = layer.shape(x);
  if (repeats.size() > shape.size()) shape.insert(shape.begin(), repeats.size() - shape.size(), 1);
  if (repeats.size() < shape.size()) repeats.insert(repeats.begin(), shape.size() - repeats.size(), 1);
  if (shape != layer.shape(x)) x = layer.reshape(x, shape);
  for (size_t d = 0; d < repeats.size(); ++d) {
    if (repeats[d] < 0) fail({}, "{} repeats", repeats[d]);
    if (repeats[d] > most_parts && layer.shape(x)[d] != 1) unsupported("with more than {} repeats", most_parts);
    if (repeats[d] == 1) continue;
    if (repeats[d] == 0) {
      x = part_of(layer, x, d, 0, 0);
    } else if (layer.shape(x)[d] == 1) {
      Shape wide = layer.shape(x);
      wide[d] = repeats[d];
      x = layer.add(Expand{}, {x}, wide);
    } else {
      x = layer.add(Concat{static_cast<int64_t>(d)}, std::vector<Operand>(static_cast<size_t>(repeats[d]), x));
    }
  }
  layer.result(x);
}

// Each element of `axis` so many times, one after the other; without axis those of x laid out flat.
void repeat(Layer &layer)
{
  Operand x = layer.in(0);
  const Ints times = layer.integers("repeats").value_or(Ints{});
  if (!layer.has("axis")) x = layer.reshape(x, {count(layer.shape(x))});
  const size_t d = static_cast<size_t>(layer.axis(layer.integer("axis", 0), layer.rank(x)));
  const int64_t n = layer.shape(x)[d];
  if (times.size() != 1 && static_cast<int64_t>(times.size()) != n) fail({}, "{} repeats for {} elements", times.size(), n);
  Ints indices;
  layer.reserve({n}, Type::i64);
  for (int64_t i = 0; i < n; ++i) {
    const int64_t each = times[times.size() == 1 ? 0 : static_cast<size_t>(i)];
    if (each < 0 || each > 1 << 20) fail({}, "{} repeats", each);
    layer.reserve({each}, Type::i64);
    indices.insert(indices.end(), static_cast<size_t>(each), i);
  }
  layer.result(layer.add(Gather{static_cast<int64_t>(d)}, {x, layer.constant(tensor_i64({static_cast<int64_t>(indices.size())}, indices))}));
}

void broadcast(Layer &layer)
{
  const std::vector<Operand> all = all_inputs(layer);
  Shape shape;
  for (Operand x : all) {
    const Shape &s = layer.shape(x);
    if (s.size() > shape.size()) shape.insert(shape.begin(), s.size() - shape.size(), 1);
    for (size_t i = 1; i <= s.size(); ++i)
      if (int64_t &d = shape[shape.size() - i]; d == 1) d = s[s.size() - i];
  }
  for (size_t i = 0; i < all.size(); ++i) layer.result(i, layer.shape(all[i]) == shape ? all[i] : layer.add(Expand{}, {all[i]}, shape));
}

void broadcast_to(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape shape = layer.integers("shape").value_or(Ints{});
  layer.result(layer.shape(x) == shape ? x : layer.add(Expand{}, {x}, shape));
}

namespace {

// floor(i * (in / out)) for each i, in Chainer's arithmetic, where that is not floor(i / (out / in)): by rounding, a few sizes.
std::optional<Ints> odd_indices(Layer &layer, int64_t in, int64_t out)
{
  layer.reserve({out}, Type::i64);
  Ints indices;
  bool odd = false;
  const double step = static_cast<double>(in) / static_cast<double>(out), scale = static_cast<double>(out) / static_cast<double>(in);
  for (int64_t i = 0; i < out; ++i) {
    const double at = std::min(std::floor(static_cast<double>(i) * step), static_cast<double>(in - 1));
    odd |= at != std::floor(static_cast<double>(i) / scale);
    indices.push_back(static_cast<int64_t>(at));
  }
  return odd ? std::optional(std::move(indices)) : std::nullopt;
}

}  // namespace

void resize_images(Layer &layer)
{
  Operand x = layer.in(0);
  if (layer.rank(x) != 4) fail({}, "x has shape {}, but must have 4 dimensions", text_of(layer.shape(x)));
  Shape shape = layer.shape(x);
  const Ints out{layer.integer("out_H"), layer.integer("out_W")};
  const std::string mode = layer.text("mode", "bilinear");
  const bool corners = layer.flag("align_corners", true);
  if (mode != "bilinear" && mode != "nearest") unsupported("with mode '{}'", mode);
  const bool nearest = mode == "nearest";
  Resize op{.kind = nearest ? ResizeKind::nearest : ResizeKind::linear,
            .coordinates = nearest ? Coordinates::asymmetric : corners ? Coordinates::align_corners : Coordinates::half_pixel,
            .nearest = Nearest::floor,
            .scales = {1, 1}};
  for (size_t d = 0; d < 2; ++d) {
    if (out[d] < 1 || out[d] > 1 << 30 || shape[2 + d] < 1) fail({}, "cannot resize {} to {}", text_of(shape), fmt::join(out, "x"));
    if (nearest)
      if (auto indices = odd_indices(layer, shape[2 + d], out[d])) {
        x = layer.add(Gather{static_cast<int64_t>(2 + d)}, {x, layer.constant(tensor_i64({out[d]}, *indices))});
        shape[2 + d] = out[d];
      }
    op.scales.push_back(static_cast<double>(out[d]) / static_cast<double>(shape[2 + d]));
    shape[2 + d] = out[d];
  }
  layer.result(layer.shape(x) == shape ? x : layer.add(std::move(op), {x}, shape));
}

}  // namespace net2c::chainer
