// The results of a run in words: the best classes, the map of classes, the boxes.
#pragma once

#include "driver/model.h"

namespace net2c::cli {

// top: how many classes, 0: as --preprocess says, or 5.
void print_best(const Tensor &, const Model &, int top);
// What --preprocess asks for. folder: "", or where picture_classes.pgm and picture_boxes.npy are written.
void print_results(const std::vector<Tensor> &outputs, const Model &, const std::string &folder);

}  // namespace net2c::cli
