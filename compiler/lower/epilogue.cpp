#include "lower/epilogue.h"

#include <limits>
#include <numeric>

#include "kernels/act/act_args.h"
#include "kernels/move/move_args.h"
#include "lower/pack.h"
#include "lower/plain.h"

namespace net2c {

static_assert(NET2C_ACT_NOT == static_cast<int>(UnaryKind::logical_not), "act_args.h and UnaryKind number the same functions");

net2c_ref packed(ValueId v, const Node &node, Lowering &l, const Packer &pack)
{
  if (const Tensor *data = l.constant(v)) return l.weights(pack(*data), v);
  // What is packed in their stead are their positions, from 1 on, in the bits of floats.
  const Value &value = l.value(v);
  want_f32(value);
  Tensor positions(Type::u32, value.shape);
  std::iota(positions.as<uint32_t>().begin(), positions.as<uint32_t>().end(), 1u);
  positions.type = Type::f32;
  const std::vector<float> table = pack(positions);
  const net2c_ref x = l.plain(v), y = l.buffer(value.name + ".packed", table.size() * 4);
  const uint32_t n = static_cast<uint32_t>(table.size()), chunks = chunks_of(n, 500);
  l.step("pack", net2c_pack_args{x, y, l.weights(table), n, chunks}, chunks, node, {});
  return y;
}

PackedWeights constant_weights(const std::vector<float> &packed, ValueId source, const Node &node, Lowering &l)
{
  if (!l.wants_halves()) return {l.weights(packed, source), false};
  std::vector<uint16_t> halves(packed.size());
  for (size_t i = 0; i < packed.size(); ++i) {
    halves[i] = float_to_half(packed[i]);
    if ((halves[i] & 0x7c00) == 0x7c00)
      fail({.file = l.graph.name, .layer = node.name}, "its weights '{}' hold {}, which is no number of half precision (up to 65504); compile without --weights fp16",
           l.value(source).name, packed[i]);
  }
  return {l.weights(std::as_bytes(std::span(halves)), source), true};
}

PackedWeights packed_weights(ValueId v, const Node &node, Lowering &l, const Packer &pack)
{
  if (const Tensor *data = l.constant(v)) return constant_weights(pack(*data), v, node, l);
  return {packed(v, node, l, pack), false};
}

net2c_ref packed_vector(ValueId v, const Node &node, Lowering &l, int64_t channels, int64_t multiple)
{
  if (v == none) return l.weights(pad_vector(nullptr, channels, multiple));
  return packed(v, node, l, [&](const Tensor &t) { return pad_vector(&t, channels, multiple); });
}

EpilogueChoice choose_epilogue(const Epilogue &e, const Node &node, Lowering &l, int64_t channels, int64_t multiple)
{
  constexpr float infinity = std::numeric_limits<float>::infinity();
  EpilogueChoice c{static_cast<uint32_t>(e.act.kind), e.act.a, e.act.b, NET2C_NONE, NET2C_NONE};
  if (e.act.kind == UnaryKind::relu) c = {NET2C_ACT_CLIP, 0, infinity, NET2C_NONE, NET2C_NONE};
  else if (e.act.kind == UnaryKind::identity) c = {NET2C_ACT_CLIP, -infinity, infinity, NET2C_NONE, NET2C_NONE};
  if (operand(node, epilogue_scale) != none) {
    c.scale = packed_vector(operand(node, epilogue_scale), node, l, channels, multiple);
    c.shift = packed_vector(operand(node, epilogue_shift), node, l, channels, multiple);
  }
  return c;
}

}  // namespace net2c
