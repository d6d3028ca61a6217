#include "execute/execute.h"

#include <chrono>
#include <cstdlib>
#include <cstring>

namespace net2c {

namespace {

struct Free {
  void operator()(char *p) const { std::free(p); }
};
using Block = std::unique_ptr<char, Free>;

Block aligned(uint64_t bytes)
{
  return Block(static_cast<char *>(std::aligned_alloc(64, (bytes + 127) / 64 * 64)));
}

}  // namespace

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

struct Executor::State {
  Plan plan;
  uint32_t threads;
  Block weights, arena;
  std::vector<net2c_frame> frames;
  std::vector<const void *> inputs;
  std::vector<void *> outputs;
};

Executor::Executor(const Plan &plan, uint32_t threads) : state_(new State{plan, threads, {}, {}, {}, {}, {}})
{
  const Recipe &r = *plan.recipe;
  state_->weights = aligned(r.weights.size() + 64);
  if (!r.weights.empty()) std::memcpy(state_->weights.get(), r.weights.data(), r.weights.size());
  state_->arena = aligned(arena_bytes(r, threads));
  state_->inputs.resize(r.inputs.size());
  state_->outputs.resize(r.outputs.size());
  for (uint32_t w = 0; w < threads; ++w)
    state_->frames.push_back({state_->weights.get(), state_->arena.get(), state_->arena.get() + r.arena + w * r.scratch,
                              state_->inputs.data(), state_->outputs.data()});
}

Executor::~Executor() = default;

Tensor Executor::read(const Written &w) const { return read_written(w, state_->frames[0]); }

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

  auto before = std::chrono::steady_clock::now();
  for (uint32_t s = 0; s < r.steps.size(); ++s) {
    const Step &step = r.steps[s];
    for (uint32_t c = 0; c < step.chunks; ++c) state_->plan.kernels[s](step.args.data(), &state_->frames[0], c);
    const auto now = std::chrono::steady_clock::now();
    if (guard)
      for (const Written &w : step.written)
        if (w.layout == Layout::c8 && w.map.c % 8)
          for (uint32_t n = 0; n < w.map.n; ++n)
            for (uint32_t i = 0; i < w.map.h; ++i)
              for (uint32_t j = 0; j < w.map.w; ++j)
                for (uint32_t l = w.map.c % 8; l < 8; ++l)
                  if (net2c_map_in(&state_->frames[0], &w.map, n, w.map.c / 8)[(size_t{i} * w.map.pitch + j) * 8 + l] != 0.0f)
                    bug("step {} ({} of '{}') leaves a lane beyond channel {} that is not zero", s, catalogue()[step.kernel].name,
                        step.layer, w.map.c);
    if (trace) trace(s, std::chrono::duration<double>(now - before).count());
    before = std::chrono::steady_clock::now();
  }
  return outputs;
}

std::vector<Tensor> execute(const Plan &plan, const std::vector<Tensor> &inputs, uint32_t threads)
{
  return Executor(plan, threads).run(inputs);
}

}  // namespace net2c
