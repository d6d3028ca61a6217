#include <numeric>

#include "import/onnx/operators.h"

namespace net2c::onnx {

namespace {

void reduce_over(Layer &layer, ReduceKind kind)
{
  const Operand x = layer.in(0);
  const std::optional<Ints> axes = layer.axes(kind == ReduceKind::sum ? 13 : 18, 1);
  const bool keep = layer.integer("keepdims", 1) != 0, all = layer.integer("noop_with_empty_axes", 0) == 0;
  const bool given = axes && !axes->empty();
  const std::vector<bool> chosen = layer.chosen(axes.value_or(Ints{}), layer.rank(x));
  Reduce op{kind, {}, keep};
  for (size_t d = 0; d < chosen.size(); ++d)
    if (given ? chosen[d] : all) op.axes.push_back(static_cast<int64_t>(d));
  layer.result(layer.add(std::move(op), {x}));
}

// Before version 13 everything from the axis on is one dimension.
struct Along {
  Operand x;
  int64_t axis;
};
Along flattened(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape shape = layer.shape(x);
  const int64_t axis = layer.axis(layer.integer("axis", layer.version < 13 ? 1 : -1), layer.rank(x));
  const auto split = shape.begin() + axis;
  const bool last = count(Shape(split + 1, shape.end())) == 1;
  if (layer.version >= 13 || last) return {x, axis};
  return {layer.reshape(x, {count(Shape(shape.begin(), split)), count(Shape(split, shape.end()))}), 1};
}

void softmax_along(Layer &layer, bool log)
{
  const auto [x, axis] = flattened(layer);
  layer.result(layer.reshape(layer.add(Softmax{axis, log}, {x}), Shape(layer.shape(layer.in(0)))));
}

void arg(Layer &layer, bool least)
{
  const Operand x = layer.in(0);
  ArgMax op{.axis = layer.axis(layer.integer("axis", 0), layer.rank(x)), .least = least};
  op.last = layer.integer("select_last_index", 0) != 0;
  op.keep_dims = layer.integer("keepdims", 1) != 0;
  layer.result(layer.add(op, {x}));
}

}  // namespace

void arg_max(Layer &layer) { arg(layer, false); }
void arg_min(Layer &layer) { arg(layer, true); }

// 1 where the largest is, the first of equal ones; else 0.
void hardmax(Layer &layer)
{
  const auto [x, axis] = flattened(layer);
  const Shape shape = layer.shape(x);
  const int64_t n = shape[static_cast<size_t>(axis)];
  if (count(shape) == 0) return layer.result(x);
  Shape along(shape.size(), 1);
  along[static_cast<size_t>(axis)] = n;
  layer.reserve(along, Type::i64);
  Tensor positions(Type::i64, along);
  std::iota(positions.as<int64_t>().begin(), positions.as<int64_t>().end(), 0);
  const Operand is_largest = layer.binary(BinaryKind::equal, layer.constant(std::move(positions)), layer.add(ArgMax{.axis = axis}, {x}));
  layer.result(layer.reshape(layer.cast(is_largest, layer.type(x)), Shape(layer.shape(layer.in(0)))));
}

void reduce_mean(Layer &layer) { reduce_over(layer, ReduceKind::mean); }
void reduce_sum(Layer &layer) { reduce_over(layer, ReduceKind::sum); }
void reduce_max(Layer &layer) { reduce_over(layer, ReduceKind::max); }
void reduce_min(Layer &layer) { reduce_over(layer, ReduceKind::min); }
void reduce_prod(Layer &layer) { reduce_over(layer, ReduceKind::prod); }
void reduce_l1(Layer &layer) { reduce_over(layer, ReduceKind::l1); }
void reduce_l2(Layer &layer) { reduce_over(layer, ReduceKind::l2); }
void reduce_log_sum(Layer &layer) { reduce_over(layer, ReduceKind::log_sum); }
void reduce_log_sum_exp(Layer &layer) { reduce_over(layer, ReduceKind::log_sum_exp); }
void reduce_sum_square(Layer &layer) { reduce_over(layer, ReduceKind::sum_square); }
void softmax(Layer &layer) { softmax_along(layer, false); }
void log_softmax(Layer &layer) { softmax_along(layer, true); }

}  // namespace net2c::onnx
