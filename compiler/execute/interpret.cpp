#include "execute/interpret.h"

namespace net2c {

namespace {

void check_inputs(const Graph &graph, const std::vector<Tensor> &inputs)
{
  for (size_t i = inputs.size(); i < graph.inputs.size(); ++i)
    fail({}, "input '{}' is missing: the network has {} inputs, {} are given", graph.values[graph.inputs[i]].name,
         graph.inputs.size(), inputs.size());
  if (inputs.size() > graph.inputs.size())
    fail({}, "the network has {} inputs, but {} are given", graph.inputs.size(), inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Value &wanted = graph.values[graph.inputs[i]];
    if (inputs[i].type != wanted.type || inputs[i].shape != wanted.shape)
      fail({}, "input '{}' is {} {}, but must be {} {}", wanted.name, name_of(inputs[i].type), text_of(inputs[i].shape),
           name_of(wanted.type), text_of(wanted.shape));
  }
}

}  // namespace

std::vector<Tensor> interpret(const Graph &graph, const std::vector<Tensor> &inputs,
                              const std::function<void(NodeId, ValueId, const Tensor &)> &trace)
{
  check_inputs(graph, inputs);
  const Uses uses = uses_of(graph);
  std::vector<size_t> readers_left(graph.values.size());
  for (ValueId v = 0; v < graph.values.size(); ++v)
    readers_left[v] = uses.readers[v].size() + static_cast<size_t>(uses.as_output[v]);

  std::vector<Tensor> computed(graph.values.size());
  std::vector<const Tensor *> values(graph.values.size());  // computed, the caller's, or a constant's data
  for (NodeId n = 0; n < graph.nodes.size(); ++n) {
    const Node &node = graph.nodes[n];
    const ValueId result = node.outputs.at(0);
    if (const auto *input = std::get_if<Input>(&node.op)) {
      values[result] = &inputs.at(static_cast<size_t>(input->index));
    } else if (const auto *constant = std::get_if<Constant>(&node.op)) {
      values[result] = constant->data.get();
    } else {
      std::vector<const Tensor *> read;
      for (ValueId v : node.inputs) read.push_back(v == none ? nullptr : values.at(v));
      try {
        computed[result] = evaluate(node.op, read, graph.values[result]);
      } catch (const Error &error) {
        fail({.layer = node.name, .op = name_of(node.op)}, "{}", error.what());
      }
      values[result] = &computed[result];
    }
    if (trace) trace(n, result, *values[result]);
    for (ValueId v : node.inputs)
      if (v != none && --readers_left[v] == 0) computed[v] = {};
    if (readers_left[result] == 0) computed[result] = {};
  }
  std::vector<Tensor> outputs;
  for (ValueId v : graph.outputs) outputs.push_back(*values.at(v));
  return outputs;
}

}  // namespace net2c
