#include "lower/split_norms.h"

#include <algorithm>
#include <optional>
#include <string_view>

#include "kernels/conv/conv_args.h"
#include "kernels/eltwise/eltwise_args.h"
#include "kernels/norm/norm_args.h"
#include "kernels/winograd/nested_args.h"
#include "kernels/winograd/winograd_args.h"
#include "lower/lower.h"
#include "lower/map_rows.h"
#include "lower/step_args.h"
#include "lower/winograd.h"

namespace net2c {

namespace {

constexpr uint64_t least_bytes = 256 << 10;   // of a map: a smaller one is in L2 when it is read again

struct Writer {
  net2c_map y;
  net2c_moments_args parts;   // what its chunks write; without the operands
};

// Of one image; none: its chunks are not of whole rows.
std::optional<Writer> writer_of(const Step &step)
{
  Writer w{};
  net2c_moments_args &p = w.parts;
  if (family_of(step) == "winograd") {
    const auto a = args_of<net2c_winograd_args>(step);
    const uint32_t high = winograd_output_rows(kernel_of(step));
    if (!high || a.pool) return {};
    w.y = a.y;
    p.row = static_cast<int32_t>(a.first * high) - (high == 8 ? a.top & 1 : 0);
    p.row_end = std::min(a.y.h, static_cast<uint32_t>(p.row + static_cast<int32_t>(a.rows * high)));
    p.unit = a.band ? a.band * high : high, p.units = a.band ? (a.rows + a.band - 1) / a.band : a.rows;
    p.groups = a.groups, p.panels = NET2C_WINOGRAD_PANELS(a.oc_blocks), p.oc_blocks = a.oc_blocks;
    p.row_chunks = a.row_chunks, p.oc_chunks = a.oc_chunks;
  } else if (family_of(step) == "conv") {
    const auto a = args_of<net2c_conv_args>(step);
    if (a.y.h * a.y.w < NET2C_CONV_FEW_PIXELS) return {};
    w.y = a.y;
    p.row_end = p.units = a.y.h, p.unit = 1;
    p.groups = a.groups, p.panels = NET2C_CONV_PANELS(a.oc_blocks), p.oc_blocks = a.oc_blocks;
    p.row_chunks = a.row_chunks, p.oc_chunks = a.oc_chunks;
  } else if (family_of(step) == "nested_image") {
    const auto a = args_of<net2c_nested_image_args>(step);
    w.y = a.y;
    p.row_end = a.y.h, p.unit = 3, p.units = (a.y.h + 2) / 3;
    p.groups = p.panels = p.oc_chunks = 1, p.oc_blocks = (a.y.c + 7) / 8, p.row_chunks = a.row_chunks;
  } else {
    return {};
  }
  if (w.y.n != 1 || p.groups * p.oc_blocks != (w.y.c + 7) / 8 || step.chunks != p.row_chunks * p.oc_chunks) return {};
  return w;
}

// Of the map that a step reads in rows of tiles; pads are not among them.
Rows rows_read(const net2c_winograd_input_args &a, std::string_view kernel)
{
  const int64_t step = a.m * (kernel.ends_with("_s2") ? 2 : 1), end = std::min<int64_t>((a.first + a.rows - 1) * step + winograd_input_rows(kernel), a.high);
  return {std::max<int64_t>(0, a.first * step - a.top), std::min<int64_t>(end - a.top, a.x.h)};
}

class Splitter {
 public:
  Splitter(Recipe &recipe, const Uses &uses) : recipe_(recipe), uses_(uses), before_(recipe.steps.size()), after_(recipe.steps.size()), gone_(recipe.steps.size())
  {
    find_lifetimes(recipe);
  }

  void run()
  {
    std::vector<Step> steps;
    for (size_t i = 0; i < recipe_.steps.size(); ++i)
      if (kernel_of(recipe_.steps[i]) == "instance_norm") split(i);
    for (size_t i = 0; i < recipe_.steps.size(); ++i) {
      for (Step &s : before_[i]) steps.push_back(std::move(s));
      if (!gone_[i]) steps.push_back(std::move(recipe_.steps[i]));
      for (Step &s : after_[i]) steps.push_back(std::move(s));
    }
    recipe_.steps = std::move(steps);
  }

 private:
  template <class Args>
  Step step(const Step &norm, const char *kernel, const Args &args, uint32_t chunks)
  {
    Step s;
    s.kernel = kernel_named(kernel), s.chunks = chunks, s.layer = norm.layer, s.node = norm.node;
    s.args.resize(sizeof args / 4);
    set_args(s, args);
    return s;
  }

  // The steps of the layer before step i, if they make the map that it reads, chunk by chunk of whole rows.
  std::vector<size_t> writers_before(size_t i, const net2c_map &x) const
  {
    std::vector<size_t> writers;
    uint64_t rows = 0;
    for (size_t j = i; j-- > 0 && recipe_.steps[j].node == recipe_.steps[i - 1].node;)
      if (const auto w = writer_of(recipe_.steps[j]); w && is_same(w->y, x)) {
        writers.insert(writers.begin(), j);
        rows += w->parts.row_end - static_cast<uint32_t>(std::max(0, w->parts.row));
      }
    return rows == x.h ? writers : std::vector<size_t>{};
  }

  // What the next step adds to the map that step i makes, if nobody else reads that.
  std::optional<net2c_map> added_next(size_t i, const net2c_map &y) const
  {
    if (i + 1 == recipe_.steps.size() || kernel_of(recipe_.steps[i + 1]) != "add_map" || recipe_.steps[i].written.size() != 1) return {};
    const ValueId value = recipe_.steps[i].written[0].value;
    if (uses_.as_output[value] || uses_.readers[value] != std::vector<NodeId>{recipe_.steps[i + 1].node}) return {};
    const auto a = args_of<net2c_binary_map_args>(recipe_.steps[i + 1]);
    if (a.b_pixel != 8 || a.b_lanes != 8 || a.b_row == 0) return {};
    net2c_map b = a.a;   // as a map
    b.base = a.b, b.pitch = static_cast<uint32_t>(a.b_row) / 8, b.plane = static_cast<uint32_t>(a.b_plane) / 8, b.image = static_cast<uint32_t>(a.b_image) / 8;
    b.top = a.b_first / 8 / b.pitch, b.left = a.b_first / 8 % b.pitch, b.bottom = b.right = 0;
    const auto is_y = [&](const net2c_map &m) {
      return m.base == y.base && m.c == y.c && m.h == y.h && m.w == y.w && m.pitch == y.pitch && m.plane == y.plane && m.top == y.top && m.left == y.left;
    };
    if (is_y(b)) return a.a;
    return is_y(a.a) ? std::optional(b) : std::nullopt;
  }

  // Where only Winograd's input transforms of one layer read the map: before each of these, the rows that it reads, into a buffer of that size; and the transform follows that block
  // by block, so that what it reads is in its worker's cache. Rows that two strips read are made twice.
  bool normalise_by_strips(size_t i, const net2c_normalise_args &n)
  {
    const Step &norm = recipe_.steps[i];
    if (norm.written.size() != 1 || n.y.base >> 29 != NET2C_ARENA || n.y.fill != NET2C_FILL_ZERO) return false;
    const ValueId value = norm.written[0].value;
    if (uses_.as_output[value] || uses_.readers[value].size() != 1) return false;
    std::vector<size_t> readers;
    uint64_t bytes = 0;
    for (size_t k = i + 1; k < recipe_.steps.size(); ++k) {
      Step &s = recipe_.steps[k];
      if (s.node != uses_.readers[value][0]) continue;
      bool touches = false;
      each_arena_ref(s, [&](net2c_ref &ref) { touches = touches || buffer_at(recipe_, ref) == buffer_at(recipe_, n.y.base); });
      if (!touches) continue;
      if (!winograd_input_rows(kernel_of(s))) return false;
      const auto a = args_of<net2c_winograd_input_args>(s);
      const Rows rows = rows_read(a, kernel_of(s));
      if (!is_same(a.x, n.y) || rows.count() <= 0 || !begins_at_64_bytes(n.x, rows.from)) return false;
      bytes = std::max(bytes, bytes_of(strip_of(n.y, rows, 0)));
      readers.push_back(k);
    }
    if (readers.size() < 2) return false;
    const net2c_ref strip = append_buffer(recipe_, norm.layer + ".strip", bytes);
    const uint32_t blocks = (n.x.c + 7) / 8;
    for (size_t k : readers) {
      Step &reader = recipe_.steps[k];
      auto in = args_of<net2c_winograd_input_args>(reader);
      const Rows rows = rows_read(in, kernel_of(reader));
      net2c_normalise_args part = n;
      part.x = rows_of(n.x, rows), part.y = strip_of(n.y, rows, strip);
      part.chunks = in.chunks = blocks;
      before_[k].push_back(step(norm, "normalise", part, blocks));
      before_[k].back().operations = norm.operations * static_cast<uint64_t>(rows.count()) / n.x.h;
      in.x = part.y, in.top += static_cast<int32_t>(rows.from);
      set_args(reader, in);
      reader.chunks = blocks, reader.follows = true;
    }
    return true;
  }

  void split(size_t i)
  {
    Step &norm = recipe_.steps[i];
    const auto a = args_of<net2c_instance_norm_args>(norm);
    const uint32_t blocks = (a.x.c + 7) / 8;
    if (a.x.n != 1 || a.x.base >> 29 != NET2C_ARENA || uint64_t{a.x.image} * 32 < least_bytes || end_of_buffers(recipe_) >= uint64_t{1} << 34) return;
    const std::vector<size_t> writers = writers_before(i, a.x);
    if (writers.empty()) return;
    uint32_t parts = 0;
    for (size_t j : writers) parts += writer_of(recipe_.steps[j])->parts.row_chunks;
    const net2c_ref partials = append_buffer(recipe_, norm.layer + ".moments", uint64_t{blocks} * parts * sizeof(net2c_block_moments));
    const net2c_ref terms = append_buffer(recipe_, norm.layer + ".terms", uint64_t{blocks} * 96);
    uint32_t part = 0;
    for (size_t j : writers) {
      net2c_moments_args m = writer_of(recipe_.steps[j])->parts;
      m.x = a.x, m.partials = partials, m.parts = parts, m.part = part;
      part += m.row_chunks;
      after_[j].push_back(step(norm, "moments", m, recipe_.steps[j].chunks));
      after_[j].back().follows = true;
    }
    const uint32_t merges = std::clamp(blocks * parts / 128, 1u, blocks);   // some microseconds each
    const Step merge = step(norm, "moments_merge", net2c_moments_merge_args{partials, terms, a.scale, a.bias, parts, a.x.c, a.epsilon, merges}, merges);
    net2c_normalise_args n{a.x, a.y, no_map, terms, a.act, a.a, a.b, std::min(32u, a.x.h * blocks)};
    if (normalise_by_strips(i, n)) {
      norm = merge;
      return;
    }
    Step last = step(norm, "normalise", n, n.chunks);
    last.operations = norm.operations;
    if (const auto r = added_next(i, a.y)) {
      n.r = *r, n.y = args_of<net2c_binary_map_args>(recipe_.steps[i + 1]).y;
      set_args(last, n);
      gone_[i + 1] = true;
    }
    last.written = std::move(recipe_.steps[n.r.base == NET2C_NONE ? i : i + 1].written);
    norm = merge;
    after_[i].push_back(std::move(last));
  }

  Recipe &recipe_;
  const Uses &uses_;
  std::vector<std::vector<Step>> before_, after_;   // steps that come to each
  std::vector<bool> gone_;   // steps that others do now
};

}  // namespace

void split_norms(Recipe &recipe, const Uses &uses) { Splitter(recipe, uses).run(); }

}  // namespace net2c
