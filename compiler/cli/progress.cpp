#include "cli/progress.h"

#include <fmt/core.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>

namespace net2c::cli {

using Clock = std::chrono::steady_clock;

struct SpokenProgress::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::string what, said;
  Clock::time_point start = Clock::now();
  bool over = false;
  std::thread thread;

  void watch()
  {
    std::unique_lock lock(mutex);
    changed.wait_until(lock, start + std::chrono::seconds(2), [&] { return over; });
    while (!over) {
      if (what != said && !what.empty()) {
        fmt::print(stderr, "net2c: {} ({:.0f} s so far)\n", what, std::chrono::duration<double>(Clock::now() - start).count());
        std::fflush(stderr);
        said = what;
      }
      changed.wait(lock, [&] { return over || what != said; });
    }
  }
};

SpokenProgress::SpokenProgress() : state_(new State)
{
  state_->thread = std::thread([this] { state_->watch(); });
}

SpokenProgress::~SpokenProgress()
{
  {
    std::lock_guard lock(state_->mutex);
    state_->over = true;
  }
  state_->changed.notify_all();
  state_->thread.join();
  delete state_;
}

void SpokenProgress::stage(const std::string &what)
{
  {
    std::lock_guard lock(state_->mutex);
    state_->what = what;
  }
  state_->changed.notify_all();
}

}  // namespace net2c::cli
