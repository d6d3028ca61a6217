// Transpose - some nodes - Transpose back: the nodes run on the data as it was before. Which nodes, is a cut between those that
// have their tensors as they are and those that have them turned, with each tensor that crosses it transposed: the cheapest.
#include <algorithm>

#include "ops/ops.h"
#include "optimise/cut.h"
#include "optimise/optimise.h"
#include "optimise/turn.h"

namespace net2c {

namespace {

class Turning {
 public:
  // turned = Transpose{perm}(as it is)
  Turning(Graph &graph, const Ints &perm)
      : e(graph), perm_(perm), back_(inverse(perm)), part_(e.size(), Part::stays), cut_node_(e.size()), turned_(graph.values.size(), none)
  {
  }

  int run()
  {
    find_parts();
    choose();
    rewrite();
    return e.finish();
  }

 private:
  enum class Part { stays, enters, leaves, turns, forgets };   // enters: a Transpose whose result, turned, is its input

  // A transpose that is its own inverse enters where nothing is turned yet.
  void find_parts()
  {
    std::vector<bool> inside(e.size());
    const auto comes_turned = [&](ValueId v) { return v != none && e.producer(v) != none && inside[e.producer(v)]; };
    for (NodeId n = 0; n < e.size(); ++n) {
      if (const auto *transpose = e.op<Transpose>(n)) {
        const bool either = perm_ == back_;
        if (transpose->perm == perm_ && (!either || comes_turned(e.input(n, 0)))) part_[n] = Part::leaves;
        else if (transpose->perm == back_) part_[n] = Part::enters;
      } else if (const Turn turn = turn_of(e, n, perm_); turn != Turn::no) {
        part_[n] = turn == Turn::whole ? Part::turns : Part::forgets;
      }
      inside[n] = part_[n] == Part::enters;
      for (size_t i = 0; part_[n] == Part::turns && i < e.node(n).inputs.size(); ++i)
        if (turns_with(e.node(n).op, i) && comes_turned(e.input(n, i))) inside[n] = true;
    }
  }

  // Elements that a transpose of v moves.
  int64_t price(ValueId v) const
  {
    const Shape shape = with_axes(e.value(v).shape, perm_.size());
    return e.constant(v) || keeps_order(perm_, shape) ? 0 : count(shape);
  }

  // Element-wise nodes, with constants at most, behind a transpose that puts channels last: before it they become part of what
  // makes the map.
  std::vector<bool> better_before() const
  {
    std::vector<bool> better(e.size());
    for (NodeId n = 0; n < e.size() && last_becomes_channels(perm_); ++n) {
      if (part_[n] != Part::turns || !(e.op<Unary>(n) || e.op<Binary>(n))) continue;
      better[n] = true;
      for (ValueId v : e.node(n).inputs)
        if (!e.constant(v) && part_[e.producer(v)] != Part::enters && !better[e.producer(v)]) better[n] = false;
    }
    return better;
  }

  void choose()
  {
    Cut cut;
    const std::vector<bool> better = better_before();
    for (NodeId n = 0; n < e.size(); ++n) {
      if (part_[n] == Part::turns) cut_node_[n] = cut.add();
      else cut_node_[n] = part_[n] == Part::enters ? Cut::sink : Cut::source;
      if (better[n]) cut.cost(cut_node_[n], Cut::sink, 1);   // decides between cuts that are equal else
    }
    // The sides on which each value is read.
    std::vector<std::vector<size_t>> read(turned_.size());
    for (NodeId n = 0; n < e.size(); ++n)
      for (size_t i = 0; i < e.node(n).inputs.size(); ++i) {
        const ValueId v = e.input(n, i);
        if (v == none || part_[n] == Part::forgets) continue;
        const bool turns = part_[n] == Part::turns && turns_with(e.node(n).op, i);
        read[v].push_back(part_[n] == Part::leaves ? Cut::sink : turns ? cut_node_[n] : Cut::source);
      }
    for (ValueId v = 0; v < read.size(); ++v) {
      if (e.is_output(v)) read[v].push_back(Cut::source);
      if (read[v].empty() || e.value(v).shape.size() > perm_.size()) continue;
      const int64_t p = price(v) * static_cast<int64_t>(e.size() + 1);
      const size_t made = cut_node_[e.producer(v)];
      if (p == 0) continue;
      // One transpose serves all readers on the other side.
      const size_t first = cut.add(), second = cut.add();
      cut.cost(made, first, p), cut.cost(second, made, p);
      for (size_t r : read[v]) cut.cost(first, r, Cut::never), cut.cost(r, second, Cut::never);
    }
    const std::vector<bool> behind = cut.cheapest();
    for (NodeId n = 0; n < e.size(); ++n)
      if (part_[n] == Part::turns && !behind[cut_node_[n]]) part_[n] = Part::stays;
  }

  // There without a transpose.
  bool is_turned(ValueId v) const { return part_[e.producer(v)] == Part::enters || part_[e.producer(v)] == Part::turns; }

  ValueId turned(ValueId v)
  {
    if (v == none || turned_[v] != none) return v == none ? none : turned_[v];
    const NodeId n = e.producer(v);
    const Value value = e.value(v);
    const Shape full = with_axes(value.shape, perm_.size());
    if (value.shape.empty()) return turned_[v] = v;
    if (part_[n] == Part::enters) return e.input(n, 0);
    if (const Tensor *constant = e.constant(v)) {
      Tensor t = *constant;
      t.shape = full;
      return turned_[v] = e.constant(value.name, evaluate(Transpose{perm_}, {&t}, {"", t.type, permuted(full, perm_)}));
    }
    for (NodeId reader : e.readers(v))
      if (reader < part_.size() && part_[reader] == Part::leaves) return turned_[v] = e.output(reader);
    const std::string name = e.node(n).name;
    const ValueId x = full == value.shape ? v : e.add(Reshape{}, name, {v}, value.type, full);
    return turned_[v] = e.add(Transpose{perm_}, name, {x}, value.type, permuted(full, perm_));
  }

  void rewrite()
  {
    std::vector<NodeId> undone;   // transposes back of what is there turned
    for (NodeId n = 0; n < e.size(); ++n) {
      if (part_[n] == Part::turns) {
        std::vector<ValueId> inputs = e.node(n).inputs;
        for (size_t i = 0; i < inputs.size(); ++i)
          if (turns_with(e.node(n).op, i)) inputs[i] = turned(inputs[i]);
        const ValueId y = turned_[e.output(n)] = add_turned(e, n, perm_, std::move(inputs));
        e.set(n, Transpose{back_}, {y});   // for those who read it as it was
        ++e.changes;
      } else if (part_[n] == Part::forgets && is_turned(e.input(n, 0))) {
        forget_turn(e, n, perm_, turned(e.input(n, 0)));
        ++e.changes;
      } else if (part_[n] == Part::leaves && is_turned(e.input(n, 0))) {
        undone.push_back(n);
      }
    }
    for (NodeId n : undone) {
      const ValueId y = turned(e.input(n, 0));
      if (e.is_output(e.output(n))) e.set(n, Reshape{}, {y}), ++e.changes;
      else e.forward(n, y);
    }
    for (NodeId n = e.size(); n-- > 0;)
      if (e.alive(n) && e.op<Transpose>(n) && e.readers(e.output(n)).empty() && !e.is_output(e.output(n))) e.kill(n);
  }

  Editor e;
  Ints perm_, back_;
  std::vector<Part> part_;
  std::vector<size_t> cut_node_;
  std::vector<ValueId> turned_;   // of the values that were there from the start: the turned one, where there is one
};

}  // namespace

int cancel_transposes(Graph &graph)
{
  std::vector<Ints> perms;
  for (const Node &node : graph.nodes)
    if (const auto *transpose = std::get_if<Transpose>(&node.op))
      for (const Ints &perm : {transpose->perm, inverse(transpose->perm)})
        if (std::find(perms.begin(), perms.end(), perm) == perms.end()) perms.push_back(perm);
  int changes = 0;
  for (bool channels_first : {true, false})   // what the kernels do best, before the others
    for (const Ints &perm : perms)
      if (last_becomes_channels(perm) == channels_first) changes += Turning(graph, perm).run();
  return changes;
}

}  // namespace net2c
