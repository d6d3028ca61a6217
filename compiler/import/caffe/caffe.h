// Caffe: a prototxt (text), its caffemodel, a mean image (binaryproto) -> Graph.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "import/format.h"

namespace net2c::caffe {

extern const Format format;

enum class Kind { other, prototxt, solver, caffemodel, mean };
// A file that is cut off is still recognised, so that the message can say so.
Kind kind_of(std::span<const std::byte>);

struct File {
  std::string path;
  std::span<const std::byte> bytes;
};

// The network is the prototxt's, or where there is none the one inside the caffemodel.
Imported import_caffe(const std::optional<File> &prototxt, const std::optional<File> &caffemodel, const std::optional<File> &mean,
                      const ImportOptions &);

}  // namespace net2c::caffe
