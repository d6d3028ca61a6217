#include "import/builder.h"

namespace net2c {

int64_t Builder::axis(int64_t a, int64_t rank) const
{
  if (a < -rank || a >= rank) fail({}, "axis {} does not fit {} dimensions", a, rank);
  return a < 0 ? a + rank : a;
}

std::vector<bool> Builder::chosen(const Ints &axes, int64_t rank) const
{
  std::vector<bool> result(static_cast<size_t>(rank));
  for (int64_t a : axes) {
    const size_t d = static_cast<size_t>(axis(a, rank));
    if (result[d]) fail({}, "axis {} is given twice", a);
    result[d] = true;
  }
  return result;
}

Operand Builder::add(Op op, const std::vector<Operand> &inputs, const Shape &wanted)
{
  const Operand x = translation_.add(std::move(op), inputs, wanted, name_, stem_);
  made_.insert(x);
  return x;
}

Operand Builder::constant(Tensor data)
{
  const Operand x = translation_.add_constant(translation_.fresh(stem_), std::make_shared<const Tensor>(std::move(data)));
  made_.insert(x);
  return x;
}

Operand Builder::scalar(Type to, double x)
{
  Tensor number(Type::f64, {});
  number.as<double>()[0] = x;
  return cast(constant(std::move(number)), to);
}

void Builder::reserve(const Shape &shape, Type type)
{
  translation_.charge(static_cast<double>(count(shape)) * static_cast<double>(size_of(type)), 0);
}

Operand Builder::named(Operand x, std::string value)
{
  if (!made_.erase(x)) {
    if (constant(x)) x = translation_.add_constant({}, translation_.data(x));
    else x = unary({UnaryKind::identity}, x), made_.erase(x);
  }
  translation_.rename(x, std::move(value));
  return x;
}

}  // namespace net2c
