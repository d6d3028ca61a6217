#include "execute/peak.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <latch>
#include <thread>
#include <vector>

#include "kernels/peak/peak_args.h"
#include "plan/plan.h"

namespace net2c {

namespace {

constexpr uint32_t multiply_adds = 384 << 16;   // of a call
constexpr uint64_t least_bytes = 1 << 20, most_bytes = 512 << 20, stream_bytes = 512;   // of a timed call, of all threads, that a chunk is a multiple of
constexpr double seconds = 0.2;

struct alignas(64) Line { char bytes[64]; };

KernelFunction kernel_of(const char *name)
{
  Recipe recipe;
  recipe.steps.push_back({kernel_named(name), {}, 1, 0, "", 0, {}});
  return plan_for(recipe, best_isa()).kernels[0];
}

// Seconds of the quickest of calls for so long.
double best_call(const std::function<void()> &call)
{
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (const auto begin = Clock::now(); std::chrono::duration<double>(Clock::now() - begin).count() < seconds;) {
    const auto from = Clock::now();
    call();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - from).count());
  }
  return best;
}

// The sum of what each of so many threads reaches while all of them work.
double together(uint32_t threads, const std::function<double(uint32_t thread)> &rate_of)
{
  std::vector<double> rates(threads);
  std::latch all(threads);
  {
    std::vector<std::jthread> workers;
    for (uint32_t i = 0; i < threads; ++i)
      workers.emplace_back([&, i] {
        all.arrive_and_wait();
        rates[i] = rate_of(i);
      });
  }
  double sum = 0;
  for (double r : rates) sum += r;
  return sum;
}

}  // namespace

double measured_peak(uint32_t threads)
{
  const KernelFunction kernel = kernel_of("fma_peak");
  return together(threads, [&](uint32_t) {
    Line arena{};
    const net2c_frame frame{nullptr, arena.bytes, nullptr, nullptr, nullptr};
    const net2c_fma_peak_args args{NET2C_REF(NET2C_ARENA, 0), multiply_adds};
    return 2e-9 * multiply_adds / best_call([&] { kernel(&args, &frame, 0); });
  });
}

double measured_bandwidth(uint64_t bytes, uint32_t threads)
{
  const KernelFunction kernel = kernel_of("stream");
  const uint64_t part = (std::clamp<uint64_t>(bytes, 1, most_bytes) / threads + stream_bytes - 1) / stream_bytes * stream_bytes;
  const std::vector<Line> weights(part * threads / sizeof(Line));   // zeros that are written: pages that nobody wrote to would all be the same one
  const uint64_t times = (least_bytes + part - 1) / part;
  const net2c_stream_args args{NET2C_REF(NET2C_WEIGHTS, 0), NET2C_REF(NET2C_SCRATCH, 0), static_cast<uint32_t>(part / sizeof(float))};
  return together(threads, [&](uint32_t thread) {
    Line scratch{};
    const net2c_frame frame{weights[0].bytes, nullptr, scratch.bytes, nullptr, nullptr};
    const double best = best_call([&] {
      for (uint64_t i = 0; i < times; ++i) kernel(&args, &frame, thread);
    });
    return 1e-9 * static_cast<double>(part * times) / best;
  });
}

}  // namespace net2c
