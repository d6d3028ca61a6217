#include <numeric>

#include "optimise/patterns.h"

namespace net2c {

namespace {

NodeId made_by(const Editor &e, ValueId v, BinaryKind kind)
{
  const NodeId n = e.made_by<Binary>(v);
  return n != none && e.op<Binary>(n)->kind == kind ? n : none;
}
NodeId made_by(const Editor &e, ValueId v, UnaryKind kind)
{
  const NodeId n = e.made_by<Unary>(v);
  return n != none && e.op<Unary>(n)->kind == kind ? n : none;
}
NodeId mean_of(const Editor &e, ValueId v)
{
  const NodeId n = e.made_by<Reduce>(v);
  return n != none && e.op<Reduce>(n)->kind == ReduceKind::mean && e.op<Reduce>(n)->keep_dims ? n : none;
}

struct Centred {
  ValueId x = none;
  Ints axes;
};
// v = x - mean(x)
std::optional<Centred> centred(const Editor &e, ValueId v)
{
  const NodeId sub = made_by(e, v, BinaryKind::sub);
  if (sub == none) return std::nullopt;
  const NodeId mean = mean_of(e, e.input(sub, 1));
  if (mean == none || e.input(mean, 0) != e.input(sub, 0)) return std::nullopt;
  return Centred{e.input(sub, 0), e.op<Reduce>(mean)->axes};
}

// What v is the square of, else `none`.
ValueId root_of_square(const Editor &e, ValueId v)
{
  if (const NodeId mul = made_by(e, v, BinaryKind::mul); mul != none && e.input(mul, 0) == e.input(mul, 1))
    return e.input(mul, 0);
  if (const NodeId pow = made_by(e, v, BinaryKind::pow); pow != none && e.scalar(e.input(pow, 1)) == 2.0f) return e.input(pow, 0);
  return none;
}

// v = sqrt(mean((x - mean(x))^2) + epsilon)
std::optional<float> deviation_of(const Editor &e, ValueId v, const Centred &c)
{
  const NodeId sqrt = made_by(e, v, UnaryKind::sqrt);
  if (sqrt == none) return std::nullopt;
  const auto sum = line_step(e, e.input(sqrt, 0));
  const NodeId mean = sum ? mean_of(e, sum->x) : none;
  if (mean == none || sum->line.a != 1 || sum->line.b <= 0 || e.op<Reduce>(mean)->axes != c.axes) return std::nullopt;
  const ValueId root = root_of_square(e, e.input(mean, 0));
  if (root == none) return std::nullopt;
  const auto again = centred(e, root);
  if (!again || again->x != c.x || again->axes != c.axes) return std::nullopt;
  return static_cast<float>(sum->line.b);
}

// (x - mean) / deviation, or times its reciprocal: the two factors.
std::optional<std::pair<ValueId, ValueId>> quotient(const Editor &e, NodeId n)
{
  const Binary *binary = e.op<Binary>(n);
  if (!binary) return std::nullopt;
  if (binary->kind == BinaryKind::div) return std::pair{e.input(n, 0), e.input(n, 1)};
  if (binary->kind != BinaryKind::mul) return std::nullopt;
  for (size_t i = 0; i < 2; ++i) {
    const ValueId other = e.input(n, 1 - i);
    if (const NodeId r = made_by(e, other, UnaryKind::reciprocal); r != none) return std::pair{e.input(n, i), e.input(r, 0)};
    if (const NodeId d = made_by(e, other, BinaryKind::div); d != none && e.scalar(e.input(d, 0)) == 1.0f)
      return std::pair{e.input(n, i), e.input(d, 1)};
  }
  return std::nullopt;
}

Tensor filled(Shape shape, float value)
{
  Tensor t(Type::f32, std::move(shape));
  for (float &x : t.as<float>()) x = value;
  return t;
}

// The norm of x over these axes that neither scales nor shifts; nullopt: there is none for them.
struct Bare {
  Norm op;
  std::vector<ValueId> inputs;
};
std::optional<Bare> bare_norm(Editor &e, const Centred &c, float epsilon, std::string name)
{
  const Shape shape = e.value(c.x).shape;
  const int64_t rank = static_cast<int64_t>(shape.size()), first = rank - static_cast<int64_t>(c.axes.size());
  if (c.axes.empty() || e.value(c.x).type != Type::f32) return std::nullopt;
  Ints trailing(c.axes.size());
  std::iota(trailing.begin(), trailing.end(), first);
  Norm norm{NormKind::layer, epsilon};
  if (rank >= 3 && rank <= 4 && c.axes == Ints{1}) {
    norm.kind = NormKind::channel;
    return Bare{norm, {c.x, e.constant(name + "_scale", filled({shape[1]}, 1))}};
  }
  if (c.axes != trailing) return std::nullopt;
  if (rank == 4 && first == 2) {  // maps: a sequence's last axis is normed like a layer's
    norm.kind = NormKind::instance;
    const ValueId scale = e.constant(name + "_scale", filled({shape[1]}, 1)), bias = e.constant(name + "_bias", filled({shape[1]}, 0));
    return Bare{norm, {c.x, scale, bias}};
  }
  norm.axis = first;
  return Bare{norm, {c.x, e.constant(name + "_scale", filled(Shape(shape.begin() + first, shape.end()), 1))}};
}

bool rewrite(Editor &e, NodeId n)
{
  const auto parts = quotient(e, n);
  const auto c = parts ? centred(e, parts->first) : std::nullopt;
  const auto epsilon = c ? deviation_of(e, parts->second, *c) : std::nullopt;
  const auto norm = epsilon ? bare_norm(e, *c, *epsilon, e.node(n).name) : std::nullopt;
  if (!norm) return false;
  e.set(n, norm->op, norm->inputs);
  ++e.changes;
  return true;
}

// x f + (bias - mean(x) f) with f = scale / deviation, as TensorFlow spells norms.
bool rewrite_factored(Editor &e, NodeId n)
{
  const Binary *sum = e.op<Binary>(n);
  if (!sum || sum->kind != BinaryKind::add) return false;
  for (unsigned order = 0; order < 16; ++order) {   // of the operands of four nodes
    const auto operand = [&](NodeId m, unsigned bit, bool other) { return e.input(m, (order >> bit & 1) != other); };
    const NodeId product = made_by(e, operand(n, 0, false), BinaryKind::mul), shift = made_by(e, operand(n, 0, true), BinaryKind::sub);
    const NodeId moved = shift == none ? none : made_by(e, e.input(shift, 1), BinaryKind::mul);
    if (product == none || moved == none) continue;
    const ValueId x = operand(product, 1, false), factor = operand(product, 1, true);
    const NodeId mean = mean_of(e, operand(moved, 2, false));
    if (operand(moved, 2, true) != factor || mean == none || e.input(mean, 0) != x) continue;
    ValueId scale = none, inverse = factor;
    if (const NodeId scaled = made_by(e, factor, BinaryKind::mul); scaled != none) inverse = operand(scaled, 3, false), scale = operand(scaled, 3, true);
    const NodeId reciprocal = made_by(e, inverse, UnaryKind::reciprocal);
    const Centred c{x, e.op<Reduce>(mean)->axes};
    const auto epsilon = reciprocal == none ? std::nullopt : deviation_of(e, e.input(reciprocal, 0), c);
    if (!epsilon || e.value(x).shape != e.value(e.output(n)).shape) continue;
    const std::string name = e.node(n).name;
    const auto norm = bare_norm(e, c, *epsilon, name);
    if (!norm) continue;
    const Shape shape = e.value(x).shape;
    const ValueId bias = e.input(shift, 0);
    ValueId y = e.add(norm->op, name, norm->inputs, Type::f32, shape);
    if (scale != none) y = e.add(Binary{BinaryKind::mul}, name, {y, scale}, Type::f32, shape);
    e.set(n, Binary{BinaryKind::add}, {y, bias});
    ++e.changes;
    return true;
  }
  return false;
}

// What is multiplied with or added to the result of an instance or layer norm, one number a channel or as layer norms have it,
// where that norm does not scale or shift by itself: a scale or bias that only a run knows, as networks of many styles have.
bool take_computed(Editor &e, NodeId n)
{
  const Norm *norm = e.op<Norm>(n);
  if (!norm || (norm->kind != NormKind::instance && norm->kind != NormKind::layer && norm->kind != NormKind::channel)) return false;
  if (norm->epilogue.act.kind != UnaryKind::identity) return false;
  const NodeId reader = e.only_reader(e.output(n));
  const Binary *binary = e.op<Binary>(reader);
  const bool scales = binary && binary->kind == BinaryKind::mul, shifts = binary && binary->kind == BinaryKind::add;
  if ((!scales && !shifts) || e.value(e.output(reader)).shape != e.value(e.output(n)).shape) return false;
  const ValueId scale = e.input(n, 1), bias = e.input(n, 2), other = e.input(reader, e.input(reader, 0) == e.output(n) ? 1 : 0);
  if (other == e.output(n) || e.constant(other) || e.value(other).type != Type::f32) return false;
  if (scales && (e.scalar(scale) != 1.0f || (bias != none && e.scalar(bias) != 0.0f))) return false;
  if (shifts && bias != none && e.scalar(bias) != 0.0f) return false;
  // The operand must have the scale's numbers along its axes, and repeat them along the others.
  const Shape &y = e.value(e.output(n)).shape, own = e.value(scale).shape;
  Shape aligned = own;
  if (norm->kind != NormKind::layer) aligned.assign(y.size(), 1), aligned[1] = y[1];
  Shape given = e.value(other).shape;
  while (given.size() > aligned.size() && given[0] == 1) given.erase(given.begin());
  while (aligned.size() > given.size() && aligned[0] == 1) aligned.erase(aligned.begin());
  if (given != aligned) return false;
  const Node node = e.node(n);
  const ValueId vector = e.add(Reshape{}, node.name + (scales ? "_scale" : "_bias"), {other}, Type::f32, own);
  e.fuse(n, reader, node.op, {node.inputs[0], scales ? vector : scale, scales ? bias : vector});
  return true;
}

}  // namespace

int recognise_norms(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n)
    if (e.alive(n)) rewrite(e, n) || rewrite_factored(e, n);
  for (NodeId n = 0; n < e.size(); ++n)
    if (e.alive(n)) take_computed(e, n);
  return e.finish();
}

}  // namespace net2c
