#include <algorithm>

#include "optimise/patterns.h"

namespace net2c {

namespace {

bool all_are(const Ints &all, int64_t what)
{
  return std::all_of(all.begin(), all.end(), [&](int64_t n) { return n == what; });
}

ReduceKind reduction_of(PoolKind kind)
{
  return kind == PoolKind::max ? ReduceKind::max : kind == PoolKind::sum ? ReduceKind::sum : ReduceKind::mean;
}

// A window that is the whole map.
bool rewrite_pool(Editor &e, NodeId n)
{
  const Pool *pool = e.op<Pool>(n);
  if (!pool) return false;
  const Shape &x = e.value(e.input(n, 0)).shape, &y = e.value(e.output(n)).shape;
  if (y[2] != 1 || y[3] != 1 || pool->kernel != Ints{x[2], x[3]} || !all_are(pool->pads, 0) || !all_are(pool->dilations, 1))
    return false;
  e.set(n, Reduce{reduction_of(pool->kind), {2, 3}, true}, {e.input(n, 0)});
  return true;
}

// Rank 4 stays rank 4, so that the reduction is of a feature map; the axes go in a Reshape.
bool keep_axes(Editor &e, NodeId n)
{
  const Reduce *reduce = e.op<Reduce>(n);
  if (!reduce || reduce->keep_dims || reduce->axes != Ints{2, 3}) return false;
  const ValueId x = e.input(n, 0);
  Shape kept = e.value(x).shape;
  if (kept.size() != 4) return false;
  kept[2] = kept[3] = 1;
  Reduce keeping = *reduce;
  keeping.keep_dims = true;
  const Type type = e.value(e.output(n)).type;
  const std::string name = e.node(n).name;
  e.set(n, Reshape{}, {e.add(keeping, name, {x}, type, kept)});
  return true;
}

}  // namespace

int recognise_reductions(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n)
    while (rewrite_pool(e, n) || keep_axes(e, n)) ++e.changes;
  return e.finish();
}

}  // namespace net2c
