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

void compile(const Options &o)
{
  EmitOptions emitted;
  for (const std::string &isa : o.isas) emitted.isas.push_back(isa_named(isa));
  Progress progress;
  Model model = load(o.model, progress);
  model.graph = {};       // large models: no weights stay in memory in a form that has served
  const Recipe recipe = recipe_of(model, progress);
  model.optimised = {};
  const std::string file = model.file.substr(model.file.find_last_of('/') + 1);
  emitted.name = o.name.empty() ? file.substr(0, file.find_last_of('.')) : o.name;
  emitted.labels = model.labels;
  emitted.source = file;
  if (!o.model.preprocess.empty()) {
    if (recipe.inputs.empty()) fail({.file = model.file}, "has no input that --preprocess could make");
    if (recipe.inputs[0].type != Type::f32) fail({.file = model.file}, "input '{}' is {}; --preprocess makes f32", recipe.inputs[0].name, name_of(recipe.inputs[0].type));
    emitted.picture = read_preprocess(o.model.preprocess, recipe.inputs[0].name, recipe.inputs[0].shape, model.picture);
  } else if (model.picture.stated && model.picture.missing.empty() && recipe.inputs.size() == 1 && fits_picture(recipe.inputs[0].shape)) {
    emitted.picture = read_preprocess("", recipe.inputs[0].name, recipe.inputs[0].shape, model.picture);
  }
  progress.stage("emitting C");
  const Bundle bundle = emit(recipe, emitted);
  write_bundle(bundle, o.output);
  uint64_t c_bytes = 0;
  for (const BundleFile &f : bundle.files)
    if (f.name.ends_with(".c") || f.name.ends_with(".h")) c_bytes += f.bytes.size();
  fmt::print("{}: {} files in {}\n", bundle.name, bundle.files.size(), o.output);
  fmt::print("  weights  {:>14} bytes\n  arena    {:>14} bytes, {} more for each other thread\n  C        {:>14} bytes\n", thousands(weights_file_bytes(recipe)),
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
