#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "emit/sources.h"

namespace net2c {

namespace {

bool word(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

// The lines of a text, with their ends.
std::vector<std::string_view> lines_of(std::string_view text)
{
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return lines;
}

// The symbol of `#ifndef SYMBOL`, `#define SYMBOL` as the first two directives, or nothing.
struct Guard { size_t first = 0, last = 0; };
std::optional<Guard> guard_of(const std::vector<std::string_view> &lines)
{
  size_t first = 0;
  while (first < lines.size() && lines[first].substr(0, 1) != "#") ++first;
  if (first + 1 >= lines.size() || !lines[first].starts_with("#ifndef ")) return {};
  if (lines[first + 1] != "#define " + std::string(lines[first].substr(8))) return {};
  size_t last = lines.size() - 1;
  while (last > first && !lines[last].starts_with("#endif")) --last;
  return Guard{first, last};
}

// The path of `#include "kernels/..."` or `"runtime/..."`, or nothing.
std::string_view own_include(std::string_view line)
{
  if (!line.starts_with("#include \"")) return {};
  const std::string_view path = line.substr(10, line.find('"', 10) - 10);
  return path.starts_with("kernels/") || path.starts_with("runtime/") ? path : std::string_view{};
}

}  // namespace

const std::string &embedded_source(const std::string &path)
{
  const auto it = embedded_sources().find(path);
  if (it == embedded_sources().end()) bug("{} is not embedded in this build", path);
  return it->second;
}

std::string Flattener::file(const std::string &path)
{
  if (const auto it = overrides.find(path); it != overrides.end()) return text(it->second);
  return guard_of(lines_of(embedded_source(path))) && !done_.insert(path).second ? "" : text(embedded_source(path));
}

std::string Flattener::text(const std::string &source)
{
  const auto lines = lines_of(source);
  const auto guard = guard_of(lines);
  std::string result;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (guard && (i == guard->first || i == guard->first + 1 || i == guard->last)) continue;
    const std::string_view path = own_include(lines[i]);
    if (path.empty()) result += lines[i];
    else result += file(std::string(path));
  }
  return result;
}

std::string in_capitals(const std::string &name)
{
  std::string capitals;
  for (char c : name) capitals += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return capitals;
}

namespace {

// Calls f(words or what stands between them, whether it is a word that begins with our prefix).
template <class F>
void each_word(std::string_view source, F f)
{
  for (size_t i = 0; i < source.size();) {
    size_t end = i;
    while (end < source.size() && word(source[end]) == word(source[i])) ++end;
    const std::string_view text = source.substr(i, end - i);
    f(text, text.starts_with("net2c_") || text.starts_with("NET2C_"));
    i = end;
  }
}

std::string without_comments(std::string_view source)
{
  std::string result;
  for (size_t i = 0; i < source.size();) {
    size_t end = i + 1;
    if (source.substr(i, 2) == "/*") {
      i = std::min(source.find("*/", i + 2), source.size() - 2) + 2;
      continue;
    }
    if (source[i] == '"') {
      while (end < source.size() && source[end] != '"') end += source[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, source.size());
    }
    result += source.substr(i, end - i);
    i = end;
  }
  return result;
}

// The words of a vocabulary, which have no prefix: its inline functions and its types.
std::set<std::string_view> vocabulary_of(std::string_view source)
{
  std::set<std::string_view> words;
  for (std::string_view line : lines_of(source)) {
    size_t end = line.starts_with("NET2C_INLINE ") ? line.find('(') : line.starts_with("typedef ") ? line.find_last_of(';') : std::string_view::npos;
    if (end == std::string_view::npos) continue;
    size_t begin = end;
    while (begin > 0 && word(line[begin - 1])) --begin;
    if (const std::string_view name = line.substr(begin, end - begin); !name.empty() && !name.starts_with("net2c_")) words.insert(name);
  }
  return words;
}

}  // namespace

std::string apart(const std::string &source, const std::string &core, const std::string &part)
{
  std::set<std::string_view> shared;
  const std::string code = without_comments(core);
  each_word(code, [&](std::string_view text, bool ours) {
    if (ours) shared.insert(text);
  });
  const std::set<std::string_view> vocabulary = vocabulary_of(source);
  std::string result;
  each_word(source, [&](std::string_view text, bool ours) {
    if (vocabulary.count(text)) {
      result.append("net2c_").append(text).append("_" + part);
      return;
    }
    if (ours && !shared.count(text)) {
      result += text.substr(0, 6);
      result += (text[0] == 'N' ? in_capitals(part) : part) + "_";
      text.remove_prefix(6);
    }
    result += text;
  });
  return result;
}

std::string renamed(const std::string &source, const std::string &name)
{
  const std::string capitals = in_capitals(name);
  std::string result;
  result.reserve(source.size() + source.size() / 8);
  for (size_t i = 0; i < source.size();) {
    const std::string_view rest = std::string_view(source).substr(i);
    if (rest.starts_with("NET2C_")) result += capitals, i += 5;
    else if (rest.starts_with("net2c_")) result += name, i += 5;
    else if (rest.starts_with("struct net2c") && !(rest.size() > 12 && word(rest[12]))) result += "struct " + name, i += 12;
    else result += source[i++];
  }
  return result;
}

}  // namespace net2c
