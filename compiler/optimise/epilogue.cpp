#include "optimise/epilogue.h"

namespace net2c {

const Epilogue *epilogue_of(const Op &op)
{
  if (const auto *conv = std::get_if<Conv>(&op)) return &conv->epilogue;
  if (const auto *transposed = std::get_if<ConvTranspose>(&op)) return &transposed->epilogue;
  if (const auto *product = std::get_if<MatMul>(&op)) return &product->epilogue;
  return nullptr;
}

bool epilogue_empty(const Node &node)
{
  const Epilogue *epilogue = epilogue_of(node.op);
  return epilogue && epilogue->act.kind == UnaryKind::identity && node.inputs.size() <= epilogue_residual;
}

bool takes_activation(const Op &op)
{
  const auto *norm = std::get_if<Norm>(&op);
  const Epilogue *epilogue = norm && norm->kind == NormKind::instance ? &norm->epilogue : epilogue_of(op);
  return epilogue && epilogue->act.kind == UnaryKind::identity;
}

Op with_activation(Op op, const Unary &act)
{
  if (auto *conv = std::get_if<Conv>(&op)) conv->epilogue.act = act;
  else if (auto *transposed = std::get_if<ConvTranspose>(&op)) transposed->epilogue.act = act;
  else if (auto *product = std::get_if<MatMul>(&op)) product->epilogue.act = act;
  else if (auto *norm = std::get_if<Norm>(&op)) norm->epilogue.act = act;
  else bug("activation of an op without epilogue");
  return op;
}

std::vector<ValueId> epilogue_inputs(const Node &node)
{
  std::vector<ValueId> inputs = node.inputs;
  inputs.resize(epilogue_shift + 1, none);
  return inputs;
}

int64_t channel_axis(const Op &op, const Shape &result)
{
  return std::holds_alternative<MatMul>(op) ? static_cast<int64_t>(result.size()) - 1 : 1;
}

}  // namespace net2c
