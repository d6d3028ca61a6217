// Darknet: a network's .cfg and its .weights -> Graph (docs/darknet.md).
#pragma once

#include <optional>
#include <span>
#include <string>

#include "import/format.h"

namespace net2c::darknet {

extern const Format format;

bool looks_like_cfg(std::span<const std::byte>);
bool looks_like_weights(std::span<const std::byte>);   // by its header; other files may look the same

struct File {
  std::string path;
  std::span<const std::byte> bytes;
};

Imported import_darknet(const File &cfg, const std::optional<File> &weights, const ImportOptions &);

}  // namespace net2c::darknet
