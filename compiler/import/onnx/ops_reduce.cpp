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
void softmax_along(Layer &layer, bool log)
{
  const Operand x = layer.in(0);
  const Shape shape = layer.shape(x);
  const int64_t axis = layer.axis(layer.integer("axis", layer.version < 13 ? 1 : -1), layer.rank(x));
  const auto split = shape.begin() + axis;
  const bool last = count(Shape(split + 1, shape.end())) == 1;
  if (layer.version >= 13 || last) return layer.result(layer.add(Softmax{axis, log}, {x}));
  const Operand flat = layer.reshape(x, {count(Shape(shape.begin(), split)), count(Shape(split, shape.end()))});
  layer.result(layer.reshape(layer.add(Softmax{1, log}, {flat}), shape));
}

}  // namespace

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
