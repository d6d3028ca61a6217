#include <algorithm>

#include "ops/ops.h"
#include "optimise/edit.h"
#include "optimise/optimise.h"

namespace net2c {

// A result that is large and larger than what it is made of (an Expand) is better made where it is used.
static constexpr size_t large = size_t{64} << 20;

int fold_constants(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (e.node(n).inputs.empty()) continue;
    std::vector<const Tensor *> inputs;
    size_t bytes = 0;
    bool all = true;
    for (ValueId v : e.node(n).inputs) {
      inputs.push_back(e.constant(v));
      if (inputs.back()) bytes += inputs.back()->bytes.size();
      else if (v != none) all = false;
    }
    const Value &result = e.value(e.output(n));
    if (!all || static_cast<size_t>(count(result.shape)) * size_of(result.type) > std::max(large, bytes)) continue;
    e.set(n, Constant{std::make_shared<const Tensor>(evaluate(e.node(n).op, inputs, result))}, {});
    ++e.changes;
  }
  return e.finish();
}

}  // namespace net2c
