// Which of the files is what.
#include "import/darknet/darknet.h"

namespace net2c::darknet {

namespace {

bool knows(const ModelFile &file) { return looks_like_cfg(file.bytes); }

Imported import_files(const std::vector<ModelFile> &files, const ImportOptions &options)
{
  std::optional<File> cfg, weights;
  const ModelFile *names = nullptr;
  const auto take = [](std::optional<File> &slot, const ModelFile &file, const char *what) {
    if (slot) fail({.file = file.path}, "is a second {}, beside {}; give one", what, slot->path);
    slot = File{file.path, file.bytes};
  };
  for (const ModelFile &file : files) {
    if (knows(file)) take(cfg, file, ".cfg");
    else if (!is_text(file.text())) take(weights, file, "file of weights");
    else if (names) fail({.file = file.path}, "is a second list of names, beside {}; give one", names->path);
    else names = &file;
  }
  Imported result = import_darknet(*cfg, weights, options);
  if (names) result.labels_file = names->path;
  return result;
}

const char *missing(const ModelFile &file)
{
  return looks_like_weights(file.bytes) ? "looks like the weights of a Darknet network: give its .cfg too" : nullptr;
}

}  // namespace

const Format format{"Darknet", ".cfg and .weights (and the list of names, if there is one)", knows, import_files, missing};

}  // namespace net2c::darknet
