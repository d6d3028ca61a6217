#include <algorithm>

#include "cli/cli.h"
#include "cli/model.h"
#include "cli/preprocess.h"
#include "emit/emit.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  std::string output, name;
  std::vector<std::string> isas;
};

// NAME_picture, where it is asked for or the model says how; its mean image lies behind the weights.
void add_pictures(const Options &o, const Model &model, Recipe &recipe, EmitOptions &emitted)
{
  const std::string &file = o.model.preprocess;
  if (recipe.inputs.empty()) {
    if (!file.empty()) fail({.file = model.file}, "has no input that --preprocess could make");
    return;
  }
  const Port &input = recipe.inputs[0];
  const bool by_model = model.picture.stated && model.picture.missing.empty() && recipe.inputs.size() == 1 && fits_picture(input.type, input.shape);
  if (file.empty() && !by_model) return;
  const Preprocess p = read_preprocess(file, input.name, input.type, input.shape, model.picture);
  emitted.picture = PictureOptions{p.spec, append_weights(recipe, p.mean), model.results.map, model.results.boxes, model.results.heads};
}

void compile(const Options &o)
{
  EmitOptions emitted;
  for (const std::string &isa : o.isas) emitted.isas.push_back(isa_named(isa));
  Progress progress;
  const Model model = load(o.model, progress);
  Recipe recipe = recipe_of(model, progress);
  const std::string file = model.file.substr(model.file.find_last_of('/') + 1);
  emitted.name = o.name.empty() ? file.substr(0, file.find_last_of('.')) : o.name;
  emitted.labels = model.labels;
  emitted.source = file;
  add_pictures(o, model, recipe, emitted);
  progress.stage("emitting C");
  const Bundle bundle = emit(recipe, emitted);
  write_bundle(bundle, o.output);
  uint64_t c_bytes = 0;
  for (const BundleFile &f : bundle.files)
    if (f.name.ends_with(".c") || f.name.ends_with(".h")) c_bytes += f.bytes.size();
  fmt::print("{}: {} files in {}\n", bundle.name, bundle.files.size(), o.output);
  fmt::print("  weights  {:>14} bytes\n  arena    {:>14} bytes, {} more for each other thread\n  C        {:>14} bytes\n", thousands(weights_file(recipe).size()),
             thousands(arena_bytes(recipe, 1)), thousands(recipe.scratch), thousands(c_bytes));
  fmt::print("Try it:\n  cd {} && cc -O2 *.c -o {}_example -pthread && ./{}_example --repeat 10\n", o.output, bundle.name, bundle.name);
}

}  // namespace

void add_compile(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("compile", "make the bundle: C sources, header, weights, an example program, CMakeLists.txt");
  add_model_options(*verb, o->model, false);
  verb->add_option("-o,--output", o->output, "folder of the bundle; made where it is not there")->required();
  verb->add_option("--name", o->name, "prefix of all public names (default: the file's name)");
  verb->add_option("--isa", o->isas, "a list of portable, avx2, avx512, neon (default: all there are)")->delimiter(',');
  verb->add_option("--labels", o->model.labels, "one label a line, for the example program");
  verb->add_option("--preprocess", o->model.preprocess, "JSON file: compiles NAME_picture in, see below");
  verb->footer(std::string("Examples:\n  net2c compile mobilenet.onnx -o mobilenet --labels labels.txt --preprocess pre.json\n"
                           "  net2c compile style.onnx -o style --size 480x640 --isa neon,portable\n\n") +
               preprocess_help);
  verb->callback([o] { compile(*o); });
}

}  // namespace net2c::cli
