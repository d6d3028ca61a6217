#include <algorithm>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "driver/figures.h"
#include "emit/emit.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  std::string dump;
  bool json = false;
};

void print_peak(const Figures &figures)
{
  constexpr size_t most = 6;
  const ArenaPeak &peak = figures.arena_peak;
  fmt::print("\nThe arena is fullest in step {}, layer '{}': {} bytes\n", peak.step, peak.layer, thousands(peak.bytes));
  for (size_t i = 0; i < std::min(most, peak.tensors.size()); ++i) fmt::print("{:>28}  {}\n", thousands(peak.tensors[i].bytes), peak.tensors[i].name);
  if (peak.tensors.size() > most) fmt::print("{:>28}  {} more\n", "", peak.tensors.size() - most);
  if (figures.scratch_bytes) fmt::print("Beside them each thread has {} bytes, for layer '{}'\n", thousands(figures.scratch_bytes), peak.scratch_layer);
}

void inspect(const Options &o)
{
  SpokenProgress progress;
  Model model = load(o.model, progress);
  if (o.dump == "graph") return fmt::print("{}", print(model.graph));
  model.graph = {};   // large models: the weights are there in one form less
  if (o.dump == "optimised") return fmt::print("{}", print(model.optimised));
  const Recipe recipe = recipe_of(model, progress);
  if (o.dump == "plan") return fmt::print("{}", print(recipe));
  if (o.dump == "c") {
    for (const BundleFile &f : emit(recipe, {}).files)
      if (f.name.ends_with(".c") || f.name.ends_with(".h"))
        fmt::print("/* ---- {} ---- */\n{}\n", f.name, std::string(reinterpret_cast<const char *>(f.bytes.data()), f.bytes.size()));
    return;
  }
  const Figures figures = figures_of(model, recipe);
  if (o.json) return fmt::print("{}\n", json_of(figures));
  for (const Port &p : recipe.inputs) fmt::print("input   {}  {} {}\n", p.name, name_of(p.type), text_of(p.shape));
  for (const Port &p : recipe.outputs) fmt::print("output  {}  {} {}\n", p.name, name_of(p.type), text_of(p.shape));
  size_t layer = 5, op = 2, shape = 6, kernel = 6;
  for (const LayerFigures &r : figures.layers) {
    layer = std::max(layer, std::min<size_t>(40, r.layer.size()));
    op = std::max(op, r.op.size()), shape = std::max(shape, r.shape.size()), kernel = std::max(kernel, r.kernel.size());
  }
  fmt::print("\n{:>4}  {:{}}  {:{}}  {:{}}  {:>12}  {:>14}  {}\n", "", "layer", layer, "op", op, "output", shape, "parameters", "MACs", "kernel");
  for (size_t i = 0; i < figures.layers.size(); ++i) {
    const LayerFigures &r = figures.layers[i];
    const std::string name = r.layer.size() > 40 ? "..." + r.layer.substr(r.layer.size() - 37) : r.layer;
    fmt::print("{:>4}  {:{}}  {:{}}  {:{}}  {:>12}  {:>14}  {}\n", i, name, layer, r.op, op, r.shape, shape,
               r.parameters ? thousands(r.parameters) : "", r.macs ? thousands(r.macs) : "", r.kernel);
  }
  fmt::print("\n{:<12}{:>16}\n{:<12}{:>16}\n", "parameters", thousands(figures.parameters), "MACs", thousands(figures.macs));
  fmt::print("{:<12}{:>16} bytes\n{:<12}{:>16} bytes\n{:<12}{:>16} bytes\n{:<12}{:>16} bytes (one thread; {} more for each other)\n", "weights",
             thousands(figures.weights_bytes), "arena", thousands(figures.arena_bytes), "in, out", thousands(figures.io_bytes), "peak", thousands(figures.peak_bytes()), thousands(figures.scratch_bytes));
  if (!figures.layers.empty()) print_peak(figures);
}

}  // namespace

void add_inspect(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  o->model.import.without_weights = true;
  CLI::App *verb = app.add_subcommand("inspect", "show what a network is and what it will need: layers, parameters, MACs, kernels, bytes");
  verb->footer("Examples:\n  net2c inspect mobilenet.onnx\n  net2c inspect style.onnx --size 480x640 --json\n  net2c inspect net.onnx --dump=optimised   the graph after all passes, as text");
  add_model_options(*verb, o->model, false);
  add_size_options(*verb, o->model);
  add_plan_options(*verb, o->model);
  verb->add_option("--dump", o->dump, "print a stage instead: graph, optimised, plan or c")->check(CLI::IsMember({"graph", "optimised", "plan", "c"}));
  verb->add_flag("--json", o->json, "figures as one line of JSON");
  verb->callback([o] { inspect(*o); });
}

}  // namespace net2c::cli
