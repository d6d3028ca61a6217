#include "driver/json_object.h"

#include <algorithm>

#include "base/error.h"
#include "base/file.h"

namespace net2c {

nlohmann::json read_json(const std::string &path)
{
  const Bytes bytes = read_file(path);
  const char *text = reinterpret_cast<const char *>(bytes.data());
  try {
    return nlohmann::json::parse(text, text + bytes.size());
  } catch (const nlohmann::json::exception &e) {
    fail({.file = path}, "is not JSON ({})", e.what());
  }
}

JsonObject::JsonObject(std::string file, std::string what, nlohmann::json json) : file_(std::move(file)), what_(std::move(what)), json_(std::move(json))
{
  if (json_.is_object()) return;
  if (what_.empty()) fail({.file = file_}, "is not a JSON object {{...}}");
  fail({.file = file_}, "'{}' is not a JSON object {{...}}", what_);
}

std::string JsonObject::name_of(const char *key) const { return what_.empty() ? key : what_ + "." + key; }

void JsonObject::wrong(const char *key, const std::string &allowed) const
{
  std::string value = json_.at(key).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (value.size() > 60) value = value.substr(0, 57) + "...";
  fail({.file = file_}, "'{}' is {}; allowed: {}", name_of(key), value, allowed);
}

void JsonObject::only(std::initializer_list<const char *> keys) const
{
  for (const auto &[key, value] : json_.items())
    if (std::find(keys.begin(), keys.end(), key) == keys.end())
      fail({.file = file_}, "'{}' is not a key{}; there are {}", key, what_.empty() ? "" : " of '" + what_ + "'", fmt::join(keys, ", "));
}

std::string JsonObject::text(const char *key, const std::string &other) const
{
  if (!has(key)) return other;
  if (!json_[key].is_string()) wrong(key, "a text in quotes");
  return json_[key];
}

bool JsonObject::flag(const char *key, bool other) const
{
  if (!has(key)) return other;
  if (!json_[key].is_boolean()) wrong(key, "true, false");
  return json_[key];
}

double JsonObject::number(const char *key, double other, double least, double most) const
{
  if (!has(key)) return other;
  const std::string allowed = most == 1e15 ? "a number" : fmt::format("a number from {} to {}", least, most);
  if (!json_[key].is_number()) wrong(key, allowed);
  const double x = json_[key];
  if (!(x >= least && x <= most)) wrong(key, allowed);
  return x;
}

int64_t JsonObject::integer(const char *key, int64_t other, int64_t least, int64_t most) const
{
  if (!has(key)) return other;
  const std::string allowed = fmt::format("a whole number from {} to {}", least, most);
  if (!json_[key].is_number_integer()) wrong(key, allowed);
  if (json_[key].is_number_unsigned() && json_[key].get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) wrong(key, allowed);
  const int64_t x = json_[key];
  if (x < least || x > most) wrong(key, allowed);
  return x;
}

size_t JsonObject::choice(const char *key, size_t other, std::initializer_list<const char *> words) const
{
  if (!has(key)) return other;
  if (json_[key].is_string()) {
    const auto at = std::find(words.begin(), words.end(), json_[key].get<std::string>());
    if (at != words.end()) return static_cast<size_t>(at - words.begin());
  }
  wrong(key, fmt::format("\"{}\"", fmt::join(words, "\", \"")));
}

std::vector<double> JsonObject::numbers(const char *key, size_t count, double other) const
{
  if (!has(key)) return std::vector<double>(count, other);
  const nlohmann::json &v = json_[key];
  const auto one = [](const nlohmann::json &x) { return x.is_number() && x.get<double>() >= -1e15 && x.get<double>() <= 1e15; };
  if (one(v)) return std::vector<double>(count, v.get<double>());
  const bool good = v.is_array() && v.size() == count && std::all_of(v.begin(), v.end(), one);
  if (!good) wrong(key, fmt::format("a number, or a list of numbers, one a channel: {}", count));
  return v.get<std::vector<double>>();
}

std::pair<int64_t, int64_t> JsonObject::size(const char *key) const
{
  const nlohmann::json &v = json_.at(key);
  const auto good = [](const nlohmann::json &x) { return x.is_number_integer() && x >= 1 && x <= 1 << 14; };
  if (!v.is_array() || v.size() != 2 || !good(v[0]) || !good(v[1])) wrong(key, "[height, width], each from 1 to 16384");
  return {v[0].get<int64_t>(), v[1].get<int64_t>()};
}

}  // namespace net2c
