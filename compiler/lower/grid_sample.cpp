#include <algorithm>

#include "kernels/resize/resize_args.h"
#include "lower/families.h"
#include "lower/plain.h"

namespace net2c {

static_assert(static_cast<int>(ResizeKind::cubic) == NET2C_GRID_CUBIC && static_cast<int>(ResizeKind::linear) == NET2C_GRID_LINEAR);

Layout layout_of(const GridSample &, const Node &node, const Wants &w)
{
  return count(w.graph.values[node.outputs[0]].shape) ? Layout::c8 : Layout::plain;
}

void want(const GridSample &op, const Node &node, Wants &w)
{
  if (layout_of(op, node, w) == Layout::c8 && w.graph.values[node.inputs[0]].type == Type::f32) w.c8(node.inputs[0]);
}

void lower(const GridSample &op, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  const ValueId x = node.inputs[0], y = node.outputs[0];
  want_f32(l.value(x));
  if (std::max(l.value(x).shape[2], l.value(x).shape[3]) > 1 << 20) throw Unsupported{"a map of more than 2^20 rows or columns"};
  net2c_grid_sample_args args{l.c8(x), {}, l.plain(node.inputs[1]), static_cast<uint32_t>(op.kind), static_cast<uint32_t>(op.outside), op.align_corners, 0};
  args.y = l.out_c8(y);
  const uint32_t taps = op.kind == ResizeKind::nearest ? 1 : op.kind == ResizeKind::linear ? 4 : 16, blocks = (args.y.c + 7) / 8;
  args.chunks = chunks_for(uint64_t{args.y.n} * args.y.h * args.y.w * (20 + 2 * taps * (blocks + 1)), args.y.n * args.y.h);
  l.step("grid_sample", args, args.chunks, node, {y});
}

}  // namespace net2c
