// 9 x 9 convolutions by nested Winograd algorithms: when, and the step.
#include "lower/nested.h"

#include <algorithm>

#include "kernels/winograd/nested_args.h"
#include "lower/pack.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

constexpr int64_t ring_bytes = 480 << 10;   // half of L2: filters and products are beside it
constexpr int64_t image_strip_tiles = 360;  // of a picture, whose ring is small
constexpr int64_t least_strip_tiles = 8;    // with fewer the two beside them cost too much
constexpr int64_t row_chunk_tiles = 16;     // rows of tiles: a chunk transforms two rows of input anew

bool is_9x9(const Conv &op, const Shape &w, const Shape &y)
{
  const std::vector<int64_t> ones{1, 1};
  return w[2] == 9 && w[3] == 9 && op.group == 1 && op.strides == ones && op.dilations == ones && y[2] >= 9 && y[3] >= 9;
}

bool takes_nested(const Shape &x, const Shape &y, Lowering &l)
{
  const LayerKind kind{false, 9, 9, 1, 1, y[0], x[1], y[1], y[2], y[3]};
  return l.choose(kind, {Method::direct, Method::winograd}, Method::winograd) == Method::winograd;
}

}  // namespace

bool lower_by_nested(const Conv &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  if (!is_9x9(op, w, y) || y[1] > 4 || x[1] < 8) return false;
  const int64_t blocks = (x[1] + 7) / 8, rows = (y[2] + 2) / 3, columns = (y[3] + 2) / 3, strip = ring_bytes / (75 * 32 * blocks) - 4;
  if (strip < std::min(columns, least_strip_tiles)) return false;
  const int64_t strips = (columns + strip - 1) / strip, pitch = NET2C_NESTED_PITCH((columns + strips - 1) / strips);
  const uint64_t scratch = static_cast<uint64_t>(NET2C_NESTED_SCRATCH(blocks, y[1], pitch));
  if (scratch > l.allowed().scratch) return false;
  if (!takes_nested(x, y, l)) return false;

  const net2c_map xm = l.c8(xv, halo_of(op, x, w, y), op.fill);
  const Operands o = operands_of(node, op.epilogue, l);
  const PackedWeights packed = packed_weights(node.inputs[1], node, l, pack_narrow);
  const uint64_t macs = static_cast<uint64_t>(count(y) * w[1] * 81);
  net2c_nested_narrow_args a{xm, o.y, o.plain, o.r, packed.ref, o.bias, o.epilogue.scale, o.epilogue.shift, static_cast<int32_t>(op.pads[0]),
                             static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a, o.epilogue.b, u(strips), 1};
  a.row_chunks = chunks_for(macs / static_cast<uint64_t>(y[0]) / 100, u(std::max<int64_t>(1, rows / row_chunk_tiles)));
  l.step(packed.reader(fmt::format("nested_narrow{}", y[1])).c_str(), a, u(y[0]) * a.row_chunks, node, {yv}, macs, static_cast<uint32_t>(scratch));
  // Of a tile: 25 products of nine pieces, and the transforms, that of the input of the three columns that are its own.
  l.recipe.steps.back().operations = static_cast<uint64_t>(y[0] * rows * columns * (225 * x[1] * y[1] + 80 * x[1] + 8 * 56 * y[1]));
  return true;
}

bool lower_by_nested_image(const Conv &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  if (!is_9x9(op, w, y) || x[1] != 3 || y[1] <= 8) return false;
  const int64_t rows = (y[2] + 2) / 3, columns = (y[3] + 2) / 3, strips = (columns + image_strip_tiles - 1) / image_strip_tiles;
  const uint64_t scratch = static_cast<uint64_t>(NET2C_PICTURE_SCRATCH(y[1], NET2C_PICTURE_PITCH((columns + strips - 1) / strips)));
  if (scratch > l.allowed().scratch || !takes_nested(x, y, l)) return false;

  const net2c_map xm = l.image(xv, halo_of(op, x, w, y), op.fill);
  const Operands o = operands_of(node, op.epilogue, l);
  const PackedWeights packed = packed_weights(node.inputs[1], node, l, [&](const Tensor &t) { return pack_conv(t, 1, Groups{1, 1, 3, y[1]}, 3); });
  const uint64_t macs = static_cast<uint64_t>(count(y) * w[1] * 81);
  net2c_nested_image_args a{xm, o.y, o.r, packed.ref, o.bias, o.epilogue.scale, o.epilogue.shift, static_cast<int32_t>(op.pads[0]),
                            static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a, o.epilogue.b, u(strips), 1};
  a.row_chunks = chunks_for(macs / static_cast<uint64_t>(y[0]) / 100, u(std::max<int64_t>(1, rows / row_chunk_tiles)));
  l.step(packed.reader("nested_image").c_str(), a, u(y[0]) * a.row_chunks, node, {yv}, macs, static_cast<uint32_t>(scratch));
  l.recipe.steps.back().operations = static_cast<uint64_t>(y[0] * rows * columns * (225 * 3 * y[1] + 100 * 3 + 56 * y[1]));   // as above
  return true;
}

}  // namespace net2c
