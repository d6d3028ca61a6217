#include "execute/execute.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <new>

#include "runtime/pool.h"
#include "runtime/port.h"
#include "runtime/run.h"

namespace net2c {

namespace {

struct Free {
  void operator()(char *p) const { std::free(p); }
};
using Block = std::unique_ptr<char, Free>;

Block aligned(uint64_t bytes)
{
  Block block(static_cast<char *>(std::aligned_alloc(64, (bytes + 127) / 64 * 64)));
  if (!block) throw std::bad_alloc();
  return block;
}

}  // namespace

KernelWeights kernel_weights(const Recipe &recipe)
{
  Block block = aligned(recipe.weights.size() + 64);
  if (!recipe.weights.empty()) std::memcpy(block.get(), recipe.weights.data(), recipe.weights.size());
  return block;
}

Tensor read_written(const Written &w, const net2c_frame &frame)
{
  Tensor t(w.type, w.shape);
  if (w.layout == Layout::plain) {
    if (!t.bytes.empty()) std::memcpy(t.bytes.data(), net2c_in(&frame, w.ref), t.bytes.size());
    return t;
  }
  float *y = t.as<float>().data();
  const net2c_map &m = w.map;
  for (uint32_t n = 0; n < m.n; ++n)
    for (uint32_t c = 0; c < m.c; ++c) {
      const float *x = net2c_map_in(&frame, &m, n, m.lanes == 8 ? c / 8 : 0) + (m.lanes == 8 ? c % 8 : c);
      for (uint32_t i = 0; i < m.h; ++i)
        for (uint32_t j = 0; j < m.w; ++j) *y++ = x[(size_t{i} * m.pitch + j) * m.lanes];
    }
  return t;
}

struct ClosePool {
  void operator()(net2c_pool *pool) const { net2c_pool_close(pool); }
};

struct Executor::State {
  Plan plan;
  uint32_t threads;
  KernelWeights weights;
  Block arena;
  std::vector<net2c_frame> frames;
  std::vector<net2c_step> steps;
  std::unique_ptr<net2c_pool, ClosePool> pool;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
};

Executor::Executor(const Plan &plan, uint32_t threads, KernelWeights weights)
    : state_(new State{plan, std::clamp<uint32_t>(threads, 1, NET2C_MAX_WORKERS), std::move(weights), {}, {}, {}, {}, {}, {}})
{
  const Recipe &r = *plan.recipe;
  threads = state_->threads;
  if (!state_->weights) state_->weights = kernel_weights(r);
  state_->arena = aligned(arena_bytes(r, threads));
  state_->inputs.resize(r.inputs.size());
  state_->outputs.resize(r.outputs.size());
  for (uint32_t w = 0; w < threads; ++w)
    state_->frames.push_back({state_->weights.get(), state_->arena.get(), state_->arena.get() + r.arena + w * r.scratch,
                              state_->inputs.data(), state_->outputs.data()});
  for (uint32_t s = 0; s < r.steps.size(); ++s) state_->steps.push_back({r.steps[s].args.data(), s, chunks_to_run(r.steps[s])});
  if (threads > 1) state_->pool.reset(net2c_pool_open(threads - 1));
}

Executor::~Executor() = default;

Tensor Executor::read(const Written &w) const { return read_written(w, state_->frames[0]); }

namespace {

// Bug: a written map has a number that is not zero in a lane beyond its channels.
void check_lanes(const Step &step, uint32_t number, const net2c_frame &frame)
{
  for (const Written &w : step.written)
    if (w.layout == Layout::c8 && w.map.c % 8)
      for (uint32_t n = 0; n < w.map.n; ++n)
        for (uint32_t i = 0; i < w.map.h; ++i)
          for (uint32_t j = 0; j < w.map.w; ++j)
            for (uint32_t l = w.map.c % 8; l < 8; ++l)
              if (net2c_map_in(&frame, &w.map, n, w.map.c / 8)[(size_t{i} * w.map.pitch + j) * 8 + l] != 0.0f)
                bug("step {} ({} of '{}') leaves a lane beyond channel {} that is not zero", number, catalogue()[step.kernel].name,
                    step.layer, w.map.c);
}

// What happens after each step. An exception stops the run and is thrown again when the workers have left.
struct Hook {
  const Recipe &recipe;
  const net2c_frame &frame;
  const Executor::Trace &trace;
  bool guard;
  std::chrono::steady_clock::time_point before = std::chrono::steady_clock::now();
  std::exception_ptr error = nullptr;

  static int after_step(void *context, uint32_t step)
  {
    Hook &hook = *static_cast<Hook *>(context);
    try {
      const auto now = std::chrono::steady_clock::now();
      if (hook.guard) check_lanes(hook.recipe.steps[step], step, hook.frame);
      if (hook.trace) hook.trace(step, std::chrono::duration<double>(now - hook.before).count());
      hook.before = std::chrono::steady_clock::now();
      return 0;
    } catch (...) {
      hook.error = std::current_exception();
      return 1;
    }
  }
};

}  // namespace

std::vector<Tensor> Executor::run(const std::vector<Tensor> &inputs, const Trace &trace, bool guard)
{
  const Recipe &r = *state_->plan.recipe;
  if (inputs.size() != r.inputs.size()) fail({.file = r.name}, "{} inputs given, the network has {}", inputs.size(), r.inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (inputs[i].type != r.inputs[i].type || inputs[i].shape != r.inputs[i].shape)
      fail({.file = r.name}, "input '{}' is {} {}; the network wants {} {}", r.inputs[i].name, name_of(inputs[i].type),
           text_of(inputs[i].shape), name_of(r.inputs[i].type), text_of(r.inputs[i].shape));
    state_->inputs[i] = inputs[i].bytes.data();
  }
  std::vector<Tensor> outputs;
  for (const Port &p : r.outputs) outputs.emplace_back(p.type, p.shape);
  for (size_t i = 0; i < outputs.size(); ++i) state_->outputs[i] = outputs[i].bytes.data();

  Hook hook{r, state_->frames[0], trace, guard};
  const bool hooked = trace || guard;
  net2c_job job{};
  job.steps = state_->steps.data();
  job.count = static_cast<uint32_t>(state_->steps.size());
  job.kernels = state_->plan.kernels.data();
  job.frames = state_->frames.data();
  job.workers = state_->threads;
  job.parallel_for = state_->pool ? net2c_pool_run : nullptr;
  job.context = state_->pool.get();
  job.after_step = hooked ? Hook::after_step : nullptr;
  job.after_context = &hook;
  job.wait = net2c_pool_wait;
  net2c_run_steps(&job);
  if (hook.error) std::rethrow_exception(hook.error);
  return outputs;
}

std::vector<Tensor> execute(const Plan &plan, const std::vector<Tensor> &inputs, uint32_t threads)
{
  return Executor(plan, threads).run(inputs);
}

}  // namespace net2c
