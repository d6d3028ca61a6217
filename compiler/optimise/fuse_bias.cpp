#include "optimise/edit.h"
#include "optimise/epilogue.h"
#include "optimise/linear.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// The vector that the node behind adds to each row or channel, `none` if it does something else.
ValueId added_vector(Editor &e, NodeId n, NodeId reader)
{
  const ValueId result = e.output(n);
  const int64_t axis = channel_axis(e.node(n).op, e.value(result).shape);
  const auto l = linear_of(e, reader, axis);
  if (l && l->x == result && l->only_shifts()) return e.constant(e.node(n).name + "_bias", rounded(l->shift));
  const Binary *binary = e.op<Binary>(reader);
  if (!binary || binary->kind != BinaryKind::add || !e.op<MatMul>(n)) return none;
  const ValueId other = e.input(reader, e.input(reader, 0) == result ? 1 : 0);
  const Shape &shape = e.value(other).shape;
  return shape.size() == 1 && shape[0] == e.value(result).shape.back() && e.value(other).type == Type::f32 ? other : none;
}

}  // namespace

// Weights and vectors that are not constant: the constant ones are fold_affine's.
int fuse_bias(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (!e.alive(n) || !epilogue_empty(e.node(n)) || e.input(n, 2) != none) continue;
    const NodeId reader = e.only_reader(e.output(n));
    if (reader == none || e.value(e.output(reader)).shape != e.value(e.output(n)).shape) continue;
    const ValueId bias = added_vector(e, n, reader);
    if (bias == none) continue;
    std::vector<ValueId> inputs = epilogue_inputs(e.node(n));
    inputs[2] = bias;
    e.fuse(n, reader, e.node(n).op, inputs);
  }
  return e.finish();
}

}  // namespace net2c
