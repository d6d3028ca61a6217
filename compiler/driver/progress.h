// Is told what is being done, for those who wait; by itself says nothing.
#pragma once

#include <string>

namespace net2c {

class Progress {
 public:
  virtual ~Progress() = default;
  virtual void stage(const std::string &) {}   // "importing resnet50.onnx"
};

}  // namespace net2c
