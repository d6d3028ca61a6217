#include <algorithm>
#include <cmath>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Norm &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  want_float(x, "x");
  if (op.kind != NormKind::instance && op.epilogue.act.kind != UnaryKind::identity) fail({}, "an activation behind a normalisation of this kind");
  const auto parameter = [&](size_t i, const char *what, const Shape &shape) {
    const Value &v = need(inputs, i, what);
    want_type(v, x.type, what);
    want_shape(v, shape, what);
  };
  if (op.kind == NormKind::layer) {
    no_more_than(inputs, 3);
    want_axis(op.axis, x.shape);
    const Shape axes(x.shape.begin() + op.axis, x.shape.end());
    if (input(inputs, 1)) parameter(1, "scale", axes);
    if (input(inputs, 2)) parameter(2, "bias", axes);
    return {x.type, x.shape};
  }
  want_axis(1, x.shape);
  if (op.kind == NormKind::lrn) {
    no_more_than(inputs, 1);
    want_between("size", op.size, 1, window_limit);
    return {x.type, x.shape};
  }
  no_more_than(inputs, op.kind == NormKind::batch ? 5 : 3);
  const bool optional = op.kind == NormKind::channel;
  if (!optional || input(inputs, 1)) parameter(1, "scale", {x.shape[1]});
  if (!optional || input(inputs, 2)) parameter(2, "bias", {x.shape[1]});
  if (op.kind == NormKind::batch) {
    parameter(3, "mean", {x.shape[1]});
    parameter(4, "variance", {x.shape[1]});
  }
  return {x.type, x.shape};
}

namespace {

// n numbers, `step` apart, become (x - mean) / sqrt(variance + epsilon), with their own statistics.
void standardise(double *x, size_t n, size_t step, double epsilon)
{
  double mean = 0, squares = 0;
  for (size_t i = 0; i < n; ++i) mean += x[i * step];
  mean /= static_cast<double>(n);
  for (size_t i = 0; i < n; ++i) squares += (x[i * step] - mean) * (x[i * step] - mean);
  const double deviation = std::sqrt(squares / static_cast<double>(n) + epsilon);
  for (size_t i = 0; i < n; ++i) x[i * step] = (x[i * step] - mean) / deviation;
}

void local_response(const Norm &op, const Shape &shape, std::vector<double> &x)
{
  const int64_t channels = shape[1], plane = product(shape, 2, shape.size());
  const std::vector<double> from = x;
  for (int64_t n = 0; n < shape[0]; ++n)
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t i = 0; i < plane; ++i) {
        const auto at = [&](int64_t channel) { return static_cast<size_t>((n * channels + channel) * plane + i); };
        double squares = 0;
        for (int64_t k = std::max<int64_t>(0, c - (op.size - 1) / 2); k <= std::min(channels - 1, c + op.size / 2); ++k)
          squares += from[at(k)] * from[at(k)];
        const double base = static_cast<double>(op.k) + static_cast<double>(op.alpha) / static_cast<double>(op.size) * squares;
        x[at(c)] = from[at(c)] / std::pow(base, static_cast<double>(op.beta));
      }
}

}  // namespace

Tensor compute(const Norm &op, const Tensors &in, const Value &out)
{
  std::vector<double> x = in[0]->numbers();
  if (op.kind == NormKind::lrn) {
    local_response(op, out.shape, x);
    return tensor_of(out, x);
  }
  const auto numbers = [&](size_t i) { return input(in, i) ? in[i]->numbers() : std::vector<double>{}; };
  const std::vector<double> scale = numbers(1), bias = numbers(2), mean = numbers(3), variance = numbers(4);
  const double epsilon = static_cast<double>(op.epsilon);
  const size_t rank = out.shape.size();
  // An element's parameters are number i / run % parameters.
  size_t run = 1, parameters = 1;
  if (op.kind == NormKind::layer) {
    parameters = static_cast<size_t>(product(out.shape, static_cast<size_t>(op.axis), rank));
  } else {
    run = static_cast<size_t>(product(out.shape, 2, rank));
    parameters = static_cast<size_t>(out.shape[1]);
  }
  if (op.kind == NormKind::channel) {
    for (size_t image = 0; image < x.size(); image += parameters * run)
      for (size_t i = 0; i < run; ++i) standardise(&x[image + i], parameters, run, epsilon);
  } else if (op.kind != NormKind::batch) {
    const size_t n = op.kind == NormKind::layer ? parameters : run;
    for (size_t i = 0; i < x.size(); i += n) standardise(&x[i], n, 1, epsilon);
  }
  for (size_t i = 0; i < x.size(); ++i) {
    const size_t p = i / run % parameters;
    if (op.kind == NormKind::batch) x[i] = (x[i] - mean[p]) / std::sqrt(variance[p] + epsilon);
    if (!scale.empty()) x[i] *= scale[p];
    if (!bias.empty()) x[i] += bias[p];
    x[i] = apply(op.epilogue.act, x[i]);
  }
  return tensor_of(out, x);
}

}  // namespace net2c
