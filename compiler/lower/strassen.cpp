// 1 x 1 convolutions by one step of Strassen's algorithm: when, and the two steps.
#include "lower/strassen.h"

#include <algorithm>

#include "kernels/strassen/strassen_args.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

struct Sizes {
  int64_t ic, oc, all, half;   // channels; pixels, of which 2 * half are in the products
};

// Additions, as multiply-adds: of operands and sums of weights, of operands of pixels, of the seven products.
int64_t additions_of(const Sizes &s) { return (5 * s.ic / 2 * s.oc / 2) + (5 * s.ic / 2 * s.half) + (8 * s.oc / 2 * s.half); }

// The part of the direct sum's time that is saved, by times on Zen 1: an eighth of the products, less what the sums of weights, the operands of pixels
// and the adding up of products cost.
bool is_faster(const Sizes &s)
{
  const double in_products = 2 * static_cast<double>(s.half) / static_cast<double>(s.all);
  const double weights = 4 / static_cast<double>(s.all), pixels = 4.2 / static_cast<double>(s.oc), sums = 13 / static_cast<double>(s.ic);
  return in_products / 8 - weights - pixels - sums > 0.02;
}

}  // namespace

bool lower_by_strassen(const Conv &op, const Node &node, Lowering &l, const Groups &g)
{
  const ValueId xv = node.inputs[0], yv = node.outputs[0];
  const Shape x = l.value(xv).shape, y = l.value(yv).shape;
  const Shape &w = l.value(node.inputs[1]).shape;
  const auto all_are = [](const auto &v, int64_t wanted) { return std::all_of(std::begin(v), std::end(v), [&](int64_t i) { return i == wanted; }); };
  if (w[2] * w[3] != 1 || op.group != 1 || !all_are(op.strides, 1) || !all_are(op.pads, 0)) return false;
  if (x[1] % 16 || y[1] % 32) return false;
  Sizes s{x[1], y[1], y[0] * y[2] * y[3], 0};
  s.half = s.all / 2 / NET2C_STRASSEN_PIXELS * NET2C_STRASSEN_PIXELS;
  const uint64_t bytes = NET2C_STRASSEN_BYTES(static_cast<uint64_t>(s.ic), static_cast<uint64_t>(s.half)), scratch = NET2C_STRASSEN_SCRATCH(static_cast<uint64_t>(s.ic)) + (l.wants_halves() ? NET2C_STRASSEN_WIDE(static_cast<uint64_t>(s.ic)) : 0);
  if (s.half == 0 || s.ic < 128 || bytes > l.allowed().arena || scratch > l.allowed().scratch) return false;
  const LayerKind kind{false, 1, 1, 1, 1, y[0], x[1], y[1], y[2], y[3]};
  if (l.choose(kind, {Method::direct, Method::strassen}, !l.wants_avx512() && is_faster(s) ? Method::strassen : Method::direct) == Method::direct) return false;

  const net2c_map xm = l.c8(xv);
  const Operands o = operands_of(node, op.epilogue, l);
  const PackedWeights packed = packed_weights(node.inputs[1], node, l, [&](const Tensor &t) { return pack_conv(t, 1, g, 8); });
  const net2c_ref v = l.spare_buffer(node.name + ".strassen", bytes);
  net2c_strassen_input_args in{xm, v, u(s.half), 1};
  in.chunks = chunks_for(static_cast<uint64_t>(s.ic * s.half / 2), u(s.half / NET2C_STRASSEN_PIXELS * s.ic / 16));
  l.step("strassen_input", in, in.chunks, node, {});
  const uint64_t macs = static_cast<uint64_t>(s.all * s.ic * s.oc);
  net2c_strassen_args a{xm, v, o.y, o.r, packed.ref, o.bias, o.epilogue.scale, o.epilogue.shift, u(s.half), o.epilogue.act, o.epilogue.a, o.epilogue.b, 1, 1};
  const uint32_t wanted = chunks_for(macs / 60, 64), panels = u(NET2C_STRASSEN_PANELS(y[1]));
  a.oc_chunks = std::min(wanted, panels);
  if (panels < 6 && o.y.fill == NET2C_FILL_ZERO)   // that two or three workers end together
    a.row_chunks = std::min({(wanted + a.oc_chunks - 1) / a.oc_chunks, (8 + panels - 1) / panels, std::max(1u, u(s.half / 48))});
  l.step(packed.reader("strassen").c_str(), a, a.oc_chunks * a.row_chunks, node, {yv}, macs, static_cast<uint32_t>(scratch));
  l.recipe.steps.back().operations = static_cast<uint64_t>((s.all - 2 * s.half) * s.ic * s.oc + 7 * (s.ic / 2) * (s.oc / 2) * s.half + additions_of(s));
  return true;
}

}  // namespace net2c
