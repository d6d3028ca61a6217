#include "execute/compare.h"

#include <cmath>
#include <limits>

namespace net2c {

Difference compare(const std::string &name, const std::string &layer, const Tensor &a, const Tensor &b)
{
  if (a.type != b.type || a.shape != b.shape)
    bug("{}: {} {} compared with {} {}", name, name_of(a.type), text_of(a.shape), name_of(b.type), text_of(b.shape));
  Difference d{name, layer, 0, 0, 0, true};
  const std::vector<double> x = a.numbers(), y = b.numbers();
  double squares = 0, reference = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) && std::isnan(y[i])) continue;
    if (x[i] != y[i] || std::signbit(x[i]) != std::signbit(y[i])) d.same_bits = false;
    double difference = x[i] == y[i] ? 0 : std::fabs(x[i] - y[i]);
    if (std::isnan(difference)) difference = std::numeric_limits<double>::infinity();
    d.max_abs = std::max(d.max_abs, difference);
    d.range = std::max(d.range, std::fabs(y[i]));
    squares += difference * difference;
    reference += y[i] * y[i];
  }
  d.relative_rms = squares == 0 ? 0 : reference == 0 ? std::numeric_limits<double>::infinity() : std::sqrt(squares / reference);
  return d;
}

}  // namespace net2c
