// Products of matrices.
#include <numeric>

#include "import/chainer/functions.h"

namespace net2c::chainer {

// x W^T + b; what follows x's first dimension is one.
void linear(Layer &layer)
{
  Operand x = layer.in(0);
  const Operand w = layer.in(1);
  if (layer.rank(w) != 2) fail({}, "W has shape {}, but must have 2 dimensions", text_of(layer.shape(w)));
  if (layer.rank(x) < 2) fail({}, "x has shape {}, but must have 2 dimensions or more", text_of(layer.shape(x)));
  const Shape shape = layer.shape(x);
  if (layer.rank(x) > 2) x = layer.reshape(x, {shape[0], count({shape.begin() + 1, shape.end()})});
  const Operand y = layer.add(MatMul{}, {x, layer.transpose(w, {1, 0})});
  layer.result(layer.maybe(2) == absent ? y : layer.binary(BinaryKind::add, y, layer.in(2)));
}

namespace {

// The last two axes swapped.
Operand turned(Layer &layer, Operand x)
{
  Ints perm(static_cast<size_t>(layer.rank(x)));
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  return layer.transpose(x, perm);
}

}  // namespace

// A vector is a row on the left and a column on the right, and that dimension is not in the result.
void matmul(Layer &layer)
{
  Operand a = layer.in(0), b = layer.in(1);
  const bool turn_a = layer.flag("transa", false), turn_b = layer.flag("transb", false);
  const bool row = layer.rank(a) == 1, column = layer.rank(b) == 1;
  if (layer.rank(a) == 0 || layer.rank(b) == 0) fail({}, "a or b is a scalar");
  if (row) a = layer.reshape(a, {1, layer.shape(a)[0]});
  else if (turn_a) a = turned(layer, a);
  if (column) b = layer.reshape(b, {layer.shape(b)[0], 1});
  else if (turn_b) b = turned(layer, b);
  Operand y = layer.add(MatMul{}, {a, b});
  Shape shape = layer.shape(y);
  if (column) shape.pop_back();
  if (row) shape.erase(shape.end() - (column ? 1 : 2));
  layer.result(row || column ? layer.reshape(y, shape) : y);
}

}  // namespace net2c::chainer
