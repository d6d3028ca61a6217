// Weights in half precision: each half is the float that it stands for, and kernels give the bits that they give for those floats.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <set>

#include "build_graph.h"
#include "execute/compare.h"
#include "execute/execute.h"
#include "isas_here.h"
#include "kernel_runner.h"
#include "kernels/dense/dense_args.h"
#include "kernels/act/act_args.h"
#include "lower/lower.h"
#include "runtime/fp_control.h"

using namespace net2c;

namespace {

Recipe lower_halves(const Graph &g)
{
  WeightsPool pool;
  pool.halves = true;
  Recipe recipe = lower(g, pool, {}, all_methods);
  recipe.weights = std::move(pool.bytes);
  return recipe;
}

// The graph with the weights of its convolutions and products rounded to half precision.
Graph rounded(const Graph &g)
{
  Graph r = g;
  for (const Node &node : g.nodes) {
    if (!std::holds_alternative<Conv>(node.op) && !std::holds_alternative<ConvTranspose>(node.op) && !std::holds_alternative<MatMul>(node.op)) continue;
    for (Node &other : r.nodes)
      if (Constant *c = std::get_if<Constant>(&other.op); c && other.outputs[0] == node.inputs[1]) {
        Tensor t = *c->data;
        for (float &x : t.as<float>()) x = half_to_float(float_to_half(x));
        c->data = std::make_shared<const Tensor>(std::move(t));
      }
  }
  return r;
}

using Kernels = std::set<std::string>;

// Each value that a step writes, on every ISA and by one, two and three threads, against the same kernels with fp32 weights.
void check(GraphBuilder &b, Kernels &used)
{
  const Recipe halves = lower_halves(b.g), floats = lower(rounded(b.g), all_methods);
  ASSERT_EQ(halves.steps.size(), floats.steps.size());
  ASSERT_LT(halves.weights.size(), floats.weights.size());
  for (const Step &s : halves.steps) used.insert(catalogue()[s.kernel].name);
  const std::vector<Tensor> inputs = b.random_inputs();
  std::vector<Tensor> wanted;
  Executor exact(plan_for(floats, best_isa()));
  for (Tensor &t : exact.run(inputs, [&](uint32_t s, double) {
         for (const Written &w : floats.steps[s].written) wanted.push_back(exact.read(w));
       }))
    wanted.push_back(std::move(t));
  for (Compiled isa : compiled_here())
    for (uint32_t threads : {1u, 2u, 3u}) {
      Executor executor(plan_for(halves, isa), threads);
      std::vector<Tensor> got;
      for (Tensor &t : executor.run(inputs, [&](uint32_t s, double) {
             for (const Written &w : halves.steps[s].written) got.push_back(executor.read(w));
           }, true))
        got.push_back(std::move(t));
      ASSERT_EQ(got.size(), wanted.size());
      for (size_t i = 0; i < got.size(); ++i)
        ASSERT_TRUE(compare("", "", got[i], wanted[i]).same_bits) << name_of(isa) << " at " << threads << " threads, value " << i << "\n" << print(b.g) << print(halves);
    }
}

void add_conv(GraphBuilder &b, Conv conv, const Shape &x, int64_t oc, int64_t kh, int64_t kw, bool image = false)
{
  const int64_t ic = x[1] / conv.group;
  const float r = 1.5f / std::sqrt(static_cast<float>(ic * kh * kw));
  conv.pads = {kh / 2, kw / 2, kh / 2, kw / 2};
  conv.epilogue.act = {b.coin() ? UnaryKind::relu : UnaryKind::sigmoid};
  ValueId in = b.input(x);
  if (!image) in = b.add(Unary{UnaryKind::tanh}, {in});
  b.output(b.add(conv, {in, b.constant({oc, ic, kh, kw}, -r, r), b.constant({oc})}));
}

void add_dense(GraphBuilder &b, int64_t m, int64_t k, int64_t n, int64_t batch = 0)
{
  const float r = 1.5f / std::sqrt(static_cast<float>(k));
  b.output(b.add(MatMul{}, {b.input(batch ? Shape{batch, m, k} : Shape{m, k}), b.constant(batch ? Shape{batch, k, n} : Shape{k, n}, -r, r), b.constant({n})}));
}

std::string error_of(const Graph &g)
{
  try {
    lower_halves(g);
  } catch (const Error &e) {
    return e.what();
  }
  return "";
}

}  // namespace

// Products with 1 that start at -0 give a number as it is. With and without the mode of a run, in which subnormal floats are zero.
TEST(Half, AllOfThemOnEveryIsa)
{
  for (const bool flush : {false, true}) {
    Runner r(1);
    constexpr uint32_t n = 1 << 16;
    const net2c_ref x = r.space(4), w = r.space(n * 2), y = r.space(n * 4), bias = r.space(n * 4);
    *r.data(x) = 1;
    for (uint32_t i = 0; i < n; ++i) r.data<uint16_t>(w)[i] = static_cast<uint16_t>(i), r.data(bias)[i] = -0.0f;
    net2c_dense_args a{x, y, NET2C_NONE, w, bias, NET2C_NONE, NET2C_NONE, 1, 1, 1, n, 1, 0, NET2C_ACT_IDENTITY, 0, 0, 1, 1};
    const uint64_t before = net2c_fp_get();
    if (flush) net2c_fp_set(NET2C_FP_WORD);
    r.run("dense_half", std::vector<std::pair<net2c_dense_args, uint32_t>>{{a, 1}});
    net2c_fp_set(before);
    for (uint32_t i = 0; i < n; ++i) {
      const float wanted = half_to_float(static_cast<uint16_t>(i)), got = r.data(y)[i];
      if (std::isnan(wanted)) ASSERT_TRUE(std::isnan(got)) << i;
      else ASSERT_EQ(std::bit_cast<uint32_t>(got), std::bit_cast<uint32_t>(wanted)) << i;
    }
  }
}

TEST(Half, SameBitsAsTheRoundedFloats)
{
  Kernels used;
  for (uint32_t seed = 0; seed < 12 && !HasFatalFailure(); ++seed) {   // all, under sanitizers too: every kernel of halves must come
    SCOPED_TRACE(seed);
    const auto with = [&](auto add) {
      if (HasFatalFailure()) return;
      GraphBuilder b(seed);
      add(b);
      check(b, used);
    };
    with([&](GraphBuilder &b) {   // one to seven blocks of output channels, and a last odd one
      add_conv(b, {.strides = {b.pick(1, 2), b.pick(1, 2)}, .dilations = {b.pick(1, 2), 1}}, {b.pick(1, 2), b.pick(5, 40), b.pick(7, 24), b.pick(7, 24)},
               b.pick(5, 110), b.pick(1, 4), b.pick(1, 4));
    });
    with([&](GraphBuilder &b) { add_conv(b, {.strides = {1, 2}, .group = 3}, {1, 3 * b.pick(2, 17), 12, 12}, 3 * b.pick(2, 17), 3, 3); });
    with([&](GraphBuilder &b) { add_conv(b, {.strides = {2, 2}}, {1, b.pick(1, 4), 21, 19}, b.pick(1, 40), b.pick(1, 5), b.pick(1, 5), true); });
    for (int64_t oc = 1; oc <= (seed < 3 ? 4 : 0); ++oc) {   // to few channels, and nested
      with([&](GraphBuilder &b) { add_conv(b, {}, {1, 8 + seed, 14, 30}, oc, b.pick(1, 4), b.pick(1, 3)); });
      with([&](GraphBuilder &b) { add_conv(b, {}, {1, 8 + seed, 20, 25}, oc, 9, 9); });
    }
    with([&](GraphBuilder &b) { add_conv(b, {}, {1, 3, 20, 25}, 9 + seed, 9, 9); });              // of a picture
    with([&](GraphBuilder &b) {
      const ConvTranspose conv{.strides = {b.pick(1, 3), b.pick(1, 3)}, .pads = {1, 0, 1, 0}, .group = b.pick(1, 2)};
      const int64_t ic = conv.group * b.pick(1, 30), oc = conv.group * b.pick(1, 60);
      b.output(b.add(conv, {b.input({1, ic, 6, 7}), b.constant({ic, oc / conv.group, b.pick(2, 5), b.pick(1, 5)}, -0.1f, 0.1f), b.constant({oc})}));
    });
    with([&](GraphBuilder &b) {   // Winograd's six forms
      const int64_t ic = b.pick(32, 50), oc = b.pick(32, 90), form = seed % 6, taps = std::array{3, 5, 4, 4, 3, 3}[form], stride = form < 2 ? 1 : 2;
      if (form == 3 || form == 5) {
        const ConvTranspose conv{.strides = {2, 2}, .pads = {1, b.pick(0, 1), 1, 1}};
        b.output(b.add(conv, {b.add(Unary{UnaryKind::tanh}, {b.input({1, ic, taps == 3 ? 60 : 19, taps == 3 ? 64 : 17})}), b.constant({ic, oc, taps, taps}, -0.05f, 0.05f)}));
      } else {
        add_conv(b, {.strides = {stride, stride}}, {1, ic, form == 4 ? 121 : stride == 2 ? 30 : 17, form == 4 ? 119 : stride == 2 ? 28 : 15}, oc, taps, taps);
      }
    });
    with([&](GraphBuilder &b) {   // and those of one dimension
      const int64_t taps = seed % 4 < 2 ? 3 : 7, other = 1;
      add_conv(b, {}, {1, b.pick(64, 90), 17, 15}, b.pick(64, 130), seed % 2 ? taps : other, seed % 2 ? other : taps);
    });
    if (seed < 3) with([&](GraphBuilder &b) { add_conv(b, {}, {1, 16 * b.pick(26, 30), 13, 15}, 32 * b.pick(6, 9), 1, 1); });   // Strassen's
    with([&](GraphBuilder &b) { add_dense(b, b.pick(1, 7), b.pick(1, 150), b.pick(1, 150)); });
    with([&](GraphBuilder &b) { add_dense(b, b.pick(12, 90), b.pick(1, 60), b.pick(1, 150)); });
    with([&](GraphBuilder &b) { add_dense(b, b.pick(1, 20), b.pick(1, 60), b.pick(1, 80), 2); });
  }
  for (const int64_t oc : {24, 32, 40}) {   // weights of a panel that are widened by pairs of blocks
    GraphBuilder b(1);
    add_conv(b, {}, {1, 176, 3, 3}, oc, 7, 7);
    check(b, used);
  }
  for (const Kernel &kernel : catalogue()) {
    const std::string name = kernel.name;
    EXPECT_TRUE(used.count(name) || !name.ends_with("_half")) << name;
  }
}

// A plane of maps between three steps that take turns on strips of rows.
TEST(Half, Strips)
{
  GraphBuilder b(3);
  Conv depthwise{.pads = {1, 1, 1, 1}, .group = 64};
  const ValueId x = b.add(Unary{UnaryKind::relu}, {b.input({1, 16, 96, 80})});
  const ValueId wide = b.add(Conv{}, {x, b.constant({64, 16, 1, 1}, -0.3f, 0.3f)}), deep = b.add(depthwise, {wide, b.constant({64, 1, 3, 3}, -0.3f, 0.3f)});
  b.output(b.add(Conv{}, {deep, b.constant({16, 64, 1, 1}, -0.3f, 0.3f)}));
  Kernels used;
  const Recipe recipe = lower_halves(b.g);
  EXPECT_GT(recipe.steps.size(), 6u);
  const auto layers = rounded(b.g);
  Graph g = b.g;
  for (size_t i = 0; i < g.nodes.size(); ++i)   // depthwise filters stay as they are
    if (Constant *c = std::get_if<Constant>(&g.nodes[i].op); c && c->data->shape != Shape{64, 1, 3, 3}) g.nodes[i].op = layers.nodes[i].op;
  const std::vector<Tensor> inputs = b.random_inputs(), wanted = execute(plan_for(lower(g), best_isa()), inputs);
  for (Compiled isa : compiled_here()) EXPECT_TRUE(compare("", "", execute(plan_for(recipe, isa), inputs, 2)[0], wanted[0]).same_bits) << name_of(isa);
}

TEST(Half, WeightsOfARunStayFloats)
{
  GraphBuilder b(4);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 9, 8, 8})});
  b.output(b.add(Conv{}, {x, b.input({12, 9, 3, 3})}));
  b.output(b.add(MatMul{}, {b.input({2, 5}), b.input({5, 6})}));
  const Recipe halves = lower_halves(b.g), floats = lower(b.g);
  EXPECT_EQ(halves.structure, floats.structure);
  EXPECT_EQ(halves.weights, floats.weights);
}

TEST(Half, WhatNoHalfIsNearTo)
{
  for (const float x : {65520.0f, -1e30f, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    GraphBuilder conv(5), dense(5);
    Tensor w = conv.random_tensor({4, 9, 1, 1}), v = dense.random_tensor({3, 2});
    w.as<float>()[7] = v.as<float>()[5] = x;
    conv.output(conv.add(Conv{}, {conv.add(Unary{UnaryKind::tanh}, {conv.input({1, 9, 5, 5})}), conv.constant(w)}));
    dense.output(dense.add(MatMul{}, {dense.input({1, 3}), dense.constant(v)}));
    EXPECT_NE(error_of(conv.g).find("'Conv"), std::string::npos) << error_of(conv.g);
    EXPECT_NE(error_of(dense.g).find(fmt::format("hold {}, which is no number of half precision (up to 65504); compile without --weights fp16", x)), std::string::npos)
        << error_of(dense.g);
  }
  GraphBuilder b(5);
  b.output(b.add(MatMul{}, {b.input({1, 2}), b.constant(tensor_f32({2, 1}, {65519.0f, 1e-30f}))}));   // the largest half, and zero
  const auto y = execute(plan_for(lower_halves(b.g), best_isa()), {tensor_f32({1, 2}, {1, 1e20f})});
  EXPECT_EQ(y[0].as<float>()[0], 65504.0f);
}
