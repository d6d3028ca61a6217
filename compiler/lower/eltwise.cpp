// Element by element: functions of one and two operands, select, affine, cast. On C8 maps where the operand of the result's
// shape is one, else on plain arrays.
#include <algorithm>
#include <cmath>
#include <optional>

#include "kernels/act/act_args.h"
#include "kernels/eltwise/eltwise_args.h"
#include "lower/families.h"
#include "lower/plain.h"
#include "ops/common.h"

namespace net2c {

namespace {

static_assert(static_cast<int>(UnaryKind::logical_not) == NET2C_ACT_NOT && static_cast<int>(UnaryKind::clip) == NET2C_ACT_CLIP);
static_assert(static_cast<int>(BinaryKind::logical_xor) == NET2C_BIN_XOR && static_cast<int>(BinaryKind::max) == NET2C_BIN_MAX);
static_assert(static_cast<int>(Type::boolean) == NET2C_TYPE_BOOL && static_cast<int>(Type::i64) == NET2C_TYPE_I64);

// Picoseconds an element, for the cut into chunks only.
uint32_t cost_of(UnaryKind kind)
{
  switch (kind) {
    case UnaryKind::identity: case UnaryKind::relu: case UnaryKind::leaky_relu: case UnaryKind::clip: case UnaryKind::hard_swish:
    case UnaryKind::hard_sigmoid: case UnaryKind::abs: case UnaryKind::neg: return 100;
    case UnaryKind::sin: case UnaryKind::cos: return 4000;
    default: return 500;
  }
}

bool on_map(const Unary &, const Node &node, const Wants &w)
{
  return w.layout(node.inputs[0]) == Layout::c8 && w.graph.values[node.inputs[0]].type == Type::f32;
}

// The second operand of an operation on a C8 map, as wide as the map along some axes and repeated along the others.
struct Operand {
  int map = 0;              // which input has the result's shape
  ValueId other = none;
  Shape shape;              // of the other as [N][C][H][W]
  bool by_channel = false;  // it has the map's channels: vectors of 8 lanes, else one float for all
  bool constant = false;
};

std::optional<Operand> operand_of(const Binary &op, const Node &node, const Wants &w)
{
  const Value &y = w.graph.values[node.outputs[0]];
  const size_t rank = y.shape.size();
  if (y.type != Type::f32 || rank < 2 || rank > 4 || op.kind >= BinaryKind::equal) return std::nullopt;
  for (int i : {0, 1}) {
    const ValueId a = node.inputs[static_cast<size_t>(i)], b = node.inputs[static_cast<size_t>(1 - i)];
    if (w.graph.values[a].shape != y.shape || w.layout(a) != Layout::c8) continue;
    Operand o{i, b, {}, false, constant_of(w.graph, w.uses, b) != nullptr};
    Shape aligned(rank, 1);
    const Shape &own = w.graph.values[b].shape;
    std::copy(own.begin(), own.end(), aligned.end() - static_cast<ptrdiff_t>(own.size()));
    o.shape = as_nchw(aligned);
    o.by_channel = o.shape[1] != 1;
    // A vector of the app's or of a step, of fewer axes than the map, would have to be moved first.
    if (o.by_channel && !o.constant && own.size() != rank) return std::nullopt;
    return o;
  }
  return std::nullopt;
}

// [N][C][H][W] as dense C8: vectors of 8 channels.
std::vector<float> packed(const Tensor &t, const Shape &s)
{
  const auto x = t.as<float>();
  const int64_t blocks = (s[1] + 7) / 8, plane = s[2] * s[3];
  std::vector<float> y(static_cast<size_t>(s[0] * blocks * plane * 8));
  for (int64_t n = 0; n < s[0]; ++n)
    for (int64_t c = 0; c < s[1]; ++c)
      for (int64_t i = 0; i < plane; ++i)
        y[static_cast<size_t>(((n * blocks + c / 8) * plane + i) * 8 + c % 8)] = x[static_cast<size_t>((n * s[1] + c) * plane + i)];
  return y;
}

// Where the other operand lies and how far its images, blocks, rows and pixels are apart.
void place(const Operand &o, Lowering &l, net2c_binary_map_args &args)
{
  const Shape &s = o.shape;
  auto u = [](int64_t x) { return static_cast<uint32_t>(x); };
  int64_t image = s[1] * s[2] * s[3], plane = 0, row = s[3], pixel = 1;
  args.b_lanes = 1;
  if (o.by_channel && o.constant) {
    args.b = l.weights(packed(*l.constant(o.other), s), o.other);
    args.b_lanes = 8, pixel = 8, row = 8 * s[3], plane = row * s[2], image = plane * ((s[1] + 7) / 8);
  } else if (o.by_channel) {
    const net2c_map m = l.c8(o.other);
    args.b = m.base, args.b_first = (m.top * m.pitch + m.left) * 8;
    args.b_lanes = 8, pixel = 8, row = int64_t{m.pitch} * 8, plane = int64_t{m.plane} * 8, image = int64_t{m.image} * 8;
  } else {
    args.b = l.plain(o.other);
  }
  args.b_image = s[0] == 1 ? 0 : u(image), args.b_plane = u(plane);
  args.b_row = s[2] == 1 ? 0 : u(row), args.b_pixel = s[3] == 1 ? 0 : u(pixel);
}

// x to the power of 2 or 1/2, which have their own instructions.
std::optional<float> exponent_of(const Binary &op, const Node &node, const Graph &g, const Uses &uses)
{
  if (op.kind != BinaryKind::pow || g.values[node.outputs[0]].shape != g.values[node.inputs[0]].shape) return std::nullopt;
  const Tensor *t = constant_of(g, uses, node.inputs[1]);
  if (!t || t->type != Type::f32 || t->size() != 1) return std::nullopt;
  return t->as<float>()[0];
}

}  // namespace

Layout layout_of(const Unary &op, const Node &node, const Wants &w) { return on_map(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Unary &op, const Node &node, Wants &w)
{
  if (on_map(op, node, w)) w.c8(node.inputs[0]);
}

void lower(const Unary &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  const uint32_t act = static_cast<uint32_t>(op.kind);
  if (nothing_to_do(node, l)) return;
  if (on_map(op, node, l.wants)) {
    const net2c_map from = l.c8(x), to = l.out_c8(y, x);
    const uint32_t chunks = chunks_of(from, cost_of(op.kind));
    l.step("act", net2c_act_args{from, to, act, op.a, op.b, chunks}, chunks, node, {y});
    return;
  }
  if (op.kind == UnaryKind::identity) {
    l.alias_plain(y, x);
    return;
  }
  const uint32_t n = elements(v), chunks = chunks_of(n, cost_of(op.kind));
  const net2c_ref from = l.plain(x);
  if (v.type == Type::f32) {
    l.step("act_plain", net2c_act_plain_args{from, l.out_plain(y, x), n, act, op.a, op.b, chunks}, chunks, node, {y});
    return;
  }
  if (v.type == Type::f16 || v.type == Type::f64) throw Unsupported{std::string("elements of type ") + name_of(v.type)};
  const auto bound = [](float f) { return static_cast<int32_t>(std::clamp(std::trunc(static_cast<double>(f)), -2147483648.0, 2147483647.0)); };
  if (op.kind == UnaryKind::clip && (size_of(v.type) == 8 || v.type == Type::u32) &&
      (std::fabs(static_cast<double>(op.a)) > 2147483647.0 || std::fabs(static_cast<double>(op.b)) > 2147483647.0))
    throw Unsupported{"bounds of 32 bits and more on integers"};
  l.step("act_integer", net2c_act_integer_args{from, l.out_plain(y, x), n, act, type_code(v.type), bound(op.a), bound(op.b), chunks}, chunks,
         node, {y});
}

Layout layout_of(const Binary &op, const Node &node, const Wants &w) { return operand_of(op, node, w) ? Layout::c8 : Layout::plain; }

void want(const Binary &op, const Node &node, Wants &w)
{
  const auto o = operand_of(op, node, w);
  if (!o) return;
  w.c8(node.inputs[static_cast<size_t>(o->map)]);
  if (o->by_channel && !o->constant) w.c8(o->other);
}

void lower(const Binary &op, const Node &node, Lowering &l)
{
  const ValueId y = node.outputs[0];
  if (nothing_to_do(node, l)) return;
  const auto exponent = exponent_of(op, node, l.graph, l.wants.uses);
  const uint32_t kind = static_cast<uint32_t>(op.kind);
  const bool slow = op.kind == BinaryKind::pow || op.kind == BinaryKind::mod || op.kind == BinaryKind::fmod;
  const uint32_t cost = slow ? 10000 : 150;
  if (const auto o = operand_of(op, node, l.wants)) {
    const ValueId map = node.inputs[static_cast<size_t>(o->map)];
    net2c_binary_map_args args{};
    args.a = l.c8(map);
    if (exponent == 0.5f) {
      args.y = l.out_c8(y, map);
      const uint32_t chunks = chunks_of(args.a, 500);
      l.step("act", net2c_act_args{args.a, args.y, NET2C_ACT_SQRT, 0, 0, chunks}, chunks, node, {y});
      return;
    }
    const bool square = exponent == 2.0f;
    if (square) place({0, map, as_nchw(l.value(map).shape), true, false}, l, args);
    else place(*o, l, args);
    args.kind = square ? uint32_t{NET2C_BIN_MUL} : kind;
    args.swap = o->map == 1;
    // The result may take the place of either operand that is not read again; the shorter-lived is the better bet.
    const bool other_is_map = o->by_channel && !o->constant && l.value(o->other).shape == l.value(y).shape;
    args.y = l.out_c8(y, other_is_map && l.wants.uses.readers[map].size() > 1 ? o->other : map);
    args.chunks = chunks_of(args.a, cost);
    const bool commutes = args.kind == NET2C_BIN_ADD || args.kind == NET2C_BIN_MUL;
    l.step(!commutes ? "binary_map" : args.kind == NET2C_BIN_ADD ? "add_map" : "mul_map", args, args.chunks, node, {y});
    return;
  }
  const Value &a = l.value(node.inputs[0]), &b = l.value(node.inputs[1]), &result = l.value(y);
  if (a.type == Type::f16 || (a.type == Type::f64 && slow) || a.type == Type::u64)
    throw Unsupported{std::string("elements of type ") + name_of(a.type)};
  const uint32_t n = elements(result);
  const Walk walk = walk_of(result.shape, {broadcast_strides(a.shape, result.shape), broadcast_strides(b.shape, result.shape)});
  net2c_binary_plain_args args{};
  args.a = l.plain(node.inputs[0]), args.b = l.plain(node.inputs[1]);
  args.y = l.out_plain(y, a.shape == result.shape ? node.inputs[0] : b.shape == result.shape ? node.inputs[1] : none);
  set(args.size, walk.size), set(args.a_step, walk.steps[0]), set(args.b_step, walk.steps[1]);
  args.kind = kind, args.type = type_code(a.type);
  if (exponent == 2.0f) args.kind = NET2C_BIN_MUL, args.b = args.a, set(args.b_step, walk.steps[0]);
  args.chunks = chunks_of(n, a.type == Type::f32 && op.kind < BinaryKind::equal ? cost : 1000);
  const char *kernel = op.kind >= BinaryKind::equal ? "compare_plain" : a.type == Type::f32 ? "binary_plain" : a.type == Type::f64 ? "binary_double" : "binary_integer";
  l.step(kernel, args, args.chunks, node, {y});
}

Layout layout_of(const Select &, const Node &, const Wants &) { return Layout::plain; }
void want(const Select &, const Node &, Wants &) {}

void lower(const Select &, const Node &node, Lowering &l)
{
  const Value &y = l.value(node.outputs[0]);
  if (nothing_to_do(node, l)) return;
  const uint32_t n = elements(y), chunks = chunks_of(n, 800);
  std::vector<Ints> strides;
  for (ValueId v : node.inputs) strides.push_back(broadcast_strides(l.value(v).shape, y.shape));
  const Walk walk = walk_of(y.shape, strides);
  net2c_select_plain_args args{};
  args.condition = l.plain(node.inputs[0]), args.yes = l.plain(node.inputs[1]), args.no = l.plain(node.inputs[2]);
  args.y = l.out_plain(node.outputs[0]);
  set(args.size, walk.size), set(args.condition_step, walk.steps[0]), set(args.yes_step, walk.steps[1]), set(args.no_step, walk.steps[2]);
  args.bytes = static_cast<uint32_t>(size_of(y.type)), args.chunks = chunks;
  l.step("select_plain", args, chunks, node, {node.outputs[0]});
}

Layout layout_of(const Affine &, const Node &node, const Wants &w)
{
  return w.layout(node.inputs[0]) == Layout::c8 ? Layout::c8 : Layout::plain;
}

void want(const Affine &op, const Node &node, Wants &w)
{
  if (layout_of(op, node, w) == Layout::c8) w.c8(node.inputs[0]);
}

void affine(Lowering &l, const Node &node, ValueId x, ValueId y, net2c_ref scale, net2c_ref shift)
{
  const Value &v = l.value(x);
  want_f32(v);
  if (l.wants.layout(y) == Layout::c8) {
    net2c_affine_args args{l.c8(x), l.out_c8(y, x), scale, shift, 0};
    args.chunks = chunks_of(args.x, 100);
    l.step("affine", args, args.chunks, node, {y});
    return;
  }
  const uint32_t n = elements(v), c = static_cast<uint32_t>(v.shape[1]);
  net2c_affine_plain_args args{};
  args.x = l.plain(x), args.scale = scale, args.shift = shift, args.y = l.out_plain(y, x);
  args.n = static_cast<uint32_t>(v.shape[0]), args.c = c, args.inner = n / (args.n * c);
  args.chunks = std::min(chunks_of(n, 200), args.inner == 1 ? args.n : args.n * c);
  l.step("affine_plain", args, args.chunks, node, {y});
}

void lower(const Affine &, const Node &node, Lowering &l)
{
  if (nothing_to_do(node, l)) return;
  affine(l, node, node.inputs[0], node.outputs[0], l.plain(node.inputs[1]), l.plain(node.inputs[2]));
}

Layout layout_of(const Cast &, const Node &, const Wants &) { return Layout::plain; }
void want(const Cast &, const Node &, Wants &) {}

void lower(const Cast &op, const Node &node, Lowering &l)
{
  const ValueId x = node.inputs[0], y = node.outputs[0];
  const Value &v = l.value(x);
  if (v.type == op.to) {
    l.alias_plain(y, x);
    return;
  }
  if (nothing_to_do(node, l)) return;
  if (v.type == Type::f16 || op.to == Type::f16) throw Unsupported{"elements of type f16"};
  const uint32_t n = elements(v), chunks = chunks_of(n, 1000);
  const net2c_ref from = l.plain(x);
  l.step("cast", net2c_cast_args{from, l.out_plain(y), n, type_code(v.type), type_code(op.to), chunks}, chunks, node, {y});
}

}  // namespace net2c
