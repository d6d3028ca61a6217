// What translators build with: ops on operands, in the name of one layer of the model.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "import/translation.h"

namespace net2c {

class Builder {
 public:
  // layer: the name of the nodes made; stem: that of their values.
  Builder(Translation &translation, std::string layer, std::string stem)
      : translation_(translation), name_(std::move(layer)), stem_(std::move(stem))
  {
  }

  const Shape &shape(Operand x) const { return translation_.value(x).shape; }
  int64_t rank(Operand x) const { return static_cast<int64_t>(shape(x).size()); }
  Type type(Operand x) const { return translation_.value(x).type; }
  const Tensor *constant(Operand x) const { return x == absent ? nullptr : translation_.constant(x); }
  // -rank..rank-1 -> 0..rank-1, or an error.
  int64_t axis(int64_t a, int64_t rank) const;
  std::vector<bool> chosen(const Ints &axes, int64_t rank) const;   // each at most once

  // `wanted` where the op does not determine its shape (ops/ops.h).
  Operand add(Op op, const std::vector<Operand> &inputs, const Shape &wanted = {});
  Operand unary(Unary op, Operand x) { return add(op, {x}); }
  Operand binary(BinaryKind kind, Operand a, Operand b) { return add(Binary{kind}, {a, b}); }
  Operand reshape(Operand x, const Shape &shape) { return add(Reshape{}, {x}, shape); }
  Operand transpose(Operand x, Ints perm) { return add(Transpose{std::move(perm)}, {x}); }
  Operand cast(Operand x, Type to) { return type(x) == to ? x : add(Cast{to}, {x}); }
  Operand constant(Tensor);
  Operand scalar(Type, double);
  // To be called before a constant of this size is made: Error when it is beyond the limits.
  void reserve(const Shape &, Type);

 protected:
  // x under the name `value`: a value that was there before this layer keeps its own, and gets a copy with the new one.
  Operand named(Operand x, std::string value);

  Translation &translation_;
  std::string name_, stem_;

 private:
  std::set<Operand> made_;                      // by this layer, and not yet named
};

}  // namespace net2c
