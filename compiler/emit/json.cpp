#include <nlohmann/json.hpp>
#include <set>

#include "emit/tables.h"

namespace net2c {

namespace {

using Json = nlohmann::ordered_json;

Json ports(const std::vector<Port> &all)
{
  Json list = Json::array();
  for (const Port &p : all) list.push_back({{"name", p.name}, {"type", name_of(p.type)}, {"shape", p.shape}});
  return list;
}

Json size_json(const Recipe &recipe)
{
  uint64_t macs = 0;
  Json steps = Json::array(), buffers = Json::array();
  for (const Step &s : recipe.steps) {
    Json outputs = Json::array();
    for (const Written &w : s.written) outputs.push_back({{"name", w.name}, {"type", name_of(w.type)}, {"shape", w.shape}});
    steps.push_back({{"layer", s.layer}, {"kernel", catalogue()[s.kernel].name}, {"macs", s.macs}, {"chunks", s.chunks},
                     {"scratch_bytes", s.scratch}, {"outputs", outputs}});
    if (s.follows) steps.back()["follows"] = true;
    macs += s.macs;
  }
  for (const Buffer &b : recipe.buffers)
    buffers.push_back({{"name", b.name}, {"offset", b.offset}, {"bytes", b.bytes}, {"first_step", b.first}, {"last_step", b.last}});
  return {{"inputs", ports(recipe.inputs)},
          {"outputs", ports(recipe.outputs)},
          {"macs", macs},
          {"arena_bytes", {{"fixed", recipe.arena}, {"per_worker", recipe.scratch}}},
          {"steps", steps},
          {"buffers", buffers}};
}

}  // namespace

std::string network_json(std::span<const Recipe> sizes, uint64_t weights_file_bytes, const EmitOptions &options, const std::string &name)
{
  Json json, isas = Json::array(), all = Json::array(), tuned = Json::array();
  for (Isa isa : options.isas) isas.push_back(name_of(isa));
  std::set<LayerKind> noted;
  for (size_t s = 0; s < sizes.size(); ++s) {
    for (const MethodChoice &c : sizes[s].choices)
      if (c.measured && noted.insert(c.layer).second) tuned.push_back({{"layer", text_of(c.layer)}, {"method", method_names[static_cast<int>(c.taken)]}});
    const EmitOptions::Size given = s < options.sizes.size() ? options.sizes[s] : EmitOptions::Size{};
    all.push_back({{"size", given.size}, {"batch", given.batch}});
    all.back().update(size_json(sizes[s]));
  }
  json["name"] = name;
  json["source"] = options.source;
  json["isas"] = isas;
  json["weights_bytes"] = weights_file_bytes;
  json["structure"] = fmt::format("{:016x}", structure_of(sizes));
  json["max_memory"] = options.max_memory;
  json["tuned"] = tuned;
  json["weights"] = options.halves ? "fp16" : "fp32";
  json["self_test"] = !options.golden.empty();
  json["mean_image"] = !options.pictures.empty() && options.pictures[0].mean != NET2C_NONE;
  json["sizes"] = all;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace net2c
