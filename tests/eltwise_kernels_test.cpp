// Kernels that work element by element on two operands, select, cast; moves of plain elements.
#include "kernel_runner.h"
#include "kernels/families_args.h"
#include "seed_step.h"

using namespace net2c;

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

double arithmetic(uint32_t kind, double a, double b)
{
  switch (kind) {
    case NET2C_BIN_ADD: return a + b;
    case NET2C_BIN_SUB: return a - b;
    case NET2C_BIN_MUL: return a * b;
    case NET2C_BIN_DIV: return a / b;
    case NET2C_BIN_POW: return std::pow(a, b);
    case NET2C_BIN_MIN: return a < b ? a : b;
    case NET2C_BIN_MAX: return a > b ? a : b;
    case NET2C_BIN_PRELU: return a < 0 ? a * b : a;
    case NET2C_BIN_FMOD: return std::fmod(a, b);
    default: {
      const double r = std::fmod(a, b);
      return r != 0 && (r < 0) != (b < 0) ? r + b : r;
    }
  }
}

template <class T>
bool holds(uint32_t kind, T a, T b)
{
  switch (kind) {
    case NET2C_BIN_EQUAL: return a == b;
    case NET2C_BIN_LESS: return a < b;
    case NET2C_BIN_LESS_EQUAL: return a <= b;
    case NET2C_BIN_GREATER: return a > b;
    case NET2C_BIN_GREATER_EQUAL: return a >= b;
    case NET2C_BIN_AND: return a != 0 && b != 0;
    case NET2C_BIN_OR: return a != 0 || b != 0;
    default: return (a != 0) != (b != 0);
  }
}

// A box of up to six axes and two operands, each repeated along some of them.
struct Box {
  uint32_t size[6], count = 1;
  int32_t a[6], b[6];
  uint32_t a_count = 1, b_count = 1;
  explicit Box(Runner &r)
  {
    for (int d = 5; d >= 0; --d) {
      size[d] = u(d == 5 ? r.pick(1, 150) : d >= 3 ? r.pick(1, 5) : r.pick(1, 2));
      const bool once_a = r.pick(0, 3) == 0, once_b = r.pick(0, 3) == 0;
      a[d] = once_a ? 0 : static_cast<int32_t>(a_count), b[d] = once_b ? 0 : static_cast<int32_t>(b_count);
      if (!once_a) a_count *= size[d];
      if (!once_b) b_count *= size[d];
      count *= size[d];
    }
  }
  uint32_t from(const int32_t (&step)[6], uint32_t i) const
  {
    int64_t at = 0;
    for (int d = 5; d >= 0; --d) at += int64_t{step[d]} * (i % size[d]), i /= size[d];
    return u(at);
  }
  net2c_binary_plain_args args(net2c_ref x, net2c_ref z, net2c_ref y, uint32_t kind, uint32_t type) const
  {
    net2c_binary_plain_args args{x, z, y, {}, {}, {}, kind, type, 1};
    std::copy(size, size + 6, args.size), std::copy(a, a + 6, args.a_step), std::copy(b, b + 6, args.b_step);
    return args;
  }
};

}  // namespace

TEST(EltwiseKernels, MapAndOperand)
{
  for (uint32_t seed = 0; seed < 200 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 40)), h = u(r.pick(1, 12)), w = u(r.pick(1, 30));
    const bool once_n = r.coin(), once_c = r.coin(), once_h = r.coin(), once_w = r.coin();
    const net2c_map a = r.map(n, c, h, w), y = r.map(n, c, h, w);
    r.fill(a);
    net2c_binary_map_args args{};
    args.a = a, args.y = y, args.kind = u(r.pick(NET2C_BIN_ADD, NET2C_BIN_PRELU)), args.swap = r.coin();
    net2c_map b = r.map(once_n ? 1 : n, c, once_h ? 1 : h, once_w ? 1 : w);
    net2c_ref plain = 0;
    const uint32_t bn = once_n ? 1 : n, bh = once_h ? 1 : h, bw = once_w ? 1 : w;
    if (once_c) {
      plain = r.space(size_t{bn} * bh * bw * 4);
      for (uint32_t i = 0; i < bn * bh * bw; ++i) r.data(plain)[i] = r.real(0.5f, 2);
      args.b = plain, args.b_lanes = 1, args.b_image = once_n ? 0 : bh * bw, args.b_row = once_h ? 0 : bw, args.b_pixel = once_w ? 0 : 1;
    } else {
      r.fill(b, [&](uint32_t, uint32_t, int64_t, int64_t) { return r.real(0.5f, 2); });
      args.b = b.base, args.b_lanes = 8, args.b_first = (b.top * b.pitch + b.left) * 8, args.b_image = once_n ? 0 : b.image * 8;
      args.b_plane = b.plane * 8, args.b_row = once_h ? 0 : b.pitch * 8, args.b_pixel = once_w ? 0 : 8;
    }
    if (args.kind == NET2C_BIN_POW) r.fill(a, [&](uint32_t, uint32_t, int64_t, int64_t) { return r.real(0.5f, 2); });
    const bool add = args.kind == NET2C_BIN_ADD && !args.swap, mul = args.kind == NET2C_BIN_MUL && !args.swap;
    r.run(add ? "add_map" : mul ? "mul_map" : "binary_map", args);
    r.expect(y, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) {
      const uint32_t j = once_n ? 0 : i;
      const int64_t row = once_h ? 0 : p, column = once_w ? 0 : q;
      const double x = static_cast<double>(*r.at(a, i, k, p, q));
      const double z = static_cast<double>(once_c ? r.data(plain)[(j * bh + u(row)) * bw + u(column)] : *r.at(b, j, k, row, column));
      return static_cast<float>(args.swap ? arithmetic(args.kind, z, x) : arithmetic(args.kind, x, z));
    }, 1e-6);
  }
}

TEST(EltwiseKernels, PlainFloats)
{
  for (uint32_t seed = 0; seed < 150 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const Box box(r);
    const uint32_t kind = u(r.pick(NET2C_BIN_ADD, NET2C_BIN_FMOD));
    const net2c_ref a = r.space(box.a_count * 4), b = r.space(box.b_count * 4), y = r.space(box.count * 4);
    const float low = kind == NET2C_BIN_POW ? 0.1f : -9;
    for (uint32_t i = 0; i < box.a_count; ++i) r.data(a)[i] = r.real(low, 9);
    for (uint32_t i = 0; i < box.b_count; ++i) r.data(b)[i] = r.real(0.5f, 4) * (kind == NET2C_BIN_POW || r.coin() ? 1.0f : -1.0f);
    r.run("binary_plain", box.args(a, b, y, kind, NET2C_TYPE_F32));
    for (uint32_t i = 0; i < box.count && !HasFailure(); ++i) {
      const double p = static_cast<double>(r.data(a)[box.from(box.a, i)]), q = static_cast<double>(r.data(b)[box.from(box.b, i)]);
      EXPECT_TRUE(Runner::near(static_cast<double>(r.data(y)[i]), arithmetic(kind, p, q), 2e-7)) << kind << ": " << p << ", " << q << " gives " << r.data(y)[i];
    }
  }
}

TEST(EltwiseKernels, PowersAndRemaindersAtTheEdges)
{
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> values = {0.0f, -0.0f, 1, -1, 2, -2, 0.5f, -0.5f, 3, -3, 2.5f, -2.5f, 1e30f, -1e30f, 1e-30f, 8388609, 16777216, inf, -inf, nan};
  const uint32_t n = u(static_cast<int64_t>(values.size()));
  for (uint32_t kind : {uint32_t{NET2C_BIN_POW}, uint32_t{NET2C_BIN_FMOD}, uint32_t{NET2C_BIN_MOD}}) {
    Runner r(kind);
    const net2c_ref a = r.space(n * 4), y = r.space(n * n * 4);
    std::copy(values.begin(), values.end(), r.data(a));
    net2c_binary_plain_args args{a, a, y, {1, 1, 1, 1, n, n}, {0, 0, 0, 0, 1, 0}, {0, 0, 0, 0, 0, 1}, kind, NET2C_TYPE_F32, 1};
    r.run("binary_plain", args);
    for (uint32_t i = 0; i < n * n; ++i) {
      const float p = values[i / n], q = values[i % n], got = r.data(y)[i];
      if (kind == NET2C_BIN_MOD && std::isinf(q)) continue;   // x + inf or x: no rule
      const float wanted = static_cast<float>(arithmetic(kind, static_cast<double>(p), static_cast<double>(q)));
      if (std::fpclassify(wanted) == FP_SUBNORMAL) continue;
      EXPECT_TRUE(Runner::near(static_cast<double>(got), static_cast<double>(wanted), 3e-7) && (std::isnan(wanted) || std::signbit(got) == std::signbit(wanted)))
          << kind << ": " << p << ", " << q << " gives " << got << ", not " << wanted;
    }
  }
}

TEST(EltwiseKernels, ComparisonsAndIntegers)
{
  for (uint32_t seed = 0; seed < 150 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const Box box(r);
    const bool wide = r.coin();
    const uint32_t type = wide ? NET2C_TYPE_I64 : NET2C_TYPE_I32, bytes = wide ? 8 : 4, kind = u(r.pick(NET2C_BIN_ADD, NET2C_BIN_XOR));
    const net2c_ref a = r.space(box.a_count * bytes), b = r.space(box.b_count * bytes), y = r.space(box.count * 8);
    const auto put = [&](net2c_ref ref, uint32_t i, int64_t v) { if (wide) r.data<int64_t>(ref)[i] = v; else r.data<int32_t>(ref)[i] = static_cast<int32_t>(v); };
    const auto get = [&](net2c_ref ref, uint32_t i) { return wide ? r.data<int64_t>(ref)[i] : int64_t{r.data<int32_t>(ref)[i]}; };
    for (uint32_t i = 0; i < box.a_count; ++i) put(a, i, r.pick(-6, 6));
    for (uint32_t i = 0; i < box.b_count; ++i) put(b, i, r.pick(1, 5) * (kind == NET2C_BIN_POW || r.coin() ? 1 : -1));
    const bool condition = kind >= NET2C_BIN_EQUAL;
    r.run(condition ? "compare_plain" : "binary_integer", box.args(a, b, y, kind, type));
    for (uint32_t i = 0; i < box.count && !HasFailure(); ++i) {
      const int64_t p = get(a, box.from(box.a, i)), q = get(b, box.from(box.b, i));
      if (condition) EXPECT_EQ(r.data<uint8_t>(y)[i], holds(kind, p, q)) << kind << ": " << p << ", " << q;
      else EXPECT_EQ(get(y, i), std::trunc(arithmetic(kind, static_cast<double>(p), static_cast<double>(q)))) << kind << ": " << p << ", " << q;
    }
    Runner f(seed);
    const net2c_ref c = f.space(box.a_count * 4), d = f.space(box.b_count * 4), z = f.space(box.count);
    for (uint32_t i = 0; i < box.a_count; ++i) f.data(c)[i] = static_cast<float>(f.pick(-2, 2));
    for (uint32_t i = 0; i < box.b_count; ++i) f.data(d)[i] = f.pick(0, 4) ? static_cast<float>(f.pick(-2, 2)) : std::numeric_limits<float>::quiet_NaN();
    const uint32_t test = u(f.pick(NET2C_BIN_EQUAL, NET2C_BIN_GREATER_EQUAL));
    f.run("compare_plain", box.args(c, d, z, test, NET2C_TYPE_F32));
    for (uint32_t i = 0; i < box.count && !HasFailure(); ++i)
      EXPECT_EQ(f.data<uint8_t>(z)[i], holds(test, f.data(c)[box.from(box.a, i)], f.data(d)[box.from(box.b, i)])) << test;
  }
}

TEST(EltwiseKernels, IntegersNeverTrap)
{
  Runner r(1);
  const int32_t low = std::numeric_limits<int32_t>::min();
  const int64_t lowest = std::numeric_limits<int64_t>::min();
  const net2c_ref a = r.space(64), b = r.space(64), y = r.space(64);
  const int64_t x[] = {lowest, 5, lowest, low}, z[] = {-1, 0, 0, -1};
  std::copy(x, x + 4, r.data<int64_t>(a)), std::copy(z, z + 4, r.data<int64_t>(b));
  net2c_binary_plain_args args{a, b, y, {1, 1, 1, 1, 1, 4}, {0, 0, 0, 0, 0, 1}, {0, 0, 0, 0, 0, 1}, NET2C_BIN_DIV, NET2C_TYPE_I64, 1};
  r.run("binary_integer", args);
  const int64_t wanted[] = {lowest, 0, 0, -int64_t{low}};
  EXPECT_TRUE(std::equal(wanted, wanted + 4, r.data<int64_t>(y)));
  args.kind = NET2C_BIN_MOD;
  r.run("binary_integer", args);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(r.data<int64_t>(y)[i], 0);
}

TEST(EltwiseKernels, FunctionsOfIntegers)
{
  const int8_t x[] = {-128, -5, -1, 0, 1, 7, 127};
  const struct { uint32_t act; int8_t wanted[7]; } cases[] = {{NET2C_ACT_RELU, {0, 0, 0, 0, 1, 7, 127}}, {NET2C_ACT_ABS, {-128, 5, 1, 0, 1, 7, 127}},
                                                              {NET2C_ACT_NEG, {-128, 5, 1, 0, -1, -7, -127}}, {NET2C_ACT_SIGN, {-1, -1, -1, 0, 1, 1, 1}},
                                                              {NET2C_ACT_CLIP, {-3, -3, -1, 0, 1, 4, 4}}, {NET2C_ACT_NOT, {0, 0, 0, 1, 0, 0, 0}}};
  for (const auto &c : cases) {
    Runner r(c.act);
    const net2c_ref from = r.space(7), to = r.space(7);
    std::memcpy(r.data(from), x, 7);
    r.run("act_integer", net2c_act_integer_args{from, to, 7, c.act, c.act == NET2C_ACT_NOT ? uint32_t{NET2C_TYPE_BOOL} : uint32_t{NET2C_TYPE_I8}, -3, 4, 1});
    EXPECT_EQ(0, std::memcmp(r.data(to), c.wanted, 7)) << c.act;
  }
}

TEST(EltwiseKernels, Casts)
{
  Runner r(1);
  const float inf = std::numeric_limits<float>::infinity();
  const float x[] = {0, -0.9f, 1.9f, -2.5f, 300, -300, 70000, 5e9f, -5e9f, 1e20f, inf, -inf, std::numeric_limits<float>::quiet_NaN()};
  const net2c_ref from = r.space(sizeof x), to = r.space(8 * 13);
  std::memcpy(r.data(from), x, sizeof x);
  const auto check = [&](auto type, uint32_t code, const std::vector<double> &wanted) {
    using T = decltype(type);
    r.run("cast", net2c_cast_args{from, to, 13, NET2C_TYPE_F32, code, 1});
    for (size_t i = 0; i < 13; ++i) EXPECT_EQ(static_cast<double>(r.data<T>(to)[i]), wanted[i]) << code << " of " << x[i];
  };
  check(int8_t{}, NET2C_TYPE_I8, {0, 0, 1, -2, 127, -128, 127, 127, -128, 127, 127, -128, 0});
  check(uint8_t{}, NET2C_TYPE_U8, {0, 0, 1, 0, 255, 0, 255, 255, 0, 255, 255, 0, 0});
  check(uint8_t{}, NET2C_TYPE_BOOL, {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  check(int32_t{}, NET2C_TYPE_I32, {0, 0, 1, -2, 300, -300, 70000, 2147483647.0, -2147483648.0, 2147483647.0, 2147483647.0, -2147483648.0, 0});
  check(uint32_t{}, NET2C_TYPE_U32, {0, 0, 1, 0, 300, 0, 70000, 4294967295.0, 0, 4294967295.0, 4294967295.0, 0, 0});
  check(int64_t{}, NET2C_TYPE_I64, {0, 0, 1, -2, 300, -300, 70000, 5e9, -5e9, 9223372036854775807.0, 9223372036854775807.0, -9223372036854775808.0, 0});
  Runner s(2);
  const net2c_ref wide = s.space(8 * 100), narrow = s.space(4 * 100), back = s.space(8 * 100);
  for (int i = 0; i < 100; ++i) s.data<int64_t>(wide)[i] = (int64_t{1} << 32) * s.pick(-5, 5) + s.pick(-1000000, 1000000);
  s.run("cast", net2c_cast_args{wide, narrow, 100, NET2C_TYPE_I64, NET2C_TYPE_I32, 1});   // wraps
  s.run("cast", net2c_cast_args{narrow, back, 100, NET2C_TYPE_I32, NET2C_TYPE_F32, 1});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(s.data(back)[i], static_cast<float>(static_cast<int32_t>(s.data<int64_t>(wide)[i])));
}

TEST(EltwiseKernels, Select)
{
  for (uint32_t seed = 0; seed < 60 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const Box box(r);
    const uint32_t bytes = 1u << r.pick(0, 3);
    const net2c_ref c = r.space(box.a_count), yes = r.space(box.b_count * bytes), no = r.space(box.count * bytes), y = r.space(box.count * bytes);
    for (uint32_t i = 0; i < box.a_count; ++i) r.data<uint8_t>(c)[i] = r.coin();
    for (uint32_t i = 0; i < box.b_count * bytes; ++i) r.data<uint8_t>(yes)[i] = static_cast<uint8_t>(r.pick(0, 255));
    for (uint32_t i = 0; i < box.count * bytes; ++i) r.data<uint8_t>(no)[i] = static_cast<uint8_t>(r.pick(0, 255));
    net2c_select_plain_args args{c, yes, no, y, {}, {}, {}, {}, bytes, 1};
    std::copy(box.size, box.size + 6, args.size), std::copy(box.a, box.a + 6, args.condition_step), std::copy(box.b, box.b + 6, args.yes_step);
    int32_t step = 1;
    for (int d = 5; d >= 0; --d) args.no_step[d] = step, step *= static_cast<int32_t>(box.size[d]);
    r.run("select_plain", args);
    for (uint32_t i = 0; i < box.count; ++i) {
      const uint8_t *from = r.data<uint8_t>(c)[box.from(box.a, i)] ? r.data<uint8_t>(yes) + box.from(box.b, i) * bytes : r.data<uint8_t>(no) + i * bytes;
      ASSERT_EQ(0, std::memcmp(r.data<uint8_t>(y) + i * bytes, from, bytes)) << i;
    }
  }
}

TEST(EltwiseKernels, Affine)
{
  for (uint32_t seed = 0; seed < 80 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t n = u(r.pick(1, 2)), c = u(r.pick(1, 40)), h = u(r.pick(1, 12)), w = r.coin() ? 1 : u(r.pick(1, 30)), inner = w;
    const net2c_ref scale = r.space(c * 4), shift = r.space(c * 4), x = r.space(n * c * inner * 4), y = r.space(n * c * inner * 4);
    for (uint32_t i = 0; i < c; ++i) r.data(scale)[i] = r.real(), r.data(shift)[i] = r.real();
    for (uint32_t i = 0; i < n * c * inner; ++i) r.data(x)[i] = r.real();
    const net2c_map a = r.map(n, c, h, w), b = r.map(n, c, h, w);
    r.fill(a);
    const auto exact = [&](float v, uint32_t k) { return std::fma(v, r.data(scale)[k], r.data(shift)[k]); };
    r.run("affine", net2c_affine_args{a, b, scale, shift, 1});
    r.expect(b, [&](uint32_t i, uint32_t k, int64_t p, int64_t q) { return exact(*r.at(a, i, k, p, q), k); }, 0);
    r.run("affine_plain", net2c_affine_plain_args{x, y, scale, shift, n, c, inner, 1});
    for (uint32_t i = 0; i < n * c * inner; ++i) ASSERT_EQ(r.data(y)[i], exact(r.data(x)[i], i / inner % c)) << i;
  }
}

TEST(EltwiseKernels, Transpose)
{
  for (uint32_t seed = 0; seed < 60 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t rows = u(r.pick(1, 40)), columns = u(r.pick(1, 40)), pitch = rows + u(r.pick(0, 3));
    const uint32_t size[] = {u(r.pick(1, 2)), u(r.pick(1, 2)), u(r.pick(1, 3)), u(r.pick(1, 3))};   // of the batch, in x the other way round
    const uint32_t batch = size[0] * size[1] * size[2] * size[3];
    const net2c_ref x = r.space(batch * columns * pitch * 4), y = r.space(batch * columns * rows * 4);
    for (uint32_t i = 0; i < batch * columns * pitch; ++i) r.data(x)[i] = r.real();
    const int32_t step = static_cast<int32_t>(pitch), image = step * static_cast<int32_t>(columns);
    const int32_t second = image * static_cast<int32_t>(size[0]), third = second * static_cast<int32_t>(size[1]), fourth = third * static_cast<int32_t>(size[2]);
    r.run("transpose", net2c_transpose_args{x, y, {size[0], size[1], size[2], size[3], rows, columns}, {image, second, third, fourth, 1, step}, 1});
    for (uint32_t b = 0; b < batch; ++b) {
      const uint32_t at[] = {b / size[3] / size[2] / size[1], b / size[3] / size[2] % size[1], b / size[3] % size[2], b % size[3]};
      const uint32_t from = ((at[3] * size[2] + at[2]) * size[1] + at[1]) * size[0] + at[0];
      for (uint32_t i = 0; i < rows; ++i)
        for (uint32_t j = 0; j < columns; ++j) ASSERT_EQ(r.data(y)[(b * rows + i) * columns + j], r.data(x)[(from * columns + j) * pitch + i]);
    }
  }
}
