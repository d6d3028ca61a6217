// Small graphs for tests: values with shapes computed by result_of, seeded random data.
#pragma once

#include <random>

#include "graph/graph.h"
#include "ops/ops.h"

namespace net2c {

struct GraphBuilder {
  Graph g;
  std::mt19937 random;
  explicit GraphBuilder(uint32_t seed) : random(seed) { g.name = "test"; }

  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }
  bool coin() { return pick(0, 1); }
  float real(float low, float high) { return std::uniform_real_distribution<float>(low, high)(random); }

  Tensor random_tensor(const Shape &shape, float low = -1, float high = 1)
  {
    Tensor t(Type::f32, shape);
    for (float &x : t.as<float>()) x = real(low, high);
    return t;
  }

  ValueId input(const Shape &shape)
  {
    const ValueId v = add_value(g, "x" + std::to_string(g.inputs.size()), Type::f32, shape);
    add_node(g, Input{static_cast<int>(g.inputs.size())}, g.values[v].name, {}, {v});
    g.inputs.push_back(v);
    return v;
  }
  ValueId constant(Tensor t) { return add_constant(g, "c", std::move(t)); }
  ValueId constant(const Shape &shape, float low = -1, float high = 1) { return constant(random_tensor(shape, low, high)); }

  // `wanted`: the output shape where the op does not determine it (Pool, Slice, Resize, Reshape, Expand).
  ValueId add(Op op, std::vector<ValueId> inputs, const Shape &wanted = {})
  {
    std::vector<const Value *> values;
    for (ValueId v : inputs) values.push_back(v == none ? nullptr : &g.values[v]);
    const TypedShape t = result_of(op, values, wanted);
    const std::string name = std::string(name_of(op)) + std::to_string(g.nodes.size());
    const ValueId y = add_value(g, name, t.type, t.shape);
    add_node(g, std::move(op), name, std::move(inputs), {y});
    return y;
  }
  const Shape &shape(ValueId v) const { return g.values[v].shape; }
  void output(ValueId v) { g.outputs.push_back(v); }

  std::vector<Tensor> random_inputs()
  {
    std::vector<Tensor> inputs;
    for (ValueId v : g.inputs) inputs.push_back(random_tensor(g.values[v].shape));
    return inputs;
  }
};

}  // namespace net2c
