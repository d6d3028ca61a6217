#include "cli/engine.h"

#include "cli/native.h"
#include "execute/execute.h"
#include "execute/interpret.h"

namespace net2c::cli {

EngineKind engine_named(const std::string &name)
{
  if (name == "reference") return EngineKind::reference;
  if (name == "plan") return EngineKind::plan;
  if (name == "native") return EngineKind::native;
  fail({}, "'{}' is not an engine; there are plan, native and reference", name);
}

std::vector<Tensor> run_engine(const EngineOptions &options, const Model &model, const Recipe *recipe, const std::vector<Tensor> &inputs,
                               Progress &progress, const ValueTrace &trace)
{
  if (options.kind == EngineKind::reference) {
    progress.stage("running the reference interpreter");
    return interpret(model.optimised, inputs, [&](NodeId n, ValueId v, const Tensor &t) {
      if (trace) trace(v, t, model.optimised.nodes[n].name);
    });
  }
  const Isa isa = options.isa.value_or(best_isa());
  if (options.kind == EngineKind::native) {
    Native native(*recipe, isa, options.threads, progress);
    progress.stage("running");
    return native.run(inputs, !trace ? Native::Trace{} : [&](const Written &w, const Tensor &t, const std::string &layer) { trace(w.value, t, layer); });
  }
  progress.stage("running");
  Executor executor(plan_for(*recipe, isa), options.threads);
  if (!trace) return executor.run(inputs);
  return executor.run(inputs, [&](uint32_t s, double) {
    for (const Written &w : recipe->steps[s].written) trace(w.value, executor.read(w), recipe->steps[s].layer);
  });
}

}  // namespace net2c::cli
