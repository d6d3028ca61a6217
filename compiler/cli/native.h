// Emitted C as an engine: the bundle is built by the system's cc into a shared object, kept by content, and loaded.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "driver/progress.h"
#include "plan/plan.h"

namespace net2c::cli {

class Native {
 public:
  // Error: no cc, or it fails (its first lines are in the message).
  Native(const Recipe &, Isa, uint32_t threads, Progress &);
  ~Native();
  Native(const Native &) = delete;

  using Trace = std::function<void(const Written &, const Tensor &, const std::string &layer)>;
  std::vector<Tensor> run(const std::vector<Tensor> &inputs, const Trace &);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace net2c::cli
