#include "ops/ops.h"

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Input &, const Values &, const Shape &) { bug("the type and shape of an Input are its value's own"); }
Tensor compute(const Input &, const Tensors &, const Value &output) { bug("Input '{}' is not computed", output.name); }

TypedShape infer(const Constant &op, const Values &inputs, const Shape &)
{
  no_more_than(inputs, 0);
  return {op.data->type, op.data->shape};
}
Tensor compute(const Constant &op, const Tensors &, const Value &) { return *op.data; }

TypedShape result_of(const Op &op, const std::vector<const Value *> &inputs, const Shape &wanted)
{
  TypedShape result = std::visit([&](const auto &o) { return infer(o, inputs, wanted); }, op);
  count(result.shape);
  return result;
}

Tensor evaluate(const Op &op, const std::vector<const Tensor *> &inputs, const Value &output)
{
  return std::visit([&](const auto &o) { return compute(o, inputs, output); }, op);
}

}  // namespace net2c
