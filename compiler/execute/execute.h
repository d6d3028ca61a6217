// Runs a Plan in this process: the same kernels, arguments and scheduler that a bundle has.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "plan/plan.h"

namespace net2c {

// A recipe's weights as kernels want them: aligned, with 64 readable bytes after them. Executors may share them.
using KernelWeights = std::shared_ptr<const char>;
KernelWeights kernel_weights(const Recipe &);

class Executor {
 public:
  // The recipe must outlive the executor; its own weights are not read where they are given here. threads: 1 to
  // NET2C_MAX_WORKERS; more is cut to that.
  Executor(const Plan &, uint32_t threads = 1, KernelWeights = {});
  ~Executor();
  Executor(const Executor &) = delete;

  // After a step, by the worker that finished it while the others wait: its number and the seconds since the step before. What
  // it throws stops the run and comes out of it.
  using Trace = std::function<void(uint32_t step, double seconds)>;

  // Error: count, types or shapes of the inputs are not the recipe's. `guard`: also checks, after each step, that the lanes
  // beyond C of every written map are zero (Bug names the step).
  std::vector<Tensor> run(const std::vector<Tensor> &inputs, const Trace & = {}, bool guard = false);

  // The logical tensor that a step wrote; valid inside the trace.
  Tensor read(const Written &) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::vector<Tensor> execute(const Plan &, const std::vector<Tensor> &inputs, uint32_t threads = 1);

// Plain tensor of what a step wrote, given the bases: for a bundle's trace hook too.
Tensor read_written(const Written &, const net2c_frame &);

}  // namespace net2c
