#include "driver/bound.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "driver/figures.h"

namespace net2c {

namespace {

net2c_map map_of(std::span<const uint32_t> words)
{
  net2c_map m;
  std::copy(words.begin(), words.end(), reinterpret_cast<uint32_t *>(&m));
  return m;
}

uint64_t bytes_of(const net2c_map &m)   // without its halo
{
  const uint64_t blocks = m.lanes == 8 ? (m.c + 7) / 8 : 1;
  return uint64_t{m.n} * blocks * m.h * m.w * m.lanes * 4;
}

uint64_t bytes_of(const Port &p) { return static_cast<uint64_t>(count(p.shape)) * size_of(p.type); }

// Calls f(step, reference, bytes) for all that the steps name; bytes are 0 for what has no shape there, as tables and plain tensors.
template <class F>
void each_operand(const Recipe &recipe, F f)
{
  for (size_t i = 0; i < recipe.steps.size(); ++i)
    each_field(*catalogue()[recipe.steps[i].kernel].family, recipe.steps[i].args, [&](const Field &field, std::span<const uint32_t> words) {
      if ((field.type != FieldType::ref && field.type != FieldType::map) || words[0] == NET2C_NONE) return;
      f(i, net2c_ref{words[0]}, field.type == FieldType::map ? bytes_of(map_of(words)) : uint64_t{0});
    });
}

// The buffer that a step's reference into the arena lies in; offsets are used again, so it is one that lives then.
size_t buffer_of(const Recipe &recipe, size_t step, net2c_ref ref)
{
  const uint64_t at = uint64_t{ref & 0x1fffffff} * 64;
  for (size_t k = 0; k < recipe.buffers.size(); ++k) {
    const Buffer &b = recipe.buffers[k];
    if (b.first <= step && step <= b.last && b.offset <= at && at < b.offset + b.bytes) return k;
  }
  bug("step {}: reference {:x} lies in no buffer that lives", step, ref);
}

}  // namespace

std::vector<LayerWork> work_of(const Recipe &recipe)
{
  const std::vector<size_t> row_of = rows_of(recipe);
  std::vector<LayerWork> rows(row_of.empty() ? 0 : *std::ranges::max_element(row_of) + 1);
  std::map<NodeId, size_t> row_of_layer;
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &step = recipe.steps[i];
    const uint64_t operations = step.operations ? step.operations : step.macs;
    rows[row_of[i]].operations += operations;
    size_t &row = row_of_layer.insert({step.node, row_of[i]}).first->second;
    if (operations && rows[row].operations == 0) row = row_of[i];
  }

  std::set<uint64_t> parts{recipe.weights.size()};          // where packed constants begin
  std::map<size_t, std::set<NodeId>> users;                 // of buffers
  each_operand(recipe, [&](size_t step, net2c_ref ref, uint64_t) {
    if (ref >> 29 == NET2C_WEIGHTS) parts.insert(uint64_t{ref & 0x1fffffff} * 64);
    if (ref >> 29 == NET2C_ARENA) users[buffer_of(recipe, step, ref)].insert(recipe.steps[step].node);
  });
  struct Operand {                                          // strips name the same one several times
    NodeId layer;
    net2c_ref ref;
    size_t buffer;                                          // two may have the same place, one after the other
    auto operator<=>(const Operand &) const = default;
  };
  std::map<Operand, uint64_t> moved;
  std::map<size_t, uint64_t> through;                       // a strips' buffer: what its first layer writes, each row once, as also those who read it need
  std::map<size_t, NodeId> used_by;                         // a strips' buffer: the layer that named it last; several steps in a row are of one strip
  each_operand(recipe, [&](size_t step, net2c_ref ref, uint64_t bytes) {
    const uint64_t index = ref & 0x1fffffff;
    size_t buffer = 0;
    switch (ref >> 29) {
      case NET2C_WEIGHTS: bytes = *parts.upper_bound(index * 64) - index * 64; break;
      case NET2C_INPUT: bytes = bytes_of(recipe.inputs[index]); break;
      case NET2C_OUTPUT: bytes = bytes_of(recipe.outputs[index]); break;
      case NET2C_ARENA:
        buffer = buffer_of(recipe, step, ref);
        if (users[buffer].size() == 1) return;              // it never leaves the layer
        if (recipe.buffers[buffer].strips) {
          const NodeId layer = recipe.steps[step].node, before = std::exchange(used_by[buffer], layer);
          if (layer == recipe.steps[recipe.buffers[buffer].first].node && (step == recipe.buffers[buffer].first || before != layer)) through[buffer] += bytes;
          ref = NET2C_NONE, bytes = 0;                      // wherever in it: they count as one
          break;
        }
        if (!bytes) bytes = recipe.buffers[buffer].offset + recipe.buffers[buffer].bytes - index * 64;
        break;
      default: return;                                      // scratch
    }
    uint64_t &most = moved[{recipe.steps[step].node, ref, buffer}];
    most = std::max(most, bytes);
  });
  for (size_t i = 0; i < recipe.steps.size(); ++i) rows[row_of[i]].row = row_of_layer[recipe.steps[i].node];
  for (const auto &[operand, bytes] : moved) {
    LayerWork &row = rows[row_of_layer[operand.layer]];
    if (operand.ref == NET2C_NONE) row.strips_bytes[recipe.buffers[operand.buffer].bytes] += through[operand.buffer];
    else (operand.ref >> 29 == NET2C_WEIGHTS ? row.weights_bytes : row.maps_bytes) += bytes;
  }
  return rows;
}

double bound_ms(const LayerWork &w, const MachineRates &rates)
{
  const double computed = 2e-6 * static_cast<double>(w.operations) / rates.gflops;
  double moved = 1e-6 * (static_cast<double>(w.weights_bytes) / rates.weights_gbs + static_cast<double>(w.maps_bytes) / rates.maps_gbs);
  for (const auto &[size, bytes] : w.strips_bytes) moved += 1e-6 * static_cast<double>(bytes) / rates.strips_gbs.at(size);
  return std::max(computed, moved);
}

}  // namespace net2c
