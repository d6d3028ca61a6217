#include "optimise/edit.h"
#include "optimise/epilogue.h"
#include "optimise/optimise.h"

namespace net2c {

int fuse_activation(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (!e.alive(n) || !takes_activation(e.node(n).op) || e.node(n).inputs.size() > epilogue_scale) continue;
    const NodeId reader = e.only_reader(e.output(n));
    const Unary *act = e.op<Unary>(reader);
    if (!act || e.value(e.output(reader)).type != Type::f32) continue;
    e.fuse(n, reader, with_activation(e.node(n).op, *act), e.node(n).inputs);
  }
  return e.finish();
}

}  // namespace net2c
