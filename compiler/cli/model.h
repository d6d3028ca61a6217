// What the verbs share: the options that name a model and its inputs, and the way from them to a Recipe.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/postprocess.h"
#include "cli/preprocess.h"
#include "cli/progress.h"
#include "graph/graph.h"
#include "import/import.h"
#include "lower/weights_pool.h"
#include "plan/plan.h"

namespace net2c::cli {

struct ModelOptions {
  std::vector<std::string> files;
  std::string size, batch;                 // "224x224", "1"; empty: as the model says
  std::vector<std::string> constants;      // NAME=FILE
  std::vector<std::string> inputs;         // NAME=FILE, or FILE where there is one input
  std::string preprocess;
  std::string labels;
  bool without_weights = false;            // shapes are all that is asked for
};

void add_model_options(CLI::App &, ModelOptions &, bool with_inputs);
void add_size_options(CLI::App &, ModelOptions &, bool lists = false);

struct Model {
  Graph graph;                             // as imported
  Graph optimised;
  std::vector<Tensor> inputs;              // in the graph's order; empty where none were given
  std::vector<std::string> labels;
  std::string file;                        // of the files given, the one that says what the network is
  PictureDefaults picture;
  Postprocess results;                     // what the outputs mean, as --preprocess says
  // Of the picture that was given as an input: its size, and where the input lies in it. Else the input's own.
  uint32_t picture_width = 0, picture_height = 0, input_width = 0, input_height = 0;
  net2c_place place{};
};

Model load(const ModelOptions &, Progress &);
Recipe recipe_of(const Model &, Progress &);
Recipe recipe_of(const Model &, WeightsPool &, Progress &);   // its weights are in the pool

// Uniform numbers in -1..1 (pictures 0..1 look the same to a network): what diff and bench use where no input is given.
std::vector<Tensor> random_inputs(const Graph &);
uint64_t macs_of(const Graph &, const Node &);
std::string thousands(uint64_t);           // 1,234,567
std::string file_name_of(const std::string &value_name);   // other characters than A-Z a-z 0-9 _ . - become _

}  // namespace net2c::cli
