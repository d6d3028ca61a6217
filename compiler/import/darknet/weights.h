// A .weights file: a header, then the numbers of each layer one after the other, without names or sizes.
#pragma once

#include <optional>

#include "graph/tensor.h"
#include "import/darknet/darknet.h"

namespace net2c::darknet {

class Weights {
 public:
  // Without a file numbers are made up, so that shapes can be known.
  explicit Weights(const std::optional<File> &);

  bool given() const { return given_; }
  bool transposed() const { return transposed_; }          // matrices of [connected] are [inputs][outputs]
  size_t left() const { return numbers_.size() / 4; }      // numbers
  const std::string &path() const { return path_; }
  Tensor take(const Shape &);                              // the next numbers. Error: reason only

 private:
  std::string path_;
  std::span<const std::byte> numbers_;                     // not yet taken
  bool given_, transposed_ = false;
  uint32_t state_ = 1;
};

}  // namespace net2c::darknet
