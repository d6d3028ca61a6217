// Graph -> Recipe: how each op is computed. One file per op family gives three functions for its ops (overloads over the
// variant, lower/families.h): the layout of its result, what it wants of its inputs, and its steps.
#pragma once

#include <array>
#include <cstring>
#include <type_traits>

#include "graph/graph.h"
#include "lower/budget.h"
#include "lower/weights_pool.h"
#include "plan/plan.h"

namespace net2c {

struct Halo {
  uint32_t top = 0, left = 0, bottom = 0, right = 0;
  bool none() const { return !(top | left | bottom | right); }
};

// Pass 1: layouts of values. Pass 2: halos that readers want, so that producers leave room.
class Wants {
 public:
  const Graph &graph;
  const Uses uses;
  explicit Wants(const Graph &g);

  Layout layout(ValueId v) const { return layouts_[v]; }
  void c8(ValueId, Halo = {}, Fill = Fill::zero);       // a reader wants it as a C8 map with at least this halo
  void image(ValueId);                                  // rank 4, C <= 4, as interleaved pixels
  void set_layout(ValueId v, Layout l) { layouts_[v] = l; }
  // Inputs of a concat whose maps may be parts of the result's map: block offset in the result. Taken only where it can be
  // (both C8, made by a step, not yet part of another): the concat's lower() asks `part` whether it was.
  void part_of(ValueId part, ValueId whole, uint32_t block);

  // A result that is some channels of another map, not written anew: what its readers want, that map must have.
  void view_of(ValueId view, ValueId whole);

  struct Form { Halo halo; Fill fill = Fill::zero; bool wanted = false; };
  struct Part { ValueId whole = none; uint32_t block = 0; };
  std::vector<Form> c8_form;                            // of the primary map: one fill kind, the largest halo
  std::vector<Part> part;
  std::vector<bool> has_parts;
  std::vector<size_t> images;                           // of each value, how many readers want it as an image
  void resolve();   // after pass 2: parts or views and wholes get one geometry

 private:
  struct View { ValueId view, whole; };
  std::vector<View> views_;
  std::vector<Layout> layouts_;
};

class Lowering {
 public:
  Lowering(const Graph &, const Wants &, Recipe &, WeightsPool &, const Budget &, const Speeds &);

  const Graph &graph;
  const Wants &wants;
  Recipe &recipe;

  const Value &value(ValueId v) const { return graph.values[v]; }
  const Tensor *constant(ValueId v) const { return constant_of(graph, wants.uses, v); }   // nullptr: not constant

  // Inputs in the form that the reader needs; a conversion step is put in where the value is not there in that form.
  // Constants become weights. The halo is guaranteed to be filled as asked.
  net2c_map c8(ValueId, Halo = {}, Fill = Fill::zero);
  net2c_map image(ValueId, Halo = {}, Fill = Fill::zero);
  net2c_ref plain(ValueId);                             // row-major, any type

  // Where the result goes. `over`: an input whose storage may be taken over when it dies here with equal geometry.
  net2c_map out_c8(ValueId, ValueId over = none);
  net2c_ref out_plain(ValueId, ValueId over = none);
  void alias_plain(ValueId result, ValueId source);     // same bytes, no step (Reshape)
  void alias_c8(ValueId result, const net2c_map &map);  // same storage, no step

  // Whether two values lie in one buffer: then one may not be written while the other is read.
  bool share_storage(ValueId, ValueId) const;

  // Packed constants, 64-byte aligned. `source`: the constant that they are packed from; `none`: tables of ours.
  net2c_ref weights(std::span<const float>, ValueId source = none);
  net2c_ref weights(std::span<const std::byte>, ValueId source = none);
  net2c_ref indices_as_runs(const std::vector<uint32_t> &);   // of evenly spaced ones: net2c_gather_run
  bool wants_halves() const { return pool_.halves; }    // of the weights that kernels named _half read
  // A buffer for this step only or for conversions; map with the given geometry.
  net2c_ref buffer(const std::string &name, uint64_t bytes);
  // What the algorithm of this layer may take beside its operands, and a buffer of that.
  Allowance allowed() const { return budget_.empty() ? Allowance{} : budget_[now_]; }
  net2c_ref spare_buffer(const std::string &name, uint64_t bytes);
  // The method of this layer: by the times that were measured, else `usual`, which the cost model says.
  Method choose(const LayerKind &, std::vector<Method>, Method usual);
  bool wants_avx512() const { return speeds_.avx512; }
  net2c_map new_map(const std::string &name, const Shape &nchw, Layout, Halo = {}, Fill = Fill::zero);

  // Adds a step that runs the named kernel of catalogue.def; `done` are the values complete after it.
  template <class Args>
  void step(const char *kernel, const Args &args, uint32_t chunks, const Node &node, std::vector<ValueId> done, uint64_t macs = 0,
            uint32_t scratch = 0)
  {
    static_assert(std::is_trivially_copyable_v<Args> && sizeof(Args) % 4 == 0);
    std::vector<uint32_t> words(sizeof(Args) / 4);
    std::memcpy(words.data(), &args, sizeof args);
    add_step(kernel, std::move(words), chunks, node, std::move(done), macs, scratch);
  }

 private:
  struct Stored { bool c8 = false, plain = false, image = false; net2c_map map{}, image_map{}; net2c_ref ref = NET2C_NONE;
                  std::vector<std::pair<Fill, net2c_map>> copies; };
  void add_step(const char *kernel, std::vector<uint32_t> words, uint32_t chunks, const Node &, std::vector<ValueId> done,
                uint64_t macs, uint32_t scratch);
  friend Recipe lower(const Graph &, WeightsPool &, const Budget &, const Speeds &);
  void finish();                                        // graph outputs
  bool dies_here(ValueId) const;

  net2c_map whole_map(ValueId whole);
  void keep(ValueId, const net2c_map &);
  void keep(ValueId, net2c_ref);
  void occupy(net2c_ref, ValueId);

  WeightsPool &pool_;
  const Budget &budget_;
  const Speeds &speeds_;
  std::vector<Stored> stored_;
  std::vector<NodeId> last_reader_;                     // none: read by the app
  std::vector<std::vector<ValueId>> living_;            // values stored in each of recipe.buffers
  std::vector<bool> output_taken_;
  NodeId now_ = 0;
};

// Work of about this size is one chunk's: enough chunks for 8 workers, none under a few microseconds.
uint32_t chunks_for(uint64_t cost_ns, uint32_t most);

// A Graph after optimise(); Error: an op in a form that no kernel serves yet, all of them at once.
Recipe lower(const Graph &, const Speeds & = {});
// The same, one of several sizes of a network: its weights are in the pool, not in the recipe.
Recipe lower(const Graph &, WeightsPool &, const Budget & = {}, const Speeds & = {});

}  // namespace net2c
