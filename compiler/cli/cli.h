// The command line: one file a verb, each adding itself to the app.
#pragma once

#include <CLI/CLI.hpp>

namespace net2c::cli {

void add_inspect(CLI::App &);
void add_compile(CLI::App &);
void add_repack(CLI::App &);
void add_run(CLI::App &);
void add_diff(CLI::App &);
void add_bench(CLI::App &);
void add_tune(CLI::App &);

// Ends the program with this status, without a message of its own (diff: 3).
struct Exit {
  int status;
};

}  // namespace net2c::cli
