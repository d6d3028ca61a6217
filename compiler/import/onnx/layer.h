// One node of the model as its translator sees it: inputs, attributes by the version of its operator, results.
// User mistakes are thrown without a place (`fail({}, ...)`): whoever calls the translator adds file, layer and op.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>

#include "import/builder.h"
#include "import/onnx/records.h"

namespace net2c::onnx {

class Layer : public Builder {
 public:
  // name: of the nodes made. operands: one for each input. used: for each output, whether anybody reads it.
  Layer(Translation &, const NodeRecord &, int64_t version, std::string name, std::vector<Operand> operands, std::vector<bool> used);

  const int64_t version;     // of the operator set

  // Inputs. An absent one is an error for the functions that have no "maybe".
  size_t inputs() const { return operands_.size(); }
  Operand in(size_t i) const;
  Operand maybe(size_t i) const { return i < operands_.size() ? operands_[i] : absent; }
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

  const NodeRecord &node_;
  std::vector<Operand> operands_;
  std::vector<bool> used_;
  std::vector<Operand> results_;
  std::set<std::string_view> read_;
};

using Translator = void (*)(Layer &);
Translator translator_of(std::string_view op_type);   // nullptr: not supported

}  // namespace net2c::onnx
