// Bundles built by the system's C compiler, kept by content in a cache.
#pragma once

#include <string>
#include <vector>

#include "driver/progress.h"
#include "emit/emit.h"

namespace net2c::cli {

// $XDG_CACHE_HOME/net2c or ~/.cache/net2c, made where it is not there.
std::string cache_folder();

// Builds the C files of the bundle (its own main.c left out) with `extra`, a source of the runtime/bundle folder, and returns
// the path of the result; `flags` make it a program or a shared object. $CC, or cc, at -O2.
// Error: no compiler, or it fails (its first lines are in the message).
std::string build(const Bundle &, const std::string &extra, const std::vector<std::string> &flags, Progress &);

// Runs a program and returns what it printed. Error: it cannot be started or fails; `what` says what it was for.
std::string run_program(const std::vector<std::string> &arguments, const std::string &what);

}  // namespace net2c::cli
