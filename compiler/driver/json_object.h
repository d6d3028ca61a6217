// A JSON object of a file of the user: every error names the file, the key and what is allowed.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

namespace net2c {

nlohmann::json read_json(const std::string &path);   // Error: no JSON

class JsonObject {
 public:
  JsonObject() = default;                              // without keys
  // `what`: of the file, "" for all of it, else a key: "output". Error: not an object.
  JsonObject(std::string file, std::string what, nlohmann::json);

  void only(std::initializer_list<const char *> keys) const;
  bool has(const char *key) const { return json_.contains(key); }
  const nlohmann::json &operator[](const char *key) const { return json_.at(key); }
  const std::string &file() const { return file_; }
  std::string name_of(const char *key) const;          // "output.threshold"

  // What stands there, or `other`.
  std::string text(const char *key, const std::string &other) const;
  bool flag(const char *key, bool other) const;
  double number(const char *key, double other, double least = -1e15, double most = 1e15) const;
  int64_t integer(const char *key, int64_t other, int64_t least, int64_t most) const;
  // The index of the word.
  size_t choice(const char *key, size_t other, std::initializer_list<const char *> words) const;
  // One number for all, or a list of so many; of at most 1e15.
  std::vector<double> numbers(const char *key, size_t count, double other) const;
  std::pair<int64_t, int64_t> size(const char *key) const;   // [height, width], 1 to 2^14 each

  [[noreturn]] void wrong(const char *key, const std::string &allowed) const;

 private:
  std::string file_, what_;
  nlohmann::json json_ = nlohmann::json::object();
};

}  // namespace net2c
