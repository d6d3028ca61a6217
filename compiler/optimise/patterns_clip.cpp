#include <algorithm>
#include <cmath>

#include "optimise/patterns.h"

namespace net2c {

namespace {

struct Clip {
  float low, high;
};

Unary unary_of(const Clip &c)
{
  if (c.low == 0 && c.high == INFINITY) return {UnaryKind::relu, 0, 0};
  if (c.low == -INFINITY && c.high == INFINITY) return {UnaryKind::identity, 0, 0};
  return {UnaryKind::clip, c.low, c.high};
}

std::optional<Clip> clip_of(const Editor &e, NodeId n)
{
  const Unary *unary = e.op<Unary>(n);
  if (unary && unary->kind == UnaryKind::relu) return Clip{0, INFINITY};
  if (unary && unary->kind == UnaryKind::clip && unary->a <= unary->b) return Clip{unary->a, unary->b};
  return std::nullopt;
}

// min(max(min(max(x, a), b), c), d) is one clip.
bool merge_clips(Editor &e, NodeId n)
{
  const auto outer = clip_of(e, n), inner = clip_of(e, e.producer(e.input(n, 0)));
  if (!outer || !inner || e.only_reader(e.input(n, 0)) != n) return false;
  const auto through = [&](float x) { return std::min(std::max(x, outer->low), outer->high); };
  e.set(n, unary_of({through(inner->low), through(inner->high)}), {e.input(e.producer(e.input(n, 0)), 0)});
  return true;
}

bool simplify_clip(Editor &e, NodeId n)
{
  const auto clip = clip_of(e, n);
  if (!clip || unary_of(*clip).kind == e.op<Unary>(n)->kind) return false;
  e.set(n, unary_of(*clip), {e.input(n, 0)});
  return true;
}

bool clip_by_constant(Editor &e, NodeId n, BinaryKind kind, ValueId x, float c)
{
  if (kind == BinaryKind::max) e.set(n, unary_of({c, INFINITY}), {x});
  else if (kind == BinaryKind::min) e.set(n, unary_of({-INFINITY, c}), {x});
  else if (kind == BinaryKind::prelu) e.set(n, Unary{UnaryKind::leaky_relu, c, 0}, {x});
  else if (kind == BinaryKind::pow && c == 2) e.set(n, Binary{BinaryKind::mul}, {x, x});
  else if (kind == BinaryKind::pow && c == 1) e.set(n, Unary{UnaryKind::identity, 0, 0}, {x});
  else if (kind == BinaryKind::pow && c == 0.5f) e.set(n, Unary{UnaryKind::sqrt, 0, 0}, {x});
  else if (kind == BinaryKind::pow && c == -1) e.set(n, Unary{UnaryKind::reciprocal, 0, 0}, {x});
  else return false;
  return true;
}

bool rewrite_binary(Editor &e, NodeId n)
{
  const Binary *binary = e.op<Binary>(n);
  const Value &y = e.value(e.output(n));
  if (!binary || y.type != Type::f32) return false;
  const BinaryKind kind = binary->kind;
  const bool commutes = kind == BinaryKind::max || kind == BinaryKind::min;
  for (size_t i = 0; i < (commutes ? 2u : 1u); ++i) {
    const ValueId x = e.input(n, i), other = e.input(n, 1 - i);
    if (e.value(x).shape != y.shape) continue;
    if (const auto c = e.scalar(other); c && clip_by_constant(e, n, kind, x, *c)) return true;
    // max(x, a x): a line through 0 that is flatter than x's.
    if (kind != BinaryKind::max || e.constant(x)) continue;
    const auto line = line_to(e, other, x);
    if (!line || line->b != 0 || line->a >= 1 || other == x) continue;
    e.set(n, Unary{UnaryKind::leaky_relu, static_cast<float>(line->a), 0}, {x});
    return true;
  }
  return false;
}

}  // namespace

int recognise_clips(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n)
    while (rewrite_binary(e, n) || merge_clips(e, n) || simplify_clip(e, n)) ++e.changes;
  return e.finish();
}

}  // namespace net2c
