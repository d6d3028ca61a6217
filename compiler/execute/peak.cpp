#include "execute/peak.h"

#include <algorithm>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include "kernels/peak/peak_args.h"
#include "plan/plan.h"

namespace net2c {

namespace {

constexpr uint32_t multiply_adds = 384 << 16;   // of a call
constexpr double seconds = 0.2;

// Of one thread, the quickest of calls for so long; each call is about a millisecond.
double best_call(KernelFunction kernel)
{
  alignas(64) char arena[64] = {};
  const net2c_frame frame{nullptr, arena, nullptr, nullptr, nullptr};
  const net2c_fma_peak_args args{NET2C_REF(NET2C_ARENA, 0), multiply_adds};
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (const auto begin = Clock::now(); std::chrono::duration<double>(Clock::now() - begin).count() < seconds;) {
    const auto from = Clock::now();
    kernel(&args, &frame, 0);
    best = std::min(best, std::chrono::duration<double>(Clock::now() - from).count());
  }
  return best;
}

}  // namespace

double measured_peak(uint32_t threads)
{
  Recipe recipe;
  recipe.steps.push_back({kernel_named("fma_peak"), {}, 1, 0, "", 0, {}});
  const KernelFunction kernel = plan_for(recipe, best_isa()).kernels[0];
  std::vector<double> best(threads);
  std::latch together(threads);
  {
    std::vector<std::jthread> workers;
    for (double &b : best)
      workers.emplace_back([&b, &together, kernel] {
        together.arrive_and_wait();
        b = best_call(kernel);
      });
  }
  double rate = 0;
  for (double b : best) rate += 2e-9 * multiply_adds / b;
  return rate;
}

}  // namespace net2c
