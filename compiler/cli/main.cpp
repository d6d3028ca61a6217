// net2c: a trained network becomes plain C.
#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

#include "base/error.h"
#include "cli/cli.h"

int main(int argc, char **argv)
{
  CLI::App app("net2c turns a trained convolutional network into plain C that needs nothing.");
  app.footer("Start with:\n  net2c inspect net.onnx                      what is in it, what it needs\n"
             "  net2c run net.onnx --input photo.png --preprocess pre.json --labels labels.txt --output out\n"
             "  net2c compile net.onnx -o bundle            C sources, weights, an example program\n"
             "`net2c VERB --help` explains a verb.");
  app.set_version_flag("--version", "net2c " NET2C_VERSION);
  app.require_subcommand(1);
  net2c::cli::add_inspect(app);
  net2c::cli::add_compile(app);
  net2c::cli::add_repack(app);
  net2c::cli::add_run(app);
  net2c::cli::add_diff(app);
  net2c::cli::add_bench(app);
  net2c::cli::add_tune(app);
  try {
    app.parse(argc, argv);
    if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "the output");
    return 0;
  } catch (const CLI::ParseError &e) {
    if (e.get_exit_code() == 0) return app.exit(e);
    // The verb that was understood explains more than the whole does.
    const auto verbs = app.get_subcommands();
    if (verbs.empty() && argc > 1)
      fmt::print(stderr, "net2c: '{}' is not a verb; there are inspect, compile, repack, run, diff, bench and tune; see net2c --help\n", argv[1]);
    else if (verbs.empty())
      fmt::print(stderr, "net2c: say what to do: inspect, compile, repack, run, diff, bench or tune; see net2c --help\n");
    else
      fmt::print(stderr, "net2c {}: {}; see net2c {} --help\n", verbs[0]->get_name(), e.what(), verbs[0]->get_name());
    return 1;
  } catch (const net2c::cli::Exit &e) {
    return e.status;
  } catch (const net2c::Error &e) {
    fmt::print(stderr, "net2c: {}\n", e.what());
    return 1;
  } catch (const net2c::Bug &e) {
    fmt::print(stderr, "net2c: a bug in net2c, please report it: {}\n", e.what());
    return 2;
  } catch (const std::bad_alloc &) {
    fmt::print(stderr, "net2c: out of memory; try a smaller --size\n");
    return 1;
  } catch (const std::system_error &e) {   // files and pipes
    fmt::print(stderr, "net2c: {}\n", e.what());
    return 1;
  } catch (const std::exception &e) {
    fmt::print(stderr, "net2c: a bug in net2c, please report it: {}\n", e.what());
    return 2;
  }
}
