#include "ops/common.h"

namespace net2c {

TypedShape infer(const ArgMax &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  want_axis(op.axis, x.shape);
  if (x.type == Type::boolean) fail({}, "the largest of bools");
  if (x.shape[static_cast<size_t>(op.axis)] == 0) fail({}, "the largest of an empty axis");
  TypedShape y{Type::i64, x.shape};
  if (op.keep_dims) y.shape[static_cast<size_t>(op.axis)] = 1;
  else y.shape.erase(y.shape.begin() + op.axis);
  return y;
}

Tensor compute(const ArgMax &op, const Tensors &in, const Value &out)
{
  Tensor y(out.type, out.shape);
  const Shape &shape = in[0]->shape;
  const size_t axis = static_cast<size_t>(op.axis);
  const int64_t n = shape[axis], outer = product(shape, 0, axis), inner = product(shape, axis + 1, shape.size());
  with_element(in[0]->type, [&](auto e) {
    using E = decltype(e);
    const auto *x = in[0]->as<typename E::Stored>().data();
    auto to = y.as<int64_t>().begin();
    for (int64_t o = 0; o < outer; ++o)
      for (int64_t i = 0; i < inner; ++i) {
        const auto at = [&](int64_t k) { return E::get(x[(o * n + k) * inner + i]); };
        int64_t best = 0;
        for (int64_t k = 1; k < n; ++k) {
          const auto low = op.least ? at(k) : at(best), high = op.least ? at(best) : at(k);
          if (op.last ? low <= high : low < high) best = k;
        }
        *to++ = best;
      }
  });
  return y;
}

}  // namespace net2c
