#include <algorithm>
#include <cmath>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Attention &op, const Values &inputs, const Shape &)
{
  const Value &q = need(inputs, 0, "q"), &k = need(inputs, 1, "k"), &v = need(inputs, 2, "v");
  no_more_than(inputs, 4);
  want_float(q, "q");
  for (const Value *other : {&k, &v}) want_type(*other, q.type, "k or v");
  if (!std::isfinite(op.scale)) fail({}, "a scale of {}", op.scale);
  const size_t rank = q.shape.size();
  const auto batch = [](const Value &x) { return Shape(x.shape.begin(), x.shape.end() - 2); };
  if (rank < 2 || k.shape.size() != rank || v.shape.size() != rank || batch(k) != batch(q) || batch(v) != batch(q) ||
      k.shape[rank - 1] != q.shape[rank - 1] || v.shape[rank - 2] != k.shape[rank - 2])
    fail({}, "q {}, k {} and v {} do not fit", text_of(q.shape), text_of(k.shape), text_of(v.shape));
  if (k.shape[rank - 2] == 0) fail({}, "attention to nothing");
  if (const Value *bias = input(inputs, 3)) {
    Shape scores = q.shape;
    scores.back() = k.shape[rank - 2];
    want_type(*bias, q.type, "bias");
    if (bias->shape.size() > rank || broadcast(bias->shape, scores) != scores) fail({}, "bias {} does not fit scores {}", text_of(bias->shape), text_of(scores));
  }
  TypedShape y{q.type, q.shape};
  y.shape.back() = v.shape.back();
  return y;
}

Tensor compute(const Attention &op, const Tensors &in, const Value &out)
{
  const std::vector<double> q = in[0]->numbers(), k = in[1]->numbers(), v = in[2]->numbers();
  const size_t rank = out.shape.size();
  const int64_t m = out.shape[rank - 2], n = in[1]->shape[rank - 2], depth = in[0]->shape.back(), width = out.shape.back();
  std::vector<double> y(static_cast<size_t>(count(out.shape))), scores(static_cast<size_t>(n));
  std::vector<double> bias(static_cast<size_t>(product(out.shape, 0, rank - 1) * n));
  if (input(in, 3)) {
    Shape all = out.shape;
    all.back() = n;
    const std::vector<double> given = in[3]->numbers();
    const Ints strides = broadcast_strides(in[3]->shape, all);
    each_row(all, {strides}, [&](int64_t at, const Ints &from) {
      for (int64_t j = 0; j < n; ++j) bias[static_cast<size_t>(at + j)] = given[static_cast<size_t>(from[0] + j * strides.back())];
    });
  }
  for (int64_t row = 0; row < product(out.shape, 0, rank - 1); ++row) {
    const double *from = q.data() + row * depth, *keys = k.data() + row / m * n * depth, *values = v.data() + row / m * n * width;
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    for (int64_t j = 0; j < n; ++j) {
      double score = 0;
      for (int64_t d = 0; d < depth; ++d) score += from[d] * keys[j * depth + d];
      scores[static_cast<size_t>(j)] = static_cast<double>(op.scale) * score + bias[static_cast<size_t>(row * n + j)];
      most = std::max(most, scores[static_cast<size_t>(j)]);
    }
    for (double &score : scores) sum += score = std::exp(score - most);
    for (int64_t j = 0; j < n; ++j)
      for (int64_t d = 0; d < width; ++d) y[static_cast<size_t>(row * width + d)] += scores[static_cast<size_t>(j)] / sum * values[j * width + d];
  }
  return tensor_of(out, y);
}

}  // namespace net2c
