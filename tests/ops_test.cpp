// Every op's meaning, by vectors worked out by hand. Networks are written in the text form; their last value is the result.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "execute/interpret.h"

using namespace net2c;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

Tensor result(const std::string &nodes)
{
  Graph g = parse_graph("graph \"\" () -> ()\n" + nodes);
  g.outputs = {static_cast<ValueId>(g.values.size() - 1)};
  verify(g, "reading");
  return interpret(g, {}).at(0);
}

void expect(const std::string &nodes, const std::vector<double> &wanted, double tolerance = 0)
{
  SCOPED_TRACE(nodes);
  const std::vector<double> y = result(nodes).numbers();
  ASSERT_EQ(y.size(), wanted.size()) << fmt::format("{}", fmt::join(y, ", "));
  for (size_t i = 0; i < y.size(); ++i) {
    if (std::isnan(wanted[i])) EXPECT_TRUE(std::isnan(y[i])) << "at " << i << ": " << y[i];
    else if (std::isinf(wanted[i]) || tolerance == 0)
      EXPECT_EQ(y[i], wanted[i]) << "at " << i << fmt::format(" of {}", fmt::join(y, ", "));
    else EXPECT_NEAR(y[i], wanted[i], tolerance) << "at " << i << fmt::format(" of {}", fmt::join(y, ", "));
  }
}

std::string data(const std::string &name, const std::string &type_and_shape, const std::vector<double> &numbers)
{
  return fmt::format("%{}: {} = Constant() data=[{}]\n", name, type_and_shape, fmt::join(numbers, ","));
}
std::vector<double> counting(int n, double first = 1)
{
  std::vector<double> v;
  for (int i = 0; i < n; ++i) v.push_back(first + i);
  return v;
}

// Why the last node is refused.
std::string refused(const std::string &nodes)
{
  try {
    result(nodes);
  } catch (const std::exception &e) {
    const std::string text = e.what();
    const size_t at = text.find("): ");
    return at == std::string::npos ? text : text.substr(at + 3);
  }
  return "accepted";
}

}  // namespace

TEST(Ops, Conv)
{
  const std::string x = data("x", "f32 1x1x3x3", counting(9)), w = data("w", "f32 1x1x2x2", {1, 2, 3, 4});
  expect(x + w + "%y: f32 1x1x2x2 = Conv(%x, %w)", {1 + 4 + 12 + 20, 2 + 6 + 15 + 24, 4 + 10 + 21 + 32, 5 + 12 + 24 + 36});
  expect(x + w + "%y: f32 1x1x2x2 = Conv(%x, %w) strides=[2,2] pads=[1,1,0,0]",
         {4, 2 * 3 + 4 * 3 - 6 + 3 * 2 - 0, 2 * 4 + 4 * 7, 5 + 12 + 24 + 36});
  expect(x + w + "%y: f32 1x1x1x1 = Conv(%x, %w) dilations=[2,2]", {1 + 6 + 21 + 36});
  expect(x + w + "%y: f32 1x1x1x2 = Conv(%x, %w) pads=[-1,0,0,0]", {4 + 10 + 21 + 32, 5 + 12 + 24 + 36});
  expect(x + w + "%y: f32 1x1x2x1 = Conv(%x, %w) pads=[0,0,0,-1]", {37, 4 + 10 + 21 + 32});
  // edge: the map is 1 1 2 3 / 1 1 2 3 / 4 4 5 6 / 7 7 8 9 at the top left; reflect: 5 4 5 6 / 2 1 2 3 / 5 4 5 6 / 8 7 8 9
  expect(x + w + "%y: f32 1x1x3x3 = Conv(%x, %w) pads=[1,1,0,0] fill=edge",
         {10, 1 + 4 + 3 + 8, 2 + 6 + 6 + 12, 1 + 2 + 12 + 16, 37, 47, 4 + 8 + 21 + 28, 67, 77});
  expect(x + w + "%y: f32 1x1x3x3 = Conv(%x, %w) pads=[1,1,0,0] fill=reflect",
         {5 + 8 + 6 + 4, 4 + 10 + 3 + 8, 5 + 12 + 6 + 12, 2 + 2 + 15 + 16, 37, 47, 5 + 8 + 24 + 28, 67, 77});
  expect(x + w + "%y: f32 1x1x3x3 = Conv(%x, %w) pads=[0,0,1,1] fill=reflect",
         {37, 47, 3 + 4 + 18 + 20, 67, 77, 6 + 10 + 27 + 32, 7 + 16 + 12 + 20, 8 + 18 + 15 + 24, 9 + 16 + 18 + 20});
}

TEST(Ops, ConvChannelsAndGroups)
{
  const std::string x = data("x", "f32 2x2x1x1", {1, 2, 3, 4});
  expect(x + data("w", "f32 3x2x1x1", {1, 10, 2, 20, 3, 30}) + data("b", "f32 3", {100, 200, 300}) +
             "%y: f32 2x3x1x1 = Conv(%x, %w, %b)",
         {121, 242, 363, 143, 286, 429});
  expect(x + data("w", "f32 4x1x1x1", {1, 10, 100, 1000}) + "%y: f32 2x4x1x1 = Conv(%x, %w) group=2",
         {1, 10, 200, 2000, 3, 30, 400, 4000});
  // More outputs than one block, and a sum that needs double: 1e8 + 1 - 1e8.
  std::vector<double> image(100);
  for (int i = 0; i < 100; ++i) image[static_cast<size_t>(i)] = i;
  std::vector<double> same = image;
  for (double &v : same) v += 1;
  const std::string many = data("a", "f32 1x1x10x10", image) + data("o", "f32 1x1x10x10", std::vector<double>(100, 1)) +
                           "%x: f32 1x3x10x10 = Concat(%o, %a, %o) axis=1\n" + data("w", "f32 1x3x1x1", {1e8, 1, -1e8}) +
                           data("b", "f32 1", {1});
  expect(many + "%y: f32 1x1x10x10 = Conv(%x, %w, %b)", same);
}

TEST(Ops, Epilogue)
{
  const std::string x = data("x", "f32 1x1x1x3", {1, -2, 3}) + data("w", "f32 2x1x1x1", {1, -1}) + data("b", "f32 2", {0.5, 0}) +
                        data("r", "f32 1x2x1x3", {1, 1, 1, 2, 2, 2}) + data("s", "f32 2", {2, 3}) + data("t", "f32 2", {10, 20});
  // sums with bias and residual: 2.5 -0.5 4.5 / 1 4 -1
  expect(x + "%y: f32 1x2x1x3 = Conv(%x, %w, %b, %r, %s, %t) act=relu", {15, 10, 19, 23, 32, 20});
  expect(x + "%y: f32 1x2x1x3 = Conv(%x, %w, _, _, _, %t) act=leaky_relu(0.5,0)", {11, 9, 13, 19.5, 22, 18.5});
  expect(x + "%wt: f32 1x2x1x1 = Reshape(%w)\n%y: f32 1x2x1x3 = ConvTranspose(%x, %wt, %b, %r, %s, %t) act=relu",
         {15, 10, 19, 23, 32, 20});
  expect(data("a", "f32 1x2", {1, -1}) + data("b", "f32 2x2", {1, 2, 3, 4}) + data("c", "f32 2", {1, -1}) +
             data("r", "f32 1x2", {5, 0}) + data("s", "f32 2", {2, 3}) + "%y: f32 1x2 = MatMul(%a, %b, %c, %r, %s) act=relu",
         {8, 0});
}

TEST(Ops, ConvTranspose)
{
  const std::string x = data("x", "f32 1x1x2x2", {1, 2, 3, 4}), w = data("w", "f32 1x1x2x2", {1, 10, 100, 1000});
  expect(x + w + "%y: f32 1x1x3x3 = ConvTranspose(%x, %w)", {1, 12, 20, 103, 1234, 2040, 300, 3400, 4000});
  expect(x + w + "%y: f32 1x1x4x4 = ConvTranspose(%x, %w) strides=[2,2]",
         {1, 10, 2, 20, 100, 1000, 200, 2000, 3, 30, 4, 40, 300, 3000, 400, 4000});
  expect(x + w + "%y: f32 1x1x2x3 = ConvTranspose(%x, %w) strides=[2,2] pads=[1,0,1,1]", {100, 1000, 200, 3, 30, 4});
  expect(x + w + "%y: f32 1x1x4x4 = ConvTranspose(%x, %w) dilations=[2,2]",
         {1, 2, 10, 20, 3, 4, 30, 40, 100, 200, 1000, 2000, 300, 400, 3000, 4000});
  expect(x + w + data("b", "f32 1", {0.5}) + "%y: f32 1x1x4x3 = ConvTranspose(%x, %w, %b) output_padding=[1,0]",
         {1.5, 12.5, 20.5, 103.5, 1234.5, 2040.5, 300.5, 3400.5, 4000.5, 0.5, 0.5, 0.5});
  // output_padding gives back a row that pads had cut
  expect(x + w + "%y: f32 1x1x3x3 = ConvTranspose(%x, %w) pads=[0,0,1,1] output_padding=[1,1]",
         {1, 12, 20, 103, 1234, 2040, 300, 3400, 4000});
  expect(
      data("x", "f32 1x2x1x1", {1, 2}) + data("w", "f32 2x2x1x1", {1, 10, 100, 1000}) + "%y: f32 1x2x1x1 = ConvTranspose(%x, %w)",
      {201, 2010});
  expect(data("x", "f32 1x2x1x1", {1, 2}) + data("w", "f32 2x2x1x1", {1, 10, 100, 1000}) +
             "%y: f32 1x4x1x1 = ConvTranspose(%x, %w) group=2",
         {1, 10, 200, 2000});
}

TEST(Ops, Pool)
{
  const std::string x = data("x", "f32 1x1x3x4", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  expect(x + "%y: f32 1x1x2x2 = Pool(%x) kernel=[2,3]", {7, 8, 11, 12});
  expect(x + "%y: f32 1x1x2x2 = Pool(%x) kind=average kernel=[2,3]", {4, 5, 8, 9});
  expect(x + "%y: f32 1x1x1x2 = Pool(%x) kernel=[2,2] dilations=[2,2]", {11, 12});
  expect(x + "%y: f32 1x1x2x2 = Pool(%x) kernel=[2,2] strides=[2,2]", {6, 8, 10, 12});  // rounded up: the last row has one tap
  expect(x + "%y: f32 1x1x2x2 = Pool(%x) kind=average kernel=[2,2] strides=[2,2]", {3.5, 5.5, 9.5, 11.5});
  expect(x + "%y: f32 1x1x2x2 = Pool(%x) kind=average kernel=[2,2] strides=[2,2] count_include_pad=true", {3.5, 5.5, 9.5, 11.5});
  expect(x + "%y: f32 1x1x2x3 = Pool(%x) kind=average kernel=[2,2] strides=[2,2] pads=[1,1,0,1]", {1, 2.5, 4, 7, 8.5, 10});
  expect(x + "%y: f32 1x1x2x3 = Pool(%x) kind=average kernel=[2,2] strides=[2,2] pads=[1,1,0,1] count_include_pad=true",
         {0.25, 1.25, 1, 3.5, 8.5, 5});
  expect(data("x", "f32 1x1x1x2", {-1, -2}) + "%y: f32 1x1x1x3 = Pool(%x) kernel=[1,2] pads=[0,1,0,1]", {-1, -1, -2});
  expect(data("x", "u8 1x1x1x3", {7, 200, 3}) + "%y: u8 1x1x1x2 = Pool(%x) kernel=[1,2]", {200, 200});
  expect(data("x", "i8 1x1x1x2", {-7, -8}) + "%y: i8 1x1x1x3 = Pool(%x) kernel=[1,2] pads=[0,1,0,1]", {-7, -7, -8});
}

TEST(Ops, MatMul)
{
  expect(data("a", "f32 2x3", counting(6)) + data("b", "f32 3x2", counting(6)) + "%y: f32 2x2 = MatMul(%a, %b)", {22, 28, 49, 64});
  expect(data("a", "f32 2x1x2", {1, 2, 3, 4}) + data("b", "f32 2x1", {10, 1}) + data("c", "f32 1", {0.5}) +
             "%y: f32 2x1x1 = MatMul(%a, %b, %c)",
         {12.5, 34.5});
  expect(data("a", "f32 2x1x1x1", {1, 2}) + data("b", "f32 3x1x1", {10, 20, 30}) + "%y: f32 2x3x1x1 = MatMul(%a, %b)",
         {10, 20, 30, 20, 40, 60});
  expect(data("a", "f32 2x0", {}) + data("b", "f32 0x2", {}) + "%y: f32 2x2 = MatMul(%a, %b)", {0, 0, 0, 0});
}

TEST(Ops, UnaryFloats)
{
  const auto check = [](const std::string &kind, const std::vector<double> &x, const std::vector<double> &y,
                        double tolerance = 2e-7) {
    expect(data("x", fmt::format("f32 {}", x.size()), x) + fmt::format("%y: f32 {} = Unary(%x) kind={}", x.size(), kind), y,
           tolerance);
  };
  const double nan = std::nan("");
  check("relu", {-1, 2, nan}, {0, 2, nan});
  check("leaky_relu a=0.1", {-1, 2}, {-0.1, 2});
  check("elu a=2", {-1, 2}, {2 * (std::exp(-1) - 1), 2});
  check("celu a=2", {-1, 2}, {2 * (std::exp(-0.5) - 1), 2});
  check("selu a=2 b=3", {-1, 2}, {6 * (std::exp(-1) - 1), 6}, 5e-7);
  check("thresholded_relu a=1", {1, 1.5, -3}, {0, 1.5, 0});
  check("clip a=-1 b=1", {-2, 0.5, 2, nan}, {-1, 0.5, 1, nan});
  check("clip a=2 b=1", {0}, {1});
  check("clip a=-inf b=1", {-1e30, 5}, {static_cast<double>(-1e30f), 1});
  check("sigmoid", {0, 1, -100, 100, -1000}, {0.5, 1 / (1 + std::exp(-1)), 0, 1, 0});
  check("tanh", {0, 1, -1000}, {0, std::tanh(1.0), -1});
  check("hard_sigmoid a=0.25 b=0.5", {-3, 1, 3}, {0, 0.75, 1});
  check("hard_swish", {-4, 0, 1.5, 6}, {0, 0, 1.125, 6});
  check("silu", {0, 1}, {0, 1 / (1 + std::exp(-1))});
  check("gelu", {1, -1}, {0.841344746, -0.158655254});
  check("gelu_tanh", {1, -1}, {0.841191991, -0.158808009});
  check("mish", {1, -1}, {0.865098388, -0.303401461});
  check("softplus", {0, -100, 100}, {std::log(2), 0, 100});
  check("softsign", {-3, 1}, {-0.75, 0.5});
  check("abs", {-3, 1}, {3, 1});
  check("neg", {-3, 1}, {3, -1});
  check("sign", {-3, 0, 5}, {-1, 0, 1});
  check("floor", {-1.5, 1.5}, {-2, 1});
  check("ceil", {-1.5, 1.5}, {-1, 2});
  check("round", {0.5, 1.5, 2.5, -0.5, -1.5, 1.6}, {0, 2, 2, 0, -2, 2});
  check("sqrt", {4, 2, -1}, {2, std::sqrt(2.0), nan});
  check("reciprocal", {4, 0}, {0.25, inf});
  check("exp", {0, 1, 1000}, {1, std::exp(1.0), inf});
  check("log", {1, 0}, {0, -inf});
  check("erf", {0.5, 0}, {0.520499878, 0});
  check("sin", {1, 0}, {std::sin(1), 0});
  check("cos", {1, 0}, {std::cos(1), 1});
  check("identity", {1, nan}, {1, nan});
}

TEST(Ops, UnaryOtherTypes)
{
  expect(data("x", "bool 2", {1, 0}) + "%y: bool 2 = Unary(%x) kind=logical_not", {0, 1});
  expect(data("x", "i64 3", {-5, 0, 7}) + "%y: i64 3 = Unary(%x) kind=sign", {-1, 0, 1});
  expect(data("x", "i32 3", {-5, 0, 7}) + "%y: i32 3 = Unary(%x) kind=clip a=-2 b=inf", {-2, 0, 7});
  expect(data("x", "u8 3", {5, 0, 255}) + "%y: u8 3 = Unary(%x) kind=clip a=-1 b=100", {5, 0, 100});
  expect(data("x", "i8 2", {-128, 5}) + "%y: i8 2 = Unary(%x) kind=abs", {-128, 5});
  expect(data("x", "i64 2", {-5, 5}) + "%y: i64 2 = Unary(%x) kind=relu", {0, 5});
  expect("%x: f16 2 = Constant() data=[0.1,65504]\n%y: f16 2 = Unary(%x) kind=neg", {-0.0999755859375, -65504});
  expect(data("x", "f64 1", {0.1}) + "%y: f64 1 = Unary(%x) kind=neg", {-0.1});
  EXPECT_EQ(refused(data("x", "i64 1", {1}) + "%y: i64 1 = Unary(%x) kind=exp"), "x is of type i64, but must be a float type");
  EXPECT_EQ(refused(data("x", "f32 1", {1}) + "%y: f32 1 = Unary(%x) kind=logical_not"), "x is of type f32, but must be bool");
}

TEST(Ops, Binary)
{
  const auto floats = [](const std::string &kind, double a, double b, double y) {
    expect(data("a", "f32 1", {a}) + data("b", "f32 1", {b}) + fmt::format("%y: f32 1 = Binary(%a, %b) kind={}", kind), {y}, 1e-6);
  };
  floats("add", 1, 2, 3), floats("sub", 1, 2, -1), floats("mul", 3, 2, 6), floats("div", 1, 4, 0.25), floats("div", 1, 0, inf);
  floats("pow", 2, 0.5, std::sqrt(2.0)), floats("min", 1, 2, 1), floats("max", 1, 2, 2), floats("prelu", -2, 0.25, -0.5),
      floats("prelu", 2, 0.25, 2);
  floats("mod", -7, 3, 2), floats("mod", 7, -3, -2), floats("fmod", -7, 3, -1), floats("fmod", 7, -3, 1);
  const auto integers = [](const std::string &kind, const std::string &type, double a, double b, double y) {
    expect(data("a", type + " 1", {a}) + data("b", type + " 1", {b}) + fmt::format("%y: {} 1 = Binary(%a, %b) kind={}", type, kind),
           {y});
  };
  integers("div", "i64", -7, 2, -3), integers("mod", "i64", -7, 3, 2), integers("fmod", "i64", -7, 3, -1),
      integers("pow", "i32", -3, 3, -27);
  integers("pow", "i32", 2, -1, 0), integers("pow", "i64", -1, -3, -1), integers("sub", "u8", 1, 2, 255),
      integers("mul", "i8", 100, 2, -56);
  integers("max", "i64", -1, 2, 2), integers("min", "u64", 1, 2, 1), integers("div", "i8", -128, -1, -128);
  const auto conditions = [](const std::string &kind, const std::vector<double> &y) {  // of 1 < 2, 2 = 2, 3 > 2
    expect(data("a", "i64 3", {1, 2, 3}) + data("b", "i64 1", {2}) + fmt::format("%y: bool 3 = Binary(%a, %b) kind={}", kind), y);
  };
  conditions("equal", {0, 1, 0}), conditions("less", {1, 0, 0}), conditions("less_equal", {1, 1, 0});
  conditions("greater", {0, 0, 1}), conditions("greater_equal", {0, 1, 1});
  const auto logic = [](const std::string &kind, const std::vector<double> &y) {
    expect(data("a", "bool 2x1", {0, 1}) + data("b", "bool 2", {0, 1}) + fmt::format("%y: bool 2x2 = Binary(%a, %b) kind={}", kind),
           y);
  };
  logic("logical_and", {0, 0, 0, 1}), logic("logical_or", {0, 1, 1, 1}), logic("logical_xor", {0, 1, 1, 0});
  EXPECT_NE(refused(data("a", "i64 1", {1}) + data("b", "i64 1", {0}) + "%y: i64 1 = Binary(%a, %b) kind=div").find("divided by 0"),
            std::string::npos);
  EXPECT_EQ(refused(data("a", "i64 1", {1}) + data("b", "f32 1", {0}) + "%y: i64 1 = Binary(%a, %b)"),
            "b is of type f32, but must be i64");
}

TEST(Ops, Broadcasting)
{
  const std::string a = data("a", "f32 2x1x2", {1, 2, 3, 4});
  expect(a + data("b", "f32 3x1", {10, 20, 30}) + "%y: f32 2x3x2 = Binary(%a, %b)",
         {11, 12, 21, 22, 31, 32, 13, 14, 23, 24, 33, 34});
  expect(a + data("b", "f32 scalar", {10}) + "%y: f32 2x1x2 = Binary(%b, %a) kind=sub", {9, 8, 7, 6});
  expect(data("a", "f32 scalar", {1}) + data("b", "f32 scalar", {10}) + "%y: f32 scalar = Binary(%b, %a) kind=sub", {9});
  expect(data("a", "f32 1x0", {}) + data("b", "f32 3x1", {1, 2, 3}) + "%y: f32 3x0 = Binary(%a, %b)", {});
  expect(data("c", "bool 2x1", {1, 0}) + data("a", "i64 2", {1, 2}) + data("b", "i64 scalar", {9}) +
             "%y: i64 2x2 = Select(%c, %a, %b)",
         {1, 2, 9, 9});
  expect(data("x", "f32 1x2x2", {1, 2, 3, 4}) + data("s", "f32 2", {2, 10}) + data("t", "f32 2", {0.5, -1}) +
             "%y: f32 1x2x2 = Affine(%x, %s, %t)",
         {2.5, 4.5, 29, 39});
}

TEST(Ops, Reduce)
{
  const std::string x = data("x", "f32 2x3x2", {1, -2, 3, -4, 5, -6, 7, -8, 9, -10, 11, -12});
  expect(x + "%y: f32 2x1x2 = Reduce(%x) kind=mean axes=[1]", {3, -4, 9, -10});
  expect(x + "%y: f32 3 = Reduce(%x) kind=sum axes=[0,2] keep_dims=false", {-2, -2, -2});
  expect(x + "%y: f32 1x3x1 = Reduce(%x) kind=max axes=[0,2]", {7, 9, 11});
  expect(x + "%y: f32 3 = Reduce(%x) kind=min axes=[0,2] keep_dims=false", {-8, -10, -12});
  expect(x + "%y: f32 2x3 = Reduce(%x) kind=prod axes=[2] keep_dims=false", {-2, -12, -30, -56, -90, -132});
  expect(x + "%y: f32 scalar = Reduce(%x) kind=l1 axes=[0,1,2] keep_dims=false", {78});
  expect(x + "%y: f32 scalar = Reduce(%x) kind=sum_square axes=[0,1,2] keep_dims=false", {650});
  expect(x + "%y: f32 scalar = Reduce(%x) kind=l2 axes=[0,1,2] keep_dims=false", {std::sqrt(650)}, 2e-6);
  expect(x + "%y: f32 2x3x2 = Reduce(%x) kind=sum_square", {1, 4, 9, 16, 25, 36, 49, 64, 81, 100, 121, 144});  // element by element
  const std::string p = data("x", "f32 1x2", {1000, 1000});
  expect(p + "%y: f32 1x1 = Reduce(%x) kind=log_sum axes=[1]", {std::log(2000)}, 1e-6);
  expect(p + "%y: f32 1x1 = Reduce(%x) kind=log_sum_exp axes=[1]", {1000 + std::log(2)}, 1e-4);
  expect(data("x", "f32 1x2", {-inf, -inf}) + "%y: f32 1x1 = Reduce(%x) kind=log_sum_exp axes=[1]", {-inf});
  const std::string empty = data("x", "f32 2x0", {});
  expect(empty + "%y: f32 2x1 = Reduce(%x) kind=sum axes=[1]", {0, 0});
  expect(empty + "%y: f32 2x1 = Reduce(%x) kind=prod axes=[1]", {1, 1});
  expect(empty + "%y: f32 2x1 = Reduce(%x) kind=max axes=[1]", {-inf, -inf});
  expect(empty + "%y: f32 2x1 = Reduce(%x) kind=min axes=[1]", {inf, inf});
  expect(empty + "%y: f32 2x1 = Reduce(%x) kind=log_sum_exp axes=[1]", {-inf, -inf});
  expect(data("x", "i8 0", {}) + "%y: i8 1 = Reduce(%x) kind=max axes=[0]", {-128});
  expect(data("x", "i64 3", {-2, -2, -3}) + "%y: i64 scalar = Reduce(%x) axes=[0] keep_dims=false", {-2});
  expect(data("x", "i32 3", {-2, 2, -3}) + "%y: i32 1 = Reduce(%x) kind=l1 axes=[0]", {7});
  expect(data("x", "bool 3", {0, 1, 0}) + "%y: bool 1 = Reduce(%x) kind=max axes=[0]", {1});
  EXPECT_EQ(refused(x + "%y: f32 2x3 = Reduce(%x) axes=[3]"), "axis 3 is not one of shape 2x3x2");
  EXPECT_EQ(refused(x + "%y: f32 2x3 = Reduce(%x) axes=[1,0]"), "axes 1,0 are not ascending");
}

TEST(Ops, Norm)
{
  const std::string x = data("x", "f32 1x2x2", {1, 3, -2, 6}),
                    parameters = data("s", "f32 2", {2, 10}) + data("b", "f32 2", {0.5, 1});
  expect(x + parameters + data("m", "f32 2", {1, 2}) + data("v", "f32 2", {3, 15}) +
             "%y: f32 1x2x2 = Norm(%x, %s, %b, %m, %v) epsilon=1",
         {0.5, 2.5, -9, 11});
  expect(x + parameters + "%y: f32 1x2x2 = Norm(%x, %s, %b) kind=instance epsilon=0", {-1.5, 2.5, -9, 11});
  expect(x + parameters + "%y: f32 1x2x2 = Norm(%x, %s, %b) kind=instance epsilon=0 act=leaky_relu(0.5,0)", {-0.75, 2.5, -4.5, 11});
  EXPECT_EQ(refused(x + "%y: f32 1x2x2 = Norm(%x) kind=layer axis=2 act=relu"), "an activation behind a normalisation of this kind");
  expect(x + "%y: f32 1x2x2 = Norm(%x) kind=layer axis=2 epsilon=0", {-1, 1, -1, 1});
  expect(x + parameters + "%y: f32 1x2x2 = Norm(%x, %s, %b) kind=layer axis=2 epsilon=0", {-1.5, 11, -1.5, 11});
  // mean 2, variance (1 + 1 + 16 + 16) / 4 = 8.5
  expect(x + "%y: f32 1x2x2 = Norm(%x) kind=layer axis=1 epsilon=0.5", {-1.0 / 3, 1.0 / 3, -4.0 / 3, 4.0 / 3}, 1e-7);
  // mean -0.5 and 4.5, deviation 1.5 both
  expect(x + "%y: f32 1x2x2 = Norm(%x) kind=channel epsilon=0", {1, -1, -1, 1});
  expect(x + parameters + "%y: f32 1x2x2 = Norm(%x, %s, %b) kind=channel epsilon=0", {2.5, -1.5, -9, 11});
  // window of 2: this channel and the next
  expect(data("x", "f32 1x3x1", {1, 2, 3}) + "%y: f32 1x3x1 = Norm(%x) kind=lrn size=2 alpha=2 beta=1 k=1",
         {1.0 / 6, 2.0 / 14, 3.0 / 10}, 1e-7);
  EXPECT_EQ(refused(x + data("s", "f32 3", {2, 10, 1}) + "%y: f32 1x2x2 = Norm(%x, %s, %s) kind=instance"),
            "scale has shape 3, but must have 2");
}

TEST(Ops, Softmax)
{
  const double a = 1 / (1 + std::exp(1.0)), b = 1 - a;
  const std::string x = data("x", "f32 2x2", {1000, 1001, 1000, 1002});
  expect(x + "%y: f32 2x2 = Softmax(%x) axis=1", {a, b, 1 / (1 + std::exp(2.0)), 1 / (1 + std::exp(-2.0))}, 1e-7);
  expect(x + "%y: f32 2x2 = Softmax(%x) axis=0", {0.5, a, 0.5, b}, 1e-7);
  expect(x + "%y: f32 2x2 = Softmax(%x) axis=0 log=true", {std::log(0.5), std::log(a), std::log(0.5), std::log(b)}, 1e-6);
  EXPECT_EQ(refused(x + "%y: f32 2x2 = Softmax(%x)"), "axis -1 is not one of shape 2x2");
}

TEST(Ops, Move)
{
  const std::string x = data("x", "i8 2x3", {1, 2, 3, 4, 5, 6}), z = data("z", "i8 2x1", {7, 8}), e = data("e", "i8 2x0", {});
  expect(x + z + e + "%y: i8 2x4 = Concat(%x, %e, %z) axis=1", {1, 2, 3, 7, 4, 5, 6, 8});
  expect(x + "%y: i8 4x3 = Concat(%x, %x)", {1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6});
  expect(x + "%y: i8 1x2 = Slice(%x) starts=[1,2] steps=[1,-2]", {6, 4});
  expect(x + "%y: i8 2x0 = Slice(%x) starts=[0,0] steps=[1,1]", {});
  EXPECT_EQ(refused(x + "%y: i8 1x2 = Slice(%x) starts=[1,2] steps=[1,1]"),
            "slice of axis 1 (3 elements) from 2, 2 elements with step 1, reaches outside");
  expect(x + "%y: i8 3x2 = Reshape(%x)", {1, 2, 3, 4, 5, 6});
  expect(x + "%y: i8 3x2 = Transpose(%x) perm=[1,0]", {1, 4, 2, 5, 3, 6});
  expect(data("x", "f64 2x3x2", counting(12)) + "%y: f64 2x2x3 = Transpose(%x) perm=[2,0,1]",
         {1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12});
  expect(data("x", "f32 scalar", {5}) + "%y: f32 scalar = Transpose(%x)", {5});
  expect(x + data("i", "i64 2", {-1, 0}) + "%y: i8 2x2 = Gather(%x, %i) axis=1", {3, 1, 6, 4});
  expect(x + data("i", "i64 scalar", {1}) + "%y: i8 3 = Gather(%x, %i)", {4, 5, 6});
  expect(x + data("i", "i64 3", {2, -9, -2}) + "%y: i8 3x3 = Gather(%x, %i)", {4, 5, 6, 1, 2, 3, 1, 2, 3});
  expect(z + "%y: i8 2x2x3 = Expand(%z)", {7, 7, 7, 8, 8, 8, 7, 7, 7, 8, 8, 8});
  EXPECT_EQ(refused(x + "%y: i8 2x1 = Expand(%x)"), "shape 2x3 cannot be broadcast to 2x1");
  EXPECT_EQ(refused(x + "%y: i8 4 = Reshape(%x)"), "shape 2x3 cannot become 4");
}

TEST(Ops, ArgMax)
{
  const std::string x = data("x", "f32 2x4", {1, 5, 5, 2, -3, -7, 0, -7});
  expect(x + "%y: i64 2x1 = ArgMax(%x) axis=1", {1, 2});
  expect(x + "%y: i64 2 = ArgMax(%x) axis=1 last=true keep_dims=false", {2, 2});
  expect(x + "%y: i64 2 = ArgMax(%x) axis=1 least=true keep_dims=false", {0, 1});
  expect(x + "%y: i64 2 = ArgMax(%x) axis=1 least=true last=true keep_dims=false", {0, 3});
  expect(x + "%y: i64 1x4 = ArgMax(%x)", {0, 0, 0, 0});
  expect(data("x", "u8 3", {4, 200, 7}) + "%y: i64 scalar = ArgMax(%x) keep_dims=false", {1});
  EXPECT_EQ(refused(data("x", "f32 0x2", {}) + "%y: i64 1x2 = ArgMax(%x)"), "the largest of an empty axis");
}

TEST(Ops, Attention)
{
  const std::string qkv = data("q", "f32 1x1x2", {1, 0}) + data("k", "f32 1x2x2", {std::log(3.0), 5, 0, -4}) + data("v", "f32 1x2x3", {1, 2, 3, 5, 6, 7});
  expect(qkv + "%y: f32 1x1x3 = Attention(%q, %k, %v)", {2, 3, 4}, 1e-6);
  expect(qkv + "%y: f32 1x1x3 = Attention(%q, %k, %v) scale=0", {3, 4, 5}, 1e-6);
  expect(qkv + data("b", "f32 2", {0, std::log(3.0)}) + "%y: f32 1x1x3 = Attention(%q, %k, %v, %b)", {3, 4, 5}, 1e-6);
  EXPECT_EQ(refused(qkv + data("b", "f32 2x2", {0, 0, 0, 0}) + "%y: f32 1x1x3 = Attention(%q, %k, %v, %b)"), "bias 2x2 does not fit scores 1x1x2");
  EXPECT_EQ(refused(qkv + "%y: f32 1x1x3 = Attention(%k, %q, %v)"), "q 1x2x2, k 1x1x2 and v 1x2x3 do not fit");
}

TEST(Ops, Pad)
{
  const std::string x = data("x", "f32 1x3", {1, 2, 3});
  expect(x + "%y: f32 2x6 = Pad(%x) pads=[1,2,0,1] value=0.5", {0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1, 2, 3, 0.5});
  expect(x + "%y: f32 1x7 = Pad(%x) kind=edge pads=[0,2,0,2]", {1, 1, 1, 2, 3, 3, 3});
  expect(x + "%y: f32 1x7 = Pad(%x) kind=reflect pads=[0,2,0,2]", {3, 2, 1, 2, 3, 2, 1});
  expect(x + "%y: f32 1x3 = Pad(%x) pads=[0,-1,0,1] value=-1", {2, 3, -1});
  expect(data("x", "i64 1", {3}) + "%y: i64 2 = Pad(%x) pads=[1,0] value=7", {7, 3});
  EXPECT_EQ(refused(x + "%y: f32 1x6 = Pad(%x) kind=reflect pads=[0,3,0,0]"), "reflect padding by 3 of an axis of 3 (at most 2)");
  EXPECT_EQ(refused(x + "%y: f32 1x0 = Pad(%x) pads=[0,-4,0,0]"), "pads 0,-4,0,0 take more than shape 1x3 has");
}

TEST(Ops, Cast)
{
  const std::string x = data("x", "f32 6", {-1.7, 2.7, 300, 0, inf, -inf}) + "%n: f32 1 = Constant() data=[nan]\n";
  expect(x + "%y: i64 6 = Cast(%x) to=i64", {-1, 2, 300, 0, 9223372036854775807.0, -9223372036854775808.0});
  expect(x + "%y: u8 6 = Cast(%x) to=u8", {0, 2, 255, 0, 255, 0});
  expect(x + "%y: bool 6 = Cast(%x) to=bool", {1, 1, 1, 0, 1, 1});
  expect(x + "%y: i32 1 = Cast(%n) to=i32", {0});
  expect(data("x", "i64 3", {-1, 300, 0}) + "%y: u8 3 = Cast(%x) to=u8", {255, 44, 0});
  expect(data("x", "i64 3", {-1, 256, 0}) + "%y: bool 3 = Cast(%x) to=bool", {1, 1, 0});
  expect(data("x", "bool 2", {1, 0}) + "%y: f32 2 = Cast(%x) to=f32", {1, 0});
  expect(data("x", "f64 1", {0.1}) + "%y: f32 1 = Cast(%x) to=f32", {static_cast<double>(0.1f)});
  expect(data("x", "f32 2", {0.1, 1e6}) + "%y: f16 2 = Cast(%x) to=f16", {0.0999755859375, inf});
}

TEST(Ops, ResizeNearest)
{
  const std::string x = data("x", "i32 4", {1, 2, 3, 4});
  const auto check = [&](const std::string &attributes, const std::vector<double> &y) {
    expect(x + fmt::format("%y: i32 {} = Resize(%x) {}", y.size(), attributes), y);
  };
  check("scales=[2]", {1, 1, 2, 2, 3, 3, 4, 4});
  check("scales=[0.5]", {1, 3});  // at 0.5 and 2.5: the one below
  check("scales=[0.5] nearest=round_prefer_ceil", {2, 4});
  check("scales=[0.5] nearest=floor", {1, 3});
  check("scales=[0.5] nearest=ceil", {2, 4});
  check("scales=[2] coordinates=asymmetric nearest=floor", {1, 1, 2, 2, 3, 3, 4, 4});
  check("scales=[2] coordinates=asymmetric nearest=ceil", {1, 2, 2, 3, 3, 4, 4, 4});
  check("scales=[0.6] coordinates=asymmetric nearest=floor", {1, 2});                     // at 0 and 1.67
  check("scales=[1.75] coordinates=align_corners nearest=floor", {1, 1, 2, 2, 3, 3, 4});  // at i / 2
}

TEST(Ops, ResizeLinear)
{
  const std::string x = data("x", "f32 4", {1, 2, 3, 4});
  const auto check = [&](const std::string &attributes, const std::vector<double> &y) {
    expect(x + fmt::format("%y: f32 {} = Resize(%x) kind=linear {}", y.size(), attributes), y, 1e-6);
  };
  check("scales=[2]", {1, 1.25, 1.75, 2.25, 2.75, 3.25, 3.75, 4});
  check("scales=[2] coordinates=asymmetric", {1, 1.5, 2, 2.5, 3, 3.5, 4, 4});
  check("scales=[1.75] coordinates=align_corners", {1, 1.5, 2, 2.5, 3, 3.5, 4});
  check("scales=[0.6] coordinates=align_corners", {1, 1 + 3 / 1.4});  // ONNX: over scale * size - 1
  check("scales=[0.25]", {2.5});
  check("scales=[0.25] coordinates=pytorch_half_pixel", {1});
  // 2.4 resized to 2: (1 - 2 / 2.4) * 2 = 1/3 is added
  check("scales=[0.6] coordinates=half_pixel_symmetric", {1 + 1.0 / 3 + 1.0 / 3, 1 + 1.0 / 3 + 2});
  // antialias at half the size: triangle of radius 2 at 0.5, positions -1 0 1 2, weights 1 3 3 1, the border repeated or left out
  check("scales=[0.5] antialias=true", {(1 + 3 + 6 + 3) / 8.0, (2 + 9 + 12 + 4) / 8.0});
  check("scales=[0.5] antialias=true exclude_outside=true", {(3 + 6 + 3) / 7.0, (2 + 9 + 12) / 7.0});
  expect(data("x", "f32 2x2", {1, 2, 3, 4}) + "%y: f32 3x3 = Resize(%x) kind=linear coordinates=align_corners scales=[1.5,1.5]",
         {1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4});
}

TEST(Ops, GridSample)
{
  const auto at = [](const std::string &x, double column, double row, const std::string &attributes, double y) {
    expect(x + data("g", "f32 1x1x1x2", {column, row}) + "%y: f32 1x1x1x1 = GridSample(%x, %g)" + attributes, {y}, 1e-7);
  };
  const std::string x = data("x", "f32 1x1x2x2", {1, 2, 3, 4});
  at(x, 0, 0, " kind=linear", 2.5);
  at(x, -1, -1, " kind=linear", 0.25);   // the outer corner of a pixel, of which one in four taps lies on the map
  at(x, -1, -1, " kind=linear outside=edge", 1);
  at(x, -1, 1, " kind=linear align_corners=true", 3);
  at(x, 3, 0, " kind=linear outside=reflect", 2);   // column 3.5 is 1.5 beyond the end, then back to the other one
  at(x, -0.5, 0.5, " kind=nearest", 3);
  at(x, -9, 0.5, " kind=nearest", 0);
  at(x, 1e30, -1e30, " kind=nearest outside=edge", 2);
  at(data("x", "f32 1x1x1x4", {1, 2, 3, 4}), 0, 0, " kind=cubic", 2.5);
  at(data("x", "f32 1x1x1x4", {0, 0, 32, 0}), 0, 0, " kind=cubic", 19);
  EXPECT_EQ(refused(x + data("g", "f32 1x1x3", {0, 0, 0}) + "%y: f32 1x1x1x1 = GridSample(%x, %g)"), "grid has shape 1x1x3, but must have 4 dimensions");
}

TEST(Ops, ResizeCubic)
{
  // With a = -0.75 half way between the middle two: weights -3/32 19/32 19/32 -3/32.
  const std::string x = data("x", "f32 4", {1, 0, 2, 8});
  expect(x + "%y: f32 2 = Resize(%x) kind=cubic scales=[0.5]", {(-3.0 + 19 + 0 - 6) / 32, (0 + 19 * 2 + 19 * 8 - 3 * 8) / 32.0},
         1e-6);
  expect(x + "%y: f32 2 = Resize(%x) kind=cubic scales=[0.5] exclude_outside=true",
         {(19.0 + 0 - 6) / 35, (0 + 19 * 2 + 19 * 8) / 35.0}, 1e-6);
  expect(x + "%y: f32 8 = Resize(%x) kind=cubic coordinates=asymmetric scales=[2] cubic_a=-0.5",  // weights -1/16 9/16 9/16 -1/16
         {1, (-1 + 9 + 0 - 2) / 16.0, 0, (-1 + 0 + 18 - 8) / 16.0, 2, (0 + 18 + 72 - 8) / 16.0, 8, (-2 + 72 + 72 - 8) / 16.0},
         1e-6);
  expect(data("x", "f32 8", std::vector<double>(8, 3)) + "%y: f32 3 = Resize(%x) kind=cubic scales=[0.375] antialias=true",
         {3, 3, 3}, 1e-6);
}

TEST(Ops, RefusesWindowsThatDoNotFit)
{
  const std::string x = data("x", "f32 1x2x1x3", counting(6)), w = data("w", "f32 1x2x1x4", counting(8));
  EXPECT_EQ(refused(x + w + "%y: f32 1x1x1x1 = Conv(%x, %w)"),
            "kernel 1x4 does not fit into x 1x2x1x3 with pads 0,0,0,0 (the result would be empty)");
  EXPECT_EQ(refused(x + w + "%y: f32 1x1x1x1 = Conv(%x, %w) group=2"), "1 output channels in 2 groups");
  EXPECT_EQ(refused(x + w + "%y: f32 1x1x1x1 = Conv(%x, %w) strides=[0,1]"), "strides is 0, but must be 1 to 1073741824");
  EXPECT_EQ(refused(x + w + "%y: f32 1x1x1x1 = Conv(%x, %w) strides=[1]"), "strides has 1 numbers, but must have 2");
  EXPECT_EQ(refused(x + data("v", "f32 1x1x1x1", {1}) + "%y: f32 1x1x1x1 = Conv(%x, %v)"),
            "x 1x2x1x3 has 2 channels, but weights 1x1x1x1 in 1 groups read 1 each");
  EXPECT_EQ(refused(x + data("v", "f32 1x2x1x1", {1, 1}) + data("b", "f32 2", {1, 1}) + "%y: f32 1x1x1x3 = Conv(%x, %v, %b)"),
            "bias has shape 2, but must have 1");
  EXPECT_EQ(refused(x + data("v", "f32 1x2x1x1", {1, 1}) + "%y: f32 1x1x1x6 = Conv(%x, %v) pads=[0,3,0,0] fill=reflect"),
            "reflect padding by 3 of an axis of 3");
  EXPECT_EQ(refused(x + "%y: f32 1x2x1x4 = Pool(%x) kernel=[1,2]"),
            "kernel 1x2 with strides 1,1 and pads 0,0,0,0 on 1x2x1x3 gives no result of 1x2x1x4");
  EXPECT_EQ(refused(data("a", "f32 2x3", counting(6)) + "%y: f32 2x2 = MatMul(%a, %a)"),
            "matrices 2x3 and 2x3 do not fit: 3 columns, 2 rows");
}
