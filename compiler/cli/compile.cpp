#include <algorithm>

#include "cli/cli.h"
#include "cli/network.h"
#include "cli/preprocess.h"
#include "emit/sources.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  std::string output, name;
  std::vector<std::string> isas;
  bool single_file = false, self_test = false;
};

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
  EmitOptions emitted;
  for (const std::string &isa : o.isas) emitted.isas.push_back(isa_named(isa));
  Progress progress;
  const std::vector<ModelOptions> options = sizes_of(o.model);
  for (const ModelOptions &one : options) emitted.sizes.push_back({one.size, one.batch});
  const Network network = network_of(options, o.self_test, progress);
  emitted.golden = network.golden;
  emitted.single_file = o.single_file;
  const Model &model = network.model;
  const std::vector<Recipe> &sizes = network.sizes;
  const std::string file = model.file.substr(model.file.find_last_of('/') + 1);
  emitted.name = o.name.empty() ? file.substr(0, file.find_last_of('.')) : o.name;
  emitted.labels = model.labels;
  emitted.source = file;
  emitted.pictures = network.pictures;
  progress.stage("emitting C");
  const Bundle bundle = emit(sizes, network.weights, emitted);
  write_bundle(bundle, o.output);
  uint64_t c_bytes = 0;
  for (const BundleFile &f : bundle.files)
    if (f.name.ends_with(".c") || f.name.ends_with(".h")) c_bytes += f.bytes.size();
  fmt::print("{}: {} files in {}\n", bundle.name, bundle.files.size(), o.output);
  fmt::print("  weights  {:>14} bytes\n", thousands(weights_file(sizes, network.weights).size()));
  print_sizes(sizes);
  fmt::print("  C        {:>14} bytes\n", thousands(c_bytes));
  fmt::print("Try it:\n  cd {0} && cc -O2 {2} -o {1}_example -pthread && ./{1}_example --repeat 10{3}\n", o.output, bundle.name,
             o.single_file ? fmt::format("-D{}_EXAMPLE {}.c", in_capitals(bundle.name), bundle.name) : "*.c", o.self_test ? " --self-test" : "");
}

}  // namespace

void add_compile(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("compile", "make the bundle: C sources, header, weights, an example program, CMakeLists.txt");
  add_model_options(*verb, o->model, false);
  add_size_options(*verb, o->model, true);
  verb->add_option("-o,--output", o->output, "folder of the bundle; made where it is not there")->required();
  verb->add_option("--name", o->name, "prefix of all public names (default: the file's name)");
  verb->add_option("--isa", o->isas, "a list of portable, avx2, avx512, neon (default: all there are)")->delimiter(',');
  verb->add_flag("--single-file", o->single_file, "one .c and one .h, the weights (up to 4 MB) in the .c");
  verb->add_flag("--self-test", o->self_test, "keeps an input and its result in the weights, and compiles NAME_self_test in");
  verb->add_option("--labels", o->model.labels, "one label a line: the names of the classes");
  verb->add_option("--preprocess", o->model.preprocess, "JSON file: compiles NAME_picture in, see below");
  verb->footer(std::string("Examples:\n  net2c compile mobilenet.onnx -o mobilenet --labels labels.txt --preprocess pre.json\n"
                           "  net2c compile style.onnx -o style --size 480x640 --isa neon,portable\n\n") +
               preprocess_help);
  verb->callback([o] { compile(*o); });
}

}  // namespace net2c::cli
