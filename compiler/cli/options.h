// The options that name a model and its inputs, which the verbs share.
#pragma once

#include <CLI/CLI.hpp>

#include "driver/model.h"

namespace net2c::cli {

void add_model_options(CLI::App &, ModelOptions &, bool with_inputs);
void add_size_options(CLI::App &, ModelOptions &, bool lists = false);
void add_plan_options(CLI::App &, ModelOptions &);   // of verbs that make a recipe

}  // namespace net2c::cli
