// .c2g bytes -> records. Every part is checked; names and order are not (import.cpp does).
#include <string_view>

#include "import/chainer/chainer.h"
#include "import/chainer/records.h"

namespace net2c::chainer {

namespace {

using Json = nlohmann::json;

constexpr int64_t version = 1;

struct NumpyType { const char *name; Type type; };
constexpr NumpyType types[] = {{"float32", Type::f32}, {"float64", Type::f64}, {"float16", Type::f16}, {"int8", Type::i8},
                               {"uint8", Type::u8},    {"int16", Type::i16},   {"uint16", Type::u16},  {"int32", Type::i32},
                               {"uint32", Type::u32},  {"int64", Type::i64},   {"uint64", Type::u64},  {"bool", Type::boolean}};

class Reader {
 public:
  explicit Reader(const std::string &path) : where_{.file = path} {}

  GraphRecord graph(const Json &json)
  {
    if (!json.is_object()) fail(where_, "is not a JSON object; write it again with python -m net2c.chainer");
    const int64_t written = integer(json, "version");
    if (written != version)
      fail(where_, "is of version {} of the format; this net2c reads version {}: write it again with the net2c.chainer that came with it",
           written, version);
    GraphRecord graph;
    graph.name = text(json, "name");
    for (const Json &v : list(json, "inputs")) graph.inputs.push_back(value(v));
    for (const Json &v : list(json, "parameters")) graph.parameters.push_back(value(v));
    for (const Json &v : list(json, "constants")) {
      const ValueRecord record = value(v);
      graph.constants.push_back({record.name, tensor(record, text(v, "data"))});
    }
    for (const Json &f : list(json, "functions")) graph.functions.push_back(function(f));
    for (const Json &o : list(json, "outputs")) graph.outputs.push_back({text(o, "name"), text(o, "value")});
    return graph;
  }

 private:
  const Json &member(const Json &json, const char *key, bool (Json::*is)() const noexcept, const char *kind)
  {
    if (!json.is_object()) fail(where_, "has {} where an object with '{}' should stand; the file is damaged", json.type_name(), key);
    const auto found = json.find(key);
    if (found == json.end()) fail(where_, "has an object without '{}'; the file is damaged", key);
    if (!((*found).*is)()) fail(where_, "'{}' is not {}; the file is damaged", key, kind);
    return *found;
  }

  const Json &list(const Json &json, const char *key) { return member(json, key, &Json::is_array, "a list"); }
  std::string text(const Json &json, const char *key) { return member(json, key, &Json::is_string, "a text").get<std::string>(); }
  int64_t integer(const Json &json, const char *key) { return member(json, key, &Json::is_number_integer, "an integer").get<int64_t>(); }

  ValueRecord value(const Json &json)
  {
    ValueRecord record{text(json, "name"), Type::f32, {}};
    const std::string type = text(json, "type");
    const NumpyType *known = nullptr;
    for (const NumpyType &t : types)
      if (type == t.name) known = &t;
    if (!known) fail(where_, "value '{}' is of type '{}', which is not supported", record.name, type);
    record.type = known->type;
    for (const Json &d : list(json, "shape")) {
      if (!d.is_number_unsigned() || d.get<uint64_t>() > uint64_t{1} << 40) fail(where_, "value '{}' has an unreadable shape; the file is damaged", record.name);
      record.shape.push_back(static_cast<int64_t>(d.get<uint64_t>()));
    }
    if (record.shape.size() > 6) fail(where_, "value '{}' has {} dimensions; at most 6 are supported", record.name, record.shape.size());
    try {
      count(record.shape);
    } catch (const Error &error) {
      fail(where_, "value '{}': {}", record.name, error.what());
    }
    return record;
  }

  FunctionRecord function(const Json &json)
  {
    FunctionRecord record{text(json, "function"), text(json, "name"), {}, {}, member(json, "attributes", &Json::is_object, "an object")};
    for (const Json &input : list(json, "inputs")) {
      if (!input.is_string()) fail(where_, "function '{}' has an input that is not a name; the file is damaged", record.name);
      record.inputs.push_back(input.get<std::string>());
    }
    for (const Json &output : list(json, "outputs")) record.outputs.push_back(value(output));
    if (record.outputs.empty()) fail(where_, "function '{}' has no outputs; the file is damaged", record.name);
    return record;
  }

  Tensor tensor(const ValueRecord &record, const std::string &base64)
  {
    const size_t wanted = static_cast<size_t>(count(record.shape)) * size_of(record.type);
    const auto damaged = [&] { fail(where_, "the data of constant '{}' is damaged: it must be {} bytes in base64", record.name, wanted); };
    if (base64.size() != (wanted + 2) / 3 * 4) damaged();
    Tensor t(record.type, record.shape);
    uint32_t bits = 0;
    size_t at = 0;
    for (size_t i = 0; i < base64.size(); ++i) {
      const char c = base64[i];
      uint32_t six = 0;
      if (c >= 'A' && c <= 'Z') six = static_cast<uint32_t>(c - 'A');
      else if (c >= 'a' && c <= 'z') six = static_cast<uint32_t>(c - 'a' + 26);
      else if (c >= '0' && c <= '9') six = static_cast<uint32_t>(c - '0' + 52);
      else if (c == '+') six = 62;
      else if (c == '/') six = 63;
      else if (c != '=' || at + 2 < wanted) damaged();
      bits = bits << 6 | six;
      if (i % 4 == 3)
        for (int shift = 16; shift >= 0 && at < wanted; shift -= 8) t.bytes[at++] = static_cast<std::byte>(bits >> shift & 255);
    }
    if (record.type == Type::boolean)
      for (std::byte &b : t.bytes) b = b == std::byte{0} ? std::byte{0} : std::byte{1};
    return t;
  }

  Where where_;
};

}  // namespace

bool looks_like_graph(std::span<const std::byte> bytes)
{
  const std::string_view head(reinterpret_cast<const char *>(bytes.data()), std::min<size_t>(bytes.size(), 4096));
  const size_t first = head.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && head[first] == '{' && head.find("\"net2c.chainer\"") != std::string_view::npos;
}

GraphRecord read_graph(const std::string &path, std::span<const std::byte> bytes)
{
  const auto *text = reinterpret_cast<const char *>(bytes.data());
  Json json;
  try {
    json = Json::parse(text, text + bytes.size());
  } catch (const Json::parse_error &error) {
    fail({.file = path}, "is not whole: its JSON cannot be read near byte {} of {}; write it again with python -m net2c.chainer", error.byte, bytes.size());
  } catch (const Json::exception &error) {
    fail({.file = path}, "cannot be read ({}); write it again with python -m net2c.chainer", error.what());
  }
  return Reader(path).graph(json);
}

}  // namespace net2c::chainer
