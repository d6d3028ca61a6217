#include "optimise/edit.h"
#include "optimise/epilogue.h"
#include "optimise/linear.h"
#include "optimise/optimise.h"

namespace net2c {

int fuse_affine(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (!e.alive(n) || !epilogue_of(e.node(n).op) || e.node(n).inputs.size() > epilogue_scale) continue;
    const LinearChain chain = chain_after(e, e.output(n), channel_axis(e.node(n).op, e.value(e.output(n)).shape));
    if (chain.nodes.empty()) continue;
    const Node node = e.node(n);
    std::vector<ValueId> inputs = epilogue_inputs(node);
    inputs[epilogue_scale] = e.constant(node.name + "_scale", rounded(chain.all.scale));
    inputs[epilogue_shift] = e.constant(node.name + "_shift", rounded(chain.all.shift));
    for (size_t i = chain.nodes.size() - 1; i-- > 0;) e.kill(chain.nodes[i]);
    e.fuse(n, chain.nodes.back(), node.op, inputs);
  }
  return e.finish();
}

}  // namespace net2c
