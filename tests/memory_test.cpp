// --max-memory: which layers give way, and that what is left computes the same.
#include <gtest/gtest.h>

#include <algorithm>

#include "build_graph.h"
#include "driver/figures.h"
#include "driver/memory.h"
#include "execute/compare.h"
#include "execute/execute.h"
#include "execute/interpret.h"
#include "lower/lower.h"

using namespace net2c;

namespace {

// A layer at 64 x 64 whose strips set the arena; one at 16 x 16 of more channels, whose filters set the scratch.
struct Network {
  GraphBuilder b{1};
  NodeId large, deep;
  Network()
  {
    const Conv conv{.pads = {1, 1, 1, 1}};
    const auto filters = [&](int64_t to, int64_t from) { return b.constant({to, from, 3, 3}, -0.1f, 0.1f); };
    const auto last = [&] { return static_cast<NodeId>(b.g.nodes.size() - 1); };
    const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 32, 64, 64})});
    const ValueId y = b.add(conv, {x, filters(32, 32)});
    large = last();
    const ValueId z = b.add(Conv{.strides = {4, 4}}, {y, b.constant({128, 32, 1, 1})});
    b.output(b.add(conv, {z, filters(64, 128)}));
    deep = last();
  }
};

struct Planned {
  Recipe recipe;
  uint64_t needed;
  bool uses(NodeId n, const char *kernel) const { return steps(n, kernel) > 0; }
  long steps(NodeId n, const char *kernel) const
  {
    return std::ranges::count_if(recipe.steps, [&](const Step &s) { return s.node == n && s.kernel == kernel_named(kernel); });
  }
};

Planned plan(const Graph &g, uint64_t limit)
{
  WeightsPool pool;
  Recipe recipe = lower_within(g, pool, limit, 0);
  const uint64_t needed = memory_of(recipe, pool.bytes.size());
  recipe.weights = std::move(pool.bytes);
  return {std::move(recipe), needed};
}

}  // namespace

TEST(Memory, LimitsAreRead)
{
  EXPECT_EQ(parse_memory("1"), 1u);
  EXPECT_EQ(parse_memory("20K"), 20'000u);
  EXPECT_EQ(parse_memory("20kb"), 20'000u);
  EXPECT_EQ(parse_memory("20MB"), 20'000'000u);
  EXPECT_EQ(parse_memory("3G"), 3'000'000'000u);
  for (const char *text : {"", "0", "-1", "MB", "1.5MB", "20 MB", "20MiB", "20B", "20T", "20MBs", "99999999999999999999", "99999999999G"})
    EXPECT_THROW(parse_memory(text), Error) << text;
}

TEST(Memory, StripsGiveWayThenTheAlgorithmThenNothing)
{
  Network n;
  const Graph &g = n.b.g;
  const Planned fast = plan(g, UINT64_MAX);
  ASSERT_TRUE(fast.uses(n.large, "winograd3") && fast.uses(n.deep, "winograd3"));
  EXPECT_EQ(plan(g, fast.needed).recipe.structure, fast.recipe.structure);

  const Planned strips = plan(g, fast.needed - 1);
  EXPECT_LT(strips.needed, fast.needed);
  EXPECT_GT(strips.steps(n.large, "winograd3"), fast.steps(n.large, "winograd3"));
  EXPECT_EQ(strips.steps(n.deep, "winograd3"), fast.steps(n.deep, "winograd3")) << "it does not set the peak";

  const Planned least = plan(g, 1);
  EXPECT_FALSE(least.uses(n.large, "winograd3") || least.uses(n.deep, "winograd3"));
  EXPECT_EQ(least.recipe.scratch, 0u);
  EXPECT_EQ(plan(g, least.needed).recipe.structure, least.recipe.structure) << "the least that it says will do";
  EXPECT_GT(plan(g, least.needed - 1).needed, least.needed - 1);

  bool direct = false;   // once a layer is, it stays so
  int kinds = 0;
  for (uint64_t i = 0, was = 0; i <= 20; ++i) {
    const uint64_t limit = fast.needed - (fast.needed - least.needed) * i / 20;
    const Planned p = plan(g, limit);
    EXPECT_LE(p.needed, limit);
    EXPECT_EQ(p.recipe.structure, plan(g, limit).recipe.structure) << "deterministic";
    if (p.uses(n.large, "conv") || p.uses(n.deep, "conv")) direct = true;
    else EXPECT_FALSE(direct) << limit;
    kinds += p.recipe.structure != was;
    was = p.recipe.structure;
  }
  EXPECT_TRUE(direct);
  EXPECT_GE(kinds, 5);
}

TEST(Memory, LayersThatAreNotAtThePeakStay)
{
  GraphBuilder b(2);   // two alike but for their size: the smaller one fits whatever the larger one becomes
  const Conv conv{.pads = {1, 1, 1, 1}};
  const ValueId y = b.add(conv, {b.add(Unary{UnaryKind::tanh}, {b.input({1, 16, 64, 64})}), b.constant({16, 16, 3, 3})});
  const NodeId large = static_cast<NodeId>(b.g.nodes.size() - 1);
  const ValueId half = b.add(Conv{.strides = {2, 2}}, {y, b.constant({16, 16, 1, 1})});
  b.output(b.add(conv, {half, b.constant({16, 16, 3, 3})}));
  const NodeId small = static_cast<NodeId>(b.g.nodes.size() - 1);
  const Planned fast = plan(b.g, UINT64_MAX);
  ASSERT_TRUE(fast.uses(large, "winograd3") && fast.uses(small, "winograd3"));
  const Planned p = plan(b.g, plan(b.g, 1).needed + fast.recipe.scratch);   // for the filters of both, not for a strip of the large one
  EXPECT_FALSE(p.uses(large, "winograd3"));
  EXPECT_EQ(p.steps(small, "winograd3"), fast.steps(small, "winograd3"));
}

TEST(Memory, WhateverTheLimitItComputesTheSame)
{
  Network n;
  const Graph &g = n.b.g;
  const std::vector<Tensor> inputs{n.b.random_tensor({1, 32, 64, 64})};
  std::vector<Tensor> outputs = interpret(g, inputs);
  const uint64_t most = plan(g, UINT64_MAX).needed, least = plan(g, 1).needed;
  for (uint64_t limit : {most - 1, most - (most - least) / 3, least + (most - least) / 6, least}) {
    const Planned p = plan(g, limit);
    const Tensor result = execute(plan_for(p.recipe, best_isa()), inputs)[0];
    EXPECT_LE(compare("y", "", result, outputs[0]).relative_rms, 1e-5) << limit;
  }
}

TEST(Memory, TheErrorNamesTheLayerAndTheLeast)
{
  Network n;
  WeightsPool pool;
  const Recipe least = lower_within(n.b.g, pool, 1, 0);
  try {
    fail_memory("net.onnx", least, pool.bytes.size(), 1);
  } catch (const Error &e) {
    const std::string text = e.what();
    EXPECT_EQ(text.find("net.onnx: layer '" + arena_peak_of(least).layer + "': "), 0u) << text;
    EXPECT_NE(text.find(fmt::format("{} are the least", memory_of(least, pool.bytes.size()))), std::string::npos) << text;
  }
}
