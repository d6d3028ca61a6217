// One function of the graph as its translator sees it: inputs, attributes, results.
// User mistakes are thrown without a place (`fail({}, ...)`): whoever calls the translator adds file, layer and function.
#pragma once

#include <initializer_list>
#include <optional>
#include <set>

#include "import/builder.h"
#include "import/chainer/records.h"

namespace net2c::chainer {

class Layer : public Builder {
 public:
  Layer(Translation &, const FunctionRecord &, std::vector<Operand> operands);

  size_t inputs() const { return operands_.size(); }
  Operand in(size_t i) const;
  Operand maybe(size_t i) const { return i < operands_.size() ? operands_[i] : absent; }

  // Attributes; null is as good as absent. One that nobody asks for is reported as unsupported, so that none is passed over in
  // silence.
  bool has(const char *name) { return find(name) != nullptr; }
  int64_t integer(const char *name, int64_t otherwise);
  int64_t integer(const char *name);                          // must be there
  double real(const char *name, double otherwise);
  double real(const char *name);                              // must be there
  bool flag(const char *name, bool otherwise);
  std::string text(const char *name, const char *otherwise);
  std::optional<Ints> integers(const char *name);             // one number counts as a list
  const nlohmann::json &json(const char *name);               // must be there
  std::string unread_attribute() const;                       // empty: all were read
  // Attribute `name` as axes of x, sorted; all of them where it is null.
  Ints axes(const char *name, Operand x);

  // Results.
  size_t outputs() const { return record_.outputs.size(); }
  void result(Operand x) { result(0, x); }
  void result(size_t i, Operand x);
  Operand result_of(size_t i) const { return results_[i]; }

 private:
  const nlohmann::json *find(const char *name);

  const FunctionRecord &record_;
  std::vector<Operand> operands_, results_;
  std::set<std::string> read_;
};

using Translator = void (*)(Layer &);
Translator translator_of(std::string_view function);   // nullptr: not supported

// An integer of JSON, of a size that sums of two do not overflow.
int64_t integer_of(const nlohmann::json &, const char *name);

}  // namespace net2c::chainer
