// A network for all the sizes of a bundle: what compile and repack make alike, so that new weights fit the old code.
#pragma once

#include "driver/model.h"
#include "emit/emit.h"
#include "execute/compare.h"

namespace net2c {

struct Network {
  Model model;                       // at the last of the sizes; its graphs have served and are empty
  std::vector<Recipe> sizes;
  std::vector<std::byte> weights;    // of all of them
  std::vector<PictureOptions> pictures;   // one a size, where pictures are asked for or the model says how they are prepared
  std::vector<Golden> golden;        // one a size, where a self-test is wanted
  // Of weights in half precision: how far from fp32 ones each output is, for the inputs of random_inputs. One list a size.
  std::vector<std::vector<Difference>> half_errors;
};

// `sizes`: the same model, each with its own size and batch. self_test: an input and what the plan gives for it go to the weights.
Network network_of(const std::vector<ModelOptions> &sizes, bool self_test, Progress &);

}  // namespace net2c
