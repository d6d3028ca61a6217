#include <algorithm>

#include "graph/attributes.h"

namespace net2c {

namespace {

constexpr int64_t small_constant = 16;  // elements that are always printed

std::string quoted(const std::string &text)
{
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += fmt::format("\\{}", c);
    else if (static_cast<unsigned char>(c) < 32) result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else result += c;
  }
  return result + '"';
}

std::string reference(const Graph &graph, ValueId value)
{
  if (value == none) return "_";
  const std::string &name = graph.values.at(value).name;
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' ||
           c == '-';
  };
  return '%' + (!name.empty() && std::all_of(name.begin(), name.end(), plain) ? name : quoted(name));
}

std::string references(const Graph &graph, const std::vector<ValueId> &values)
{
  std::vector<std::string> all;
  for (ValueId v : values) all.push_back(reference(graph, v));
  return fmt::format("({})", fmt::join(all, ", "));
}

std::string written(bool v) { return v ? "true" : "false"; }
std::string written(int v) { return std::to_string(v); }
std::string written(int64_t v) { return std::to_string(v); }
std::string written(float v) { return fmt::format("{}", v); }
std::string written(const Ints &v) { return fmt::format("[{}]", fmt::join(v, ",")); }
std::string written(const std::vector<double> &v) { return fmt::format("[{}]", fmt::join(v, ",")); }
std::string written(const Epilogue &v)
{
  const std::string kind = name_of(v.act.kind);
  return v.act.a == 0 && v.act.b == 0 ? kind : fmt::format("{}({},{})", kind, v.act.a, v.act.b);
}
template <class E>
  requires std::is_enum_v<E>
std::string written(E v)
{
  return words_of_enum<E>().at(static_cast<size_t>(v));
}

std::string data_of(const Tensor &t, bool all)
{
  if (t.size() <= small_constant) {
    switch (t.type) {
      case Type::f32: return fmt::format("[{}]", fmt::join(t.as<float>(), ", "));
      case Type::f16:
      case Type::f64: return fmt::format("[{}]", fmt::join(t.numbers(), ", "));
      case Type::u64: return fmt::format("[{}]", fmt::join(t.as<uint64_t>(), ", "));
      default: return fmt::format("[{}]", fmt::join(t.integers(), ", "));
    }
  }
  if (!all) return "...";
  std::string hex = "hex:";
  for (std::byte b : t.bytes) fmt::format_to(std::back_inserter(hex), "{:02x}", static_cast<unsigned>(b));
  return hex;
}

// Attributes that are not what they are by default.
template <class O>
std::string attributes_of(const O &op)
{
  std::string text;
  const O standard{};
  each_attribute(op, [&](const char *name, auto member) {
    if (const std::string value = written(op.*member); value != written(standard.*member))
      text += fmt::format(" {}={}", name, value);
  });
  return text;
}

}  // namespace

std::string print(const Graph &graph, bool data)
{
  std::string text =
      fmt::format("graph {} {} -> {}\n", quoted(graph.name), references(graph, graph.inputs), references(graph, graph.outputs));
  for (const Node &node : graph.nodes) {
    const ValueId result = node.outputs.at(0);
    const Value &value = graph.values.at(result);
    text += fmt::format("{}: {} {} = {}{}", reference(graph, result), name_of(value.type), text_of(value.shape), name_of(node.op),
                        references(graph, node.inputs));
    text += std::visit([](const auto &op) { return attributes_of(op); }, node.op);
    if (const auto *constant = std::get_if<Constant>(&node.op); constant && constant->data)
      text += " data=" + data_of(*constant->data, data);
    if (!node.name.empty()) text += " name=" + quoted(node.name);
    text += '\n';
  }
  return text;
}

}  // namespace net2c
