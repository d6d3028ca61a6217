#include "graph/op.h"

#include <iterator>

namespace net2c {

namespace {

// One overload an op: an op without a name does not compile.
struct Name {
  const char *operator()(const Input &) const { return "Input"; }
  const char *operator()(const Constant &) const { return "Constant"; }
  const char *operator()(const Conv &) const { return "Conv"; }
  const char *operator()(const ConvTranspose &) const { return "ConvTranspose"; }
  const char *operator()(const Pool &) const { return "Pool"; }
  const char *operator()(const MatMul &) const { return "MatMul"; }
  const char *operator()(const Attention &) const { return "Attention"; }
  const char *operator()(const Unary &) const { return "Unary"; }
  const char *operator()(const Binary &) const { return "Binary"; }
  const char *operator()(const Select &) const { return "Select"; }
  const char *operator()(const Affine &) const { return "Affine"; }
  const char *operator()(const Reduce &) const { return "Reduce"; }
  const char *operator()(const ArgMax &) const { return "ArgMax"; }
  const char *operator()(const Norm &) const { return "Norm"; }
  const char *operator()(const Softmax &) const { return "Softmax"; }
  const char *operator()(const Concat &) const { return "Concat"; }
  const char *operator()(const Slice &) const { return "Slice"; }
  const char *operator()(const Pad &) const { return "Pad"; }
  const char *operator()(const Resize &) const { return "Resize"; }
  const char *operator()(const GridSample &) const { return "GridSample"; }
  const char *operator()(const Reshape &) const { return "Reshape"; }
  const char *operator()(const Transpose &) const { return "Transpose"; }
  const char *operator()(const Gather &) const { return "Gather"; }
  const char *operator()(const Expand &) const { return "Expand"; }
  const char *operator()(const Cast &) const { return "Cast"; }
};

constexpr const char *unary_names[] = {
    "identity",  "relu",    "leaky_relu", "elu",          "celu",       "selu", "thresholded_relu",
    "clip",      "sigmoid", "tanh",       "hard_sigmoid", "hard_swish", "silu", "gelu",
    "gelu_tanh", "mish",    "softplus",   "softsign",     "abs",        "neg",  "sign",
    "floor",     "ceil",    "round",      "sqrt",         "reciprocal", "exp",  "log",
    "erf",       "sin",     "cos",        "logical_not"};
static_assert(std::size(unary_names) == static_cast<size_t>(UnaryKind::count_));

constexpr const char *binary_names[] = {"add",        "sub",     "mul",           "div",         "pow",        "min",
                                        "max",        "prelu",   "mod",           "fmod",        "equal",      "less",
                                        "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor"};
static_assert(std::size(binary_names) == static_cast<size_t>(BinaryKind::count_));

constexpr const char *reduce_names[] = {"mean", "sum", "max", "min", "prod", "l1", "l2", "log_sum", "log_sum_exp", "sum_square"};
static_assert(std::size(reduce_names) == static_cast<size_t>(ReduceKind::count_));

}  // namespace

const char *name_of(const Op &op) { return std::visit(Name{}, op); }
const char *name_of(UnaryKind kind) { return unary_names[static_cast<size_t>(kind)]; }
const char *name_of(BinaryKind kind) { return binary_names[static_cast<size_t>(kind)]; }
const char *name_of(ReduceKind kind) { return reduce_names[static_cast<size_t>(kind)]; }

}  // namespace net2c
