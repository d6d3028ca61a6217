// Says on stderr what is being done, once it has taken over two seconds.
#pragma once

#include <string>

namespace net2c::cli {

class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress &) = delete;
  void stage(const std::string &what);   // "importing resnet50.onnx"

 private:
  struct State;
  State *state_;
};

}  // namespace net2c::cli
