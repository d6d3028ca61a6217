// exp, tanh, erf and the like are the host's, in double: far closer than the float they are rounded to, so that folded
// constants are the same on every host but for results within 1e-16 of the middle between two floats.
#include <cmath>

#include "ops/common.h"

namespace net2c {

namespace {

bool works_on_integers(UnaryKind kind)
{
  switch (kind) {
    case UnaryKind::identity:
    case UnaryKind::relu:
    case UnaryKind::clip:
    case UnaryKind::abs:
    case UnaryKind::neg:
    case UnaryKind::sign: return true;
    default: return false;
  }
}

double softplus(double x) { return std::log1p(std::exp(-std::fabs(x))) + (x > 0 ? x : 0); }

// max and min as the kernels have them: the second operand when one is not a number.
double larger(double a, double b) { return a > b ? a : b; }
double smaller(double a, double b) { return a < b ? a : b; }

template <class W>
W apply_integer(const Unary &op, W x)
{
  switch (op.kind) {
    case UnaryKind::relu: return x > 0 ? x : 0;
    case UnaryKind::abs: return x < 0 ? static_cast<W>(0 - static_cast<uint64_t>(x)) : x;
    case UnaryKind::neg: return static_cast<W>(0 - static_cast<uint64_t>(x));
    case UnaryKind::sign: return static_cast<W>(static_cast<int64_t>(x > 0) - static_cast<int64_t>(x < 0));
    case UnaryKind::clip:  // compared in double, so infinite bounds need no care
      if (static_cast<double>(x) < static_cast<double>(op.a)) x = truncated<W>(static_cast<double>(op.a));
      return static_cast<double>(x) > static_cast<double>(op.b) ? truncated<W>(static_cast<double>(op.b)) : x;
    default: return x;
  }
}

}  // namespace

double apply(const Unary &op, double x)
{
  const double a = static_cast<double>(op.a), b = static_cast<double>(op.b);
  switch (op.kind) {
    case UnaryKind::identity: return x;
    case UnaryKind::relu: return larger(0, x);
    case UnaryKind::leaky_relu: return x < 0 ? a * x : x;
    case UnaryKind::elu: return x < 0 ? a * std::expm1(x) : x;
    case UnaryKind::celu: return larger(0, x) + smaller(0, a * std::expm1(x / a));
    case UnaryKind::selu: return b * (x > 0 ? x : a * std::expm1(x));
    case UnaryKind::thresholded_relu: return x > a ? x : 0;
    case UnaryKind::clip: return smaller(b, larger(a, x));
    case UnaryKind::sigmoid: return 1 / (1 + std::exp(-x));
    case UnaryKind::tanh: return std::tanh(x);
    case UnaryKind::hard_sigmoid: return larger(0, smaller(1, a * x + b));
    case UnaryKind::hard_swish: return x * larger(0, smaller(1, x / 6 + 0.5));
    case UnaryKind::silu: return x / (1 + std::exp(-x));
    case UnaryKind::gelu: return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
    case UnaryKind::gelu_tanh: return x / 2 * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case UnaryKind::mish: return x * std::tanh(softplus(x));
    case UnaryKind::softplus: return softplus(x);
    case UnaryKind::softsign: return x / (1 + std::fabs(x));
    case UnaryKind::abs: return std::fabs(x);
    case UnaryKind::neg: return -x;
    case UnaryKind::sign: return x > 0 ? 1 : x < 0 ? -1 : x;
    case UnaryKind::floor: return std::floor(x);
    case UnaryKind::ceil: return std::ceil(x);
    case UnaryKind::round: return std::nearbyint(x);
    case UnaryKind::sqrt: return std::sqrt(x);
    case UnaryKind::reciprocal: return 1 / x;
    case UnaryKind::exp: return std::exp(x);
    case UnaryKind::log: return std::log(x);
    case UnaryKind::erf: return std::erf(x);
    case UnaryKind::sin: return std::sin(x);
    case UnaryKind::cos: return std::cos(x);
    case UnaryKind::logical_not: return x == 0;
    case UnaryKind::count_: break;
  }
  bug("unary kind {}", static_cast<int>(op.kind));
}

TypedShape infer(const Unary &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  if (op.kind == UnaryKind::logical_not) want_type(x, Type::boolean, "x");
  else if (!works_on_integers(op.kind)) want_float(x, "x");
  else if (x.type == Type::boolean && op.kind != UnaryKind::identity) fail({}, "{} of a bool", name_of(op.kind));
  return {x.type, x.shape};
}

Tensor compute(const Unary &op, const Tensors &in, const Value &out)
{
  Tensor y(out.type, out.shape);
  with_element(out.type, [&](auto e) {
    using E = decltype(e);
    const auto from = in[0]->as<typename E::Stored>();
    const auto to = y.as<typename E::Stored>();
    for (size_t i = 0; i < to.size(); ++i) {
      if constexpr (std::is_same_v<typename E::Wide, double>) to[i] = E::put(apply(op, E::get(from[i])));
      else if (op.kind == UnaryKind::logical_not) to[i] = E::put(!E::get(from[i]));
      else to[i] = E::put(apply_integer(op, E::get(from[i])));
    }
  });
  return y;
}

}  // namespace net2c
