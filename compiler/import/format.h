// What import_model knows of a format: each folder here has one of these, import.cpp lists them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "import/import.h"

namespace net2c {

struct ModelFile {
  std::string path;
  Bytes bytes;
  std::string_view text() const { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }
};

struct Format {
  const char *name;    // "ONNX"
  const char *files;   // what a user gives, for --help and messages
  // By content alone: is this one of the files that say what the network is? Also of one that is cut off, so that the message can
  // say that.
  bool (*knows)(const ModelFile &);
  // All files of the command, in the user's order; at least one of them is known.
  Imported (*import)(const std::vector<ModelFile> &, const ImportOptions &);
  // What is missing beside a file that may be of this format, but is not known: weights alone. nullptr: it is not of this format.
  const char *(*missing)(const ModelFile &) = nullptr;
};

bool is_text(std::string_view);
// The error of a file that no format here can use: names what it is, if that is known.
[[noreturn]] void unknown_file(const ModelFile &);

}  // namespace net2c
