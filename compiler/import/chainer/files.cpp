// Which of the files is what.
#include <memory>

#include "import/chainer/chainer.h"

namespace net2c::chainer {

namespace {

bool knows(const ModelFile &file) { return looks_like_graph(file.bytes); }

// A network in two files: a graph, which says what the weights are called, and the weights. They come in any order.
Imported import_files(const std::vector<ModelFile> &files, const ImportOptions &options)
{
  const ModelFile *graph = nullptr, *weights = nullptr;
  for (const ModelFile &file : files) {
    const ModelFile *&place = knows(file) ? graph : weights;
    if (place)
      fail({.file = file.path}, "is one file too many: a Chainer network is one graph (.c2g) and one file of weights (.npz, .h5)");
    if (!knows(file) && !looks_like_zip(file.bytes) && !looks_like_hdf5(file.bytes))
      fail({.file = file.path}, "is not a file of weights for {}; give the .npz or .h5 that chainer.serializers saved",
           graph ? graph->path : "a Chainer graph");
    place = &file;
  }
  std::unique_ptr<ArrayFile> arrays;
  if (weights)
    arrays = looks_like_zip(weights->bytes) ? open_npz(weights->path, weights->bytes) : open_hdf5(weights->path, weights->bytes);
  return {import_chainer(graph->path, graph->bytes, arrays.get(), weights ? weights->path : "", options), graph->path, {}, {}};
}

const char *missing(const ModelFile &file)
{
  if (looks_like_hdf5(file.bytes))
    return "is an HDF5 file (Chainer, Keras): weights at most, without a network. For Chainer give the graph too (write it with "
           "python -m net2c.chainer, see docs/chainer.md)";
  if (looks_like_zip(file.bytes))
    return "is a zip archive (NumPy .npz, PyTorch .pt, Core ML package): weights at most, without a network. For Chainer give the graph "
           "too (write it with python -m net2c.chainer, see docs/chainer.md)";
  return nullptr;
}

}  // namespace

const Format format{"Chainer", "the graph (.c2g) and the weights (.npz, .h5)", knows, import_files, missing};

}  // namespace net2c::chainer
