#include "driver/repack.h"

#include "cli/cli.h"
#include "cli/half_errors.h"
#include "cli/options.h"
#include "cli/progress.h"
#include "cli/text.h"

namespace net2c::cli {

namespace {

struct Options {
  ModelOptions model;
  std::string bundle;
};

void run_repack(const Options &o)
{
  SpokenProgress progress;
  const Repacked made = repack(o.model, o.bundle, progress);
  fmt::print("{}: {} bytes; nothing else of the bundle changes\n", made.path, thousands(made.bytes));
  print_half_errors(made.half_errors);
}

}  // namespace

void add_repack(CLI::App &app)
{
  auto o = std::make_shared<Options>();
  CLI::App *verb = app.add_subcommand("repack", "write new weights of the same network into a bundle: only its .weights file changes");
  add_model_options(*verb, o->model, false);
  verb->add_option("--preprocess", o->model.preprocess, "that of the bundle, where it has a mean image");
  verb->add_option("-b,--bundle", o->bundle, "folder of the bundle, as `compile` made it")->required();
  verb->footer("The sizes are those of the bundle; inputs that were baked in are given again with --const.\n"
               "Example:\n  net2c repack tuned.onnx -b slim");
  verb->callback([o] { run_repack(*o); });
}

}  // namespace net2c::cli
