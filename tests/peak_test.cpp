#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "execute/peak.h"
#include "isas_here.h"
#include "kernels/peak/peak_args.h"
#include "plan/plan.h"

namespace net2c {
namespace {

// It does the work that it is counted for: so many rounds of all sums, in every lane.
TEST(Peak, Rounds)
{
  struct Case { Isa isa; int lanes, sums; };
  for (const Case c : {Case{Isa::portable, 8, 12}, Case{Isa::avx2, 8, 12}, Case{Isa::avx512, 16, 24}, Case{Isa::neon, 4, 24}}) {
    if (!runs_here(c.isa)) continue;
    Recipe recipe;
    recipe.steps.push_back({kernel_named("fma_peak"), {}, 1, 0, "", 0, {}});
    alignas(64) float arena[16];
    for (int i = 0; i < 16; ++i) arena[i] = 0.25f * static_cast<float>(i);
    const net2c_frame frame{nullptr, reinterpret_cast<char *>(arena), nullptr, nullptr, nullptr};
    const uint32_t rounds = 5;
    const net2c_fma_peak_args args{NET2C_REF(NET2C_ARENA, 0), rounds * static_cast<uint32_t>(c.lanes * c.sums)};
    plan_for(recipe, c.isa).kernels[0](&args, &frame, 0);
    for (int i = 0; i < 16; ++i) {
      const float shift = 0.25f * static_cast<float>(i);
      float all = 0;
      for (int k = 0; k < c.sums; ++k) {
        float sum = static_cast<float>(k);
        for (uint32_t n = 0; n < rounds; ++n) sum = std::fma(sum, 0.999f, shift);
        all = k ? std::fma(sum, 0.999f, all) : sum;
      }
      EXPECT_NEAR(arena[i], i < c.lanes ? all : shift, 1e-5f * all) << name_of(c.isa) << ", lane " << i;
    }
  }
}

// Every float of its chunk is read once, and none beside it: whole numbers, so any order gives the same sum.
TEST(Peak, StreamReadsAll)
{
  for (const Compiled isa : compiled_here()) {
    constexpr uint32_t n = 640, chunks = 3;
    Recipe recipe;
    recipe.steps.push_back({kernel_named("stream"), {}, 1, 0, "", 0, {}});
    alignas(64) float x[n * chunks], y[16] = {};
    for (uint32_t i = 0; i < n * chunks; ++i) x[i] = static_cast<float>(i % 97);
    const net2c_frame frame{reinterpret_cast<const char *>(x), nullptr, reinterpret_cast<char *>(y), nullptr, nullptr};
    const net2c_stream_args args{NET2C_REF(NET2C_WEIGHTS, 0), NET2C_REF(NET2C_SCRATCH, 0), n};
    for (uint32_t chunk = 0; chunk < chunks; ++chunk) {
      plan_for(recipe, isa).kernels[0](&args, &frame, chunk);
      EXPECT_EQ(std::accumulate(y, y + 16, 0.0f), std::accumulate(x + chunk * n, x + (chunk + 1) * n, 0.0f)) << name_of(isa) << ", chunk " << chunk;
    }
  }
}

TEST(Peak, OfThisMachine)
{
  EXPECT_GT(measured_peak(1), 0.001);
  for (uint32_t threads : {1u, 2u}) EXPECT_GT(measured_bandwidth(1 << 20, threads), 0.001);
  EXPECT_GT(measured_bandwidth(1, 1), 0.001) << "less than is read at once";
}

}  // namespace
}  // namespace net2c
