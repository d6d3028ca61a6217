// .cfg text -> records. As in Darknet white space counts nowhere, lines that begin with # or ; are comments.
#include <algorithm>
#include <string_view>

#include "import/darknet/darknet.h"
#include "import/darknet/records.h"

namespace net2c::darknet {

namespace {

std::string without_spaces(std::string_view line)
{
  std::string text(line);
  std::erase_if(text, [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; });
  return text;
}

std::string_view text_of(std::span<const std::byte> bytes)
{
  std::string_view text(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

// Takes the next line off `rest`.
std::string next_line(std::string_view &rest)
{
  const size_t end = std::min(rest.find('\n'), rest.size());
  const std::string line = without_spaces(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

bool is_comment(const std::string &line) { return line.empty() || line[0] == '#' || line[0] == ';'; }

}  // namespace

const std::string *Section::find(std::string_view key) const
{
  const auto found = std::find_if(keys.begin(), keys.end(), [&](const auto &k) { return k.first == key; });
  return found == keys.end() ? nullptr : &found->second;
}

// Its first line that is no comment is a section, and one of the sections is of a kind that other .ini files do not have.
bool looks_like_cfg(std::span<const std::byte> bytes)
{
  std::string_view rest = text_of(bytes);
  if (!is_text(rest.substr(0, 1 << 16))) return false;
  std::string line;
  while (!rest.empty() && is_comment(line = next_line(rest))) {}
  if (line.empty() || line[0] != '[') return false;
  for (;; line = next_line(rest)) {
    for (const char *type : {"[net]", "[network]", "[convolutional]", "[connected]", "[maxpool]", "[yolo]", "[region]"})
      if (line == type) return true;
    if (rest.empty()) return false;
  }
}

std::vector<Section> read_cfg(const std::string &path, std::span<const std::byte> bytes)
{
  std::vector<Section> sections;
  std::string_view rest = text_of(bytes);
  for (size_t number = 1; !rest.empty(); ++number) {
    const std::string line = next_line(rest);
    if (is_comment(line)) continue;
    if (line[0] == '[') {
      const size_t end = line.find(']');
      if (end == line.npos || end == 1 || (end + 1 < line.size() && line[end + 1] != '#' && line[end + 1] != ';'))
        fail({.file = path}, "line {} is '{}', which is no [section]; is the file damaged?", number, line.substr(0, 60));
      sections.push_back({line.substr(1, end - 1), number, {}});
      continue;
    }
    const size_t equals = line.find('=');
    if (equals == line.npos || equals == 0)
      fail({.file = path}, "line {} is '{}', which is neither [section] nor key=value; is the file damaged?", number, line.substr(0, 60));
    if (sections.empty()) fail({.file = path}, "line {} stands before the first [section]; is the file damaged?", number);
    const std::string value = line.substr(equals + 1);
    sections.back().keys.emplace_back(line.substr(0, equals), value.substr(0, value.find_first_of("#;")));
  }
  return sections;
}

}  // namespace net2c::darknet
