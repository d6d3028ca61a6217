// The state of an import: what each name of the model stands for in the Graph. Constants stay out of the graph until an op
// that cannot be folded reads them, so nothing unused gets in.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "graph/graph.h"
#include "import/import.h"

namespace net2c {

// A form of an operator that is not supported: collected, so that one message lists all of them.
struct Unsupported {
  std::string what;
};
template <class... Args>
[[noreturn]] void unsupported(fmt::format_string<Args...> format, Args &&...args)
{
  throw Unsupported{fmt::format(format, std::forward<Args>(args)...)};
}

using Operand = uint32_t;                      // an index into Translation's operands
inline constexpr Operand absent = UINT32_MAX;

class Translation {
 public:
  // `reserved`: every name of the model, which names made here must not take.
  Translation(const ImportOptions &, int64_t file_bytes, std::unordered_set<std::string_view> reserved);

  Graph graph;

  const Value &value(Operand x) const { return operands_[x].value; }
  const Tensor *constant(Operand x) const { return operands_[x].data.get(); }   // nullptr: known only when the network runs
  TensorPtr data(Operand x) const { return operands_[x].data; }
  bool is_graph_input(Operand x) const;

  Operand add_input(std::string name, Type, Shape);
  Operand add_constant(std::string name, TensorPtr);
  // One op (layer: the node's name; stem: of the value's name): computed now when all
  // inputs are constants, else a node. The result has a name of our own.
  Operand add(Op, const std::vector<Operand> &inputs, const Shape &wanted, const std::string &layer, std::string_view stem);
  std::string fresh(std::string_view stem);    // a name that nothing else has
  void rename(Operand, std::string name);
  ValueId in_graph(Operand);                   // a constant's node is made at the first call

  // Memory and time for constants that are computed from others are limited, whatever the file says.
  void charge(double bytes, double work);

 private:
  struct Entry {
    Value value;
    TensorPtr data;
    ValueId id = none;
  };
  Operand push(Value, TensorPtr, ValueId);
  std::deque<Entry> operands_;                 // a deque: references to values stay good
  std::unordered_set<std::string_view> reserved_;
  double bytes_left_, work_left_;
  size_t next_name_ = 0;
};

// About how many element operations `evaluate` takes.
double work_of(const Op &, const std::vector<const Value *> &inputs, const Shape &result);

}  // namespace net2c
