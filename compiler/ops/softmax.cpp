#include <algorithm>
#include <cmath>
#include <limits>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Softmax &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  want_float(x, "x");
  want_axis(op.axis, x.shape);
  return {x.type, x.shape};
}

Tensor compute(const Softmax &op, const Tensors &in, const Value &out)
{
  std::vector<double> x = in[0]->numbers();
  const size_t axis = static_cast<size_t>(op.axis), rank = out.shape.size();
  const int64_t n = out.shape[axis], inner = product(out.shape, axis + 1, rank), outer = product(out.shape, 0, axis);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < inner; ++i) {
      const auto at = [&](int64_t k) -> double & { return x[static_cast<size_t>((o * n + k) * inner + i)]; };
      double largest = -std::numeric_limits<double>::infinity(), sum = 0;
      for (int64_t k = 0; k < n; ++k) largest = std::max(largest, at(k));
      for (int64_t k = 0; k < n; ++k) sum += std::exp(at(k) - largest);
      for (int64_t k = 0; k < n; ++k) at(k) = op.log ? at(k) - largest - std::log(sum) : std::exp(at(k) - largest) / sum;
    }
  return tensor_of(out, x);
}

}  // namespace net2c
