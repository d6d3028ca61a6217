// Of the tests of plans: a graph against the reference interpreter, on every ISA of this machine; and every ISA, thread count
// and chunk order against each other, bit for bit. And what random layers have behind them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "build_graph.h"
#include "execute/compare.h"
#include "execute/execute.h"
#include "execute/interpret.h"
#include "isas_here.h"
#include "lower/lower.h"
#include "optimise/optimise.h"
#include "runtime/run.h"

namespace net2c {

// For one worker.
inline std::unique_ptr<char, void (*)(void *)> arena_of(const Recipe &r)
{
  return {static_cast<char *>(std::aligned_alloc(64, (arena_bytes(r, 1) + 127) / 64 * 64)), std::free};
}

// By one of two workers, who takes the first half of every step's chunks upwards and the other half downwards: where steps follow one another, an order that
// shows a chunk which needs another's.
inline std::vector<Tensor> run_by_one_of_two(const Plan &plan, const std::vector<Tensor> &inputs)
{
  const Recipe &r = *plan.recipe;
  const KernelWeights weights = kernel_weights(r);
  const auto arena = arena_of(r);
  std::vector<Tensor> outputs;
  std::vector<const void *> in;
  std::vector<void *> out;
  std::vector<net2c_step> steps;
  for (const Tensor &t : inputs) in.push_back(t.bytes.data());
  for (const Port &p : r.outputs) outputs.emplace_back(p.type, p.shape);
  for (Tensor &t : outputs) out.push_back(t.bytes.data());
  for (uint32_t s = 0; s < r.steps.size(); ++s) steps.push_back({r.steps[s].args.data(), s, chunks_to_run(r.steps[s])});
  const net2c_frame frame{weights.get(), arena.get(), arena.get() + r.arena, in.data(), out.data()}, frames[2] = {frame, frame};
  net2c_job job{};
  job.steps = steps.data(), job.count = static_cast<uint32_t>(steps.size()), job.kernels = plan.kernels.data(), job.frames = frames, job.workers = 2;
  job.parallel_for = [](void *, unsigned, void (*body)(void *, unsigned), void *task) { body(task, 0); };
  net2c_run_steps(&job);
  return outputs;
}

// Every value that a step writes: within `limit` of the reference's largest magnitude; the same bits on every ISA.
inline void check(const Graph &g, const std::vector<Tensor> &inputs, double limit = 2e-5)
{
  verify(g, "test");
  std::vector<Tensor> reference(g.values.size());
  interpret(g, inputs, [&](NodeId, ValueId v, const Tensor &t) { reference[v] = t; });
  const Recipe recipe = lower(g, all_methods);
  std::vector<Tensor> first;
  for (Compiled isa : compiled_here()) {
    for (uint32_t threads : {1u, 2u, 3u}) {
      Executor executor(plan_for(recipe, isa), threads);
      std::vector<Tensor> written;
      const auto outputs = executor.run(
          inputs,
          [&](uint32_t s, double) {
            for (const Written &w : recipe.steps[s].written) {
              written.push_back(executor.read(w));
              const Difference d = compare(w.name, recipe.steps[s].layer, written.back(), reference[w.value]);
              ASSERT_LE(d.max_abs, limit * std::max(1.0, d.range))
                  << name_of(isa) << " " << w.name << " " << text_of(w.shape) << "\n" << print(g) << print(recipe);
            }
          },
          true);
      if (::testing::Test::HasFatalFailure()) return;
      for (size_t i = 0; i < outputs.size(); ++i) {
        const Difference d = compare("output", "", outputs[i], reference[g.outputs[i]]);
        ASSERT_LE(d.max_abs, limit * std::max(1.0, d.range)) << name_of(isa) << "\n" << print(g) << print(recipe);
        written.push_back(outputs[i]);
      }
      const auto together = threads > 1 ? executor.run(inputs) : run_by_one_of_two(plan_for(recipe, isa), inputs);   // as steps follow one another without a trace
      for (size_t i = 0; i < outputs.size(); ++i) ASSERT_TRUE(compare("", "", together[i], outputs[i]).same_bits) << name_of(isa) << "\n" << print(g) << print(recipe);
      if (first.empty()) first = written;
      ASSERT_EQ(first.size(), written.size());
      for (size_t i = 0; i < first.size(); ++i)
        ASSERT_TRUE(compare("", "", written[i], first[i]).same_bits)
            << name_of(isa) << " at " << threads << " threads, value " << i << "\n" << print(g) << print(recipe);
    }
  }
}

inline void check(GraphBuilder &b, double limit = 2e-5) { check(b.g, b.random_inputs(), limit); }

// y by a chain of layers in strips, or not, if it must not be one: as the reference has it, and every bit as where the maps between are whole, which other
// outputs of the network make them.
inline void check_strips(GraphBuilder &b, ValueId y, const std::vector<ValueId> &between, bool in_strips = true)
{
  b.output(y);
  const Recipe strips = lower(b.g, all_methods);
  bool take_turns = false;
  for (size_t i = 0; i < strips.steps.size(); ++i)
    for (size_t k = i + 2; k < strips.steps.size(); ++k)
      take_turns = take_turns || (strips.steps[i].node == strips.steps[k].node && strips.steps[k - 1].node != strips.steps[k].node);
  ASSERT_EQ(take_turns, in_strips) << print(b.g) << print(strips);
  const std::vector<Tensor> inputs = b.random_inputs();
  check(b.g, inputs, 1e-4);
  const Tensor first = execute(plan_for(strips, best_isa()), inputs)[0];
  for (ValueId v : between) b.output(v);
  const Recipe whole = lower(b.g, all_methods);
  EXPECT_TRUE(std::ranges::none_of(whole.buffers, &Buffer::strips));
  EXPECT_TRUE(compare("", "", execute(plan_for(whole, best_isa()), inputs)[0], first).same_bits) << print(strips);
}

// As given, and after the passes.
inline void check_both(GraphBuilder &b, double limit = 2e-5)
{
  const auto inputs = b.random_inputs();
  check(b.g, inputs, limit);
  if (::testing::Test::HasFatalFailure()) return;
  optimise(b.g);
  check(b.g, inputs, limit);
}

inline Unary random_act(GraphBuilder &b)
{
  constexpr UnaryKind kinds[] = {UnaryKind::identity, UnaryKind::relu, UnaryKind::leaky_relu, UnaryKind::elu, UnaryKind::clip,
                                 UnaryKind::sigmoid, UnaryKind::tanh, UnaryKind::hard_swish, UnaryKind::silu, UnaryKind::gelu};
  const UnaryKind kind = kinds[b.pick(0, std::size(kinds) - 1)];
  if (kind == UnaryKind::clip) return {kind, -0.5f, 0.75f};
  return {kind, 0.1f, 0};
}

// Inputs bias, residual, scale, shift for an epilogue over a result of this shape.
inline void add_epilogue(GraphBuilder &b, std::vector<ValueId> &inputs, const Shape &result, int64_t channels)
{
  inputs.push_back(b.coin() ? b.constant({channels}) : none);
  inputs.push_back(b.pick(0, 2) == 0 ? b.add(Unary{UnaryKind::tanh}, {b.input(result)}) : none);
  if (b.pick(0, 2) == 0) {
    inputs.push_back(b.constant({channels}, 0.5f, 1.5f));
    inputs.push_back(b.constant({channels}));
  }
}

inline int64_t conv_out(int64_t size, int64_t pads, int64_t dilation, int64_t kernel, int64_t stride)
{
  return (size + pads - dilation * (kernel - 1) - 1) / stride + 1;
}

inline bool takes(const Recipe &recipe, const char *kernel)
{
  return std::any_of(recipe.steps.begin(), recipe.steps.end(), [&](const Step &s) { return catalogue()[s.kernel].name == std::string(kernel); });
}

}  // namespace net2c
