#include "driver/bundle.h"

#include <algorithm>

namespace net2c {

namespace {

// "a,b" -> a, b; "" -> one that is empty: what the model says.
std::vector<std::string> items(const std::string &list, const char *option)
{
  std::vector<std::string> all(1);
  for (char c : list)
    if (c == ',') all.emplace_back();
    else all.back() += c;
  for (size_t i = 0; i < all.size(); ++i) {
    if (all[i].empty() && all.size() > 1) fail({}, "{} {}: an item of the list is empty", option, list);
    if (std::find(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(i), all[i]) != all.begin() + static_cast<std::ptrdiff_t>(i))
      fail({}, "{} {}: {} is given twice", option, list, all[i]);
  }
  return all;
}

// Every batch at every size.
std::vector<ModelOptions> sizes_of(const ModelOptions &options)
{
  std::vector<ModelOptions> all;
  for (const std::string &size : items(options.size, "--size"))
    for (const std::string &batch : items(options.batch, "--batch")) {
      all.push_back(options);
      all.back().size = size, all.back().batch = batch;
    }
  return all;
}

}  // namespace

MadeBundle make_bundle(const ModelOptions &model_options, const BundleOptions &options, Progress &progress)
{
  EmitOptions emitted;
  for (const std::string &isa : options.isas) emitted.isas.push_back(isa_named(isa));
  ModelOptions for_all = model_options;
  for_all.isas = emitted.isas;
  const std::vector<ModelOptions> each = sizes_of(for_all);
  for (const ModelOptions &one : each) emitted.sizes.push_back({one.size, one.batch});
  emitted.max_memory = model_options.max_memory;
  Network network = network_of(each, options.self_test, progress);
  emitted.golden = network.golden;
  emitted.halves = network.model.halves;
  emitted.single_file = options.single_file;
  const Model &model = network.model;
  const std::string file = model.file.substr(model.file.find_last_of('/') + 1);
  emitted.name = options.name.empty() ? file.substr(0, file.find_last_of('.')) : options.name;
  emitted.labels = model.labels;
  emitted.source = file;
  emitted.pictures = network.pictures;
  progress.stage("emitting C");
  Bundle bundle = emit(network.sizes, network.weights, emitted);
  return {std::move(bundle), std::move(network)};
}

}  // namespace net2c
