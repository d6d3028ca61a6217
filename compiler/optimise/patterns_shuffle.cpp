#include <algorithm>
#include <numeric>

#include "ops/ops.h"
#include "optimise/patterns.h"

namespace net2c {

namespace {

// Moves of elements by indices known now; input 0 is what moves.
bool only_moves(const Editor &e, NodeId n)
{
  return e.op<Reshape>(n) || e.op<Transpose>(n) || e.op<Slice>(n) || (e.op<Gather>(n) && e.constant(e.input(n, 1)));
}

// The index of each element's source, by running the moves on numbers.
std::vector<int64_t> sources(const Editor &e, const std::vector<NodeId> &chain, const Shape &from)
{
  Tensor t(Type::i64, from);
  std::iota(t.as<int64_t>().begin(), t.as<int64_t>().end(), 0);
  for (auto n = chain.rbegin(); n != chain.rend(); ++n) {
    const Value y{"", Type::i64, e.value(e.output(*n)).shape};
    std::vector<const Tensor *> inputs{&t};
    if (e.op<Gather>(*n)) inputs.push_back(e.constant(e.input(*n, 1)));
    t = evaluate(e.node(*n).op, inputs, y);
  }
  const auto all = t.as<int64_t>();
  return {all.begin(), all.end()};
}

// For each channel of the result the channel of x it is; empty when the moves do something else.
Ints channels(const std::vector<int64_t> &from, const Shape &x, const Shape &y)
{
  const int64_t plane = x[2] * x[3];
  Ints result(static_cast<size_t>(y[1]));
  for (int64_t image = 0; image < y[0]; ++image)
    for (int64_t c = 0; c < y[1]; ++c) {
      const int64_t *p = from.data() + (image * y[1] + c) * plane, channel = p[0] / plane - image * x[1];
      if (channel < 0 || channel >= x[1] || (image > 0 && result[static_cast<size_t>(c)] != channel)) return {};
      result[static_cast<size_t>(c)] = channel;
      for (int64_t i = 0; i < plane; ++i)
        if (p[i] != (image * x[1] + channel) * plane + i) return {};
    }
  return result;
}

// Beyond this many elements a shuffle is not looked for.
constexpr int64_t most_elements = int64_t{1} << 24;

bool rewrite(Editor &e, NodeId n)
{
  const ValueId result = e.output(n);
  const Shape y = e.value(result).shape;
  if (y.size() != 4 || !only_moves(e, n) || count(y) == 0 || count(y) > most_elements) return false;
  std::vector<NodeId> chain;
  // The farthest source of equal images that the moves take channels from.
  Ints best;
  ValueId source = none;
  for (NodeId at = n; only_moves(e, at);) {
    chain.push_back(at);
    const ValueId x = e.input(at, 0);
    const Shape &shape = e.value(x).shape;
    if (count(shape) > most_elements || chain.size() > 8) break;
    if (chain.size() > 1 && shape.size() == 4 && shape[0] == y[0] && shape[2] == y[2] && shape[3] == y[3])
      if (Ints found = channels(sources(e, chain, shape), shape, y); !found.empty()) best = std::move(found), source = x;
    at = e.producer(x);
  }
  if (source == none) return false;

  bool range = true;
  for (size_t i = 1; i < best.size(); ++i) range &= best[i] == best[0] + static_cast<int64_t>(i);
  if (range) e.set(n, Slice{{0, best[0], 0, 0}, {1, 1, 1, 1}}, {source});
  else e.set(n, Gather{1}, {source, e.constant(e.node(n).name + "_channels", tensor_i64({y[1]}, best))});
  return true;
}

}  // namespace

int recognise_shuffles(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n)
    if (e.alive(n) && rewrite(e, n)) ++e.changes;
  return e.finish();
}

}  // namespace net2c
