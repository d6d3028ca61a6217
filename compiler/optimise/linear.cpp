#include "optimise/linear.h"

#include <algorithm>
#include <cmath>

namespace net2c {

namespace {

// A constant operand that broadcasts to `shape` and changes along `axis` only, as one number a channel.
std::optional<std::vector<double>> per_channel(const Tensor *t, const Shape &shape, int64_t axis)
{
  if (!t || t->type != Type::f32 || t->shape.size() > shape.size()) return std::nullopt;
  const size_t channels = static_cast<size_t>(shape[static_cast<size_t>(axis)]), lead = shape.size() - t->shape.size();
  for (size_t i = 0; i < t->shape.size(); ++i)
    if (t->shape[i] != 1 && i + lead != static_cast<size_t>(axis)) return std::nullopt;
  std::vector<double> all = t->numbers();
  if (all.size() == 1) all.assign(channels, all[0]);
  if (all.size() != channels) return std::nullopt;
  return all;
}

std::optional<Linear> linear_of_binary(const Editor &e, NodeId n, BinaryKind kind, int64_t axis)
{
  const Shape &shape = e.value(e.output(n)).shape;
  const bool swapped = e.constant(e.input(n, 0)) != nullptr;
  const ValueId x = e.input(n, swapped), other = e.input(n, !swapped);
  if (e.value(x).shape != shape) return std::nullopt;
  const auto c = per_channel(e.constant(other), shape, axis);
  if (!c) return std::nullopt;
  Linear l{x, std::vector<double>(c->size(), 1), std::vector<double>(c->size(), 0)};
  for (size_t i = 0; i < c->size(); ++i) {
    const double k = (*c)[i];
    if (kind == BinaryKind::add) l.shift[i] = k;
    else if (kind == BinaryKind::sub && !swapped) l.shift[i] = -k;
    else if (kind == BinaryKind::sub) l.scale[i] = -1, l.shift[i] = k;
    else if (kind == BinaryKind::mul) l.scale[i] = k;
    else if (kind == BinaryKind::div && !swapped) l.scale[i] = 1 / k;
    else return std::nullopt;
  }
  return l;
}

std::optional<Linear> linear_of_norm(const Editor &e, NodeId n, const Norm &norm, int64_t channels)
{
  if (norm.kind != NormKind::batch) return std::nullopt;
  const auto scale = vector_of(e, e.input(n, 1), channels), bias = vector_of(e, e.input(n, 2), channels),
             mean = vector_of(e, e.input(n, 3), channels), variance = vector_of(e, e.input(n, 4), channels);
  if (!scale || !bias || !mean || !variance) return std::nullopt;
  Linear l{e.input(n, 0), *scale, *bias};
  for (size_t i = 0; i < l.scale.size(); ++i) {
    l.scale[i] /= std::sqrt((*variance)[i] + static_cast<double>(norm.epsilon));
    l.shift[i] -= (*mean)[i] * l.scale[i];
  }
  return l;
}

bool finite(const Linear &l)
{
  const auto good = [](double d) { return std::abs(d) <= 3.4e38; };  // what a float can hold
  return std::all_of(l.scale.begin(), l.scale.end(), good) && std::all_of(l.shift.begin(), l.shift.end(), good);
}

}  // namespace

bool Linear::only_shifts() const
{
  return std::all_of(scale.begin(), scale.end(), [](double d) { return d == 1; });
}

bool Linear::changes_nothing() const
{
  return only_shifts() && std::all_of(shift.begin(), shift.end(), [](double d) { return d == 0; });
}

Linear then(const Linear &first, const Linear &second)
{
  Linear l = first;
  for (size_t i = 0; i < l.scale.size(); ++i) {
    l.scale[i] *= second.scale[i];
    l.shift[i] = first.shift[i] * second.scale[i] + second.shift[i];
  }
  return l;
}

std::optional<Linear> linear_of(const Editor &e, NodeId n, int64_t axis)
{
  const Value &y = e.value(e.output(n));
  if (y.type != Type::f32 || axis < 0 || axis >= static_cast<int64_t>(y.shape.size())) return std::nullopt;
  const int64_t channels = y.shape[static_cast<size_t>(axis)];
  std::optional<Linear> l;
  if (const Binary *binary = e.op<Binary>(n)) {
    l = linear_of_binary(e, n, binary->kind, axis);
  } else if (axis == 1 && e.op<Norm>(n)) {
    l = linear_of_norm(e, n, *e.op<Norm>(n), channels);
  } else if (axis == 1 && e.op<Affine>(n)) {
    const auto scale = vector_of(e, e.input(n, 1), channels), shift = vector_of(e, e.input(n, 2), channels);
    if (scale && shift) l = Linear{e.input(n, 0), *scale, *shift};
  }
  return l && !e.constant(l->x) && finite(*l) ? l : std::nullopt;
}

LinearChain chain_after(const Editor &e, ValueId v, int64_t axis)
{
  LinearChain chain;
  for (NodeId n; (n = e.only_reader(v)) != none; v = e.output(n)) {
    const auto next = linear_of(e, n, axis);
    if (!next || next->x != v) break;
    Linear all = chain.nodes.empty() ? *next : then(chain.all, *next);
    if (!finite(all)) break;
    chain.all = std::move(all);
    chain.nodes.push_back(n);
  }
  return chain;
}

LinearChain chain_before(const Editor &e, ValueId v, int64_t axis)
{
  LinearChain chain;
  while (e.only_reader(v) != none) {
    const NodeId n = e.producer(v);
    const auto before = linear_of(e, n, axis);
    if (!before) break;
    Linear all = chain.nodes.empty() ? *before : then(*before, chain.all);
    if (!finite(all)) break;
    chain.all = std::move(all);
    chain.nodes.insert(chain.nodes.begin(), n);
    v = before->x;
  }
  return chain;
}

Tensor rounded(std::span<const double> numbers, Shape shape)
{
  Tensor t(Type::f32, std::move(shape));
  const auto to = t.as<float>();
  if (to.size() != numbers.size()) bug("{} numbers for shape {}", numbers.size(), text_of(t.shape));
  std::transform(numbers.begin(), numbers.end(), to.begin(), [](double d) { return static_cast<float>(d); });
  return t;
}

Tensor rounded(std::span<const double> numbers) { return rounded(numbers, {static_cast<int64_t>(numbers.size())}); }

std::optional<std::vector<double>> vector_of(const Editor &e, ValueId v, int64_t n)
{
  const Tensor *t = e.constant(v);
  if (!t || t->type != Type::f32 || t->size() != n) return std::nullopt;
  return t->numbers();
}

}  // namespace net2c
