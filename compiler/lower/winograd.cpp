// Convolution by Winograd's algorithm: when, and its two steps for each strip of tile rows.
#include <algorithm>

#include "kernels/winograd/winograd_args.h"
#include "lower/conv.h"
#include "lower/pack.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

constexpr int64_t strip_bytes = 4 << 20;   // of transformed input: it stays in a core's share of the last cache
constexpr int64_t row_chunk_tiles = 96;    // a chunk transforms its filters anew; from here on they are under 3 % of its work

struct Tiles {
  int64_t m, rows, columns;                // outputs of a tile's side; tiles of one image
  int64_t count() const { return rows * columns; }
};

Tiles tiles_of(const Shape &w, const Shape &y)
{
  const int64_t m = 7 - w[2];
  return {m, (y[2] + m - 1) / m, (y[3] + m - 1) / m};
}

}  // namespace

// In cycles of a core that does 16 multiply-adds in one, from measurements of each part (Zen 4; on Zen 3 both sides scale alike).
bool winograd_is_faster(const Conv &op, const Shape &x, const Shape &w, const Shape &y)
{
  const bool square = w[2] == w[3] && (w[2] == 3 || w[2] == 5);
  if (!square || op.strides != std::vector<int64_t>{1, 1} || op.dilations != std::vector<int64_t>{1, 1}) return false;
  const Groups g = group_channels(op.group, x[1], y[1]);
  const int64_t ic = (g.ic + 7) / 8 * 8, oc = (g.oc + 7) / 8 * 8;
  const double tiles = static_cast<double>(y[0] * tiles_of(w, y).count()), pairs = static_cast<double>(g.groups * ic * oc);
  const double direct = static_cast<double>(y[0] * y[2] * y[3] * w[2] * w[3]) * pairs / 16 / 0.95;
  const double products = 36 * tiles * pairs / 16 / 0.9, filters = 6 * pairs;
  const double transforms = tiles * static_cast<double>(g.groups) * static_cast<double>(145 * ic + 110 * oc) / 8;
  return products + filters + transforms < 0.95 * direct;
}

void lower_winograd(const Conv &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const net2c_map xm = l.c8(xv, halo_of(op, x, w, y), op.fill);
  const Operands o = operands_of(node, op.epilogue, l);
  const Groups g = group_channels(op.group, x[1], y[1]);
  const net2c_ref weights = packed(node.inputs[1], node, l, [&](const Tensor &t) { return pack_conv(t, op.group, g, 8); });
  const Tiles tiles = tiles_of(w, y);
  const int64_t ic_blocks = (g.ic + 7) / 8, oc_blocks = (g.oc + 7) / 8, blocks = ic_blocks * g.groups, all_rows = y[0] * tiles.rows;
  const int64_t rows_a_strip = std::clamp<int64_t>(strip_bytes / (36 * 32 * blocks * tiles.columns), 1, all_rows);
  const int64_t strips = (all_rows + rows_a_strip - 1) / rows_a_strip, most_rows = (all_rows + strips - 1) / strips;
  int64_t pitch = most_rows * tiles.columns;
  if (pitch % 128 == 0) pitch += 2;        // blocks 4 KB apart would share cache sets
  const net2c_ref v = l.buffer(node.name + ".winograd", 36 * 4 * NET2C_WINOGRAD_PLANE(static_cast<uint64_t>(blocks * pitch) * 8));
  const uint32_t panels = u(g.groups * ((oc_blocks + 1) / 2));

  for (int64_t strip = 0; strip < strips; ++strip) {
    const int64_t first = all_rows * strip / strips, rows = all_rows * (strip + 1) / strips - first;
    const uint64_t macs = static_cast<uint64_t>(count(y) * w[1] * w[2] * w[3]), part = macs * static_cast<uint64_t>(rows) / static_cast<uint64_t>(all_rows);
    net2c_winograd_input_args in{xm, v, u(tiles.m), u(tiles.rows), u(tiles.columns), u(first), u(rows), u(pitch), static_cast<int32_t>(op.pads[0]),
                                 static_cast<int32_t>(op.pads[1]), u(y[2] + w[2] - 1), u(y[3] + w[3] - 1), 1};
    in.chunks = chunks_for(static_cast<uint64_t>(blocks * rows * tiles.columns) * 40, u(blocks * rows));
    l.step("winograd_input", in, in.chunks, node, {});
    net2c_winograd_args a{v, o.y, o.r, weights, o.bias, o.epilogue.scale, o.epilogue.shift, u(g.groups), u(ic_blocks), u(oc_blocks), u(tiles.rows),
                          u(tiles.columns), u(first), u(rows), u(pitch), o.epilogue.act, o.epilogue.a, o.epilogue.b, 1, 1};
    const uint32_t wanted = chunks_for(part / 150, 64);
    a.oc_chunks = std::min(wanted, panels);
    a.row_chunks = std::min({(wanted + a.oc_chunks - 1) / a.oc_chunks, u(rows), u(std::max<int64_t>(1, rows * tiles.columns / row_chunk_tiles))});
    const std::vector<ValueId> done = strip + 1 == strips ? std::vector<ValueId>{yv} : std::vector<ValueId>{};
    l.step(w[2] == 3 ? "winograd3" : "winograd5", a, a.oc_chunks * a.row_chunks, node, done, part, u(NET2C_WINOGRAD_SCRATCH(ic_blocks)));
  }
}

}  // namespace net2c
