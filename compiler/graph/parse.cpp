#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include "graph/attributes.h"

namespace net2c {

namespace {

// Reads one line from left to right. Spaces between parts mean nothing.
class Line {
 public:
  Line(std::string_view text, int number) : text_(text), number_(number) {}

  template <class... Args>
  [[noreturn]] void wrong(fmt::format_string<Args...> format, Args &&...args) const
  {
    fail({}, "line {}, column {}: {}", number_, at_ + 1, fmt::format(format, std::forward<Args>(args)...));
  }

  bool at_end()
  {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t' || text_[at_] == '\r')) ++at_;
    return at_ == text_.size();
  }
  bool next_is(char c) { return !at_end() && text_[at_] == c; }
  bool accept(char c)
  {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void expect(char c)
  {
    if (!accept(c)) wrong("'{}' expected", c);
  }

  // Up to a space or punctuation.
  std::string word()
  {
    if (at_end()) wrong("a word expected");
    const size_t end = std::min(text_.find_first_of(" \t\r()[],=:\"", at_), text_.size());
    if (end == at_) wrong("a word expected, not '{}'", text_[at_]);
    const size_t begin = at_;
    at_ = end;
    return std::string(text_.substr(begin, end - begin));
  }

  std::string quoted()
  {
    expect('"');
    std::string result;
    for (;; ++at_) {
      if (at_ == text_.size()) wrong("the text that begins with '\"' does not end");
      if (text_[at_] == '"') break;
      if (text_[at_] != '\\') {
        result += text_[at_];
        continue;
      }
      if (++at_ == text_.size()) wrong("something expected after '\\'");
      if (text_[at_] != 'x') {
        result += text_[at_];
        continue;
      }
      result += static_cast<char>(hex_byte(at_ + 1));
      at_ += 2;
    }
    ++at_;
    return result;
  }

  template <class T>
  T number()
  {
    const std::string text = word();
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) wrong("'{}' is not a number that fits here", text);
    return value;
  }

  template <class T>
  std::vector<T> numbers()
  {
    std::vector<T> result;
    expect('[');
    if (accept(']')) return result;
    do result.push_back(number<T>());
    while (accept(','));
    expect(']');
    return result;
  }

  std::vector<std::byte> bytes()
  {
    const std::string digits = word();
    at_ -= digits.size();
    std::vector<std::byte> result;
    for (size_t i = 0; i < digits.size(); i += 2) result.push_back(static_cast<std::byte>(hex_byte(at_ + i)));
    at_ += digits.size();
    return result;
  }

  // The reference of a value without its %, or nothing for `_`.
  std::optional<std::string> reference()
  {
    if (accept('%')) return next_is('"') ? quoted() : word();
    if (word() != "_") wrong("a value like %name expected");
    return {};
  }

  std::vector<std::optional<std::string>> references()
  {
    std::vector<std::optional<std::string>> result;
    expect('(');
    if (accept(')')) return result;
    do result.push_back(reference());
    while (accept(','));
    expect(')');
    return result;
  }

 private:
  unsigned hex_byte(size_t at) const
  {
    unsigned value = 0;
    const std::string_view digits = text_.substr(std::min(at, text_.size()), 2);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc{} || end != digits.data() + 2) wrong("two hexadecimal digits expected");
    return value;
  }

  std::string_view text_;
  int number_;
  size_t at_ = 0;
};

template <class E>
E read_enum(Line &line)
{
  const std::string word = line.word();
  const std::vector<std::string> words = words_of_enum<E>();
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) line.wrong("'{}' is none of: {}", word, fmt::join(words, ", "));
  return static_cast<E>(found - words.begin());
}

template <class T>
void read(Line &line, T &v)
{
  if constexpr (std::is_enum_v<T>) {
    v = read_enum<T>(line);
  } else if constexpr (std::is_same_v<T, bool>) {
    const std::string word = line.word();
    if (word != "true" && word != "false") line.wrong("true or false expected");
    v = word == "true";
  } else if constexpr (std::is_same_v<T, Epilogue>) {
    v.act = {read_enum<UnaryKind>(line)};
    if (!line.accept('(')) return;
    v.act.a = line.number<float>();
    line.expect(',');
    v.act.b = line.number<float>();
    line.expect(')');
  } else if constexpr (std::is_arithmetic_v<T>) {
    v = line.number<T>();
  } else {
    v = line.numbers<typename T::value_type>();
  }
}

Shape read_shape(Line &line)
{
  const std::string text = line.word();
  Shape shape;
  if (text == "scalar") return shape;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find('x', at), text.size());
    int64_t size = 0;
    const auto [stop, error] = std::from_chars(text.data() + at, text.data() + end, size);
    if (error != std::errc{} || stop != text.data() + end) line.wrong("'{}' is not a shape like 1x3x224x224", text);
    shape.push_back(size);
    at = end + 1;
  }
  try {
    count(shape);
  } catch (const Error &error) {
    line.wrong("{}", error.what());
  }
  return shape;
}

template <class T, class U>
void read_numbers(Line &line, Tensor &t)
{
  const std::vector<U> numbers = line.numbers<U>();
  const auto to = t.as<T>();
  if (numbers.size() != to.size()) line.wrong("{} numbers for shape {}", numbers.size(), text_of(t.shape));
  for (size_t i = 0; i < to.size(); ++i) {
    if constexpr (std::is_same_v<U, T>) to[i] = numbers[i];
    else if constexpr (std::is_same_v<U, float>) to[i] = float_to_half(numbers[i]);
    else if (to[i] = static_cast<T>(numbers[i]); static_cast<U>(to[i]) != numbers[i])
      line.wrong("{} does not fit type {}", numbers[i], name_of(t.type));
  }
}

TensorPtr read_data(Line &line, const Value &value)
{
  Tensor t(value.type, value.shape);
  if (!line.next_is('[')) {
    const std::string form = line.word();
    if (form == "hex") {
      line.expect(':');
      const std::vector<std::byte> bytes = line.bytes();
      if (bytes.size() != t.bytes.size())
        line.wrong("{} bytes, but shape {} has {}", bytes.size(), text_of(t.shape), t.bytes.size());
      t.bytes = bytes;
    } else if (form != "...") {  // left out when printed: zeros
      line.wrong("data is [numbers], hex:digits or ...");
    }
  } else {
    switch (t.type) {
      case Type::f32: read_numbers<float, float>(line, t); break;
      case Type::f16: read_numbers<uint16_t, float>(line, t); break;
      case Type::f64: read_numbers<double, double>(line, t); break;
      case Type::i8: read_numbers<int8_t, int64_t>(line, t); break;
      case Type::boolean:
      case Type::u8: read_numbers<uint8_t, int64_t>(line, t); break;
      case Type::i16: read_numbers<int16_t, int64_t>(line, t); break;
      case Type::u16: read_numbers<uint16_t, int64_t>(line, t); break;
      case Type::i32: read_numbers<int32_t, int64_t>(line, t); break;
      case Type::u32: read_numbers<uint32_t, int64_t>(line, t); break;
      case Type::i64: read_numbers<int64_t, int64_t>(line, t); break;
      case Type::u64: read_numbers<uint64_t, uint64_t>(line, t); break;
    }
  }
  return std::make_shared<const Tensor>(std::move(t));
}

// The op of that name with its defaults.
template <size_t i = 0>
Op op_named(const Line &line, const std::string &name)
{
  if constexpr (i == std::variant_size_v<Op>) {
    line.wrong("'{}' is not an op", name);
  } else {
    Op op{std::in_place_index<i>};
    return name_of(op) == name ? op : op_named<i + 1>(line, name);
  }
}

class Parser {
 public:
  Graph parse(const std::string &text)
  {
    int number = 0;
    for (size_t at = 0; at < text.size();) {
      const size_t end = std::min(text.find('\n', at), text.size());
      Line line(std::string_view(text).substr(at, end - at), ++number);
      at = end + 1;
      if (line.at_end() || line.next_is('#')) continue;
      if (!header_) header(line);
      else node(line);
      if (!line.at_end()) line.wrong("more than was expected");
    }
    if (!header_) fail({}, "line 1: graph \"name\" (inputs) -> (outputs) expected");
    for (const auto &name : input_names_) graph_.inputs.push_back(resolve(*header_, name));
    for (const auto &name : output_names_) graph_.outputs.push_back(resolve(*header_, name));
    return std::move(graph_);
  }

 private:
  void header(Line &line)
  {
    if (line.word() != "graph") line.wrong("graph \"name\" (inputs) -> (outputs) expected first");
    graph_.name = line.quoted();
    input_names_ = line.references();
    if (line.word() != "->") line.wrong("'->' expected");
    output_names_ = line.references();
    header_ = line;
  }

  ValueId resolve(const Line &line, const std::optional<std::string> &name) const
  {
    if (!name) return none;
    const auto found = values_.find(*name);
    if (found == values_.end()) line.wrong("no value '{}' is made before", *name);
    return found->second;
  }

  void node(Line &line)
  {
    const auto name = line.reference();
    if (!name || values_.count(*name)) line.wrong("a new value expected");
    line.expect(':');
    Value value{*name, read_enum<Type>(line), {}};
    value.shape = read_shape(line);
    line.expect('=');
    Node node{op_named(line, line.word()), {}, {}, {}};
    for (const auto &input : line.references()) node.inputs.push_back(resolve(line, input));
    while (!line.at_end()) attribute(line, node, value);
    if (auto *constant = std::get_if<Constant>(&node.op); constant && !constant->data) line.wrong("a Constant has data=");
    node.outputs = {static_cast<ValueId>(graph_.values.size())};
    values_[*name] = node.outputs[0];
    graph_.values.push_back(std::move(value));
    graph_.nodes.push_back(std::move(node));
  }

  void attribute(Line &line, Node &node, const Value &value)
  {
    const std::string key = line.word();
    line.expect('=');
    if (key == "name") {
      node.name = line.quoted();
      return;
    }
    bool known = false;
    std::visit(
        [&]<class O>(O &op) {
          if constexpr (std::is_same_v<O, Constant>) {
            if (key == "data") op.data = read_data(line, value), known = true;
          }
          each_attribute(op, [&](const char *attribute, auto member) {
            if (key == attribute) read(line, op.*member), known = true;
          });
        },
        node.op);
    if (!known) line.wrong("{} has no attribute '{}'", name_of(node.op), key);
  }

  Graph graph_;
  std::map<std::string, ValueId> values_;
  std::optional<Line> header_;
  std::vector<std::optional<std::string>> input_names_, output_names_;
};

}  // namespace

Graph parse_graph(const std::string &text) { return Parser().parse(text); }

}  // namespace net2c
