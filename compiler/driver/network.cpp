#include "driver/network.h"

#include "execute/execute.h"

namespace net2c {

Network network_of(const std::vector<ModelOptions> &sizes, bool self_test, Progress &progress)
{
  Network network;
  WeightsPool pool;
  std::vector<std::vector<Tensor>> inputs, outputs;
  for (const ModelOptions &one : sizes) {
    network.model = {};   // weights stay in memory no longer than they serve: of a size before, as imported, as optimised
    network.model = load(one, progress);
    if (self_test) inputs.push_back(random_inputs(network.model.graph));
    network.model.graph = {};
    Recipe &recipe = network.sizes.emplace_back(recipe_of(network.model, pool, progress));
    network.model.optimised = {};
    if (!self_test) continue;
    progress.stage("running the self-test's input");
    recipe.weights.swap(pool.bytes);
    outputs.push_back(execute(plan_for(recipe, best_isa()), inputs.back()));
    recipe.weights.swap(pool.bytes);
  }
  for (size_t s = 0; s < inputs.size(); ++s) {   // behind the weights of all sizes
    Golden &golden = network.golden.emplace_back();
    for (const Tensor &t : inputs[s]) golden.inputs.push_back(pool.add("self-test", t.bytes));
    for (const Tensor &t : outputs[s]) golden.outputs.push_back(pool.add("self-test", t.bytes));
  }
  network.weights = std::move(pool.bytes);
  return network;
}

}  // namespace net2c
