#include "driver/memory.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "driver/figures.h"
#include "emit/emit.h"
#include "lower/lower.h"

namespace net2c {

namespace {

// Each layer that has a part in making the arena `over` bytes too large gets so much less that its own steps fit.
// False: none of them can do with less.
bool tighten(Budget &budget, const Recipe &recipe, uint64_t over)
{
  const uint64_t arena = recipe.arena - 64, fits = arena - std::min(arena, over);
  std::vector<uint64_t> live = live_bytes(recipe);
  if (std::ranges::none_of(live, [&](uint64_t bytes) { return bytes > fits; }))   // gaps between buffers make it too large
    for (const Buffer &b : recipe.buffers)
      for (uint32_t s = b.first; s <= b.last; ++s) live[s] = std::max(live[s], b.offset + b.bytes);
  bool changed = false;
  for (const Buffer &b : recipe.buffers) {
    if (!b.spare) continue;
    const uint64_t most = *std::max_element(live.begin() + b.first, live.begin() + b.last + 1);
    if (most <= fits) continue;
    budget[recipe.steps[b.first].node].arena = b.bytes - std::min(b.bytes, most - fits);
    changed = true;
  }
  return changed;
}

// Multiply-adds of the layers that another kernel computes.
uint64_t macs_moved(const Recipe &from, const Recipe &to)
{
  std::map<NodeId, KernelId> kernels;
  for (const Step &s : from.steps)
    if (s.macs) kernels[s.node] = s.kernel;
  uint64_t macs = 0;
  for (const Step &s : to.steps)
    if (s.macs && kernels[s.node] != s.kernel) macs += s.macs;
  return macs;
}

}  // namespace

uint64_t parse_memory(const std::string &text)
{
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  std::string unit(end, text.data() + text.size());
  std::ranges::transform(unit, unit.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  if (unit.size() == 2 && unit[1] == 'B') unit.pop_back();
  static const std::map<std::string, uint64_t> units{{"", 1}, {"K", 1000}, {"M", 1000'000}, {"G", 1000'000'000}};
  const auto found = units.find(unit);
  if (error != std::errc{} || n == 0 || found == units.end() || n > UINT64_MAX / found->second)
    fail({}, "--max-memory {}: write bytes, or a whole number with K, M or G (of 1000, 1000000, 1000000000 bytes), e.g. 20MB", text);
  return n * found->second;
}

uint64_t memory_of(const Recipe &recipe, uint64_t weights) { return weights_file_bytes(weights) + arena_bytes(recipe, 1); }

Recipe lower_within(const Graph &graph, WeightsPool &pool, uint64_t limit, uint64_t most_weights, const Speeds &speeds)
{
  const size_t before = pool.bytes.size(), layers = graph.nodes.size();
  const auto with = [&](const Budget &budget) {
    pool.cut(before);
    return lower(graph, pool, budget, speeds);
  };
  const auto over = [&](const Recipe &r) {
    const uint64_t needed = memory_of(r, std::max<uint64_t>(pool.bytes.size(), most_weights));
    return needed - std::min(needed, limit);
  };

  Recipe fast = with({});
  if (!over(fast)) return fast;
  const uint64_t least_scratch = with(Budget(layers, {0, 0})).scratch;   // less than that would gain nothing
  Budget best(layers, {0, least_scratch});
  Recipe least = with(best);
  if (over(least)) return least;

  // The largest scratch of a layer adds to the arena of all: for each size that it may have, what must give way then?
  std::set<uint64_t, std::greater<>> scratches{least_scratch};
  for (const Step &s : fast.steps)
    if (s.scratch > least_scratch) scratches.insert(s.scratch);
  uint64_t best_moved = macs_moved(fast, least);
  for (const uint64_t scratch : scratches) {
    if (best_moved == 0) break;
    Budget budget(layers, {UINT64_MAX, scratch});
    Recipe recipe = with(budget);
    while (over(recipe) && tighten(budget, recipe, over(recipe))) recipe = with(budget);
    if (over(recipe)) continue;
    if (const uint64_t moved = macs_moved(fast, recipe); moved < best_moved) best = budget, best_moved = moved;
  }
  return with(best);
}

void fail_memory(const std::string &file, const Recipe &least, uint64_t weights, uint64_t limit)
{
  const ArenaPeak peak = arena_peak_of(least);
  fail({.file = file, .layer = peak.layer}, "sets the peak of memory: --max-memory allows {} bytes, but {} are the least that will do (weights {}, arena {})",
       limit, memory_of(least, weights), weights_file_bytes(weights), arena_bytes(least, 1));
}

}  // namespace net2c
