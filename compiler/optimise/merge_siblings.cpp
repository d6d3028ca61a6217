// 1x1 convolutions of one map become one, and each result a Slice of its channels: parts of one map, which no step moves.
#include <algorithm>
#include <utility>

#include "optimise/edit.h"
#include "optimise/epilogue.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// A part of a map cannot be a part of a concatenation too without a copy.
bool goes_into_concat(const Editor &e, ValueId v)
{
  return std::any_of(e.readers(v).begin(), e.readers(v).end(), [&](NodeId n) { return e.op<Concat>(n); });
}

bool is_mergeable(const Editor &e, NodeId n)
{
  const Conv *conv = e.alive(n) ? e.op<Conv>(n) : nullptr;
  if (!conv || conv->group != 1 || e.node(n).inputs.size() > epilogue_residual) return false;
  const ValueId weights = e.input(n, 1), bias = e.input(n, 2);
  // Weights with another reader would be in the bundle twice.
  if (!e.constant(weights) || e.only_reader(weights) == none || (bias != none && !e.constant(bias))) return false;
  const Shape &w = e.value(weights).shape, &y = e.value(e.output(n)).shape;
  return w[2] == 1 && w[3] == 1 && y[2] * y[3] > 1 && !goes_into_concat(e, e.output(n));
}

bool are_siblings(const Editor &e, NodeId a, NodeId b)
{
  const Conv &p = *e.op<Conv>(a), &q = *e.op<Conv>(b);
  const Unary &f = p.epilogue.act, &g = q.epilogue.act;
  return p.strides == q.strides && p.pads == q.pads && p.fill == q.fill && f.kind == g.kind && f.a == g.a && f.b == g.b;
}

int64_t channels_of(const Editor &e, NodeId n) { return e.value(e.output(n)).shape[1]; }

// Along the first axis; zeros for a bias that is not there.
Tensor joined(const Editor &e, const std::vector<NodeId> &siblings, size_t input, Shape shape)
{
  Tensor all(Type::f32, shape);
  float *to = all.as<float>().data();
  for (NodeId n : siblings) {
    const int64_t size = count(shape) / shape[0] * channels_of(e, n);
    if (const Tensor *part = e.constant(e.input(n, input))) std::copy_n(part->as<float>().data(), size, to);
    to += size;
  }
  return all;
}

void merge(Editor &e, const std::vector<NodeId> &siblings)
{
  const NodeId first = siblings[0];
  const ValueId x = e.input(first, 0);
  std::string name;
  int64_t channels = 0;
  bool any_bias = false;
  for (NodeId n : siblings) {
    name += (n == first ? "" : "+") + e.node(n).name;
    channels += channels_of(e, n);
    any_bias |= e.input(n, 2) != none;
  }
  const Conv op = *e.op<Conv>(first);
  Shape shape = e.value(e.output(first)).shape;
  shape[1] = channels;
  const ValueId weights = e.constant(name + ".weights", joined(e, siblings, 1, {channels, e.value(x).shape[1], 1, 1}));
  const ValueId bias = any_bias ? e.constant(name + ".bias", joined(e, siblings, 2, {channels})) : none;
  const ValueId all = e.add(op, name, {x, weights, bias}, Type::f32, shape);
  int64_t channel = 0;
  for (NodeId n : siblings) {
    const int64_t own = channels_of(e, n);
    e.set(n, Slice{{0, channel, 0, 0}, {1, 1, 1, 1}}, {all});
    channel += own;
  }
  e.changes += static_cast<int>(siblings.size()) - 1;
}

}  // namespace

int merge_siblings(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (!is_mergeable(e, n)) continue;
    std::vector<NodeId> siblings{n};
    for (NodeId m : e.readers(e.input(n, 0)))
      if (m > n && m < e.size() && is_mergeable(e, m) && are_siblings(e, n, m)) siblings.push_back(m);
    // Parts begin with a block of eight channels, so one that does not end with a block is the last.
    const auto is_ragged = [&](NodeId m) { return channels_of(e, m) % 8 != 0; };
    std::sort(siblings.begin(), siblings.end(), [&](NodeId a, NodeId b) { return std::pair(is_ragged(a), a) < std::pair(is_ragged(b), b); });
    const auto ragged = std::find_if(siblings.begin(), siblings.end(), is_ragged);
    if (ragged != siblings.end()) siblings.erase(ragged + 1, siblings.end());
    if (siblings.size() > 1) merge(e, siblings);
  }
  return e.finish();
}

}  // namespace net2c
