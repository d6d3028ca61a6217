// A network that is ready to run in this process, from several threads at once.
#pragma once

#include <sys/types.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "driver/model.h"
#include "execute/execute.h"

namespace net2c::python {

class Net {
 public:
  // Error: as `net2c run` has it.
  Net(const ModelOptions &, std::optional<Isa>, uint32_t threads);
  Net(const Net &) = delete;

  // Each call that runs beside others has an arena and threads of its own, which later calls use again; all share the weights.
  // Error: count, types or shapes of the inputs.
  std::vector<Tensor> run(const std::vector<Tensor> &inputs);

  const Recipe &recipe() const { return recipe_; }
  Isa isa() const { return plan_.isa; }
  uint32_t threads() const { return threads_; }
  const std::string &file() const { return file_; }
  const std::vector<std::string> &labels() const { return labels_; }
  const std::string &figures() const { return figures_; }   // JSON, as `net2c inspect --json`

 private:
  Recipe recipe_;   // without its weights
  Plan plan_;
  uint32_t threads_;
  std::string file_, figures_;
  std::vector<std::string> labels_;
  KernelWeights weights_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Executor>> idle_;
  pid_t process_;   // that the idle executors' threads belong to
};

}  // namespace net2c::python
