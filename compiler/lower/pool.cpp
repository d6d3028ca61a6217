// Pooling windows and reductions.
#include <algorithm>
#include <string_view>

#include "kernels/pool/pool_args.h"
#include "kernels/reduce/reduce_args.h"
#include "lower/cut_rows.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

namespace {

static_assert(static_cast<int>(ReduceKind::sum_square) == NET2C_REDUCE_SUM_SQUARE && static_cast<int>(ReduceKind::l1) == NET2C_REDUCE_L1);

// Kernels with size and stride of square windows as literals, whose windows share columns.
constexpr std::string_view of_literals[] = {"max_pool_2_1", "max_pool_2_2", "max_pool_3_1", "max_pool_3_2", "average_pool_2_2", "average_pool_3_1"};

// All of each channel's plane.
bool over_planes(const Reduce &op, const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]];
  if (w.layout(node.inputs[0]) != Layout::c8 || x.type != Type::f32 || x.shape.size() < 3 || op.kind == ReduceKind::log_sum_exp) return false;
  if (op.axes.size() != x.shape.size() - 2 || count(x.shape) == 0) return false;
  for (size_t i = 0; i < op.axes.size(); ++i)
    if (op.axes[i] != static_cast<int64_t>(i) + 2) return false;
  return true;
}

}  // namespace

Layout layout_of(const Pool &, const Node &, const Wants &) { return Layout::c8; }

void want(const Pool &, const Node &node, Wants &w) { w.c8(node.inputs[0]); }

void lower(const Pool &op, const Node &node, Lowering &l)
{
  auto u = [](int64_t x) { return static_cast<uint32_t>(x); };
  want_f32(l.value(node.inputs[0]));
  net2c_pool_args args{};
  args.x = l.c8(node.inputs[0]), args.y = l.out_c8(node.outputs[0]);
  args.kernel_y = u(op.kernel[0]), args.kernel_x = u(op.kernel[1]), args.stride_y = u(op.strides[0]), args.stride_x = u(op.strides[1]);
  args.dilation_y = u(op.dilations[0]), args.dilation_x = u(op.dilations[1]);
  args.pad_top = u(op.pads[0]), args.pad_left = u(op.pads[1]), args.pad_bottom = u(op.pads[2]), args.pad_right = u(op.pads[3]);
  args.include_pad = op.count_include_pad;
  const bool square = op.kernel[0] == op.kernel[1] && op.strides[0] == op.strides[1] && op.dilations == Ints{1, 1};
  const std::string any = op.kind == PoolKind::max ? "max_pool" : op.kind == PoolKind::sum ? "sum_pool" : "average_pool";
  const std::string literal = fmt::format("{}_{}_{}", any, op.kernel[0], op.strides[0]);
  const bool shares = square && std::ranges::find(of_literals, literal) != std::end(of_literals);
  cut_rows(args, chunks_of(args.y, shares ? 40 * args.kernel_x : 60 * std::min(64u, args.kernel_y * args.kernel_x)), pool_rows);
  l.step((shares ? literal : any).c_str(), args, args.row_chunks * args.oc_chunks, node, {node.outputs[0]});
}

Layout layout_of(const Reduce &op, const Node &node, const Wants &w) { return over_planes(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Reduce &op, const Node &node, Wants &w)
{
  if (over_planes(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Reduce &op, const Node &node, Lowering &l)
{
  const ValueId y = node.outputs[0];
  const Value &x = l.value(node.inputs[0]);
  const uint32_t kind = static_cast<uint32_t>(op.kind);
  if (over_planes(op, node, l.wants)) {
    const net2c_map from = l.c8(node.inputs[0]), to = l.out_c8(y);
    const uint32_t chunks = std::min(chunks_of(from, 60), rows_of(to));
    l.step("reduce_plane", net2c_reduce_plane_args{from, to, kind, chunks}, chunks, node, {y});
    return;
  }
  if (nothing_to_do(node, l)) return;
  if (x.type == Type::f16 || x.type == Type::f64 || x.type == Type::u64) throw Unsupported{std::string("elements of type ") + name_of(x.type)};
  // Runs of axes that stay and that are reduced, in turn.
  struct Run { bool reduced; int64_t size; };
  std::vector<Run> runs;
  Ints kept_first, reduced_last;
  for (size_t d = 0; d < x.shape.size(); ++d) {
    const bool reduced = std::find(op.axes.begin(), op.axes.end(), static_cast<int64_t>(d)) != op.axes.end();
    (reduced ? reduced_last : kept_first).push_back(static_cast<int64_t>(d));
    if (x.shape[d] == 1) continue;
    if (!runs.empty() && runs.back().reduced == reduced) runs.back().size *= x.shape[d];
    else runs.push_back({reduced, x.shape[d]});
  }
  elements(x);
  auto u = [](int64_t v) { return static_cast<uint32_t>(v); };
  net2c_reduce_plain_args args{l.plain(node.inputs[0]), 0, 1, 1, 1, kind, type_code(x.type), 1};
  const size_t reductions = static_cast<size_t>(std::count_if(runs.begin(), runs.end(), [](const Run &r) { return r.reduced; }));
  if (reductions > 1) {
    Ints perm = kept_first;
    perm.insert(perm.end(), reduced_last.begin(), reduced_last.end());
    const net2c_ref moved = l.buffer(x.name + ".moved", static_cast<uint64_t>(count(x.shape)) * size_of(x.type));
    permute(l, node, args.x, x.shape, perm, size_of(x.type), moved, {});
    args.x = moved;
    args.outer = u(count(l.value(y).shape)), args.n = u(count(x.shape) / count(l.value(y).shape));
  } else {
    bool seen = reductions == 0;   // nothing reduced: elements of one each, side by side
    for (const Run &r : runs)
      if (r.reduced) args.n = u(r.size), seen = true;
      else (seen ? args.inner : args.outer) *= u(r.size);
  }
  args.y = l.out_plain(y);
  const uint32_t results = x.type == Type::f32 ? args.outer * ((args.inner + 7) / 8) : args.outer * args.inner;
  args.chunks = std::min(chunks_of(static_cast<uint64_t>(count(x.shape)), x.type == Type::f32 ? 150 : 1500), results);
  l.step(x.type == Type::f32 ? "reduce_plain" : "reduce_integer", args, args.chunks, node, {y});
}

}  // namespace net2c
