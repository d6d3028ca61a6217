// Records -> Graph: names are resolved, nodes put in order and translated one after the other.
#include <algorithm>
#include <map>
#include <queue>

#include "import/onnx/external.h"
#include "import/onnx/functions.h"
#include "import/onnx/layer.h"
#include "import/onnx/onnx.h"
#include "import/onnx/read.h"
#include "import/onnx/sizes.h"

namespace net2c::onnx {

namespace {

constexpr int64_t newest_opset = 27;

using Names = std::unordered_map<std::string_view, size_t>;

void check_version(const std::string &file, int64_t version)
{
  if (version < 1) fail({.file = file}, "does not say which version of the ONNX operators it uses; export it again");
  if (version > newest_opset)
    fail({.file = file}, "uses version {} of the ONNX operators; the newest known here is {}: export it with opset_version={}", version,
         newest_opset, newest_opset);
}

int64_t opset_of(const std::string &file, const ModelRecord &model)
{
  int64_t version = 0;
  for (const OpsetRecord &o : model.opsets)
    if (o.domain.empty() || o.domain == "ai.onnx") version = o.version;
  if (version == 0 && model.ir_version < 3) version = 1;   // before files said which
  check_version(file, version);
  for (const NodeRecord &node : model.graph->nodes)
    if (node.version != 0) check_version(file, node.version);   // of a function
  return version;
}

class Importer {
 public:
  Importer(const std::string &file, const GraphRecord &graph, int64_t version, int64_t bytes, const ImportOptions &options)
      : file_(file), in_(graph), version_(version), options_(options), translation_(options, bytes, all_names())
  {
  }

  Graph run()
  {
    check_names();
    const std::vector<size_t> order = ordered();
    check_option_names();
    add_inputs();
    for (size_t n : order)
      if (needed_[n]) translate(n);
    report_unsupported();
    for (const ValueRecord &output : in_.outputs) translation_.graph.outputs.push_back(translation_.in_graph(output_operand(output.name)));
    translation_.graph.name = std::string(in_.name);
    verify(translation_.graph, "import");
    return std::move(translation_.graph);
  }

 private:
  std::unordered_set<std::string_view> all_names() const
  {
    std::unordered_set<std::string_view> names;
    for (const auto &t : in_.initialisers) names.insert(t.name);
    for (const auto &v : in_.inputs) names.insert(v.name);
    for (const auto &n : in_.nodes) names.insert(n.outputs.begin(), n.outputs.end());
    return names;
  }

  std::string name_of_node(size_t n) const
  {
    const NodeRecord &node = in_.nodes[n];
    if (!node.name.empty()) return std::string(node.name);
    for (std::string_view output : node.outputs)
      if (!output.empty()) return fmt::format("{}_{}", node.op_type, output);
    return std::string(node.op_type);
  }

  Where where(size_t n) const { return {.file = file_, .layer = name_of_node(n), .op = std::string(in_.nodes[n].op_type)}; }

  // Every value has one origin, and every name that is read has one at all.
  void check_names()
  {
    if (in_.sparse_initialisers) fail({.file = file_}, "has sparse initialisers, which are not supported; save them as dense ones");
    if (in_.outputs.empty()) fail({.file = file_}, "its graph has no outputs");
    for (size_t i = 0; i < in_.initialisers.size(); ++i)
      if (!initialisers_.emplace(in_.initialisers[i].name, i).second)
        fail({.file = file_}, "has two initialisers named '{}'", in_.initialisers[i].name);
    for (size_t i = 0; i < in_.inputs.size(); ++i)
      if (in_.inputs[i].name.empty() || !inputs_.emplace(in_.inputs[i].name, i).second)
        fail({.file = file_}, "has two inputs named '{}', or one without a name", in_.inputs[i].name);
    for (size_t n = 0; n < in_.nodes.size(); ++n) {
      bool any = false;
      for (std::string_view output : in_.nodes[n].outputs) {
        if (output.empty()) continue;
        any = true;
        if (inputs_.contains(output) || initialisers_.contains(output) || !producers_.emplace(output, n).second)
          fail(where(n), "its output '{}' is also made elsewhere in the model; every value needs a name of its own", output);
      }
      if (!any) fail(where(n), "has no outputs");
    }
    const auto known = [&](std::string_view name) { return inputs_.contains(name) || initialisers_.contains(name) || producers_.contains(name); };
    for (size_t n = 0; n < in_.nodes.size(); ++n)
      for (std::string_view input : in_.nodes[n].inputs)
        if (!input.empty() && !known(input))
          fail(where(n), "its input '{}' is neither an input of the model, nor an initialiser, nor made by any layer", input);
    for (const ValueRecord &output : in_.outputs)
      if (!known(output.name)) fail({.file = file_}, "its output '{}' is not made by any layer", output.name);
  }

  // The order of the file, but for nodes that stand before what they read. Marks the nodes that outputs depend on.
  std::vector<size_t> ordered()
  {
    const size_t n = in_.nodes.size();
    std::vector<size_t> waits(n), order;
    std::vector<std::vector<size_t>> readers(n), sources(n);
    for (size_t i = 0; i < n; ++i)
      for (std::string_view input : in_.nodes[i].inputs)
        if (const auto made = producers_.find(input); made != producers_.end()) {
          readers[made->second].push_back(i);
          sources[i].push_back(made->second);
          ++waits[i];
        }
    std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
    for (size_t i = 0; i < n; ++i)
      if (!waits[i]) ready.push(i);
    while (!ready.empty()) {
      const size_t i = ready.top();
      ready.pop();
      order.push_back(i);
      for (size_t reader : readers[i])
        if (--waits[reader] == 0) ready.push(reader);
    }
    if (order.size() < n) {
      const auto stuck = std::find_if(waits.begin(), waits.end(), [](size_t w) { return w > 0; });
      fail(where(static_cast<size_t>(stuck - waits.begin())), "the graph has a cycle: this layer reads a value that depends on its own output");
    }
    needed_.assign(n, false);
    for (const ValueRecord &output : in_.outputs)
      if (const auto made = producers_.find(output.name); made != producers_.end()) needed_[made->second] = true, read_.insert(output.name);
    for (size_t i = n; i-- > 0;)
      if (needed_[order[i]]) {
        for (size_t source : sources[order[i]]) needed_[source] = true;
        for (std::string_view input : in_.nodes[order[i]].inputs) read_.insert(input);
      }
    return order;
  }

  // Names in the options must be names of the model.
  void check_option_names() const
  {
    std::vector<std::string_view> names;
    for (const ValueRecord &input : in_.inputs)
      if (!initialisers_.contains(input.name)) names.push_back(input.name);
    const auto check = [&](const std::string &name) {
      if (!inputs_.contains(name)) fail({.file = file_}, "has no input '{}'; its inputs are: {}", name, fmt::join(names, ", "));
    };
    for (const auto &[name, shape] : options_.shapes)
      if (!name.empty()) check(name);
    for (const auto &[name, tensor] : options_.constants) check(name);
  }

  void add_inputs()
  {
    std::vector<const ValueRecord *> open;
    for (const ValueRecord &input : in_.inputs) {
      const std::string name(input.name);
      const bool baked = options_.constants.contains(name);
      // An initialiser that is also an input is its default: a constant, unless the caller means to hand it over.
      if (!baked && initialisers_.contains(input.name) && !options_.shapes.contains(name)) continue;
      if (!input.tensor) fail({.file = file_}, "input '{}' is not a tensor, which is not supported", name);
      if (baked) bake(input, options_.constants.at(name));
      else open.push_back(&input);
    }
    const std::vector<Shape> shapes = resolve_shapes(file_, open, options_);
    for (size_t i = 0; i < open.size(); ++i) {
      if (open[i]->data_type == dt_bfloat16) fail({.file = file_}, "input '{}' is of type bfloat16; convert the model to float32", open[i]->name);
      operands_[open[i]->name] = translation_.add_input(std::string(open[i]->name), type_of_input(*open[i]), shapes[i]);
    }
  }

  Type type_of_input(const ValueRecord &input) const
  {
    try {
      return type_of(input.data_type);
    } catch (const Error &error) {
      fail({.file = file_}, "input '{}': {}", input.name, error.what());
    }
  }

  void bake(const ValueRecord &input, const Tensor &data)
  {
    bool fits = data.type == type_of_input(input);
    if (input.shape) {
      fits = fits && input.shape->size() == data.shape.size();
      for (size_t d = 0; fits && d < data.shape.size(); ++d) fits = (*input.shape)[d].size.value_or(data.shape[d]) == data.shape[d];
    }
    if (!fits)
      fail({.file = file_}, "the data to be baked in for input '{}' is {} {}, which does not fit the model ({})", input.name,
           net2c::name_of(data.type), text_of(data.shape), name_of_data_type(input.data_type));
    operands_[input.name] = translation_.add_constant(std::string(input.name), std::make_shared<const Tensor>(data));
  }

  // absent: an input that is left out, or one whose layer is not supported (`lost`).
  Operand operand(std::string_view name, bool &lost)
  {
    if (name.empty()) return absent;
    if (const auto found = operands_.find(name); found != operands_.end()) return found->second;
    const auto initialiser = initialisers_.find(name);
    if (initialiser == initialisers_.end()) {
      lost = true;
      return absent;
    }
    try {
      const Operand x = translation_.add_constant(std::string(name), std::make_shared<const Tensor>(to_tensor(in_.initialisers[initialiser->second])));
      return operands_[name] = x;
    } catch (const Error &error) {
      fail({.file = file_}, "initialiser '{}': {}", name, error.what());
    }
  }

  Operand output_operand(std::string_view name)
  {
    bool lost = false;
    const Operand x = operand(name, lost);
    if (lost) bug("output '{}' was not made", name);
    return x;
  }

  void translate(size_t n)
  {
    const NodeRecord &node = in_.nodes[n];
    const bool own_domain = node.domain.empty() || node.domain == "ai.onnx";
    const Translator translator = own_domain ? translator_of(node.op_type) : nullptr;
    const std::string op = own_domain ? std::string(node.op_type) : fmt::format("{}.{}", node.domain, node.op_type);
    if (!translator) return refuse(n, op);
    std::vector<Operand> operands;
    std::vector<bool> used;
    bool lost = false;
    for (std::string_view input : node.inputs) operands.push_back(operand(input, lost));
    if (lost) return;   // depends on a layer that is reported already
    while (!operands.empty() && operands.back() == absent) operands.pop_back();
    for (std::string_view output : node.outputs) used.push_back(!output.empty() && read_.contains(output));
    Layer layer(translation_, node, node.version ? node.version : version_, name_of_node(n), std::move(operands), std::move(used));
    try {
      translator(layer);
      if (const std::string name = layer.unread_attribute(); !name.empty()) unsupported("with attribute '{}'", name);
      for (size_t i = 0; i < node.outputs.size(); ++i) {
        if (layer.result_of(i) != absent) operands_[node.outputs[i]] = layer.result_of(i);
        else if (layer.used(i)) fail({}, "its output number {} ('{}') does not exist in this operator", i, node.outputs[i]);
      }
    } catch (const Unsupported &form) {
      refuse(n, op + " " + form.what);
    } catch (const Error &error) {
      fail(where(n), "{}", error.what());
    }
  }

  void refuse(size_t n, std::string form)
  {
    auto &[count, layer] = unsupported_[std::move(form)];
    if (count++ == 0) layer = name_of_node(n);
  }

  void report_unsupported() const
  {
    if (unsupported_.empty()) return;
    std::string list;
    for (const auto &[form, seen] : unsupported_)
      list += fmt::format("\n  {}: {} time{}, {}layer '{}'", form, seen.first, seen.first == 1 ? "" : "s", seen.first == 1 ? "" : "first in ",
                          seen.second);
    fail({.file = file_}, "uses what is not supported:{}\nExport the model without these, or cut them off (onnx.utils.extract_model).", list);
  }

  const std::string &file_;
  const GraphRecord &in_;
  const int64_t version_;
  const ImportOptions &options_;
  Translation translation_;
  Names initialisers_, inputs_, producers_;
  std::vector<bool> needed_;
  std::unordered_set<std::string_view> read_;
  std::unordered_map<std::string_view, Operand> operands_;
  std::map<std::string, std::pair<int, std::string>> unsupported_;   // form -> how often, first layer
};

}  // namespace

Graph import_onnx(const std::string &path, std::span<const std::byte> bytes, const ImportOptions &options)
{
  ModelRecord model = read_model(path, bytes);
  if (!model.graph) fail({.file = path}, "has no graph in it; the file is cut off, or not a trained network");
  std::deque<std::string> names;
  inline_functions(path, model, names);
  const ExternalData external(path, *model.graph);
  return Importer(path, *model.graph, opset_of(path, model), static_cast<int64_t>(bytes.size()) + external.bytes(), options).run();
}

}  // namespace net2c::onnx
