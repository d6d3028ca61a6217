// The three ways to run a network: reference (the interpreter), plan (in this process), native (emitted C, compiled here).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "driver/model.h"
#include "driver/progress.h"

namespace net2c::cli {

enum class EngineKind { reference, plan, native };
EngineKind engine_named(const std::string &);   // Error: unknown

struct EngineOptions {
  EngineKind kind = EngineKind::plan;
  std::optional<Isa> isa;                       // none: the best of this machine
  uint32_t threads = 1;
};

// Called with each value that the engine completes, in order. Reference gives every value of the optimised graph.
using ValueTrace = std::function<void(ValueId, const Tensor &, const std::string &layer)>;

// Runs the model's optimised graph. Error: the ISA does not run here, no C compiler (native).
std::vector<Tensor> run_engine(const EngineOptions &, const Model &, const Recipe *, const std::vector<Tensor> &inputs, Progress &,
                               const ValueTrace & = {});

}  // namespace net2c::cli
