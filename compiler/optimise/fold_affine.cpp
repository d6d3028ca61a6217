#include <algorithm>

#include "optimise/edit.h"
#include "optimise/epilogue.h"
#include "optimise/linear.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// Output channel and input channel of a weight, by its index.
struct Channels {
  int64_t out, in;
};
Channels channels_of(const Op &op, const Shape &w, int64_t index)
{
  if (std::holds_alternative<MatMul>(op)) return {index % w.back(), index / w.back() % w[w.size() - 2]};
  const int64_t taps = w[2] * w[3], second = index / taps % w[1], first = index / taps / w[1];
  if (const auto *conv = std::get_if<Conv>(&op)) return {first, first / (w[0] / conv->group) * w[1] + second};
  const int64_t group = std::get<ConvTranspose>(op).group;
  return {first / (w[0] / group) * w[1] + second, first};
}

ValueId add_rounded(Editor &e, ValueId like, const Node &node, const char *what, Tensor data)
{
  return e.constant(like == none ? node.name + what : e.value(like).name, std::move(data));
}

std::vector<double> bias_of(const Editor &e, ValueId bias, size_t channels)
{
  return bias == none ? std::vector<double>(channels, 0) : e.constant(bias)->numbers();
}

bool constant_f32(const Editor &e, ValueId v) { return e.constant(v) && e.constant(v)->type == Type::f32; }

// The chain behind n goes into its weights and bias; n moves to the chain's end.
bool fold_back(Editor &e, NodeId n)
{
  const ValueId weights = e.input(n, 1), bias = e.input(n, 2);
  if (!epilogue_empty(e.node(n)) || !constant_f32(e, weights) || (bias != none && !constant_f32(e, bias))) return false;
  const int64_t axis = channel_axis(e.node(n).op, e.value(e.output(n)).shape);
  const LinearChain chain = chain_after(e, e.output(n), axis);
  if (chain.nodes.empty()) return false;
  const Node node = e.node(n);
  const auto &[x, scale, shift] = chain.all;
  std::vector<ValueId> inputs = epilogue_inputs(node);
  std::vector<double> b = bias_of(e, bias, scale.size());
  for (size_t i = 0; i < b.size(); ++i) b[i] = b[i] * scale[i] + shift[i];
  if (!chain.all.only_shifts()) {
    const Shape shape = e.constant(weights)->shape;
    std::vector<double> w = e.constant(weights)->numbers();
    for (size_t i = 0; i < w.size(); ++i)
      w[i] *= scale[static_cast<size_t>(channels_of(node.op, shape, static_cast<int64_t>(i)).out)];
    inputs[1] = add_rounded(e, weights, node, "_weights", rounded(w, shape));
  }
  inputs[2] = add_rounded(e, bias, node, "_bias", rounded(b));
  for (size_t i = chain.nodes.size() - 1; i-- > 0;) e.kill(chain.nodes[i]);
  e.fuse(n, chain.nodes.back(), node.op, inputs);
  return true;
}

// Whether a shift of x is the same shift for every window: no zeros are put around the map.
bool shift_is_uniform(const Op &op, const Shape &weights)
{
  if (std::holds_alternative<MatMul>(op)) return weights.size() == 2;
  const auto *conv = std::get_if<Conv>(&op);
  return conv &&
         (conv->fill != Fill::zero || std::all_of(conv->pads.begin(), conv->pads.end(), [](int64_t p) { return p <= 0; }));
}

// The chain before n, which only n reads, goes into its weights and bias.
bool fold_forth(Editor &e, NodeId n)
{
  const ValueId weights = e.input(n, 1), bias = e.input(n, 2), x = e.input(n, 0);
  if (!epilogue_of(e.node(n).op) || !constant_f32(e, weights)) return false;
  const LinearChain chain = chain_before(e, x, channel_axis(e.node(n).op, e.value(x).shape));
  if (chain.nodes.empty()) return false;
  const Node node = e.node(n);
  const Shape shape = e.constant(weights)->shape;
  const auto &[source, scale, shift] = chain.all;
  const bool shifts = std::any_of(shift.begin(), shift.end(), [](double d) { return d != 0; });
  if (shifts && (!shift_is_uniform(node.op, shape) || (bias != none && !constant_f32(e, bias)))) return false;

  std::vector<ValueId> inputs = epilogue_inputs(node);
  std::vector<double> w = e.constant(weights)->numbers();
  const Shape &result = e.value(e.output(n)).shape;
  std::vector<double> b = shifts
                              ? bias_of(e, bias, static_cast<size_t>(result[static_cast<size_t>(channel_axis(node.op, result))]))
                              : std::vector<double>{};
  for (size_t i = 0; i < w.size(); ++i) {
    const Channels c = channels_of(node.op, shape, static_cast<int64_t>(i));
    if (shifts) b[static_cast<size_t>(c.out)] += w[i] * shift[static_cast<size_t>(c.in)];
    w[i] *= scale[static_cast<size_t>(c.in)];
  }
  inputs[0] = source;
  inputs[1] = add_rounded(e, weights, node, "_weights", rounded(w, shape));
  if (shifts) inputs[2] = add_rounded(e, bias, node, "_bias", rounded(b));
  e.set(n, node.op, inputs);
  for (size_t i = chain.nodes.size(); i-- > 0;) e.kill(chain.nodes[i]);
  ++e.changes;
  return true;
}

// Instance and layer norms end in a scale and a bias of their own.
bool fold_into_norm(Editor &e, NodeId n)
{
  const Norm *norm = e.op<Norm>(n);
  if (!norm || (norm->kind != NormKind::instance && norm->kind != NormKind::layer && norm->kind != NormKind::channel)) return false;
  if (norm->epilogue.act.kind != UnaryKind::identity) return false;
  const Shape &y = e.value(e.output(n)).shape;
  const int64_t rank = static_cast<int64_t>(y.size());
  if (norm->kind == NormKind::layer && norm->axis != rank - 1) return false;
  const ValueId scale = e.input(n, 1), bias = e.input(n, 2);
  if (!constant_f32(e, scale) || (bias != none && !constant_f32(e, bias))) return false;
  const LinearChain chain = chain_after(e, e.output(n), norm->kind == NormKind::layer ? rank - 1 : 1);
  if (chain.nodes.empty()) return false;
  const Node node = e.node(n);
  std::vector<double> s = e.constant(scale)->numbers(), b = bias_of(e, bias, s.size());
  for (size_t i = 0; i < s.size(); ++i) {
    s[i] *= chain.all.scale[i];
    b[i] = b[i] * chain.all.scale[i] + chain.all.shift[i];
  }
  const ValueId new_scale = add_rounded(e, scale, node, "_scale", rounded(s)),
                new_bias = add_rounded(e, bias, node, "_bias", rounded(b));
  for (size_t i = chain.nodes.size() - 1; i-- > 0;) e.kill(chain.nodes[i]);
  e.fuse(n, chain.nodes.back(), node.op, {node.inputs[0], new_scale, new_bias});
  return true;
}

}  // namespace

int fold_affine(Graph &graph)
{
  Editor e(graph);
  for (NodeId n = 0; n < e.size(); ++n)
    if (e.alive(n)) fold_back(e, n) || fold_into_norm(e, n);
  // What no node behind could take is left for the one before which it stands.
  for (NodeId n = 0; n < e.size(); ++n)
    if (e.alive(n)) fold_forth(e, n);
  return e.finish();
}

}  // namespace net2c
