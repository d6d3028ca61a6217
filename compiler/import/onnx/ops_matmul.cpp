#include <algorithm>

#include "import/onnx/operators.h"

namespace net2c::onnx {

namespace {

void want_float(Layer &layer, Operand x)
{
  const Type type = layer.type(x);
  if (type != Type::f32 && type != Type::f16 && type != Type::f64) unsupported("of {} matrices", name_of(type));
}

// Batches that lie crosswise, each repeated along axes of the other: spread out, as one of them at least must be whole.
void align_batches(Layer &layer, Operand &a, Operand &b)
{
  const Shape p = layer.shape(a), q = layer.shape(b);
  Shape batch;
  for (size_t d = std::max(p.size(), q.size()); d-- > 2;) {
    const int64_t m = d < p.size() ? p[p.size() - 1 - d] : 1, n = d < q.size() ? q[q.size() - 1 - d] : 1;
    if (m != n && m != 1 && n != 1) fail({}, "the batches of {} and {} do not fit", text_of(p), text_of(q));
    batch.push_back(m == 1 ? n : m);
  }
  const auto of = [](const Shape &s) { return count(Shape(s.begin(), s.end() - 2)); };
  const auto partly = [&](const Shape &s) { return of(s) != 1 && of(s) != count(batch); };
  const auto spread = [&](Operand &x, const Shape &s) {
    Shape whole = batch;
    whole.insert(whole.end(), s.end() - 2, s.end());
    x = layer.add(Expand{}, {x}, whole);
  };
  if (partly(p)) spread(a, p);
  if (partly(q)) spread(b, q);
}

Operand times(Layer &layer, Operand x, float factor)
{
  return factor == 1 ? x : layer.binary(BinaryKind::mul, x, layer.scalar(layer.type(x), static_cast<double>(factor)));
}

}  // namespace

Operand matrix_product(Layer &layer, Operand a, Operand b)
{
  want_float(layer, a);
  align_batches(layer, a, b);
  return layer.add(MatMul{}, {a, b});
}

// Vectors are matrices of one row (A) or column (B), which the result does not have.
void matmul(Layer &layer)
{
  Operand a = layer.in(0), b = layer.in(1);
  if (layer.rank(a) < 1 || layer.rank(b) < 1) fail({}, "A {} and B {} are not matrices", text_of(layer.shape(a)), text_of(layer.shape(b)));
  const bool row = layer.rank(a) == 1, column = layer.rank(b) == 1;
  if (row) a = layer.reshape(a, {1, layer.shape(a)[0]});
  if (column) b = layer.reshape(b, {layer.shape(b)[0], 1});
  Operand y = matrix_product(layer, a, b);
  if (row || column) {
    Shape shape = layer.shape(y);
    if (column) shape.pop_back();
    if (row) shape.erase(shape.end() - (column ? 1 : 2));
    y = layer.reshape(y, shape);
  }
  layer.result(y);
}

// alpha A' B' + beta C. Factors go where they can be folded.
void gemm(Layer &layer)
{
  Operand a = layer.in(0), b = layer.in(1);
  want_float(layer, a);
  if (layer.rank(a) != 2 || layer.rank(b) != 2)
    fail({}, "A {} and B {} must have 2 dimensions", text_of(layer.shape(a)), text_of(layer.shape(b)));
  if (layer.integer("transA", 0)) a = layer.transpose(a, {1, 0});
  if (layer.integer("transB", 0)) b = layer.transpose(b, {1, 0});
  const float alpha = layer.real("alpha", 1.0f), beta = layer.real("beta", 1.0f);
  layer.ignore({"broadcast"});
  if (layer.constant(b)) b = times(layer, b, alpha);
  else if (layer.constant(a)) a = times(layer, a, alpha);
  Operand y = layer.add(MatMul{}, {a, b});
  if (!layer.constant(a) && !layer.constant(b)) y = times(layer, y, alpha);
  const Shape shape = layer.shape(y);
  if (layer.maybe(2) != absent && beta != 0) {
    y = layer.binary(BinaryKind::add, y, times(layer, layer.in(2), beta));
    if (layer.shape(y) != shape) fail({}, "C {} does not fit the product {}", text_of(layer.shape(layer.in(2))), text_of(shape));
  }
  layer.result(y);
}

}  // namespace net2c::onnx
