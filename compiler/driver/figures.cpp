#include "driver/figures.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "emit/emit.h"

namespace net2c {

namespace {

uint64_t macs_of(const Graph &g, const Node &node)
{
  auto size = [&](ValueId v) { return static_cast<uint64_t>(count(g.values[v].shape)); };
  if (std::holds_alternative<Conv>(node.op)) {
    const Shape &w = g.values[node.inputs[1]].shape;
    return size(node.outputs[0]) * static_cast<uint64_t>(w[1] * w[2] * w[3]);
  }
  if (std::holds_alternative<ConvTranspose>(node.op)) {
    const Shape &w = g.values[node.inputs[1]].shape;
    return size(node.inputs[0]) * static_cast<uint64_t>(w[1] * w[2] * w[3]);
  }
  if (std::holds_alternative<Attention>(node.op)) {
    const auto last = [&](ValueId v) { return static_cast<uint64_t>(g.values[v].shape.back()); };
    const Shape &keys = g.values[node.inputs[1]].shape;
    const uint64_t rows = size(node.outputs[0]) / std::max<uint64_t>(1, last(node.outputs[0]));
    return rows * static_cast<uint64_t>(keys[keys.size() - 2]) * (last(node.inputs[0]) + last(node.outputs[0]));
  }
  if (std::holds_alternative<MatMul>(node.op)) return size(node.outputs[0]) * static_cast<uint64_t>(g.values[node.inputs[0]].shape.back());
  return 0;
}

// One row a layer and kernel, also where that runs strip by strip; parameters and multiply-adds stand at the kernel that completes the layer's
// value. A later one that has the value too only moves it to another place. What is never whole (lower/strips.h) is complete with its last strip.
std::vector<LayerFigures> layers_of(const Graph &g, const Recipe &recipe)
{
  const Uses uses = uses_of(g);
  std::vector<LayerFigures> rows;
  const std::vector<size_t> row_of = rows_of(recipe);
  std::set<ValueId> complete;
  std::vector<size_t> last(g.nodes.size(), recipe.steps.size());   // step of a node whose value nobody writes whole
  for (size_t i = 0; i < recipe.steps.size(); ++i) last[recipe.steps[i].node] = i;
  for (const Step &step : recipe.steps)
    for (const Written &w : step.written) last[uses.producer[w.value]] = recipe.steps.size();
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &step = recipe.steps[i];
    if (row_of[i] == rows.size()) rows.push_back({step.layer, "(layout)", catalogue()[step.kernel].name, "", 0, 0});
    LayerFigures &row = rows[row_of[i]];
    const auto completes = [&](ValueId v) {
      const Node &node = g.nodes[uses.producer[v]];
      row.op = name_of(node.op), row.shape = text_of(g.values[v].shape);
      for (ValueId x : node.inputs)
        if (x != none)
          if (const Tensor *t = constant_of(g, uses, x); t && t->type == Type::f32) row.parameters += static_cast<uint64_t>(t->size());
      row.macs = macs_of(g, node);
    };
    for (const Written &w : step.written) {
      row.shape = text_of(w.shape);
      if (complete.insert(w.value).second) completes(w.value);
    }
    if (last[step.node] == i && (step.macs || step.operations)) completes(g.nodes[step.node].outputs[0]);   // conversions have none
  }
  return rows;
}

uint64_t bytes_of(const std::vector<Port> &ports)
{
  uint64_t bytes = 0;
  for (const Port &p : ports) bytes += static_cast<uint64_t>(count(p.shape)) * size_of(p.type);
  return bytes;
}

}  // namespace

std::vector<size_t> rows_of(const Recipe &recipe)
{
  std::map<std::pair<NodeId, KernelId>, size_t> rows;
  std::vector<size_t> of;
  for (const Step &step : recipe.steps) of.push_back(rows.insert({{step.node, step.kernel}, rows.size()}).first->second);
  return of;
}

ArenaPeak arena_peak_of(const Recipe &recipe)
{
  ArenaPeak peak;
  const std::vector<uint64_t> live = live_bytes(recipe);
  if (live.empty()) return peak;
  peak.step = static_cast<size_t>(std::ranges::max_element(live) - live.begin());
  peak.layer = recipe.steps[peak.step].layer;
  peak.bytes = live[peak.step];
  for (const Buffer &b : recipe.buffers)
    if (b.first <= peak.step && peak.step <= b.last) peak.tensors.push_back({b.name, b.bytes});
  std::ranges::sort(peak.tensors, [](const auto &a, const auto &b) { return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name; });
  const auto most = std::ranges::max_element(recipe.steps, {}, &Step::scratch);
  if (most->scratch) peak.scratch_layer = most->layer;
  return peak;
}

Figures figures_of(const Model &model, const Recipe &recipe)
{
  Figures f;
  f.name = recipe.name;
  f.layers = layers_of(model.optimised, recipe);
  for (const LayerFigures &l : f.layers) f.parameters += l.parameters, f.macs += l.macs;
  f.weights_bytes = weights_file_bytes(recipe.weights.size());
  f.arena_bytes = arena_bytes(recipe, 1);
  f.scratch_bytes = recipe.scratch;
  f.io_bytes = bytes_of(recipe.inputs) + bytes_of(recipe.outputs);
  f.arena_peak = arena_peak_of(recipe);
  return f;
}

std::string json_of(const Figures &f)
{
  nlohmann::ordered_json json{{"name", f.name}, {"parameters", f.parameters}, {"macs", f.macs}, {"weights_bytes", f.weights_bytes},
                              {"arena_bytes", f.arena_bytes}, {"io_bytes", f.io_bytes}, {"peak_bytes", f.peak_bytes()}};
  const ArenaPeak &peak = f.arena_peak;
  nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
  for (const ArenaPeak::Tensor &t : peak.tensors) tensors.push_back({{"name", t.name}, {"bytes", t.bytes}});
  json["arena_peak"] = {{"step", peak.step}, {"layer", peak.layer}, {"bytes", peak.bytes}, {"tensors", tensors},
                        {"scratch_bytes", f.scratch_bytes}, {"scratch_layer", peak.scratch_layer}};
  for (const LayerFigures &l : f.layers)
    json["layers"].push_back({{"name", l.layer}, {"op", l.op}, {"shape", l.shape}, {"parameters", l.parameters}, {"macs", l.macs}, {"kernel", l.kernel}});
  return json.dump();
}

}  // namespace net2c
