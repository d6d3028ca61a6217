#include "lower/plain.h"

#include <algorithm>

#include "lower/families.h"

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

bool nothing_to_do(const Node &node, Lowering &l)
{
  if (count(l.value(node.outputs[0]).shape) != 0) return false;
  l.out_plain(node.outputs[0]);
  return true;
}

}  // namespace net2c
