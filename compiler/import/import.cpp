#include "import/import.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "base/file.h"
#include "import/arrays/arrays.h"
#include "import/chainer/chainer.h"
#include "import/onnx/onnx.h"

namespace net2c {

namespace {

bool is_text(std::string_view text)
{
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 32 || c == '\n' || c == '\r' || c == '\t'; });
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

// What a file is that is not ONNX; nullptr: no idea.
const char *other_format(std::string_view data)
{
  using namespace std::string_view_literals;
  if (data.starts_with("\x89HDF\r\n\x1a\n"sv)) return "an HDF5 file (Chainer, Keras)";
  if (data.starts_with("PK\3\4"sv) || data.starts_with("PK\5\6"sv)) return "a zip archive (NumPy .npz, PyTorch .pt, Core ML package)";
  if (data.substr(4).starts_with("TFL3"sv)) return "a TensorFlow Lite model";
  if (data.starts_with("\x93NUMPY"sv)) return "a NumPy array, not a network";
  if (data.starts_with("\4\0\0\0\1\0\0\0"sv) || data.starts_with("\3\0\0\0\1\0\0\0"sv)) return "a Torch7 object";
  const std::string_view head = data.substr(0, 1 << 16);
  if (is_text(head)) {
    if (has_line(head, "[net]") || has_line(head, "[network]")) return "a Darknet .cfg";
    if (has_line(head, "layer {") || has_line(head, "layers {") || has_line(head, "layer{") || has_line(head, "layers{") || has_line(head, "name:"))
      return "a Caffe .prototxt";
    return nullptr;
  }
  // Protobuf: NetParameter begins with its name (field 1, text), a Core ML model with a small version (field 1, number).
  if (data.size() > 2 && data[0] == '\n' && static_cast<size_t>(data[1]) <= data.size() - 2 && is_text(data.substr(2, static_cast<size_t>(data[1]))))
    return "a Caffe .caffemodel";
  if (data.size() > 2 && data[0] == '\b' && data[1] >= 1 && data[1] < 32 && data[2] == '\x12') return "a Core ML model";
  return nullptr;
}

}  // namespace

namespace {

struct Given {
  std::string path;
  Bytes bytes;
};

// A network in two files: a graph, which says what the weights are called, and the weights. They come in any order.
Graph import_chainer_files(const std::vector<Given> &files, const ImportOptions &options)
{
  const Given *graph = nullptr, *weights = nullptr;
  for (const Given &file : files) {
    const bool is_graph = chainer::looks_like_graph(file.bytes);
    const Given *&place = is_graph ? graph : weights;
    if (place) fail({.file = file.path}, "is one file too many: a Chainer network is one graph (.c2g) and one file of weights (.npz, .h5)");
    if (!is_graph && !looks_like_zip(file.bytes) && !looks_like_hdf5(file.bytes))
      fail({.file = file.path}, "is not a file of weights for {}; give the .npz or .h5 that chainer.serializers saved", graph ? graph->path : "a Chainer graph");
    place = &file;
  }
  std::unique_ptr<ArrayFile> arrays;
  if (weights) arrays = looks_like_zip(weights->bytes) ? open_npz(weights->path, weights->bytes) : open_hdf5(weights->path, weights->bytes);
  return chainer::import_chainer(graph->path, graph->bytes, arrays.get(), weights ? weights->path : "", options);
}

}  // namespace

Graph import_model(const std::vector<std::string> &paths, const ImportOptions &options)
{
  if (paths.empty()) fail({}, "no model file is given");
  std::vector<Given> files;
  for (const std::string &path : paths) {
    files.push_back({path, read_file(path)});
    if (files.back().bytes.empty()) fail({.file = path}, "is empty");
  }
  if (std::any_of(files.begin(), files.end(), [](const Given &f) { return chainer::looks_like_graph(f.bytes); })) return import_chainer_files(files, options);
  const auto &[file, bytes] = files[0];
  const std::string_view data(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  if (!onnx::looks_like_onnx(bytes)) {
    if (looks_like_hdf5(bytes) || looks_like_zip(bytes))
      fail({.file = file}, "is {}: weights at most, without a network. For Chainer give the graph too (write it with python -m net2c.chainer, see docs/chainer.md)",
           other_format(data));
    if (const char *format = other_format(data))
      fail({.file = file}, "is {}; this version reads ONNX and Chainer only: export or convert the network to ONNX", format);
    fail({.file = file}, "is in no format that is known here; give an ONNX file, or a Chainer graph (.c2g) and its weights");
  }
  if (files.size() > 1) fail({.file = files[1].path}, "is one file too many: an ONNX network is a single file");
  return onnx::import_onnx(file, bytes, options);
}

}  // namespace net2c
