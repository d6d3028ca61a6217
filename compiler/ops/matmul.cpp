#include "ops/common.h"

namespace net2c {

namespace {

Shape batch_of(const Shape &shape) { return {shape.begin(), shape.end() - 2}; }

}  // namespace

TypedShape infer(const MatMul &, const Values &inputs, const Shape &)
{
  const Value &a = need(inputs, 0, "a"), &b = need(inputs, 1, "b");
  want_float(a, "a");
  want_type(b, a.type, "b");
  if (a.shape.size() < 2 || b.shape.size() < 2) fail({}, "shapes {} and {} are not matrices", text_of(a.shape), text_of(b.shape));
  const int64_t m = a.shape[a.shape.size() - 2], n = b.shape.back();
  if (a.shape.back() != b.shape[b.shape.size() - 2])
    fail({}, "matrices {} and {} do not fit: {} columns, {} rows", text_of(a.shape), text_of(b.shape), a.shape.back(),
         b.shape[b.shape.size() - 2]);
  TypedShape y{a.type, broadcast(batch_of(a.shape), batch_of(b.shape))};
  y.shape.push_back(m);
  y.shape.push_back(n);
  check_epilogue(inputs, y, n);
  return y;
}

Tensor compute(const MatMul &op, const Tensors &in, const Value &out)
{
  const std::vector<double> a = in[0]->numbers(), b = in[1]->numbers();
  const Finish finish(op.epilogue, in);
  const int64_t m = out.shape[out.shape.size() - 2], n = out.shape.back(), k = in[0]->shape.back();
  Shape batch = batch_of(out.shape);
  batch.push_back(1);  // rows of each_row: one product each
  const auto strides = [&](const Shape &shape) {
    Shape from = batch_of(shape);
    from.push_back(1);
    return broadcast_strides(from, batch);
  };
  std::vector<double> result(static_cast<size_t>(count(out.shape)));
  each_row(batch, {strides(in[0]->shape), strides(in[1]->shape)}, [&](int64_t product, const Ints &from) {
    for (int64_t row = 0; row < m; ++row) {
      const int64_t start = (product * m + row) * n;
      double *sums = result.data() + start;
      for (int64_t i = 0; i < k; ++i) {
        const double factor = a[static_cast<size_t>((from[0] * m + row) * k + i)];
        const double *line = b.data() + (from[1] * k + i) * n;
        for (int64_t j = 0; j < n; ++j) sums[j] += factor * line[j];
      }
      for (int64_t j = 0; j < n; ++j) sums[j] = finish(sums[j], j, start + j);
    }
  });
  return tensor_of(out, result);
}

}  // namespace net2c
