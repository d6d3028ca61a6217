// Recipe: the network for one set of sizes, as steps over buffers; free of ISA, threads and host. Plan: a recipe plus the
// kernels of one ISA. Steps mean nothing but kernel calls; all that is known of a kernel family here is its list of fields.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "kernels/kernel.h"
#include "plan/methods.h"

namespace net2c {

enum class FieldType : uint8_t { u32, i32, f32, ref, map, dims, steps };
struct Field { FieldType type; const char *name; };
inline constexpr uint32_t words_of[] = {1, 1, 1, 1, sizeof(net2c_map) / 4, 6, 6};

struct Family {
  const char *name;                 // "conv"
  const char *folder;               // kernels/<folder>/<name>.h
  std::vector<Field> fields;        // of struct net2c_<name>_args, in order
};
struct Kernel {
  const char *name;                 // "conv_clamp"
  const Family *family;
  const char *literals;             // as in catalogue.def
};
using KernelId = uint32_t;
const std::vector<Kernel> &catalogue();
KernelId kernel_named(const std::string &);   // Bug when unknown

enum class Layout : uint8_t { plain, c8, image };

// What a step wrote, for traces, diff and debugging: one value of the optimised graph, or none for a conversion or a part.
struct Written {
  ValueId value = none;
  std::string name;
  Type type = Type::f32;
  Shape shape;                      // logical
  Layout layout = Layout::plain;
  net2c_map map{};                  // c8 and image
  net2c_ref ref = NET2C_NONE;       // plain
};

struct Step {
  KernelId kernel = 0;
  std::vector<uint32_t> args;       // the words of the family's struct
  uint32_t chunks = 1;
  uint32_t scratch = 0;             // bytes a worker
  std::string layer;                // source layer and shapes, for the comment in emitted code
  uint64_t macs = 0;
  std::vector<Written> written;     // complete after this step
  NodeId node = 0;                  // of the graph that was lowered
  uint64_t operations = 0;          // of a fast algorithm or a norm, instead of macs: a multiply-add is one, so is an addition
  bool follows = false;             // the step before, chunk by chunk: who has done chunk i of that does chunk i of this, with no barrier between
};

// As runtime/run.h takes them.
inline uint32_t chunks_to_run(const Step &s) { return s.follows ? 0 : s.chunks; }

struct Buffer {
  std::string name;
  uint64_t bytes = 0;               // multiple of 64
  uint32_t first = 0, last = 0;     // steps
  uint64_t offset = 0;              // in the arena
  bool spare = false;               // a layer's algorithm takes it for speed and can do with less (lower/budget.h)
  bool strips = false;              // of a map that is never whole (lower/strips.h), one after the other, at several places
};

struct Port {                       // an input or output of the app
  std::string name;
  Type type = Type::f32;
  Shape shape;
};

struct Recipe {
  std::string name;
  std::vector<Port> inputs, outputs;
  std::vector<Step> steps;
  std::vector<Buffer> buffers;
  std::vector<MethodChoice> choices;   // of layers that could be computed in several ways
  std::vector<std::byte> weights;   // packed, 64-byte aligned parts; without the file's header
  uint64_t arena = 0;               // bytes without scratch, the 64 readable bytes included
  uint64_t scratch = 0;             // bytes a worker
  uint64_t structure = 0;           // hash of everything but the weights' bytes
};
inline uint64_t arena_bytes(const Recipe &r, uint32_t workers) { return r.arena + r.scratch * workers; }

// Every arena reference of a step, in its arguments and in what it wrote; f may change it.
void each_arena_ref(Step &, const std::function<void(net2c_ref &)> &f);
size_t buffer_at(const Recipe &, net2c_ref);  // the virtual buffer that an arena reference lies in
uint64_t end_of_buffers(const Recipe &);      // bytes: virtual buffers lie one after the other
net2c_ref append_buffer(Recipe &, const std::string &name, uint64_t bytes);   // one more; where it begins
// Steps that follow one another run together: what one of them uses lives through all of them.
std::vector<bool> find_lifetimes(Recipe &);   // sets first and last of the virtual buffers; whether each is used
// Gives every virtual buffer of the steps (plan/arena.cpp) an offset: greedy by size over lifetimes.
// Before: ARENA references are virtual, buffer after buffer. After: real.
void plan_arena(Recipe &);
std::vector<uint64_t> live_bytes(const Recipe &);   // of the arena, at each step; scratch is not among them
void verify(const Recipe &);        // Bug: a reference outside its base, overlapping live buffers, chunks of 0, ...
std::string print(const Recipe &);
uint64_t structure_hash(const Recipe &);

// The words of a step by field, e.g. for printing: calls f(field, words).
template <class F>
void each_field(const Family &family, std::span<const uint32_t> args, F f)
{
  size_t at = 0;
  for (const Field &field : family.fields) {
    const uint32_t n = words_of[static_cast<int>(field.type)];
    f(field, args.subspan(at, n));
    at += n;
  }
}

enum class Isa : uint8_t { portable, avx2, avx512, neon };
inline constexpr Isa all_isas[] = {Isa::portable, Isa::avx2, Isa::avx512, Isa::neon};
const char *name_of(Isa);
Isa isa_named(const std::string &);           // Error: unknown
bool runs_here(Isa);                          // built in and this CPU has it
void check_runs_here(Isa);                    // Error: it does not
Isa best_isa();

using KernelFunction = void (*)(const void *args, const net2c_frame *, uint32_t chunk);
struct Plan {
  const Recipe *recipe = nullptr;
  Isa isa = Isa::portable;
  std::vector<KernelFunction> kernels;        // one a step
};
Plan plan_for(const Recipe &, Isa);           // Error: not here

}  // namespace net2c
