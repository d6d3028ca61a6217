// Operators about positions: masks, running sums, elements picked one by one. All of them are made of arithmetic on indices, a
// Select or one Gather from flattened data.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "import/onnx/operators.h"
#include "import/onnx/read.h"
#include "ops/common.h"

namespace net2c::onnx {

namespace {

// A constant of this shape with f(position along each axis).
template <class F>
Operand tabulated(Layer &layer, Type type, const Shape &shape, F f)
{
  layer.reserve(shape, Type::i64);
  Tensor all(Type::i64, shape);
  Ints at(shape.size());
  for (int64_t &x : all.as<int64_t>()) {
    x = f(at);
    for (size_t d = shape.size(); d-- > 0 && ++at[d] == shape[d];) at[d] = 0;
  }
  return layer.cast(layer.constant(std::move(all)), type);
}

// Diagonals from k on (upper) or up to k of the last two axes.
Operand triangle(Layer &layer, const Shape &shape, int64_t k, bool upper)
{
  return tabulated(layer, Type::boolean, {shape[shape.size() - 2], shape.back()}, [&](const Ints &at) {
    const int64_t diagonal = at[1] - at[0];
    return upper ? diagonal >= k : diagonal <= k;
  });
}

// Negative ones count from the end.
Operand wrapped(Layer &layer, Operand indices, int64_t n)
{
  const Type given = layer.type(indices);
  if (given != Type::i64 && given != Type::i32) fail({}, "indices are of type {}, but must be int64 or int32", name_of(given));
  if (const Tensor *known = layer.constant(indices))
    for (int64_t i : known->integers())
      if (i < -n || i >= n) fail({}, "index {} is outside of an axis of {}", i, n);
  const Operand x = layer.cast(indices, Type::i64), zero = layer.scalar(Type::i64, 0);
  return layer.add(Select{}, {layer.binary(BinaryKind::less, x, zero), layer.binary(BinaryKind::add, x, layer.scalar(Type::i64, static_cast<double>(n))), x});
}

Operand part(Layer &layer, Operand x, size_t axis, int64_t first, int64_t n)
{
  Shape shape = layer.shape(x);
  Slice op{Ints(shape.size(), 0), Ints(shape.size(), 1)};
  op.starts[axis] = first, shape[axis] = n;
  return layer.add(op, {x}, shape);
}

}  // namespace

void trilu(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape &shape = layer.shape(x);
  if (shape.size() < 2) fail({}, "input {} is no matrix", text_of(shape));
  const Ints k = layer.maybe(1) == absent ? Ints{0} : layer.known_integers(1, "k");
  if (k.size() != 1) fail({}, "{} numbers of 'k'", k.size());
  const Operand mask = triangle(layer, shape, k[0], layer.integer("upper", 1) != 0);
  layer.result(layer.add(Select{}, {mask, x, layer.scalar(layer.type(x), 0)}));
}

void eye_like(Layer &layer)
{
  const Shape shape = layer.shape(layer.in(0));
  if (shape.size() != 2) fail({}, "input {} is no matrix", text_of(shape));
  const int64_t k = layer.integer("k", 0);
  const Type type = layer.has("dtype") ? type_of(static_cast<int32_t>(layer.integer("dtype", 0))) : layer.type(layer.in(0));
  layer.result(tabulated(layer, type, shape, [&](const Ints &at) { return at[1] - at[0] == k; }));
}

// Sums of 2, 4, 8, ... elements up to each place.
void cum_sum(Layer &layer)
{
  const Operand x = layer.in(0);
  const Ints given = layer.known_integers(1, "axis");
  if (given.size() != 1) fail({}, "{} numbers of 'axis'", given.size());
  const size_t axis = static_cast<size_t>(layer.axis(given[0], layer.rank(x)));
  const bool reverse = layer.integer("reverse", 0) != 0;
  const int64_t n = layer.shape(x)[axis];
  const auto shifted = [&](Operand y, int64_t by) {
    Shape zeros = layer.shape(y);
    zeros[axis] = by;
    layer.reserve(zeros, layer.type(y));
    const Operand none_yet = layer.add(Expand{}, {layer.scalar(layer.type(y), 0)}, zeros), rest = part(layer, y, axis, reverse ? by : 0, n - by);
    return layer.add(Concat{static_cast<int64_t>(axis)}, reverse ? std::vector{rest, none_yet} : std::vector{none_yet, rest});
  };
  Operand y = layer.integer("exclusive", 0) != 0 && n > 0 ? shifted(x, 1) : x;
  for (int64_t by = 1; by < n; by *= 2) y = layer.binary(BinaryKind::add, y, shifted(y, by));
  layer.result(y);
}

void one_hot(Layer &layer)
{
  const Operand values = layer.in(2);
  const double depth = layer.known_number(1, "depth");
  if (!(depth >= 1 && depth < 0x1p31)) fail({}, "a depth of {}", depth);
  if (layer.shape(values) != Shape{2}) fail({}, "values have shape {}, but must be 2", text_of(layer.shape(values)));
  const int64_t n = static_cast<int64_t>(depth), rank = layer.rank(layer.in(0)) + 1;
  const size_t axis = static_cast<size_t>(layer.axis(layer.integer("axis", -1), rank));
  Operand x = layer.cast(layer.in(0), Type::i64);
  x = layer.add(Select{}, {layer.binary(BinaryKind::less, x, layer.scalar(Type::i64, 0)), layer.binary(BinaryKind::add, x, layer.scalar(Type::i64, depth)), x});
  Shape shape = layer.shape(x), along(static_cast<size_t>(rank), 1);
  shape.insert(shape.begin() + static_cast<int64_t>(axis), 1);
  along[axis] = n;
  const Operand places = tabulated(layer, Type::i64, along, [&](const Ints &at) { return at[axis]; });
  const Operand hot = layer.binary(BinaryKind::equal, layer.reshape(x, shape), places);
  const auto value = [&](int64_t i) { return layer.reshape(part(layer, values, 0, i, 1), {}); };
  layer.result(layer.add(Select{}, {hot, value(1), value(0)}));
}

// Element (i, j, ...) of the result is x at (i, j, ...) but for one axis, where it is the index there.
void gather_elements(Layer &layer)
{
  const Operand x = layer.in(0), indices = layer.in(1);
  const Shape shape = layer.shape(x), result = layer.shape(indices);
  const size_t axis = static_cast<size_t>(layer.axis(layer.integer("axis", 0), layer.rank(x)));
  bool fits = result.size() == shape.size();
  for (size_t d = 0; fits && d < shape.size(); ++d) fits = d == axis || result[d] <= shape[d];
  if (!fits) fail({}, "indices {} do not fit data {}", text_of(result), text_of(shape));
  const Ints strides = strides_of(shape);
  const Operand rest = tabulated(layer, Type::i64, result, [&](const Ints &at) {
    int64_t sum = 0;
    for (size_t d = 0; d < at.size(); ++d) sum += d == axis ? 0 : at[d] * strides[d];
    return sum;
  });
  const Operand step = layer.scalar(Type::i64, static_cast<double>(strides[axis]));
  const Operand place = layer.binary(BinaryKind::add, layer.binary(BinaryKind::mul, wrapped(layer, indices, shape[axis]), step), rest);
  layer.result(layer.add(Gather{0}, {layer.reshape(x, {count(shape)}), place}));
}

// The last axis of the indices are positions along the first axes of x (those after the batch); the others stay.
void gather_nd(Layer &layer)
{
  const Operand x = layer.in(0), indices = layer.in(1);
  const Shape shape = layer.shape(x), given = layer.shape(indices);
  const int64_t batch = layer.integer("batch_dims", 0), axes = given.empty() ? 0 : given.back();
  if (batch < 0 || axes < 1 || batch >= static_cast<int64_t>(given.size()) || batch + axes > static_cast<int64_t>(shape.size()) ||
      !std::equal(shape.begin(), shape.begin() + batch, given.begin()))
    fail({}, "indices {} with {} batch dimensions do not fit data {}", text_of(given), batch, text_of(shape));
  const size_t first = static_cast<size_t>(batch), last = given.size() - 1;
  const Shape places(given.begin(), given.end() - 1);
  Shape rows{product(shape, 0, first + static_cast<size_t>(axes))};   // x as rows of what is picked at once
  rows.insert(rows.end(), shape.begin() + batch + axes, shape.end());
  int64_t step = product(shape, first, first + static_cast<size_t>(axes));
  Operand place = tabulated(layer, Type::i64, places, [&](const Ints &at) {
    int64_t sum = 0;
    for (size_t d = 0; d < first; ++d) sum = sum * shape[d] + at[d];
    return sum * step;
  });
  for (int64_t k = 0; k < axes; ++k) {
    const int64_t n = shape[first + static_cast<size_t>(k)];
    step /= std::max<int64_t>(1, n);
    const Operand index = wrapped(layer, layer.reshape(part(layer, indices, last, k, 1), places), n);
    place = layer.binary(BinaryKind::add, place, layer.binary(BinaryKind::mul, index, layer.scalar(Type::i64, static_cast<double>(step))));
  }
  layer.result(layer.add(Gather{0}, {layer.reshape(x, rows), place}));
}

}  // namespace net2c::onnx
