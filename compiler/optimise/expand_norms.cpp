#include <algorithm>

#include "optimise/edit.h"
#include "optimise/linear.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// Affine wants channels on axis 1. A number for all of a sequence or of a matrix of scores is better left to arithmetic.
bool wants_affine(const Linear &l, const Shape &shape)
{
  if (shape.size() == 2 || shape.size() == 4) return true;
  const auto same = [](const std::vector<double> &v) {
    return std::adjacent_find(v.begin(), v.end(), std::not_equal_to<>()) == v.end();
  };
  return shape.size() > 2 && !(same(l.scale) && same(l.shift));
}

}  // namespace

int expand_norms(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (!e.alive(n) || e.node(n).outputs.empty() || e.value(e.output(n)).shape.size() < 2) continue;
    const auto first = linear_of(e, n, 1);
    if (!first || !wants_affine(*first, e.value(e.output(n)).shape)) continue;
    LinearChain rest = chain_after(e, e.output(n), 1);
    if (rest.nodes.empty() && e.op<Affine>(n)) continue;
    const Linear all = rest.nodes.empty() ? *first : then(*first, rest.all);
    const NodeId last = rest.nodes.empty() ? n : rest.nodes.back();
    const std::string name = e.node(n).name;
    const ValueId scale = e.constant(name + "_scale", rounded(all.scale)),
                  shift = e.constant(name + "_shift", rounded(all.shift));
    if (last == n) {
      e.set(n, Affine{}, {all.x, scale, shift});
      ++e.changes;
    } else {
      for (size_t i = rest.nodes.size() - 1; i-- > 0;) e.kill(rest.nodes[i]);
      e.fuse(n, last, Affine{}, {all.x, scale, shift});
    }
  }
  return e.finish();
}

}  // namespace net2c
