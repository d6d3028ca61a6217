// Changes to a graph while a pass walks over it: who makes and who reads each value stays true after every change.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace net2c {

class Editor {
 public:
  explicit Editor(Graph &);

  // The nodes that a pass walks over; those it adds come after them and are sorted in by finish().
  NodeId size() const { return size_; }
  const Node &node(NodeId n) const { return graph_.nodes[n]; }      // good until a node is added
  const Value &value(ValueId v) const { return graph_.values[v]; }  // good until a value is added
  bool alive(NodeId n) const { return !dead_[n]; }

  template <class T>
  const T *op(NodeId n) const
  {
    return n == none ? nullptr : std::get_if<T>(&node(n).op);
  }
  // The node that makes `v` when its op is a T, else `none`.
  template <class T>
  NodeId made_by(ValueId v) const
  {
    return v != none && op<T>(uses_.producer[v]) ? uses_.producer[v] : none;
  }

  NodeId producer(ValueId v) const { return v == none ? none : uses_.producer[v]; }
  const std::vector<NodeId> &readers(ValueId v) const { return uses_.readers[v]; }
  bool is_output(ValueId v) const { return uses_.as_output[v] > 0; }
  NodeId only_reader(ValueId) const;  // the one that reads it, once; `none` if there are others or it is an output
  ValueId input(NodeId n, size_t i) const { return i < node(n).inputs.size() ? node(n).inputs[i] : none; }
  ValueId output(NodeId n) const { return node(n).outputs[0]; }

  const Tensor *constant(ValueId) const;       // nullptr: not constant, or `none`
  std::optional<float> scalar(ValueId) const;  // of an f32 constant whose elements are all the same

  void set(NodeId, Op, std::vector<ValueId> inputs);
  ValueId add(Op, const std::string &name, std::vector<ValueId> inputs, Type, Shape);  // a new node; its result
  ValueId constant(const std::string &name, Tensor);
  void kill(NodeId);
  void replace(ValueId old, ValueId by);  // the readers of `old` read `by`

  // `last` becomes `op` on `inputs` under the name of `first`, which goes: a node and the one behind it in one.
  void fuse(NodeId first, NodeId last, Op op, std::vector<ValueId> inputs);

  // The node only passes `source` on. False when it must stay, for it gives a graph output a name of its own.
  bool forward(NodeId, ValueId source);

  int changes = 0;
  int finish();  // drops what is dead, sorts; the number of changes

 private:
  Graph &graph_;
  Uses uses_;
  std::vector<bool> dead_;
  NodeId size_;
};

}  // namespace net2c
