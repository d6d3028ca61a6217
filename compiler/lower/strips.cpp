#include "lower/strips.h"

#include <algorithm>

#include "kernels/conv/conv_args.h"
#include "kernels/depthwise/depthwise_args.h"
#include "lower/depthwise.h"
#include "lower/map_rows.h"
#include "lower/step_args.h"

namespace net2c {

namespace {

constexpr uint64_t least_bytes = 1 << 20;      // of the first map: what is smaller stays in L2 anyway
constexpr uint64_t strip_bytes = 1280 << 10;  // of both maps' strips
constexpr uint32_t least_chunks = 16;         // of a strip, so that two or three workers end together

template <class Args>
Step with(Step step, const Args &a, uint32_t chunks, uint64_t macs)
{
  set_args(step, a);
  step.chunks = chunks, step.macs = macs;
  step.written.clear();
  return step;
}

bool is_family(const Step &step, const char *name) { return catalogue()[step.kernel].family == catalogue()[kernel_named(name)].family; }

uint64_t row_bytes(const net2c_map &m) { return uint64_t{m.pitch} * ((m.c + 7) / 8) * 32; }

uint32_t share(uint32_t chunks, int64_t part, int64_t whole, int64_t most)
{
  const int64_t wanted = std::max<int64_t>((chunks * part + whole - 1) / whole, chunks < least_chunks ? 1 : least_chunks);
  return static_cast<uint32_t>(std::clamp<int64_t>(wanted, 1, most));
}

// Three steps that can be cut.
struct Block {
  net2c_conv_args first;
  net2c_depthwise_args middle;
  net2c_conv_args last;

  Rows rows_for(Rows out) const   // of the first map, that these rows of the others are made of
  {
    const int64_t from = out.from * middle.sh - middle.top, to = (out.to - 1) * middle.sh - middle.top + int64_t{middle.kh - 1} * middle.dh + 1;
    return {std::max<int64_t>(0, from), std::min<int64_t>(first.y.h, to)};
  }

  std::vector<Rows> strips() const
  {
    const int64_t h = last.y.h;
    const uint64_t a_row = middle.sh * row_bytes(first.y) + row_bytes(middle.y);
    const int64_t most = std::max<int64_t>(4, static_cast<int64_t>(strip_bytes / a_row)), count = (h + most - 1) / most;
    const int64_t quads = (h + 3) / 4;   // rows by fours, which depthwise kernels make at once; no fewer than strips
    const auto fits = [&](int64_t row) { return begins_at_64_bytes(last.y, row) && (last.r.base == NET2C_NONE || begins_at_64_bytes(last.r, row)); };
    std::vector<Rows> all;
    for (int64_t i = 1, from = 0; from < h; ++i) {
      int64_t to = std::min(h, std::max(from + 1, quads * i / count * 4));
      while (to < h && !fits(to)) ++to;
      all.push_back({from, to});
      from = to;
    }
    return all;
  }
};

class Cutter {
 public:
  explicit Cutter(Recipe &recipe) : recipe_(recipe)
  {
    find_lifetimes(recipe);
    for (const Buffer &b : recipe.buffers) end_ = std::max(end_, b.offset + b.bytes);
  }

  void run()
  {
    std::vector<Step> steps;
    for (size_t i = 0; i < recipe_.steps.size(); ++i) {
      Block b;
      if (end_ < uint64_t{1} << 34 && is_block(i, b)) {
        if (const std::vector<Rows> strips = b.strips(); strips.size() > 1) {
          if (b.last.y.base == b.last.r.base && b.first.x.base >> 29 == NET2C_ARENA && buffer_at(recipe_, b.last.y.base) == buffer_at(recipe_, b.first.x.base))
            b.last.y.base += move_from(i + 2, b.last.y.base);
          cut(&recipe_.steps[i], b, strips, steps);
          i += 2;
          continue;
        }
      }
      steps.push_back(std::move(recipe_.steps[i]));
    }
    recipe_.steps = std::move(steps);
  }

 private:
  // Written by step i, read by the next, and of nobody else.
  bool is_between(size_t i, const net2c_map &written, const net2c_map &read) const
  {
    if (written.base != read.base || written.base >> 29 != NET2C_ARENA || written.n != 1 || written.lanes != 8 || written.fill != NET2C_FILL_ZERO) return false;
    const Buffer &b = recipe_.buffers[buffer_at(recipe_, written.base)];
    return b.first == i && b.last == i + 1;
  }

  bool is_block(size_t i, Block &b) const
  {
    if (i + 2 >= recipe_.steps.size()) return false;
    const Step *steps = &recipe_.steps[i];
    if (!is_family(steps[0], "conv") || !is_family(steps[1], "depthwise") || !is_family(steps[2], "conv")) return false;
    b = {args_of<net2c_conv_args>(steps[0]), args_of<net2c_depthwise_args>(steps[1]), args_of<net2c_conv_args>(steps[2])};
    const net2c_conv_args &p = b.last;
    return is_between(i, b.first.y, b.middle.x) && is_between(i + 1, b.middle.y, p.x) && b.first.r.base == NET2C_NONE && b.middle.r.base == NET2C_NONE &&
           p.kh == 1 && p.kw == 1 && p.sh == 1 && p.sw == 1 && p.top == 0 && p.left == 0 && p.y.fill == NET2C_FILL_ZERO &&
           b.first.y.h * row_bytes(b.first.y) > least_bytes;
  }

  // A sum that takes over the storage of what the first convolution still reads gets its own, also in all steps that follow: by how much it moved.
  uint32_t move_from(size_t step, net2c_ref y)
  {
    const size_t old = buffer_at(recipe_, y);
    Buffer moved = recipe_.buffers[old];
    const uint32_t distance = static_cast<uint32_t>((end_ - moved.offset) / 64);
    moved.first = static_cast<uint32_t>(step), moved.offset = end_;
    end_ += moved.bytes;
    for (size_t i = step; i < recipe_.steps.size(); ++i)
      each_arena_ref(recipe_.steps[i], [&](net2c_ref &ref) {
        if (buffer_at(recipe_, ref) == old) ref += distance;
      });
    recipe_.buffers.push_back(std::move(moved));
    return distance;
  }

  net2c_ref buffer(const std::string &name, uint64_t bytes)
  {
    const uint64_t units = (bytes + 63) / 64, at = end_;
    recipe_.buffers.push_back({name, units * 64, 0, 0, at});
    end_ += units * 64;
    return NET2C_REF(NET2C_ARENA, at / 64);
  }

  void cut(const Step *from, const Block &b, const std::vector<Rows> &strips, std::vector<Step> &steps)
  {
    uint64_t first_bytes = 0, middle_bytes = 0;
    for (const Rows &out : strips) {
      first_bytes = std::max(first_bytes, bytes_of(strip_of(b.first.y, b.rows_for(out), 0)));
      middle_bytes = std::max(middle_bytes, bytes_of(strip_of(b.middle.y, out, 0)));
    }
    const net2c_ref first = buffer(from[0].layer + ".strip", first_bytes), middle = buffer(from[1].layer + ".strip", middle_bytes);
    for (const Rows &out : strips) {
      const Rows in = b.rows_for(out);
      const uint64_t h = b.last.y.h, to = static_cast<uint64_t>(out.to), upto = static_cast<uint64_t>(out.from);
      const auto part = [&](uint64_t macs) { return macs * to / h - macs * upto / h; };
      net2c_conv_args a = b.first;
      a.top -= static_cast<int32_t>(in.from * a.sh);
      a.y = strip_of(b.first.y, in, first);
      a.row_chunks = share(a.row_chunks, in.count(), b.first.y.h, in.count());
      steps.push_back(with(from[0], a, a.row_chunks * a.oc_chunks, part(from[0].macs)));

      net2c_depthwise_args d = b.middle;
      d.x = a.y, d.y = strip_of(b.middle.y, out, middle);
      d.top += static_cast<int32_t>(in.from - out.from * d.sh);
      cut_depthwise(d, share(d.row_chunks * d.oc_chunks, out.count(), b.middle.y.h, out.count() * ((d.y.c + 7) / 8)));
      steps.push_back(with(from[1], d, d.row_chunks * d.oc_chunks, part(from[1].macs)));

      net2c_conv_args p = b.last;
      p.x = d.y, p.y = rows_of(b.last.y, out);
      if (p.r.base != NET2C_NONE) p.r = rows_of(b.last.r, out);
      p.row_chunks = share(p.row_chunks, out.count(), b.last.y.h, out.count());
      steps.push_back(with(from[2], p, p.row_chunks * p.oc_chunks, part(from[2].macs)));
    }
    steps.back().written = from[2].written;
  }

  Recipe &recipe_;
  uint64_t end_ = 0;
};

}  // namespace

void cut_into_strips(Recipe &recipe) { Cutter(recipe).run(); }

}  // namespace net2c
