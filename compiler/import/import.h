// Files -> Graph. The format is known by content. After this no source format's word is used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace net2c {

struct ImportOptions {
  std::optional<std::pair<int64_t, int64_t>> size;   // H, W for dynamic image dimensions; of a fixed one, a new size
  std::optional<std::pair<int64_t, int64_t>> open_size;  // the same from a picture: what is fixed stays
  std::map<std::string, Shape> shapes;               // input name ("": the only one) -> shape of the tensor given to `run`
  std::map<std::string, Tensor> constants;           // inputs baked in
  std::optional<int64_t> batch;                      // the first dimension; where none is given a dynamic one is 1
  int64_t fold_limit = int64_t{1} << 30;             // bytes of constants computed on import, beside 4 x the file's size
  bool without_weights = false;                      // a network without its weights will do: shapes are all that is asked for
};

// How a picture becomes the input where the model says it: (x - mean) * scale, x in 0..255 by channel.
struct PictureDefaults {
  bool stated = false;          // the model says more than the order of channels
  bool bgr = false;
  bool opencv = false;          // pictures were resized by OpenCV
  bool cropped = false;         // larger pictures are cropped in the middle
  std::optional<std::pair<int64_t, int64_t>> resize;   // to this height and width first
  std::vector<double> mean;     // none, one, or one a channel
  std::optional<Tensor> mean_image;   // instead: f32 [C][H][W] of the size before the crop
  double scale = 1;
  std::string missing;          // a file of the mean that the model names, but that was not given
  std::string keys;             // more, as JSON: keys of --preprocess (docs/pictures.md), "output" too
};

struct Imported {
  Graph graph;
  std::string file;             // the one that the network is named after
  std::string labels_file;      // the list of labels among the files; empty: there is none
  PictureDefaults picture;
};

// Error: unreadable, unknown format, unsupported operators (all of them in one message), shapes that do not fit.
// The graph is verified, its shape arithmetic folded, its initialisers Constants. The files of one model come in any order.
Imported import_model(const std::vector<std::string> &files, const ImportOptions &);
std::string model_files_help();   // "Caffe: .prototxt and .caffemodel ...; ONNX: ...": which files make a model

}  // namespace net2c
