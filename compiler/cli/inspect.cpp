#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/model.h"
#include "emit/emit.h"

namespace net2c::cli {

namespace {

struct Row {
  std::string layer, op, kernel, shape;
  uint64_t parameters = 0, macs = 0;
};

// One row a step; parameters and multiply-adds stand at the step that completes the layer's value.
std::vector<Row> rows_of(const Graph &g, const Recipe &recipe)
{
  const Uses uses = uses_of(g);
  std::vector<Row> rows;
  for (const Step &step : recipe.steps) {
    Row row{step.layer, "", catalogue()[step.kernel].name, "", 0, 0};
    if (step.written.empty()) row.op = "(layout)";
    for (const Written &w : step.written) {
      row.shape = text_of(w.shape);
      const NodeId producer = uses.producer[w.value];
      const Node &node = g.nodes[producer];
      row.op = name_of(node.op);
      for (ValueId v : node.inputs)
        if (v != none)
          if (const Tensor *t = constant_of(g, uses, v); t && t->type == Type::f32) row.parameters += static_cast<uint64_t>(t->size());
      row.macs = macs_of(g, node);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

uint64_t io_bytes(const std::vector<Port> &ports)
{
  uint64_t bytes = 0;
  for (const Port &p : ports) bytes += static_cast<uint64_t>(count(p.shape)) * size_of(p.type);
  return bytes;
}

struct Options {
  ModelOptions model;
  std::string dump;
  bool json = false;
};

void inspect(const Options &o)
{
  Progress progress;
  const Model model = load(o.model, progress);
  if (o.dump == "graph") return fmt::print("{}", print(model.graph));
  if (o.dump == "optimised") return fmt::print("{}", print(model.optimised));
  const Recipe recipe = recipe_of(model, progress);
  if (o.dump == "plan") return fmt::print("{}", print(recipe));
  if (o.dump == "c") {
    for (const BundleFile &f : emit(recipe, {}).files)
      if (f.name.ends_with(".c") || f.name.ends_with(".h"))
        fmt::print("/* ---- {} ---- */\n{}\n", f.name, std::string(reinterpret_cast<const char *>(f.bytes.data()), f.bytes.size()));
    return;
  }
  const std::vector<Row> rows = rows_of(model.optimised, recipe);
  uint64_t parameters = 0, macs = 0;
  for (const Row &r : rows) parameters += r.parameters, macs += r.macs;
  const uint64_t io = io_bytes(recipe.inputs) + io_bytes(recipe.outputs), arena = arena_bytes(recipe, 1);
  const uint64_t weights = weights_file(recipe).size();
  if (o.json) {
    nlohmann::ordered_json json{{"name", recipe.name}, {"parameters", parameters}, {"macs", macs}, {"weights_bytes", weights},
                                {"arena_bytes", arena}, {"io_bytes", io}, {"peak_bytes", weights + arena + io}};
    for (const Row &r : rows)
      json["layers"].push_back({{"name", r.layer}, {"op", r.op}, {"shape", r.shape}, {"parameters", r.parameters}, {"macs", r.macs}, {"kernel", r.kernel}});
    return fmt::print("{}\n", json.dump());
  }
  for (const Port &p : recipe.inputs) fmt::print("input   {}  {} {}\n", p.name, name_of(p.type), text_of(p.shape));
  for (const Port &p : recipe.outputs) fmt::print("output  {}  {} {}\n", p.name, name_of(p.type), text_of(p.shape));
  size_t layer = 5, op = 2, shape = 6, kernel = 6;
  for (const Row &r : rows) {
    layer = std::max(layer, std::min<size_t>(40, r.layer.size()));
    op = std::max(op, r.op.size()), shape = std::max(shape, r.shape.size()), kernel = std::max(kernel, r.kernel.size());
  }
  fmt::print("\n{:>4}  {:{}}  {:{}}  {:{}}  {:>12}  {:>14}  {}\n", "", "layer", layer, "op", op, "output", shape, "parameters", "MACs", "kernel");
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row &r = rows[i];
    const std::string name = r.layer.size() > 40 ? "..." + r.layer.substr(r.layer.size() - 37) : r.layer;
    fmt::print("{:>4}  {:{}}  {:{}}  {:{}}  {:>12}  {:>14}  {}\n", i, name, layer, r.op, op, r.shape, shape,
               r.parameters ? thousands(r.parameters) : "", r.macs ? thousands(r.macs) : "", r.kernel);
  }
  fmt::print("\n{:<12}{:>16}\n{:<12}{:>16}\n", "parameters", thousands(parameters), "MACs", thousands(macs));
  fmt::print("{:<12}{:>16} bytes\n{:<12}{:>16} bytes\n{:<12}{:>16} bytes\n{:<12}{:>16} bytes (one thread; {} more for each other)\n", "weights",
             thousands(weights), "arena", thousands(arena), "in, out", thousands(io), "peak", thousands(weights + arena + io), thousands(recipe.scratch));
}

}  // namespace

void add_inspect(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  o->model.without_weights = true;
  CLI::App *verb = app.add_subcommand("inspect", "show what a network is and what it will need: layers, parameters, MACs, kernels, bytes");
  verb->footer("Examples:\n  net2c inspect mobilenet.onnx\n  net2c inspect style.onnx --size 480x640 --json\n  net2c inspect net.onnx --dump=optimised   the graph after all passes, as text");
  add_model_options(*verb, o->model, false);
  add_size_options(*verb, o->model);
  verb->add_option("--dump", o->dump, "print a stage instead: graph, optimised, plan or c")->check(CLI::IsMember({"graph", "optimised", "plan", "c"}));
  verb->add_flag("--json", o->json, "figures as one line of JSON");
  verb->callback([o] { inspect(*o); });
}

}  // namespace net2c::cli
