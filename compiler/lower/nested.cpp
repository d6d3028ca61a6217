// 9 x 9 convolutions by nested Winograd algorithms: when, and the step.
#include "lower/nested.h"

#include <algorithm>

#include "kernels/winograd/nested_args.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

constexpr int64_t ring_bytes = 480 << 10;   // half of L2: filters and products are beside it
constexpr int64_t least_strip_tiles = 8;    // with fewer the two beside them cost too much
constexpr int64_t row_chunk_tiles = 16;     // rows of tiles: a chunk transforms two rows of input anew

}  // namespace

bool lower_by_nested(const Conv &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const std::vector<int64_t> ones{1, 1};
  if (w[2] != 9 || w[3] != 9 || op.group != 1 || op.strides != ones || op.dilations != ones) return false;
  if (y[1] > 4 || x[1] < 8 || y[2] < 9 || y[3] < 9) return false;
  const int64_t blocks = (x[1] + 7) / 8, rows = (y[2] + 2) / 3, columns = (y[3] + 2) / 3, strip = ring_bytes / (75 * 32 * blocks) - 4;
  if (strip < std::min(columns, least_strip_tiles)) return false;
  const int64_t strips = (columns + strip - 1) / strip, pitch = NET2C_NESTED_PITCH((columns + strips - 1) / strips);
  const uint64_t scratch = static_cast<uint64_t>(NET2C_NESTED_SCRATCH(blocks, y[1], pitch));
  if (scratch > l.allowed().scratch) return false;
  const LayerKind kind{false, 9, 9, 1, 1, y[0], x[1], y[1], y[2], y[3]};
  if (l.choose(kind, {Method::direct, Method::winograd}, Method::winograd) == Method::direct) return false;

  const net2c_map xm = l.c8(xv, halo_of(op, x, w, y), op.fill);
  const Operands o = operands_of(node, op.epilogue, l);
  const PackedWeights packed = packed_weights(node.inputs[1], node, l, pack_narrow);
  const uint64_t macs = static_cast<uint64_t>(count(y) * w[1] * 81);
  net2c_nested_narrow_args a{xm, o.y, o.r, packed.ref, o.bias, o.epilogue.scale, o.epilogue.shift, static_cast<int32_t>(op.pads[0]),
                             static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a, o.epilogue.b, u(strips), 1};
  a.row_chunks = chunks_for(macs / static_cast<uint64_t>(y[0]) / 100, u(std::max<int64_t>(1, rows / row_chunk_tiles)));
  l.step(packed.reader(fmt::format("nested_narrow{}", y[1])).c_str(), a, u(y[0]) * a.row_chunks, node, {yv}, macs, static_cast<uint32_t>(scratch));
  // Of a tile: 25 products of nine pieces, and the transforms, that of the input of the three columns that are its own.
  l.recipe.steps.back().operations = static_cast<uint64_t>(y[0] * rows * columns * (225 * x[1] * y[1] + 80 * x[1] + 8 * 56 * y[1]));
  return true;
}

}  // namespace net2c
