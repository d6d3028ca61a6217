#include "import/import.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "base/file.h"
#include "import/arrays/arrays.h"
#include "import/caffe/caffe.h"
#include "import/chainer/chainer.h"
#include "import/onnx/onnx.h"

namespace net2c {

namespace {

bool is_text(std::string_view text)
{
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\r' || c == '\t'; });
}

// A line of `text` that begins with `word` (after spaces).
bool has_line(std::string_view text, std::string_view word)
{
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const size_t before = text.find_last_not_of(" \t", at - 1);
    if (at == 0 || before == std::string_view::npos || text[before] == '\n' || text[before] == '\r') return true;
  }
  return false;
}

// What a file is that cannot be read; nullptr: no idea.
const char *other_format(std::string_view data)
{
  using namespace std::string_view_literals;
  if (data.starts_with("\x89HDF\r\n\x1a\n"sv)) return "an HDF5 file (Chainer, Keras)";
  if (data.starts_with("PK\3\4"sv) || data.starts_with("PK\5\6"sv))
    return "a zip archive (NumPy .npz, PyTorch .pt, Core ML package)";
  if (data.substr(std::min<size_t>(4, data.size())).starts_with("TFL3"sv)) return "a TensorFlow Lite model";
  if (data.starts_with("\x93NUMPY"sv)) return "a NumPy array, not a network";
  if (data.starts_with("\4\0\0\0\1\0\0\0"sv) || data.starts_with("\3\0\0\0\1\0\0\0"sv)) return "a Torch7 object";
  const std::string_view head = data.substr(0, 1 << 16);
  if (is_text(head)) return has_line(head, "[net]") || has_line(head, "[network]") ? "a Darknet .cfg" : nullptr;
  if (data.size() > 2 && data[0] == '\b' && data[1] >= 1 && data[1] < 32 && data[2] == '\x12') return "a Core ML model";
  return nullptr;
}

struct Given {
  std::string path;
  Bytes bytes;
  std::string_view text() const { return {reinterpret_cast<const char *>(bytes.data()), bytes.size()}; }
};

[[noreturn]] void unknown(const Given &file)
{
  const char *format = other_format(file.text());
  if (looks_like_hdf5(file.bytes) || looks_like_zip(file.bytes))
    fail({.file = file.path}, "is {}: weights at most, without a network. For Chainer give the graph too (write it with "
         "python -m net2c.chainer, see docs/chainer.md)", format);
  if (format)
    fail({.file = file.path}, "is {}; this version reads ONNX, Caffe and Chainer: export or convert the network to ONNX", format);
  fail({.file = file.path}, "is in no format that is known here; give an ONNX file, or Caffe's .prototxt and .caffemodel, or a Chainer "
       "graph (.c2g) and its weights");
}

// The four files of a Caffe network, by content.
Imported import_caffe_files(const std::vector<Given> &files, const ImportOptions &options)
{
  std::optional<caffe::File> prototxt, model, mean;
  const Given *labels = nullptr;
  const auto take = [](std::optional<caffe::File> &slot, const Given &file, const char *what) {
    if (slot) fail({.file = file.path}, "is a second {}, beside {}; give one", what, slot->path);
    slot = caffe::File{file.path, file.bytes};
  };
  for (const Given &file : files) switch (caffe::kind_of(file.bytes)) {
      case caffe::Kind::prototxt: take(prototxt, file, "prototxt"); break;
      case caffe::Kind::caffemodel: take(model, file, "caffemodel"); break;
      case caffe::Kind::mean: take(mean, file, "mean image"); break;
      case caffe::Kind::solver:
        fail({.file = file.path}, "is the text of a solver (how to train): give the .prototxt of the network that it names");
      case caffe::Kind::other:
        if (!is_text(file.text()) || other_format(file.text())) unknown(file);
        if (labels) fail({.file = file.path}, "is a second list of labels, beside {}; give one", labels->path);
        labels = &file;
    }
  if (!prototxt && !model)
    fail({.file = files[0].path}, "is Caffe's mean image, not a network: give the .prototxt and the .caffemodel too");
  Imported result = caffe::import_caffe(prototxt, model, mean, options);
  if (labels) result.labels_file = labels->path;
  return result;
}

// A network in two files: a graph, which says what the weights are called, and the weights. They come in any order.
Imported import_chainer_files(const std::vector<Given> &files, const ImportOptions &options)
{
  const Given *graph = nullptr, *weights = nullptr;
  for (const Given &file : files) {
    const bool is_graph = chainer::looks_like_graph(file.bytes);
    const Given *&place = is_graph ? graph : weights;
    if (place)
      fail({.file = file.path}, "is one file too many: a Chainer network is one graph (.c2g) and one file of weights (.npz, .h5)");
    if (!is_graph && !looks_like_zip(file.bytes) && !looks_like_hdf5(file.bytes))
      fail({.file = file.path}, "is not a file of weights for {}; give the .npz or .h5 that chainer.serializers saved",
           graph ? graph->path : "a Chainer graph");
    place = &file;
  }
  std::unique_ptr<ArrayFile> arrays;
  if (weights)
    arrays = looks_like_zip(weights->bytes) ? open_npz(weights->path, weights->bytes) : open_hdf5(weights->path, weights->bytes);
  return {chainer::import_chainer(graph->path, graph->bytes, arrays.get(), weights ? weights->path : "", options), graph->path, {}, {}};
}

}  // namespace

Imported import_model(const std::vector<std::string> &files, const ImportOptions &options)
{
  if (files.empty()) fail({}, "no model file is given");
  std::vector<Given> given;
  for (const std::string &path : files) {
    given.push_back({path, read_file(path)});
    if (given.back().bytes.empty()) fail({.file = path}, "is empty");
  }
  for (const Given &file : given)
    if (chainer::looks_like_graph(file.bytes)) return import_chainer_files(given, options);
  for (const Given &file : given)
    if (caffe::kind_of(file.bytes) != caffe::Kind::other) return import_caffe_files(given, options);
  if (!onnx::looks_like_onnx(given[0].bytes)) unknown(given[0]);
  if (given.size() > 1) fail({.file = files[1]}, "is one file too many: an ONNX network is a single file");
  return {onnx::import_onnx(files[0], given[0].bytes, options), files[0], {}, {}};
}

}  // namespace net2c
