#include "lower/epilogue.h"

#include <limits>

#include "kernels/act/act_args.h"
#include "lower/families.h"
#include "lower/pack.h"

namespace net2c {

static_assert(NET2C_ACT_NOT == static_cast<int>(UnaryKind::logical_not), "act_args.h and UnaryKind number the same functions");

const Tensor &constant_operand(const Node &node, int i, const char *what, const Lowering &l)
{
  const Tensor *t = l.constant(node.inputs[static_cast<size_t>(i)]);
  if (!t) throw Unsupported{std::string(what) + " that are not constant; bake them with --const"};
  return *t;
}

EpilogueChoice choose_epilogue(const Epilogue &e, const Node &node, Lowering &l, int64_t channels, int64_t multiple)
{
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EpilogueChoice c{static_cast<uint32_t>(e.act.kind), e.act.a, e.act.b, NET2C_NONE, NET2C_NONE};
  if (e.act.kind == UnaryKind::relu) c = {NET2C_ACT_CLIP, 0, infinity, NET2C_NONE, NET2C_NONE};
  else if (e.act.kind == UnaryKind::identity) c = {NET2C_ACT_CLIP, -infinity, infinity, NET2C_NONE, NET2C_NONE};
  if (operand(node, epilogue_scale) != none) {
    c.scale = l.weights(pad_vector(&constant_operand(node, epilogue_scale, "scales", l), channels, multiple), operand(node, epilogue_scale));
    c.shift = l.weights(pad_vector(&constant_operand(node, epilogue_shift, "shifts", l), channels, multiple), operand(node, epilogue_shift));
  }
  return c;
}

}  // namespace net2c
