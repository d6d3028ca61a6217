// Convolutions and their transposes: direct kernels on C8 maps, image maps for first layers, a depthwise kernel.
#include <algorithm>

#include "kernels/conv/conv_args.h"
#include "kernels/depthwise/depthwise_args.h"
#include "lower/dense.h"
#include "lower/cut_rows.h"
#include "lower/families.h"
#include "lower/nested.h"
#include "lower/strassen.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

struct Reach { int64_t low = 0, high = 0; };   // of input rows or columns that one axis of a transposed convolution reads

Reach reach_of(int64_t out, int64_t kernel, int64_t stride, int64_t dilation, int64_t pad)
{
  Reach r;
  for (int64_t p = 0; p < std::min(stride, out); ++p)
    for (int64_t k = 0; k < kernel; ++k) {
      const int64_t from = p + pad - k * dilation;
      if (from % stride) continue;
      r.low = std::min(r.low, from / stride);
      r.high = std::max(r.high, from / stride + (out - p - 1) / stride);
    }
  return r;
}

bool is_depthwise(const Conv &op, const Shape &x, const Shape &w) { return op.group > 1 && op.group == x[1] && w[0] == x[1]; }

// A first layer reads interleaved pixels where its input is the app's.
bool wants_image(const Conv &op, ValueId x, const Wants &w)
{
  return op.group == 1 && w.graph.values[x].shape[1] <= 4 && w.layout(x) == Layout::plain;
}

// To few channels: kernels whose lanes are input channels, which can also write a plain result.
bool is_narrow(const Conv &op, const Shape &x, const Shape &y) { return op.group == 1 && y[1] <= 4 && op.strides[1] == 1 && x[1] >= 8; }

// Of maps smaller than this, chunks are channels; of others, rows, so that a worker finds in its cache what it has written the step before.
constexpr int64_t few_pixels = NET2C_CONV_FEW_PIXELS;

struct Grid { uint32_t rows, panels; };   // chunks of rows and of panels of output blocks, for one image

// Rows are cut first, so that a worker's input stays near it; where the map is small and the weights are many, panels are, so
// that weights are read once. 59 multiply-adds a nanosecond is one core's peak here.
Grid grid_of(uint64_t macs, int64_t rows, int64_t width, uint32_t panels, uint64_t input_bytes)
{
  constexpr uint64_t half_l2 = 256 << 10;
  const uint32_t wanted = chunks_for(macs / 50, 64);
  if (rows * width < few_pixels) {
    const uint32_t p = std::min(wanted, panels), enough = p < 6 ? (8 + p - 1) / p : 1;   // that two or three workers end together
    return {std::min({std::max(1u, wanted / p), enough, u((rows * width + 23) / 24)}), p};
  }
  const uint32_t by_cache = u(static_cast<int64_t>((input_bytes + half_l2 - 1) / half_l2));
  const uint32_t most = u(std::max<int64_t>(1, rows * width / 48));
  const uint32_t r = std::min({std::max(wanted, by_cache), most, u(rows)});
  return {r, r >= wanted ? 1 : std::min(panels, (wanted + r - 1) / r)};
}

uint32_t panels_of(uint32_t groups, uint32_t oc_blocks) { return groups * NET2C_CONV_PANELS(oc_blocks); }

// Output pixels that go through all panels of a chunk before the next ones: their input stays in half of L2.
uint32_t pixels_of(uint64_t input_bytes_a_pixel)
{
  return static_cast<uint32_t>(std::clamp<uint64_t>((256 << 10) / std::max<uint64_t>(1, input_bytes_a_pixel), 48, 1u << 24));
}

}  // namespace

Halo halo_of(const Conv &op, const Shape &x, const Shape &w, const Shape &y)
{
  auto reach = [](int64_t n) { return u(std::max<int64_t>(0, n)); };
  return {reach(op.pads[0]), reach(op.pads[1]), reach((y[2] - 1) * op.strides[0] + (w[2] - 1) * op.dilations[0] - op.pads[0] - (x[2] - 1)),
          reach((y[3] - 1) * op.strides[1] + (w[3] - 1) * op.dilations[1] - op.pads[1] - (x[3] - 1))};
}

Halo halo_of(const ConvTranspose &op, const Shape &x, const Shape &w, const Shape &y)
{
  const Reach v = reach_of(y[2], w[2], op.strides[0], op.dilations[0], op.pads[0]);
  const Reach h = reach_of(y[3], w[3], op.strides[1], op.dilations[1], op.pads[1]);
  return {u(-v.low), u(-h.low), u(std::max<int64_t>(0, v.high - (x[2] - 1))), u(std::max<int64_t>(0, h.high - (x[3] - 1)))};
}

Operands operands_of(const Node &node, const Epilogue &epilogue, Lowering &l)
{
  const int64_t oc = l.value(node.outputs[0]).shape[1];
  Operands o;
  o.r.base = NET2C_NONE;
  const ValueId residual = operand(node, epilogue_residual), bias = operand(node, 2);
  if (residual != none) o.r = l.c8(residual);
  o.epilogue = choose_epilogue(epilogue, node, l, oc, 16);
  o.bias = packed_vector(bias, node, l, oc, 16);
  if (l.wants.layout(node.outputs[0]) == Layout::plain) {
    const Shape &y = l.value(node.outputs[0]).shape;
    o.plain = l.out_plain(node.outputs[0]);
    o.y = {};
    o.y.base = NET2C_NONE, o.y.n = u(y[0]), o.y.c = u(y[1]), o.y.h = u(y[2]), o.y.w = u(y[3]);
    return o;
  }
  o.y = l.out_c8(node.outputs[0], residual != none && !l.share_storage(residual, node.inputs[0]) ? residual : none);
  return o;
}

Layout layout_of(const Conv &op, const Node &node, const Wants &w)
{
  const ValueId y = node.outputs[0];   // plain where only the app reads it
  return is_narrow(op, w.graph.values[node.inputs[0]].shape, w.graph.values[y].shape) && w.uses.readers[y].empty() ? Layout::plain : Layout::c8;
}

Layout layout_of(const ConvTranspose &, const Node &, const Wants &) { return Layout::c8; }

void want(const Conv &op, const Node &node, Wants &w)
{
  auto shape = [&](ValueId v) { return w.graph.values[v].shape; };
  const Halo halo = halo_of(op, shape(node.inputs[0]), shape(node.inputs[1]), shape(node.outputs[0]));
  if (wants_image(op, node.inputs[0], w)) w.image(node.inputs[0]);
  else w.c8(node.inputs[0], halo, op.fill);
  if (const ValueId r = operand(node, epilogue_residual); r != none) w.c8(r);
}

void want(const ConvTranspose &op, const Node &node, Wants &w)
{
  auto shape = [&](ValueId v) { return w.graph.values[v].shape; };
  w.c8(node.inputs[0], halo_of(op, shape(node.inputs[0]), shape(node.inputs[1]), shape(node.outputs[0])));
  if (const ValueId r = operand(node, epilogue_residual); r != none) w.c8(r);
}

void lower(const Conv &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const Halo halo = halo_of(op, x, w, y);
  const uint64_t macs = static_cast<uint64_t>(count(y) * w[1] * w[2] * w[3]);
  const auto weights = [&](const Packer &pack) { return packed_weights(node.inputs[1], node, l, pack); };

  if (is_depthwise(op, x, w)) {
    const net2c_map xm = l.c8(xv, halo, op.fill);
    const Operands o = operands_of(node, op.epilogue, l);
    net2c_depthwise_args a{xm, o.y, o.r, packed(node.inputs[1], node, l, pack_depthwise), o.bias, o.epilogue.scale, o.epilogue.shift, u(w[2]),
                           u(w[3]), u(op.strides[0]), u(op.strides[1]), u(op.dilations[0]), u(op.dilations[1]),
                           static_cast<int32_t>(op.pads[0]), static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a,
                           o.epilogue.b, 1, 1, 0, 0};
    cut_rows(a, chunks_for(macs / 40, u(y[0] * ((y[1] + 7) / 8) * y[2])), depthwise_rows);
    const int64_t s = op.strides[1];
    const bool is_3x3 = w[2] == 3 && w[3] == 3 && op.dilations[1] == 1 && s <= 2;
    const std::string kernel = std::string(is_3x3 ? "depthwise3x3" : "depthwise") + (s <= 2 ? fmt::format("_s{}", s) : "");
    l.step(kernel.c_str(), a, a.row_chunks * a.oc_chunks, node, {yv}, macs);
    return;
  }

  if (lower_by_product(op, node, l)) return;
  const bool image = wants_image(op, xv, l.wants);
  if (image ? lower_by_nested_image(op, node, l) : lower_by_nested(op, node, l)) return;
  if (is_narrow(op, x, y)) {
    const net2c_map xm = l.c8(xv, halo, op.fill);
    const Operands o = operands_of(node, op.epilogue, l);
    const PackedWeights packed = weights(pack_narrow);
    net2c_conv_narrow_args a{xm, o.y, o.plain, o.r, packed.ref, o.bias, o.epilogue.scale, o.epilogue.shift, u(w[2]), u(w[3]),
                             u(op.strides[0]), u(op.dilations[0]), u(op.dilations[1]), static_cast<int32_t>(op.pads[0]),
                             static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a, o.epilogue.b, 1};
    a.row_chunks = chunks_for(macs / static_cast<uint64_t>(y[0]) / 40, u(y[2]));
    const uint32_t wide = packed.half ? u((x[1] + 7) / 8 * y[1] * w[2] * w[3]) * 32 : 0;
    l.step(packed.reader(fmt::format("conv_narrow{}", y[1])).c_str(), a, u(y[0]) * a.row_chunks, node, {yv}, macs, NET2C_NARROW_SCRATCH(u(y[1])) + wide);
    return;
  }
  const Groups g = image ? Groups{1, 1, x[1], y[1]} : group_channels(op.group, x[1], y[1]);
  if (!image && (lower_by_winograd(op, node, l, g) || lower_by_strassen(op, node, l, g))) return;
  const net2c_map xm = image ? l.image(xv, halo, op.fill) : l.c8(xv, halo, op.fill);
  const Operands o = operands_of(node, op.epilogue, l);
  const int64_t lanes = image ? x[1] : 8;
  const PackedWeights packed = weights([&](const Tensor &t) { return pack_conv(t, op.group, g, lanes); });
  net2c_conv_args a{xm, o.y, o.r, packed.ref, o.bias, o.epilogue.scale, o.epilogue.shift,
                    u(g.groups), image ? 1 : u((g.ic + 7) / 8), u((g.oc + 7) / 8), u(w[2]), u(w[3]), u(op.strides[0]),
                    u(op.strides[1]), u(op.dilations[0]), u(op.dilations[1]), static_cast<int32_t>(op.pads[0]),
                    static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a, o.epilogue.b, 1, 1, 1};
  const uint64_t input_bytes = uint64_t{xm.plane} * ((xm.c + 7) / 8) * static_cast<uint64_t>(lanes) * 4;
  const Grid grid = grid_of(macs / static_cast<uint64_t>(y[0]), y[2], y[3], panels_of(a.groups, a.oc_blocks), input_bytes);
  a.row_chunks = grid.rows, a.oc_chunks = grid.panels;
  a.pixels = pixels_of(input_bytes / static_cast<uint64_t>(y[2] * y[3]));
  l.step(packed.reader(image ? "conv_image" : "conv").c_str(), a, u(y[0]) * grid.rows * grid.panels, node, {yv}, macs,
         packed.half ? NET2C_CONV_SCRATCH(a.kh * a.kw * a.ic_blocks * u(lanes), a.oc_blocks) : 0);
}

void lower(const ConvTranspose &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const Groups g = group_channels(op.group, x[1], y[1]);
  if (lower_by_winograd(op, node, l, g)) return;
  const net2c_map xm = l.c8(xv, halo_of(op, x, w, y));
  const Operands o = operands_of(node, op.epilogue, l);
  const uint64_t macs = static_cast<uint64_t>(count(x) * w[1] * w[2] * w[3]);
  const PackedWeights weights = packed_weights(node.inputs[1], node, l, [&](const Tensor &t) { return pack_deconv(t, op.group, g, op.strides, op.dilations, op.pads); });
  net2c_deconv_args a{xm, o.y, o.r, weights.ref, o.bias, o.epilogue.scale,
                      o.epilogue.shift, u(g.groups), u((g.ic + 7) / 8), u((g.oc + 7) / 8), u(w[2]), u(w[3]),
                      u(op.strides[0]), u(op.strides[1]), u(op.dilations[0]), u(op.dilations[1]), static_cast<int32_t>(op.pads[0]),
                      static_cast<int32_t>(op.pads[1]), o.epilogue.act, o.epilogue.a, o.epilogue.b, 1, 1};
  const int64_t rows = (y[2] + op.strides[0] - 1) / op.strides[0];
  const Grid grid = grid_of(macs / static_cast<uint64_t>(y[0]), rows, y[3], panels_of(a.groups, a.oc_blocks), uint64_t{xm.image} * 32);
  a.row_chunks = grid.rows, a.oc_chunks = grid.panels;
  l.step(weights.reader("deconv").c_str(), a, u(y[0]) * grid.rows * grid.panels, node, {yv}, macs,
         weights.half ? NET2C_CONV_SCRATCH(a.kh * a.kw * a.ic_blocks * 8, a.oc_blocks) : 0);
}

}  // namespace net2c
