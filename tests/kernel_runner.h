// Runs one kernel on memory of its own: on every ISA of this machine, cut into 1, 3 and 7 chunks in any order. All must leave
// the same bytes, and nothing outside what they own.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>

#include "isas_here.h"
#include "lower/lower.h"

namespace net2c {

class Runner {
 public:
  std::mt19937 random;
  explicit Runner(uint32_t seed) : random(seed) {}

  int64_t pick(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }
  bool coin() { return pick(0, 1); }
  float real(float low = -2, float high = 2) { return std::uniform_real_distribution<float>(low, high)(random); }

  // Memory of the arena, filled with a NaN that nobody computes; 64 guarded bytes behind it.
  net2c_ref space(size_t bytes)
  {
    const size_t at = arena_.size();
    const size_t floats = (bytes + 63) / 64 * 16;
    arena_.resize(at + floats + 16);
    for (size_t i = at; i < arena_.size(); ++i) std::memcpy(&arena_[i], &untouched, 4);
    guards_.push_back({at * 4 + bytes, arena_.size() * 4});
    return NET2C_REF(NET2C_ARENA, at / 16);
  }

  net2c_map map(uint32_t n, uint32_t c, uint32_t h, uint32_t w, bool c8 = true, bool halo = true)
  {
    net2c_map m{};
    m.n = n, m.c = c, m.h = h, m.w = w, m.lanes = c8 ? 8 : c;
    if (halo && coin()) {
      m.fill = static_cast<uint32_t>(pick(0, 2));
      const auto side = [&](uint32_t size) {
        return static_cast<uint32_t>(pick(0, m.fill == NET2C_FILL_REFLECT ? std::min<int64_t>(3, size - 1) : 3));
      };
      m.top = side(h), m.bottom = side(h), m.left = side(w), m.right = side(w);
    }
    m.pitch = m.left + w + m.right;
    m.plane = m.pitch * (m.top + h + m.bottom);
    if (c8) m.plane += m.plane & 1;
    m.image = m.plane * (c8 ? (c + 7) / 8 : 1);
    m.base = space(size_t{m.image} * n * m.lanes * 4);
    return m;
  }

  template <class T = float>
  T *data(net2c_ref ref)
  {
    return reinterpret_cast<T *>(reinterpret_cast<char *>(arena_.data()) + size_t{ref & 0x1fffffff} * 64);
  }

  float *at(const net2c_map &m, uint32_t n, uint32_t c, int64_t y, int64_t x)
  {
    const uint32_t block = m.lanes == 8 ? c / 8 : 0, lane = m.lanes == 8 ? c % 8 : c;
    return data(m.base) + (int64_t{n} * m.image + int64_t{block} * m.plane + (y + m.top) * m.pitch + x + m.left) * m.lanes + lane;
  }

  using Value = std::function<float(uint32_t n, uint32_t c, int64_t y, int64_t x)>;
  // Everything of the map: pixels, halo, empty lanes.
  void fill(const net2c_map &m, const Value &value)
  {
    each(m, [&](uint32_t n, uint32_t c, int64_t y, int64_t x, int64_t sy, int64_t sx) {
      *at(m, n, c, y, x) = c >= m.c || sy < 0 ? 0 : value(n, c, sy, sx);
    });
  }
  void fill(const net2c_map &m)
  {
    each(m, [&](uint32_t n, uint32_t c, int64_t y, int64_t x, int64_t, int64_t) { *at(m, n, c, y, x) = c >= m.c ? 0 : real(); });
  }
  void expect(const net2c_map &m, const Value &value, double limit)
  {
    int wrong = 0;
    each(m, [&](uint32_t n, uint32_t c, int64_t y, int64_t x, int64_t sy, int64_t sx) {
      const double wanted = c >= m.c || sy < 0 ? 0.0 : static_cast<double>(value(n, c, sy, sx)), got = static_cast<double>(*at(m, n, c, y, x));
      if (!near(got, wanted, limit) && ++wrong < 4)
        ADD_FAILURE() << "n " << n << " c " << c << " y " << y << " x " << x << ": " << got << ", not " << wanted << " in " << m.n << "x" << m.c
                      << "x" << m.h << "x" << m.w;
    });
  }

  static bool near(double got, double wanted, double limit)
  {
    if (std::isnan(wanted)) return std::isnan(got);
    if (std::isinf(wanted)) return got == wanted;
    return std::fabs(got - wanted) <= limit * std::max(1.0, std::fabs(wanted));
  }

  std::vector<const void *> inputs;
  std::vector<void *> outputs;

  template <class Args>
  void run(const char *kernel, Args args, size_t scratch = 0)
  {
    std::vector<std::pair<Args, uint32_t>> cuts;
    for (uint32_t chunks : {1u, 3u, 7u}) {
      args.chunks = chunks;
      cuts.push_back({args, chunks});
    }
    run(kernel, cuts, scratch);
  }

  // The same work cut in several ways: arguments and number of chunks.
  template <class Args>
  void run(const char *kernel, const std::vector<std::pair<Args, uint32_t>> &cuts, size_t scratch = 0)
  {
    const std::vector<float> before = arena_;
    std::vector<float> first;
    for (Compiled isa : compiled_here()) {
      Recipe recipe;
      recipe.steps.push_back({kernel_named(kernel), {}, 1, 0, "", 0, {}});
      const KernelFunction function = plan_for(recipe, isa).kernels[0];
      for (const auto &[args, chunks] : cuts) {
        arena_ = before;
        std::vector<char> worker(scratch + 128);
        char *aligned = worker.data() + (64 - reinterpret_cast<uintptr_t>(worker.data()) % 64) % 64;
        const net2c_frame frame{reinterpret_cast<char *>(arena_.data()), reinterpret_cast<char *>(arena_.data()), aligned, inputs.data(), outputs.data()};
        std::vector<uint32_t> order(chunks);
        for (uint32_t i = 0; i < chunks; ++i) order[i] = i;
        std::shuffle(order.begin(), order.end(), random);
        for (uint32_t c : order) function(&args, &frame, c);
        for (const auto &[from, to] : guards_)
          ASSERT_EQ(0, std::memcmp(reinterpret_cast<char *>(arena_.data()) + from, reinterpret_cast<const char *>(before.data()) + from, to - from))
              << kernel << " writes past its memory on " << name_of(isa);
        if (first.empty()) first = arena_;
        ASSERT_TRUE(same(first)) << kernel << ": other bits on " << name_of(isa) << " in " << chunks << " chunks";
      }
    }
  }

 private:
  static constexpr uint32_t untouched = 0x7fabcdef;
  std::vector<float> arena_;
  std::vector<std::pair<size_t, size_t>> guards_;

  bool same(const std::vector<float> &other) const
  {
    for (size_t i = 0; i < arena_.size(); ++i)
      if (std::memcmp(&arena_[i], &other[i], 4) != 0 && !(std::isnan(arena_[i]) && std::isnan(other[i]))) return false;
    return true;
  }

  // f(n, c, y, x, source y, source x): source is -1 where the fill is zero.
  template <class F>
  void each(const net2c_map &m, F f)
  {
    const auto source = [&](int64_t i, int64_t size) -> int64_t {
      if (i >= 0 && i < size) return i;
      if (m.fill == NET2C_FILL_ZERO) return -1;
      if (m.fill == NET2C_FILL_EDGE) return i < 0 ? 0 : size - 1;
      return i < 0 ? -i : 2 * (size - 1) - i;
    };
    const uint32_t channels = m.lanes == 8 ? (m.c + 7) / 8 * 8 : m.c;
    for (uint32_t n = 0; n < m.n; ++n)
      for (uint32_t c = 0; c < channels; ++c)
        for (int64_t y = -int64_t{m.top}; y < int64_t{m.h} + m.bottom; ++y)
          for (int64_t x = -int64_t{m.left}; x < int64_t{m.w} + m.right; ++x) {
            const int64_t sy = source(y, m.h), sx = source(x, m.w);
            f(n, c, y, x, sx < 0 ? -1 : sy, sx);
          }
  }
};

}  // namespace net2c
