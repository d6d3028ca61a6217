#include <cmath>
#include <limits>

#include "import/caffe/operators.h"

namespace net2c::caffe {

// Also of a loss: the labels, its second bottom, are not there; the probabilities are its result.
void softmax(Layer &layer)
{
  Params &p = layer.params("softmax_param");
  p.ignore({"engine"});
  const ValueId x = layer.in(0);
  layer.result(layer.add(Softmax{layer.axis(p.integer("axis", 1), layer.rank(x)), false}, {x}));
}

void sigmoid_of_loss(Layer &layer) { layer.result(layer.unary({UnaryKind::sigmoid}, layer.in(0))); }

// Over all axes from `axis` on, which the result does not have.
void reduction(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("reduction_param");
  const int64_t operation = p.choice("operation", 1, {{"SUM", 1}, {"ASUM", 2}, {"SUMSQ", 3}, {"MEAN", 4}});
  const int64_t axis = layer.axis(p.integer("axis", 0), layer.rank(x));
  constexpr ReduceKind kinds[] = {ReduceKind::sum, ReduceKind::l1, ReduceKind::sum_square, ReduceKind::mean};
  Reduce op{kinds[operation - 1], {}, false};
  for (int64_t d = axis; d < layer.rank(x); ++d) op.axes.push_back(d);
  layer.result(layer.times(layer.add(std::move(op), {x}), static_cast<double>(p.real("coeff", 1))));
}

namespace {

struct Best {
  ValueId index, value;   // with one element along the axis
};

// Of equal ones the last, as Caffe's ordering of (value, index) pairs has it.
Best best_of(Layer &layer, ValueId x, ValueId positions, int64_t axis)
{
  const Reduce maximum{ReduceKind::max, {axis}, true};
  const ValueId value = layer.add(maximum, {x}), is_best = layer.binary(BinaryKind::equal, x, value);
  return {layer.add(maximum, {layer.add(Select{}, {is_best, positions, layer.scalar(-1)})}), value};
}

}  // namespace

// Without an axis: [N][1][top_k] of the flattened items, or [N][2][top_k] with the values; with one: that axis becomes top_k,
// of indices or of values.
void argmax(Layer &layer)
{
  layer.want_bottoms(1, 1);
  ValueId x = layer.in(0);
  Params &p = layer.params("argmax_param");
  const bool values = p.flag("out_max_val", false), by_axis = p.has("axis");
  const int64_t top = p.integer("top_k", 1);
  if (layer.rank(x) < 1) fail({}, "its bottom is a scalar");
  const int64_t items = layer.size(x, 0);
  if (!by_axis) x = layer.reshape(x, {items, 1, count(Shape(layer.shape(x).begin() + 1, layer.shape(x).end()))});
  const int64_t axis = by_axis ? layer.axis(p.integer("axis", 0), layer.rank(x)) : 2, size = layer.size(x, axis);
  constexpr int64_t most = 64;   // each is found by a search of its own
  if (top < 1 || top > size) fail({}, "'top_k' is {}, but there are {} elements", top, size);
  if (top > most) unsupported("with more than {} top_k", most);
  layer.reserve({size});
  Tensor counting(Type::f32, {size});
  float next = 0;
  for (float &i : counting.as<float>()) i = next++;
  Shape around(static_cast<size_t>(layer.rank(x) - axis), 1);
  around[0] = size;
  const ValueId positions = layer.reshape(layer.constant(std::move(counting)), around);
  std::vector<ValueId> indices, maxima;
  for (int64_t k = 0; k < top; ++k) {
    const Best best = best_of(layer, x, positions, axis);
    indices.push_back(best.index);
    maxima.push_back(best.value);
    if (k + 1 == top) break;
    const ValueId lowest = layer.scalar(-std::numeric_limits<double>::infinity());
    x = layer.add(Select{}, {layer.binary(BinaryKind::equal, positions, best.index), lowest, x});
  }
  const auto joined = [&](const std::vector<ValueId> &parts) {
    return parts.size() == 1 ? parts[0] : layer.add(Concat{axis}, parts);
  };
  if (by_axis) return layer.result(joined(values ? maxima : indices));
  layer.result(values ? layer.add(Concat{1}, {joined(indices), joined(maxima)}) : joined(indices));
}

}  // namespace net2c::caffe
