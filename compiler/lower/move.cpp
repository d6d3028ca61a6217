// Data movement: in place where a view or an address will do, copies on maps or plain arrays where not.
#include <algorithm>
#include <bit>

#include "kernels/move/layout_args.h"
#include "kernels/move/move_args.h"
#include "kernels/resize/resize_args.h"
#include "lower/families.h"
#include "lower/plain.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }
uint32_t bytes_of(const Value &v) { return u(static_cast<int64_t>(size_of(v.type))); }

Ints dense_strides(const Shape &shape)
{
  Ints strides(shape.size(), 1);
  for (size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
  return strides;
}

// y (dense from y_first with y_strides) = x walked over `shape`.
void move(const Node &node, Lowering &l, net2c_ref x, int64_t x_first, const Ints &x_strides, net2c_ref y, int64_t y_first,
          const Ints &y_strides, const Shape &shape, uint32_t bytes, std::vector<ValueId> done)
{
  if (count(shape) > INT32_MAX) throw Unsupported{"an array of more than 2^31 elements"};
  const Walk walk = walk_of(shape, {x_strides, y_strides});
  const uint32_t rows = walk.size[0] * walk.size[1] * walk.size[2] * walk.size[3] * walk.size[4];
  net2c_move_args a{x, y, u(x_first), u(y_first), {}, {}, {}, bytes, 1};
  set(a.size, walk.size);
  set(a.x_step, walk.steps[0]);
  set(a.y_step, walk.steps[1]);
  a.chunks = std::min(chunks_of(static_cast<uint64_t>(count(shape)), walk.steps[0][5] == 1 ? 100 : 700), rows == 1 ? walk.size[5] : rows);
  l.step("move", a, a.chunks, node, std::move(done));
}

net2c_map part_map(net2c_map whole, uint32_t block, uint32_t channels)
{
  whole.base += block * whole.plane * 8 / 16;
  whole.c = channels;
  return whole;
}

void copy_map(const Node &node, Lowering &l, const net2c_map &x, const net2c_map &y, std::vector<ValueId> done)
{
  const uint32_t chunks = chunks_of(y, 200);
  l.step("copy_map", net2c_copy_map_args{x, y, chunks}, chunks, node, std::move(done));
}

// Concat of channels of maps: parts that begin at whole blocks are written where they belong, others are copied.
bool of_channels(const Concat &op, const Node &node, const Graph &g)
{
  const Value &y = g.values[node.outputs[0]];
  return op.axis == 1 && y.shape.size() == 4 && y.type == Type::f32 && y.shape[2] * y.shape[3] > 1 && count(y.shape) > 0 &&
         std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return g.values[v].shape[1] > 0; });
}

bool whole_blocks(uint32_t first, uint32_t n, uint32_t all) { return first % 8 == 0 && (n % 8 == 0 || first + n == all); }

bool picks_pixels(const Slice &op) { return op.steps[2] != 1 || op.steps[3] != 1; }

// A slice of a map: some channels and a rectangle of pixels, or all channels of rows and columns in steps.
bool on_map(const Slice &op, const Value &x, const Shape &y)
{
  if (x.shape.size() != 4 || op.starts[0] != 0 || y[0] != x.shape[0] || op.steps[0] != 1 || op.steps[1] != 1) return false;
  return !picks_pixels(op) || (x.type == Type::f32 && y[1] == x.shape[1]);
}

// Whole blocks of channels, which lie in the map as a map of their own.
bool all_pixels_of_blocks(const Slice &op, const Shape &x, const Shape &y)
{
  return !picks_pixels(op) && whole_blocks(u(op.starts[1]), u(y[1]), u(x[1])) && y[2] == x[2] && y[3] == x[3];
}

std::vector<uint32_t> slice_indices(const Slice &op, size_t axis, int64_t size)
{
  std::vector<uint32_t> index;
  for (int64_t i = 0; i < size; ++i) index.push_back(u(op.starts[axis] + i * op.steps[axis]));
  return index;
}

Fill fill_of(PadKind kind) { return kind == PadKind::edge ? Fill::edge : kind == PadKind::reflect ? Fill::reflect : Fill::zero; }

// A pad of a map in H and W that a halo of its input can hold.
bool on_map(const Pad &op, const Shape &x)
{
  if (x.size() != 4 || (op.kind == PadKind::constant && std::bit_cast<uint32_t>(op.value) != 0)) return false;
  for (size_t d : {0, 1, 4, 5})
    if (op.pads[d] != 0) return false;
  for (size_t d : {2, 3})
    for (size_t e : {d, d + 4})
      if (op.kind == PadKind::reflect && op.pads[e] >= x[d]) return false;
  return true;
}

Halo halo_of(const Pad &op)
{
  auto reach = [&](size_t d) { return u(std::max<int64_t>(0, op.pads[d])); };
  return {reach(2), reach(3), reach(6), reach(7)};
}

std::vector<uint32_t> pad_indices(PadKind kind, int64_t size, int64_t before, int64_t after)
{
  std::vector<uint32_t> index;
  for (int64_t i = -before; i < size + after; ++i) {
    int64_t j = i;
    if (kind == PadKind::edge) j = std::clamp<int64_t>(i, 0, size - 1);
    else
      while (j < 0 || j >= size) j = size == 1 ? 0 : j < 0 ? -j : 2 * (size - 1) - j;
    index.push_back(u(j));
  }
  return index;
}

// Channels of a map of any layout into channels of another, lane by lane.
void copy_channels(const Node &node, Lowering &l, const net2c_map &x, const net2c_map &y, net2c_ref index, uint32_t x_first, uint32_t y_first,
                   uint32_t n, std::vector<ValueId> done)
{
  const uint32_t rows = y.n * ((y_first + n + 7) / 8 - y_first / 8) * y.h;
  const uint32_t chunks = chunks_for(uint64_t{rows} * y.w * 8 * 400 / 1000, rows);
  l.step("copy_channels", net2c_copy_channels_args{x, y, index, x_first, y_first, n, chunks}, chunks, node, std::move(done));
}

bool is_image(const Value &v) { return v.type == Type::f32 && v.shape.size() == 4 && v.shape[2] * v.shape[3] > 1 && count(v.shape) > 0; }

// A Gather that picks channels of a map.
bool picks_channels(const Gather &op, const Node &node, const Wants &w)
{
  return op.axis == 1 && w.layout(node.inputs[0]) == Layout::c8 && is_image(w.graph.values[node.inputs[0]]) &&
         is_image(w.graph.values[node.outputs[0]]) && constant_of(w.graph, w.uses, node.inputs[1]);
}

// The same feature map under another rank, e.g. [N][C][W] and [N][C][1][W].
bool same_map(const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]], &y = w.graph.values[node.outputs[0]];
  const auto fits = [](const Shape &s) { return s.size() >= 2 && s.size() <= 4; };
  return w.layout(node.inputs[0]) == Layout::c8 && fits(x.shape) && fits(y.shape) && as_nchw(x.shape) == as_nchw(y.shape);
}

}  // namespace

Layout layout_of(const Concat &op, const Node &node, const Wants &w)
{
  const bool any = std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueId v) { return w.layout(v) == Layout::c8; });
  return any && of_channels(op, node, w.graph) ? Layout::c8 : Layout::plain;
}

void want(const Concat &, const Node &node, Wants &w)
{
  if (w.layout(node.outputs[0]) != Layout::c8) return;
  uint32_t channel = 0;
  const uint32_t all = u(w.graph.values[node.outputs[0]].shape[1]);
  for (ValueId v : node.inputs) {
    const uint32_t n = u(w.graph.values[v].shape[1]);
    if (whole_blocks(channel, n, all)) w.part_of(v, node.outputs[0], channel / 8);
    channel += n;
  }
}

void lower(const Concat &op, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  const ValueId yv = node.outputs[0];
  const Shape &ys = l.value(yv).shape;
  std::vector<size_t> copied;
  if (l.wants.layout(yv) == Layout::c8) {
    const net2c_map y = l.out_c8(yv);
    std::vector<uint32_t> first;
    uint32_t channel = 0;
    for (ValueId v : node.inputs) {
      const Wants::Part &part = l.wants.part[v];
      if (part.whole != yv || part.block * 8 != channel) copied.push_back(first.size());
      first.push_back(channel);
      channel += u(l.value(v).shape[1]);
    }
    for (size_t i : copied) {
      const ValueId v = node.inputs[i];
      const uint32_t n = u(l.value(v).shape[1]);
      const std::vector<ValueId> done = i == copied.back() ? std::vector{yv} : std::vector<ValueId>{};
      if (!whole_blocks(first[i], n, y.c)) {
        copy_channels(node, l, l.c8(v), y, NET2C_NONE, 0, first[i], n, done);
      } else if (l.wants.layout(v) == Layout::c8) {
        copy_map(node, l, l.c8(v), part_map(y, first[i] / 8, n), done);
      } else {
        const net2c_map part = part_map(y, first[i] / 8, n);
        const uint32_t chunks = chunks_of(part, 300);
        l.step("to_map", net2c_to_map_args{l.plain(v), part, chunks}, chunks, node, done);
      }
    }
    return;
  }
  std::vector<std::pair<ValueId, net2c_ref>> parts;
  for (ValueId v : node.inputs)
    if (count(l.value(v).shape)) parts.emplace_back(v, l.plain(v));
  const net2c_ref y = l.out_plain(yv);
  const Ints strides = dense_strides(ys);
  int64_t at = 0;
  for (size_t i = 0; i < parts.size(); ++i) {
    const Shape &shape = l.value(parts[i].first).shape;
    move(node, l, parts[i].second, 0, dense_strides(shape), y, at * strides[static_cast<size_t>(op.axis)], strides, shape, bytes_of(l.value(yv)),
         i + 1 == parts.size() ? std::vector{yv} : std::vector<ValueId>{});
    at += shape[static_cast<size_t>(op.axis)];
  }
}

Layout layout_of(const Slice &op, const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]], &y = w.graph.values[node.outputs[0]];
  return w.layout(node.inputs[0]) == Layout::c8 && count(y.shape) && on_map(op, x, y.shape) ? Layout::c8 : Layout::plain;
}

void want(const Slice &op, const Node &node, Wants &w)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  if (w.layout(y) == Layout::c8 && all_pixels_of_blocks(op, w.graph.values[x].shape, w.graph.values[y].shape)) w.view_of(y, x);
}

void lower(const Slice &op, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape &xs = l.value(xv).shape, &ys = l.value(yv).shape;
  if (l.wants.layout(yv) == Layout::c8) {
    net2c_map x = l.c8(xv);
    if (picks_pixels(op)) {
      const auto rows = slice_indices(op, 2, ys[2]), columns = slice_indices(op, 3, ys[3]);
      const auto weights = [&](const std::vector<uint32_t> &index) { return l.weights(std::as_bytes(std::span(index))); };
      net2c_resize_args a{x, l.out_c8(yv), weights(rows), NET2C_NONE, weights(columns), NET2C_NONE, 1, 1, 0};
      a.chunks = chunks_of(a.y, 100);
      l.step("resize_nearest", a, a.chunks, node, {yv});
      return;
    }
    const uint32_t channel = u(op.starts[1]), n = u(ys[1]);
    const bool aligned = whole_blocks(channel, n, x.c) && channel / 8 * x.plane % 2 == 0;
    const bool all_pixels = ys[2] == xs[2] && ys[3] == xs[3];
    if (aligned) x = part_map(x, channel / 8, n);
    if (aligned && all_pixels && l.wants.part[yv].whole == none && !l.wants.has_parts[yv]) return l.alias_c8(yv, x);
    x.top += u(op.starts[2]), x.left += u(op.starts[3]), x.h = u(ys[2]), x.w = u(ys[3]);
    // Pixels of a map that nobody wants a halo around are a map where they lie, if that begins at 64 bytes.
    const uint32_t first = x.top * x.pitch + x.left;
    if (aligned && first % 2 == 0 && !l.wants.c8_form[yv].wanted && l.wants.part[yv].whole == none && !l.wants.has_parts[yv]) {
      x.base += first / 2;
      x.top = x.left = x.bottom = x.right = 0;
      return l.alias_c8(yv, x);
    }
    if (aligned) return copy_map(node, l, x, l.out_c8(yv), {yv});
    return copy_channels(node, l, x, l.out_c8(yv), NET2C_NONE, channel, 0, n, {yv});
  }
  const Ints x_strides = dense_strides(xs);
  Ints strides = x_strides;
  int64_t first = 0;
  for (size_t d = 0; d < xs.size(); ++d) first += op.starts[d] * x_strides[d], strides[d] *= op.steps[d];
  const net2c_ref x = l.plain(xv), y = l.out_plain(yv);
  move(node, l, x, first, strides, y, 0, dense_strides(ys), ys, bytes_of(l.value(yv)), {yv});
}

bool is_padded_picture(const Pad &op, const Node &node, const Wants &w)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  if (op.kind == PadKind::constant || w.uses.as_output[y] || w.uses.readers[y].empty() || w.images[y] != w.uses.readers[y].size()) return false;
  return std::holds_alternative<Input>(w.graph.nodes[w.uses.producer[x]].op) && !op.pads[0] && !op.pads[1] && !op.pads[4] && !op.pads[5];
}

void pad_image(Lowering &l, const Node &node, const Pad &op, ValueId x, const net2c_map &y)
{
  const Shape &s = l.value(x).shape;
  const auto index = [&](size_t axis) { return pad_indices(op.kind, s[axis], op.pads[axis], op.pads[axis + 4]); };
  const std::vector<uint32_t> rows = index(2);
  const uint32_t chunks = chunks_of(y, 100);
  l.step("pad_image", net2c_pad_image_args{l.plain(x), y, l.weights(std::as_bytes(std::span(rows))), l.indices_as_runs(index(3)), u(s[2]), u(s[3]), chunks},
         chunks, node, {});
}

Layout layout_of(const Pad &op, const Node &node, const Wants &w)
{
  return w.layout(node.inputs[0]) == Layout::c8 && on_map(op, w.graph.values[node.inputs[0]].shape) ? Layout::c8 : Layout::plain;
}

void want(const Pad &op, const Node &node, Wants &w)
{
  if (w.layout(node.outputs[0]) == Layout::c8) w.c8(node.inputs[0], halo_of(op), fill_of(op.kind));
}

void lower(const Pad &op, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l) || is_padded_picture(op, node, l.wants)) return;
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Value &xs = l.value(xv), &ys = l.value(yv);
  const size_t rank = xs.shape.size();
  if (l.wants.layout(yv) == Layout::c8) {
    net2c_map x = l.c8(xv, halo_of(op), fill_of(op.kind));   // the halo is the padding: copied as if it were the map
    x.top -= u(op.pads[2]), x.left -= u(op.pads[3]), x.bottom -= u(op.pads[6]), x.right -= u(op.pads[7]);
    x.h = u(ys.shape[2]), x.w = u(ys.shape[3]);
    return copy_map(node, l, x, l.out_c8(yv), {yv});
  }
  net2c_ref x = l.plain(xv);
  const uint32_t bytes = bytes_of(xs);
  if (op.kind == PadKind::constant) {
    const net2c_ref y = l.out_plain(yv);
    const int32_t value = xs.type == Type::f32 ? std::bit_cast<int32_t>(op.value) : static_cast<int32_t>(op.value);
    if (xs.type == Type::f64 || xs.type == Type::f16) throw Unsupported{std::string("padding of ") + name_of(xs.type)};
    const uint32_t n = elements(ys), chunks = chunks_of(n, 100);
    const Ints x_strides = dense_strides(xs.shape), y_strides = dense_strides(ys.shape);
    Shape inside = xs.shape;
    int64_t x_first = 0, y_first = 0;
    for (size_t d = 0; d < rank; ++d) {
      const int64_t before = op.pads[d], after = op.pads[d + rank];
      inside[d] += std::min<int64_t>(0, before) + std::min<int64_t>(0, after);
      x_first += std::max<int64_t>(0, -before) * x_strides[d], y_first += std::max<int64_t>(0, before) * y_strides[d];
    }
    const bool any = std::all_of(inside.begin(), inside.end(), [](int64_t n) { return n > 0; });
    l.step("fill", net2c_fill_args{y, n, value, bytes, chunks}, chunks, node, any ? std::vector<ValueId>{} : std::vector{yv});
    if (any) move(node, l, x, x_first, x_strides, y, y_first, y_strides, inside, bytes, {yv});
    return;
  }
  Shape shape = xs.shape;
  std::vector<size_t> axes;
  for (size_t d = 0; d < rank; ++d)
    if (op.pads[d] || op.pads[d + rank]) axes.push_back(d);
  if (axes.empty()) return l.alias_plain(yv, xv);
  for (size_t d : axes) {
    const auto index = pad_indices(op.kind, shape[d], op.pads[d], op.pads[d + rank]);
    Shape next = shape;
    next[d] = static_cast<int64_t>(index.size());
    const bool last = d == axes.back();
    const net2c_ref y = last ? l.out_plain(yv) : l.buffer(ys.name + ".pad", static_cast<uint64_t>(count(next)) * bytes);
    gather(l, node, x, shape, d, index, bytes, y, last ? std::vector{yv} : std::vector<ValueId>{});
    x = y, shape = next;
  }
}

Layout layout_of(const Reshape &, const Node &node, const Wants &w) { return same_map(node, w) ? Layout::c8 : Layout::plain; }
void want(const Reshape &, const Node &, Wants &) {}

void lower(const Reshape &, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  if (l.wants.layout(yv) != Layout::c8) return l.alias_plain(yv, xv);
  if (l.wants.part[yv].whole == none && !l.wants.has_parts[yv]) return l.alias_c8(yv, l.c8(xv));
  copy_map(node, l, l.c8(xv), l.out_c8(yv), {yv});
}

Layout layout_of(const Transpose &, const Node &, const Wants &) { return Layout::plain; }
void want(const Transpose &, const Node &, Wants &) {}

void lower(const Transpose &op, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape &xs = l.value(xv).shape;
  elements(l.value(xv));
  Ints moved;   // axes of more than one element: in order, nothing moves
  for (int64_t axis : op.perm)
    if (xs[static_cast<size_t>(axis)] != 1) moved.push_back(axis);
  if (std::is_sorted(moved.begin(), moved.end())) return l.alias_plain(yv, xv);
  const net2c_ref x = l.plain(xv), y = l.out_plain(yv);
  permute(l, node, x, xs, op.perm, bytes_of(l.value(yv)), y, {yv});
}

Layout layout_of(const Gather &op, const Node &node, const Wants &w) { return picks_channels(op, node, w) ? Layout::c8 : Layout::plain; }
void want(const Gather &, const Node &, Wants &) {}

void lower(const Gather &op, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Tensor *indices = l.constant(node.inputs[1]);
  const Shape &xs = l.value(xv).shape;
  const size_t axis = static_cast<size_t>(op.axis);
  if (!indices) {
    const net2c_ref x = l.plain(xv), index = l.plain(node.inputs[1]), y = l.out_plain(yv);
    return gather_runtime(l, node, x, xs, axis, index, count(l.value(node.inputs[1]).shape), bytes_of(l.value(yv)), y, {yv});
  }
  std::vector<uint32_t> index;
  for (int64_t i : indices->integers()) index.push_back(u(std::clamp<int64_t>(i < 0 ? i + xs[axis] : i, 0, xs[axis] - 1)));
  if (l.wants.layout(yv) == Layout::c8)
    return copy_channels(node, l, l.c8(xv), l.out_c8(yv), l.weights(std::as_bytes(std::span(index))), 0, 0, u(static_cast<int64_t>(index.size())), {yv});
  const net2c_ref x = l.plain(xv), y = l.out_plain(yv);
  gather(l, node, x, xs, axis, index, bytes_of(l.value(yv)), y, {yv});
}

Layout layout_of(const Expand &, const Node &, const Wants &) { return Layout::plain; }
void want(const Expand &, const Node &, Wants &) {}

void lower(const Expand &, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape &xs = l.value(xv).shape, &ys = l.value(yv).shape;
  const Ints x_strides = dense_strides(xs);
  Ints strides(ys.size(), 0);
  for (size_t d = 0; d < xs.size(); ++d)
    if (xs[d] != 1) strides[ys.size() - xs.size() + d] = x_strides[d];
  const net2c_ref x = l.plain(xv), y = l.out_plain(yv);
  move(node, l, x, 0, strides, y, 0, dense_strides(ys), ys, bytes_of(l.value(yv)), {yv});
}

}  // namespace net2c
