#include "import/onnx/layer.h"

#include <algorithm>

#include "import/onnx/read.h"
#include "ops/ops.h"

namespace net2c::onnx {

Layer::Layer(Translation &translation, const NodeRecord &node, int64_t v, std::string name, std::vector<Operand> operands,
             std::vector<bool> used)
    : Builder(translation, std::move(name), node.outputs.empty() ? std::string() : std::string(node.outputs[0])),
      version(v),
      node_(node),
      operands_(std::move(operands)),
      used_(std::move(used)),
      results_(used_.size(), absent)
{
}

Operand Layer::in(size_t i) const
{
  const Operand x = maybe(i);
  if (x == absent) fail({}, "input number {} is missing", i);
  return x;
}

std::string Layer::input_text(size_t i, const char *what) const { return fmt::format("'{}' (value '{}')", what, node_.inputs[i]); }

const Tensor &Layer::known(size_t i, const char *what) const
{
  const Operand x = in(i);
  const Tensor *data = constant(x);
  if (!data && translation_.is_graph_input(x))
    unsupported("whose {} is an input of the network: bake it in (--const {}=FILE)", input_text(i, what), node_.inputs[i]);
  if (!data) unsupported("whose {} is computed while the network runs", input_text(i, what));
  return *data;
}

Ints Layer::known_integers(size_t i, const char *what) const
{
  const Tensor &t = known(i, what);
  if (t.type == Type::f32 || t.type == Type::f64 || t.type == Type::f16)
    fail({}, "{} is of type {}, but must be an integer type", input_text(i, what), net2c::name_of(t.type));
  if (t.shape.size() > 1) fail({}, "{} has shape {}, but must have one dimension", input_text(i, what), text_of(t.shape));
  return t.integers();
}

double Layer::known_number(size_t i, const char *what) const
{
  const Tensor &t = known(i, what);
  if (t.size() != 1) fail({}, "{} has shape {}, but must be one number", input_text(i, what), text_of(t.shape));
  return t.numbers()[0];
}

const Attribute *Layer::find(const char *name, const Attribute::Kind *kind)
{
  for (const Attribute &a : node_.attributes)
    if (a.name == name) {
      read_.insert(a.name);
      if (kind && a.kind != *kind) fail({}, "attribute '{}' is of the wrong kind", name);
      return &a;
    }
  return nullptr;
}

int64_t Layer::integer(const char *name, int64_t otherwise)
{
  const auto kind = Attribute::Kind::integer;
  const Attribute *a = find(name, &kind);
  return a ? a->integer : otherwise;
}

float Layer::real(const char *name, float otherwise)
{
  const auto kind = Attribute::Kind::real;
  const Attribute *a = find(name, &kind);
  return a ? a->real : otherwise;
}

std::string Layer::text(const char *name, const char *otherwise)
{
  const auto kind = Attribute::Kind::text;
  const Attribute *a = find(name, &kind);
  return a ? std::string(a->text) : otherwise;
}

// An empty list may come without a kind in old files.
std::optional<Ints> Layer::integers(const char *name)
{
  const Attribute *a = find(name, nullptr);
  if (!a) return {};
  if (a->kind != Attribute::Kind::integers && a->kind != Attribute::Kind::undefined) fail({}, "attribute '{}' is not a list of integers", name);
  return a->integers;
}

std::optional<std::vector<float>> Layer::reals(const char *name)
{
  const Attribute *a = find(name, nullptr);
  if (!a) return {};
  if (a->kind != Attribute::Kind::reals && a->kind != Attribute::Kind::undefined) fail({}, "attribute '{}' is not a list of numbers", name);
  return a->reals;
}

const TensorRecord *Layer::tensor(const char *name)
{
  const auto kind = Attribute::Kind::tensor;
  const Attribute *a = find(name, &kind);
  if (a && !a->tensor) fail({}, "attribute '{}' has no tensor", name);
  return a ? &*a->tensor : nullptr;
}

void Layer::ignore(std::initializer_list<const char *> names)
{
  for (const char *name : names) has(name);
}

std::string Layer::unread_attribute() const
{
  for (const Attribute &a : node_.attributes)
    if (!read_.contains(a.name)) return std::string(a.name);
  return {};
}

std::optional<Ints> Layer::axes(int64_t since, size_t i)
{
  if (version < since) return integers("axes");
  if (maybe(i) == absent) return {};
  return known_integers(i, "axes");
}

void Layer::only_output()
{
  for (size_t i = 1; i < used_.size(); ++i)
    if (used_[i]) unsupported("with its output number {} ('{}')", i, node_.outputs[i]);
}

void Layer::result(size_t i, Operand x)
{
  if (i >= used_.size() || node_.outputs[i].empty()) return;
  results_[i] = named(x, std::string(node_.outputs[i]));
}

}  // namespace net2c::onnx
