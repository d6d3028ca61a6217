// The bound that `net2c bench` gives: each layer's work, and which of its two times counts.
#include <gtest/gtest.h>

#include <algorithm>

#include "build_graph.h"
#include "driver/bound.h"
#include "driver/figures.h"
#include "lower/lower.h"

using namespace net2c;

namespace {

struct Layer {
  std::string kernel;
  LayerWork work;
};

// One for each layer, in order.
std::vector<Layer> layers_of(const Graph &g)
{
  const Recipe recipe = lower(g);
  const std::vector<size_t> row_of = rows_of(recipe);
  const std::vector<LayerWork> rows = work_of(recipe);
  std::vector<Layer> layers;
  for (size_t i = 0, row = 0; i < recipe.steps.size(); ++i) {
    if (row_of[i] != row) continue;   // a later strip
    if (rows[row].row == row) layers.push_back({catalogue()[recipe.steps[i].kernel].name, rows[row]});
    else EXPECT_EQ(rows[row].operations + rows[row].weights_bytes + rows[row].maps_bytes, 0u) << "row " << row;
    ++row;
  }
  return layers;
}

constexpr uint64_t pixels = 64 * 64, f32 = sizeof(float);

}  // namespace

TEST(Bound, WorkOfDirectLayers)
{
  GraphBuilder b(1);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 16, 64, 64})});
  const ValueId y = b.add(Conv{}, {x, b.constant({32, 16, 1, 1}), b.constant({32})});
  const ValueId z = b.add(Conv{.pads = {1, 1, 1, 1}, .group = 32}, {y, b.constant({32, 1, 3, 3}), b.constant({32})});
  b.output(b.add(Binary{BinaryKind::add}, {z, y}));
  const std::vector<Layer> layers = layers_of(b.g);
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_EQ(layers[1].kernel, "conv");
  EXPECT_EQ(layers[1].work.operations, 32 * 16 * pixels);
  EXPECT_EQ(layers[1].work.weights_bytes, (32 * 16 + 32) * f32);
  EXPECT_EQ(layers[1].work.maps_bytes, (16 + 32) * pixels * f32);
  EXPECT_EQ(layers[2].kernel, "depthwise3x3_s1");
  EXPECT_EQ(layers[2].work.operations, 32 * 9 * pixels);
  EXPECT_EQ(layers[2].work.weights_bytes, (32 * 9 + 32) * f32);
  EXPECT_EQ(layers[2].work.maps_bytes, (32 + 32) * pixels * f32);
  EXPECT_EQ(layers[3].work.operations, 0u);
  EXPECT_EQ(layers[3].work.weights_bytes, 0u);
  EXPECT_EQ(layers[3].work.maps_bytes, 32 * (2 * pixels + 66 * 66) * f32) << "in place; with the halo, since the step names no map there; the output";
}

// A norm's sums and power count, though they are no multiply-adds.
TEST(Bound, WorkOfNorms)
{
  GraphBuilder b(1);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 16, 64, 64})});
  const ValueId y = b.add(Norm{.kind = NormKind::lrn, .size = 5, .alpha = 1e-4f, .beta = 0.75f, .k = 1}, {x});
  b.output(b.add(Norm{.kind = NormKind::channel}, {y, b.constant({16}), b.constant({16})}));
  const std::vector<Layer> layers = layers_of(b.g);
  ASSERT_EQ(layers.size(), 3u);
  EXPECT_EQ(layers[1].work.operations, 18 * 16 * pixels);
  EXPECT_EQ(layers[2].work.operations, 6 * 16 * pixels);
  EXPECT_EQ(layers[1].work.maps_bytes, 2 * 16 * pixels * f32);
}

// Products of F(4,3), in all strips; what is transformed does not leave the layer.
TEST(Bound, WorkOfWinograd)
{
  GraphBuilder b(1);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 32, 64, 64})});
  const ValueId y = b.add(Conv{.pads = {1, 1, 1, 1}}, {x, b.constant({64, 32, 3, 3}), b.constant({64})});
  b.output(b.add(Unary{UnaryKind::tanh}, {y}));
  const Layer conv = layers_of(b.g)[1];
  EXPECT_EQ(conv.kernel, "winograd3");
  constexpr uint64_t tiles = 16 * 16, products = 36 * 64 * 32, input = 12 * 12 * 32, output = 10 * 12 * 64, filters = 9 * 11 * 64 * 32;
  EXPECT_NEAR(static_cast<double>(conv.work.operations), tiles * (products + input + output) + filters, 10) << "a strip's part is rounded";
  EXPECT_EQ(conv.work.weights_bytes, (64 * 32 * 9 + 64) * f32);
  EXPECT_EQ(conv.work.maps_bytes, (32 + 64) * pixels * f32);
}

// All rows of the wide maps of an inverted residual go through buffers of a strip; a row that two strips need once, though it is kept for the second.
TEST(Bound, WorkOfStrips)
{
  GraphBuilder b(1);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 16, 64, 64})});
  const ValueId wide = b.add(Conv{}, {x, b.constant({128, 16, 1, 1})});
  const ValueId middle = b.add(Conv{.pads = {1, 1, 1, 1}, .group = 128}, {wide, b.constant({128, 1, 3, 3})});
  b.output(b.add(Unary{UnaryKind::tanh}, {b.add(Conv{}, {middle, b.constant({24, 128, 1, 1})})}));
  const std::vector<Layer> layers = layers_of(b.g);
  ASSERT_EQ(layers.size(), 5u);
  const auto sizes = [](const Layer &layer) {
    std::vector<uint64_t> found;
    for (const auto &[size, bytes] : layer.work.strips_bytes) found.push_back(size);
    return found;
  };
  constexpr uint64_t map = 128 * pixels * f32;
  ASSERT_EQ(sizes(layers[1]).size(), 1u);
  const uint64_t first = sizes(layers[1])[0];
  EXPECT_LT(first, map);
  EXPECT_EQ(layers[1].work.operations, 128 * 16 * pixels) << "rows that two strips need are made once";
  EXPECT_EQ(layers[1].work.maps_bytes, 16 * pixels * f32);
  EXPECT_EQ(layers[1].work.strips_bytes.at(first), map);
  ASSERT_EQ(sizes(layers[2]).size(), 2u) << "what is read has a halo and rows that are kept";
  EXPECT_EQ(layers[2].work.operations, 128 * 9 * pixels);
  EXPECT_EQ(layers[2].work.maps_bytes, 0u);
  ASSERT_EQ(sizes(layers[3]).size(), 1u);
  const uint64_t second = sizes(layers[3])[0];
  EXPECT_EQ(layers[2].work.strips_bytes, (std::map<uint64_t, uint64_t>{{first, map}, {second, map}}));
  EXPECT_EQ(layers[3].work.maps_bytes, 24 * pixels * f32);
  EXPECT_EQ(layers[3].work.strips_bytes.at(second), map);
}

// Several strips of tiles are one of the chain.
TEST(Bound, WorkOfTilesInStrips)
{
  GraphBuilder b(1);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 64, 80, 160})});
  const ValueId y = b.add(Conv{.pads = {1, 1, 1, 1}}, {x, b.constant({32, 64, 3, 3}), b.constant({32})});
  b.output(b.add(Conv{}, {y, b.constant({2, 32, 1, 1})}));
  const Recipe recipe = lower(b.g);
  const auto buffer = std::ranges::find_if(recipe.buffers, &Buffer::strips);
  ASSERT_NE(buffer, recipe.buffers.end()) << print(recipe);
  constexpr uint64_t all = 80 * 160;
  const std::map<uint64_t, uint64_t> map{{buffer->bytes, 32 * all * f32}};
  const std::vector<Layer> layers = layers_of(b.g);
  ASSERT_EQ(layers.size(), 3u);
  EXPECT_EQ(layers[1].kernel, "winograd3");
  EXPECT_EQ(layers[1].work.maps_bytes, 64 * all * f32);
  EXPECT_EQ(layers[1].work.strips_bytes, map);
  EXPECT_EQ(layers[2].kernel, "conv_narrow2");
  EXPECT_EQ(layers[2].work.strips_bytes, map);
  EXPECT_EQ(layers[2].work.maps_bytes, 2 * all * f32) << "the output";
}

TEST(Bound, WhatTakesLonger)
{
  const MachineRates rates{.gflops = 100, .weights_gbs = 10, .maps_gbs = 40, .strips_gbs = {{1024, 200}, {2048, 100}}};
  EXPECT_DOUBLE_EQ(bound_ms({.operations = 1'000'000'000, .weights_bytes = 1000, .maps_bytes = 1000}, rates), 20);
  EXPECT_DOUBLE_EQ(bound_ms({.operations = 1'000'000, .weights_bytes = 20'000'000, .maps_bytes = 40'000'000}, rates), 3);
  EXPECT_DOUBLE_EQ(bound_ms({.maps_bytes = 40'000'000, .strips_bytes = {{1024, 200'000'000}, {2048, 200'000'000}}}, rates), 4);
}
