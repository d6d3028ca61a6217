// Matrix products on plain tensors; the right operand is packed at compile time, or by a step where it is not constant.
#include <algorithm>

#include "kernels/dense/dense_args.h"
#include "lower/epilogue.h"
#include "lower/families.h"
#include "lower/pack.h"

namespace net2c {

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

// Product of all dimensions but the last two.
int64_t batch_of(const Shape &s) { return count(Shape(s.begin(), s.end() - 2)); }

}  // namespace

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
  const ValueId bias = operand(node, 2), residual = operand(node, epilogue_residual);
  const net2c_ref r = residual == none ? NET2C_NONE : l.plain(residual);
  const EpilogueChoice e = choose_epilogue(op.epilogue, node, l, n, 32);
  const net2c_ref b = packed_vector(bias, node, l, n, 32);
  const net2c_ref y = l.out_plain(yv);
  net2c_dense_args a{x, y, r, w.ref, b, e.scale, e.shift, u(batch), u(m), u(k), u(n), x_batch == 1 ? 0 : u(m * k),
                     w_batch == 1 ? 0 : u((n + 31) / 32 * 32 * k), e.act, e.a, e.b, 1, 1};
  const uint64_t macs = static_cast<uint64_t>(batch * m * k * n);
  const uint32_t wanted = chunks_for(m < 3 ? macs / 5 : macs / 40, 64), columns = u((n + 31) / 32);
  a.column_chunks = std::min(columns, wanted);
  a.row_chunks = std::clamp(wanted / a.column_chunks, 1u, u(std::max<int64_t>(1, m / 6)));
  const bool widens = w.half && (a.m + a.row_chunks - 1) / a.row_chunks >= NET2C_DENSE_WIDEN_ROWS;
  l.step(w.reader("dense").c_str(), a, u(batch) * a.row_chunks * a.column_chunks, node, {yv}, macs, widens ? NET2C_DENSE_SCRATCH(a.k) : 0);
}

}  // namespace net2c
