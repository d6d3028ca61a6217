#include "cli/text.h"

namespace net2c::cli {

std::string thousands(uint64_t n)
{
  std::string text = std::to_string(n);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
  return text;
}

std::string file_name_of(const std::string &name)
{
  std::string text = name;
  for (char &c : text)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-')) c = '_';
  return text;
}

}  // namespace net2c::cli
