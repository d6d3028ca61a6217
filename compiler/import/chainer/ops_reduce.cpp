// Reductions beside those that functions.h makes, and softmax.
#include "import/chainer/functions.h"

namespace net2c::chainer {

// Sums what was broadcast, until x has attribute `shape`.
void sum_to(Layer &layer)
{
  Operand x = layer.in(0);
  const Shape to = layer.integers("shape").value_or(Ints{}), from = layer.shape(x);
  if (to.size() > from.size()) fail({}, "x {} cannot be summed to {}", text_of(from), text_of(to));
  Reduce op{ReduceKind::sum, {}, true};
  for (size_t d = 0, more = from.size() - to.size(); d < from.size(); ++d)
    if (d < more || to[d - more] != from[d]) op.axes.push_back(static_cast<int64_t>(d));
  if (!op.axes.empty()) x = layer.add(op, {x});
  layer.result(layer.shape(x) == to ? x : layer.reshape(x, to));
}

void log_sum_exp(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.add(Reduce{ReduceKind::log_sum_exp, layer.axes("axis", x), false}, {x}));
}

void softmax(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.add(Softmax{layer.axis(layer.integer("axis", 1), layer.rank(x)), false}, {x}));
}

void log_softmax(Layer &layer)
{
  const Operand x = layer.in(0);
  layer.result(layer.add(Softmax{layer.axis(layer.integer("axis", 1), layer.rank(x)), true}, {x}));
}

}  // namespace net2c::chainer
