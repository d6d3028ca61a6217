#include "import/chainer/layer.h"

#include <limits>

namespace net2c::chainer {

Layer::Layer(Translation &translation, const FunctionRecord &record, std::vector<Operand> operands)
    : Builder(translation, record.name, record.outputs[0].name),
      record_(record),
      operands_(std::move(operands)),
      results_(record.outputs.size(), absent)
{
}

Operand Layer::in(size_t i) const
{
  if (i >= operands_.size()) fail({}, "input number {} is missing", i);
  return operands_[i];
}

const nlohmann::json *Layer::find(const char *name)
{
  const auto found = record_.attributes.find(name);
  if (found == record_.attributes.end()) return nullptr;
  read_.insert(name);
  return found->is_null() ? nullptr : &*found;
}

int64_t integer_of(const nlohmann::json &json, const char *name)
{
  constexpr int64_t most = int64_t{1} << 60;
  if (!json.is_number_integer() || (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(most)))
    fail({}, "attribute '{}' is not an integer: {}", name, json.dump().substr(0, 100));
  const int64_t value = json.get<int64_t>();
  if (value < -most) fail({}, "attribute '{}' is out of range", name);
  return value;
}

int64_t Layer::integer(const char *name, int64_t otherwise)
{
  const nlohmann::json *json = find(name);
  return json ? integer_of(*json, name) : otherwise;
}

int64_t Layer::integer(const char *name) { return integer_of(json(name), name); }

// JSON has no infinities: they come as text.
double Layer::real(const char *name, double otherwise)
{
  const nlohmann::json *json = find(name);
  if (!json) return otherwise;
  if (json->is_number()) return json->get<double>();
  if (*json == "inf") return std::numeric_limits<double>::infinity();
  if (*json == "-inf") return -std::numeric_limits<double>::infinity();
  fail({}, "attribute '{}' is not a number: {}", name, json->dump().substr(0, 100));
}

double Layer::real(const char *name)
{
  json(name);
  return real(name, 0);
}

bool Layer::flag(const char *name, bool otherwise)
{
  const nlohmann::json *json = find(name);
  if (json && !json->is_boolean()) fail({}, "attribute '{}' is neither true nor false", name);
  return json ? json->get<bool>() : otherwise;
}

std::string Layer::text(const char *name, const char *otherwise)
{
  const nlohmann::json *json = find(name);
  if (json && !json->is_string()) fail({}, "attribute '{}' is not a text", name);
  return json ? json->get<std::string>() : otherwise;
}

std::optional<Ints> Layer::integers(const char *name)
{
  const nlohmann::json *json = find(name);
  if (!json) return {};
  Ints values;
  if (!json->is_array()) values.push_back(integer_of(*json, name));
  else
    for (const nlohmann::json &j : *json) values.push_back(integer_of(j, name));
  return values;
}

const nlohmann::json &Layer::json(const char *name)
{
  const nlohmann::json *json = find(name);
  if (!json) fail({}, "attribute '{}' is missing", name);
  return *json;
}

std::string Layer::unread_attribute() const
{
  for (const auto &[name, value] : record_.attributes.items())
    if (!read_.contains(name)) return name;
  return {};
}

Ints Layer::axes(const char *name, Operand x)
{
  const std::optional<Ints> given = integers(name);
  Ints result;
  const std::vector<bool> chosen = given ? this->chosen(*given, rank(x)) : std::vector<bool>(static_cast<size_t>(rank(x)), true);
  for (size_t d = 0; d < chosen.size(); ++d)
    if (chosen[d]) result.push_back(static_cast<int64_t>(d));
  return result;
}

void Layer::result(size_t i, Operand x)
{
  if (i >= results_.size()) fail({}, "has {} outputs in the file, but makes more", results_.size());
  results_[i] = named(x, record_.outputs[i].name);
}

}  // namespace net2c::chainer
