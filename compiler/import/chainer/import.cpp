// Records -> Graph: the functions stand in the order in which they ran; they are translated one after the other.
#include <algorithm>
#include <map>

#include "import/chainer/chainer.h"
#include "import/chainer/layer.h"
#include "import/chainer/parameters.h"

namespace net2c::chainer {

namespace {

class Importer {
 public:
  Importer(const std::string &file, GraphRecord record, int64_t bytes, const ImportOptions &options)
      : file_(file), in_(std::move(record)), options_(options), translation_(options, bytes, all_names())
  {
  }

  Graph run(ArrayFile *weights, const std::string &weights_path)
  {
    check_names();
    check_options();
    for (const ValueRecord &input : in_.inputs) add_input(input);
    add_parameters(weights, weights_path);
    for (ConstantRecord &c : in_.constants) define(c.name, translation_.add_constant(c.name, std::make_shared<const Tensor>(std::move(c.data))));
    for (const FunctionRecord &f : in_.functions) translate(f);
    report_unsupported();
    if (!weights && !in_.parameters.empty() && !options_.without_weights)
      fail({.file = file_}, "is a graph without its weights; give the .npz or .h5 file that chainer.serializers saved too");
    for (const OutputRecord &output : in_.outputs) add_output(output);
    translation_.graph.name = in_.name;
    verify(translation_.graph, "import");
    return std::move(translation_.graph);
  }

 private:
  Where where(const FunctionRecord &f) const { return {.file = file_, .layer = f.name, .op = f.function}; }

  std::unordered_set<std::string_view> all_names() const
  {
    std::unordered_set<std::string_view> names;
    for (const auto &v : in_.inputs) names.insert(v.name);
    for (const auto &v : in_.parameters) names.insert(v.name);
    for (const auto &c : in_.constants) names.insert(c.name);
    for (const auto &f : in_.functions)
      for (const auto &v : f.outputs) names.insert(v.name);
    for (const auto &o : in_.outputs) names.insert(o.name);
    return names;
  }

  // Every value has one origin, which stands before whatever reads it.
  void check_names() const
  {
    std::unordered_set<std::string_view> known;
    const auto define = [&](const std::string &name) {
      if (name.empty() || !known.insert(name).second) fail({.file = file_}, "two values are named '{}', or one has no name; the file is damaged", name);
    };
    for (const auto &v : in_.inputs) define(v.name);
    for (const auto &v : in_.parameters) define(v.name);
    for (const auto &c : in_.constants) define(c.name);
    for (const FunctionRecord &f : in_.functions) {
      for (const std::string &input : f.inputs)
        if (!known.contains(input)) fail(where(f), "its input '{}' is not made by anything before it; the file is damaged", input);
      for (const auto &v : f.outputs) define(v.name);
    }
    for (const OutputRecord &o : in_.outputs)
      if (!known.contains(o.value)) fail({.file = file_}, "its output '{}' is made of '{}', which is not made by anything; the file is damaged", o.name, o.value);
    if (in_.outputs.empty()) fail({.file = file_}, "the graph has no outputs");
    for (const OutputRecord &o : in_.outputs) define(o.name);
  }

  void check_options() const
  {
    std::vector<std::string> names;
    for (const auto &v : in_.inputs) names.push_back(v.name);
    const auto check = [&](const std::string &name) {
      if (std::find(names.begin(), names.end(), name) == names.end())
        fail({.file = file_}, "has no input '{}'; its inputs are: {}", name, fmt::join(names, ", "));
    };
    for (const auto &[name, shape] : options_.shapes)
      if (!name.empty()) check(name);
    for (const auto &[name, tensor] : options_.constants) check(name);
  }

  void define(const std::string &name, Operand x) { operands_[name] = x; }

  void add_input(ValueRecord input)
  {
    if (const auto baked = options_.constants.find(input.name); baked != options_.constants.end()) {
      if (baked->second.type != input.type || baked->second.shape != input.shape)
        fail({.file = file_}, "the data to be baked in for input '{}' is {} {}; the graph was written for {} {}", input.name, name_of(baked->second.type),
             text_of(baked->second.shape), name_of(input.type), text_of(input.shape));
      return define(input.name, translation_.add_constant(input.name, std::make_shared<const Tensor>(baked->second)));
    }
    Shape shape = input.shape;
    if (options_.size) {
      if (shape.size() != 4 || in_.inputs.size() != 1) fail({.file = file_}, "a size is given, but the graph has no single image input to set it for; leave the size out");
      shape[2] = options_.size->first;
      shape[3] = options_.size->second;
    }
    if (options_.batch) {
      if (shape.size() < 2) fail({.file = file_}, "a batch is given, but input '{}' has no images; leave the batch out", input.name);
      shape[0] = *options_.batch;
    }
    resized_ |= shape != input.shape;
    for (const auto &[name, given] : options_.shapes)
      if ((name == input.name || (name.empty() && in_.inputs.size() == 1)) && given != shape)
        fail({.file = file_}, "the graph was written for an input '{}' of {}, but what is given for it is {}; {}", input.name, text_of(input.shape), text_of(given),
             "set --size, or write the graph again with --input");
    define(input.name, translation_.add_input(input.name, input.type, shape));
  }

  void add_parameters(ArrayFile *weights, const std::string &weights_path)
  {
    if (in_.parameters.empty()) return;
    std::vector<Tensor> data;
    if (weights) {
      data = read_parameters(*weights, weights_path, in_.parameters);
    } else {
      for (const ValueRecord &p : in_.parameters) {
        translation_.charge(static_cast<double>(count(p.shape)) / 16, 0);
        data.push_back(made_up(p));
      }
    }
    for (size_t i = 0; i < data.size(); ++i)
      define(in_.parameters[i].name, translation_.add_constant(in_.parameters[i].name, std::make_shared<const Tensor>(std::move(data[i]))));
  }

  // What a function has of the size that the graph was written for: with another one it would not do what the model does.
  static const char *fixed_size(const FunctionRecord &f)
  {
    const auto given = [&](const nlohmann::json &a, const char *name) { return a.contains(name) && !a[name].is_null(); };
    const Shape &y = f.outputs[0].shape;
    if (f.function == "ResizeImages") return "resizes to a fixed size";
    if (given(f.attributes, "outh") || given(f.attributes, "outs")) return "has a fixed output size";
    if (f.function.find("Pooling") != std::string::npos && y.size() == 4 && y[2] == 1 && y[3] == 1) return "pools the whole map by its size";
    if (f.function == "GetItem" && given(f.attributes, "slices") && f.attributes["slices"].is_array())
      for (size_t d = 2; d < f.attributes["slices"].size(); ++d) {
        const nlohmann::json &part = f.attributes["slices"][d];
        const bool slice = part.is_object() && part.contains("slice") && part["slice"].is_array() && part["slice"].size() == 3;
        if (slice && part["slice"][1].is_number_integer() && part["slice"][1] > 0) return "cuts at a fixed place";
      }
    return nullptr;
  }

  void translate(const FunctionRecord &f)
  {
    const Translator translator = translator_of(f.function);
    if (!translator) return refuse(f, f.function);
    if (const char *reason = resized_ ? fixed_size(f) : nullptr)
      fail(where(f), "{}, so --size cannot change it; write the graph again with --input of the size that is wanted", reason);
    std::vector<Operand> operands;
    for (const std::string &input : f.inputs) {
      const auto found = operands_.find(input);
      if (found == operands_.end()) return;   // depends on a function that is reported already
      operands.push_back(found->second);
    }
    Layer layer(translation_, f, std::move(operands));
    try {
      translator(layer);
      if (const std::string name = layer.unread_attribute(); !name.empty()) unsupported("with attribute '{}'", name);
      for (size_t i = 0; i < f.outputs.size(); ++i) {
        const ValueRecord &output = f.outputs[i];
        const Operand x = layer.result_of(i);
        if (x == absent) fail({}, "its output number {} ('{}') does not exist in this function", i, output.name);
        const Value &value = translation_.value(x);
        if (!resized_ && (value.shape != output.shape || value.type != output.type))
          fail({}, "gives {} {} where Chainer gave {} {}; was the file changed?", name_of(value.type), text_of(value.shape), name_of(output.type), text_of(output.shape));
        define(output.name, x);
      }
    } catch (const Unsupported &form) {
      refuse(f, f.function + " " + form.what);
    } catch (const Error &error) {
      fail(where(f), "{}{}", error.what(), resized_ ? "; the graph was written for another size: write it again with --input of the one that is wanted" : "");
    }
  }

  void refuse(const FunctionRecord &f, std::string form)
  {
    auto &[count, layer] = unsupported_[std::move(form)];
    if (count++ == 0) layer = f.name;
  }

  void report_unsupported() const
  {
    if (unsupported_.empty()) return;
    std::string list;
    for (const auto &[form, seen] : unsupported_)
      list += fmt::format("\n  {}: {} time{}, {}layer '{}'", form, seen.first, seen.first == 1 ? "" : "s", seen.first == 1 ? "" : "first in ",
                          seen.second);
    fail({.file = file_}, "uses what is not supported:{}\nWrite the model without these, or leave that part of it to the app.", list);
  }

  // A result under its own name; what already has one, or is an input, is copied.
  void add_output(const OutputRecord &output)
  {
    const auto found = operands_.find(output.value);
    if (found == operands_.end()) bug("output '{}' was not made", output.value);
    const Operand y = translation_.add(Unary{}, {found->second}, {}, output.name, output.name);
    translation_.rename(y, output.name);
    translation_.graph.outputs.push_back(translation_.in_graph(y));
  }

  const std::string &file_;
  GraphRecord in_;
  const ImportOptions &options_;
  Translation translation_;
  bool resized_ = false;
  std::unordered_map<std::string, Operand> operands_;
  std::map<std::string, std::pair<size_t, std::string>> unsupported_;   // form -> how often, in which layer first
};

}  // namespace

Graph import_chainer(const std::string &path, std::span<const std::byte> bytes, ArrayFile *weights, const std::string &weights_path,
                     const ImportOptions &options)
{
  return Importer(path, read_graph(path, bytes), static_cast<int64_t>(bytes.size()), options).run(weights, weights_path);
}

}  // namespace net2c::chainer
