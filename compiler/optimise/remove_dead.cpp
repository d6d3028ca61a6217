#include "optimise/edit.h"
#include "optimise/optimise.h"

namespace net2c {

int remove_dead(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = e.size(); n-- > 0;) {  // readers first
    const ValueId result = e.output(n);
    if (e.op<Input>(n) || e.is_output(result) || !e.readers(result).empty()) continue;  // the app hands inputs over all the same
    e.kill(n);
    ++e.changes;
  }
  return e.finish();
}

}  // namespace net2c
