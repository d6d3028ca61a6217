// What every operator does: its shape rule and a plain, slow, obviously right implementation (sums in double).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace net2c {

// Type and shape of output 0 (every op has one output). For ops whose output shape is the value's own (Pool, Slice, Resize,
// Reshape, Expand) `wanted` is checked instead of computed. Error: shapes do not fit, with the reason.
struct TypedShape { Type type; Shape shape; };
TypedShape result_of(const Op &, const std::vector<const Value *> &inputs, const Shape &wanted);

// Runs one node on tensors (nullptr: absent). Output has the type and shape of result_of.
Tensor evaluate(const Op &, const std::vector<const Tensor *> &inputs, const Value &output);

}  // namespace net2c
