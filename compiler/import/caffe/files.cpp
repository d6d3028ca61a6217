// Which of the files is what.
#include "import/caffe/caffe.h"

namespace net2c::caffe {

namespace {

bool knows(const ModelFile &file) { return kind_of(file.bytes) != Kind::other; }

Imported import_files(const std::vector<ModelFile> &files, const ImportOptions &options)
{
  std::optional<File> prototxt, model, mean;
  const ModelFile *labels = nullptr;
  const auto take = [](std::optional<File> &slot, const ModelFile &file, const char *what) {
    if (slot) fail({.file = file.path}, "is a second {}, beside {}; give one", what, slot->path);
    slot = File{file.path, file.bytes};
  };
  for (const ModelFile &file : files) switch (kind_of(file.bytes)) {
      case Kind::prototxt: take(prototxt, file, "prototxt"); break;
      case Kind::caffemodel: take(model, file, "caffemodel"); break;
      case Kind::mean: take(mean, file, "mean image"); break;
      case Kind::solver:
        fail({.file = file.path}, "is the text of a solver (how to train): give the .prototxt of the network that it names");
      case Kind::other:
        if (!is_text(file.text())) unknown_file(file);
        if (labels) fail({.file = file.path}, "is a second list of labels, beside {}; give one", labels->path);
        labels = &file;
    }
  if (!prototxt && !model)
    fail({.file = files[0].path}, "is Caffe's mean image, not a network: give the .prototxt and the .caffemodel too");
  Imported result = import_caffe(prototxt, model, mean, options);
  if (labels) result.labels_file = labels->path;
  return result;
}

}  // namespace

const Format format{"Caffe", ".prototxt and .caffemodel (and the mean .binaryproto and a list of labels, if there are)", knows, import_files};

}  // namespace net2c::caffe
