// Resize: tables of taps by the op's own rules (ops/resize.h), rows and columns of C8 maps at once, other axes one by one.
#include "kernels/resize/resize_args.h"

#include <algorithm>

#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"
#include "ops/resize.h"

namespace net2c {

namespace {

bool on_map(const Resize &op, const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]], &y = w.graph.values[node.outputs[0]];
  return x.type == Type::f32 && x.shape.size() >= 3 && x.shape.size() <= 4 && count(y.shape) != 0 && stays(op, 0, x.shape[0], y.shape[0]) &&
         stays(op, 1, x.shape[1], y.shape[1]);
}

struct Table {
  uint32_t taps = 1;
  std::vector<uint32_t> index;    // [out][taps]
  std::vector<float> weight;
};

Table table_of(const Resize &op, size_t d, int64_t in, int64_t out)
{
  std::vector<std::vector<Tap>> all;
  Table t;
  for (int64_t i = 0; i < out; ++i) {
    all.push_back(stays(op, d, in, out) ? std::vector<Tap>{{i, 1.0}} : taps_of(op, d, in, out, i));
    t.taps = std::max(t.taps, static_cast<uint32_t>(all.back().size()));
  }
  for (const std::vector<Tap> &taps : all)
    for (size_t k = 0; k < t.taps; ++k) {   // exclude_outside: fewer at the borders
      const Tap tap = k < taps.size() ? taps[k] : Tap{taps.empty() ? 0 : taps[0].from, 0};
      t.index.push_back(static_cast<uint32_t>(tap.from)), t.weight.push_back(static_cast<float>(tap.weight));
    }
  return t;
}

// An axis that a rank 3 map does not have.
Table single() { return {1, {0}, {1.0f}}; }

}  // namespace

Layout layout_of(const Resize &op, const Node &node, const Wants &w) { return on_map(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Resize &op, const Node &node, Wants &w)
{
  if (on_map(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Resize &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x), &result = l.value(y);
  const size_t rank = v.shape.size();
  if (nothing_to_do(node, l)) return;
  auto indices = [&](const Table &t) { return l.weights(std::as_bytes(std::span(t.index))); };
  auto weights = [&](const Table &t) { return l.weights(std::span<const float>(t.weight)); };
  auto u = [](int64_t n) { return static_cast<uint32_t>(n); };
  const bool nearest = op.kind == ResizeKind::nearest;
  if (on_map(op, node, l.wants)) {
    const Table rows = rank == 4 ? table_of(op, 2, v.shape[2], result.shape[2]) : single();
    const Table columns = table_of(op, rank - 1, v.shape[rank - 1], result.shape[rank - 1]);
    net2c_resize_args args{l.c8(x), l.out_c8(y), indices(rows), weights(rows), indices(columns), weights(columns), rows.taps, columns.taps, 0};
    args.chunks = chunks_of(args.y, nearest ? 100 : 60 * (rows.taps + columns.taps));
    l.step(nearest ? "resize_nearest" : "resize", args, args.chunks, node, {y}, 0, nearest ? 0 : args.x.w * 32);
    return;
  }
  if (!nearest) want_f32(v);
  elements(v), elements(result);
  std::vector<size_t> axes;
  for (size_t d = rank; d-- > 0;)
    if (!stays(op, d, v.shape[d], result.shape[d])) axes.push_back(d);
  if (axes.empty()) {
    l.alias_plain(y, x);
    return;
  }
  net2c_ref from = l.plain(x);
  Shape shape = v.shape;
  for (size_t d : axes) {
    const int64_t n = shape[d], m = result.shape[d];
    const Table table = table_of(op, d, n, m);
    const Shape before = shape;
    shape[d] = m;
    const uint32_t outer = u(product(shape, 0, d)), inner = u(product(shape, d + 1, rank));
    const bool last = d == axes.back();
    const std::vector<ValueId> done = last ? std::vector<ValueId>{y} : std::vector<ValueId>{};
    const size_t bytes = size_of(v.type);
    const net2c_ref to = last ? l.out_plain(y) : l.buffer(result.name + ".resized", static_cast<uint64_t>(count(shape)) * bytes);
    if (nearest) {
      gather(l, node, from, before, d, table.index, bytes, to, done);
    } else {
      const uint32_t chunks = std::min(chunks_of(static_cast<uint64_t>(count(shape)), 200 * table.taps), outer * u(m));
      l.step("resize_axis", net2c_resize_axis_args{from, to, indices(table), weights(table), table.taps, outer, u(n), u(m), inner, chunks}, chunks,
             node, done);
    }
    from = to;
  }
}

}  // namespace net2c
