// Einsum: operands are multiplied two at a time, as a product of matrices whose batch is what stays in both.
#include <algorithm>
#include <string>

#include "import/onnx/operators.h"

namespace net2c::onnx {

namespace {

// An operand with a letter for each axis. Axes of an ellipsis have digits, the last one '0'.
struct Term {
  Operand x;
  std::string axes;
};

bool has(const std::string &axes, char axis) { return axes.find(axis) != std::string::npos; }

// "ij...k" for an operand of this rank. `widest`: how many axes the ellipsis has at most.
std::string axes_of(const std::string &text, size_t rank, size_t &widest)
{
  std::string axes;
  const size_t dots = text.find("...");
  const size_t letters = text.size() - (dots == std::string::npos ? 0 : 3);
  if (letters > rank || (dots == std::string::npos && letters != rank)) fail({}, "'{}' does not fit an operand of {} dimensions", text, rank);
  for (size_t i = 0; i < text.size(); ++i) {
    if (i == dots) {
      for (size_t k = rank - letters; k-- > 0;) axes += static_cast<char>('0' + k);
      widest = std::max(widest, rank - letters);
      i += 2;
    } else if ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')) {
      axes += text[i];
    } else {
      fail({}, "'{}' in the equation", text[i]);
    }
  }
  return axes;
}

int64_t size_of_axis(Layer &layer, const Term &t, char axis) { return layer.shape(t.x)[t.axes.find(axis)]; }

// In this order; axes of `order` that it lacks become axes of 1.
Term ordered(Layer &layer, Term t, const std::string &order)
{
  Ints perm;
  Shape shape;
  for (char axis : order) {
    if (has(t.axes, axis)) perm.push_back(static_cast<int64_t>(t.axes.find(axis)));
    shape.push_back(has(t.axes, axis) ? size_of_axis(layer, t, axis) : 1);
  }
  return {layer.reshape(layer.transpose(t.x, perm), shape), order};
}

// Without the axes that nobody needs any more.
Term summed(Layer &layer, Term t, const std::string &needed)
{
  Reduce sum{ReduceKind::sum, {}, false};
  std::string rest;
  for (size_t i = 0; i < t.axes.size(); ++i)
    if (has(needed, t.axes[i])) rest += t.axes[i];
    else sum.axes.push_back(static_cast<int64_t>(i));
  return sum.axes.empty() ? t : Term{layer.add(sum, {t.x}), rest};
}

// "ii": the elements where both are the same.
Term without_twins(Layer &layer, Term t)
{
  for (size_t i = 0; i < t.axes.size(); ++i) {
    const size_t twin = t.axes.find(t.axes[i], i + 1);
    if (twin == std::string::npos) continue;
    const Shape shape = layer.shape(t.x);
    const int64_t n = shape[i];
    if (shape[twin] != n) fail({}, "axis '{}' has {} and {} elements", t.axes[i], n, shape[twin]);
    // Both to the front, as one axis, of which every (n + 1)st element stays.
    Ints perm{static_cast<int64_t>(i), static_cast<int64_t>(twin)};
    Shape flat{n * n};
    std::string rest(1, t.axes[i]);
    for (size_t d = 0; d < shape.size(); ++d)
      if (d != i && d != twin) perm.push_back(static_cast<int64_t>(d)), flat.push_back(shape[d]), rest += t.axes[d];
    Slice diagonal{Ints(flat.size(), 0), Ints(flat.size(), 1)};
    diagonal.steps[0] = n + 1;
    Shape result = flat;
    result[0] = n;
    return without_twins(layer, {layer.add(diagonal, {layer.reshape(layer.transpose(t.x, perm), flat)}, result), rest});
  }
  return t;
}

Term product(Layer &layer, Term a, Term b, const std::string &needed)
{
  a = summed(layer, a, needed + b.axes), b = summed(layer, b, needed + a.axes);
  std::string batch, rows, inner, columns;
  for (char axis : a.axes)
    if (!has(b.axes, axis)) rows += axis;
    else (has(needed, axis) ? batch : inner) += axis;
  for (char axis : b.axes)
    if (!has(a.axes, axis)) columns += axis;
  int64_t m = 1, k = 1, n = 1;
  for (char axis : rows) m *= size_of_axis(layer, a, axis);
  for (char axis : columns) n *= size_of_axis(layer, b, axis);
  for (char axis : inner) {
    if (size_of_axis(layer, a, axis) != size_of_axis(layer, b, axis))
      fail({}, "axis '{}' has {} and {} elements", axis, size_of_axis(layer, a, axis), size_of_axis(layer, b, axis));
    k *= size_of_axis(layer, a, axis);
  }
  Shape left, right, result;
  for (char axis : batch) {
    const int64_t p = size_of_axis(layer, a, axis), q = size_of_axis(layer, b, axis);
    if (p != q && p != 1 && q != 1) fail({}, "axis '{}' has {} and {} elements", axis, p, q);
    left.push_back(p), right.push_back(q), result.push_back(p == 1 ? q : p);
  }
  const Term x = ordered(layer, a, batch + rows + inner), y = ordered(layer, b, batch + inner + columns);
  Operand z;
  if (inner.empty() && rows.empty() && columns.empty()) {   // element by element
    z = layer.binary(BinaryKind::mul, layer.reshape(x.x, left), layer.reshape(y.x, right));
  } else if (inner.empty()) {
    left.insert(left.end(), {m, 1}), right.insert(right.end(), {1, n});
    z = layer.binary(BinaryKind::mul, layer.reshape(x.x, left), layer.reshape(y.x, right));
  } else {
    left.insert(left.end(), {m, k}), right.insert(right.end(), {k, n});
    z = matrix_product(layer, layer.reshape(x.x, left), layer.reshape(y.x, right));
  }
  for (char axis : rows) result.push_back(size_of_axis(layer, a, axis));
  for (char axis : columns) result.push_back(size_of_axis(layer, b, axis));
  return {layer.reshape(z, result), batch + rows + columns};
}

}  // namespace

void einsum(Layer &layer)
{
  std::string equation = layer.text("equation", ""), result;
  equation.erase(std::remove(equation.begin(), equation.end(), ' '), equation.end());
  const size_t arrow = equation.find("->");
  const std::string left = equation.substr(0, arrow);
  std::vector<Term> terms;
  size_t widest = 0, at = 0;
  for (size_t i = 0; i < layer.inputs(); ++i) {
    const size_t comma = left.find(',', at);
    if (i + 1 < layer.inputs() && comma == std::string::npos) fail({}, "equation '{}' has not {} operands", equation, layer.inputs());
    const Operand x = layer.in(i);
    terms.push_back(without_twins(layer, {x, axes_of(left.substr(at, comma - at), static_cast<size_t>(layer.rank(x)), widest)}));
    at = comma == std::string::npos ? left.size() : comma + 1;
  }
  if (at != left.size() || left.ends_with(",")) fail({}, "equation '{}' has not {} operands", equation, layer.inputs());
  if (arrow != std::string::npos) {
    const std::string right = equation.substr(arrow + 2);
    size_t same = widest;
    result = axes_of(right, right.size() - (right.find("...") == std::string::npos ? 0 : 3) + (right.find("...") == std::string::npos ? 0 : widest), same);
  } else {   // what stands there once, in the order of the alphabet
    for (size_t k = widest; k-- > 0;) result += static_cast<char>('0' + k);
    std::string all = left;
    std::sort(all.begin(), all.end());
    for (char axis : all)
      if (std::isalpha(static_cast<unsigned char>(axis)) && std::count(all.begin(), all.end(), axis) == 1) result += axis;
  }
  Term all = terms[0];
  for (size_t i = 1; i < terms.size(); ++i) {
    std::string needed = result;
    for (size_t k = i + 1; k < terms.size(); ++k) needed += terms[k].axes;
    all = product(layer, all, terms[i], needed);
  }
  all = summed(layer, all, result);
  for (size_t i = 0; i < result.size(); ++i)
    if (!has(all.axes, result[i]) || has(result.substr(0, i), result[i])) fail({}, "axis '{}' of the result is in no operand, or in the result twice", result[i]);
  layer.result(ordered(layer, all, result).x);
}

}  // namespace net2c::onnx
