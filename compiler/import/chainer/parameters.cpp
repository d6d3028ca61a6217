#include "import/chainer/parameters.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace net2c::chainer {

namespace {

// How names of the graph become names of the file: the first `strip` characters go, `prefix` is put before.
struct Place {
  std::string prefix;
  size_t strip = 0;
  size_t found = 0;
  std::string operator()(const std::string &name) const { return prefix + name.substr(strip); }
};

class Finder {
 public:
  Finder(const ArrayFile &file, const std::vector<ValueRecord> &wanted) : file_(file), wanted_(wanted), there_(file.names().begin(), file.names().end()) {}

  // All places where the first name stands, with fewer and fewer leading parts of the names until one holds everything.
  std::vector<Place> places() const
  {
    std::vector<Place> all;
    for (size_t strip = 0;;) {
      add(all, {"", strip, 0});
      const std::string rest = "/" + wanted_[0].name.substr(strip);
      for (const std::string &name : file_.names())
        if (name.ends_with(rest)) add(all, {name.substr(0, name.size() - rest.size() + 1), strip, 0});
      if (!all.empty() && std::any_of(all.begin(), all.end(), [&](const Place &p) { return p.found == wanted_.size(); })) break;
      const size_t next = shared_part(strip);
      if (next == std::string::npos) break;
      strip = next;
    }
    return all;
  }

 private:
  void add(std::vector<Place> &all, Place place) const
  {
    for (const ValueRecord &w : wanted_) place.found += there_.contains(place(w.name));
    all.push_back(std::move(place));
  }

  size_t shared_part(size_t strip) const
  {
    const size_t slash = wanted_[0].name.find('/', strip);
    if (slash == std::string::npos) return slash;
    for (const ValueRecord &w : wanted_)
      if (w.name.compare(0, slash + 1, wanted_[0].name, 0, slash + 1) != 0) return std::string::npos;
    return slash + 1;
  }

  const ArrayFile &file_;
  const std::vector<ValueRecord> &wanted_;
  std::unordered_set<std::string> there_;
};

Tensor as_type(const Tensor &t, Type type)
{
  if (t.type == type) return t;
  Tensor result(type, t.shape);
  const std::vector<double> numbers = t.numbers();
  if (type == Type::f32) std::copy(numbers.begin(), numbers.end(), result.as<float>().begin());
  else if (type == Type::f64) std::copy(numbers.begin(), numbers.end(), result.as<double>().begin());
  else fail({}, "is {}, the graph wants {}", name_of(t.type), name_of(type));
  return result;
}

}  // namespace

std::vector<Tensor> read_parameters(ArrayFile &file, const std::string &path, const std::vector<ValueRecord> &wanted)
{
  if (wanted.empty()) return {};
  const std::vector<Place> places = Finder(file, wanted).places();
  const Place &place = *std::max_element(places.begin(), places.end(), [](const Place &a, const Place &b) { return a.found < b.found; });
  if (place.found < wanted.size()) {
    const std::unordered_set<std::string> there(file.names().begin(), file.names().end());
    std::vector<std::string> missing;
    for (const ValueRecord &w : wanted)
      if (!there.contains(place(w.name)) && missing.size() < 5) missing.push_back("'" + place(w.name) + "'");
    fail({.file = path}, "has {} of the {} arrays that the graph wants; among those that are missing: {}. Are these the weights of another network?",
         place.found, wanted.size(), fmt::join(missing, ", "));
  }
  for (const Place &other : places)   // the names as they are go before those below anything
    if (&other != &place && other.found == wanted.size() && !place.prefix.empty())
      fail({.file = path}, "holds such a network more than once, below '{}' and '{}'; save the one that is meant alone", place.prefix, other.prefix);
  std::vector<Tensor> result;
  for (const ValueRecord &w : wanted) {
    const std::string name = place(w.name);
    const Where where{.file = path + ": array '" + name + "'"};
    const std::optional<Tensor> t = file.read(name, count(w.shape) * 8);
    if (!t) fail(where, "was not initialised when the file was saved; run the model once before saving it");
    if (t->shape != w.shape)
      fail(where, "is {}, the graph wants {}: these are the weights of another network, or of one with other options", text_of(t->shape), text_of(w.shape));
    try {
      result.push_back(as_type(*t, w.type));
    } catch (const Error &error) {
      fail(where, "{}", error.what());
    }
  }
  return result;
}

Tensor made_up(const ValueRecord &record)
{
  Tensor t(record.type, record.shape);
  if (t.type != Type::f32) return t;
  uint32_t state = 1;
  for (float &x : t.as<float>()) {
    state = state * 1664525 + 1013904223;
    x = 0.5f + static_cast<float>(state >> 8) * 0x1p-24f;
  }
  return t;
}

}  // namespace net2c::chainer
