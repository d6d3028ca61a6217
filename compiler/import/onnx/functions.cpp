#include "import/onnx/functions.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

#include "base/error.h"

namespace net2c::onnx {

namespace {

constexpr size_t most_depth = 64;
constexpr size_t most_work = 1 << 21;   // names and numbers in inlined nodes: what a small file may grow to

std::string_view own(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }

size_t size_of(const Attribute &a)
{
  size_t n = 4 + a.reals.size() + a.integers.size() + a.texts.size();
  if (a.tensor) n += a.tensor->floats.size() + a.tensor->int32s.size() + a.tensor->int64s.size() + a.tensor->doubles.size() + a.tensor->uint64s.size();
  return n;
}

class Inliner {
 public:
  Inliner(const std::string &file, const ModelRecord &model, std::deque<std::string> &names) : file_(file), made_(names)
  {
    for (const FunctionRecord &f : model.functions)
      if (!functions_.emplace(Key{own(f.domain), f.name, f.overload}, &f).second)
        fail({.file = file}, "defines function '{}.{}' twice", f.domain, f.name);
    const GraphRecord &graph = *model.graph;
    for (const auto &t : graph.initialisers) taken_.insert(t.name);
    for (const auto &v : graph.inputs) taken_.insert(v.name);
    for (const auto &n : graph.nodes) taken_.insert(n.outputs.begin(), n.outputs.end());
  }

  std::vector<NodeRecord> run(std::vector<NodeRecord> nodes)
  {
    for (NodeRecord &node : nodes) add(std::move(node));
    return std::move(out_);
  }

 private:
  using Key = std::tuple<std::string_view, std::string_view, std::string_view>;

  void add(NodeRecord node)
  {
    const auto found = functions_.find(Key{own(node.domain), node.op_type, node.overload});
    if (found == functions_.end()) out_.push_back(std::move(node));
    else call(node, *found->second);
  }

  [[noreturn]] void wrong(const NodeRecord &call, const std::string &what) const
  {
    fail({.file = file_, .layer = std::string(call.name), .op = std::string(call.op_type)}, "{}", what);
  }

  void call(const NodeRecord &call, const FunctionRecord &f)
  {
    if (std::find(active_.begin(), active_.end(), &f) != active_.end()) wrong(call, "this function of the model calls itself");
    if (active_.size() >= most_depth) wrong(call, fmt::format("functions of the model call each other more than {} deep", most_depth));
    if (call.inputs.size() > f.inputs.size() || call.outputs.size() > f.outputs.size())
      wrong(call, fmt::format("{} inputs and {} outputs, but the function has {} and {}", call.inputs.size(), call.outputs.size(), f.inputs.size(),
                              f.outputs.size()));
    active_.push_back(&f);
    const std::string stem(!call.name.empty() ? call.name : call.outputs.empty() ? call.op_type : call.outputs[0]);
    std::unordered_map<std::string_view, std::string_view> names{{"", ""}};   // of the function's values, outside
    for (size_t i = 0; i < f.inputs.size(); ++i) names[f.inputs[i]] = i < call.inputs.size() ? call.inputs[i] : std::string_view();
    for (size_t i = 0; i < f.outputs.size(); ++i) {
      const std::string_view outside = i < call.outputs.size() ? call.outputs[i] : std::string_view();
      if (outside.empty()) continue;
      if (const auto passed = names.find(f.outputs[i]); passed != names.end()) {   // an input, or the same output again
        NodeRecord copy;
        copy.name = keep(stem + "/" + std::string(f.outputs[i])), copy.op_type = "Identity";
        copy.inputs = {passed->second}, copy.outputs = {outside};
        out_.push_back(std::move(copy));
      } else {
        names[f.outputs[i]] = outside;
      }
    }
    for (const NodeRecord &inner : f.nodes)
      for (std::string_view output : inner.outputs)
        if (!names.contains(output)) names[output] = fresh(stem + "/" + std::string(output));
    const auto outside = [&](std::string_view name) {
      const auto found = names.find(name);
      if (found == names.end()) wrong(call, fmt::format("its function reads '{}', which nothing makes", name));
      return found->second;
    };
    const int64_t version = version_of(f, call);
    for (const NodeRecord &inner : f.nodes) {
      NodeRecord node;
      node.name = keep(stem + "/" + std::string(!inner.name.empty() ? inner.name : inner.outputs.empty() ? inner.op_type : inner.outputs[0]));
      node.op_type = inner.op_type, node.domain = inner.domain, node.overload = inner.overload, node.version = version;
      for (std::string_view input : inner.inputs) node.inputs.push_back(outside(input));
      for (std::string_view output : inner.outputs) node.outputs.push_back(outside(output));
      for (const Attribute &a : inner.attributes) {
        const Attribute *given = a.reference.empty() ? &a : attribute_of(call, f, a.reference);
        if (!given) continue;   // left out by the caller, without a default
        node.attributes.push_back(*given);
        node.attributes.back().name = a.name;
      }
      charge(call, node);
      add(std::move(node));
    }
    active_.pop_back();
  }

  // Of the operators that the function uses; those of a function inside another: its own.
  int64_t version_of(const FunctionRecord &f, const NodeRecord &call) const
  {
    for (const OpsetRecord &o : f.opsets)
      if (own(o.domain).empty()) return o.version;
    return call.version;
  }

  const Attribute *attribute_of(const NodeRecord &call, const FunctionRecord &f, std::string_view name) const
  {
    for (const auto *list : {&call.attributes, &f.defaults})
      for (const Attribute &a : *list)
        if (a.name == name) return &a;
    return nullptr;
  }

  std::string_view keep(std::string name) { return made_.emplace_back(std::move(name)); }

  std::string_view fresh(const std::string &wanted)
  {
    std::string name = wanted;
    for (size_t &i = last_[wanted]; taken_.contains(name);) name = fmt::format("{}_{}", wanted, ++i);
    const std::string_view kept = keep(std::move(name));
    taken_.insert(kept);
    return kept;
  }

  void charge(const NodeRecord &call, const NodeRecord &node)
  {
    work_ += 8 + node.inputs.size() + node.outputs.size();
    for (const Attribute &a : node.attributes) work_ += size_of(a);
    if (work_ > most_work) wrong(call, "the functions of the model call each other too often: their operators are more than memory should hold");
  }

  const std::string &file_;
  std::deque<std::string> &made_;
  std::map<Key, const FunctionRecord *> functions_;
  std::unordered_set<std::string_view> taken_;
  std::unordered_map<std::string, size_t> last_;   // number that made a name unlike all others
  std::vector<const FunctionRecord *> active_;
  std::vector<NodeRecord> out_;
  size_t work_ = 0;
};

}  // namespace

void inline_functions(const std::string &file, ModelRecord &model, std::deque<std::string> &names)
{
  if (model.functions.empty()) return;
  Inliner inliner(file, model, names);
  model.graph->nodes = inliner.run(std::move(model.graph->nodes));
}

}  // namespace net2c::onnx
