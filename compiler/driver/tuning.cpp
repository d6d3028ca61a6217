#include "driver/tuning.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/file.h"
#include "emit/sources.h"

namespace net2c {

namespace {

constexpr const char *header = "net2c tuning 1";
constexpr double most_ms = 1e7;

std::vector<std::string> split_words(const std::string &line)
{
  std::vector<std::string> words;
  for (size_t at = 0; (at = line.find_first_not_of(" \t\r", at)) != std::string::npos;) {
    const size_t end = std::min(line.find_first_of(" \t\r", at), line.size());
    words.push_back(line.substr(at, end - at));
    at = end;
  }
  return words;
}

template <class T>
std::optional<T> number_in(const std::string &word)
{
  T n{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), n);
  if (error != std::errc{} || end != word.data() + word.size()) return {};
  return n;
}

// Why the line cannot be read, or nothing; what it says goes into the record.
std::string read_line(const std::vector<std::string> &words, Tuning &tuning)
{
  constexpr size_t times_at = 9;
  if (words.size() < times_at) return "is cut short";
  Timed timed;
  const auto isa = std::ranges::find_if(all_isas, [&](Isa i) { return words[0] == name_of(i); });
  if (isa == std::end(all_isas)) return fmt::format("'{}' is not an ISA", words[0]);
  timed.isa = *isa;
  const auto threads = number_in<uint32_t>(words[1]);
  if (!threads || *threads < 1 || *threads > 64) return fmt::format("'{}' is not a number of threads from 1 to 64", words[1]);
  timed.threads = *threads;
  const std::string layer = fmt::format("{}", fmt::join(words.begin() + 2, words.begin() + times_at, " "));
  const auto kind = parse_layer(layer);
  if (!kind) return fmt::format("'{}' is not a layer", layer);
  timed.layer = *kind;
  Times times;
  for (size_t i = times_at; i < words.size(); i += 2) {
    const auto method = std::ranges::find_if(method_names, [&](const char *name) { return words[i] == name; });
    if (method == std::end(method_names)) return fmt::format("'{}' is not a method", words[i]);
    const auto ms = i + 1 < words.size() ? number_in<double>(words[i + 1]) : std::nullopt;
    if (!ms || !(*ms > 0 && *ms <= most_ms)) return fmt::format("'{}' has no time in milliseconds", words[i]);
    if (!times.emplace(static_cast<Method>(method - std::begin(method_names)), *ms).second) return fmt::format("'{}' stands twice", words[i]);
  }
  if (times.size() < 2) return "has not two methods to compare";
  if (!tuning.emplace(timed, times).second) return "is of a layer that was timed in an earlier line";
  return "";
}

}  // namespace

Tuning parse_tuning(const std::string &file, const std::string &text)
{
  Tuning tuning;
  size_t number = 0;
  for (size_t at = 0; at < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::vector<std::string> words = split_words(text.substr(at, end - at));
    at = end + 1;
    if (number == 0) {
      if (fmt::format("{}", fmt::join(words, " ")) != header)
        fail({.file = file}, "is not a record of times that this net2c reads: its first line is not '{}'; make it anew with net2c tune", header);
      continue;
    }
    if (words.empty() || words[0].starts_with('#')) continue;
    if (const std::string reason = read_line(words, tuning); !reason.empty())
      fail({.file = file}, "line {} {}; make it anew with net2c tune", number + 1, reason);
  }
  if (number == 0) fail({.file = file}, "is empty; make it with net2c tune");
  return tuning;
}

std::string print(const Tuning &tuning)
{
  std::string text = fmt::format("{}\n", header);
  for (const auto &[timed, times] : tuning) {
    text += fmt::format("{} {} {}", name_of(timed.isa), timed.threads, text_of(timed.layer));
    for (const auto &[method, ms] : times) text += fmt::format(" {} {:.4f}", method_names[static_cast<int>(method)], std::max(ms, 0.0001));
    text += "\n";
  }
  return text;
}

Tuning read_tuning(const std::string &name)
{
  const auto shipped = embedded_sources().find("compiler/driver/records/" + name + ".txt");
  if (shipped != embedded_sources().end()) return parse_tuning(name, shipped->second);
  const Bytes bytes = read_file(name);
  return parse_tuning(name, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
}

LayerTimes relative_times(const Tuning &tuning, std::span<const Isa> isas)
{
  LayerTimes all;
  std::map<LayerKind, std::map<Method, int>> counts;
  std::map<LayerKind, int> settings;
  for (const auto &[timed, times] : tuning) {
    if (!isas.empty() && std::ranges::find(isas, timed.isa) == isas.end()) continue;
    const double best = std::ranges::min_element(times, {}, [](const auto &t) { return t.second; })->second;
    for (const auto &[method, ms] : times) all[timed.layer][method] += ms / best, ++counts[timed.layer][method];
    ++settings[timed.layer];
  }
  for (auto &[layer, times] : all)   // a method that was not timed everywhere cannot be compared
    std::erase_if(times, [&](const auto &t) { return counts[layer][t.first] != settings[layer]; });
  return all;
}

LayerTimes times_of(const std::vector<std::string> &records, std::span<const Isa> isas)
{
  Tuning all;
  for (const std::string &name : records)
    for (auto &[timed, times] : read_tuning(name)) all.insert_or_assign(timed, times);
  return relative_times(all, isas);
}

}  // namespace net2c
