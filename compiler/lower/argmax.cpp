#include <algorithm>

#include "kernels/reduce/reduce_args.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

Layout layout_of(const ArgMax &, const Node &, const Wants &) { return Layout::plain; }
void want(const ArgMax &, const Node &, Wants &) {}

void lower(const ArgMax &op, const Node &node, Lowering &l)
{
  const ValueId y = node.outputs[0];
  const Value &x = l.value(node.inputs[0]);
  const size_t axis = static_cast<size_t>(op.axis);
  if (nothing_to_do(node, l)) return;
  if (x.type == Type::f16 || x.type == Type::f64 || x.type == Type::u64) throw Unsupported{std::string("elements of type ") + name_of(x.type)};
  if (x.shape[axis] >= 1 << 24) throw Unsupported{"the largest of 2^24 elements and more"};
  const auto u = [](int64_t n) { return static_cast<uint32_t>(n); };
  net2c_argmax_args args{};
  args.n = u(x.shape[axis]), args.inner = u(product(x.shape, axis + 1, x.shape.size())), args.outer = elements(x) / args.n / args.inner;
  args.least = op.least, args.last = op.last, args.type = type_code(x.type);
  args.x = l.plain(node.inputs[0]), args.y = l.out_plain(y);
  const bool floats = x.type == Type::f32;
  args.chunks = std::min(chunks_of(elements(x), floats ? 300 : 1500), floats ? args.outer * ((args.inner + 7) / 8) : args.outer * args.inner);
  l.step(floats ? "argmax" : "argmax_integer", args, args.chunks, node, {y});
}

}  // namespace net2c
