// Layers that move elements without computing.
#include <algorithm>

#include "import/caffe/operators.h"

namespace net2c::caffe {

void concat(Layer &layer)
{
  Params &p = layer.params("concat_param");
  const int64_t given = p.has("concat_dim") ? p.integer("concat_dim", 1) : p.integer("axis", 1);
  std::vector<ValueId> parts;
  for (size_t i = 0; i < std::max<size_t>(1, layer.bottoms()); ++i) parts.push_back(layer.in(i));
  const int64_t axis = layer.axis(given, layer.rank(parts[0]));
  layer.result(parts.size() == 1 ? parts[0] : layer.add(Concat{axis}, parts));
}

void slice(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("slice_param");
  const int64_t axis = layer.axis(p.has("slice_dim") ? p.integer("slice_dim", 1) : p.integer("axis", 1), layer.rank(x));
  const int64_t size = layer.size(x, axis), parts = static_cast<int64_t>(layer.tops());
  Ints points = p.integers("slice_point");
  if (points.empty()) {
    if (parts < 1 || size % parts) fail({}, "{} elements along axis {} cannot be split into {} equal parts", size, axis, parts);
    for (int64_t i = 1; i < parts; ++i) points.push_back(i * (size / parts));
  }
  if (static_cast<int64_t>(points.size()) != parts - 1)
    fail({}, "{} slice_point are given for {} tops; one fewer than tops is needed", points.size(), parts);
  points.push_back(size);
  int64_t start = 0;
  for (size_t i = 0; i < points.size(); ++i) {
    if (points[i] <= start || points[i] > size) fail({}, "slice_point {} does not fit after {} of {}", points[i], start, size);
    layer.result(i, layer.slice(x, axis, start, points[i] - start));
    start = points[i];
  }
}

void split(Layer &layer)
{
  layer.want_bottoms(1, 1);
  for (size_t i = 0; i < layer.tops(); ++i) layer.result(i, layer.in(0));
}

void same(Layer &layer)
{
  layer.want_bottoms(1, 1);
  layer.result(layer.in(0));
}

void flatten(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  const Shape &shape = layer.shape(x);
  Params &p = layer.params("flatten_param");
  const int64_t first = layer.axis(p.integer("axis", 1), layer.rank(x)),
                last = layer.axis(p.integer("end_axis", -1), layer.rank(x));
  if (last < first) fail({}, "axes {} to {} cannot be flattened", first, last);
  Shape to(shape.begin(), shape.begin() + first);
  to.push_back(count(Shape(shape.begin() + first, shape.begin() + last + 1)));
  to.insert(to.end(), shape.begin() + last + 1, shape.end());
  layer.result(layer.reshape(x, to));
}

// Axes axis .. axis + num_axes - 1 get the given shape: 0 keeps a size, -1 is what is left.
void reshape(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  const Shape &from = layer.shape(x);
  Params &p = layer.params("reshape_param");
  const Message *message = p.message("shape");
  Shape to = message ? shape_of(*message) : Shape{};
  const int64_t given = p.integer("axis", 0), n = p.integer("num_axes", -1), rank = layer.rank(x);
  const int64_t start = given < 0 ? given + rank + 1 : given, end = n == -1 ? rank : start + n;
  if (start < 0 || start > rank || n < -1 || end > rank) fail({}, "axis {} and num_axes {} do not fit {}", given, n, text_of(from));
  int64_t *rest = nullptr;
  for (size_t d = 0; d < to.size(); ++d) {
    const size_t at = static_cast<size_t>(start) + d;
    if (to[d] == 0 && at >= from.size()) fail({}, "dim number {} is kept from {}, which has none", d, text_of(from));
    if (to[d] == 0) to[d] = from[at];
    else if (to[d] == -1 && rest) fail({}, "more than one dim is -1");
    else if (to[d] == -1) rest = &to[d];
    else if (to[d] < 0) fail({}, "a dim is {}", to[d]);
  }
  if (rest) *rest = 1;
  const auto at_start = from.begin() + start, at_end = from.begin() + end;
  const int64_t all = count(Shape(at_start, at_end)), known = count(to);
  if (rest && (known == 0 || all % known))
    fail({}, "{} elements do not fit a shape with one dim left over of {}", all, text_of(to));
  if (rest) *rest = all / known;
  if (count(to) != all)
    fail({}, "{} cannot become {}: a batch size that stands in the shape may be 0 instead", text_of(Shape(at_start, at_end)),
         text_of(to));
  to.insert(to.begin(), from.begin(), at_start);
  to.insert(to.end(), at_end, from.end());
  if (to.size() > 6) fail({}, "the result {} has more than 6 dimensions", text_of(to));
  layer.result(layer.reshape(x, to));
}

// The given axes, then those that are not given in their order.
void permute(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Ints order = layer.params("permute_param").integers("order");
  std::vector<bool> taken(static_cast<size_t>(layer.rank(x)));
  for (int64_t a : order) {
    if (a < 0 || a >= layer.rank(x)) fail({}, "order {} does not fit {} dimensions", a, layer.rank(x));
    if (taken[static_cast<size_t>(a)]) fail({}, "order {} is given twice", a);
    taken[static_cast<size_t>(a)] = true;
  }
  for (size_t d = 0; d < taken.size(); ++d)
    if (!taken[d]) order.push_back(static_cast<int64_t>(d));
  layer.result(layer.add(Transpose{std::move(order)}, {x}));
}

// The sizes of the second bottom from `axis` on; offset: one, or one for each of these axes.
void crop(Layer &layer)
{
  layer.want_bottoms(2, 2);
  const ValueId x = layer.in(0);
  const Shape &like = layer.shape(layer.in(1));
  Params &p = layer.params("crop_param");
  const int64_t axis = layer.axis(p.integer("axis", 2), layer.rank(x));
  const Ints offsets = p.integers("offset");
  Shape shape = layer.shape(x);
  const size_t axes = shape.size() - static_cast<size_t>(axis);
  if (like.size() != shape.size())
    fail({}, "its bottoms {} and {} have different numbers of dimensions", text_of(shape), text_of(like));
  if (offsets.size() > 1 && offsets.size() != axes) fail({}, "{} offsets are given for {} axes", offsets.size(), axes);
  Slice op{Ints(shape.size(), 0), Ints(shape.size(), 1)};
  for (size_t d = static_cast<size_t>(axis); d < shape.size(); ++d) {
    const int64_t offset = offsets.empty() ? 0 : offsets.size() == 1 ? offsets[0] : offsets[d - static_cast<size_t>(axis)];
    if (offset < 0 || offset + like[d] > shape[d])
      fail({}, "{} elements from {} on do not fit axis {} of {}", like[d], offset, d, text_of(layer.shape(x)));
    op.starts[d] = offset;
    shape[d] = like[d];
  }
  layer.result(shape == layer.shape(x) ? x : layer.add(std::move(op), {x}, shape));
}

// crop_size: how much goes at both ends of each axis.
void crop_center(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  const Ints sizes = layer.params("crop_center_param").integers("crop_size");
  Shape shape = layer.shape(x);
  if (sizes.size() != shape.size()) fail({}, "{} crop_size are given for {} dimensions", sizes.size(), shape.size());
  for (size_t d = 0; d < shape.size(); ++d) {
    if (sizes[d] < 0 || 2 * sizes[d] >= shape[d])
      fail({}, "crop_size {} does not fit axis {} of {}", sizes[d], d, text_of(layer.shape(x)));
    shape[d] -= 2 * sizes[d];
  }
  layer.result(shape == layer.shape(x) ? x : layer.add(Slice{sizes, Ints(shape.size(), 1)}, {x}, shape));
}

void tile(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("tile_param");
  const int64_t axis = layer.axis(p.integer("axis", 1), layer.rank(x)), tiles = p.integer("tiles", 0);
  if (tiles < 1) fail({}, "'tiles' is {}, but must be at least 1", tiles);
  // [.. ][tiles][axis ..] is one copy spread out.
  const Shape from = layer.shape(x);
  const Shape outer(from.begin(), from.begin() + axis), inner(from.begin() + axis, from.end());
  const Shape folded{count(outer), 1, count(inner)};
  Shape spread = folded, to = from;
  spread[1] = tiles;
  to[static_cast<size_t>(axis)] *= tiles;
  count(to);
  layer.result(tiles == 1 ? x : layer.reshape(layer.add(Expand{}, {layer.reshape(x, folded)}, spread), to));
}

// ShuffleNet's: channels as [group][C / group], transposed.
void shuffle_channel(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  const Shape shape = layer.shape(x);
  const int64_t group = layer.params("shuffle_channel_param").integer("group", 1);
  if (shape.size() < 2 || group < 1 || shape[1] % group) fail({}, "{} groups do not fit {}", group, text_of(shape));
  const int64_t inner = count(Shape(shape.begin() + 2, shape.end()));
  const ValueId grouped = layer.reshape(x, {shape[0], group, shape[1] / group, inner});
  layer.result(layer.reshape(layer.add(Transpose{{0, 2, 1, 3}}, {grouped}), shape));
}

}  // namespace net2c::caffe
