// Matrix products on plain tensors; the right operand is packed at compile time, or by a step where it is not constant.
#include <algorithm>

#include "kernels/dense/dense_args.h"
#include "lower/dense.h"
#include "lower/families.h"
#include "lower/pack.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

// Product of all dimensions but the last two.
int64_t batch_of(const Shape &s) { return count(Shape(s.begin(), s.end() - 2)); }

// [n][k][1][1] -> [n/32][k][32].
std::vector<float> pack_pixel(const Tensor &w)
{
  const auto data = w.as<float>();
  const int64_t n = w.shape[0], k = w.shape[1];
  std::vector<float> turned;
  turned.reserve(data.size());
  for (int64_t i = 0; i < k; ++i)
    for (int64_t j = 0; j < n; ++j) turned.push_back(data[static_cast<size_t>(j * k + i)]);
  return pack_dense(turned.data(), k, n);
}

}  // namespace

void lower_product(const Product &p, net2c_ref x, const PackedWeights &w, net2c_ref r, net2c_ref y, const Epilogue &epilogue, const Node &node, Lowering &l)
{
  const EpilogueChoice e = choose_epilogue(epilogue, node, l, p.n, 32);
  const net2c_ref bias = packed_vector(operand(node, 2), node, l, p.n, 32);
  net2c_dense_args a{x, y, r, w.ref, bias, e.scale, e.shift, u(p.batch), u(p.m), u(p.k), u(p.n), p.x_batch == 1 ? 0 : u(p.m * p.k),
                     p.w_batch == 1 ? 0 : u((p.n + 31) / 32 * 32 * p.k), e.act, e.a, e.b, 1, 1};
  const uint64_t macs = static_cast<uint64_t>(p.batch * p.m * p.k * p.n);
  const uint32_t wanted = chunks_for(p.m < 3 ? macs / 5 : macs / 40, 64), columns = u((p.n + 31) / 32);
  a.column_chunks = std::min(p.m == 1 ? (columns + 3) / 4 : columns, wanted);   // one row goes through up to four panels side by side
  a.row_chunks = std::clamp(wanted / a.column_chunks, 1u, u(std::max<int64_t>(1, p.m / 6)));
  const bool widens = w.half && (a.m + a.row_chunks - 1) / a.row_chunks >= NET2C_DENSE_WIDEN_ROWS;
  l.step(w.reader("dense").c_str(), a, a.batch * a.row_chunks * a.column_chunks, node, {node.outputs[0]}, macs, widens ? NET2C_DENSE_SCRATCH(a.k) : 0);
}

bool lower_by_product(const Conv &op, const Node &node, Lowering &l)
{
  constexpr int64_t least_weights = 1 << 14;   // of fewer, the padding to 32 channels costs more
  const ValueId xv = node.inputs[0], wv = node.inputs[1], yv = node.outputs[0];
  const Shape &x = l.value(xv).shape, &w = l.value(wv).shape, &y = l.value(yv).shape;
  if (op.group != 1 || x[2] * x[3] * y[2] * y[3] * w[2] * w[3] != 1 || op.pads[0] || op.pads[1]) return false;
  if (y[1] % 8 != 0 || count(w) < least_weights) return false;
  if (l.wants.part[yv].whole != none || l.wants.has_parts[yv] || !l.wants.c8_form[yv].halo.none()) return false;
  const ValueId residual = operand(node, epilogue_residual);
  const net2c_ref from = l.plain(xv), r = residual == none ? NET2C_NONE : l.plain(residual);
  const PackedWeights packed = packed_weights(wv, node, l, pack_pixel);
  lower_product({.m = x[0], .k = x[1], .n = y[1]}, from, packed, r, l.out_c8(yv).base, op.epilogue, node, l);
  return true;
}

Layout layout_of(const MatMul &, const Node &, const Wants &) { return Layout::plain; }
void want(const MatMul &, const Node &, Wants &) {}

void lower(const MatMul &op, const Node &node, Lowering &l)
{
  const ValueId xv = node.inputs[0], wv = node.inputs[1], yv = node.outputs[0];
  const Value &xs = l.value(xv), &ws = l.value(wv), &ys = l.value(yv);
  if (ys.type != Type::f32) throw Unsupported{std::string("a matrix product of ") + name_of(ys.type)};
  int64_t batch = batch_of(ys.shape), m = ys.shape[ys.shape.size() - 2];
  const int64_t k = xs.shape.back(), n = ys.shape.back(), x_batch = batch_of(xs.shape), w_batch = batch_of(ws.shape);
  if (count(ys.shape) == 0) throw Unsupported{"an empty matrix product"};
  if ((x_batch != batch && x_batch != 1) || (w_batch != batch && w_batch != 1)) throw Unsupported{"matrix products with both batches broadcast"};
  if (w_batch == 1 && x_batch == batch) m *= batch, batch = 1;   // one tall product

  const net2c_ref x = l.plain(xv);
  PackedWeights w;
  if (const Tensor *t = l.constant(wv)) {
    std::vector<float> packed;
    for (int64_t i = 0; i < w_batch; ++i) {
      auto one = pack_dense(t->as<float>().data() + i * k * n, k, n);
      if (packed.empty()) packed = std::move(one);
      else packed.insert(packed.end(), one.begin(), one.end());
    }
    if (packed.empty()) packed.resize(32);
    w = constant_weights(packed, wv, node, l);
  } else {
    const net2c_ref plain = l.plain(wv);
    const int64_t blocks = w_batch * ((n + 31) / 32);
    w.ref = l.buffer(ws.name + ".packed", static_cast<uint64_t>(blocks * k * 32 * 4));
    const uint32_t chunks = chunks_for(static_cast<uint64_t>(blocks * k * 16), u(blocks));
    l.step("pack_dense", net2c_pack_dense_args{plain, w.ref, u(w_batch), u(k), u(n), chunks}, chunks, node, {});
  }
  const ValueId residual = operand(node, epilogue_residual);
  const net2c_ref r = residual == none ? NET2C_NONE : l.plain(residual);
  lower_product({batch, m, k, n, x_batch, w_batch}, x, w, r, l.out_plain(yv), op.epilogue, node, l);
}

}  // namespace net2c
