// The way from a model's files and options to its graphs, its inputs and its recipe: what the verbs and Python share.
#pragma once

#include <string>
#include <vector>

#include "driver/postprocess.h"
#include "driver/preprocess.h"
#include "driver/progress.h"
#include "graph/graph.h"
#include "import/import.h"
#include "lower/weights_pool.h"
#include "plan/plan.h"

namespace net2c {

struct ModelOptions {
  std::vector<std::string> files;
  std::string size, batch;                 // "224x224", "1"; empty: as the model says
  std::vector<std::string> constants;      // NAME=FILE
  std::vector<std::string> inputs;         // NAME=FILE, or FILE where there is one input
  std::string preprocess;
  std::string labels;
  std::string max_memory;                  // "20MB"; empty: no limit
  std::vector<std::string> tuned;          // records of times (driver/tuning.h): files, or names of those that ship
  std::vector<Isa> isas;                   // for which layers are to be fast by them; empty: all
  LayerTimes times;                        // instead of records
  std::string weights;                     // "fp32" or "fp16"; empty: fp32
  ImportOptions import;                    // what is known beside the texts above
};

struct Model {
  Graph graph;                             // as imported
  Graph optimised;
  std::vector<Tensor> inputs;              // in the graph's order; empty where none were given
  std::vector<std::string> labels;
  std::string file;                        // of the files given, the one that says what the network is
  uint64_t max_memory = UINT64_MAX;        // bytes of weights and arena
  Speeds speeds;                           // times: of layers that it may have
  bool halves = false;                     // weights in half precision (lower/weights_pool.h)
  PictureDefaults picture;
  Postprocess results;                     // what the outputs mean, as --preprocess says
  // Of the picture that was given as an input: its size, and where the input lies in it. Else the input's own.
  uint32_t picture_width = 0, picture_height = 0, input_width = 0, input_height = 0;
  net2c_place place{};
};

Model load(const ModelOptions &, Progress &);
Recipe recipe_of(const Model &, Progress &);   // Error: max_memory is too little

// A PNG or JPEG file as an input: the picture's size, and where the input lies in it. `preprocess`: a file, or empty.
struct PictureInput {
  Tensor tensor;
  uint32_t picture_width = 0, picture_height = 0, input_width = 0, input_height = 0;
  net2c_place place{};
};
PictureInput read_picture_input(const std::string &path, const std::string &preprocess, const PictureDefaults &, const Port &input);

// Uniform numbers in -1..1 (pictures 0..1 look the same to a network): what diff and bench use where no input is given.
std::vector<Tensor> random_inputs(const Graph &);

}  // namespace net2c
