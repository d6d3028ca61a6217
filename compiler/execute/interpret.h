// Runs a Graph node by node with the reference kernels of ops/: slow, and what all else is compared with.
#pragma once

#include <functional>
#include <vector>

#include "ops/ops.h"

namespace net2c {

// `inputs` in the order of graph.inputs; the result in that of graph.outputs. `trace` sees every node's result. Error: an
// input that is missing or of the wrong type or shape, an index or division that only the data makes wrong.
std::vector<Tensor> interpret(const Graph &, const std::vector<Tensor> &inputs,
                              const std::function<void(NodeId, ValueId, const Tensor &)> &trace = {});

}  // namespace net2c
