// Kernels over maps and rows: pooling, reductions, norms, softmax, resize, channels copied; against plain loops in double.
#include "kernel_runner.h"
#include "kernels/families_args.h"

using namespace net2c;

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }
double number(float x) { return static_cast<double>(x); }

// The elements of a reduction, in double.
double reduced(uint32_t kind, const std::vector<double> &x)
{
  double all = kind == NET2C_REDUCE_MAX ? -INFINITY : kind == NET2C_REDUCE_MIN ? INFINITY : kind == NET2C_REDUCE_PROD ? 1 : 0;
  for (double v : x) switch (kind) {
      case NET2C_REDUCE_MAX: all = std::max(all, v); break;
      case NET2C_REDUCE_MIN: all = std::min(all, v); break;
      case NET2C_REDUCE_PROD: all *= v; break;
      case NET2C_REDUCE_L1: all += std::fabs(v); break;
      case NET2C_REDUCE_L2:
      case NET2C_REDUCE_SUM_SQUARE: all += v * v; break;
      case NET2C_REDUCE_LOG_SUM_EXP: all += std::exp(v); break;
      default: all += v;
    }
  if (kind == NET2C_REDUCE_MEAN) return all / static_cast<double>(x.size());
  if (kind == NET2C_REDUCE_L2) return std::sqrt(all);
  if (kind == NET2C_REDUCE_LOG_SUM || kind == NET2C_REDUCE_LOG_SUM_EXP) return std::log(all);
  return all;
}

struct Axis { uint32_t kernel, stride, dilation, before, after, out; };

Axis axis_of(Runner &r, uint32_t size, uint32_t kernel, uint32_t stride)
{
  Axis a{kernel ? kernel : u(r.pick(1, 5)), stride ? stride : u(r.pick(1, 3)), kernel ? 1 : u(r.pick(1, 2)), 0, 0, 0};
  a.before = u(r.pick(0, a.kernel - 1)), a.after = u(r.pick(0, a.kernel - 1));
  const int64_t room = int64_t{size} + a.before + a.after - a.dilation * (a.kernel - 1) - 1;
  a.out = u(std::max<int64_t>(1, room / a.stride + 1 + r.pick(0, 1)));   // sometimes a window past the end
  return a;
}

}  // namespace

TEST(MapKernels, Pooling)
{
  for (uint32_t seed = 0; seed < 300 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    struct Form { const char *kernel; bool average; uint32_t size, stride; };
    constexpr Form forms[] = {{"max_pool", false, 0, 0},     {"max_pool_2_2", false, 2, 2},    {"max_pool_3_2", false, 3, 2},    {"max_pool_3_1", false, 3, 1},
                              {"max_pool_2_1", false, 2, 1},
                              {"average_pool", true, 0, 0}, {"average_pool_2_2", true, 2, 2}, {"average_pool_3_1", true, 3, 1}};
    const auto [kernel, average, size, stride] = forms[r.pick(0, std::size(forms) - 1)];
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 20)), h = u(r.pick(1, 20)), w = u(r.pick(1, 45));
    const Axis v = axis_of(r, h, size, stride), q = axis_of(r, w, size, stride);
    const uint32_t kept = u(r.pick(0, std::min(h, 3u)));
    net2c_map x = r.map(n, c, h + kept, w);
    const net2c_map y = r.map(n, c, v.out, q.out);
    x.h = h, x.top += kept;   // room above for the rows that the next strip begins with
    r.fill(x);
    const bool pad = r.coin();
    net2c_pool_args args{x, y, v.kernel, q.kernel, v.stride, q.stride, v.dilation, q.dilation, v.before, q.before, v.after, q.after, pad, 1, 1, kept, h};
    std::vector<std::pair<net2c_pool_args, uint32_t>> cuts;
    for (int i = 0; i < 3; ++i) {
      args.row_chunks = i ? u(r.pick(1, (v.out + 1) / 2)) : 1, args.oc_chunks = i ? u(r.pick(1, n * ((c + 7) / 8))) : 1;
      cuts.push_back({args, args.row_chunks * args.oc_chunks});
    }
    r.run(kernel, cuts);
    for (uint32_t i = 0; i < n; ++i)
      for (uint32_t k = 0; k < c; ++k)
        for (int64_t row = h - kept; row < h; ++row)
          for (int64_t column = -int64_t{x.left}; column < int64_t{w} + x.right; ++column) ASSERT_EQ(*r.at(x, i, k, row - h, column), *r.at(x, i, k, row, column)) << "kept";
    r.expect(y, [&, average = average](uint32_t i, uint32_t k, int64_t row, int64_t column) {
      double sum = 0, most = -INFINITY;
      int64_t inside = 0, padded = 0;
      for (uint32_t a = 0; a < v.kernel; ++a)
        for (uint32_t b = 0; b < q.kernel; ++b) {
          const int64_t sy = row * v.stride - v.before + a * v.dilation, sx = column * q.stride - q.before + b * q.dilation;
          if (sy < int64_t{h} + v.after && sx < int64_t{w} + q.after) ++padded;
          if (sy < 0 || sx < 0 || sy >= h || sx >= w) continue;
          const double value = number(*r.at(x, i, k, sy, sx));
          ++inside, sum += value, most = std::max(most, value);
        }
      return static_cast<float>(!average ? most : inside ? sum / static_cast<double>(pad ? padded : inside) : 0);
    }, average ? 1e-6 : 0);
  }
}

TEST(MapKernels, ReductionOfPlanes)
{
  for (uint32_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 70)), h = u(r.pick(1, 20)), w = u(r.pick(1, 30)), kind = u(r.pick(0, NET2C_REDUCE_SUM_SQUARE));
    if (kind == NET2C_REDUCE_LOG_SUM_EXP) continue;
    const net2c_map x = r.map(n, c, h, w), y = r.map(n, c, 1, 1, true, false);
    const bool positive = kind == NET2C_REDUCE_LOG_SUM || kind == NET2C_REDUCE_PROD;
    r.fill(x, [&](uint32_t, uint32_t, int64_t, int64_t) { return positive ? r.real(0.95f, 1.05f) : r.real(); });
    r.run("reduce_plane", net2c_reduce_plane_args{x, y, kind, 1});
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t, int64_t) {
      std::vector<double> all;
      for (uint32_t p = 0; p < h; ++p)
        for (uint32_t q = 0; q < w; ++q) all.push_back(number(*r.at(x, i, k, p, q)));
      return static_cast<float>(reduced(kind, all));
    }, 2e-5);
  }
}

TEST(MapKernels, PlainReductions)
{
  for (uint32_t seed = 0; seed < 200 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t outer = u(r.pick(1, 9)), n = u(r.coin() ? r.pick(1, 40) : r.pick(1, 5000)), inner = r.coin() ? 1 : u(r.pick(2, 20));
    const uint32_t kind = u(r.pick(0, NET2C_REDUCE_SUM_SQUARE));
    const net2c_ref x = r.space(size_t{outer} * n * inner * 4), y = r.space(size_t{outer} * inner * 4);
    const bool positive = kind == NET2C_REDUCE_LOG_SUM || kind == NET2C_REDUCE_PROD;
    for (uint32_t i = 0; i < outer * n * inner; ++i) r.data(x)[i] = positive ? r.real(0.9995f, 1.0005f) : r.real();
    r.run("reduce_plain", net2c_reduce_plain_args{x, y, outer, n, inner, kind, NET2C_TYPE_F32, 1});
    Runner s(seed);
    const net2c_ref xi = s.space(size_t{outer} * n * inner * 4), yi = s.space(size_t{outer} * inner * 4);
    for (uint32_t i = 0; i < outer * n * inner; ++i) s.data<int32_t>(xi)[i] = static_cast<int32_t>(s.pick(-9, 9));
    constexpr uint32_t integer_kinds[] = {NET2C_REDUCE_MEAN, NET2C_REDUCE_SUM, NET2C_REDUCE_MAX, NET2C_REDUCE_MIN, NET2C_REDUCE_L1, NET2C_REDUCE_SUM_SQUARE};
    const uint32_t integer = integer_kinds[seed % 6];
    s.run("reduce_integer", net2c_reduce_plain_args{xi, yi, outer, n, inner, integer, NET2C_TYPE_I32, 1});
    for (uint32_t o = 0; o < outer; ++o)
      for (uint32_t k = 0; k < inner; ++k) {
        std::vector<double> all, whole;
        for (uint32_t i = 0; i < n; ++i)
          all.push_back(number(r.data(x)[(o * n + i) * inner + k])), whole.push_back(static_cast<double>(s.data<int32_t>(xi)[(o * n + i) * inner + k]));
        ASSERT_TRUE(Runner::near(number(r.data(y)[o * inner + k]), reduced(kind, all), 3e-5)) << kind << ": " << r.data(y)[o * inner + k] << ", not " << reduced(kind, all);
        ASSERT_EQ(s.data<int32_t>(yi)[o * inner + k], std::trunc(reduced(integer, whole))) << integer;
      }
  }
}

TEST(MapKernels, InstanceNorm)
{
  for (uint32_t seed = 0; seed < 80 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 40)), h = u(r.pick(1, 20)), w = u(r.pick(h == 1 ? 2 : 1, 40));
    const net2c_map x = r.map(n, c, h, w), y = r.map(n, c, h, w);
    const float offset = r.coin() ? 100.0f : 0.0f;   // a mean far from zero must not cost digits
    r.fill(x, [&](uint32_t, uint32_t, int64_t, int64_t) { return offset + r.real(); });
    const net2c_ref scale = r.space(c * 4), bias = r.space(c * 4);
    for (uint32_t i = 0; i < c; ++i) r.data(scale)[i] = r.real(), r.data(bias)[i] = r.real();
    const uint32_t act = r.coin() ? NET2C_ACT_CLIP : r.coin() ? NET2C_ACT_LEAKY_RELU : NET2C_ACT_HARD_SIGMOID;
    const float low = r.coin() ? -0.25f : 0.25f;
    r.run("instance_norm", net2c_instance_norm_args{x, y, scale, bias, 1e-3f, act, low, 0.5f, 1});
    std::vector<double> mean(n * c), variance(n * c);
    for (uint32_t i = 0; i < n * c; ++i) {
      for (uint32_t p = 0; p < h * w; ++p) mean[i] += number(*r.at(x, i / c, i % c, p / w, p % w)) / h / w;
      for (uint32_t p = 0; p < h * w; ++p) variance[i] += std::pow(number(*r.at(x, i / c, i % c, p / w, p % w)) - mean[i], 2) / h / w;
    }
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      const double v = (number(*r.at(x, i, k, p, q)) - mean[i * c + k]) / std::sqrt(variance[i * c + k] + number(1e-3f));
      const double z = v * number(r.data(scale)[k]) + number(r.data(bias)[k]), a = number(low);
      return static_cast<float>(act == NET2C_ACT_CLIP ? std::clamp(z, a, 0.5) : act == NET2C_ACT_LEAKY_RELU ? (z < 0 ? a * z : z) : std::clamp(a * z + 0.5, 0.0, 1.0));
    }, offset != 0.0f ? 1e-4 : 5e-6);
  }
}

// Rows apart: each group's mean is far from that of the rows before it.
TEST(MapKernels, InstanceNormOfRowsApart)
{
  for (uint32_t seed = 0; seed < 20 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t c = u(r.pick(1, 17)), h = u(r.pick(5, 40)), w = u(r.pick(1, 40));
    const net2c_map x = r.map(1, c, h, w), y = r.map(1, c, h, w);
    const float step = r.coin() ? 1000.0f : -3.0f;
    r.fill(x, [&](uint32_t, uint32_t, int64_t p, int64_t) { return 50.0f + step * static_cast<float>(p / 4) + r.real(); });
    const net2c_ref scale = r.space(c * 4), bias = r.space(c * 4);
    for (uint32_t i = 0; i < c; ++i) r.data(scale)[i] = 1, r.data(bias)[i] = 0;
    r.run("instance_norm", net2c_instance_norm_args{x, y, scale, bias, 1e-3f, NET2C_ACT_IDENTITY, 0, 0, 1});
    std::vector<double> mean(c), variance(c);
    for (uint32_t i = 0; i < c; ++i) {
      for (uint32_t p = 0; p < h * w; ++p) mean[i] += number(*r.at(x, 0, i, p / w, p % w)) / h / w;
      for (uint32_t p = 0; p < h * w; ++p) variance[i] += std::pow(number(*r.at(x, 0, i, p / w, p % w)) - mean[i], 2) / h / w;
    }
    r.expect(y, [&](uint32_t, uint32_t k, int64_t p, int64_t q) {
      return static_cast<float>((number(*r.at(x, 0, k, p, q)) - mean[k]) / std::sqrt(variance[k] + number(1e-3f)));
    }, 5e-6);
  }
}

TEST(MapKernels, ChannelNorm)
{
  for (uint32_t seed = 0; seed < 80 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 60)), h = u(r.pick(1, 6)), w = u(r.pick(1, 30));
    const net2c_map x = r.map(n, c, h, w), y = r.map(n, c, h, w);
    const float offset = r.coin() ? 100.0f : 0.0f;
    r.fill(x, [&](uint32_t, uint32_t, int64_t, int64_t) { return offset + r.real(); });
    const net2c_ref scale = r.space(c * 4), bias = r.space(c * 4);
    for (uint32_t i = 0; i < c; ++i) r.data(scale)[i] = r.real(), r.data(bias)[i] = r.real();
    const bool scaled = r.coin(), biased = r.coin();
    r.run("channel_norm", net2c_channel_norm_args{x, y, scaled ? scale : NET2C_NONE, biased ? bias : NET2C_NONE, 1e-3f, 1});
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      double mean = 0, variance = 0;
      for (uint32_t j = 0; j < c; ++j) mean += number(*r.at(x, i, j, p, q)) / c;
      for (uint32_t j = 0; j < c; ++j) variance += std::pow(number(*r.at(x, i, j, p, q)) - mean, 2) / c;
      const double v = (number(*r.at(x, i, k, p, q)) - mean) / std::sqrt(variance + number(1e-3f));
      return static_cast<float>(v * (scaled ? number(r.data(scale)[k]) : 1) + (biased ? number(r.data(bias)[k]) : 0));
    }, offset != 0.0f ? 1e-3 : 5e-6);
  }
}

TEST(MapKernels, LayerNormAndSoftmax)
{
  for (uint32_t seed = 0; seed < 120 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t outer = u(r.pick(1, 20)), n = u(r.pick(2, 100)), inner = r.coin() ? 1 : u(r.pick(2, 20));
    const net2c_ref x = r.space(outer * n * inner * 4), y = r.space(outer * n * inner * 4), scale = r.space(n * 4), bias = r.space(n * 4);
    const float middle = r.coin() ? 0 : r.real(-200, 200);   // far from 0 e^x is nothing or too much
    for (uint32_t i = 0; i < outer * n * inner; ++i) r.data(x)[i] = middle + r.real(-20, 20);
    for (uint32_t i = 0; i < n; ++i) r.data(scale)[i] = r.real(), r.data(bias)[i] = r.real();
    const bool log = r.coin(), scaled = r.coin(), biased = r.coin();
    r.run("softmax", net2c_softmax_args{x, y, outer, n, inner, log, 1});
    for (uint32_t o = 0; o < outer; ++o)
      for (uint32_t k = 0; k < inner; ++k) {
        double most = -INFINITY, sum = 0;
        for (uint32_t i = 0; i < n; ++i) most = std::max(most, number(r.data(x)[(o * n + i) * inner + k]));
        for (uint32_t i = 0; i < n; ++i) sum += std::exp(number(r.data(x)[(o * n + i) * inner + k]) - most);
        for (uint32_t i = 0; i < n; ++i) {
          const double v = number(r.data(x)[(o * n + i) * inner + k]) - most;
          ASSERT_TRUE(Runner::near(number(r.data(y)[(o * n + i) * inner + k]), log ? v - std::log(sum) : std::exp(v) / sum, 1e-6));
        }
      }
    const uint32_t rows = outer * inner;
    r.run("layer_norm", net2c_layer_norm_args{x, y, scaled ? scale : NET2C_NONE, biased ? bias : NET2C_NONE, rows, n, 1e-5f, 1});
    for (uint32_t o = 0; o < rows; ++o) {
      double mean = 0, variance = 0;
      for (uint32_t i = 0; i < n; ++i) mean += number(r.data(x)[o * n + i]) / n;
      for (uint32_t i = 0; i < n; ++i) variance += std::pow(number(r.data(x)[o * n + i]) - mean, 2) / n;
      for (uint32_t i = 0; i < n; ++i) {
        const double v = (number(r.data(x)[o * n + i]) - mean) / std::sqrt(variance + 1e-5) * (scaled ? number(r.data(scale)[i]) : 1) + (biased ? number(r.data(bias)[i]) : 0);
        ASSERT_TRUE(Runner::near(number(r.data(y)[o * n + i]), v, 1e-5));
      }
    }
  }
}

TEST(MapKernels, LocalResponse)
{
  for (uint32_t seed = 0; seed < 80 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 40)), h = u(r.pick(1, 8)), w = u(r.pick(1, 30));
    const uint32_t size = r.coin() ? 5 : u(r.pick(1, 20));
    const net2c_map x = r.map(n, c, h, w), y = r.map(n, c, h, w);
    r.fill(x);
    const float beta = r.coin() ? 0.75f : 0.5f;
    r.run("lrn", net2c_lrn_args{x, y, (size - 1) / 2, size / 2, 0.1f, beta, 1.5f, 1}, NET2C_LRN_SCRATCH(c, (size - 1) / 2, size / 2));
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      double sum = 0;
      for (int64_t j = int64_t{k} - (size - 1) / 2; j <= int64_t{k} + size / 2; ++j)
        if (j >= 0 && j < c) sum += std::pow(number(*r.at(x, i, u(j), p, q)), 2);
      return static_cast<float>(number(*r.at(x, i, k, p, q)) / std::pow(1.5 + number(0.1f) * sum, number(beta)));
    }, 2e-6);
  }
}

// The power -3/4 over all exponents, by five channels in registers and by any number.
TEST(MapKernels, LocalResponseIsAccurate)
{
  for (const uint32_t size : {5, 3}) {
    Runner r(size);
    const net2c_map x = r.map(1, 1, 10, 2000), y = r.map(1, 1, 10, 2000);
    const auto smallest = 0x1p-126f;
    r.fill(x, [&](uint32_t, uint32_t, int64_t p, int64_t q) { return (q % 2 ? 1 : -1) * std::exp2(p == 9 ? r.real(-2, 2) : r.real(-62, 63.9f)); });
    r.run("lrn", net2c_lrn_args{x, y, (size - 1) / 2, size / 2, 1, 0.75f, smallest, 1}, NET2C_LRN_SCRATCH(1, 2, 2));
    double worst = 0;
    for (uint32_t i = 0; i < 10 * 2000; ++i) {
      const double v = number(*r.at(x, 0, 0, i / 2000, i % 2000)), exact = v / std::pow(number(smallest) + v * v, 0.75);
      worst = std::max(worst, std::fabs(number(*r.at(y, 0, 0, i / 2000, i % 2000)) - exact) / std::ldexp(1.0, std::ilogb(exact) - 23));
    }
    EXPECT_LE(worst, 3.5);
    r.fill(x, [](uint32_t, uint32_t, int64_t, int64_t) { return 1e30f; });   // its square is none
    r.run("lrn", net2c_lrn_args{x, y, (size - 1) / 2, size / 2, 1, 0.75f, 1, 1}, NET2C_LRN_SCRATCH(1, 2, 2));
    EXPECT_LT(*r.at(y, 0, 0, 3, 3), 100.0f);
  }
}

TEST(MapKernels, Resize)
{
  for (uint32_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 20)), h = u(r.pick(1, 12)), w = u(r.pick(1, 20)), oh = u(r.pick(1, 20)), ow = u(r.pick(1, 40));
    const uint32_t ty = u(r.pick(1, 5)), tx = u(r.pick(1, 5));
    const net2c_map x = r.map(n, c, h, w), y = r.map(n, c, oh, ow);
    r.fill(x);
    const net2c_ref iy = r.space(oh * ty * 4), wy = r.space(oh * ty * 4), ix = r.space(ow * tx * 4), wx = r.space(ow * tx * 4);
    for (uint32_t i = 0; i < oh * ty; ++i) r.data<uint32_t>(iy)[i] = u(r.pick(0, h - 1)), r.data(wy)[i] = r.real(-1, 1);
    for (uint32_t i = 0; i < ow * tx; ++i) r.data<uint32_t>(ix)[i] = u(r.pick(0, w - 1)), r.data(wx)[i] = r.real(-1, 1);
    r.run("resize", net2c_resize_args{x, y, iy, wy, ix, wx, ty, tx, 1}, w * 32);
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      double sum = 0;
      for (uint32_t a = 0; a < ty; ++a)
        for (uint32_t b = 0; b < tx; ++b)
          sum += number(r.data(wy)[u(p) * ty + a]) * number(r.data(wx)[u(q) * tx + b]) * number(*r.at(x, i, k, r.data<uint32_t>(iy)[u(p) * ty + a], r.data<uint32_t>(ix)[u(q) * tx + b]));
      return static_cast<float>(sum);
    }, 2e-6);
    r.run("resize_nearest", net2c_resize_args{x, y, iy, wy, ix, wx, 1, 1, 1});
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) { return *r.at(x, i, k, r.data<uint32_t>(iy)[u(p)], r.data<uint32_t>(ix)[u(q)]); }, 0);
    // One axis of a plain array, by the rows' table.
    const uint32_t outer = u(r.pick(1, 4)), inner = u(r.pick(1, 20));
    const net2c_ref from = r.space(outer * h * inner * 4), to = r.space(outer * oh * inner * 4);
    for (uint32_t i = 0; i < outer * h * inner; ++i) r.data(from)[i] = r.real();
    r.run("resize_axis", net2c_resize_axis_args{from, to, iy, wy, ty, outer, h, oh, inner, 1});
    for (uint32_t i = 0; i < outer * oh * inner; ++i) {
      double sum = 0;
      for (uint32_t a = 0, o = i / inner / oh, p = i / inner % oh; a < ty; ++a)
        sum += number(r.data(wy)[p * ty + a]) * number(r.data(from)[(o * h + r.data<uint32_t>(iy)[p * ty + a]) * inner + i % inner]);
      ASSERT_TRUE(Runner::near(number(r.data(to)[i]), sum, 1e-6));
    }
  }
}

TEST(MapKernels, ChannelsCopied)
{
  for (uint32_t seed = 0; seed < 100 && !HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), h = u(r.pick(1, 8)), w = u(r.pick(1, 20)), a = u(r.pick(1, 20)), b = u(r.pick(1, 20)), cx = u(r.pick(1, 30));
    const net2c_map y = r.map(n, a + b, h, w), x = r.map(n, cx, h, w), z = r.map(n, b + 3, h, w);
    r.fill(x), r.fill(z);
    // A concat of picked channels and of channels 3.. of z, as two steps.
    const net2c_ref index = r.space(a * 4);
    for (uint32_t i = 0; i < a; ++i) r.data<uint32_t>(index)[i] = u(r.pick(0, cx - 1));
    r.run("copy_channels", net2c_copy_channels_args{x, y, index, 0, 0, a, 1});
    r.run("copy_channels", net2c_copy_channels_args{z, y, NET2C_NONE, 3, a, b, 1});
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) { return k < a ? *r.at(x, i, r.data<uint32_t>(index)[k], p, q) : *r.at(z, i, k - a + 3, p, q); }, 0);
  }
}
