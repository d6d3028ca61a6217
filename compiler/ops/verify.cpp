// verify() of graph/graph.h: here, because the shape rules are.
#include <unordered_set>

#include "ops/ops.h"

namespace net2c {

namespace {

struct Verifier {
  const Graph &graph;
  const char *after;
  std::vector<bool> made;

  template <class... Args>
  [[noreturn]] void broken(fmt::format_string<Args...> format, Args &&...args) const
  {
    bug("after {}: {}", after, fmt::format(format, std::forward<Args>(args)...));
  }

  void names() const
  {
    std::unordered_set<std::string> seen;
    for (const Value &value : graph.values)
      if (value.name.empty() || !seen.insert(value.name).second) broken("value name '{}' is empty or not unique", value.name);
  }

  void node(const Node &node)
  {
    const auto in_node = [&](const std::string &what) { broken("node '{}' ({}): {}", node.name, name_of(node.op), what); };
    std::vector<const Value *> inputs;
    for (ValueId v : node.inputs) {
      if (v == none) {
        inputs.push_back(nullptr);
        continue;
      }
      if (v >= graph.values.size()) in_node(fmt::format("input {} is not a value", v));
      if (!made[v]) in_node(fmt::format("input '{}' is not made before", graph.values[v].name));
      inputs.push_back(&graph.values[v]);
    }
    if (node.outputs.size() != 1 || node.outputs[0] >= graph.values.size()) in_node("it has not one output");
    const Value &y = graph.values[node.outputs[0]];
    if (made[node.outputs[0]]) in_node(fmt::format("value '{}' is made twice", y.name));
    made[node.outputs[0]] = true;
    if (const auto *input = std::get_if<Input>(&node.op)) {
      const bool listed = input->index >= 0 && static_cast<size_t>(input->index) < graph.inputs.size();
      if (!listed || graph.inputs[static_cast<size_t>(input->index)] != node.outputs[0] || !inputs.empty())
        in_node(fmt::format("graph input {} is not '{}'", input->index, y.name));
      return;
    }
    if (const auto *constant = std::get_if<Constant>(&node.op)) {
      if (!constant->data) in_node("it has no data");
      if (constant->data->bytes.size() != static_cast<size_t>(constant->data->size()) * size_of(constant->data->type))
        in_node(fmt::format("{} bytes of data for shape {}", constant->data->bytes.size(), text_of(constant->data->shape)));
    }
    try {
      const TypedShape result = result_of(node.op, inputs, y.shape);
      if (result.type != y.type || result.shape != y.shape)
        in_node(fmt::format("value '{}' is {} {}, but the op gives {} {}", y.name, name_of(y.type), text_of(y.shape),
                            name_of(result.type), text_of(result.shape)));
    } catch (const Error &error) {
      in_node(error.what());
    }
  }
};

}  // namespace

void verify(const Graph &graph, const char *after)
{
  Verifier verifier{graph, after, std::vector<bool>(graph.values.size())};
  verifier.names();
  size_t inputs = 0;
  for (const Node &node : graph.nodes) {
    verifier.node(node);
    inputs += std::holds_alternative<Input>(node.op);
  }
  if (inputs != graph.inputs.size()) verifier.broken("{} graph inputs, {} Input nodes", graph.inputs.size(), inputs);
  for (ValueId v : graph.outputs)
    if (v >= graph.values.size() || !verifier.made[v]) verifier.broken("graph output {} is not made by any node", v);
}

}  // namespace net2c
