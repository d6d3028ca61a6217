// Every kernel family but convolution and dense, against plain loops in double.
#include "kernel_runner.h"
#include "kernels/families_args.h"

using namespace net2c;

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

// Errors in units of the last place of the exact result.
struct Function {
  uint32_t act;
  float a, b;
  double low, high;      // tested range
  double ulp, absolute;  // one of both must hold
  double (*exact)(double x, double a, double b);
};

const Function functions[] = {
    {NET2C_ACT_IDENTITY, 0, 0, -1e3, 1e3, 0, 0, [](double x, double, double) { return x; }},
    {NET2C_ACT_RELU, 0, 0, -1e3, 1e3, 0, 0, [](double x, double, double) { return std::max(x, 0.0); }},
    {NET2C_ACT_LEAKY_RELU, 0.125f, 0, -1e3, 1e3, 1, 0, [](double x, double a, double) { return x < 0 ? a * x : x; }},
    {NET2C_ACT_ELU, 1.5f, 0, -100, 100, 4, 0, [](double x, double a, double) { return x < 0 ? a * std::expm1(x) : x; }},
    {NET2C_ACT_CELU, 1.5f, 0, -100, 100, 5, 0, [](double x, double a, double) { return std::max(0.0, x) + std::min(0.0, a * std::expm1(x / a)); }},
    {NET2C_ACT_SELU, 1.6732632f, 1.0507010f, -100, 100, 4, 0, [](double x, double a, double b) { return b * (x > 0 ? x : a * std::expm1(x)); }},
    {NET2C_ACT_THRESHOLDED_RELU, 0.5f, 0, -3, 3, 0, 0, [](double x, double a, double) { return x > a ? x : 0; }},
    {NET2C_ACT_CLIP, -0.5f, 2, -3, 3, 0, 0, [](double x, double a, double b) { return std::min(b, std::max(a, x)); }},
    {NET2C_ACT_SIGMOID, 0, 0, -80, 100, 3, 0, [](double x, double, double) { return 1 / (1 + std::exp(-x)); }},
    {NET2C_ACT_TANH, 0, 0, -20, 20, 3, 0, [](double x, double, double) { return std::tanh(x); }},
    {NET2C_ACT_HARD_SIGMOID, 0.2f, 0.5f, -10, 10, 2, 1e-7, [](double x, double a, double b) { return std::max(0.0, std::min(1.0, a * x + b)); }},
    {NET2C_ACT_HARD_SWISH, 0, 0, -10, 10, 3, 5e-7, [](double x, double, double) { return x * std::max(0.0, std::min(1.0, x / 6 + 0.5)); }},
    {NET2C_ACT_SILU, 0, 0, -80, 100, 3, 0, [](double x, double, double) { return x / (1 + std::exp(-x)); }},
    {NET2C_ACT_GELU, 0, 0, -10, 10, 3, 2e-7, [](double x, double, double) { return x / 2 * (1 + std::erf(x / std::sqrt(2.0))); }},
    {NET2C_ACT_GELU_TANH, 0, 0, -10, 10, 4, 2e-7,
     [](double x, double, double) { return x / 2 * (1 + std::tanh(std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x))); }},
    {NET2C_ACT_MISH, 0, 0, -40, 40, 5, 0, [](double x, double, double) { return x * std::tanh(std::log1p(std::exp(x))); }},
    {NET2C_ACT_SOFTPLUS, 0, 0, -80, 80, 4, 0, [](double x, double, double) { return std::log1p(std::exp(-std::fabs(x))) + std::max(x, 0.0); }},
    {NET2C_ACT_SOFTSIGN, 0, 0, -100, 100, 1.5, 0, [](double x, double, double) { return x / (1 + std::fabs(x)); }},
    {NET2C_ACT_ABS, 0, 0, -100, 100, 0, 0, [](double x, double, double) { return std::fabs(x); }},
    {NET2C_ACT_NEG, 0, 0, -100, 100, 0, 0, [](double x, double, double) { return -x; }},
    {NET2C_ACT_SIGN, 0, 0, -1, 1, 0, 0, [](double x, double, double) { return x > 0 ? 1.0 : x < 0 ? -1.0 : x; }},
    {NET2C_ACT_FLOOR, 0, 0, -9e6, 9e6, 0, 0, [](double x, double, double) { return std::floor(x); }},
    {NET2C_ACT_CEIL, 0, 0, -9e6, 9e6, 0, 0, [](double x, double, double) { return std::ceil(x); }},
    {NET2C_ACT_ROUND, 0, 0, -9e6, 9e6, 0, 0, [](double x, double, double) { return std::nearbyint(x); }},
    {NET2C_ACT_SQRT, 0, 0, 0, 1e5, 0.51, 0, [](double x, double, double) { return std::sqrt(x); }},
    {NET2C_ACT_RECIPROCAL, 0, 0, 0.01, 1e5, 0.51, 0, [](double x, double, double) { return 1 / x; }},
    {NET2C_ACT_EXP, 0, 0, -87, 88.7, 1.5, 0, [](double x, double, double) { return std::exp(x); }},
    {NET2C_ACT_LOG, 0, 0, 1e-6, 1e6, 2, 0, [](double x, double, double) { return std::log(x); }},
    {NET2C_ACT_ERF, 0, 0, -5, 5, 3, 0, [](double x, double, double) { return std::erf(x); }},
    {NET2C_ACT_SIN, 0, 0, -1e4, 1e4, 2, 1e-7, [](double x, double, double) { return std::sin(x); }},
    {NET2C_ACT_COS, 0, 0, -1e4, 1e4, 2, 1e-7, [](double x, double, double) { return std::cos(x); }},
};

}  // namespace

TEST(Kernels, FunctionsAreAccurate)
{
  for (const Function &t : functions) {
    SCOPED_TRACE(t.act);
    Runner r(t.act);
    constexpr uint32_t n = 40003;
    const net2c_ref x = r.space(n * 4), y = r.space(n * 4);
    const double values = t.low < 0 ? -1 : 1;
    for (uint32_t i = 0; i < n; ++i) {
      float v = r.real(static_cast<float>(t.low), static_cast<float>(t.high));
      // As many numbers near zero as far from it.
      if (i % 2) v = std::clamp(std::exp2(r.real(-30, 20)) * static_cast<float>(i % 4 == 1 ? 1 : values), static_cast<float>(t.low), static_cast<float>(t.high));
      r.data(x)[i] = v;
    }
    r.run("act_plain", net2c_act_plain_args{x, y, n, t.act, t.a, t.b, 1});
    double worst = 0, at = 0;
    for (uint32_t i = 0; i < n; ++i) {
      const double v = static_cast<double>(r.data(x)[i]), exact = t.exact(v, static_cast<double>(t.a), static_cast<double>(t.b));
      const double error = std::fabs(static_cast<double>(r.data(y)[i]) - exact);
      const double ulp = std::ldexp(1.0, std::max(-126, exact == 0 ? -126 : std::ilogb(exact)) - 23);
      if (error > t.absolute && error / ulp > worst) worst = error / ulp, at = v;
      if (!(error >= 0)) worst = 1e30, at = v;
    }
    EXPECT_LE(worst, t.ulp) << "at " << at;
  }
}

TEST(Kernels, FunctionsOfNoNumber)
{
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const Function &t : functions) {
    SCOPED_TRACE(t.act);
    Runner r(t.act);
    const float values[] = {inf, -inf, nan, 0.0f, -0.0f, 3e38f, -3e38f, 1e30f, -1e30f};
    const net2c_ref x = r.space(sizeof values), y = r.space(sizeof values);
    std::memcpy(r.data(x), values, sizeof values);
    r.run("act_plain", net2c_act_plain_args{x, y, 9, t.act, t.a, t.b, 1});
    for (int i = 0; i < 9; ++i) {
      if (i >= 5 && (t.act == NET2C_ACT_SIN || t.act == NET2C_ACT_COS)) {
        EXPECT_LE(std::fabs(r.data(y)[i]), 1.0f);
        continue;
      }
      double exact = t.exact(static_cast<double>(values[i]), static_cast<double>(t.a), static_cast<double>(t.b));
      if (i == 2) exact = std::numeric_limits<double>::quiet_NaN();
      exact = static_cast<double>(static_cast<float>(exact));
      const bool odd_ones = t.act == NET2C_ACT_GELU_TANH && i >= 5;   // x^3 overflows; the product with 0 is exact all the same
      EXPECT_TRUE(Runner::near(static_cast<double>(r.data(y)[i]), exact, odd_ones ? 1e30 : 1e-6)) << values[i] << " gives " << r.data(y)[i] << ", not " << exact;
    }
  }
}

TEST(Kernels, FunctionsOnMaps)
{
  for (uint32_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const Function &t = functions[r.pick(0, std::size(functions) - 1)];
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 70)), h = u(r.pick(1, 20)), w = u(r.pick(1, 40));
    const net2c_map x = r.map(n, c, h, w), y = r.map(n, c, h, w);
    r.fill(x);
    if (t.low >= 0) r.fill(x, [&](uint32_t, uint32_t, int64_t, int64_t) { return r.real(0.5f, 2); });
    r.run("act", net2c_act_args{x, y, t.act, t.a, t.b, 1});
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      return static_cast<float>(t.exact(static_cast<double>(*r.at(x, i, k, p, q)), static_cast<double>(t.a), static_cast<double>(t.b)));
    }, 1e-6);
  }
}

TEST(Kernels, PaddedPicture)
{
  for (uint32_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 4)), h = u(r.pick(1, 20)), w = u(r.pick(3, 40)), rows = u(r.pick(1, 20));
    const net2c_ref x = r.space(size_t{n} * c * h * w * 4), picked = r.space(rows * 4), columns = r.space(4 * sizeof(net2c_gather_run));
    for (uint32_t i = 0; i < n * c * h * w; ++i) r.data(x)[i] = r.real();
    for (uint32_t i = 0; i < rows; ++i) r.data<uint32_t>(picked)[i] = u(r.pick(0, h - 1));
    const uint32_t left = u(r.pick(1, w - 1)), right = u(r.pick(1, w - 1));   // reflected, as they are, reflected, the last again
    const net2c_gather_run runs[] = {{left, -1, left}, {0, 1, w}, {w - 2, -1, right}, {w - 1 - right, 0, 2}};
    std::vector<uint32_t> column;
    for (const net2c_gather_run &run : runs)
      for (uint32_t i = 0; i < run.count; ++i) column.push_back(run.first + u(int64_t{run.step} * i));
    std::memcpy(r.data(columns), runs, sizeof runs);
    const net2c_map m = r.map(n, c, rows, u(static_cast<int64_t>(column.size())), false);
    r.run("pad_image", net2c_pad_image_args{x, m, picked, columns, h, w, 1});
    r.expect(m, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      return r.data(x)[((size_t{i} * c + k) * h + r.data<uint32_t>(picked)[p]) * w + column[static_cast<size_t>(q)]];
    }, 0);
  }
}

TEST(Kernels, Layouts)
{
  for (uint32_t seed = 0; seed < 200 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const bool c8 = r.pick(0, 3);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, c8 ? 40 : 4)), h = u(r.pick(1, 20)), w = u(r.pick(1, 40));
    const net2c_ref x = r.space(size_t{n} * c * h * w * 4), z = r.space(size_t{n} * c * h * w * 4);
    for (uint32_t i = 0; i < n * c * h * w; ++i) r.data(x)[i] = r.real();
    const net2c_map m = r.map(n, c, h, w, c8), copy = r.map(n, c, h, w, c8);
    const auto value = [&](uint32_t i, uint32_t k, int64_t y, int64_t j) { return r.data(x)[((size_t{i} * c + k) * h + u(y)) * w + u(j)]; };
    r.run("to_map", net2c_to_map_args{x, m, 1});
    r.expect(m, value, 0);
    r.run("copy_map", net2c_copy_map_args{m, copy, 1});
    r.expect(copy, value, 0);
    r.run("to_plain", net2c_to_plain_args{copy, z, 1});
    EXPECT_EQ(0, std::memcmp(r.data(x), r.data(z), size_t{n} * c * h * w * 4));
  }
}
