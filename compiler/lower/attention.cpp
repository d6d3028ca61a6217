#include <algorithm>

#include "kernels/attention/attention_args.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

namespace {

// Where the bias of a batch lies. Its batches are repeated within those of the result, or around them, not crosswise
// (recognise_attention makes no other).
void place_bias(net2c_attention_args &args, ValueId v, const Shape &scores, Lowering &l)
{
  const auto u = [](int64_t n) { return static_cast<uint32_t>(n); };
  const size_t rank = scores.size();
  Shape bias = l.value(v).shape;
  bias.insert(bias.begin(), rank - bias.size(), 1);
  size_t first = 0, last = rank - 2;   // the axes of batches along which it differs
  while (first < last && bias[first] == 1) ++first;
  while (last > first && bias[last - 1] == 1) --last;
  if (!std::equal(bias.begin() + static_cast<ptrdiff_t>(first), bias.begin() + static_cast<ptrdiff_t>(last), scores.begin() + static_cast<ptrdiff_t>(first)) ||
      bias.back() != scores.back())
    throw Unsupported{"a bias of shape " + text_of(l.value(v).shape)};
  args.bias = l.plain(v);
  args.bias_repeat = u(product(scores, last, rank - 2)), args.bias_batches = u(product(scores, first, last));
  args.bias_row = bias[rank - 2] == 1 ? 0 : args.n;
  args.bias_step = u(bias[rank - 2]) * args.n;
}

}  // namespace

Layout layout_of(const Attention &, const Node &, const Wants &) { return Layout::plain; }
void want(const Attention &, const Node &, Wants &) {}

void lower(const Attention &op, const Node &node, Lowering &l)
{
  const ValueId y = node.outputs[0];
  const Value &q = l.value(node.inputs[0]), &k = l.value(node.inputs[1]), &v = l.value(node.inputs[2]);
  if (nothing_to_do(node, l)) return;
  want_f32(q);
  for (const Value *x : {&q, &k, &v}) elements(*x);
  const auto u = [](int64_t n) { return static_cast<uint32_t>(n); };
  const size_t rank = q.shape.size();
  const int64_t m = q.shape[rank - 2], n = k.shape[rank - 2], depth = q.shape.back(), width = v.shape.back(), batch = product(q.shape, 0, rank - 2);
  const int64_t scratch = NET2C_ATTENTION_SCRATCH(n, depth, width) * 4;
  if (scratch > INT32_MAX) throw Unsupported{"attention to so many that they do not fit into scratch memory"};
  const uint64_t macs = static_cast<uint64_t>(batch * m * n * (depth + width));
  net2c_attention_args args{l.plain(node.inputs[0]), l.plain(node.inputs[1]), l.plain(node.inputs[2]), 0, u(batch), u(m), u(n), u(depth), u(width),
                            op.scale, NET2C_NONE, 1, 1, 0, 0, 1};
  if (node.inputs.size() > 3) {
    Shape scores = q.shape;
    scores.back() = n;
    place_bias(args, node.inputs[3], scores, l);
  }
  args.y = l.out_plain(y);
  args.row_chunks = std::clamp(chunks_for(macs / 25, 32) / args.batch, 1u, std::max(1u, args.m / 32));
  l.step("attention", args, args.batch * args.row_chunks, node, {y}, macs, u(scratch));
}

}  // namespace net2c
