#include "driver/network.h"

#include <algorithm>

#include "driver/memory.h"
#include "execute/execute.h"
#include "lower/lower.h"

namespace net2c {

namespace {

// How pictures become the first input, and results come out. Nothing: it is not asked for and the model does not say.
std::optional<PictureOptions> picture_of(const ModelOptions &options, const Model &model, std::vector<float> &mean)
{
  const std::string &file = options.preprocess;
  const Graph &graph = model.graph;
  if (graph.inputs.empty()) {
    if (!file.empty()) fail({.file = model.file}, "has no input that --preprocess could make");
    return {};
  }
  const Value &input = graph.values[graph.inputs[0]];
  const Shape shape = of_one_image(input.shape);
  const bool by_model = model.picture.stated && model.picture.missing.empty() && graph.inputs.size() == 1 && fits_picture(input.type, shape);
  if (file.empty() && !by_model) return {};
  Preprocess p = read_preprocess(file, input.name, input.type, shape, model.picture);
  mean = std::move(p.mean);
  return PictureOptions{p.spec, NET2C_NONE, model.results.map, model.results.boxes, model.results.heads};
}

std::vector<Difference> errors_of(const Graph &graph, const std::vector<Tensor> &inputs, const std::vector<Tensor> &outputs)
{
  const Recipe exact = lower(graph);
  const std::vector<Tensor> wanted = execute(plan_for(exact, best_isa()), inputs);
  std::vector<Difference> errors;
  for (size_t i = 0; i < wanted.size(); ++i) errors.push_back(compare(exact.outputs[i].name, "output", outputs[i], wanted[i]));
  return errors;
}

Network network_within(const std::vector<ModelOptions> &sizes, bool self_test, uint64_t most_weights, Progress &progress)
{
  Network network;
  WeightsPool pool;
  std::vector<std::vector<Tensor>> inputs, outputs;
  std::vector<std::vector<float>> means;
  for (const ModelOptions &one : sizes) {
    network.model = {};   // weights stay in memory no longer than they serve: of a size before, as imported, as optimised
    network.model = load(one, progress);
    if (auto picture = picture_of(one, network.model, means.emplace_back())) network.pictures.push_back(std::move(*picture));
    const bool halves = network.model.halves, runs = self_test || halves;
    pool.halves = halves;
    inputs.push_back(runs ? random_inputs(network.model.graph) : std::vector<Tensor>{});
    network.model.graph = {};
    progress.stage("planning " + network.model.optimised.name);
    Recipe &recipe = network.sizes.emplace_back(lower_within(network.model.optimised, pool, network.model.max_memory, most_weights, network.model.speeds));
    if (runs) {
      progress.stage(self_test ? "running the self-test's input" : "running with weights in half precision");
      recipe.weights.swap(pool.bytes);
      outputs.push_back(execute(plan_for(recipe, best_isa()), inputs.back()));
      recipe.weights.swap(pool.bytes);
    }
    if (halves) {
      progress.stage("running with weights in fp32");
      network.half_errors.push_back(errors_of(network.model.optimised, inputs.back(), outputs.back()));
    }
    network.model.optimised = {};
  }
  for (size_t s = 0; s < network.pictures.size(); ++s)
    if (!means[s].empty()) network.pictures[s].mean = pool.add("mean image", std::as_bytes(std::span(means[s])));
  for (size_t s = 0; self_test && s < inputs.size(); ++s) {   // behind the weights of all sizes
    Golden &golden = network.golden.emplace_back();
    for (const Tensor &t : inputs[s]) golden.inputs.push_back(pool.add("self-test", t.bytes));
    for (const Tensor &t : outputs[s]) golden.outputs.push_back(pool.add("self-test", t.bytes));
  }
  network.weights = std::move(pool.bytes);
  return network;
}

}  // namespace

Network network_of(const std::vector<ModelOptions> &sizes, bool self_test, Progress &progress)
{
  constexpr uint64_t endless = uint64_t{1} << 62;   // nothing fits beside them: each size by its least recipe, whose weights serve all
  for (uint64_t most_weights = 0;;) {               // what later sizes and the self-test add to them is known only then
    Network network = network_within(sizes, self_test, most_weights, progress);
    const uint64_t weights = network.weights.size(), limit = network.model.max_memory;
    const Recipe &worst = *std::ranges::max_element(network.sizes, {}, [&](const Recipe &r) { return memory_of(r, weights); });
    if (memory_of(worst, weights) <= limit) return network;
    if (most_weights == endless) fail_memory(network.model.file, worst, weights, limit);
    most_weights = weights > most_weights ? weights : endless;
  }
}

}  // namespace net2c
