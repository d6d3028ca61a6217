#include "optimise/edit.h"

#include <algorithm>

namespace net2c {

namespace {

template <class T>
void erase_one(std::vector<T> &all, const T &which)
{
  const auto it = std::find(all.begin(), all.end(), which);
  if (it == all.end()) bug("a use that is not listed");
  all.erase(it);
}

}  // namespace

Editor::Editor(Graph &graph)
    : graph_(graph), uses_(uses_of(graph)), dead_(graph.nodes.size()), size_(static_cast<NodeId>(graph.nodes.size()))
{
}

NodeId Editor::only_reader(ValueId v) const { return uses_.readers[v].size() == 1 && !is_output(v) ? uses_.readers[v][0] : none; }

const Tensor *Editor::constant(ValueId v) const
{
  const NodeId n = made_by<Constant>(v);
  return n == none ? nullptr : op<Constant>(n)->data.get();
}

std::optional<float> Editor::scalar(ValueId v) const
{
  const Tensor *t = constant(v);
  if (!t || t->type != Type::f32 || t->bytes.empty()) return std::nullopt;
  const auto all = t->as<float>();
  for (float x : all)
    if (x != all[0]) return std::nullopt;  // also NaN
  return all[0];
}

void Editor::set(NodeId n, Op op, std::vector<ValueId> inputs)
{
  while (!inputs.empty() && inputs.back() == none) inputs.pop_back();
  Node &node = graph_.nodes[n];
  for (ValueId v : node.inputs)
    if (v != none) erase_one(uses_.readers[v], n);
  for (ValueId v : inputs)
    if (v != none) uses_.readers[v].push_back(n);
  node.op = std::move(op);
  node.inputs = std::move(inputs);
}

ValueId Editor::add(Op op, const std::string &name, std::vector<ValueId> inputs, Type type, Shape shape)
{
  const ValueId result = add_value(graph_, name, type, std::move(shape));
  const NodeId n = add_node(graph_, Op{}, name, {}, {result});
  uses_.producer.resize(graph_.values.size(), none);
  uses_.readers.resize(graph_.values.size());
  uses_.as_output.resize(graph_.values.size());
  dead_.resize(graph_.nodes.size());
  uses_.producer[result] = n;
  set(n, std::move(op), std::move(inputs));
  return result;
}

ValueId Editor::constant(const std::string &name, Tensor data)
{
  const Type type = data.type;
  const Shape shape = data.shape;
  return add(Constant{std::make_shared<const Tensor>(std::move(data))}, name, {}, type, shape);
}

void Editor::kill(NodeId n)
{
  for (ValueId v : node(n).inputs)
    if (v != none) erase_one(uses_.readers[v], n);
  for (ValueId v : node(n).outputs)
    if (uses_.producer[v] == n) uses_.producer[v] = none;
  dead_[n] = true;
}

void Editor::replace(ValueId old, ValueId by)
{
  const std::vector<NodeId> readers = std::move(uses_.readers[old]);
  uses_.readers[old].clear();
  for (NodeId n : readers) {  // a node that reads twice stands twice
    *std::find(graph_.nodes[n].inputs.begin(), graph_.nodes[n].inputs.end(), old) = by;
    uses_.readers[by].push_back(n);
  }
}

void Editor::fuse(NodeId first, NodeId last, Op op, std::vector<ValueId> inputs)
{
  graph_.nodes[last].name = node(first).name;
  set(last, std::move(op), std::move(inputs));
  kill(first);
  ++changes;
}

bool Editor::forward(NodeId n, ValueId source)
{
  const ValueId result = output(n);
  const NodeId maker = producer(source);
  if (!is_output(result)) {
    replace(result, source);
    kill(n);
  } else {
    // The maker of `source` makes the output itself, if `source` needs not be there under its own name.
    if (is_output(source) || op<Input>(maker) || op<Constant>(maker)) return false;
    kill(n);
    replace(source, result);
    graph_.nodes[maker].outputs[0] = result;
    uses_.producer[source] = none;
    uses_.producer[result] = maker;
  }
  ++changes;
  return true;
}

int Editor::finish()
{
  const size_t count = graph_.nodes.size();
  if (changes == 0 && count == size_) return 0;
  std::vector<NodeId> order;
  std::vector<bool> placed(count);
  // Depth is that of the nodes added or moved, few: old nodes find their inputs placed.
  const auto place = [&](auto &&self, NodeId n) -> void {
    if (n == none) bug("a value that a pass left without its node");
    if (placed[n] || dead_[n]) return;
    placed[n] = true;
    for (ValueId v : node(n).inputs)
      if (v != none) self(self, uses_.producer[v]);
    order.push_back(n);
  };
  for (NodeId n = 0; n < size_; ++n) place(place, n);  // added nodes that nobody reads are dropped

  std::vector<ValueId> number(graph_.values.size(), none);
  std::vector<Value> values;
  std::vector<Node> nodes;
  const auto renumber = [&](std::vector<ValueId> &all) {
    for (ValueId &v : all)
      if (v != none) v = number[v];
  };
  for (NodeId n : order) {
    Node &node = graph_.nodes[n];
    for (ValueId &v : node.outputs) {
      number[v] = static_cast<ValueId>(values.size());
      values.push_back(std::move(graph_.values[v]));
    }
    renumber(node.inputs);
    renumber(node.outputs);
    nodes.push_back(std::move(node));
  }
  renumber(graph_.inputs);
  renumber(graph_.outputs);
  graph_.values = std::move(values);
  graph_.nodes = std::move(nodes);
  return changes;
}

}  // namespace net2c
