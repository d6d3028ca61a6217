// What can be said of recipes and of results without running a kernel.
#include <gtest/gtest.h>

#include <cmath>

#include "build_graph.h"
#include "execute/compare.h"
#include "lower/lower.h"

using namespace net2c;

namespace {

// Two convolutions with a branch between them, so that buffers live at the same time.
Recipe branched()
{
  GraphBuilder b(1);
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({1, 16, 9, 9})});
  const ValueId y = b.add(Conv{.pads = {1, 1, 1, 1}}, {x, b.constant({16, 16, 3, 3})});
  const ValueId z = b.add(Conv{.pads = {1, 1, 1, 1}}, {y, b.constant({16, 16, 3, 3})});
  b.output(b.add(Binary{BinaryKind::mul}, {b.add(Unary{UnaryKind::exp}, {x}), z}));
  return lower(b.g);
}

std::string bug_in(const std::function<void(Recipe &)> &change)
{
  Recipe recipe = branched();
  change(recipe);
  try {
    verify(recipe);
  } catch (const Bug &bug) {
    return bug.what();
  }
  return "no bug";
}

#define EXPECT_SAYS(text, part) EXPECT_NE((text).find(part), std::string::npos) << (text)

}  // namespace

TEST(Recipe, VerifyNamesWhatIsBroken)
{
  EXPECT_EQ(bug_in([](Recipe &) {}), "no bug");
  const Recipe good = branched();
  size_t a = 0, b = 0;   // two that live at the same time
  for (size_t i = 0; i < good.buffers.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (good.buffers[j].first <= good.buffers[i].last && good.buffers[i].first <= good.buffers[j].last) a = i, b = j;
  ASSERT_NE(a, b);
  EXPECT_SAYS(bug_in([&](Recipe &r) { r.buffers[a].offset = r.buffers[b].offset; }), "overlap while both live");
  EXPECT_SAYS(bug_in([&](Recipe &r) {
                Buffer &low = r.buffers[a].offset < r.buffers[b].offset ? r.buffers[a] : r.buffers[b], &high = &low == &r.buffers[a] ? r.buffers[b] : r.buffers[a];
                low.bytes = high.offset - low.offset + 64;   // by a little
              }),
              "overlap while both live");
  EXPECT_SAYS(bug_in([](Recipe &r) { r.arena -= 64; }), "lies outside the arena");
  EXPECT_SAYS(bug_in([](Recipe &r) { r.buffers[0].offset += 4; }), "lies outside the arena");
  EXPECT_SAYS(bug_in([](Recipe &r) { r.weights.resize(64); }), "lies outside its base");
  EXPECT_SAYS(bug_in([](Recipe &r) { r.steps[1].chunks = 0; }), "has no chunks");
  EXPECT_SAYS(bug_in([](Recipe &r) { r.steps[0].follows = true; }), "follows one of other chunks");
  EXPECT_SAYS(bug_in([](Recipe &r) { r.steps[1].follows = true, r.steps[1].chunks = r.steps[0].chunks + 1; }), "follows one of other chunks");
}

TEST(Recipe, WhatStepsThatFollowUseLivesThroughAllOfThem)
{
  Recipe r;
  for (uint64_t i = 0; i < 5; ++i) r.buffers.push_back({"", 64, 0, 0, 64 * i});
  for (uint32_t i = 0; i < 4; ++i) {   // each reads the buffer that the one before wrote
    Step s;
    s.kernel = kernel_named("copy_plain");
    s.args = {NET2C_REF(NET2C_ARENA, i), NET2C_REF(NET2C_ARENA, i + 1), 64, 1};
    r.steps.push_back(s);
  }
  const uint64_t structure = structure_hash(r);
  r.steps[2].follows = true;
  EXPECT_NE(structure_hash(r), structure);
  EXPECT_SAYS(print(r), " follows ");
  find_lifetimes(r);
  const std::pair<uint32_t, uint32_t> expected[] = {{0, 0}, {0, 2}, {1, 2}, {1, 3}, {3, 3}};
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(std::pair(r.buffers[i].first, r.buffers[i].last), expected[i]) << i;
  plan_arena(r);   // buffers 1 and 3 may not share a place, as they would without
  EXPECT_EQ(r.arena, 3 * 64 + 64u);
  verify(r);
}

TEST(Compare, NumbersThatDiffer)
{
  const auto difference = [](std::vector<float> a, std::vector<float> b) {
    return compare("y", "layer", tensor_f32({static_cast<int64_t>(a.size())}, a), tensor_f32({static_cast<int64_t>(b.size())}, b));
  };
  const Difference same = difference({1, -2, NAN, INFINITY}, {1, -2, NAN, INFINITY});
  EXPECT_TRUE(same.same_bits);
  EXPECT_EQ(same.max_abs, 0);
  EXPECT_EQ(same.relative_rms, 0);
  const Difference some = difference({1, 2, 3}, {1, 5, -1});
  EXPECT_FALSE(some.same_bits);
  EXPECT_EQ(some.max_abs, 4);
  EXPECT_EQ(some.range, 5);
  EXPECT_DOUBLE_EQ(some.relative_rms, 5 / std::sqrt(27.0));
  const Difference zero = difference({0.0f}, {-0.0f});
  EXPECT_FALSE(zero.same_bits);
  EXPECT_EQ(zero.max_abs, 0);
  EXPECT_EQ(difference({1, NAN}, {1, 2}).max_abs, INFINITY);
  EXPECT_EQ(difference({1}, {0}).relative_rms, INFINITY);
}
