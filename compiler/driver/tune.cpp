#include "driver/tune.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string_view>

#include "execute/execute.h"
#include "lower/lower.h"

namespace net2c {

namespace {

constexpr int warm_rounds = 2, least_rounds = 5;

// The node as a graph: constants stay with it, what else it reads are inputs.
Graph graph_of(const Graph &graph, const Uses &uses, NodeId n)
{
  const Node &node = graph.nodes[n];
  Graph alone;
  alone.name = graph.name;
  std::map<ValueId, ValueId> copies;
  const auto copy = [&](ValueId v) {
    const Value &value = graph.values[v];
    return copies[v] = add_value(alone, value.name, value.type, value.shape);
  };
  std::vector<ValueId> inputs;
  for (ValueId v : node.inputs) {
    if (v == none || copies.contains(v)) {
      inputs.push_back(v == none ? none : copies[v]);
      continue;
    }
    const ValueId same = copy(v);
    inputs.push_back(same);
    if (constant_of(graph, uses, v)) {
      add_node(alone, graph.nodes[uses.producer[v]].op, graph.values[v].name, {}, {same});
    } else {
      add_node(alone, Input{static_cast<int>(alone.inputs.size())}, graph.values[v].name, {}, {same});
      alone.inputs.push_back(same);
    }
  }
  const ValueId y = copy(node.outputs[0]);
  add_node(alone, node.op, node.name, inputs, {y});
  alone.outputs = {y};
  return alone;
}

// One method of a layer, ready to run.
struct Candidate {
  Method method;
  Recipe recipe;
  std::unique_ptr<Executor> executor;
  double best = 1e9;   // seconds

  Candidate(const Graph &alone, const LayerKind &kind, Method m, Isa isa, uint32_t threads) : method(m)
  {
    WeightsPool pool;
    recipe = lower(alone, pool, {}, {.times = {{kind, {{m, 1}}}}});
    if (recipe.choices.size() != 1 || recipe.choices[0].taken != m) bug("layer {} does not take the method that is to be timed", text_of(kind));
    recipe.weights = std::move(pool.bytes);
    executor = std::make_unique<Executor>(plan_for(recipe, isa), threads);
  }

  // Seconds of its own steps; in a network others bring its input into their layout.
  double run(const std::vector<Tensor> &inputs)
  {
    double sum = 0;
    executor->run(inputs, [&](uint32_t step, double seconds) {
      if (std::string_view(catalogue()[recipe.steps[step].kernel].family->folder) != "move") sum += seconds;
    });
    return sum;
  }
};

Times times_of(const Graph &alone, const LayerKind &kind, const std::vector<Method> &methods, Isa isa, const TuneOptions &options)
{
  std::vector<std::unique_ptr<Candidate>> candidates;
  for (Method m : methods) candidates.push_back(std::make_unique<Candidate>(alone, kind, m, isa, options.threads));
  const std::vector<Tensor> inputs = random_inputs(alone);
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  for (int round = -warm_rounds; round < least_rounds || std::chrono::duration<double>(Clock::now() - begin).count() < options.seconds; ++round)
    for (auto &c : candidates)
      if (const double seconds = c->run(inputs); round >= 0) c->best = std::min(c->best, seconds);
  Times times;
  for (const auto &c : candidates) times[c->method] = c->best * 1e3;
  return times;
}

}  // namespace

Tuned tune(const Model &model, const TuneOptions &options, Progress &progress)
{
  progress.stage("planning " + model.optimised.name);
  const Graph &graph = model.optimised;
  const Uses uses = uses_of(graph);
  WeightsPool pool;
  const Recipe recipe = lower(graph, pool, {}, {.times = {}, .avx512 = model.speeds.avx512});   // what the cost models say
  Tuned tuned;
  std::vector<const MethodChoice *> first;
  for (const MethodChoice &c : recipe.choices) {
    const auto known = std::ranges::find(tuned.layers, c.layer, &TunedLayer::kind);
    if (known != tuned.layers.end()) {
      ++known->count;
      continue;
    }
    tuned.layers.push_back({c.layer, graph.nodes[c.node].name, 1, c.usual});
    first.push_back(&c);
  }
  for (size_t i = 0; i < first.size(); ++i) {
    const Graph alone = graph_of(graph, uses, first[i]->node);
    for (Isa isa : options.isas) {
      progress.stage(fmt::format("timing layer {} of {}, '{}', {}", i + 1, first.size(), tuned.layers[i].name, name_of(isa)));
      tuned.times[{isa, options.threads, first[i]->layer}] = times_of(alone, first[i]->layer, first[i]->methods, isa, options);
    }
  }
  return tuned;
}

}  // namespace net2c
