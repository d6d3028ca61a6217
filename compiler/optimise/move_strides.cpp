// Where all who read a map take only every so many rows and columns of it, no others are made: strides of 1x1 convolutions move up,
// through sums and what else works pixel by pixel, into the windows that make the map. Which nodes make fewer pixels, is a cut between
// those and the ones that make all: the cheapest, where a map that both sides read is thinned out by a Slice.
#include <algorithm>

#include "optimise/cut.h"
#include "optimise/edit.h"
#include "optimise/optimise.h"

namespace net2c {

namespace {

// What an element costs that is made and stored, in multiply-adds.
constexpr double element = 16;

// Where a node takes its outputs from, along rows or columns: output i begins at start + i * step.
struct Windows {
  int64_t start, step;
  bool pixels;  // each is one element of the input
};

std::optional<Windows> windows_of(const Editor &e, NodeId n, size_t d)
{
  const auto of = [d](const auto &op, int64_t kernel) {
    return Windows{-op.pads[d], op.strides[d], kernel == 1 && op.pads[d] == 0 && op.pads[d + 2] == 0};
  };
  if (const auto *conv = e.op<Conv>(n)) return of(*conv, e.value(e.input(n, 1)).shape[2 + d]);
  if (const auto *pool = e.op<Pool>(n)) return of(*pool, pool->kernel[d]);
  if (const auto *slice = e.op<Slice>(n); slice && slice->steps.size() == 4)
    return Windows{slice->starts[2 + d], slice->steps[2 + d], true};
  return std::nullopt;
}

int64_t &step_of(Op &op, size_t d)
{
  if (auto *conv = std::get_if<Conv>(&op)) return conv->strides[d];
  if (auto *pool = std::get_if<Pool>(&op)) return pool->strides[d];
  return std::get<Slice>(op).steps[2 + d];
}

// Output pixels are made of the input pixels at their place, all inputs or the first.
bool all_by_pixel(const Op &op)
{
  if (const auto *concat = std::get_if<Concat>(&op)) return concat->axis == 1;
  return std::holds_alternative<Unary>(op) || std::holds_alternative<Binary>(op) || std::holds_alternative<Select>(op) ||
         std::holds_alternative<Cast>(op);
}

bool first_by_pixel(const Op &op)
{
  if (const auto *norm = std::get_if<Norm>(&op))
    return norm->kind == NormKind::batch || norm->kind == NormKind::channel || norm->kind == NormKind::lrn;
  if (const auto *softmax = std::get_if<Softmax>(&op)) return softmax->axis == 1;
  return std::holds_alternative<Affine>(op);
}

// Of a convolution's multiply-adds; what becomes of it at another stride takes them all.
double share_of_winograd(const Conv &op, const Shape &w)
{
  const bool fits = op.strides == Ints{1, 1} && op.dilations == Ints{1, 1} && w[1] >= 16 && w[0] / op.group >= 16 && w[2] == w[3];
  return !fits ? 1 : w[2] == 3 ? 0.4 : w[2] == 5 ? 0.5 : 1;
}

class Moving {
 public:
  Moving(Graph &graph, const Ints &strides)
      : e(graph), strides_(strides), cut_node_(e.size(), Cut::source), thin_(e.size()), thinned_(graph.values.size(), none)
  {
  }

  int run()
  {
    choose();
    if (std::find(thin_.begin(), thin_.end(), true) != thin_.end()) rewrite();
    return e.finish();
  }

 private:
  // What becomes of an input that is thin, and where the node's output is, of the input.
  enum class Read {
    whole,   // cannot be thin
    thin,    // reads no other pixels anyway
    window,  // thin outputs read no other pixels
    pixel    // thin outputs read an input that is thin
  };

  Shape thinned(Shape shape) const
  {
    const size_t rank = shape.size();
    for (size_t d = 0; d < 2; ++d)
      if (rank + d >= 2) shape[rank + d - 2] = (shape[rank + d - 2] + strides_[d] - 1) / strides_[d];
    return shape;
  }

  bool can_be_thin(ValueId v) const { return thinned(e.value(v).shape) != e.value(v).shape; }

  Read read_of(NodeId n, size_t i) const
  {
    const Op &op = e.node(n).op;
    if (all_by_pixel(op) || (i == 0 && first_by_pixel(op)) || (i == epilogue_residual && e.op<Conv>(n)))
      return e.value(e.output(n)).shape.size() == 4 ? Read::pixel : Read::whole;
    if (i != 0) return Read::whole;
    Read read = Read::thin;
    for (size_t d = 0; d < 2; ++d) {
      if (strides_[d] == 1) continue;
      const auto w = windows_of(e, n, d);
      if (!w || !w->pixels || w->start % strides_[d] != 0) return Read::whole;
      if (w->step % strides_[d] != 0) read = Read::window;
    }
    return read;
  }

  // The node can give every so many rows and columns of its output alone.
  bool can_thin(NodeId n) const
  {
    const Op &op = e.node(n).op;
    const Value &y = e.value(e.output(n));
    if (y.shape.size() != 4 || count(y.shape) == 0 || !can_be_thin(e.output(n))) return false;
    if (all_by_pixel(op) || first_by_pixel(op)) return true;
    for (size_t d = 0; d < 2; ++d) {
      const auto w = windows_of(e, n, d);
      if (!w || std::abs(w->step) > (1 << 20) / strides_[d]) return false;
    }
    return true;
  }

  static double elements(const Shape &shape) { return static_cast<double>(count(shape)); }

  // In whole multiply-adds; so many that a sum of them is a number still.
  static int64_t price(double cost) { return static_cast<int64_t>(std::clamp(cost, -1e14, 1e14)); }

  // Less than nothing where fewer pixels take longer.
  int64_t saved_by(NodeId n) const
  {
    const Shape &y = e.value(e.output(n)).shape;
    const double all = elements(y), fewer = elements(thinned(y));
    double saved = element * (all - fewer);
    if (const auto *conv = e.op<Conv>(n)) {
      const Shape &w = e.value(e.input(n, 1)).shape;
      saved += static_cast<double>(w[1] * w[2] * w[3]) * (all * share_of_winograd(*conv, w) - fewer);
    }
    return price(saved);
  }

  // The sink's side are the nodes that become thin.
  void choose()
  {
    Cut cut;
    for (NodeId n = 0; n < e.size(); ++n) {
      if (!can_thin(n)) continue;
      cut_node_[n] = cut.add();
      const int64_t saved = saved_by(n);
      if (saved > 0)
        cut.cost(cut_node_[n], Cut::sink, saved);
      else
        cut.cost(Cut::source, cut_node_[n], -saved);
    }
    std::vector<size_t> slice(thinned_.size());
    for (ValueId v = 0; v < thinned_.size(); ++v) {
      if (e.producer(v) == none || !can_be_thin(v)) continue;
      const size_t made = cut_node_[e.producer(v)];
      if (e.is_output(v)) cut.cost(Cut::source, made, Cut::never);
      const size_t thin = cut.add();  // there thin, by a Slice if need be
      cut.cost(made, thin, e.constant(v) ? 0 : price(element * elements(thinned(e.value(v).shape))));
      slice[v] = thin;
    }
    for (NodeId n = 0; n < e.size(); ++n)
      for (size_t i = 0; i < e.node(n).inputs.size(); ++i) {
        const ValueId v = e.input(n, i);
        if (v == none || !can_be_thin(v)) continue;
        const Read read = read_of(n, i);
        if (read == Read::thin) continue;
        cut.cost(read == Read::whole ? size_t{Cut::source} : cut_node_[n], cut_node_[e.producer(v)], Cut::never);
        if (read == Read::pixel) cut.cost(slice[v], cut_node_[n], Cut::never);
      }
    const std::vector<bool> behind = cut.cheapest();
    for (NodeId n = 0; n < e.size(); ++n) thin_[n] = behind[cut_node_[n]];
  }

  bool is_thin(ValueId v) const { return thin_[e.producer(v)] && can_be_thin(v); }

  ValueId thin(ValueId v)
  {
    if (thinned_[v] != none) return thinned_[v];
    const Value value = e.value(v);
    const size_t rank = value.shape.size();
    Slice slice{Ints(rank, 0), Ints(rank, 1)};
    for (size_t d = 0; d < 2; ++d)
      if (rank + d >= 2) slice.steps[rank + d - 2] = strides_[d];
    return thinned_[v] = e.add(slice, e.node(e.producer(v)).name, {v}, value.type, thinned(value.shape));
  }

  void rewrite()
  {
    for (NodeId n = 0; n < e.size(); ++n) {
      Op op = e.node(n).op;
      std::vector<ValueId> inputs = e.node(n).inputs;
      bool changed = thin_[n];
      if (thin_[n] && windows_of(e, n, 0))
        for (size_t d = 0; d < 2; ++d) step_of(op, d) *= strides_[d];
      for (size_t i = 0; i < inputs.size(); ++i) {
        const ValueId v = inputs[i];
        if (v == none || !can_be_thin(v)) continue;
        const Read read = read_of(n, i);
        if (read == Read::pixel ? !thin_[n] : !is_thin(v)) continue;
        inputs[i] = thin(v);
        changed = true;
        if (read == Read::pixel) continue;
        for (size_t d = 0; d < 2; ++d) {
          step_of(op, d) /= strides_[d];
          if (auto *slice = std::get_if<Slice>(&op)) slice->starts[2 + d] /= strides_[d];
        }
      }
      if (!changed) continue;
      ++e.changes;
      if (!thin_[n]) {
        e.set(n, op, inputs);
        continue;
      }
      const Value y = e.value(e.output(n));
      const std::string name = e.node(n).name;
      thinned_[e.output(n)] = e.add(op, name, inputs, y.type, thinned(y.shape));
    }
    for (NodeId n = e.size(); n-- > 0;)  // readers first
      if (thin_[n]) e.kill(n);
  }

  Editor e;
  Ints strides_;
  std::vector<size_t> cut_node_;
  std::vector<bool> thin_;        // of the nodes that were there from the start
  std::vector<ValueId> thinned_;  // of the values that were: the thin one, where there is one
};

// Strides at which some node reads single pixels.
std::vector<Ints> strides_in(Graph &graph)
{
  const Editor e(graph);
  std::vector<Ints> all;
  for (NodeId n = 0; n < e.size(); ++n) {
    Ints strides{1, 1};
    for (size_t d = 0; d < 2; ++d)
      if (const auto w = windows_of(e, n, d); w && w->pixels) strides[d] = std::abs(w->step);
    if (strides != Ints{1, 1} && std::find(all.begin(), all.end(), strides) == all.end()) all.push_back(strides);
  }
  return all;
}

}  // namespace

int move_strides(Graph &graph)
{
  int changes = 0;
  for (const Ints &strides : strides_in(graph)) changes += Moving(graph, strides).run();
  return changes;
}

}  // namespace net2c
