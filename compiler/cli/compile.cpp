#include "cli/cli.h"
#include "cli/half_errors.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"
#include "driver/bundle.h"
#include "driver/preprocess.h"
#include "emit/sources.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  BundleOptions bundle;
  std::string output;
};

// The arena of each size where there are several.
void print_sizes(const std::vector<Recipe> &sizes)
{
  for (size_t s = 0; s < sizes.size(); ++s) {
    std::vector<std::string> inputs;
    for (const Port &p : sizes[s].inputs) inputs.push_back(text_of(p.shape));
    fmt::print("  arena    {:>14} bytes, {} more for each other thread{}\n", thousands(arena_bytes(sizes[s], 1)), thousands(sizes[s].scratch),
               sizes.size() == 1 ? "" : fmt::format("; size {}: {}", s, fmt::join(inputs, ", ")));
  }
}

void compile(const Options &o)
{
  SpokenProgress progress;
  const auto [bundle, network] = make_bundle(o.model, o.bundle, progress);
  write_bundle(bundle, o.output);
  uint64_t c_bytes = 0;
  for (const BundleFile &f : bundle.files)
    if (f.name.ends_with(".c") || f.name.ends_with(".h")) c_bytes += f.bytes.size();
  fmt::print("{}: {} files in {}\n", bundle.name, bundle.files.size(), o.output);
  fmt::print("  weights  {:>14} bytes\n", thousands(weights_file_bytes(network.weights.size())));
  print_sizes(network.sizes);
  print_half_errors(network.half_errors);
  fmt::print("  C        {:>14} bytes\n", thousands(c_bytes));
  fmt::print("Try it:\n  cd {0} && cc -O2 {2} -o {1}_example -pthread && ./{1}_example --repeat 10{3}\n", o.output, bundle.name,
             o.bundle.single_file ? fmt::format("-D{}_EXAMPLE {}.c", in_capitals(bundle.name), bundle.name) : "*.c",
             o.bundle.self_test ? " --self-test" : "");
}

}  // namespace

void add_compile(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("compile", "make the bundle: C sources, header, weights, an example program, CMakeLists.txt");
  add_model_options(*verb, o->model, false);
  add_size_options(*verb, o->model, true);
  add_plan_options(*verb, o->model);
  verb->add_option("-o,--output", o->output, "folder of the bundle; made where it is not there")->required();
  verb->add_option("--name", o->bundle.name, "prefix of all public names (default: the file's name)");
  verb->add_option("--isa", o->bundle.isas, "a list of portable, avx2, avx512, neon (default: all there are)")->delimiter(',');
  verb->add_flag("--single-file", o->bundle.single_file, "one .c and one .h, the weights (up to 4 MB) in the .c");
  verb->add_flag("--self-test", o->bundle.self_test, "keeps an input and its result in the weights, and compiles NAME_self_test in");
  verb->add_option("--labels", o->model.labels, "one label a line, the names of the classes");
  verb->add_option("--preprocess", o->model.preprocess, "JSON file: compiles NAME_picture in, see below");
  verb->footer(std::string("Examples:\n  net2c compile mobilenet.onnx -o mobilenet --labels labels.txt --preprocess pre.json\n"
                           "  net2c compile style.onnx -o style --size 480x640 --isa neon,portable\n\n") +
               preprocess_help);
  verb->callback([o] { compile(*o); });
}

}  // namespace net2c::cli
