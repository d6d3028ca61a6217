// For tests of the passes: what becomes of a small graph as text, checked to mean the same and to keep its outputs' names.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "build_graph.h"
#include "execute/interpret.h"
#include "optimise/optimise.h"

namespace net2c {

// The nodes that do something, one a line: op, inputs (%c: a constant), attributes.
inline std::string summary(const Graph &g)
{
  std::vector<std::string> constants;
  std::string text;
  const std::string printed = print(g);
  for (size_t at = printed.find('\n') + 1, end; at < printed.size(); at = end + 1) {
    end = printed.find('\n', at);
    const std::string line = printed.substr(at, end - at), name = line.substr(0, line.find(':'));
    std::string what = line.substr(line.find("= ") + 2);
    what = what.substr(0, what.find(" name="));
    if (what.starts_with("Input")) continue;
    if (what.starts_with("Constant")) {
      constants.push_back(name);
      continue;
    }
    for (const std::string &c : constants)
      for (const char *behind : {",", ")"})
        if (const size_t found = what.find(c + behind); found != std::string::npos) what.replace(found, c.size(), "%c");
    text += what + "\n";
  }
  return text;
}

inline void expect_equal(const std::vector<Tensor> &a, const std::vector<Tensor> &b, double tolerance)
{
  ASSERT_EQ(a.size(), b.size());
  for (size_t i = 0; i < a.size(); ++i) {
    ASSERT_EQ(a[i].type, b[i].type);
    ASSERT_EQ(a[i].shape, b[i].shape);
    const auto x = a[i].numbers(), y = b[i].numbers();
    double largest = 1e-3, worst = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      largest = std::max(largest, std::abs(x[k]));
      worst = std::max(worst, std::abs(x[k] - y[k]));
    }
    ASSERT_TRUE(worst <= tolerance * largest) << "output " << i << ": " << worst << " of " << largest;
  }
}

// The optimised graph; checked to have the same outputs under the same names and to compute the same.
inline Graph optimised(GraphBuilder &b, double tolerance = 1e-5)
{
  verify(b.g, "building");
  Graph g = b.g;
  optimise(g);
  std::string before, after;
  for (ValueId v : b.g.outputs) before += b.g.values[v].name + " ";
  for (ValueId v : g.outputs) after += g.values[v].name + " ";
  EXPECT_EQ(before, after);
  const auto inputs = b.random_inputs();
  expect_equal(interpret(b.g, inputs), interpret(g, inputs), tolerance);
  return g;
}

// For chains that start at x [2][4][6][6] (or as given) and end in one output.
inline std::string after(const std::function<ValueId(GraphBuilder &, ValueId)> &build, const Shape &shape = {2, 4, 6, 6})
{
  GraphBuilder b(7);
  b.output(build(b, b.input(shape)));
  return summary(optimised(b));
}

inline Conv same3() { return {.pads = {1, 1, 1, 1}}; }
inline ValueId conv3(GraphBuilder &b, ValueId x, int64_t out = 4)
{
  return b.add(same3(), {x, b.constant({out, b.shape(x)[1], 3, 3})});
}
inline ValueId batch_norm(GraphBuilder &b, ValueId x)
{
  const Shape c{b.shape(x)[1]};
  return b.add(Norm{}, {x, b.constant(c), b.constant(c), b.constant(c), b.constant(c, 0.5f, 2)});
}
inline ValueId scalar(GraphBuilder &b, float x) { return b.constant(tensor_f32({}, {x})); }
inline ValueId unary(GraphBuilder &b, ValueId x, UnaryKind kind, float p = 0, float q = 0) { return b.add(Unary{kind, p, q}, {x}); }
inline ValueId binary(GraphBuilder &b, BinaryKind kind, ValueId x, ValueId y) { return b.add(Binary{kind}, {x, y}); }

inline std::string act_of(const std::string &kind) { return "Unary(%x0) kind=" + kind + "\n"; }

}  // namespace net2c
