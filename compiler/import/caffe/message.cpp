#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "import/caffe/records.h"

namespace net2c::caffe {

const Field *Message::find(std::string_view name) const
{
  for (size_t i = fields.size(); i-- > 0;)
    if (fields[i].name == name) return &fields[i];
  return nullptr;
}

const Message *Message::message(std::string_view name) const
{
  const Field *f = find(name);
  return f ? f->message.get() : nullptr;
}

std::vector<const Message *> Message::messages(std::string_view name) const
{
  std::vector<const Message *> all;
  for (const Field &f : fields)
    if (f.name == name && f.message) all.push_back(f.message.get());
  return all;
}

std::vector<std::string> Message::texts(std::string_view name) const
{
  std::vector<std::string> all;
  for (const Field &f : fields)
    if (f.name == name && (f.kind == Field::Kind::text || f.kind == Field::Kind::word)) all.push_back(f.text);
  return all;
}

namespace {

std::string shown(const Field &f)
{
  if (f.kind == Field::Kind::message) return "a group";
  if (f.kind == Field::Kind::integer) return std::to_string(f.integer);
  if (f.kind == Field::Kind::real) return fmt::format("{}", f.real);
  return "'" + f.text + "'";
}

}  // namespace

int64_t integer_of(const Field &f)
{
  if (f.kind == Field::Kind::integer) return f.integer;
  if (f.kind == Field::Kind::word && !f.text.empty()) {
    char *end = nullptr;
    errno = 0;
    const int64_t n = std::strtoll(f.text.c_str(), &end, 0);
    if (*end == 0 && errno == 0) return n;
  }
  fail({}, "'{}' is {}, but must be a whole number", f.name, shown(f));
}

double real_of(const Field &f)
{
  if (f.kind == Field::Kind::real) return f.real;
  if (f.kind == Field::Kind::integer) return static_cast<double>(f.integer);
  if (f.kind == Field::Kind::word && !f.text.empty()) {
    char *end = nullptr;
    const double x = std::strtod(f.text.c_str(), &end);
    if (end != f.text.c_str() && (*end == 0 || ((*end == 'f' || *end == 'F') && end[1] == 0))) return x;
  }
  fail({}, "'{}' is {}, but must be a number", f.name, shown(f));
}

bool flag_of(const Field &f)
{
  if (f.kind == Field::Kind::integer) return f.integer != 0;
  if (f.kind == Field::Kind::word) {
    if (f.text == "true" || f.text == "True" || f.text == "t" || f.text == "1") return true;
    if (f.text == "false" || f.text == "False" || f.text == "f" || f.text == "0") return false;
  }
  fail({}, "'{}' is {}, but must be true or false", f.name, shown(f));
}

Shape shape_of(const Message &m)
{
  Shape shape;
  for (const Field &f : m.fields)
    if (f.name == "dim") shape.push_back(integer_of(f));
  return shape;
}

Blob blob_of(const Message &m)
{
  Blob blob;
  if (const Message *shape = m.message("shape")) blob.shape = shape_of(*shape);
  Shape old;
  bool legacy = false;
  for (const char *name : {"num", "channels", "height", "width"}) {
    const Field *f = m.find(name);
    legacy |= f != nullptr;
    old.push_back(f ? integer_of(*f) : 0);
  }
  if (legacy) blob.shape = old;
  for (const Field &f : m.fields)
    if (f.name == "data" || f.name == "double_data") blob.loose.push_back(static_cast<float>(real_of(f)));
  return blob;
}

Tensor to_tensor(const Blob &blob, const Shape &shape)
{
  if (blob.size() != count(shape)) fail({}, "has {} numbers, but shape {} needs {}", blob.size(), text_of(shape), count(shape));
  Tensor t(Type::f32, shape);
  const auto to = t.as<float>();
  if (!blob.loose.empty()) {
    std::memcpy(to.data(), blob.loose.data(), blob.loose.size() * 4);
  } else if (!blob.floats.empty()) {
    std::memcpy(to.data(), blob.floats.data(), blob.floats.size());
  } else {
    for (size_t i = 0; i < to.size(); ++i) {
      double x = 0;
      std::memcpy(&x, blob.doubles.data() + 8 * i, 8);
      to[i] = static_cast<float>(x);
    }
  }
  return t;
}

}  // namespace net2c::caffe
