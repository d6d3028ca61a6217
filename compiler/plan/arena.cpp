// Offsets for the buffers: greedy by size over lifetimes (largest first, each at the lowest offset where nothing that lives at
// the same time lies), after Pisarchyk & Lee, "Efficient memory management for deep neural net inference", 2020.
#include <algorithm>
#include <utility>

#include "plan/plan.h"

namespace net2c {

void each_arena_ref(Step &step, const std::function<void(net2c_ref &)> &f)
{
  static_assert(offsetof(net2c_map, base) == 0);
  auto visit = [&](uint32_t &word) {
    if (word != NET2C_NONE && word >> 29 == NET2C_ARENA) f(word);
  };
  const Family &family = *catalogue()[step.kernel].family;
  size_t at = 0;
  for (const Field &field : family.fields) {
    if (field.type == FieldType::ref || field.type == FieldType::map) visit(step.args[at]);   // a map begins with its base
    at += words_of[static_cast<int>(field.type)];
  }
  if (at != step.args.size()) bug("{} has {} words of arguments, its fields {}", family.name, step.args.size(), at);
  for (Written &w : step.written) visit(w.layout == Layout::plain ? w.ref : w.map.base);
}

size_t buffer_at(const Recipe &recipe, net2c_ref ref)
{
  const uint64_t at = uint64_t{ref & 0x1fffffff} * 64;
  auto it = std::upper_bound(recipe.buffers.begin(), recipe.buffers.end(), at, [](uint64_t a, const Buffer &b) { return a < b.offset; });
  if (it == recipe.buffers.begin() || at >= (it - 1)->offset + (it - 1)->bytes) bug("reference {:x} lies in no buffer", ref);
  return static_cast<size_t>(it - recipe.buffers.begin()) - 1;
}

uint64_t end_of_buffers(const Recipe &recipe) { return recipe.buffers.empty() ? 0 : recipe.buffers.back().offset + recipe.buffers.back().bytes; }

net2c_ref append_buffer(Recipe &recipe, const std::string &name, uint64_t bytes)
{
  const uint64_t at = end_of_buffers(recipe);
  recipe.buffers.push_back({name, std::max<uint64_t>(1, (bytes + 63) / 64) * 64, 0, 0, at});
  return NET2C_REF(NET2C_ARENA, at / 64);
}

std::vector<bool> find_lifetimes(Recipe &recipe)
{
  std::vector<bool> used(recipe.buffers.size());
  for (uint32_t i = 0, head = 0, next = 0; i < recipe.steps.size(); ++i) {
    if (i == next) {
      head = next++;
      while (next < recipe.steps.size() && recipe.steps[next].follows) ++next;
    }
    each_arena_ref(recipe.steps[i], [&](net2c_ref &ref) {
      const size_t k = buffer_at(recipe, ref);
      if (!used[k]) recipe.buffers[k].first = head;
      recipe.buffers[k].last = next - 1;
      used[k] = true;
    });
  }
  return used;
}

void plan_arena(Recipe &recipe)
{
  const std::vector<bool> used = find_lifetimes(recipe);
  std::vector<size_t> order;
  for (size_t i = 0; i < recipe.buffers.size(); ++i)
    if (used[i]) order.push_back(i);
  std::ranges::sort(order, {}, [&](size_t i) { return std::pair(-static_cast<int64_t>(recipe.buffers[i].bytes), i); });
  std::vector<uint64_t> placed(recipe.buffers.size());
  std::vector<size_t> done;   // sorted by offset
  uint64_t end = 0;
  for (size_t i : order) {
    const Buffer &b = recipe.buffers[i];
    uint64_t at = 0;
    for (size_t j : done) {
      const Buffer &other = recipe.buffers[j];
      if (other.last < b.first || b.last < other.first) continue;
      if (placed[j] >= at + b.bytes) break;
      at = std::max(at, placed[j] + other.bytes);
    }
    placed[i] = at;
    end = std::max(end, at + b.bytes);
    done.insert(std::upper_bound(done.begin(), done.end(), at, [&](uint64_t a, size_t j) { return a < placed[j]; }), i);
  }

  recipe.scratch = 0;
  for (Step &step : recipe.steps) {
    recipe.scratch = std::max<uint64_t>(recipe.scratch, (step.scratch + 63) / 64 * 64);
    each_arena_ref(step, [&](net2c_ref &ref) {
      const size_t k = buffer_at(recipe, ref);
      ref = NET2C_REF(NET2C_ARENA, (placed[k] + (uint64_t{ref & 0x1fffffff} * 64 - recipe.buffers[k].offset)) / 64);
    });
  }
  std::vector<Buffer> kept;
  for (size_t i = 0; i < recipe.buffers.size(); ++i)
    if (used[i]) {
      kept.push_back(recipe.buffers[i]);
      kept.back().offset = placed[i];
    }
  recipe.buffers = std::move(kept);
  recipe.arena = end + 64;
}

std::vector<uint64_t> live_bytes(const Recipe &recipe)
{
  std::vector<uint64_t> live(recipe.steps.size());
  for (const Buffer &b : recipe.buffers)
    for (uint32_t s = b.first; s <= b.last; ++s) live[s] += b.bytes;
  return live;
}

}  // namespace net2c
