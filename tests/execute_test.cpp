// The executor's own promises: real threads with a frame and the control word each, the trace, the guard.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

#include "build_graph.h"
#include "execute/execute.h"
#include "execute/interpret.h"
#include "lower/lower.h"
#include "runtime/fp_control.h"

using namespace net2c;

namespace {

// A convolution of enough chunks for three workers, and its recipe.
struct Network {
  GraphBuilder b{1};
  Recipe recipe;

  explicit Network(int64_t channels = 32)
  {
    Conv conv;
    conv.pads = {1, 1, 1, 1};
    ValueId x = b.input({1, channels, 40, 40});
    for (int i = 0; i < 3; ++i) x = b.add(conv, {x, b.constant({channels, channels, 3, 3}, -0.1f, 0.1f)});
    b.output(x);
    recipe = lower(b.g);
  }
};

// Seen by the kernels below, which stand in for those of a plan. Each waits, for some seconds at most, until as many threads as
// there are workers have come, so that no worker is too late to get a chunk.
struct Seen {
  std::mutex mutex;
  std::condition_variable came;
  size_t workers = 0;
  std::map<std::thread::id, const char *> scratch;
  std::set<uint64_t> words;
  bool moved = false;   // a thread's scratch changed
  uint32_t chunks = 0;
} *seen;

void look(const void *, const net2c_frame *frame, uint32_t)
{
  std::unique_lock lock(seen->mutex);
  ++seen->chunks;
  seen->words.insert(net2c_fp_get() & NET2C_FP_WORD);
  const auto [it, fresh] = seen->scratch.emplace(std::this_thread::get_id(), frame->scratch);
  if (it->second != frame->scratch) seen->moved = true;
  if (fresh) seen->came.notify_all();
  seen->came.wait_for(lock, std::chrono::seconds(10), [] { return seen->scratch.size() >= seen->workers; });
}

}  // namespace

TEST(Executor, ThreadsWithTheirOwnScratchAndTheControlWord)
{
  Network network;
  network.recipe.scratch = 256;
  Plan plan = plan_for(network.recipe, Isa::portable);
  plan.kernels.assign(plan.kernels.size(), look);
  uint32_t chunks = 0;
  for (const Step &s : network.recipe.steps) chunks += s.chunks;
  for (uint32_t threads : {1u, 2u, 3u}) {
    Seen here;
    seen = &here;
    here.workers = threads;
    Executor(plan, threads).run(network.b.random_inputs());
    EXPECT_EQ(here.scratch.size(), threads);
    std::set<const char *> different;
    for (const auto &[thread, scratch] : here.scratch) different.insert(scratch);
    EXPECT_EQ(different.size(), threads);
    EXPECT_FALSE(here.moved);
    EXPECT_EQ(here.words, std::set<uint64_t>{NET2C_FP_WORD});
    EXPECT_EQ(here.chunks, chunks);
  }
}

TEST(Executor, NoStepBeginsBeforeTheOneBeforeItIsComplete)
{
  static Network *network;
  static std::vector<std::atomic<uint32_t>> done;
  static std::atomic<bool> early;
  Network here;
  network = &here;
  done = std::vector<std::atomic<uint32_t>>(here.recipe.steps.size());
  early = false;
  Plan plan = plan_for(here.recipe, Isa::portable);
  plan.kernels.assign(plan.kernels.size(), [](const void *args, const net2c_frame *, uint32_t chunk) {
    const std::vector<Step> &steps = network->recipe.steps;
    size_t s = 0;
    while (steps[s].args.data() != args) ++s;
    if (s > 0 && done[s - 1] != steps[s - 1].chunks) early = true;
    if (chunk == 0) std::this_thread::sleep_for(std::chrono::milliseconds(20));   // the others have nothing left to do
    ++done[s];
  });
  Executor(plan, 3).run(here.b.random_inputs());
  EXPECT_FALSE(early);
  for (size_t s = 0; s < done.size(); ++s) EXPECT_EQ(done[s], here.recipe.steps[s].chunks);
}

TEST(Executor, AStepThatFollowsGoesChunkByChunkButForATrace)
{
  struct Here { size_t step; uint32_t chunk; std::thread::id thread; };
  static Network *network;
  static std::mutex mutex;
  static std::vector<Here> calls;
  Network here;
  network = &here;
  std::vector<Step> &steps = here.recipe.steps;
  ASSERT_GE(steps.size(), 3u);
  steps[0].chunks = steps[1].chunks = 8, steps[1].follows = true;
  Plan plan = plan_for(here.recipe, Isa::portable);
  plan.kernels.assign(plan.kernels.size(), [](const void *args, const net2c_frame *, uint32_t chunk) {
    size_t s = 0;
    while (network->recipe.steps[s].args.data() != args) ++s;
    const std::lock_guard lock(mutex);
    calls.push_back({s, chunk, std::this_thread::get_id()});
  });
  const auto first_two = [](const Here &c) { return c.step < 2; };
  for (uint32_t threads : {1u, 2u, 3u}) {
    calls.clear();
    Executor(plan, threads).run(here.b.random_inputs());
    std::map<std::thread::id, std::vector<Here>> by_thread;
    for (const Here &c : calls)
      if (first_two(c)) by_thread[c.thread].push_back(c);
    EXPECT_EQ(std::ranges::count_if(calls, first_two), 16);
    EXPECT_TRUE(std::ranges::is_partitioned(calls, first_two)) << "the step behind them began early";
    for (const auto &[thread, own] : by_thread)
      for (size_t i = 0; i < own.size(); ++i) EXPECT_TRUE(own[i].step == i % 2 && own[i].chunk == own[i - i % 2].chunk);

    calls.clear();
    std::vector<uint32_t> traced;
    Executor(plan, threads).run(here.b.random_inputs(), [&](uint32_t s, double) { traced.push_back(s); });
    EXPECT_EQ(traced.size(), steps.size());
    EXPECT_TRUE(std::ranges::is_sorted(calls, {}, &Here::step)) << "seen before it was complete";
    EXPECT_EQ(std::ranges::count_if(calls, first_two), 16);
  }
}

TEST(Executor, ControlWordIsTheCallersAgain)
{
  const Network network;
  const uint64_t before = net2c_fp_get();
  for (uint32_t threads : {1u, 3u}) {
    execute(plan_for(network.recipe, Isa::portable), Network().b.random_inputs(), threads);
    EXPECT_EQ(net2c_fp_get() & NET2C_FP_WORD, before & NET2C_FP_WORD);
  }
}

TEST(Executor, TraceSeesEveryStepInOrderAndMayThrow)
{
  Network network;
  const auto inputs = network.b.random_inputs();
  const auto steps = static_cast<uint32_t>(network.recipe.steps.size());
  for (uint32_t threads : {1u, 2u, 3u}) {
    Executor executor(plan_for(network.recipe, best_isa()), threads);
    std::vector<uint32_t> order, all;
    for (uint32_t s = 0; s < steps; ++s) all.push_back(s);
    const auto outputs = executor.run(inputs, [&](uint32_t s, double seconds) {
      order.push_back(s);
      EXPECT_GE(seconds, 0);
    });
    EXPECT_EQ(order, all);

    uint32_t calls = 0;
    const auto stop = [&](uint32_t s, double) {
      ++calls;
      if (s == 1) throw std::runtime_error("enough");
    };
    EXPECT_THROW(executor.run(inputs, stop), std::runtime_error);
    EXPECT_EQ(calls, 2u);
    EXPECT_EQ(executor.run(inputs)[0].bytes, outputs[0].bytes);   // it still runs
  }
}

TEST(Executor, GuardNamesTheStepThatLeavesALaneBeyondTheChannels)
{
  Network network(13);
  Recipe &r = network.recipe;
  Plan plan = plan_for(r, Isa::portable);
  uint32_t culprit = 0;
  while (r.steps[culprit].written.empty() || r.steps[culprit].written[0].layout != Layout::c8) ++culprit;
  static const Step *step;
  static KernelFunction kernel;
  static size_t pixel;
  step = &r.steps[culprit];
  kernel = plan.kernels[culprit];
  plan.kernels[culprit] = [](const void *args, const net2c_frame *frame, uint32_t chunk) {
    if (chunk > 0) return;
    for (uint32_t c = 0; c < step->chunks; ++c) kernel(args, frame, c);
    net2c_map_out(frame, &step->written[0].map, 0, 1)[pixel * 8 + 7] = 1e-30f;
  };
  const net2c_map &map = step->written[0].map;
  const auto inputs = network.b.random_inputs();
  for (const auto &[threads, where] : {std::pair{1u, 0u}, {3u, 0u}, {1u, map.w - 1}, {3u, (map.h - 1) * map.pitch + map.w - 1}}) {
    pixel = where;
    Executor executor(plan, threads);
    EXPECT_NO_THROW(executor.run(inputs));
    try {
      executor.run(inputs, {}, true);
      FAIL() << "nothing noticed";
    } catch (const Bug &error) {
      EXPECT_NE(std::string(error.what()).find("step " + std::to_string(culprit)), std::string::npos) << error.what();
    }
  }
}

// A convolution of one pixel is a matrix product where it reads that pixel and its weights are many.
TEST(Executor, ConvolutionOfAPixelIsAProduct)
{
  for (uint32_t seed = 0; seed < 12; ++seed) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t n = b.pick(1, 3), c = b.pick(170, 200), channels = b.coin() ? 136 : 130;
    const bool beside = seed % 4 == 0;   // reads the padding
    const Conv conv{.strides = {3, 3}, .pads = beside ? Ints{1, 1, 1, 1} : Ints{0, 0, 0, 0}, .epilogue = {Unary{UnaryKind::relu}}};
    const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({n, c, 1, 1})}), w = b.constant({channels, c, 1, 1}), bias = b.constant({channels});
    const ValueId y = b.coin() ? b.add(conv, {x, w, bias, b.input({n, channels, 1, 1})}) : b.add(conv, {x, w, bias});
    b.output(b.add(Conv{}, {y, b.constant({8, channels, 1, 1})}));   // of few weights, which reads a map
    const Recipe recipe = lower(b.g);
    const bool product = std::any_of(recipe.steps.begin(), recipe.steps.end(), [](const Step &s) { return catalogue()[s.kernel].name == std::string_view("dense"); });
    EXPECT_EQ(product, !beside && channels % 8 == 0);
    const std::vector<Tensor> inputs = b.random_inputs();
    const Tensor expected = interpret(b.g, inputs)[0], found = Executor(plan_for(recipe, best_isa()), 2).run(inputs, {}, true)[0];
    for (size_t i = 0; i < expected.as<float>().size(); ++i) ASSERT_NEAR(found.as<float>()[i], expected.as<float>()[i], 2e-4) << i;
  }
}
