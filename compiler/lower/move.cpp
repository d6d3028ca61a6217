// Data from one place to another: concat, slice and pad, on C8 maps where channels and planes allow it, and on plain arrays.
#include <algorithm>

#include "kernels/move/layout_args.h"
#include "kernels/move/move_args.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

bool is_map(ValueId v, const Wants &w)
{
  const Value &x = w.graph.values[v];
  return w.layout(v) == Layout::c8 && x.type == Type::f32 && x.shape.size() >= 3 && count(x.shape) != 0;
}

// Blocks first.. of a map, c channels.
net2c_map blocks_of(net2c_map m, uint32_t first, uint32_t c)
{
  m.base += first * m.plane * 8 / 16;
  m.c = c;
  return m;
}
bool starts_aligned(const net2c_map &m, uint32_t first_block) { return first_block * m.plane % 2 == 0; }

// The window of a map from (y, x) on: what is left of it around counts as halo, of no use to readers.
net2c_map window_of(net2c_map m, uint32_t y, uint32_t x, uint32_t h, uint32_t w)
{
  m.top += y, m.left += x;
  m.bottom += m.h - y - h, m.right += m.w - x - w;
  m.h = h, m.w = w;
  return m;
}

void copy_map(Lowering &l, const Node &node, const net2c_map &x, const net2c_map &y, std::vector<ValueId> done)
{
  const uint32_t chunks = chunks_of(y, 100);
  l.step("copy_map", net2c_copy_map_args{x, y, chunks}, chunks, node, std::move(done));
}

void copy_channels(Lowering &l, const Node &node, const net2c_map &x, const net2c_map &y, net2c_ref index, uint32_t x_first, uint32_t y_first,
                   uint32_t count, std::vector<ValueId> done)
{
  const uint32_t rows = y.n * ((y_first + count + 7) / 8 - y_first / 8) * y.h;
  const uint32_t chunks = chunks_for(uint64_t{rows} * y.w * 8 * 400 / 1000, rows);
  l.step("copy_channels", net2c_copy_channels_args{x, y, index, x_first, y_first, count, chunks}, chunks, node, std::move(done));
}

void copy_box(Lowering &l, const Node &node, net2c_ref x, net2c_ref y, const Walk &walk, int64_t x_first, int64_t y_first, size_t bytes,
              std::vector<ValueId> done)
{
  net2c_copy_strided_args args{x, y, {}, {}, {}, u(x_first), u(y_first), u(static_cast<int64_t>(bytes)), 0};
  set(args.size, walk.size), set(args.x_step, walk.steps[0]), set(args.y_step, walk.steps[1]);
  uint64_t n = 1;
  for (uint32_t s : walk.size) n *= s;
  args.chunks = chunks_of(n, walk.steps[0][5] == 1 && walk.steps[1][5] == 1 ? 200 : 800);
  l.step("copy_strided", args, args.chunks, node, std::move(done));
}

bool joins_channels(const Concat &op, const Node &node, const Wants &w)
{
  const Value &y = w.graph.values[node.outputs[0]];
  if (op.axis != 1 || y.type != Type::f32 || y.shape.size() < 3 || y.shape.size() > 4 || count(y.shape) == 0) return false;
  return std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return is_map(v, w); });
}

// A slice of channels and a window of the planes.
bool cuts_map(const Slice &op, const Node &node, const Wants &w)
{
  if (!is_map(node.inputs[0], w)) return false;
  const Value &x = w.graph.values[node.inputs[0]], &y = w.graph.values[node.outputs[0]];
  return count(y.shape) != 0 && y.shape[0] == x.shape[0] && op.starts[0] == 0 && (y.shape[0] == 1 || op.steps[0] == 1) &&
         std::all_of(op.steps.begin() + 1, op.steps.end(), [](int64_t s) { return s == 1; });
}

// Zeros, borders or reflections around the planes, or planes cut.
bool pads_planes(const Pad &op, const Node &node, const Wants &w)
{
  if (!is_map(node.inputs[0], w) || count(w.graph.values[node.outputs[0]].shape) == 0) return false;
  const size_t rank = op.pads.size() / 2;
  bool some = false, cut = false;
  for (size_t d = 0; d < rank; ++d)
    for (int64_t p : {op.pads[d], op.pads[d + rank]}) {
      if (d < 2 && p != 0) return false;
      some = some || p > 0, cut = cut || p < 0;
    }
  if (some && cut) return false;   // positions beyond the cut must come from the map as it was
  return op.kind != PadKind::constant || op.value == 0;
}

// The places of a padded axis.
std::vector<uint32_t> sources_of(int64_t before, int64_t out, int64_t n, Fill fill)
{
  std::vector<uint32_t> index;
  for (int64_t i = 0; i < out; ++i) index.push_back(u(filled_from(i - before, n, fill)));
  return index;
}

}  // namespace

Layout layout_of(const Concat &op, const Node &node, const Wants &w) { return joins_channels(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Concat &op, const Node &node, Wants &w)
{
  if (!joins_channels(op, node, w)) return;
  int64_t channel = 0;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    const ValueId v = node.inputs[i];
    const int64_t c = w.graph.values[v].shape[1];
    if (c > 0) w.c8(v);
    // A part fills whole blocks, or is the last.
    if (channel % 8 == 0 && (c % 8 == 0 || i + 1 == node.inputs.size()) && is_map(v, w)) w.part_of(v, node.outputs[0], u(channel / 8));
    channel += c;
  }
}

void lower(const Concat &op, const Node &node, Lowering &l)
{
  const ValueId y = node.outputs[0];
  const Value &result = l.value(y);
  if (nothing_to_do(node, l)) return;
  const size_t parts = node.inputs.size();
  if (joins_channels(op, node, l.wants)) {
    struct Copy { net2c_map x; uint32_t channel; };
    std::vector<Copy> copies;
    uint32_t channel = 0;
    for (ValueId v : node.inputs) {
      const uint32_t c = u(l.value(v).shape[1]);
      const Wants::Part &part = l.wants.part[v];
      if (c && !(part.whole == y && part.block * 8 == channel)) copies.push_back({l.c8(v), channel});
      channel += c;
    }
    const net2c_map to = l.out_c8(y);
    for (const Copy &copy : copies) {
      const std::vector<ValueId> done = &copy == &copies.back() ? std::vector<ValueId>{y} : std::vector<ValueId>{};
      const bool whole_blocks = copy.channel % 8 == 0 && (copy.x.c % 8 == 0 || copy.channel + copy.x.c == to.c);
      if (whole_blocks && starts_aligned(to, copy.channel / 8)) copy_map(l, node, copy.x, blocks_of(to, copy.channel / 8, copy.x.c), done);
      else copy_channels(l, node, copy.x, to, NET2C_NONE, 0, copy.channel, copy.x.c, done);
    }
    return;
  }
  elements(result);
  const size_t axis = static_cast<size_t>(op.axis), rank = result.shape.size();
  const int64_t outer = product(result.shape, 0, axis), inner = product(result.shape, axis + 1, rank), row = result.shape[axis] * inner;
  std::vector<net2c_ref> from;
  for (ValueId v : node.inputs) from.push_back(count(l.value(v).shape) ? l.plain(v) : NET2C_NONE);
  const net2c_ref to = l.out_plain(y);
  size_t last = 0;
  for (size_t i = 0; i < parts; ++i)
    if (from[i] != NET2C_NONE) last = i;
  int64_t at = 0;
  for (size_t i = 0; i < parts; ++i) {
    const int64_t n = l.value(node.inputs[i]).shape[axis] * inner;
    if (from[i] != NET2C_NONE)
      copy_box(l, node, from[i], to, walk_of({outer, n}, {{n, 1}, {row, 1}}), 0, at, size_of(result.type), i == last ? std::vector<ValueId>{y} : std::vector<ValueId>{});
    at += n;
  }
}

Layout layout_of(const Slice &op, const Node &node, const Wants &w) { return cuts_map(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Slice &op, const Node &node, Wants &w)
{
  if (cuts_map(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Slice &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x), &result = l.value(y);
  if (nothing_to_do(node, l)) return;
  if (cuts_map(op, node, l.wants)) {
    const Shape shape = as_nchw(result.shape);
    const Ints start = v.shape.size() == 3 ? Ints{0, op.starts[1], 0, op.starts[2]} : op.starts;
    const net2c_map from = l.c8(x);
    const uint32_t channel = u(start[1]), c = u(shape[1]);
    const bool whole_blocks = channel % 8 == 0 && (c % 8 == 0 || channel + c == from.c) && starts_aligned(from, channel / 8);
    const bool whole_planes = shape[2] == from.h && shape[3] == from.w;
    if (whole_blocks && whole_planes && l.wants.part[y].whole == none && !l.wants.has_parts[y]) {
      l.alias_c8(y, blocks_of(from, channel / 8, c));
      return;
    }
    const net2c_map window = window_of(from, u(start[2]), u(start[3]), u(shape[2]), u(shape[3]));
    const net2c_map to = l.out_c8(y);
    if (whole_blocks) copy_map(l, node, blocks_of(window, channel / 8, c), to, {y});
    else copy_channels(l, node, window, to, NET2C_NONE, channel, 0, c, {y});
    return;
  }
  elements(v), elements(result);
  const Ints own = strides_of(v.shape);
  Ints strides;
  int64_t first = 0;
  for (size_t d = 0; d < own.size(); ++d) strides.push_back(own[d] * op.steps[d]), first += own[d] * op.starts[d];
  const net2c_ref from = l.plain(x);
  copy_box(l, node, from, l.out_plain(y), walk_of(result.shape, {strides, strides_of(result.shape)}), first, 0, size_of(v.type), {y});
}

Layout layout_of(const Pad &op, const Node &node, const Wants &w) { return pads_planes(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Pad &op, const Node &node, Wants &w)
{
  if (pads_planes(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Pad &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x), &result = l.value(y);
  const size_t rank = v.shape.size();
  if (nothing_to_do(node, l)) return;
  const Fill fill = op.kind == PadKind::edge ? Fill::edge : op.kind == PadKind::reflect ? Fill::reflect : Fill::zero;
  if (pads_planes(op, node, l.wants)) {
    // The padding is a halo of a window of the result; halos that readers want come after, by a copy where they differ.
    const int64_t top = rank == 4 ? op.pads[2] : 0, bottom = rank == 4 ? op.pads[6] : 0, left = op.pads[rank - 1], right = op.pads[2 * rank - 1];
    const net2c_map from = l.c8(x);
    if (top < 0 || left < 0 || bottom < 0 || right < 0) {
      const Shape s = as_nchw(result.shape);
      copy_map(l, node, window_of(from, u(-top), u(-left), u(s[2]), u(s[3])), l.out_c8(y), {y});
      return;
    }
    const net2c_map to = l.out_c8(y);
    const bool nests = !(to.top | to.left | to.bottom | to.right) || (to.fill == static_cast<uint32_t>(fill) && fill != Fill::reflect);
    net2c_map whole = nests ? to : l.new_map(result.name + ".padded", as_nchw(result.shape), Layout::c8);
    net2c_map window = window_of(whole, u(top), u(left), from.h, from.w);
    window.fill = static_cast<uint32_t>(fill);
    copy_map(l, node, from, window, nests ? std::vector<ValueId>{y} : std::vector<ValueId>{});
    if (!nests) copy_map(l, node, whole, to, {y});
    return;
  }
  elements(v), elements(result);
  net2c_ref from = l.plain(x);
  const size_t bytes = size_of(v.type);
  if (op.kind == PadKind::constant) {
    const net2c_ref to = l.out_plain(y);
    const Tensor number = tensor_f32({}, {op.value}), value = evaluate(Cast{v.type}, {&number}, {"", v.type, {}});
    uint32_t words[2] = {0, 0};
    std::memcpy(words, value.bytes.data(), bytes);
    const uint32_t n = elements(result), chunks = chunks_of(n, 100);
    Shape box;
    Ints own = strides_of(v.shape), dense = strides_of(result.shape);
    int64_t x_first = 0, y_first = 0;
    for (size_t d = 0; d < rank; ++d) {
      const int64_t before = op.pads[d], from_x = std::max<int64_t>(0, -before), to_y = std::max<int64_t>(0, before);
      box.push_back(std::max<int64_t>(0, std::min(v.shape[d] - from_x, result.shape[d] - to_y)));
      x_first += from_x * own[d], y_first += to_y * dense[d];
    }
    const bool any = count(box) != 0;
    l.step("fill_plain", net2c_fill_plain_args{to, n, u(static_cast<int64_t>(bytes)), words[0], words[1], chunks}, chunks, node,
           any ? std::vector<ValueId>{} : std::vector<ValueId>{y});
    if (any) copy_box(l, node, from, to, walk_of(box, {own, dense}), x_first, y_first, bytes, {y});
    return;
  }
  std::vector<size_t> axes;
  for (size_t d = 0; d < rank; ++d)
    if (op.pads[d] || op.pads[d + rank]) axes.push_back(d);
  if (axes.empty()) {
    l.alias_plain(y, x);
    return;
  }
  Shape shape = v.shape;
  for (size_t d : axes) {   // one axis after the other
    const std::vector<uint32_t> index = sources_of(op.pads[d], result.shape[d], shape[d], fill);
    const int64_t outer = product(shape, 0, d), inner = product(shape, d + 1, rank), n = shape[d];
    shape[d] = result.shape[d];
    const bool last = d == axes.back();
    const net2c_ref to = last ? l.out_plain(y) : l.buffer(result.name + ".padded", static_cast<uint64_t>(count(shape)) * bytes);
    gather_rows(l, node, from, outer, n, index, inner * static_cast<int64_t>(bytes), to, last ? std::vector<ValueId>{y} : std::vector<ValueId>{});
    from = to;
  }
}

}  // namespace net2c
