#include "graph/graph.h"

#include <algorithm>

namespace net2c {

ValueId add_value(Graph &graph, std::string name, Type type, Shape shape)
{
  const auto taken = [&](const std::string &candidate) {
    return std::any_of(graph.values.begin(), graph.values.end(), [&](const Value &v) { return v.name == candidate; });
  };
  // The id as suffix is free at the first try, but for names that end like this by chance.
  if (name.empty() || taken(name)) {
    const std::string stem = name.empty() ? "v" : name + "_";
    for (size_t i = graph.values.size(); taken(name = stem + std::to_string(i)); ++i) {
    }
  }
  graph.values.push_back({std::move(name), type, std::move(shape)});
  return static_cast<ValueId>(graph.values.size() - 1);
}

ValueId add_constant(Graph &graph, std::string name, Tensor data)
{
  const ValueId value = add_value(graph, std::move(name), data.type, data.shape);
  add_node(graph, Constant{std::make_shared<const Tensor>(std::move(data))}, graph.values[value].name, {}, {value});
  return value;
}

NodeId add_node(Graph &graph, Op op, std::string name, std::vector<ValueId> inputs, std::vector<ValueId> outputs)
{
  graph.nodes.push_back({std::move(op), std::move(name), std::move(inputs), std::move(outputs)});
  return static_cast<NodeId>(graph.nodes.size() - 1);
}

Uses uses_of(const Graph &graph)
{
  Uses uses;
  uses.producer.assign(graph.values.size(), none);
  uses.readers.resize(graph.values.size());
  uses.as_output.assign(graph.values.size(), 0);
  for (NodeId n = 0; n < graph.nodes.size(); ++n) {
    for (ValueId v : graph.nodes[n].outputs) uses.producer.at(v) = n;
    for (ValueId v : graph.nodes[n].inputs)
      if (v != none) uses.readers.at(v).push_back(n);
  }
  for (ValueId v : graph.outputs) ++uses.as_output.at(v);
  return uses;
}

const Tensor *constant_of(const Graph &graph, const Uses &uses, ValueId value)
{
  if (value == none || uses.producer.at(value) == none) return nullptr;
  const auto *constant = std::get_if<Constant>(&graph.nodes[uses.producer[value]].op);
  return constant ? constant->data.get() : nullptr;
}

}  // namespace net2c
