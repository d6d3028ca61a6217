// Where a network gets its data: inputs, and data layers of training, which become inputs. Their shapes, and how pictures are
// prepared for them.
#pragma once

#include "import/caffe/records.h"
#include "import/import.h"

namespace net2c::caffe {

struct Source {
  std::string name;
  Shape shape;                 // 0: not said by the file; empty: not even the rank
  bool data = false;           // of a data layer, so that its batch size is training's
  const LayerRecord *layer = nullptr;
  size_t version = 0;
  ValueId value = none;
  int64_t channels = 0;        // as its reader's weights have them; 0: not known
};

bool is_data_layer(const std::string &type);
// What the layer says about top number `top`. Error: reason only.
Shape shape_of_data(const LayerRecord &, size_t top);

// One shape a source. A batch size in the file is a habit of its author: options decide it. Error: a size stays open.
std::vector<Shape> shapes_of(const std::string &file, const std::vector<Source> &, const Blob *mean, const ImportOptions &);

// From transform_param and the mean image. Error: they do not fit each other.
PictureDefaults picture_of(const std::string &file, const std::vector<Source> &, const Blob *mean, const std::string &mean_file,
                           int64_t channels);

}  // namespace net2c::caffe
