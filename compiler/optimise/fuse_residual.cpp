#include <algorithm>

#include "optimise/edit.h"
#include "optimise/epilogue.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// Whether the sum may be made where `sum` is: nobody else wants the product alone.
bool can_take(const Editor &e, ValueId product, ValueId other, NodeId sum)
{
  const NodeId n = e.producer(product);
  const Value &y = e.value(e.output(sum));
  return epilogue_empty(e.node(n)) && e.only_reader(product) == sum && !e.constant(other) && e.value(product).shape == y.shape &&
         e.value(other).shape == y.shape && y.type == Type::f32;
}

}  // namespace

int fuse_residual(Graph &graph)
{
  Editor e(graph);
  for (NodeId sum = 0; sum < e.size(); ++sum) {
    const Binary *binary = e.alive(sum) ? e.op<Binary>(sum) : nullptr;
    if (!binary || binary->kind != BinaryKind::add) continue;
    ValueId product = e.input(sum, 0), other = e.input(sum, 1);
    // Of two products the later: the earlier one stays where it is, and its result lives shortly.
    if (e.producer(product) < e.producer(other)) std::swap(product, other);
    if (!can_take(e, product, other, sum)) std::swap(product, other);
    if (!can_take(e, product, other, sum)) continue;
    const NodeId n = e.producer(product);
    std::vector<ValueId> inputs = epilogue_inputs(e.node(n));
    inputs[epilogue_residual] = other;
    e.fuse(n, sum, e.node(n).op, inputs);
  }
  return e.finish();
}

}  // namespace net2c
