// What the lowerings of plain arrays and maps share.
#pragma once

#include "lower/lower.h"

namespace net2c {

// A walk over a result: axes of size 1 gone, axes merged where every operand allows it, padded to six in front.
struct Walk {
  uint32_t size[6] = {1, 1, 1, 1, 1, 1};
  std::vector<std::array<int32_t, 6>> steps;   // of each operand
};
// strides: for each operand, its distance in elements along each axis of `shape`.
Walk walk_of(const Shape &shape, const std::vector<Ints> &strides);

uint32_t elements(const Value &);              // Unsupported beyond 32 bits
Shape as_nchw(const Shape &);                  // rank 2: [N][C][1][1], rank 3: [N][C][1][W]
void want_f32(const Value &);                  // Unsupported{type}
uint32_t type_code(Type);                      // NET2C_TYPE_*

// Rows of a map (all blocks and images), and chunks for work of some picoseconds a float.
uint32_t rows_of(const net2c_map &);
uint32_t chunks_of(const net2c_map &, uint32_t ps_per_float);
uint32_t chunks_of(uint64_t elements, uint32_t ps_per_element);

template <size_t N>
void set(int32_t (&to)[N], const std::array<int32_t, N> &from)
{
  std::copy(from.begin(), from.end(), to);
}
inline void set(uint32_t (&to)[6], const uint32_t (&from)[6]) { std::copy(from, from + 6, to); }

// y, dense, with axis i of x's axis perm[i]; elements of `bytes`.
void permute(Lowering &, const Node &, net2c_ref x, const Shape &shape, const Ints &perm, size_t bytes, net2c_ref y, std::vector<ValueId> done);

// y = x of that shape, gathered along one axis.
void gather(Lowering &, const Node &, net2c_ref x, const Shape &shape, size_t axis, const std::vector<uint32_t> &index, size_t bytes,
            net2c_ref y, std::vector<ValueId> done);
// The same with n indices (i64) that are known at run time only.
void gather_runtime(Lowering &, const Node &, net2c_ref x, const Shape &shape, size_t axis, net2c_ref index, int64_t n, size_t bytes,
                    net2c_ref y, std::vector<ValueId> done);

// A picture of the app, padded by its own pixels, that only first layers read: it has no step of its own, they have it padded as they want it (pad_image).
bool is_padded_picture(const Pad &, const Node &, const Wants &);
void pad_image(Lowering &, const Node &, const Pad &, ValueId x, const net2c_map &y);

// y = fma(x, scale[c], shift[c]) over axis 1 (eltwise.cpp), on a map where x is one.
void affine(Lowering &, const Node &, ValueId x, ValueId y, net2c_ref scale, net2c_ref shift);

// A result without elements has a place and no step.
bool nothing_to_do(const Node &, Lowering &);

}  // namespace net2c
