#include <cmath>
#include <deque>

#include "optimise/patterns.h"

namespace net2c {

namespace {

const double sixth = 1.0 / 6;

const Unary *unary(const Editor &e, ValueId v, UnaryKind kind)
{
  const Unary *u = e.op<Unary>(e.producer(v));
  return u && u->kind == kind ? u : nullptr;
}
ValueId argument(const Editor &e, ValueId v) { return e.input(e.producer(v), 0); }

// v = a * f(..) + b, f being made by the given Unary: the line, and the value of f.
std::optional<LineStep> line_of_unary(const Editor &e, ValueId v, UnaryKind kind)
{
  Line line;
  while (!unary(e, v, kind)) {
    const auto step = line_step(e, v);
    if (!step) return std::nullopt;
    line = {line.a * step->line.a, line.a * step->line.b + line.b};
    v = step->x;
  }
  return LineStep{v, line};
}

// x^3, as a power or as products.
bool is_cube(const Editor &e, ValueId v, ValueId x)
{
  const Binary *binary = e.op<Binary>(e.producer(v));
  if (!binary) return false;
  const ValueId a = e.input(e.producer(v), 0), b = e.input(e.producer(v), 1);
  if (binary->kind == BinaryKind::pow) return a == x && e.scalar(b) == 3.0f;
  const auto is_square = [&](ValueId s) {
    const NodeId n = e.producer(s);
    const Binary *square = e.op<Binary>(n);
    if (!square || e.input(n, 0) != x) return false;
    return (square->kind == BinaryKind::mul && e.input(n, 1) == x) ||
           (square->kind == BinaryKind::pow && e.scalar(e.input(n, 1)) == 2.0f);
  };
  return binary->kind == BinaryKind::mul && ((a == x && is_square(b)) || (b == x && is_square(a)));
}

// w = sqrt(2/pi) (x + 0.044715 x^3)
bool is_gelu_tanh_argument(const Editor &e, ValueId w, ValueId x)
{
  Line line;
  for (auto step = line_step(e, w); step; step = line_step(e, w)) {
    line = {line.a * step->line.a, line.a * step->line.b + line.b};
    w = step->x;
  }
  const NodeId n = e.producer(w);
  const Binary *sum = e.op<Binary>(n);
  if (!close(line.a, std::sqrt(2 / M_PI)) || line.b != 0 || !sum || sum->kind != BinaryKind::add) return false;
  for (size_t i = 0; i < 2; ++i) {
    const ValueId other = e.input(n, 1 - i);
    if (e.input(n, i) != x) continue;
    if (const auto step = line_step(e, other);
        step && close(step->line.a, 0.044715) && step->line.b == 0 && is_cube(e, step->x, x))
      return true;
  }
  return false;
}

// The function g for which k x f = g(x), given the value f.
std::optional<UnaryKind> product(const Editor &e, ValueId x, ValueId f, double k)
{
  const bool one = close(k, 1);
  if (one && unary(e, f, UnaryKind::sigmoid) && argument(e, f) == x) return UnaryKind::silu;
  if (const Unary *hard = unary(e, f, UnaryKind::hard_sigmoid);
      one && hard && argument(e, f) == x && close(hard->a, sixth) && close(hard->b, 0.5))
    return UnaryKind::hard_swish;
  if (const Unary *clip = unary(e, f, UnaryKind::clip); clip && clip->a == 0 && close(k * static_cast<double>(clip->b), 1))
    if (const auto line = line_to(e, argument(e, f), x); line && close(k * line->a, sixth) && close(k * line->b, 0.5))
      return UnaryKind::hard_swish;
  if (one && unary(e, f, UnaryKind::tanh))
    if (const ValueId inner = argument(e, f); unary(e, inner, UnaryKind::softplus) && argument(e, inner) == x)
      return UnaryKind::mish;
  // k (a erf(..) + b) with k a = k b = 1/2
  for (UnaryKind kind : {UnaryKind::erf, UnaryKind::tanh}) {
    const auto outer = line_of_unary(e, f, kind);
    if (!outer || !close(k * outer->line.a, 0.5) || !close(k * outer->line.b, 0.5)) continue;
    const ValueId inside = argument(e, outer->x);
    const auto line = line_to(e, inside, x);
    if (kind == UnaryKind::erf && line && close(line->a, std::sqrt(0.5)) && line->b == 0) return UnaryKind::gelu;
    if (kind == UnaryKind::tanh && is_gelu_tanh_argument(e, inside, x)) return UnaryKind::gelu_tanh;
  }
  return std::nullopt;
}

// v as k times two factors, in every way of taking its products apart, the shallow ones first.
bool rewrite_product(Editor &e, NodeId n)
{
  const Binary *root = e.op<Binary>(n);
  if (!root || (root->kind != BinaryKind::mul && root->kind != BinaryKind::div)) return false;
  struct Product {
    double k;
    std::vector<ValueId> factors;
  };
  const Shape &shape = e.value(e.output(n)).shape;
  std::deque<Product> open{{1, {e.output(n)}}};
  for (int tried = 0; !open.empty() && tried < 16; ++tried) {
    const Product p = open.front();
    open.pop_front();
    if (p.factors.size() == 2)
      for (size_t i = 0; i < 2; ++i) {
        const ValueId x = p.factors[i], f = p.factors[1 - i];
        if (e.value(x).shape != shape || e.value(x).type != Type::f32) continue;
        const auto kind = product(e, x, f, p.k);
        if (!kind) continue;
        e.set(n, Unary{*kind, 0, 0}, {x});
        return true;
      }
    for (size_t i = 0; i < p.factors.size(); ++i) {
      Product next = p;
      const NodeId made = e.producer(p.factors[i]);
      if (const auto step = line_step(e, p.factors[i]); step && step->line.b == 0) {
        next.k *= step->line.a;
        next.factors[i] = step->x;
      } else if (const Binary *binary = e.op<Binary>(made); binary && binary->kind == BinaryKind::mul && p.factors.size() < 2) {
        next.factors = {e.input(made, 0), e.input(made, 1)};
      } else {
        continue;
      }
      open.push_back(next);
    }
  }
  return false;
}

// 1 / (1 + exp(-x))
bool rewrite_sigmoid(Editor &e, NodeId n)
{
  ValueId below = none;
  if (const Binary *div = e.op<Binary>(n); div && div->kind == BinaryKind::div && e.scalar(e.input(n, 0)) == 1.0f)
    below = e.input(n, 1);
  if (const Unary *one_over = e.op<Unary>(n); one_over && one_over->kind == UnaryKind::reciprocal) below = e.input(n, 0);
  if (below == none) return false;
  const auto sum = line_step(e, below);
  if (!sum || sum->line.a != 1 || sum->line.b != 1 || !unary(e, sum->x, UnaryKind::exp)) return false;
  const ValueId minus = argument(e, sum->x);
  ValueId x = none;
  if (unary(e, minus, UnaryKind::neg)) x = argument(e, minus);
  else if (const auto step = line_step(e, minus); step && step->line.a == -1 && step->line.b == 0) x = step->x;
  if (x == none || e.value(x).shape != e.value(e.output(n)).shape) return false;
  e.set(n, Unary{UnaryKind::sigmoid, 0, 0}, {x});
  return true;
}

// log(1 + exp(x))
bool rewrite_softplus(Editor &e, NodeId n)
{
  const Unary *log = e.op<Unary>(n);
  if (!log || log->kind != UnaryKind::log) return false;
  const auto sum = line_step(e, e.input(n, 0));
  if (!sum || sum->line.a != 1 || sum->line.b != 1 || !unary(e, sum->x, UnaryKind::exp)) return false;
  e.set(n, Unary{UnaryKind::softplus, 0, 0}, {argument(e, sum->x)});
  return true;
}

// clip(a x + b, 0, h) / h
bool rewrite_hard_sigmoid(Editor &e, NodeId n)
{
  if (e.node(n).outputs.empty() || !e.op<Binary>(n)) return false;
  const auto outer = line_step(e, e.output(n));
  if (!outer || outer->line.b != 0 || e.only_reader(outer->x) != n) return false;
  const Unary *clip = unary(e, outer->x, UnaryKind::clip);
  if (!clip || clip->a != 0 || !close(outer->line.a * static_cast<double>(clip->b), 1)) return false;
  Line line{outer->line.a, 0};
  ValueId x = argument(e, outer->x);
  if (const auto inner = line_step(e, x)) {
    line = {line.a * inner->line.a, line.a * inner->line.b};
    x = inner->x;
  }
  e.set(n, Unary{UnaryKind::hard_sigmoid, static_cast<float>(line.a), static_cast<float>(line.b)}, {x});
  return true;
}

}  // namespace

int recognise_activations(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n)
    while (rewrite_sigmoid(e, n) || rewrite_softplus(e, n) || rewrite_hard_sigmoid(e, n) || rewrite_product(e, n)) ++e.changes;
  return e.finish();
}

}  // namespace net2c
