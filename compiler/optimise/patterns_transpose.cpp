#include <algorithm>

#include "ops/ops.h"
#include "optimise/patterns.h"

namespace net2c {

namespace {

Ints inverse(const Ints &perm)
{
  Ints back(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) back[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  return back;
}
Shape permuted(const Shape &shape, const Ints &perm)
{
  Shape result;
  for (int64_t axis : perm) result.push_back(shape[static_cast<size_t>(axis)]);
  return result;
}

bool element_wise(const Op &op)
{
  return std::holds_alternative<Unary>(op) || std::holds_alternative<Binary>(op) || std::holds_alternative<Select>(op) ||
         std::holds_alternative<Cast>(op);
}

// Ops that do the same on transposed data when their axes are renamed.
bool can_be_permuted(const Op &op)
{
  const auto *reduce = std::get_if<Reduce>(&op);
  return element_wise(op) || std::holds_alternative<Concat>(op) || std::holds_alternative<Pad>(op) ||
         std::holds_alternative<Slice>(op) || std::holds_alternative<Softmax>(op) || (reduce && reduce->keep_dims);
}
Op with_axes_permuted(Op op, const Ints &perm)
{
  const Ints back = inverse(perm);
  const auto at = [&](int64_t axis) { return back[static_cast<size_t>(axis)]; };
  if (auto *concat = std::get_if<Concat>(&op)) concat->axis = at(concat->axis);
  if (auto *softmax = std::get_if<Softmax>(&op)) softmax->axis = at(softmax->axis);
  if (auto *slice = std::get_if<Slice>(&op)) *slice = {permuted(slice->starts, perm), permuted(slice->steps, perm)};
  if (auto *reduce = std::get_if<Reduce>(&op)) {
    for (int64_t &axis : reduce->axes) axis = at(axis);
    std::sort(reduce->axes.begin(), reduce->axes.end());
  }
  if (auto *pad = std::get_if<Pad>(&op)) {
    const auto half = pad->pads.begin() + static_cast<int64_t>(perm.size());
    Ints pads = permuted({pad->pads.begin(), half}, perm);
    const Ints ends = permuted({half, pad->pads.end()}, perm);
    pads.insert(pads.end(), ends.begin(), ends.end());
    pad->pads = pads;
  }
  return op;
}

// Gives Transpose(v) without a transpose: v is one that this undoes, a constant, or made of such by ops that nobody else
// reads.
class Island {
 public:
  Island(Editor &editor, Ints perm) : e(editor), perm_(std::move(perm)) {}

  bool dissolves(ValueId v, NodeId reader, int depth = 0)
  {
    if (v == none || depth > 64) return v == none;
    const NodeId n = e.producer(v);
    if (e.constant(v)) return e.value(v).shape.size() <= perm_.size();
    if (const auto *transpose = e.op<Transpose>(n)) {
      found_ = true;
      return transpose->perm == inverse(perm_);
    }
    if (!can_be_permuted(e.node(n).op) || e.only_reader(v) != reader || e.value(v).shape.size() != perm_.size()) return false;
    for (ValueId input : e.node(n).inputs)
      if (!dissolves(input, n, depth + 1)) return false;
    return true;
  }
  bool found() const { return found_; }

  ValueId made(ValueId v)
  {
    if (v == none) return none;
    const NodeId n = e.producer(v);
    if (e.op<Transpose>(n)) return e.input(n, 0);
    const Value value = e.value(v);
    if (const Tensor *t = e.constant(v)) {
      if (t->size() == 1 && t->shape.empty()) return v;
      // A constant of lower rank has its axes at the end.
      Tensor full = *t;
      full.shape.insert(full.shape.begin(), perm_.size() - t->shape.size(), 1);
      const Value y{"", t->type, permuted(full.shape, perm_)};
      return e.constant(value.name, evaluate(Transpose{perm_}, {&full}, y));
    }
    std::vector<ValueId> inputs;
    for (ValueId input : std::vector<ValueId>(e.node(n).inputs)) inputs.push_back(made(input));
    return e.add(with_axes_permuted(e.node(n).op, perm_), e.node(n).name, inputs, value.type, permuted(value.shape, perm_));
  }

 private:
  Editor &e;
  Ints perm_;
  bool found_ = false;
};

}  // namespace

int cancel_transposes(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    const Transpose *transpose = e.op<Transpose>(n);
    if (!transpose || e.op<Transpose>(e.producer(e.input(n, 0)))) continue;  // two in a row: remove_identities
    const Ints perm = transpose->perm;
    Island island(e, perm);
    const ValueId x = e.input(n, 0);
    if (!island.dissolves(x, n) || !island.found()) continue;
    // The last op of the island makes the result under its name.
    const NodeId last = e.producer(x);
    std::vector<ValueId> inputs;
    for (ValueId input : std::vector<ValueId>(e.node(last).inputs)) inputs.push_back(island.made(input));
    const Op op = with_axes_permuted(e.node(last).op, perm);
    e.fuse(last, n, op, inputs);
  }
  return e.finish();
}

}  // namespace net2c
