// Nodes that only scale and shift each channel by constants, however they are spelled: batch norm, Affine, arithmetic.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "optimise/edit.h"

namespace net2c {

// y = x * scale[c] + shift[c] along one axis. In double: a chain of them is rounded once, where it ends.
struct Linear {
  ValueId x = none;
  std::vector<double> scale, shift;
  bool only_shifts() const;
  bool changes_nothing() const;
};

// The node as a Linear along `axis` of its result (f32, the shape of x), if it is one.
std::optional<Linear> linear_of(const Editor &, NodeId, int64_t axis);

Linear then(const Linear &first, const Linear &second);

// The chain of such nodes behind `v`, whose links nobody else reads. nodes is empty when there is none.
struct LinearChain {
  Linear all;
  std::vector<NodeId> nodes;  // in order
};
LinearChain chain_after(const Editor &, ValueId v, int64_t axis);

// The chain that ends with `v`; its links, v too, are read by nobody else.
LinearChain chain_before(const Editor &, ValueId v, int64_t axis);

Tensor rounded(std::span<const double>);  // f32, rank 1
Tensor rounded(std::span<const double>, Shape);

// f32 constant of n numbers as doubles; nullopt: not constant, or `v` of another size.
std::optional<std::vector<double>> vector_of(const Editor &, ValueId v, int64_t n);

}  // namespace net2c
