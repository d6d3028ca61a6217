#include "lower/strips.h"

#include <algorithm>
#include <optional>

#include "kernels/conv/conv_args.h"
#include "kernels/depthwise/depthwise_args.h"
#include "kernels/norm/norm_args.h"
#include "kernels/pool/pool_args.h"
#include "kernels/winograd/winograd_args.h"
#include "lower/cut_rows.h"
#include "lower/map_rows.h"
#include "lower/step_args.h"
#include "lower/winograd.h"

namespace net2c {

namespace {

constexpr uint64_t strip_bytes = 1280 << 10;   // of all maps between a chain's steps; a map that is smaller stays in L2 anyway
constexpr uint32_t least_chunks = 16;         // of a strip, so that two or three workers end together
constexpr uint32_t least_light_chunks = 4;    // of one of little work

uint64_t row_bytes(const net2c_map &m) { return m.base == NET2C_NONE ? uint64_t{m.w} * m.c * 4 : uint64_t{m.pitch} * ((m.c + 7) / 8) * 32; }   // none: plain
uint64_t rows_bytes(const net2c_map &m) { return m.h * row_bytes(m); }

// A step of a chain, or all of a convolution by Winograd: what it reads of the step before, and writes. Row i of y is made of `reach` rows of x, from
// i * stride - top on.
struct Link {
  net2c_map x, y, r;                         // r: a sum's other operand
  int64_t stride = 1, top = 0, reach = 1;
  std::vector<int64_t> ends = {};            // by Winograd, two steps a strip of tiles: the rows of y up to which each strip makes it; of others none
  size_t steps() const { return ends.empty() ? 1 : 2 * ends.size(); }
  bool in_place() const { return x.base == y.base; }
  bool is_row_by_row() const { return stride == 1 && top == 0 && reach == 1; }
  int64_t first(int64_t row) const { return row * stride - top; }
};

bool can_be_cut(const net2c_map &y) { return y.n == 1 && y.lanes == 8 && y.fill == NET2C_FILL_ZERO && y.base >> 29 == NET2C_ARENA; }

// None: its kernel cannot make some of the rows, or leaves out some that it is given.
std::optional<Link> link_of(const Step &step, bool is_first)
{
  Link l;
  if (family_of(step) == "conv") {
    const auto a = args_of<net2c_conv_args>(step);
    l = {a.x, a.y, a.r, a.sh, a.top, int64_t{a.kh - 1} * a.dh + 1};
    if (!is_first && (a.kh != 1 || a.kw != 1 || a.sh != 1 || a.sw != 1 || a.top || a.left)) return {};
  } else if (is_first) {
    return {};
  } else if (family_of(step) == "depthwise") {
    const auto a = args_of<net2c_depthwise_args>(step);
    l = {a.x, a.y, a.r, a.sh, a.top, int64_t{a.kh - 1} * a.dh + 1};
  } else if (family_of(step) == "pool") {
    const auto a = args_of<net2c_pool_args>(step);
    l = {a.x, a.y, no_map, a.stride_y, a.pad_top, int64_t{a.kernel_y - 1} * a.dilation_y + 1};
  } else if (family_of(step) == "lrn") {
    const auto a = args_of<net2c_lrn_args>(step);
    l = {a.x, a.y, no_map};
  } else if (family_of(step) == "conv_narrow") {
    const auto a = args_of<net2c_conv_narrow_args>(step);
    l = {a.x, a.y, a.r};
    if (a.kh != 1 || a.kw != 1 || a.sh != 1 || a.top || a.left) return {};
    if (a.plain != NET2C_NONE) return l.y.n == 1 ? std::optional(l) : std::nullopt;
  } else {
    return {};
  }
  if (!can_be_cut(l.y) || (!is_first && l.stride > l.reach)) return {};
  return l;
}

// Of a map that a step of Winograd writes, the rows of a row of tiles; 0: they are not whole rows that begin at a multiple.
uint32_t rows_of_tiles(const Step &step, const net2c_winograd_args &a)
{
  const uint32_t high = winograd_output_rows(kernel_of(step));
  return high == 8 && a.top % 2 ? 0 : high >> a.pool;
}

// The convolution by Winograd whose steps begin at `at`.
std::optional<Link> winograd_link(const std::vector<Step> &steps, size_t at)
{
  Link l;
  for (size_t i = at; i + 1 < steps.size() && steps[i].node == steps[at].node && family_of(steps[i + 1]) == "winograd"; i += 2) {
    const auto a = args_of<net2c_winograd_args>(steps[i + 1]);
    const uint32_t high = rows_of_tiles(steps[i + 1], a);
    if (!high) return {};
    l.x = args_of<net2c_winograd_input_args>(steps[i]).x, l.y = a.y, l.r = a.r;
    l.ends.push_back(std::min<int64_t>(l.y.h, int64_t{a.first + a.rows} * high));
  }
  if (l.ends.size() < 2 || l.ends.back() != l.y.h || !can_be_cut(l.y)) return {};
  return l;
}

uint32_t share(uint32_t chunks, int64_t part, int64_t whole, int64_t most, uint32_t least)
{
  const int64_t wanted = std::max<int64_t>((chunks * part + whole - 1) / whole, chunks < least ? 1 : least);
  return static_cast<uint32_t>(std::clamp<int64_t>(wanted, 1, most));
}

// The strip of a step that makes rows `out` of its map, from rows of x from `from` on: x and y are what it finds and writes.
Step part_of(const Step &whole, const Link &l, Rows out, int64_t from, const net2c_map &x, const net2c_map &y, uint32_t kept, uint32_t back)
{
  Step step = whole;
  const auto part = [&](uint64_t n) { return n * static_cast<uint64_t>(out.to) / l.y.h - n * static_cast<uint64_t>(out.from) / l.y.h; };
  const auto chunks = [&](uint32_t all, uint32_t least, int64_t most) { return share(all, out.count(), l.y.h, most, least); };
  const int32_t top = static_cast<int32_t>(from - l.first(out.from));
  const int64_t rows = out.count(), planes = (l.y.c + 7) / 8;
  step.macs = part(step.macs), step.operations = part(step.operations);
  if (family_of(step) == "conv") {
    auto a = args_of<net2c_conv_args>(step);
    a.x = x, a.y = y, a.top = top;
    if (l.r.base != NET2C_NONE) a.r = rows_of(l.r, out);
    a.row_chunks = chunks(a.row_chunks, least_chunks, rows);
    step.chunks = a.row_chunks * a.oc_chunks;
    set_args(step, a);
  } else if (family_of(step) == "depthwise") {
    auto a = args_of<net2c_depthwise_args>(step);
    a.x = x, a.y = y, a.top = top, a.kept = kept, a.back = back;
    if (l.r.base != NET2C_NONE) a.r = rows_of(l.r, out);
    cut_rows(a, chunks(a.row_chunks * a.oc_chunks, least_chunks, rows * planes), depthwise_rows);
    step.chunks = a.row_chunks * a.oc_chunks;
    set_args(step, a);
  } else if (family_of(step) == "pool") {
    auto a = args_of<net2c_pool_args>(step);
    a.x = x, a.y = y, a.pad_top = static_cast<uint32_t>(top), a.kept = kept, a.back = back;
    cut_rows(a, chunks(a.row_chunks * a.oc_chunks, least_light_chunks, rows * planes), pool_rows);
    step.chunks = a.row_chunks * a.oc_chunks;
    set_args(step, a);
  } else if (family_of(step) == "conv_narrow") {
    auto a = args_of<net2c_conv_narrow_args>(step);
    a.x = x, a.y = y;
    if (l.r.base != NET2C_NONE) a.r = rows_of(l.r, out);
    step.chunks = a.row_chunks = chunks(a.row_chunks, least_chunks, rows);
    set_args(step, a);
  } else {
    auto a = args_of<net2c_lrn_args>(step);
    a.x = x, a.y = y, a.chunks = step.chunks = chunks(a.chunks, least_light_chunks, rows);
    set_args(step, a);
  }
  return step;
}

// Those rows of a result, which may be plain.
net2c_map part_of_result(const net2c_map &y, Rows out)
{
  if (y.base != NET2C_NONE) return rows_of(y, out);
  net2c_map part = y;
  part.top = static_cast<uint32_t>(out.from), part.h = static_cast<uint32_t>(out.count()), part.bottom = static_cast<uint32_t>(y.h - out.to);
  return part;
}

// Steps that can be cut. Between link k and the next lies map k.
struct Chain {
  std::vector<Link> links;

  const Link &last() const { return links.back(); }
  size_t steps() const { return links[0].steps() + links.size() - 1; }

  // Of each link, the row up to which all is made that the last's rows before `row` need. Winograd's tiles make some more, which also those behind it make
  // at once that take row by row.
  std::vector<int64_t> made(int64_t row) const
  {
    std::vector<int64_t> to(links.size());
    for (size_t k = links.size(); k-- > 0;) {
      const Link &l = links[k];
      to[k] = row;
      row = row == 0 ? 0 : row == l.y.h ? int64_t{l.x.h} : std::min<int64_t>(l.x.h, l.first(row - 1) + l.reach);
    }
    if (const auto &ends = links[0].ends; to[0] && !ends.empty()) {
      to[0] = *std::ranges::lower_bound(ends, to[0]);
      for (size_t k = 1; k + 1 < links.size() && links[k].is_row_by_row(); ++k) to[k] = to[k - 1];
    }
    return to;
  }

  // The last's rows that can be made of so many of the first's.
  int64_t rows_from(int64_t row) const
  {
    for (size_t k = 1; k < links.size(); ++k) {
      const Link &l = links[k];
      row = row == l.x.h ? int64_t{l.y.h} : row < l.reach - l.top ? 0 : std::min<int64_t>(l.y.h, (row - l.reach + l.top) / l.stride + 1);
    }
    return row;
  }

  // Each link has rows before and after, and reads no halo above the rows after; who reads row by row keeps none.
  bool may_begin(int64_t row) const
  {
    if (!begins_at_64_bytes(last().y, row) || (last().r.base != NET2C_NONE && !begins_at_64_bytes(last().r, row))) return false;
    const std::vector<int64_t> to = made(row);
    for (size_t k = 0; k < links.size(); ++k) {
      if (to[k] == 0 || to[k] == links[k].y.h) return false;
      if (k && (links[k].first(to[k]) < 0 || (links[k].is_row_by_row() && to[k] < to[k - 1]))) return false;
    }
    return true;
  }

  // What of each map is made before each strip, and at last.
  std::vector<std::vector<int64_t>> strips() const
  {
    uint64_t a_row = 0, rows = 1;
    for (size_t k = links.size(); --k > 0;) {
      rows *= static_cast<uint64_t>(links[k].stride);
      if (k + 1 == links.size() || !links[k].in_place()) a_row += rows * row_bytes(links[k].x);
    }
    const int64_t h = last().y.h, most = std::max<int64_t>(4, static_cast<int64_t>(strip_bytes / a_row));
    // Strips of Winograd's tiles, or rows by fours, which depthwise kernels make at once; no fewer than strips.
    const std::vector<int64_t> &ends = links[0].ends;
    const int64_t units = ends.empty() ? (h + 3) / 4 : std::ssize(ends), together = std::max<int64_t>(1, most * units / h);
    const int64_t count = ends.empty() ? (h + most - 1) / most : (units + together - 1) / together;
    const auto end_of = [&](int64_t unit) { return ends.empty() ? unit * 4 : rows_from(ends[static_cast<size_t>(std::min(unit, units) - 1)]); };
    std::vector<std::vector<int64_t>> all{made(0)};
    for (int64_t i = 1, from = 0; from < h; ++i) {
      int64_t to = std::min(h, std::max(from + 1, end_of(units * i / count)));
      const auto fits = [&](int64_t row) { return may_begin(row) && made(row)[0] > all.back()[0]; };
      if (!ends.empty() && to < h) {   // rather fewer rows, which need no tiles beyond
        int64_t fewer = to;
        while (fewer > from && !fits(fewer)) --fewer;
        if (fewer > from) to = fewer;
      }
      while (to < h && !fits(to)) ++to;
      all.push_back(made(to));
      from = to;
    }
    return all;
  }
};

// Where the strips of a map lie that is never whole. Each goes on from the last rows of the one before, which its reader has copied above where it found
// them: so the strips move up through a buffer little larger than one.
class Window {
 public:
  Window() = default;
  // kept: of each strip, the rows that it has from the one before; fresh: those that are new.
  Window(const net2c_map &m, const std::vector<int64_t> &kept, const std::vector<int64_t> &fresh) : map_(m), kept_(kept), fresh_(fresh), at_(kept.size())
  {
    const int64_t step = m.pitch % 2 ? 2 : 1;   // rows that begin at 64 bytes
    int64_t above = 0, below = 0;
    for (size_t i = 0; i < kept.size(); ++i) {
      if (i) at_[i] = (at_[i - 1] - above_of(i - 1)) & -step;
      else at_[i] = m.top;
      above = std::max(above, above_of(i) - at_[i]), below = std::max(below, at_[i] + fresh[i] + (i + 1 == kept.size() ? m.bottom : 0));
    }
    above = (above + step - 1) & -step;
    for (int64_t &row : at_) row += above;
    map_.plane = padded_plane(static_cast<uint32_t>(m.pitch * (above + below)));
    map_.image = map_.plane * ((m.c + 7) / 8);
  }

  uint64_t bytes() const { return bytes_of(map_); }
  void lie_at(net2c_ref base) { map_.base = base; }

  net2c_map written(size_t i) const { return rows(i, at_[i], fresh_[i]); }
  net2c_map read(size_t i) const { return rows(i, at_[i] - kept_[i], kept_[i] + fresh_[i]); }
  uint32_t kept_for_next(size_t i) const { return i + 1 < at_.size() ? static_cast<uint32_t>(kept_[i + 1]) : 0; }
  uint32_t back(size_t i) const { return i + 1 < at_.size() ? static_cast<uint32_t>(at_[i] + fresh_[i] - at_[i + 1]) : 0; }

 private:
  int64_t above_of(size_t i) const { return i ? kept_[i] : map_.top; }

  net2c_map rows(size_t i, int64_t from, int64_t count) const
  {
    const int64_t halo = i ? (map_.pitch % 2 ? from % 2 : 0) : map_.top;   // or the row above, so that the map begins at 64 bytes
    net2c_map m = map_;
    m.base += static_cast<uint32_t>((from - halo) * m.pitch / 2);
    m.h = static_cast<uint32_t>(count), m.top = static_cast<uint32_t>(halo);
    if (i + 1 < at_.size()) m.bottom = 0;
    return m;
  }

  net2c_map map_{};
  std::vector<int64_t> kept_, fresh_, at_;
};

class Cutter {
 public:
  explicit Cutter(Recipe &recipe) : recipe_(recipe) { find_lifetimes(recipe); }

  void run()
  {
    std::vector<Step> steps;
    for (size_t i = 0; i < recipe_.steps.size(); ++i) {
      if (Chain chain = chain_at(i); !chain.links.empty() && end_of_buffers(recipe_) < uint64_t{1} << 34) {
        if (const auto strips = chain.strips(); strips.size() > 2) {
          cut(i, chain, strips, steps);
          i += chain.steps() - 1;
          continue;
        }
      }
      steps.push_back(std::move(recipe_.steps[i]));
    }
    recipe_.steps = std::move(steps);
  }

 private:
  // Written by the step of the first link, number i or, where it is several, those from i on, read by the next, and of nobody else.
  bool is_between(size_t i, size_t reader, const Link &from, const Link &to) const
  {
    if (!is_same(from.y, to.x)) return false;   // a part of it may begin where it does
    const size_t at = buffer_at(recipe_, from.y.base);
    if (to.r.base >> 29 == NET2C_ARENA && buffer_at(recipe_, to.r.base) == at) return false;
    const Buffer &b = recipe_.buffers[at];
    return (b.first == i || from.in_place()) && (b.last == reader || to.in_place());
  }

  // The steps from i on, as far as a map that stays in L2 or else the smallest; empty: nothing between them is large.
  Chain chain_at(size_t i) const
  {
    Chain c;
    uint64_t least = UINT64_MAX;
    size_t best = 0;
    const std::vector<Step> &steps = recipe_.steps;
    const bool by_winograd = family_of(steps[i]) == "winograd_input";
    size_t written = i, at = i;   // where the last link begins to write, and the next begins
    for (size_t k = 0; at < steps.size(); ++k) {
      const std::optional<Link> l = k == 0 && by_winograd ? winograd_link(steps, i) : link_of(steps[at], k == 0);
      if (!l || (k && !is_between(written, at, c.last(), *l))) break;
      written = k == 0 && by_winograd ? at + 1 : at;
      at += l->steps();
      const uint64_t bytes = rows_bytes(l->y);
      // Beyond it only where each row is made of one, and no larger.
      if (k > 1 && least <= strip_bytes && (l->reach > 1 || bytes > least)) break;
      c.links.push_back(*l);
      if (k && bytes <= least) least = bytes, best = k + 1;
      if (l->r.base != NET2C_NONE || l->y.base == NET2C_NONE) break;
    }
    c.links.resize(best);
    const bool is_large = std::ranges::any_of(c.links.begin(), c.links.end() - (best ? 1 : 0), [](const Link &l) { return rows_bytes(l.y) > strip_bytes; });
    if (!is_large) c.links.clear();
    return c;
  }

  // A sum that takes over the storage of what the first convolution still reads gets its own, also in all steps that follow: by how much it moved.
  uint32_t move_from(size_t step, net2c_ref y)
  {
    const size_t old = buffer_at(recipe_, y);
    Buffer moved = recipe_.buffers[old];
    const uint64_t end = end_of_buffers(recipe_);
    const uint32_t distance = static_cast<uint32_t>((end - moved.offset) / 64);
    moved.first = static_cast<uint32_t>(step), moved.offset = end;
    for (size_t i = step; i < recipe_.steps.size(); ++i)
      each_arena_ref(recipe_.steps[i], [&](net2c_ref &ref) {
        if (buffer_at(recipe_, ref) == old) ref += distance;
      });
    recipe_.buffers.push_back(std::move(moved));
    return distance;
  }

  net2c_ref strip_buffer(const std::string &name, uint64_t bytes)
  {
    const net2c_ref ref = append_buffer(recipe_, name, bytes);
    recipe_.buffers.back().strips = true;
    return ref;
  }

  // Steps by Winograd, from `at` on, that make those rows: tiles are numbered from the strip's first on.
  void add_tiles(size_t at, const Link &l, Rows out, const net2c_map &y, std::vector<Step> &steps) const
  {
    for (size_t k = 0; k < l.ends.size(); ++k) {
      if (l.ends[k] <= out.from || l.ends[k] > out.to) continue;
      steps.push_back(recipe_.steps[at + 2 * k]);
      Step &product = steps.emplace_back(recipe_.steps[at + 2 * k + 1]);
      auto a = args_of<net2c_winograd_args>(product);
      const uint32_t high = rows_of_tiles(product, a);
      a.y = y, a.first -= static_cast<uint32_t>(out.from) / high, a.tile_rows = (y.h + high - 1) / high;
      set_args(product, a);
    }
  }

  // Strips are between one `made` and the next.
  void cut(size_t at, Chain &c, const std::vector<std::vector<int64_t>> &made, std::vector<Step> &steps)
  {
    const size_t count = c.links.size(), strips = made.size() - 1;
    size_t whole = count - 1;   // the link whose map is the result: those behind it work on that in place
    while (whole && c.links[whole].in_place()) --whole;
    Link &last = c.links.back();
    const size_t first = at + c.links[0].steps() - 1;   // the last step of the first link: link k's is k further
    if (last.y.base != NET2C_NONE && last.y.base == last.r.base && c.links[0].x.base >> 29 == NET2C_ARENA && buffer_at(recipe_, last.y.base) == buffer_at(recipe_, c.links[0].x.base))
      last.y.base += move_from(first + count - 1, last.y.base);

    std::vector<Window> windows(whole);
    for (size_t k = whole; k-- > 0;) {
      if (c.links[k + 1].in_place()) {
        windows[k] = windows[k + 1];
        continue;
      }
      std::vector<int64_t> kept, fresh;
      for (size_t i = 0; i < strips; ++i) {
        kept.push_back(i ? made[i][k] - c.links[k + 1].first(made[i][k + 1]) : 0);
        fresh.push_back(made[i + 1][k] - made[i][k]);
      }
      windows[k] = Window(c.links[k].y, kept, fresh);
      windows[k].lie_at(strip_buffer(recipe_.steps[first + k].layer + ".strip", windows[k].bytes()));
    }
    for (size_t i = 0; i < strips; ++i)
      for (size_t k = 0; k < count; ++k) {
        const Link &l = c.links[k];
        const Rows out{made[i][k], made[i + 1][k]};
        const net2c_map y = k < whole ? windows[k].written(i) : part_of_result(l.y, out);
        const Step &step = recipe_.steps[first + k];
        if (k == 0 && !l.ends.empty()) add_tiles(at, l, out, y, steps);
        else if (k == 0) steps.push_back(part_of(step, l, out, 0, l.x, y, 0, 0));
        else if (l.in_place()) steps.push_back(part_of(step, l, out, out.from, y, y, 0, 0));
        else steps.push_back(part_of(step, l, out, i ? l.first(out.from) : 0, windows[k - 1].read(i), y, windows[k - 1].kept_for_next(i), windows[k - 1].back(i)));
        if (k + 1 < count || i + 1 < strips) steps.back().written.clear();
      }
  }

  Recipe &recipe_;
};

}  // namespace

void cut_into_strips(Recipe &recipe) { Cutter(recipe).run(); }

}  // namespace net2c
