// Reshape, transpose, gather, expand.
#include <algorithm>

#include "kernels/move/layout_args.h"
#include "kernels/move/move_args.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

namespace {

// The same feature map under another rank, e.g. [N][C][W] and [N][C][1][W].
bool same_map(const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]], &y = w.graph.values[node.outputs[0]];
  const auto rank_fits = [](const Shape &s) { return s.size() >= 2 && s.size() <= 4; };
  return w.layout(node.inputs[0]) == Layout::c8 && rank_fits(x.shape) && rank_fits(y.shape) && as_nchw(x.shape) == as_nchw(y.shape);
}

// Picks channels of a C8 map.
bool picks_channels(const Gather &op, const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]], &y = w.graph.values[node.outputs[0]];
  return op.axis == 1 && w.layout(node.inputs[0]) == Layout::c8 && x.type == Type::f32 && x.shape.size() >= 3 && count(y.shape) != 0 &&
         w.graph.values[node.inputs[1]].shape.size() == 1 && constant_of(w.graph, w.uses, node.inputs[1]);
}

}  // namespace

Layout layout_of(const Reshape &, const Node &node, const Wants &w) { return same_map(node, w) ? Layout::c8 : Layout::plain; }

void want(const Reshape &, const Node &node, Wants &w)
{
  if (same_map(node, w)) w.c8(node.inputs[0]);
}

void lower(const Reshape &, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  if (!same_map(node, l.wants)) {
    l.alias_plain(y, x);
    return;
  }
  const net2c_map from = l.c8(x);
  if (l.wants.part[y].whole == none && !l.wants.has_parts[y]) {
    l.alias_c8(y, from);
    return;
  }
  const net2c_map to = l.out_c8(y);
  const uint32_t chunks = chunks_of(to, 100);
  l.step("copy_map", net2c_copy_map_args{from, to, chunks}, chunks, node, {y});
}

Layout layout_of(const Transpose &, const Node &, const Wants &) { return Layout::plain; }
void want(const Transpose &, const Node &, Wants &) {}

void lower(const Transpose &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  if (nothing_to_do(node, l)) return;
  elements(v);
  Ints moved;   // axes of more than one element: in order, nothing moves
  for (int64_t axis : op.perm)
    if (v.shape[static_cast<size_t>(axis)] != 1) moved.push_back(axis);
  if (std::is_sorted(moved.begin(), moved.end())) {
    l.alias_plain(y, x);
    return;
  }
  const net2c_ref from = l.plain(x);
  permute(l, node, from, v.shape, op.perm, size_of(v.type), l.out_plain(y), {y});
}

Layout layout_of(const Gather &op, const Node &node, const Wants &w) { return picks_channels(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Gather &op, const Node &node, Wants &w)
{
  if (picks_channels(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Gather &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  if (nothing_to_do(node, l)) return;
  const Tensor *indices = l.constant(node.inputs[1]);
  if (!indices) throw Unsupported{"indices that are computed"};
  const size_t axis = static_cast<size_t>(op.axis);
  std::vector<uint32_t> index;
  for (int64_t i : indices->integers()) {
    if (i < -v.shape[axis] || i >= v.shape[axis]) fail({.layer = node.name}, "index {} into an axis of {}", i, v.shape[axis]);
    index.push_back(static_cast<uint32_t>(i < 0 ? i + v.shape[axis] : i));
  }
  if (picks_channels(op, node, l.wants)) {
    const net2c_map from = l.c8(x), to = l.out_c8(y);
    const uint32_t chunks = chunks_of(to, 400);
    l.step("copy_channels",
           net2c_copy_channels_args{from, to, l.weights(std::as_bytes(std::span(index))), 0, 0, static_cast<uint32_t>(index.size()), chunks},
           chunks, node, {y});
    return;
  }
  const net2c_ref from = l.plain(x);
  gather_rows(l, node, from, product(v.shape, 0, axis), v.shape[axis], index,
              product(v.shape, axis + 1, v.shape.size()) * static_cast<int64_t>(size_of(v.type)), l.out_plain(y), {y});
}

Layout layout_of(const Expand &, const Node &, const Wants &) { return Layout::plain; }
void want(const Expand &, const Node &, Wants &) {}

void lower(const Expand &, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x), &result = l.value(y);
  if (nothing_to_do(node, l)) return;
  if (count(v.shape) == count(result.shape)) {
    l.alias_plain(y, x);
    return;
  }
  const Walk walk = walk_of(result.shape, {broadcast_strides(v.shape, result.shape), strides_of(result.shape)});
  const net2c_ref from = l.plain(x);
  const uint32_t chunks = chunks_of(elements(result), 300);
  net2c_copy_strided_args args{from, l.out_plain(y), {}, {}, {}, 0, 0, static_cast<uint32_t>(size_of(v.type)), chunks};
  set(args.size, walk.size), set(args.x_step, walk.steps[0]), set(args.y_step, walk.steps[1]);
  l.step("copy_strided", args, chunks, node, {y});
}

}  // namespace net2c
