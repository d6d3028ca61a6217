#include <cmath>

#include "optimise/epilogue.h"
#include "optimise/patterns.h"

namespace net2c {

namespace {

// A bare product, which nobody but `reader` reads.
NodeId product_for(const Editor &e, ValueId v, NodeId reader)
{
  const NodeId n = e.made_by<MatMul>(v);
  const bool alone = reader != none && e.only_reader(v) == reader;
  return n != none && alone && epilogue_empty(e.node(n)) && e.input(n, 2) == none ? n : none;
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

// Whether a bias of this shape may be added to scores (compiler/lower/attention.cpp): whole rows, of batches that lie together.
bool fits_scores(Shape bias, const Shape &scores)
{
  if (bias.size() > scores.size() || bias.empty() || bias.back() != scores.back()) return false;
  bias.insert(bias.begin(), scores.size() - bias.size(), 1);
  int runs = 0;
  for (size_t d = 0; d + 1 < scores.size(); ++d) {
    if (bias[d] != 1 && bias[d] != scores[d]) return false;
    const bool differs = d + 2 < scores.size() && bias[d] != 1, before = d > 0 && bias[d - 1] != 1;
    runs += differs && !before;
  }
  return runs <= 1;
}

// v as scores and what is added to them; bias `none`: nothing is.
struct Biased {
  ValueId scores, bias = none;
};
Biased biased(const Editor &e, ValueId v)
{
  const NodeId sum = e.made_by<Binary>(v);
  if (sum == none || e.op<Binary>(sum)->kind != BinaryKind::add || e.readers(v).size() != 1 || e.is_output(v)) return {v};
  for (size_t i : {size_t{0}, size_t{1}}) {
    const ValueId scores = e.input(sum, i), bias = e.input(sum, 1 - i);
    if (e.made_by<MatMul>(scaled(e, scores).x) == none || e.value(scores).shape != e.value(v).shape) continue;
    if (e.value(bias).type == Type::f32 && fits_scores(e.value(bias).shape, e.value(v).shape)) return {scores, bias};
  }
  return {v};
}

bool rewrite(Editor &e, NodeId n)
{
  if (!e.op<MatMul>(n) || !epilogue_empty(e.node(n)) || e.input(n, 2) != none) return false;
  const NodeId softmax = e.made_by<Softmax>(e.input(n, 0));
  if (softmax == none || e.only_reader(e.output(softmax)) != n) return false;
  const size_t rank = e.value(e.output(softmax)).shape.size();
  if (e.op<Softmax>(softmax)->log || e.op<Softmax>(softmax)->axis != static_cast<int64_t>(rank) - 1) return false;
  // Between the product and the softmax only factors and then a bias, each read by the next alone.
  const Biased sum = biased(e, e.input(softmax, 0));
  const Scaled scores = scaled(e, sum.scores);
  for (ValueId v = sum.scores; v != scores.x; v = line_step(e, v)->x)
    if (e.readers(v).size() != 1 || e.is_output(v)) return false;
  const NodeId product = product_for(e, scores.x, e.only_reader(scores.x));
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
  e.set(n, Attention{static_cast<float>(scale)}, {q.x, rows, v, sum.bias});
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
