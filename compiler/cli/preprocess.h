// --preprocess: how a picture becomes the network's input, from a small JSON file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "graph/tensor.h"
#include "kernels/image/image.h"

namespace net2c::cli {

extern const char *const preprocess_help;

// The spec for an input of this shape ([1][C][H][W] or [1][H][W][C], C 1 or 3, f32). An empty path: pixels 0..255 in RGB
// order, no resize. Error: unreadable JSON, unknown keys, a crop that is not the input's size.
net2c_picture_spec read_preprocess(const std::string &path, const std::string &input, const Shape &shape);

// Height and width of its crop, if it has one: the input's size where the model leaves that open.
std::optional<std::pair<int64_t, int64_t>> crop_of(const std::string &path);

}  // namespace net2c::cli
