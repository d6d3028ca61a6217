#include <algorithm>

#include "base/file.h"
#include "cli/cli.h"
#include "cli/engine.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/results.h"
#include "cli/text.h"
#include "driver/preprocess.h"
#include "graph/npy.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  std::string output, engine = "plan", isa;
  uint32_t threads = 1;
  int top = 0;
};

// A file for each output: names that differ only in what a file's name cannot hold get a number.
std::vector<std::string> file_names(const Graph &graph)
{
  std::vector<std::string> names;
  for (ValueId v : graph.outputs) {
    const std::string stem = file_name_of(graph.values[v].name);
    std::string name = stem;
    for (int k = 2; std::find(names.begin(), names.end(), name) != names.end(); ++k) name = fmt::format("{}_{}", stem, k);
    names.push_back(name);
  }
  return names;
}

void run(const Options &o)
{
  EngineOptions engine{engine_named(o.engine), {}, o.threads};
  if (!o.isa.empty()) engine.isa = isa_named(o.isa);
  if (o.model.inputs.empty()) fail({.file = o.model.files[0]}, "give the network something: --input NAME=FILE");
  SpokenProgress progress;
  const Model model = load(o.model, progress);
  Recipe recipe;
  if (engine.kind != EngineKind::reference) recipe = recipe_of(model, progress);
  const std::vector<Tensor> outputs = run_engine(engine, model, &recipe, model.inputs, progress);
  const std::vector<std::string> files = file_names(model.graph);
  if (!o.output.empty()) make_folder(o.output);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string &name = model.graph.values[model.graph.outputs[i]].name;
    std::string path;
    if (!o.output.empty()) {
      path = o.output + "/" + files[i] + ".npy";
      write_file(path, npy_bytes(outputs[i]));
    }
    fmt::print("{}  {} {}{}{}\n", name, name_of(outputs[i].type), text_of(outputs[i].shape), path.empty() ? "" : " -> ", path);
    const auto &best = model.results.best;
    const bool labelled = !model.labels.empty() && outputs[i].size() == static_cast<int64_t>(model.labels.size());
    if (best ? best->output == i : labelled) print_best(outputs[i], model, o.top);
  }
  print_results(outputs, model, o.output);
}

}  // namespace

void add_run(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("run", "run a network on inputs and write its outputs as .npy");
  add_model_options(*verb, o->model, true);
  add_size_options(*verb, o->model);
  add_plan_options(*verb, o->model);
  verb->add_option("--output", o->output, "folder for NAME.npy of each output; made where it is not there");
  verb->add_option("--labels", o->model.labels, "one label a line: prints the best classes");
  verb->add_option("--top", o->top, "how many classes (default: 5, or as --preprocess says)")->check(CLI::Range(1, 1000));
  verb->add_option("--engine", o->engine, "plan (in this process, no C compiler), native (emitted C by the system's cc) or reference (slow, plain)");
  verb->add_option("--isa", o->isa, "portable, avx2, avx512 or neon; the best of this machine by default");
  verb->add_option("--threads", o->threads, "workers")->check(CLI::Range(1u, 64u));
  verb->footer(std::string("Examples:\n  net2c run net.onnx --input x.npy --output out\n"
                           "  net2c run net.onnx --input photo.jpg --preprocess pre.json --labels labels.txt\n"
                           "  net2c run style.onnx --size 480x640 --input image=photo.png --output out --engine native --threads 2\n\n") +
               preprocess_help);
  verb->callback([o] { run(*o); });
}

}  // namespace net2c::cli
