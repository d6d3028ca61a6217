// What can be said of a recipe without knowing any kernel: checking, printing, hashing.
#include <bit>

#include "plan/plan.h"

namespace net2c {

namespace {

const char *base_name(uint32_t ref)
{
  constexpr const char *names[] = {"weights", "arena", "scratch", "input", "output"};
  return ref >> 29 < 5 ? names[ref >> 29] : "?";
}

std::string ref_text(uint32_t ref)
{
  if (ref == NET2C_NONE) return "none";
  const uint64_t index = ref & 0x1fffffff;
  return ref >> 29 >= NET2C_INPUT ? fmt::format("{}[{}]", base_name(ref), index) : fmt::format("{}+{}", base_name(ref), index * 64);
}

std::string field_text(const Field &field, std::span<const uint32_t> words)
{
  switch (field.type) {
    case FieldType::u32: return fmt::format("{}", words[0]);
    case FieldType::i32: return fmt::format("{}", static_cast<int32_t>(words[0]));
    case FieldType::f32: return fmt::format("{}", std::bit_cast<float>(words[0]));
    case FieldType::ref: return ref_text(words[0]);
    case FieldType::map: {
      if (words[0] == NET2C_NONE) return "none";
      const net2c_map m = std::bit_cast<net2c_map>(*reinterpret_cast<const std::array<uint32_t, sizeof(net2c_map) / 4> *>(words.data()));
      std::string text = fmt::format("{} {}x{}x{}x{}{}", ref_text(m.base), m.n, m.c, m.h, m.w, m.lanes == 8 ? "" : " image");
      if (m.top | m.left | m.bottom | m.right) {
        constexpr const char *fills[] = {"zero", "edge", "reflect"};
        text += fmt::format(" halo {},{},{},{} {}", m.top, m.left, m.bottom, m.right, fills[m.fill]);
      }
      return text;
    }
    case FieldType::dims: return fmt::format("[{}]", fmt::join(words, ","));
    case FieldType::steps: {
      std::vector<int32_t> steps(words.begin(), words.end());
      return fmt::format("[{}]", fmt::join(steps, ","));
    }
  }
  return "?";
}

struct Hash {
  uint64_t h = 0xcbf29ce484222325u;
  void add(uint64_t x)
  {
    for (int i = 0; i < 8; ++i) h = (h ^ (x >> 8 * i & 255)) * 0x100000001b3u;
  }
  void add(const std::string &s)
  {
    add(s.size());
    for (char c : s) h = (h ^ static_cast<uint8_t>(c)) * 0x100000001b3u;
  }
};

}  // namespace

std::string print(const Recipe &recipe)
{
  std::string text = fmt::format("recipe {}\n", recipe.name);
  for (const Port &p : recipe.inputs) text += fmt::format("input {} {} {}\n", p.name, name_of(p.type), text_of(p.shape));
  for (const Port &p : recipe.outputs) text += fmt::format("output {} {} {}\n", p.name, name_of(p.type), text_of(p.shape));
  text += fmt::format("weights {} bytes, arena {} bytes, scratch {} bytes a worker\n", recipe.weights.size(), recipe.arena, recipe.scratch);
  for (const Buffer &b : recipe.buffers)
    text += fmt::format("buffer {} at {} of {} bytes, steps {}..{}\n", b.name, b.offset, b.bytes, b.first, b.last);
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &s = recipe.steps[i];
    const Kernel &k = catalogue()[s.kernel];
    text += fmt::format("step {} {} '{}' chunks={}{}", i, k.name, s.layer, s.chunks, s.follows ? " follows" : "");
    each_field(*k.family, s.args, [&](const Field &f, std::span<const uint32_t> w) {
      if (std::string_view(f.name) != "chunks") text += fmt::format(" {}={}{}{}", f.name, f.type == FieldType::map ? "(" : "", field_text(f, w), f.type == FieldType::map ? ")" : "");
    });
    text += "\n";
  }
  return text;
}

uint64_t structure_hash(const Recipe &recipe)
{
  Hash h;
  for (const auto *ports : {&recipe.inputs, &recipe.outputs})
    for (const Port &p : *ports) {
      h.add(p.name);
      h.add(static_cast<uint64_t>(p.type));
      for (int64_t d : p.shape) h.add(static_cast<uint64_t>(d));
    }
  for (const Step &s : recipe.steps) {
    h.add(catalogue()[s.kernel].name);
    h.add(s.chunks + (uint64_t{s.follows} << 32));
    for (uint32_t w : s.args) h.add(w);
  }
  h.add(recipe.weights.size());
  return h.h;
}

void verify(const Recipe &recipe)
{
  for (const Buffer &b : recipe.buffers) {
    if (b.offset % 64 || b.bytes % 64 || b.offset + b.bytes + 64 > recipe.arena) bug("buffer {} lies outside the arena", b.name);
    for (const Buffer &c : recipe.buffers)
      if (&b < &c && b.first <= c.last && c.first <= b.last && b.offset < c.offset + c.bytes && c.offset < b.offset + b.bytes)
        bug("buffers {} and {} overlap while both live", b.name, c.name);
  }
  for (size_t i = 0; i < recipe.steps.size(); ++i) {
    const Step &s = recipe.steps[i];
    const Kernel &k = catalogue()[s.kernel];
    if (s.chunks == 0) bug("step {} ({} of {}) has no chunks", i, k.name, s.layer);
    if (s.follows && (i == 0 || s.chunks != recipe.steps[i - 1].chunks)) bug("step {} ({} of {}) follows one of other chunks", i, k.name, s.layer);
    each_field(*k.family, s.args, [&](const Field &f, std::span<const uint32_t> w) {
      if (f.type != FieldType::ref && f.type != FieldType::map) return;
      if (w[0] == NET2C_NONE) return;
      const uint64_t index = w[0] & 0x1fffffff;
      uint64_t bytes = 0;
      if (f.type == FieldType::map) {
        const net2c_map &m = *reinterpret_cast<const net2c_map *>(w.data());
        const uint64_t blocks = m.lanes == 8 ? (m.c + 7) / 8 : 1;
        bytes = (uint64_t{m.n - 1} * m.image + (blocks - 1) * m.plane + uint64_t{m.pitch} * (m.top + m.h + m.bottom)) * m.lanes * 4;
      }
      const uint64_t limit = w[0] >> 29 == NET2C_WEIGHTS   ? recipe.weights.size()
                             : w[0] >> 29 == NET2C_ARENA   ? recipe.arena - 64
                             : w[0] >> 29 == NET2C_SCRATCH ? recipe.scratch
                             : w[0] >> 29 == NET2C_INPUT   ? recipe.inputs.size() * 64
                                                           : recipe.outputs.size() * 64;
      if (w[0] >> 29 > NET2C_OUTPUT || index * 64 + bytes > limit || index * 64 >= limit)
        bug("step {} ({} of {}): {} lies outside its base", i, k.name, s.layer, f.name);
    });
  }
}

}  // namespace net2c
