#include <algorithm>
#include <cstring>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Concat &op, const Values &inputs, const Shape &)
{
  TypedShape y{need(inputs, 0, "first").type, need(inputs, 0, "first").shape};
  want_axis(op.axis, y.shape);
  const size_t axis = static_cast<size_t>(op.axis);
  for (size_t i = 1; i < inputs.size(); ++i) {
    const Value &part = need(inputs, i, "part");
    want_type(part, y.type, "a part");
    Shape same = part.shape;
    if (same.size() == y.shape.size()) same[axis] = y.shape[axis];
    if (same != y.shape)
      fail({}, "shape {} cannot be appended to {} along axis {}", text_of(part.shape), text_of(inputs[0]->shape), op.axis);
    y.shape[axis] += part.shape[axis];
    count(y.shape);
  }
  return y;
}

Tensor compute(const Concat &op, const Tensors &in, const Value &out)
{
  Tensor y(out.type, out.shape);
  const size_t axis = static_cast<size_t>(op.axis), rank = out.shape.size();
  const int64_t outer = product(out.shape, 0, axis);
  const size_t inner = static_cast<size_t>(product(out.shape, axis + 1, rank)) * size_of(out.type);
  std::byte *to = y.bytes.data();
  for (int64_t o = 0; o < outer; ++o)
    for (const Tensor *part : in) {
      const size_t bytes = static_cast<size_t>(part->shape[axis]) * inner;
      if (bytes) std::memcpy(to, part->bytes.data() + static_cast<size_t>(o) * bytes, bytes);
      to += bytes;
    }
  return y;
}

TypedShape infer(const Slice &op, const Values &inputs, const Shape &wanted)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  const size_t rank = x.shape.size();
  if (op.starts.size() != rank || op.steps.size() != rank || wanted.size() != rank)
    fail({}, "slice of {} with {} starts, {} steps to {}", text_of(x.shape), op.starts.size(), op.steps.size(), text_of(wanted));
  for (size_t d = 0; d < rank; ++d) {
    if (op.steps[d] == 0) fail({}, "a step of 0 along axis {}", d);
    if (wanted[d] == 0) continue;
    int64_t end = 0;  // the last element taken
    const bool overflow = wanted[d] < 0 || __builtin_mul_overflow(wanted[d] - 1, op.steps[d], &end) ||
                          __builtin_add_overflow(end, op.starts[d], &end);
    if (overflow || op.starts[d] < 0 || op.starts[d] >= x.shape[d] || end < 0 || end >= x.shape[d])
      fail({}, "slice of axis {} ({} elements) from {}, {} elements with step {}, reaches outside", d, x.shape[d], op.starts[d],
           wanted[d], op.steps[d]);
  }
  return {x.type, wanted};
}

Tensor compute(const Slice &op, const Tensors &in, const Value &out)
{
  std::vector<Ints> maps(out.shape.size());
  for (size_t d = 0; d < maps.size(); ++d)
    for (int64_t i = 0; i < out.shape[d]; ++i) maps[d].push_back(op.starts[d] + i * op.steps[d]);
  return pick(*in[0], out.shape, maps);
}

TypedShape infer(const Pad &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  const size_t rank = x.shape.size();
  want_ints("pads", op.pads, 2 * rank, -window_limit, window_limit);
  TypedShape y{x.type, x.shape};
  for (size_t d = 0; d < rank; ++d) {
    const int64_t before = op.pads[d], after = op.pads[d + rank];
    y.shape[d] += before + after;
    if (y.shape[d] < 0) fail({}, "pads {} take more than shape {} has", fmt::join(op.pads, ","), text_of(x.shape));
    const int64_t most = std::max(before, after);
    if (op.kind == PadKind::edge && most > 0 && x.shape[d] < 1) fail({}, "edge padding of an empty axis");
    if (op.kind == PadKind::reflect && most > 0 && most >= x.shape[d])
      fail({}, "reflect padding by {} of an axis of {} (at most {})", most, x.shape[d], x.shape[d] - 1);
  }
  return y;
}

Tensor compute(const Pad &op, const Tensors &in, const Value &out)
{
  const Fill fill = op.kind == PadKind::edge ? Fill::edge : op.kind == PadKind::reflect ? Fill::reflect : Fill::zero;
  std::vector<Ints> maps(out.shape.size());
  for (size_t d = 0; d < maps.size(); ++d)
    for (int64_t i = 0; i < out.shape[d]; ++i) maps[d].push_back(filled_from(i - op.pads[d], in[0]->shape[d], fill));
  const Tensor number = tensor_f32({}, {op.value});
  const Tensor value = compute(Cast{out.type}, {&number}, {"", out.type, {}});
  return pick(*in[0], out.shape, maps, value.bytes);
}

TypedShape infer(const Reshape &, const Values &inputs, const Shape &wanted)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  if (count(wanted) != count(x.shape)) fail({}, "shape {} cannot become {}", text_of(x.shape), text_of(wanted));
  return {x.type, wanted};
}

Tensor compute(const Reshape &, const Tensors &in, const Value &out)
{
  Tensor y = *in[0];
  y.shape = out.shape;
  return y;
}

TypedShape infer(const Transpose &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  Ints sorted = op.perm;
  std::sort(sorted.begin(), sorted.end());
  TypedShape y{x.type, {}};
  for (size_t d = 0; d < sorted.size(); ++d)
    if (sorted[d] != static_cast<int64_t>(d)) fail({}, "perm {} is not a permutation", fmt::join(op.perm, ","));
  if (sorted.size() != x.shape.size()) fail({}, "perm {} does not fit shape {}", fmt::join(op.perm, ","), text_of(x.shape));
  for (int64_t axis : op.perm) y.shape.push_back(x.shape[static_cast<size_t>(axis)]);
  return y;
}

Tensor compute(const Transpose &op, const Tensors &in, const Value &out)
{
  const Ints own = strides_of(in[0]->shape);
  Ints strides;
  for (int64_t axis : op.perm) strides.push_back(own[static_cast<size_t>(axis)]);
  Tensor y(out.type, out.shape);
  const int64_t n = row_of(out.shape);
  with_bits(out.type, [&](auto zero) {
    using T = decltype(zero);
    const auto *from = in[0]->as<T>().data();
    auto *to = y.as<T>().data();
    each_row(out.shape, {strides}, [&](int64_t at, const Ints &offset) {
      for (int64_t i = 0; i < n; ++i) to[at + i] = from[offset[0] + i * last(strides)];
    });
  });
  return y;
}

TypedShape infer(const Gather &op, const Values &inputs, const Shape &)
{
  const Value &data = need(inputs, 0, "data"), &indices = need(inputs, 1, "indices");
  no_more_than(inputs, 2);
  want_type(indices, Type::i64, "indices");
  want_axis(op.axis, data.shape);
  if (data.shape[static_cast<size_t>(op.axis)] == 0 && count(indices.shape)) fail({}, "an empty axis has no elements to pick");
  TypedShape y{data.type, Shape(data.shape.begin(), data.shape.begin() + op.axis)};
  y.shape.insert(y.shape.end(), indices.shape.begin(), indices.shape.end());
  y.shape.insert(y.shape.end(), data.shape.begin() + op.axis + 1, data.shape.end());
  return y;
}

Tensor compute(const Gather &op, const Tensors &in, const Value &out)
{
  Tensor y(out.type, out.shape);
  const Shape &shape = in[0]->shape;
  const size_t axis = static_cast<size_t>(op.axis);
  const int64_t n = shape[axis], outer = product(shape, 0, axis);
  const size_t inner = static_cast<size_t>(product(shape, axis + 1, shape.size())) * size_of(out.type);
  std::byte *to = y.bytes.data();
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t index : in[1]->as<int64_t>()) {
      const int64_t from = std::clamp<int64_t>(index < 0 ? index + n : index, 0, n - 1);
      if (inner) std::memcpy(to, in[0]->bytes.data() + static_cast<size_t>(o * n + from) * inner, inner);
      to += inner;
    }
  return y;
}

TypedShape infer(const Expand &, const Values &inputs, const Shape &wanted)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  if (broadcast(x.shape, wanted) != wanted) fail({}, "shape {} cannot be broadcast to {}", text_of(x.shape), text_of(wanted));
  return {x.type, wanted};
}

Tensor compute(const Expand &, const Tensors &in, const Value &out)
{
  Tensor x = *in[0];
  x.shape.insert(x.shape.begin(), out.shape.size() - x.shape.size(), 1);
  std::vector<Ints> maps(out.shape.size());
  for (size_t d = 0; d < maps.size(); ++d)
    for (int64_t i = 0; i < out.shape[d]; ++i) maps[d].push_back(x.shape[d] == 1 ? 0 : i);
  return pick(x, out.shape, maps);
}

}  // namespace net2c
