// --preprocess: how a picture becomes the network's input, from a small JSON file (docs/pictures.md).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "driver/json_object.h"
#include "graph/tensor.h"
#include "import/import.h"
#include "runtime/picture/picture.h"

namespace net2c {

extern const char *const preprocess_help;

// The keys of the file, and where it says nothing those of the model. Error: keys that are not allowed.
JsonObject preprocess_keys(const std::string &path, const PictureDefaults &);

struct Preprocess {
  net2c_picture_spec spec{};
  std::vector<float> mean;      // image of spec.mean_height x spec.mean_width, where there is one
};

// For an input of this shape ([1][C][H][W] or [1][H][W][C], C 1 or 3, f32 or u8). What the file does not say, or an empty path,
// is as the model has it: pixels 0..255 in RGB order, no resize, where that says nothing. Error: unreadable JSON, keys and values
// that are not allowed, a crop that is not the input's size, a mean that the model keeps in a file that was not given.
Preprocess read_preprocess(const std::string &path, const std::string &input, Type, const Shape &, const PictureDefaults &);
bool fits_picture(Type, const Shape &);
Shape of_one_image(Shape);                  // of a batch
bool resizes(const net2c_picture_spec &);   // any picture will do

// Height and width of its crop, if it has one: the input's size where the model leaves that open.
std::optional<std::pair<int64_t, int64_t>> crop_of(const std::string &path);

}  // namespace net2c
