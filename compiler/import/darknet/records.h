// A .cfg file as plain records.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace net2c::darknet {

struct Section {
  std::string type;                                         // "convolutional"
  size_t line = 0;                                          // where its [type] stands, from 1
  std::vector<std::pair<std::string, std::string>> keys;    // of one that stands twice the first counts, as in Darknet

  const std::string *find(std::string_view key) const;      // nullptr: not there
};

// Error: a line that is none of [section], key=value and comment.
std::vector<Section> read_cfg(const std::string &path, std::span<const std::byte>);

}  // namespace net2c::darknet
