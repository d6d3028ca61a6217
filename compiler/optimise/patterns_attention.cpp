#include <cmath>

#include "optimise/epilogue.h"
#include "optimise/patterns.h"

namespace net2c {

namespace {

// A bare product, which nobody but `reader` reads.
NodeId product_for(const Editor &e, ValueId v, NodeId reader)
{
  const NodeId n = e.made_by<MatMul>(v);
  return n != none && e.only_reader(v) == reader && epilogue_empty(e.node(n)) && e.input(n, 2) == none ? n : none;
}

// v as a factor times what stands before it.
struct Scaled {
  ValueId x;
  double by = 1;
};
Scaled scaled(const Editor &e, ValueId v)
{
  Scaled s{v};
  for (auto step = line_step(e, v); step && step->line.b == 0 && step->line.a != 0; step = line_step(e, s.x)) s = {step->x, s.by * step->line.a};
  return s;
}

Shape batch_of(const Editor &e, ValueId v)
{
  const Shape &shape = e.value(v).shape;
  return {shape.begin(), shape.end() - 2};
}

bool rewrite(Editor &e, NodeId n)
{
  if (!e.op<MatMul>(n) || !epilogue_empty(e.node(n)) || e.input(n, 2) != none) return false;
  const NodeId softmax = e.made_by<Softmax>(e.input(n, 0));
  if (softmax == none || e.only_reader(e.output(softmax)) != n) return false;
  const size_t rank = e.value(e.output(softmax)).shape.size();
  if (e.op<Softmax>(softmax)->log || e.op<Softmax>(softmax)->axis != static_cast<int64_t>(rank) - 1) return false;
  // Between the product and the softmax only factors, each read by the next alone.
  const Scaled scores = scaled(e, e.input(softmax, 0));
  for (ValueId v = e.input(softmax, 0); v != scores.x; v = line_step(e, v)->x)
    if (e.readers(v).size() != 1 || e.is_output(v)) return false;
  const NodeId product = product_for(e, scores.x, scores.x == e.input(softmax, 0) ? softmax : e.only_reader(scores.x));
  if (product == none) return false;
  const Scaled q = scaled(e, e.input(product, 0)), k = scaled(e, e.input(product, 1));
  const ValueId v = e.input(n, 1);
  const double scale = scores.by * q.by * k.by;
  if (e.value(v).type != Type::f32 || e.constant(k.x) || e.constant(v) || !std::isfinite(static_cast<float>(scale))) return false;
  if (e.value(q.x).shape.size() != rank || e.value(k.x).shape.size() != rank || e.value(v).shape.size() != rank) return false;
  if (batch_of(e, q.x) != batch_of(e, k.x) || batch_of(e, v) != batch_of(e, k.x)) return false;
  // Keys and values of a batch are packed in scratch memory: not where they would take much of it.
  constexpr int64_t most = 1 << 22;
  Shape keys = e.value(k.x).shape;
  if (keys[rank - 1] * (keys[rank - 2] + e.value(v).shape.back()) > most || count(keys) == 0) return false;
  Ints perm;
  for (size_t d = 0; d < rank; ++d) perm.push_back(static_cast<int64_t>(d));
  std::swap(perm[rank - 1], perm[rank - 2]);
  std::swap(keys[rank - 1], keys[rank - 2]);
  const std::string name = e.node(product).name;
  const ValueId rows = e.add(Transpose{perm}, name + "_keys", {k.x}, Type::f32, keys);   // meets the one that made columns of them
  e.set(n, Attention{static_cast<float>(scale)}, {q.x, rows, v});
  ++e.changes;
  return true;
}

}  // namespace

int recognise_attention(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) rewrite(e, n);
  return e.finish();
}

}  // namespace net2c
