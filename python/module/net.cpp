#include "module/net.h"

#include <unistd.h>

#include "driver/figures.h"

namespace net2c::python {

Net::Net(const ModelOptions &options, std::optional<Isa> isa, uint32_t threads) : threads_(threads), process_(getpid())
{
  Progress nobody;
  const Model model = load(options, nobody);
  recipe_ = recipe_of(model, nobody);
  plan_ = plan_for(recipe_, isa.value_or(best_isa()));
  file_ = model.file;
  labels_ = model.labels;
  figures_ = json_of(figures_of(model, recipe_));
  weights_ = kernel_weights(recipe_);
  recipe_.weights = {};
}

std::vector<Tensor> Net::run(const std::vector<Tensor> &inputs)
{
  std::unique_ptr<Executor> executor;
  {
    const std::lock_guard lock(mutex_);
    if (process_ != getpid()) {   // after a fork their threads are not here: they can neither be used nor ended
      for (auto &other : idle_) static_cast<void>(other.release());
      idle_.clear();
      process_ = getpid();
    }
    if (!idle_.empty()) {
      executor = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!executor) executor = std::make_unique<Executor>(plan_, threads_, weights_);
  std::vector<Tensor> outputs = executor->run(inputs);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(executor));
  return outputs;
}

}  // namespace net2c::python
