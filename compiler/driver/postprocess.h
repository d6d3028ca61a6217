// The "output" of --preprocess: what the network's outputs mean, and how that is printed (docs/pictures.md).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "driver/json_object.h"
#include "plan/plan.h"
#include "runtime/results/results.h"

namespace net2c {

struct BestClasses {
  uint32_t output = 0, count = 5;
};
struct Postprocess {
  std::optional<BestClasses> best;
  std::optional<net2c_map_spec> map;
  std::optional<net2c_boxes_spec> boxes;
  std::vector<net2c_head> heads;   // of the boxes
};

// Of the key "output" among those of --preprocess: an object, or a list of objects of other kinds. Empty: there is none. input_height,
// input_width: of the picture's input; classes: the number of labels, 0: not known. Error: keys and values that are not allowed,
// outputs that are not there or not of a shape that fits.
Postprocess read_postprocess(const JsonObject &keys, const std::vector<Port> &outputs, uint32_t input_height, uint32_t input_width, size_t classes);

}  // namespace net2c
