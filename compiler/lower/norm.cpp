// Normalisations and softmax.
#include <algorithm>
#include <cmath>

#include "kernels/norm/norm_args.h"
#include "kernels/softmax/softmax_args.h"
#include "lower/epilogue.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

namespace {

bool on_map(const Norm &op, const Node &node, const Wants &w)
{
  const Value &x = w.graph.values[node.inputs[0]];
  if (op.kind == NormKind::layer || x.type != Type::f32 || count(x.shape) == 0) return false;
  if (op.kind == NormKind::batch) return w.layout(node.inputs[0]) == Layout::c8;
  return x.shape.size() >= 3 && x.shape.size() <= 4;
}

net2c_ref optional(Lowering &l, const Node &node, size_t i)
{
  return i < node.inputs.size() && node.inputs[i] != none ? l.plain(node.inputs[i]) : NET2C_NONE;
}

// Of the last step, by what is done with each number.
void count_operations(Lowering &l, const Value &v, uint64_t each) { l.recipe.steps.back().operations = each * elements(v); }

// The optimiser makes an Affine of it; without the optimiser the same is done here.
void lower_batch(const Norm &op, const Node &node, Lowering &l)
{
  std::vector<std::vector<double>> p;
  for (size_t i = 1; i < 5; ++i) {
    const Tensor *t = l.constant(node.inputs[i]);
    if (!t) throw Unsupported{"statistics that are computed"};
    p.push_back(t->numbers());
  }
  std::vector<float> scale, shift;
  for (size_t c = 0; c < p[0].size(); ++c) {
    const double s = p[0][c] / std::sqrt(p[3][c] + static_cast<double>(op.epsilon));
    scale.push_back(static_cast<float>(s)), shift.push_back(static_cast<float>(p[1][c] - p[2][c] * s));
  }
  affine(l, node, node.inputs[0], node.outputs[0], l.weights(std::span<const float>(scale), node.inputs[1]),
         l.weights(std::span<const float>(shift), node.inputs[2]));
}

// Rows of all axes from `axis` on.
void layer_norm(const Norm &op, const Node &node, Lowering &l, size_t axis)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  const uint32_t n = static_cast<uint32_t>(product(v.shape, axis, v.shape.size())), rows = elements(v) / n;
  net2c_layer_norm_args args{l.plain(x), 0, optional(l, node, 1), optional(l, node, 2), rows, n, op.epsilon, 0};
  args.y = l.out_plain(y, x);
  args.chunks = std::min(chunks_of(elements(v), 600), rows);
  l.step("layer_norm", args, args.chunks, node, {y});
  count_operations(l, v, 7);
}

}  // namespace

Layout layout_of(const Norm &op, const Node &node, const Wants &w) { return on_map(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Norm &op, const Node &node, Wants &w)
{
  if (on_map(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Norm &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  if (nothing_to_do(node, l)) return;
  want_f32(v);
  if (op.kind == NormKind::batch) {
    lower_batch(op, node, l);
  } else if (op.kind == NormKind::layer) {
    layer_norm(op, node, l, static_cast<size_t>(op.axis));
  } else if (op.kind == NormKind::channel && v.shape.size() == 2) {
    layer_norm(op, node, l, 1);
  } else if (!on_map(op, node, l.wants)) {
    throw Unsupported{"a feature map of shape " + text_of(v.shape)};
  } else if (op.kind == NormKind::instance) {
    const EpilogueChoice e = choose_epilogue(op.epilogue, node, l, v.shape[1], 8);
    net2c_instance_norm_args args{l.c8(x), {}, l.plain(node.inputs[1]), l.plain(node.inputs[2]), op.epsilon, e.act, e.a, e.b, 0};
    args.y = l.out_c8(y, x);
    args.chunks = std::min(chunks_of(args.x, 300), args.x.n * ((args.x.c + 7) / 8));
    l.step("instance_norm", args, args.chunks, node, {y});
    count_operations(l, v, 5);
  } else if (op.kind == NormKind::channel) {
    net2c_channel_norm_args args{l.c8(x), {}, optional(l, node, 1), optional(l, node, 2), op.epsilon, 0};
    args.y = l.out_c8(y, x);
    args.chunks = std::min(chunks_of(args.x, 300), args.x.n * args.x.h);
    l.step("channel_norm", args, args.chunks, node, {y});
    count_operations(l, v, 6);
  } else {
    // Rows of y are written while their x is still read only at the same places, so y may be x.
    const auto reach = [&](int64_t n) { return static_cast<uint32_t>(std::min(n, v.shape[1])); };
    net2c_lrn_args args{l.c8(x), {}, reach((op.size - 1) / 2), reach(op.size / 2), static_cast<float>(static_cast<double>(op.alpha) / static_cast<double>(op.size)),
                        op.beta, op.k, 0};
    args.y = l.out_c8(y, x);
    args.chunks = std::min(chunks_of(args.x, op.beta == 0.75f ? 600 : 1200), args.x.n * args.x.h);
    l.step("lrn", args, args.chunks, node, {y}, 0, static_cast<uint32_t>(NET2C_LRN_SCRATCH(args.x.c, args.before, args.after)));
    count_operations(l, v, args.before + args.after + (op.beta == 0.75f ? 14 : 39));   // squares, their sums, a power
  }
}

Layout layout_of(const Softmax &, const Node &, const Wants &) { return Layout::plain; }
void want(const Softmax &, const Node &, Wants &) {}

void lower(const Softmax &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  if (nothing_to_do(node, l)) return;
  want_f32(v);
  const size_t axis = static_cast<size_t>(op.axis);
  auto u = [](int64_t n) { return static_cast<uint32_t>(n); };
  net2c_softmax_args args{};
  args.n = u(v.shape[axis]), args.inner = u(product(v.shape, axis + 1, v.shape.size())), args.outer = elements(v) / args.n / args.inner;
  args.logarithm = op.log;
  args.x = l.plain(x), args.y = l.out_plain(y, x);
  args.chunks = std::min(chunks_of(elements(v), 1500), args.outer * ((args.inner + 7) / 8));
  l.step("softmax", args, args.chunks, node, {y});
}

}  // namespace net2c
