// Functions that change the shape or the order of axes.
#include <algorithm>
#include <numeric>

#include "import/chainer/functions.h"

namespace net2c::chainer {

void reshape(Layer &layer)
{
  const Operand x = layer.in(0);
  Shape shape = layer.integers("shape").value_or(Ints{});
  const auto open = std::find(shape.begin(), shape.end(), -1);
  if (open != shape.end()) {
    *open = 1;
    const int64_t others = count(shape), all = count(layer.shape(x));
    if (others == 0 || all % others) fail({}, "{} cannot be reshaped to {} and what is left", text_of(layer.shape(x)), text_of(shape));
    *open = all / others;
  }
  layer.result(layer.reshape(x, shape));
}

void expand_dims(Layer &layer)
{
  const Operand x = layer.in(0);
  Shape shape = layer.shape(x);
  shape.insert(shape.begin() + layer.axis(layer.integer("axis"), layer.rank(x) + 1), 1);
  layer.result(layer.reshape(x, shape));
}

void squeeze(Layer &layer)
{
  const Operand x = layer.in(0);
  const Shape &from = layer.shape(x);
  const Ints given = layer.axes("axis", x);
  const bool all = static_cast<int64_t>(given.size()) == layer.rank(x);
  Shape to;
  for (size_t d = 0; d < from.size(); ++d) {
    const bool chosen = std::find(given.begin(), given.end(), static_cast<int64_t>(d)) != given.end();
    if (chosen && !all && from[d] != 1) fail({}, "axis {} of {} is not 1", d, text_of(from));
    if (!chosen || from[d] != 1) to.push_back(from[d]);
  }
  layer.result(layer.reshape(x, to));
}

void transpose(Layer &layer)
{
  const Operand x = layer.in(0);
  Ints perm;
  if (const auto given = layer.integers("axes")) {
    if (static_cast<int64_t>(given->size()) != layer.rank(x)) fail({}, "axes {} do not fit x {}", fmt::join(*given, ","), text_of(layer.shape(x)));
    layer.chosen(*given, layer.rank(x));
    for (int64_t a : *given) perm.push_back(layer.axis(a, layer.rank(x)));
  } else {
    for (int64_t d = layer.rank(x); d-- > 0;) perm.push_back(d);
  }
  layer.result(layer.transpose(x, perm));
}

void swapaxes(Layer &layer)
{
  const Operand x = layer.in(0);
  Ints perm(static_cast<size_t>(layer.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[static_cast<size_t>(layer.axis(layer.integer("axis1"), layer.rank(x)))],
            perm[static_cast<size_t>(layer.axis(layer.integer("axis2"), layer.rank(x)))]);
  layer.result(layer.transpose(x, perm));
}

// The axes `source` go to the places `destination`, the others keep their order.
void moveaxis(Layer &layer)
{
  const Operand x = layer.in(0);
  const size_t rank = static_cast<size_t>(layer.rank(x));
  const Ints source = layer.integers("source").value_or(Ints{}), destination = layer.integers("destination").value_or(Ints{});
  if (source.size() != destination.size()) fail({}, "{} axes are moved to {} places", source.size(), destination.size());
  const std::vector<bool> moved = layer.chosen(source, layer.rank(x));
  layer.chosen(destination, layer.rank(x));
  Ints perm(rank, -1);
  for (size_t i = 0; i < source.size(); ++i) perm[static_cast<size_t>(layer.axis(destination[i], layer.rank(x)))] = layer.axis(source[i], layer.rank(x));
  size_t next = 0;
  for (int64_t &p : perm) {
    if (p >= 0) continue;
    while (moved[next]) ++next;
    p = static_cast<int64_t>(next++);
  }
  layer.result(layer.transpose(x, perm));
}

// As numpy.rollaxis: `axis` comes to stand before the axis that is at `start`.
void rollaxis(Layer &layer)
{
  const Operand x = layer.in(0);
  const int64_t rank = layer.rank(x), from = layer.axis(layer.integer("axis"), rank), given = layer.integer("start", 0);
  if (given < -rank || given > rank) fail({}, "start {} does not fit {} dimensions", given, rank);
  int64_t to = given < 0 ? given + rank : given;
  if (from < to) --to;
  Ints perm;
  for (int64_t d = 0; d < rank; ++d)
    if (d != from) perm.push_back(d);
  perm.insert(perm.begin() + to, from);
  layer.result(layer.transpose(x, perm));
}

namespace {

struct Blocks {
  Operand x;
  Shape shape;
  int64_t r;
};

Blocks blocks_of(Layer &layer)
{
  Blocks b{layer.in(0), layer.shape(layer.in(0)), layer.integer("r")};
  if (b.shape.size() != 4) fail({}, "x has shape {}, but must have 4 dimensions", text_of(b.shape));
  if (b.r < 1 || b.r > 1 << 15) fail({}, "r is {}", b.r);
  return b;
}

}  // namespace

// Channel (i r + j) C + c of [a][b] becomes channel c of pixel i, j of block [a][b].
void depth2space(Layer &layer)
{
  const auto [x, s, r] = blocks_of(layer);
  if (s[1] % (r * r)) fail({}, "{} channels are no multiple of {}", s[1], r * r);
  const int64_t c = s[1] / (r * r);
  const Operand split = layer.reshape(x, {s[0], r, r, c, s[2], s[3]});
  layer.result(layer.reshape(layer.transpose(split, {0, 3, 4, 1, 5, 2}), {s[0], c, s[2] * r, s[3] * r}));
}

void space2depth(Layer &layer)
{
  const auto [x, s, r] = blocks_of(layer);
  if (s[2] % r || s[3] % r) fail({}, "x {} is no multiple of blocks of {}", text_of(s), r);
  const Operand split = layer.reshape(x, {s[0], s[1], s[2] / r, r, s[3] / r, r});
  layer.result(layer.reshape(layer.transpose(split, {0, 3, 5, 1, 2, 4}), {s[0], s[1] * r * r, s[2] / r, s[3] / r}));
}

}  // namespace net2c::chainer
