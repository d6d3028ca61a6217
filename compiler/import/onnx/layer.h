// One node of the model as its translator sees it: inputs, attributes by the version of its operator, results.
// User mistakes are thrown without a place (`fail({}, ...)`): whoever calls the translator adds file, layer and op.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>

#include "import/onnx/translation.h"

namespace net2c::onnx {

class Layer {
 public:
  // name: of the nodes made. operands: one for each input. used: for each output, whether anybody reads it.
  Layer(Translation &, const NodeRecord &, int64_t version, std::string name, std::vector<Operand> operands, std::vector<bool> used);

  const int64_t version;     // of the operator set

  // Inputs. An absent one is an error for the functions that have no "maybe".
  size_t inputs() const { return operands_.size(); }
  Operand in(size_t i) const;
  Operand maybe(size_t i) const { return i < operands_.size() ? operands_[i] : absent; }
  const Shape &shape(Operand x) const { return translation_.value(x).shape; }
  int64_t rank(Operand x) const { return static_cast<int64_t>(shape(x).size()); }
  Type type(Operand x) const { return translation_.value(x).type; }
  const Tensor *constant(Operand x) const { return x == absent ? nullptr : translation_.constant(x); }
  // The data of input i, which must be known now; `what` names the input as the operator's documentation does.
  const Tensor &known(size_t i, const char *what) const;
  Ints known_integers(size_t i, const char *what) const;
  double known_number(size_t i, const char *what) const;

  // Attributes. One that nobody asks for is reported as unsupported, so that none is passed over in silence.
  bool has(const char *name) { return find(name, nullptr) != nullptr; }
  int64_t integer(const char *name, int64_t otherwise);
  float real(const char *name, float otherwise);
  std::string text(const char *name, const char *otherwise);
  std::optional<Ints> integers(const char *name);
  std::optional<std::vector<float>> reals(const char *name);
  const TensorRecord *tensor(const char *name);
  void ignore(std::initializer_list<const char *> names);     // of no meaning for inference
  std::string unread_attribute() const;                       // empty: all were read
  // Axes, by attribute before `since`, by input i from then on. nullopt: not given.
  std::optional<Ints> axes(int64_t since, size_t i);
  // -rank..rank-1 -> 0..rank-1, or an error.
  int64_t axis(int64_t a, int64_t rank) const;
  std::vector<bool> chosen(const Ints &axes, int64_t rank) const;   // each at most once

  // Building. `wanted` where the op does not determine its shape (ops/ops.h).
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

  // Results.
  size_t outputs() const { return used_.size(); }
  bool used(size_t i) const { return i < used_.size() && used_[i]; }
  void only_output();                           // unsupported when another than the first is used
  void result(Operand x) { result(0, x); }
  void result(size_t i, Operand x);
  Operand result_of(size_t i) const { return i < results_.size() ? results_[i] : absent; }

 private:
  const Attribute *find(const char *name, const Attribute::Kind *kind);
  std::string input_text(size_t i, const char *what) const;

  Translation &translation_;
  const NodeRecord &node_;
  std::string name_;
  std::vector<Operand> operands_;
  std::vector<bool> used_;
  std::vector<Operand> results_;
  std::set<std::string_view> read_;
  std::set<Operand> made_;                      // by this layer, and not yet one of its results
};

using Translator = void (*)(Layer &);
Translator translator_of(std::string_view op_type);   // nullptr: not supported

}  // namespace net2c::onnx
