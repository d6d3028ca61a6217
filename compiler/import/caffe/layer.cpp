#include "import/caffe/layer.h"

#include <algorithm>

#include "ops/ops.h"

namespace net2c::caffe {

const Field *Params::find(const char *name)
{
  const Field *f = message_ ? message_->find(name) : nullptr;
  if (f) read_.insert(name);
  return f;
}

template <class F>
auto Params::named(F f) const
{
  try {
    return f();
  } catch (const Error &error) {
    fail({}, "{}: {}", name_, error.what());
  }
}

namespace {

int64_t bounded(const Field &f)
{
  const int64_t n = integer_of(f);
  if (n < -(int64_t{1} << 30) || n > int64_t{1} << 30) fail({}, "'{}' is {}, which is out of range", f.name, n);
  return n;
}

}  // namespace

int64_t Params::integer(const char *name, int64_t otherwise)
{
  const Field *f = find(name);
  return f ? named([&] { return bounded(*f); }) : otherwise;
}

float Params::real(const char *name, float otherwise)
{
  const Field *f = find(name);
  return f ? named([&] { return static_cast<float>(real_of(*f)); }) : otherwise;
}

bool Params::flag(const char *name, bool otherwise)
{
  const Field *f = find(name);
  return f ? named([&] { return flag_of(*f); }) : otherwise;
}

int64_t Params::choice(const char *name, int64_t otherwise, std::initializer_list<std::pair<const char *, int64_t>> enumerators)
{
  const Field *f = find(name);
  if (!f) return otherwise;
  std::string all;
  for (const auto &[word, number] : enumerators) {
    if (f->kind == Field::Kind::integer ? f->integer == number : f->text == word || f->text == std::to_string(number))
      return number;
    all += fmt::format("{}{}", all.empty() ? "" : ", ", word);
  }
  fail({}, "{}: '{}' is {}; there are {}", name_, name, f->kind == Field::Kind::integer ? std::to_string(f->integer) : f->text,
       all);
}

Ints Params::integers(const char *name)
{
  Ints all;
  if (!find(name)) return all;
  for (const Field &f : message_->fields)
    if (f.name == name) all.push_back(named([&] { return bounded(f); }));
  return all;
}

std::vector<float> Params::reals(const char *name)
{
  std::vector<float> all;
  if (!find(name)) return all;
  for (const Field &f : message_->fields)
    if (f.name == name) all.push_back(named([&] { return static_cast<float>(real_of(f)); }));
  return all;
}

const Message *Params::message(const char *name)
{
  const Field *f = find(name);
  if (f && !f->message) fail({}, "{}: '{}' must be a group in braces", name_, name);
  return f ? f->message.get() : nullptr;
}

std::vector<const Message *> Params::messages(const char *name)
{
  return find(name) ? message_->messages(name) : std::vector<const Message *>{};
}

void Params::ignore(std::initializer_list<const char *> names)
{
  for (const char *name : names) find(name);
}

std::string Params::unread() const
{
  if (message_)
    for (const Field &f : message_->fields)
      if (!read_.contains(f.name)) return f.name;
  return {};
}

Layer::Layer(Graph &graph, const LayerRecord &record, std::vector<ValueId> bottoms, std::vector<bool> used, Host host)
    : graph_(graph),
      record_(record),
      bottoms_(std::move(bottoms)),
      results_(used.size(), none),
      used_(std::move(used)),
      host_(std::move(host))
{
}

ValueId Layer::in(size_t i) const
{
  if (i >= bottoms_.size()) fail({}, "needs {} bottom{}, but has {}", i + 1, i == 0 ? "" : "s", bottoms_.size());
  return bottoms_[i];
}

void Layer::want_bottoms(size_t least, size_t most) const
{
  if (bottoms_.size() < least || bottoms_.size() > most)
    fail({}, "takes {} bottom{}, but has {}", least == most ? std::to_string(least) : fmt::format("{} to {}", least, most),
         most == 1 ? "" : "s", bottoms_.size());
}

Params &Layer::params(const char *name)
{
  for (Params &p : params_)
    if (p.name_ == name) return p;
  const Message *message = record_.message.get();
  if (!record_.flat) {
    const Field *f = message->find(name);
    if (f && !f->message) fail({}, "'{}' must be a group in braces", name);
    message = f ? f->message.get() : nullptr;
  }
  return params_.emplace_back(name, message);
}

std::string Layer::unread() const
{
  if (!record_.flat)   // where parameters of all layers lie in one message
    for (const Params &p : params_)
      if (const std::string field = p.unread(); !field.empty()) return fmt::format("{} '{}'", p.name_, field);
  return {};
}

int64_t Layer::axis(int64_t a, int64_t rank) const
{
  if (a < -rank || a >= rank) fail({}, "axis {} does not fit {} dimensions", a, rank);
  return a < 0 ? a + rank : a;
}

ValueId Layer::add(Op op, const std::vector<ValueId> &inputs, const Shape &wanted)
{
  std::vector<const Value *> values;
  for (ValueId v : inputs) values.push_back(v == none ? nullptr : &graph_.values[v]);
  TypedShape result = net2c::result_of(op, values, wanted);
  if (result.shape.size() > 6) fail({}, "the result {} has more than 6 dimensions", text_of(result.shape));
  count(result.shape);
  const ValueId id = static_cast<ValueId>(graph_.values.size());
  graph_.values.push_back({host_.fresh(), result.type, std::move(result.shape)});
  add_node(graph_, std::move(op), record_.name, inputs, {id});
  return id;
}

ValueId Layer::slice(ValueId x, int64_t axis, int64_t start, int64_t length)
{
  Shape to = shape(x);
  Slice op{Ints(to.size(), 0), Ints(to.size(), 1)};
  op.starts[static_cast<size_t>(axis)] = start;
  to[static_cast<size_t>(axis)] = length;
  return add(std::move(op), {x}, to);
}

ValueId Layer::constant(Tensor data)
{
  const ValueId id = static_cast<ValueId>(graph_.values.size());
  graph_.values.push_back({host_.fresh(), data.type, data.shape});
  add_node(graph_, Constant{std::make_shared<const Tensor>(std::move(data))}, graph_.values[id].name, {}, {id});
  return id;
}

ValueId Layer::filled(const Shape &shape, float x)
{
  reserve(shape);
  return constant(tensor_f32(shape, std::vector<float>(static_cast<size_t>(count(shape)), x)));
}

void Layer::result(size_t i, ValueId x)
{
  if (i < results_.size()) results_[i] = x;
}

}  // namespace net2c::caffe
