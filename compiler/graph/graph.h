// A network: nodes in topological order over values with static types and shapes. Plain structs; ids are indices.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/op.h"

namespace net2c {

using ValueId = uint32_t;
using NodeId = uint32_t;
inline constexpr ValueId none = UINT32_MAX;

struct Value {
  std::string name;   // unique, the model's own where it has one
  Type type = Type::f32;
  Shape shape;
};

struct Node {
  Op op;
  std::string name;   // the source layer: what messages and traces show
  std::vector<ValueId> inputs, outputs;   // an absent optional input is `none`
};

struct Graph {
  std::string name;
  std::vector<Value> values;
  std::vector<Node> nodes;                // every input of a node is an output of an earlier one
  std::vector<ValueId> inputs, outputs;   // inputs: outputs of Input nodes, in the model's order
};

ValueId add_value(Graph &, std::string name, Type, Shape);        // makes the name unique
ValueId add_constant(Graph &, std::string name, Tensor);          // a Constant node at the end
NodeId add_node(Graph &, Op, std::string name, std::vector<ValueId> inputs, std::vector<ValueId> outputs);

// For each value: the node that makes it, and the nodes that read it (graph outputs count as `readers_of_output`).
struct Uses {
  std::vector<NodeId> producer;                 // none for a value nobody makes
  std::vector<std::vector<NodeId>> readers;     // a node that reads twice stands twice
  std::vector<int> as_output;                   // how often the value is a graph output
};
Uses uses_of(const Graph &);

// The constant's data, or nullptr when the value is not a Constant.
const Tensor *constant_of(const Graph &, const Uses &, ValueId);

// Text form, one line a node; `parse_graph(print(g))` gives g again (constants: small ones in full, large ones only when
// `data` is set, as hexadecimal).
std::string print(const Graph &, bool data = false);
Graph parse_graph(const std::string &text);     // Error: line and reason

// Bug when the graph breaks a rule of this file or a shape is not what shape_of (ops/) says.
void verify(const Graph &, const char *after);

}  // namespace net2c
