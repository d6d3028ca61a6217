#include "driver/repack.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace net2c {

namespace {

// What repack must know of the bundle, from its net.json.
struct Known {
  std::string file, name, structure, max_memory, weights;
  bool self_test = false, mean_image = false;
  std::vector<Isa> isas;
  LayerTimes times;   // by which the methods that were taken for their times are taken again
  std::vector<EmitOptions::Size> sizes;
  struct Step { std::string layer, kernel, outputs; };
  std::vector<std::vector<Step>> steps;
};

Known read_bundle(const std::string &folder)
{
  Known k;
  k.file = folder + "/net.json";
  const Bytes bytes = read_file(k.file);
  try {
    const auto json = nlohmann::json::parse(reinterpret_cast<const char *>(bytes.data()), reinterpret_cast<const char *>(bytes.data() + bytes.size()));
    json.at("name").get_to(k.name);
    json.at("structure").get_to(k.structure);
    json.at("max_memory").get_to(k.max_memory);
    json.at("weights").get_to(k.weights);
    json.at("self_test").get_to(k.self_test);
    json.at("mean_image").get_to(k.mean_image);
    for (const auto &isa : json.at("isas")) k.isas.push_back(isa_named(isa.get<std::string>()));
    for (const auto &tuned : json.at("tuned")) {
      const auto layer = parse_layer(tuned.at("layer"));
      const auto method = std::ranges::find(method_names, tuned.at("method").get<std::string>());
      if (!layer || method == std::end(method_names)) fail({.file = k.file}, "is not what net2c writes into a bundle; compile the bundle anew");
      k.times[*layer][static_cast<Method>(method - std::begin(method_names))] = 1;
    }
    for (const auto &size : json.at("sizes")) {
      k.sizes.push_back({size.at("size"), size.at("batch")});
      k.steps.emplace_back();
      for (const auto &step : size.at("steps")) k.steps.back().push_back({step.at("layer"), step.at("kernel"), step.at("outputs").dump()});
    }
  } catch (const nlohmann::json::exception &e) {
    fail({.file = k.file}, "is not what net2c writes into a bundle ({}); compile the bundle anew", e.what());
  }
  if (k.sizes.empty() || k.name != c_identifier(k.name)) fail({.file = k.file}, "is not what net2c writes into a bundle; compile the bundle anew");
  return k;
}

[[noreturn]] void refuse(const std::string &file, const Known &known, const Network &network, const std::string &json_text)
{
  constexpr const char *advice = "only the numbers may be new; compile it into a bundle of its own";
  const auto json = nlohmann::json::parse(json_text);
  for (size_t s = 0; s < known.steps.size(); ++s) {
    const auto &steps = json.at("sizes").at(s).at("steps");
    for (size_t i = 0; i < std::min<size_t>(steps.size(), known.steps[s].size()); ++i) {
      const Known::Step &was = known.steps[s][i];
      const std::string kernel = steps[i].at("kernel"), outputs = steps[i].at("outputs").dump(), layer = steps[i].at("layer");
      if (was.kernel != kernel || was.outputs != outputs)
        fail({.file = file, .layer = layer}, "is not the network of {}: there step {} is {} ('{}') giving {}, here {} giving {}; {}", known.file, i,
             was.kernel, was.layer, was.outputs, kernel, outputs, advice);
    }
    if (steps.size() != known.steps[s].size())
      fail({.file = file}, "is not the network of {}: it has {} steps there, {} here; {}", known.file, known.steps[s].size(), steps.size(), advice);
  }
  fail({.file = file}, "is not the network of {}: its layers are the same, but not their parameters other than weights ({} there, {:016x} here); {}",
       known.file, known.structure, structure_of(network.sizes), advice);
}

}  // namespace

Repacked repack(const ModelOptions &model, const std::string &bundle, Progress &progress)
{
  const Known known = read_bundle(bundle);
  std::vector<ModelOptions> sizes;
  for (const EmitOptions::Size &size : known.sizes) {
    ModelOptions &one = sizes.emplace_back(model);
    one.size = size.size, one.batch = size.batch;
    one.max_memory = known.max_memory, one.weights = known.weights, one.times = known.times, one.isas = known.isas;
  }
  const Network network = network_of(sizes, known.self_test, progress);
  if (fmt::format("{:016x}", structure_of(network.sizes)) != known.structure) {
    EmitOptions options;
    options.name = known.name;
    std::string json;
    for (const BundleFile &f : emit(network.sizes, network.weights, options).files)
      if (f.name == "net.json") json.assign(reinterpret_cast<const char *>(f.bytes.data()), f.bytes.size());
    refuse(network.model.file, known, network, json);
  }
  const bool mean_image = !network.pictures.empty() && network.pictures[0].mean != NET2C_NONE;
  if (known.mean_image && !mean_image)
    fail({.file = known.file}, "the bundle has a mean image of pictures; give it again: the mean .binaryproto, or the --preprocess file");
  if (mean_image && !known.mean_image) fail({.file = known.file}, "the bundle has no mean image of pictures; leave it out here, too");
  const Bytes bytes = weights_file(network.sizes, network.weights);
  const std::string path = bundle + "/" + known.name + ".weights";
  write_file(path, bytes);
  return {path, bytes.size(), network.half_errors};
}

}  // namespace net2c
