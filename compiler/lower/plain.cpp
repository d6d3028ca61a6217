#include "lower/plain.h"

#include <algorithm>

#include "kernels/move/move_args.h"
#include "lower/families.h"
#include "ops/common.h"

namespace net2c {

Walk walk_of(const Shape &shape, const std::vector<Ints> &strides)
{
  Walk walk;
  Shape sizes;
  std::vector<Ints> kept(strides.size());
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == 1) continue;
    bool joins = !sizes.empty();
    for (size_t k = 0; k < strides.size() && joins; ++k) joins = kept[k].back() == strides[k][d] * shape[d];
    if (joins) {
      sizes.back() *= shape[d];
      for (size_t k = 0; k < strides.size(); ++k) kept[k].back() = strides[k][d];
    } else {
      sizes.push_back(shape[d]);
      for (size_t k = 0; k < strides.size(); ++k) kept[k].push_back(strides[k][d]);
    }
  }
  const size_t first = 6 - sizes.size();
  walk.steps.resize(strides.size(), {});
  for (size_t d = 0; d < sizes.size(); ++d) {
    walk.size[first + d] = static_cast<uint32_t>(sizes[d]);
    for (size_t k = 0; k < strides.size(); ++k) {
      if (kept[k][d] > INT32_MAX || kept[k][d] < INT32_MIN) throw Unsupported{"an array of more than 2^31 elements"};
      walk.steps[k][first + d] = static_cast<int32_t>(kept[k][d]);
    }
  }
  return walk;
}

uint32_t elements(const Value &v)
{
  const int64_t n = count(v.shape);
  if (n > INT32_MAX) throw Unsupported{"an array of more than 2^31 elements"};
  return static_cast<uint32_t>(n);
}

Shape as_nchw(const Shape &s)
{
  if (s.size() == 2) return {s[0], s[1], 1, 1};
  if (s.size() == 3) return {s[0], s[1], 1, s[2]};
  if (s.size() != 4) bug("shape {} is no feature map", text_of(s));
  return s;
}

void want_f32(const Value &v)
{
  if (v.type != Type::f32) throw Unsupported{std::string("elements of type ") + name_of(v.type)};
}

uint32_t type_code(Type t) { return static_cast<uint32_t>(t); }

uint32_t rows_of(const net2c_map &m) { return m.n * (m.lanes == 8 ? (m.c + 7) / 8 : 1) * m.h; }

uint32_t chunks_of(const net2c_map &m, uint32_t ps_per_float)
{
  return chunks_for(uint64_t{rows_of(m)} * m.w * m.lanes * ps_per_float / 1000, rows_of(m));
}

uint32_t chunks_of(uint64_t n, uint32_t ps_per_element)
{
  return chunks_for(n * ps_per_element / 1000, static_cast<uint32_t>(std::min<uint64_t>(n / 64, 1024)));
}

void permute(Lowering &l, const Node &node, net2c_ref x, const Shape &shape, const Ints &perm, size_t bytes, net2c_ref y,
             std::vector<ValueId> done)
{
  const Ints own = strides_of(shape);
  Shape result;
  Ints from;
  for (int64_t axis : perm) result.push_back(shape[static_cast<size_t>(axis)]), from.push_back(own[static_cast<size_t>(axis)]);
  const Walk walk = walk_of(result, {from, strides_of(result)});
  const uint64_t n = static_cast<uint64_t>(count(shape));
  if (bytes == 4 && walk.steps[0][5] != 1 && walk.steps[0][4] == 1) {
    net2c_transpose_args args{x, y, {}, {}, 0};
    set(args.size, walk.size), set(args.x_step, walk.steps[0]);
    args.chunks = chunks_of(n, 400);
    l.step("transpose", args, args.chunks, node, std::move(done));
    return;
  }
  const uint32_t rows = walk.size[0] * walk.size[1] * walk.size[2] * walk.size[3] * walk.size[4];
  net2c_move_args args{x, y, 0, 0, {}, {}, {}, static_cast<uint32_t>(bytes), 0};
  set(args.size, walk.size), set(args.x_step, walk.steps[0]), set(args.y_step, walk.steps[1]);
  args.chunks = std::min(chunks_of(n, walk.steps[0][5] == 1 ? 100 : 700), rows == 1 ? walk.size[5] : rows);
  l.step("move", args, args.chunks, node, std::move(done));
}

namespace {

void add_gather(Lowering &l, const char *kernel, const Node &node, net2c_ref x, const Shape &shape, size_t axis, net2c_ref index, int64_t n,
                size_t bytes, net2c_ref y, std::vector<ValueId> done)
{
  const auto u = [](int64_t v) { return static_cast<uint32_t>(v); };
  const int64_t outer = product(shape, 0, axis), inner = product(shape, axis + 1, shape.size()), rows = outer * n;
  if (rows * inner > INT32_MAX) throw Unsupported{"an array of more than 2^31 elements"};
  const uint32_t chunks = std::min(chunks_of(static_cast<uint64_t>(rows * inner), inner > 4 ? 200 : 2000), u(rows));
  l.step(kernel, net2c_gather_args{x, y, index, u(outer), u(shape[axis]), u(n), u(inner), static_cast<uint32_t>(bytes), chunks}, chunks, node,
         std::move(done));
}

}  // namespace

void gather(Lowering &l, const Node &node, net2c_ref x, const Shape &shape, size_t axis, const std::vector<uint32_t> &index, size_t bytes,
            net2c_ref y, std::vector<ValueId> done)
{
  add_gather(l, "gather", node, x, shape, axis, l.indices_as_runs(index), static_cast<int64_t>(index.size()), bytes, y, std::move(done));
}

void gather_runtime(Lowering &l, const Node &node, net2c_ref x, const Shape &shape, size_t axis, net2c_ref index, int64_t n, size_t bytes,
                    net2c_ref y, std::vector<ValueId> done)
{
  add_gather(l, "gather_runtime", node, x, shape, axis, index, n, bytes, y, std::move(done));
}

bool nothing_to_do(const Node &node, Lowering &l)
{
  if (count(l.value(node.outputs[0]).shape) != 0) return false;
  l.out_plain(node.outputs[0]);
  return true;
}

}  // namespace net2c
