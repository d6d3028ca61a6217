// Tensors whose data lie in other files of the model's folder, as exporters write networks that are large.
#pragma once

#include <map>
#include <string>

#include "base/file.h"
#include "import/onnx/records.h"

namespace net2c::onnx {

class ExternalData {
 public:
  // Points the graph's tensors at the data, which live as long as this object does. Error: a file that cannot be read, is too
  // short, or lies outside of the folder.
  ExternalData(const std::string &model, GraphRecord &);
  int64_t bytes() const;

 private:
  void fetch(const std::string &model, TensorRecord &);
  std::map<std::string, Bytes> files_;
};

}  // namespace net2c::onnx
