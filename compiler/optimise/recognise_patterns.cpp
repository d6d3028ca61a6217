#include <cmath>

#include "optimise/linear.h"
#include "optimise/optimise.h"
#include "optimise/patterns.h"

namespace net2c {

bool close(double x, double wanted) { return std::abs(x - wanted) <= 1e-4 * std::abs(wanted); }

std::optional<LineStep> line_step(const Editor &e, ValueId v)
{
  const Shape &shape = e.value(v).shape;
  if (shape.empty()) return std::nullopt;
  const auto l = linear_of(e, e.producer(v), static_cast<int64_t>(shape.size()) - 1);
  if (!l || l->scale.empty()) return std::nullopt;
  for (size_t i = 1; i < l->scale.size(); ++i)
    if (l->scale[i] != l->scale[0] || l->shift[i] != l->shift[0]) return std::nullopt;
  return LineStep{l->x, {l->scale[0], l->shift[0]}};
}

std::optional<Line> line_to(const Editor &e, ValueId v, ValueId x)
{
  Line line;
  while (v != x) {
    const auto step = line_step(e, v);
    if (!step) return std::nullopt;
    line = {line.a * step->line.a, line.a * step->line.b + line.b};
    v = step->x;
  }
  return line;
}

int recognise_patterns(Graph &graph)
{
  // What one finds is what the next looks for: clips and sigmoids in activations, plain arithmetic in norms.
  return recognise_clips(graph) + recognise_activations(graph) + recognise_norms(graph) + recognise_products(graph) + recognise_attention(graph) + recognise_reductions(graph) +
         recognise_shuffles(graph);
}

}  // namespace net2c
