#include "import/translation.h"

#include <algorithm>

#include "ops/ops.h"

namespace net2c {

namespace {

// Empty axes count as one: the work along the other axes may be done all the same.
double volume(const Shape &shape)
{
  double n = 1;
  for (int64_t d : shape) n *= static_cast<double>(std::max<int64_t>(d, 1));
  return n;
}

double taps_of(const Op &op, const std::vector<const Value *> &inputs, const Shape &result)
{
  if (std::holds_alternative<Conv>(op) || std::holds_alternative<ConvTranspose>(op))
    return volume(inputs[1]->shape) / static_cast<double>(std::max<int64_t>(inputs[1]->shape[0], 1)) + 1;
  if (const auto *pool = std::get_if<Pool>(&op)) return volume(pool->kernel);
  if (std::holds_alternative<MatMul>(op)) return static_cast<double>(inputs[0]->shape.back()) + 1;
  if (const auto *norm = std::get_if<Norm>(&op)) return norm->kind == NormKind::lrn ? static_cast<double>(norm->size) : 4;
  if (const auto *resize = std::get_if<Resize>(&op)) {
    // Axis by axis: what stands between two axes may be larger than both ends.
    double taps = 16;
    for (size_t d = 0; d < result.size(); ++d) {
      const double in = static_cast<double>(inputs[0]->shape[d]), out = static_cast<double>(std::max<int64_t>(result[d], 1));
      taps *= std::max(1.0, in / out);
      if (resize->antialias) taps *= 1 + 4 / std::min(resize->scales[d], 1.0);
    }
    return taps;
  }
  return 1;
}

}  // namespace

double work_of(const Op &op, const std::vector<const Value *> &inputs, const Shape &result)
{
  double work = volume(result) * taps_of(op, inputs, result);
  for (const Value *input : inputs)
    if (input) work += volume(input->shape);
  return work;
}

Translation::Translation(const ImportOptions &options, int64_t file_bytes, std::unordered_set<std::string_view> reserved)
    : reserved_(std::move(reserved)),
      bytes_left_(static_cast<double>(options.fold_limit) + 4 * static_cast<double>(file_bytes)),
      work_left_(16 * bytes_left_)
{
}

void Translation::charge(double bytes, double work)
{
  if (bytes > bytes_left_ || work > work_left_)
    fail({}, "constants computed from the model's constants would take too much memory or time (limit {:.0f} MB); give smaller sizes",
         bytes_left_ / 1e6);
  bytes_left_ -= bytes;
  work_left_ -= work;
}

Operand Translation::push(Value value, TensorPtr data, ValueId id)
{
  operands_.push_back({std::move(value), std::move(data), id});
  return static_cast<Operand>(operands_.size() - 1);
}

bool Translation::is_graph_input(Operand x) const
{
  return std::find(graph.inputs.begin(), graph.inputs.end(), operands_[x].id) != graph.inputs.end();
}

std::string Translation::fresh(std::string_view stem)
{
  std::string name;
  do name = fmt::format("{}:{}", stem, ++next_name_);
  while (reserved_.contains(name));
  return name;
}

// Values are appended here rather than by add_value: names are unique already, and searching all of them for each new one
// would take quadratic time.
Operand Translation::add_input(std::string name, Type type, Shape shape)
{
  const ValueId id = static_cast<ValueId>(graph.values.size());
  graph.values.push_back({name, type, shape});
  add_node(graph, Input{static_cast<int>(graph.inputs.size())}, name, {}, {id});
  graph.inputs.push_back(id);
  return push({std::move(name), type, std::move(shape)}, nullptr, id);
}

Operand Translation::add_constant(std::string name, TensorPtr data)
{
  Value value{std::move(name), data->type, data->shape};
  return push(std::move(value), std::move(data), none);
}

Operand Translation::add(Op op, const std::vector<Operand> &inputs, const Shape &wanted, const std::string &layer, std::string_view stem)
{
  std::vector<const Value *> values;
  std::vector<const Tensor *> tensors;
  bool constant = true;
  for (Operand x : inputs) {
    values.push_back(x == absent ? nullptr : &value(x));
    tensors.push_back(x == absent ? nullptr : this->constant(x));
    constant &= x == absent || tensors.back();
  }
  TypedShape result = result_of(op, values, wanted);
  if (result.shape.size() > 6) fail({}, "the result {} has more than 6 dimensions", text_of(result.shape));
  Value output{fresh(stem), result.type, std::move(result.shape)};
  if (constant) {
    charge(volume(output.shape) * static_cast<double>(size_of(output.type)), work_of(op, values, output.shape));
    TensorPtr data = std::make_shared<const Tensor>(evaluate(op, tensors, output));
    return push(std::move(output), std::move(data), none);
  }
  std::vector<ValueId> ids;
  for (Operand x : inputs) ids.push_back(x == absent ? none : in_graph(x));
  const ValueId id = static_cast<ValueId>(graph.values.size());
  graph.values.push_back(output);
  add_node(graph, std::move(op), layer, std::move(ids), {id});
  return push(std::move(output), nullptr, id);
}

void Translation::rename(Operand x, std::string name)
{
  Entry &entry = operands_[x];
  if (entry.id != none) graph.values[entry.id].name = name;
  entry.value.name = std::move(name);
}

ValueId Translation::in_graph(Operand x)
{
  Entry &entry = operands_[x];
  if (entry.id != none) return entry.id;
  entry.id = static_cast<ValueId>(graph.values.size());
  graph.values.push_back(entry.value);
  add_node(graph, Constant{entry.data}, entry.value.name, {}, {entry.id});
  return entry.id;
}

}  // namespace net2c
