#include <algorithm>
#include <cmath>

#include "optimise/edit.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// Top, left, bottom, right of a Pad that adds rows and columns only.
std::optional<Ints> spatial(const Pad &pad)
{
  if (pad.pads.size() != 8) return std::nullopt;
  const Ints &p = pad.pads;
  if (p[0] || p[1] || p[4] || p[5] || std::any_of(p.begin(), p.end(), [](int64_t n) { return n < 0; })) return std::nullopt;
  return Ints{p[2], p[3], p[6], p[7]};
}

Ints sum(const Ints &a, const Ints &b) { return {a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3]}; }

bool none_of(const Ints &pads)
{
  return std::all_of(pads.begin(), pads.end(), [](int64_t n) { return n == 0; });
}

bool fold(Conv &conv, const Pad &pad, const Ints &by, const Shape &x)
{
  if (pad.kind == PadKind::constant) {
    // A crop by the convolution itself takes away of the zeros first, then of the map: the sum of both.
    if (pad.value != 0 || (conv.fill != Fill::zero && !none_of(conv.pads))) return false;
    conv.fill = Fill::zero;
    conv.pads = sum(conv.pads, by);
    return true;
  }
  if (!none_of(conv.pads)) return false;
  const bool reflect = pad.kind == PadKind::reflect;
  if (x[2] == 0 || x[3] == 0 || (reflect && (std::max(by[0], by[2]) >= x[2] || std::max(by[1], by[3]) >= x[3]))) return false;
  conv.fill = reflect ? Fill::reflect : Fill::edge;
  conv.pads = by;
  return true;
}

// Known from the node that made it: relu and what is like it.
bool not_negative(const Editor &e, ValueId v)
{
  const NodeId n = e.producer(v);
  if (const Pool *pool = e.op<Pool>(n); pool && pool->kind == PoolKind::max) return not_negative(e, e.input(n, 0));
  const Unary *act = e.op<Unary>(n);
  if (!act) return false;
  return act->kind == UnaryKind::relu || act->kind == UnaryKind::sigmoid || act->kind == UnaryKind::hard_sigmoid ||
         (act->kind == UnaryKind::clip && act->a >= 0);
}

// Every window has a tap inside the map, so that what stands around it can lose.
bool windows_meet_map(const Pool &pool, const Ints &pads, const Shape &x, const Shape &y)
{
  for (size_t d = 0; d < 2; ++d) {
    if (pool.dilations[d] != 1 || pads[d] >= pool.kernel[d]) return false;
    if ((y[d + 2] - 1) * pool.strides[d] - pads[d] >= x[d + 2]) return false;
  }
  return true;
}

bool fold(const Editor &e, Pool &pool, const Pad &pad, const Ints &by, ValueId source, const Shape &y)
{
  if (pad.kind != PadKind::constant) return false;
  if (pool.kind == PoolKind::average) {
    if (pad.value != 0 || (!pool.count_include_pad && !none_of(pool.pads))) return false;
    pool.count_include_pad = true;
    pool.pads = sum(pool.pads, by);
    return true;
  }
  const Ints pads = sum(pool.pads, by);
  const bool never_wins = pad.value == -INFINITY || (pad.value <= 0 && not_negative(e, source));
  if (!never_wins || !windows_meet_map(pool, pads, e.value(source).shape, y)) return false;
  pool.pads = pads;
  return true;
}

}  // namespace

int fold_pads(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n) {
    const NodeId before = e.made_by<Pad>(e.input(n, 0));
    if (before == none || e.value(e.output(n)).type != Type::f32) continue;
    const Pad &pad = *e.op<Pad>(before);
    const auto by = spatial(pad);
    if (!by) continue;
    Op op = e.node(n).op;
    const ValueId source = e.input(before, 0);
    bool folded = false;
    if (auto *conv = std::get_if<Conv>(&op)) folded = fold(*conv, pad, *by, e.value(source).shape);
    if (auto *pool = std::get_if<Pool>(&op)) folded = fold(e, *pool, pad, *by, source, e.value(e.output(n)).shape);
    if (!folded) continue;
    std::vector<ValueId> inputs = e.node(n).inputs;
    inputs[0] = source;
    e.set(n, op, inputs);
    ++e.changes;
  }
  return e.finish();
}

}  // namespace net2c
