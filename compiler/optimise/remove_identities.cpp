#include <algorithm>

#include "optimise/edit.h"
#include "optimise/linear.h"
#include "optimise/optimise.h"
#include "optimise/turn.h"

namespace net2c {

namespace {

bool all_are(const Ints &all, int64_t what)
{
  return std::all_of(all.begin(), all.end(), [&](int64_t n) { return n == what; });
}

// x of x + 0, x * 1 and the like, else `none`.
ValueId unchanged(const Editor &e, NodeId n)
{
  const int64_t rank = static_cast<int64_t>(e.value(e.output(n)).shape.size());
  for (int64_t axis = 0; axis < rank; ++axis)
    if (const auto l = linear_of(e, n, axis); l && l->changes_nothing()) return l->x;
  return none;
}

// The op gives input 0 as it is; types and shapes are equal.
bool passes_on(const Editor &e, NodeId n, const Shape &shape)
{
  if (const auto *unary = e.op<Unary>(n)) return unary->kind == UnaryKind::identity;
  if (const auto *transpose = e.op<Transpose>(n)) return keeps_order(transpose->perm, shape);
  if (const auto *slice = e.op<Slice>(n)) return all_are(slice->starts, 0) && all_are(slice->steps, 1);
  if (const auto *pad = e.op<Pad>(n)) return all_are(pad->pads, 0);
  if (const auto *pool = e.op<Pool>(n)) return all_are(pool->kernel, 1) && all_are(pool->strides, 1) && all_are(pool->pads, 0);
  if (const auto *resize = e.op<Resize>(n))
    return resize->coordinates != Coordinates::crop &&
           std::all_of(resize->scales.begin(), resize->scales.end(), [](double s) { return s == 1; });
  if (e.op<Concat>(n)) return e.node(n).inputs.size() == 1;
  return e.op<Reshape>(n) || e.op<Expand>(n) || e.op<Cast>(n);
}

// A Binary that was given this operand already spread to the size of the result would have spread it itself.
bool take_out_expand(Editor &e, NodeId n)
{
  if (!e.op<Binary>(n)) return false;
  std::vector<ValueId> inputs = e.node(n).inputs;
  for (size_t i = 0; i < 2; ++i) {
    const NodeId expand = e.made_by<Expand>(inputs[i]);
    if (expand == none || e.value(inputs[1 - i]).shape != e.value(e.output(n)).shape) continue;
    inputs[i] = e.input(expand, 0);
    e.set(n, e.node(n).op, inputs);
    ++e.changes;
    return true;
  }
  return false;
}

bool reduces_to_itself(ReduceKind kind)
{
  return kind == ReduceKind::mean || kind == ReduceKind::sum || kind == ReduceKind::max || kind == ReduceKind::min ||
         kind == ReduceKind::prod;
}

// Two of a kind in a row become one; what only renames axes becomes a Reshape.
bool merge(Editor &e, NodeId n)
{
  const ValueId x = e.input(n, 0);
  if (x == none) return false;
  if (const auto *transpose = e.op<Transpose>(n)) {
    if (keeps_order(transpose->perm, e.value(x).shape)) {
      e.set(n, Reshape{}, {x});
    } else if (const NodeId before = e.made_by<Transpose>(x); before != none) {
      Ints perm = transpose->perm;
      for (int64_t &axis : perm) axis = e.op<Transpose>(before)->perm[static_cast<size_t>(axis)];
      e.set(n, Transpose{perm}, {e.input(before, 0)});
    } else {
      return false;
    }
  } else if (const NodeId before = e.made_by<Reshape>(x); e.op<Reshape>(n) && before != none) {
    e.set(n, Reshape{}, {e.input(before, 0)});
  } else if (const auto *reduce = e.op<Reduce>(n)) {
    const Shape &shape = e.value(x).shape;
    if (!reduces_to_itself(reduce->kind)) return false;
    for (int64_t axis : reduce->axes)
      if (shape[static_cast<size_t>(axis)] != 1) return false;
    e.set(n, Reshape{}, {x});
  } else if (const auto *concat = e.op<Concat>(n)) {
    std::vector<ValueId> parts;
    for (ValueId v : e.node(n).inputs) {
      const NodeId inner = e.made_by<Concat>(v);
      if (inner != none && e.only_reader(v) == n && e.op<Concat>(inner)->axis == concat->axis)
        parts.insert(parts.end(), e.node(inner).inputs.begin(), e.node(inner).inputs.end());
      else parts.push_back(v);
    }
    if (parts.size() == e.node(n).inputs.size()) return false;
    e.set(n, e.node(n).op, parts);
  } else {
    return false;
  }
  ++e.changes;
  return true;
}

}  // namespace

int remove_identities(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    if (e.op<Input>(n) || e.op<Constant>(n)) continue;
    take_out_expand(e, n);
    while (merge(e, n)) {
    }
    const ValueId first = e.input(n, 0), result = e.output(n);
    const bool alike =
        first != none && e.value(first).type == e.value(result).type && e.value(first).shape == e.value(result).shape;
    const ValueId source = alike && passes_on(e, n, e.value(result).shape) ? first : unchanged(e, n);
    if (source != none) e.forward(n, source);
  }
  return e.finish();
}

}  // namespace net2c
