#include "ops/common.h"

namespace net2c {

TypedShape infer(const Cast &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x");
  no_more_than(inputs, 1);
  return {op.to, x.shape};
}

Tensor compute(const Cast &op, const Tensors &in, const Value &out)
{
  Tensor y(op.to, out.shape);
  with_element(in[0]->type, [&](auto source) {
    with_element(op.to, [&](auto target) {
      using From = decltype(source);
      using To = decltype(target);
      const auto from = in[0]->as<typename From::Stored>();
      const auto to = y.as<typename To::Stored>();
      for (size_t i = 0; i < to.size(); ++i) {
        const auto x = From::get(from[i]);
        if constexpr (std::is_same_v<To, BoolElement>) to[i] = x != 0;
        else if constexpr (std::is_same_v<typename From::Wide, double> && !std::is_same_v<typename To::Wide, double>)
          to[i] = truncated<typename To::Stored>(x);
        else to[i] = To::put(static_cast<typename To::Wide>(x));
      }
    });
  });
  return y;
}

}  // namespace net2c
