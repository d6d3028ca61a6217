#include "optimise/patterns.h"

namespace net2c {

// Reshape to rows, MatMul, Reshape back, as TensorFlow multiplies tensors of more axes: the product itself has them.
int recognise_products(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    const NodeId flat = e.op<MatMul>(n) ? e.made_by<Reshape>(e.input(n, 0)) : none, reader = flat == none ? none : e.only_reader(e.output(n));
    if (reader == none || !e.op<Reshape>(reader) || e.node(n).inputs.size() > 3 || e.value(e.input(n, 1)).shape.size() != 2) continue;
    const ValueId x = e.input(flat, 0);
    Shape shape = e.value(x).shape;
    if (shape.size() < 3 || shape.back() != e.value(e.output(flat)).shape.back()) continue;
    shape.back() = e.value(e.output(n)).shape.back();
    if (e.value(e.output(reader)).shape != shape) continue;
    std::vector<ValueId> inputs = e.node(n).inputs;
    inputs[0] = x;
    e.fuse(n, reader, e.node(n).op, inputs);
  }
  return e.finish();
}

}  // namespace net2c
