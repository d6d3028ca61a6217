#include "optimise/turn.h"

#include <algorithm>
#include <numeric>

#include "ops/ops.h"
#include "optimise/epilogue.h"

namespace net2c {

Ints inverse(const Ints &perm)
{
  Ints back(perm.size());
  for (size_t i = 0; i < perm.size(); ++i) back[static_cast<size_t>(perm[i])] = static_cast<int64_t>(i);
  return back;
}

Shape permuted(const Shape &shape, const Ints &perm)
{
  Shape result;
  for (int64_t axis : perm) result.push_back(shape[static_cast<size_t>(axis)]);
  return result;
}

bool keeps_order(const Ints &perm, const Shape &shape)
{
  int64_t last = -1;
  for (int64_t axis : perm) {
    if (shape[static_cast<size_t>(axis)] == 1) continue;
    if (axis < last) return false;
    last = axis;
  }
  return true;
}

bool last_becomes_channels(const Ints &perm) { return perm == Ints{0, 3, 1, 2} || perm == Ints{0, 2, 1}; }

Shape with_axes(const Shape &shape, size_t rank)
{
  Shape all(rank - shape.size(), 1);
  all.insert(all.end(), shape.begin(), shape.end());
  return all;
}

namespace {

// A product with constant weights for all rows: a convolution of 1x1, once the channels come first.
bool is_pointwise(const Editor &e, NodeId n)
{
  const Tensor *weights = e.constant(e.input(n, 1));
  if (!weights || weights->type != Type::f32 || e.constant(e.input(n, 0)) || count(e.value(e.output(n)).shape) == 0 || weights->size() == 0) return false;
  return std::all_of(weights->shape.begin(), weights->shape.end() - 2, [](int64_t d) { return d == 1; });
}

bool is_element_wise(const Op &op)
{
  return std::holds_alternative<Unary>(op) || std::holds_alternative<Binary>(op) || std::holds_alternative<Select>(op) ||
         std::holds_alternative<Cast>(op) || std::holds_alternative<Expand>(op);
}

// The axes that a reduction takes away; nullopt: it keeps all, or is none.
std::optional<Ints> axes_taken(const Op &op)
{
  if (const auto *reduce = std::get_if<Reduce>(&op); reduce && !reduce->keep_dims) return reduce->axes;
  if (const auto *arg = std::get_if<ArgMax>(&op); arg && !arg->keep_dims) return Ints{arg->axis};
  return std::nullopt;
}

Op with_axes_permuted(Op op, const Ints &perm)
{
  const Ints back = inverse(perm);
  const auto at = [&](int64_t axis) { return back[static_cast<size_t>(axis)]; };
  const auto turn = [&](auto &list) {
    auto result = list;
    for (size_t i = 0; i < perm.size(); ++i) result[i] = list[static_cast<size_t>(perm[i])];
    list = result;
  };
  if (auto *concat = std::get_if<Concat>(&op)) concat->axis = at(concat->axis);
  if (auto *softmax = std::get_if<Softmax>(&op)) softmax->axis = at(softmax->axis);
  if (auto *gather = std::get_if<Gather>(&op)) gather->axis = at(gather->axis);
  if (auto *arg = std::get_if<ArgMax>(&op)) arg->axis = at(arg->axis);
  if (auto *slice = std::get_if<Slice>(&op)) turn(slice->starts), turn(slice->steps);
  if (auto *norm = std::get_if<Norm>(&op)) norm->kind = NormKind::channel, norm->axis = 1;
  if (auto *reduce = std::get_if<Reduce>(&op)) {
    for (int64_t &axis : reduce->axes) axis = at(axis);
    std::sort(reduce->axes.begin(), reduce->axes.end());
  }
  if (auto *resize = std::get_if<Resize>(&op)) {
    turn(resize->scales);
    if (!resize->starts.empty()) turn(resize->starts), turn(resize->ends);
  }
  if (auto *pad = std::get_if<Pad>(&op)) {
    const auto half = pad->pads.begin() + static_cast<int64_t>(perm.size());
    Ints begins(pad->pads.begin(), half), ends(half, pad->pads.end());
    turn(begins), turn(ends);
    begins.insert(begins.end(), ends.begin(), ends.end());
    pad->pads = begins;
  }
  return op;
}

// The inputs have their channels first; rank 3 is [N][C][1][L] for the while.
ValueId add_convolution(Editor &e, NodeId n, const Shape &shape, std::vector<ValueId> inputs)
{
  const std::string name = e.node(n).name;
  const Conv conv{.epilogue = std::get<MatMul>(e.node(n).op).epilogue};
  const Tensor *weights = e.constant(inputs[1]);
  const int64_t k = weights->shape[weights->shape.size() - 2], m = weights->shape.back();
  Tensor flat = *weights;
  flat.shape = {k, m, 1, 1};
  inputs[1] = e.constant(std::string(e.value(inputs[1]).name), evaluate(Transpose{{1, 0, 2, 3}}, {&flat}, {"", Type::f32, {m, k, 1, 1}}));
  if (shape.size() == 4) return e.add(conv, name, inputs, Type::f32, shape);
  for (size_t i : {size_t{0}, size_t{epilogue_residual}}) {
    if (i >= inputs.size() || inputs[i] == none) continue;
    const Shape s = e.value(inputs[i]).shape;
    inputs[i] = e.add(Reshape{}, name, {inputs[i]}, Type::f32, {s[0], s[1], 1, s[2]});
  }
  const ValueId y = e.add(conv, name, inputs, Type::f32, {shape[0], shape[1], 1, shape[2]});
  return e.add(Reshape{}, name, {y}, Type::f32, shape);
}

}  // namespace

bool turns_with(const Op &op, size_t input)
{
  if (std::holds_alternative<MatMul>(op)) return input == 0 || input == epilogue_residual;
  return input == 0 || is_element_wise(op) || std::holds_alternative<Concat>(op);
}

Turn turn_of(const Editor &e, NodeId n, const Ints &perm)
{
  const Op &op = e.node(n).op;
  const size_t rank = perm.size();
  const ValueId x = e.input(n, 0);
  if (x == none) return Turn::no;
  if (const auto taken = axes_taken(op)) {
    if (e.value(x).shape.size() != rank) return Turn::no;
    Ints kept;   // in turned order
    for (int64_t axis : perm)
      if (std::find(taken->begin(), taken->end(), axis) == taken->end()) kept.push_back(axis);
    return std::is_sorted(kept.begin(), kept.end()) ? Turn::forgotten : Turn::no;
  }
  if (e.value(e.output(n)).shape.size() != rank) return Turn::no;
  const bool channels = last_becomes_channels(perm);
  bool can = is_element_wise(op) || e.op<Concat>(n) || e.op<Pad>(n) || e.op<Slice>(n) || e.op<Softmax>(n) || e.op<Reduce>(n) || e.op<ArgMax>(n);
  if (e.op<Resize>(n)) can = channels;
  if (const auto *norm = e.op<Norm>(n)) can = channels && norm->kind == NormKind::layer && norm->axis == static_cast<int64_t>(rank) - 1;
  if (e.op<MatMul>(n)) can = channels && e.value(x).shape.size() == rank && is_pointwise(e, n);
  if (e.op<Gather>(n)) can = e.value(x).shape.size() == rank && e.constant(e.input(n, 1));
  return can ? Turn::whole : Turn::no;
}

ValueId add_turned(Editor &e, NodeId n, const Ints &perm, std::vector<ValueId> inputs)
{
  const Value y = e.value(e.output(n));
  const Shape shape = permuted(y.shape, perm);
  if (e.op<MatMul>(n)) return add_convolution(e, n, shape, std::move(inputs));
  const std::string name = e.node(n).name;
  return e.add(with_axes_permuted(e.node(n).op, perm), name, std::move(inputs), y.type, shape);
}

void forget_turn(Editor &e, NodeId n, const Ints &perm, ValueId input)
{
  e.set(n, with_axes_permuted(e.node(n).op, perm), {input});
}

}  // namespace net2c
