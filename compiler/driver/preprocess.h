// --preprocess: how a picture becomes the network's input, from a small JSON file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "graph/tensor.h"
#include "import/import.h"
#include "kernels/image/image.h"

namespace net2c {

extern const char *const preprocess_help;

// The spec for an input of this shape ([1][C][H][W] or [1][H][W][C], C 1 or 3, f32). What the file does not say, or an empty
// path, is as the model has it: pixels 0..255 in RGB order, no resize, where that says nothing. Error: unreadable JSON, unknown
// keys, a crop that is not the input's size, a mean that the model keeps in a file that was not given.
net2c_picture_spec read_preprocess(const std::string &path, const std::string &input, const Shape &shape, const PictureDefaults &);
bool fits_picture(const Shape &);

// Height and width of its crop, if it has one: the input's size where the model leaves that open.
std::optional<std::pair<int64_t, int64_t>> crop_of(const std::string &path);

}  // namespace net2c
