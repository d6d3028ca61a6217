#include "import/onnx/sizes.h"

#include <algorithm>
#include <map>

namespace net2c::onnx {

namespace {

struct Open {
  const ValueRecord *input;
  std::vector<Dimension> dims;
};

std::string text_of(const std::vector<Dimension> &dims)
{
  std::vector<std::string> parts;
  for (const Dimension &d : dims) parts.push_back(d.size ? std::to_string(*d.size) : d.symbol.empty() ? "?" : std::string(d.symbol));
  return parts.empty() ? "scalar" : fmt::format("{}", fmt::join(parts, "x"));
}

// What exporters write for a size that has no name (Paddle, Keras): two of these may differ.
bool anonymous(std::string_view symbol) { return symbol == "?" || symbol == "None" || symbol == "-1"; }

class Resolver {
 public:
  Resolver(const std::string &file, const std::vector<const ValueRecord *> &inputs) : file_(file)
  {
    for (const ValueRecord *input : inputs) open_.push_back({input, input->shape.value_or(std::vector<Dimension>{})});
    for (Open &o : open_)
      for (Dimension &dim : o.dims)
        if (anonymous(dim.symbol)) dim.symbol = {};
  }

  void given(const std::map<std::string, Shape> &shapes)
  {
    for (Open &o : open_)
      if (const auto found = shapes.find(std::string(o.input->name)); found != shapes.end()) give(o, found->second);
    if (const auto only = shapes.find(""); only != shapes.end() && open_.size() == 1) give(open_[0], only->second);
    symbols();
  }

  void size(std::pair<int64_t, int64_t> size, bool replace)
  {
    std::vector<Open *> images;
    bool used = false;
    for (Open &o : open_) {
      if (o.dims.size() != 4 && o.dims.size() != 3) continue;
      if (o.dims.size() == 4) images.push_back(&o);
      const size_t h = first_spatial(o);
      used |= !o.dims[h].size || !o.dims[h + 1].size;
      if (!o.dims[h].size) set(o, h, size.first);
      if (!o.dims[h + 1].size) set(o, h + 1, size.second);
    }
    symbols();
    if (used || !replace) return;
    // A model that is saved with one size often works with others; what does not fit them is found by the shape rules.
    if (images.size() != 1) fail({.file = file_}, "a size is given, but the model has no image input to set it for; leave the size out");
    const size_t h = first_spatial(*images[0]);
    images[0]->dims[h].size = size.first;
    images[0]->dims[h + 1].size = size.second;
  }

  void batch(std::optional<int64_t> batch)
  {
    bool used = false;
    for (Open &o : open_)
      if (o.dims.size() > 1 && !o.dims[0].size) set(o, 0, batch.value_or(1)), used = true;
    symbols();
    if (used || !batch) return;
    // As with a size: one that is saved may be another.
    used = false;
    for (Open &o : open_)
      if (given_.contains(o.input->name)) used = true;   // data that is there says it all
      else if (o.dims.size() > 1) o.dims[0].size = batch, used = true;
    if (!used) fail({.file = file_}, "a batch is given, but the model has no input to set it for; leave the batch out");
  }

  std::vector<Shape> shapes() const
  {
    std::vector<Shape> result;
    for (const Open &o : open_) {
      if (!o.input->shape && o.dims.empty() && !given_.contains(o.input->name))
        fail({.file = file_}, "the shape of input '{}' is not in the model; give the input's data, or bake it in (--const {}=FILE)",
             o.input->name, o.input->name);
      Shape shape;
      for (size_t d = 0; d < o.dims.size(); ++d) {
        if (!o.dims[d].size) {
          const bool spatial = (o.dims.size() == 4 || o.dims.size() == 3) && (d == first_spatial(o) || d == first_spatial(o) + 1);
          fail({.file = file_}, "input '{}' is {}: dimension {}{} is not fixed; set it by {}", o.input->name, text_of(o.dims), d,
               o.dims[d].symbol.empty() ? "" : fmt::format(" ('{}')", o.dims[d].symbol),
               spatial ? "--size HxW (height and width of the image)" : "giving the input's data, or bake it in (--const NAME=FILE)");
        }
        shape.push_back(*o.dims[d].size);
      }
      try {
        if (shape.size() > 6) fail({}, "more than 6 dimensions");
        count(shape);
      } catch (const Error &error) {
        fail({.file = file_}, "input '{}' is {}: {}", o.input->name, text_of(o.dims), error.what());
      }
      result.push_back(std::move(shape));
    }
    return result;
  }

 private:
  // [N][C][H][W], [C][H][W], or [N][H][W][C] when the last is few and the two before it are open or many.
  static size_t first_spatial(const Open &o)
  {
    const auto few = [&](size_t d) { return o.dims[d].size && *o.dims[d].size <= 4; };
    return o.dims.size() == 4 && few(3) && !few(2) && !few(1) ? 1 : o.dims.size() - 2;
  }

  void give(Open &o, const Shape &shape)
  {
    given_[o.input->name] = true;
    if (!o.input->shape) {
      for (int64_t d : shape) o.dims.push_back({d, {}});
      return;
    }
    bool fits = o.dims.size() == shape.size();
    for (size_t d = 0; fits && d < shape.size(); ++d) fits = !o.dims[d].size || *o.dims[d].size == shape[d];
    if (!fits)
      fail({.file = file_}, "input '{}' is {}, but what is given for it is {}", o.input->name, text_of(o.dims), net2c::text_of(shape));
    for (size_t d = 0; d < shape.size(); ++d) set(o, d, shape[d]);
  }

  void set(Open &o, size_t d, int64_t size)
  {
    Dimension &dim = o.dims[d];
    if (size < 0) fail({.file = file_}, "dimension {} of input '{}' cannot be {}", d, o.input->name, size);
    dim.size = size;
    if (dim.symbol.empty()) return;
    const auto [known, fresh] = symbols_.emplace(dim.symbol, size);
    if (!fresh && known->second != size)
      fail({.file = file_}, "dimension '{}' is {} in one input and {} in '{}'", dim.symbol, known->second, size, o.input->name);
  }

  // The same name means the same size everywhere.
  void symbols()
  {
    for (Open &o : open_)
      for (Dimension &dim : o.dims)
        if (const auto known = symbols_.find(dim.symbol); !dim.size && known != symbols_.end()) dim.size = known->second;
  }

  const std::string &file_;
  std::vector<Open> open_;
  std::map<std::string_view, int64_t> symbols_;
  std::map<std::string_view, bool> given_;
};

}  // namespace

std::vector<Shape> resolve_shapes(const std::string &file, const std::vector<const ValueRecord *> &inputs, const ImportOptions &options)
{
  Resolver resolver(file, inputs);
  if (options.size) resolver.size(*options.size, true);
  resolver.given(options.shapes);
  if (options.open_size) resolver.size(*options.open_size, false);
  resolver.batch(options.batch);
  return resolver.shapes();
}

}  // namespace net2c::onnx
