// One layer as its translator sees it: bottoms, parameters, weights, tops. User mistakes are thrown without a place
// (`fail({}, ...)`): whoever calls the translator adds file, layer and type.
#pragma once

#include <deque>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <unordered_set>

#include "graph/graph.h"
#include "import/caffe/records.h"

namespace net2c::caffe {

// A form of a layer that is not supported: collected, so that one message lists all of them.
struct Unsupported {
  std::string what;
};
template <class... Args>
[[noreturn]] void unsupported(fmt::format_string<Args...> format, Args &&...args)
{
  throw Unsupported{fmt::format(format, std::forward<Args>(args)...)};
}

// One ..._param of a layer. A field that nobody asks for is reported as unsupported, so that none is passed over in silence.
class Params {
 public:
  Params(std::string name, const Message *message) : name_(std::move(name)), message_(message) {}

  bool has(const char *name) { return find(name) != nullptr; }
  int64_t integer(const char *name, int64_t otherwise);          // within -2^30..2^30
  float real(const char *name, float otherwise);
  bool flag(const char *name, bool otherwise);
  // The number of an enumerator, which prototxt gives by name.
  int64_t choice(const char *name, int64_t otherwise, std::initializer_list<std::pair<const char *, int64_t>> enumerators);
  Ints integers(const char *name);
  std::vector<float> reals(const char *name);
  const Message *message(const char *name);
  std::vector<const Message *> messages(const char *name);
  void ignore(std::initializer_list<const char *> names);         // of no meaning for inference
  std::string unread() const;                                     // empty: all were read

 private:
  friend class Layer;
  const Field *find(const char *name);
  template <class F>
  auto named(F f) const;                                          // adds this message's name to an Error

  std::string name_;
  const Message *message_;                                        // nullptr: none given
  std::set<std::string, std::less<>> read_;
};

class Layer {
 public:
  // What the import does for its layers.
  struct Host {
    std::function<std::string()> fresh;                                // a name that nothing else has
    std::function<ValueId(Layer &, size_t, const Shape &)> weights;    // blob number i, which must have this shape
    std::function<void(const Shape &)> reserve;                        // Error: floats of this shape are beyond the limits
  };
  Layer(Graph &, const LayerRecord &, std::vector<ValueId> bottoms, std::vector<bool> used, Host);

  const std::string &type() const { return record_.type; }
  bool flat() const { return record_.flat; }

  size_t bottoms() const { return bottoms_.size(); }
  ValueId in(size_t i) const;
  void want_bottoms(size_t least, size_t most) const;
  const Shape &shape(ValueId x) const { return graph_.values[x].shape; }
  int64_t rank(ValueId x) const { return static_cast<int64_t>(shape(x).size()); }
  int64_t size(ValueId x, int64_t axis) const { return shape(x)[static_cast<size_t>(axis)]; }

  Params &params(const char *name);                // also where the layer has none
  std::string unread() const;                      // "pooling_param 'field'", or empty
  int64_t axis(int64_t a, int64_t rank) const;     // -rank..rank-1 -> 0..rank-1, or an error

  ValueId blob(size_t i, const Shape &shape) { return host_.weights(*this, i, shape); }
  void reserve(const Shape &shape) const { host_.reserve(shape); }   // before a constant of this size is made

  // Building. `wanted` where the op does not determine its shape (ops/ops.h).
  ValueId add(Op op, const std::vector<ValueId> &inputs, const Shape &wanted = {});
  ValueId unary(Unary op, ValueId x) { return add(op, {x}); }
  ValueId binary(BinaryKind kind, ValueId a, ValueId b) { return add(Binary{kind}, {a, b}); }
  ValueId reshape(ValueId x, const Shape &to) { return shape(x) == to ? x : add(Reshape{}, {x}, to); }
  ValueId slice(ValueId x, int64_t axis, int64_t start, int64_t length);
  ValueId constant(Tensor);
  ValueId scalar(double x) { return constant(tensor_f32({}, {static_cast<float>(x)})); }
  ValueId filled(const Shape &, float);
  ValueId times(ValueId x, double factor) { return factor == 1 ? x : binary(BinaryKind::mul, x, scalar(factor)); }
  ValueId plus(ValueId x, double term) { return term == 0 ? x : binary(BinaryKind::add, x, scalar(term)); }

  size_t tops() const { return used_.size(); }
  bool used(size_t i) const { return i < used_.size() && used_[i]; }
  void result(ValueId x) { result(0, x); }
  void result(size_t i, ValueId x);
  ValueId result_of(size_t i) const { return i < results_.size() ? results_[i] : none; }

 private:
  Graph &graph_;
  const LayerRecord &record_;
  std::vector<ValueId> bottoms_, results_;
  std::vector<bool> used_;
  Host host_;
  std::deque<Params> params_;
};

using Translator = void (*)(Layer &);
Translator translator_of(std::string_view type);   // nullptr: not supported

}  // namespace net2c::caffe
