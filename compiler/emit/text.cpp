#include "emit/text.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <set>

#include "emit/emit.h"

namespace net2c {

std::string c_string(const std::string &text)
{
  std::string result = "\"";
  for (unsigned char c : text)
    if (c == '"' || c == '\\' || c == '?') result += '\\', result += static_cast<char>(c);   // ? : trigraphs
    else if (c >= ' ' && c < 127) result += static_cast<char>(c);
    else result += fmt::format("\\{:03o}", c);
  return result + "\"";
}

std::string c_comment(const std::string &text)
{
  std::string result;
  for (unsigned char c : text.substr(0, 200)) result += c >= ' ' && c < 127 && c != '*' && c != '?' && c != '\\' ? static_cast<char>(c) : '_';
  return result + (text.size() > 200 ? "..." : "");
}

std::string c_float(float x)
{
  if (std::isnan(x)) return "__builtin_nanf(\"\")";
  if (std::isinf(x)) return x > 0 ? "__builtin_inff()" : "-__builtin_inff()";
  if (std::fabs(x) < 1e6f && x == std::floor(x)) return fmt::format("{:.1f}f", x);
  return fmt::format("{:a}f", x);
}

std::string c_identifier(const std::string &text)
{
  static const std::set<std::string> keywords = {
      "alignas", "alignof", "and", "and_eq", "asm", "auto", "bitand", "bitor", "bool", "break", "case", "catch", "char", "class", "compl",
      "concept", "const", "constexpr", "continue", "default", "delete", "do", "double", "else", "enum", "explicit", "export", "extern",
      "false", "float", "for", "friend", "goto", "if", "inline", "int", "linux", "long", "main", "mutable", "namespace", "new", "noexcept",
      "not", "nullptr", "operator", "or", "private", "protected", "public", "register", "requires", "restrict", "return", "short",
      "signed", "sizeof", "static", "struct", "switch", "template", "this", "throw", "true", "try", "typedef", "typeid", "typename",
      "typeof", "union", "unix", "unsigned", "using", "virtual", "void", "volatile", "while", "xor"};
  std::string result;
  for (unsigned char c : text.substr(0, 60)) result += std::isalnum(c) && c < 128 ? static_cast<char>(c) : '_';
  const size_t first = result.find_first_not_of('_'), last = result.find_last_not_of('_');   // __x is the compiler's
  result = first == std::string::npos ? "" : result.substr(first, last - first + 1);
  for (size_t at; (at = result.find("__")) != std::string::npos;) result.erase(at, 1);
  if (result.empty() || std::isdigit(static_cast<unsigned char>(result[0])) || keywords.count(result)) result = "net_" + result;
  return result.back() == '_' ? result.substr(0, result.size() - 1) : result;
}

}  // namespace net2c
