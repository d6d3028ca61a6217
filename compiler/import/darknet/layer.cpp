#include "import/darknet/layer.h"

#include <charconv>
#include <cmath>

namespace net2c::darknet {

std::string name_of_layer(const Section &section, size_t index) { return fmt::format("{}_{}", section.type, index); }

double number_of(const std::string &text, const char *key)
{
  const char *begin = text.data(), *end = begin + text.size();
  if (begin != end && *begin == '+') ++begin;
  double x = 0;
  const auto [stop, error] = std::from_chars(begin, end, x);
  if (error != std::errc{} || stop != end || !std::isfinite(x)) fail({}, "{}={} is no number", key, text.substr(0, 60));
  return x;
}

Layer::Layer(Translation &translation, const Section &section, size_t index, const std::vector<Operand> &before, Operand previous,
             Weights &weights, bool norm_has_biases)
    : Builder(translation, name_of_layer(section, index), name_of_layer(section, index)),
      section_(section),
      index_(index),
      before_(before),
      previous_(previous),
      weights_(weights),
      norm_has_biases_(norm_has_biases)
{
}

double Layer::real(const char *key, double otherwise) const
{
  const std::string *text = section_.find(key);
  return text ? number_of(*text, key) : otherwise;
}

int64_t Layer::integer(const char *key, int64_t otherwise, int64_t least, int64_t most) const
{
  const double x = real(key, static_cast<double>(otherwise));
  if (x != std::floor(x) || x < static_cast<double>(least) || x > static_cast<double>(most))
    fail({}, "{}={}: a whole number of {} to {} is allowed", key, x, least, most);
  return static_cast<int64_t>(x);
}

std::string Layer::text(const char *key, const char *otherwise) const
{
  const std::string *text = section_.find(key);
  return text ? *text : otherwise;
}

std::vector<double> Layer::reals(const char *key) const
{
  std::vector<double> all;
  const std::string *text = section_.find(key);
  for (size_t at = 0; text && at < text->size();) {
    const size_t comma = std::min(text->find(',', at), text->size());
    all.push_back(number_of(text->substr(at, comma - at), key));
    at = comma + 1;
  }
  return all;
}

std::vector<Operand> Layer::others(const char *key) const
{
  const std::vector<double> numbers = reals(key);
  if (numbers.empty()) fail({}, "'{}' is missing: it says which layers are read", key);
  if (numbers.size() > 1000) fail({}, "'{}' names {} layers", key, numbers.size());
  std::vector<Operand> all;
  for (const double number : numbers) {
    const double at = number < 0 ? static_cast<double>(index_) + number : number;
    if (number != std::floor(number) || at < 0 || at >= static_cast<double>(index_))
      fail({}, "'{}' names layer {}{}; this is layer {}, which can read those before it only", key, number,
           number < 0 ? fmt::format(" (which is {})", at) : at == static_cast<double>(index_) ? ", itself" : "", index_);
    all.push_back(before_[static_cast<size_t>(at)]);
  }
  return all;
}

Operand Layer::weights(const Shape &shape)
{
  if (!weights_.given()) reserve(shape, Type::f32);
  return constant(weights_.take(shape));
}

}  // namespace net2c::darknet
