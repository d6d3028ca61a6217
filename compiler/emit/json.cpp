#include <nlohmann/json.hpp>

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

}  // namespace

std::string network_json(const Recipe &recipe, const EmitOptions &options, const std::string &name)
{
  Json json;
  uint64_t macs = 0;
  Json steps = Json::array(), buffers = Json::array(), isas = Json::array();
  for (const Step &s : recipe.steps) {
    Json outputs = Json::array();
    for (const Written &w : s.written) outputs.push_back({{"name", w.name}, {"type", name_of(w.type)}, {"shape", w.shape}});
    steps.push_back({{"layer", s.layer}, {"kernel", catalogue()[s.kernel].name}, {"macs", s.macs}, {"chunks", s.chunks},
                     {"scratch_bytes", s.scratch}, {"outputs", outputs}});
    macs += s.macs;
  }
  for (const Buffer &b : recipe.buffers)
    buffers.push_back({{"name", b.name}, {"offset", b.offset}, {"bytes", b.bytes}, {"first_step", b.first}, {"last_step", b.last}});
  for (Isa isa : options.isas) isas.push_back(name_of(isa));
  json["name"] = name;
  json["source"] = options.source;
  json["inputs"] = ports(recipe.inputs);
  json["outputs"] = ports(recipe.outputs);
  json["isas"] = isas;
  json["macs"] = macs;
  json["weights_bytes"] = weights_file_bytes(recipe);
  json["arena_bytes"] = {{"fixed", recipe.arena}, {"per_worker", recipe.scratch}};
  json["structure"] = fmt::format("{:016x}", recipe.structure);
  json["steps"] = steps;
  json["buffers"] = buffers;
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace net2c
