// Winograd's and Strassen's algorithms in plans: that they are taken, what they compute, and their errors beside the direct sum's.
#include <array>
#include <cmath>
#include <random>
#include <tuple>

#include "plan_check.h"

using namespace net2c;

namespace {

// The result, or what another convolution makes of it, which wants it with a halo.
void output_with_halo(GraphBuilder &b, ValueId y, int64_t channels)
{
  if (b.coin()) {
    Conv next;
    next.pads = {1, 1, 1, 1};
    if (b.coin()) next.fill = b.coin() ? Fill::edge : Fill::reflect;
    y = b.add(next, {y, b.constant({b.pick(1, 20), channels, 3, 3}, -0.05f, 0.05f)});
  }
  b.output(y);
}

struct Errors { double fast = NAN, direct = NAN; };   // relative rms

// Of the kernel that the cost model takes for this layer, and of the direct sum, which a layer without memory to spare takes.
Errors errors_of(GraphBuilder &b, const char *kernel)
{
  const std::vector<Tensor> inputs = b.random_inputs();
  const Tensor reference = interpret(b.g, inputs)[0];
  Errors errors;
  for (bool direct : {false, true}) {
    WeightsPool pool;
    Recipe recipe = lower(b.g, pool, direct ? Budget(b.g.nodes.size(), Allowance{0, 0}) : Budget{}, all_methods);
    recipe.weights = std::move(pool.bytes);
    EXPECT_NE(takes(recipe, kernel), direct);
    (direct ? errors.direct : errors.fast) = compare("y", "", Executor(plan_for(recipe, isas_here()[0]), 1).run(inputs)[0], reference).relative_rms;
  }
  return errors;
}

struct WinogradForm { const char *kernel; int64_t kh, kw, stride; bool transposed = false; };
constexpr std::array winograd_forms{WinogradForm{"winograd3", 3, 3, 1}, WinogradForm{"winograd5", 5, 5, 1}, WinogradForm{"winograd4_s2", 4, 4, 2},
                                    WinogradForm{"winograd_deconv", 4, 4, 2, true}, WinogradForm{"winograd3_s2", 3, 3, 2},
                                    WinogradForm{"winograd_deconv3", 3, 3, 2, true}};
constexpr std::array winograd_lines{WinogradForm{"winograd3_1d", 1, 3, 1}, WinogradForm{"winograd3_1d", 3, 1, 1}, WinogradForm{"winograd7_1d", 1, 7, 1},
                                    WinogradForm{"winograd7_1d", 7, 1, 1}};

// Of a size where the form is taken: that it is, is part of the test.
void by_winograd(uint32_t seed, const WinogradForm &form, int64_t ic, int64_t oc, int64_t size)
{
  SCOPED_TRACE(seed);
  GraphBuilder b(seed);
  const int64_t n = b.pick(1, 4) == 1 ? 2 : 1, stride = form.stride;
  const int64_t h = size * (form.transposed ? 1 : stride) + b.pick(0, 8), w = size * (form.transposed ? 1 : stride) + b.pick(0, 8);
  const int64_t group = stride == 1 && b.pick(0, 3) == 0 ? 2 : 1;
  ic *= group, oc *= group;
  ValueId x = b.input({n, ic, h, w});
  if (b.coin()) x = b.add(Unary{UnaryKind::relu}, {x});
  const float r = 1.5f / std::sqrt(static_cast<float>(ic / group * form.kh * form.kw));
  std::vector<ValueId> inputs{x, b.constant(form.transposed ? Shape{ic, oc, form.kh, form.kw} : Shape{oc, ic / group, form.kh, form.kw}, -r, r)};
  Conv conv;
  ConvTranspose transposed;
  conv.group = group;
  conv.strides = transposed.strides = {stride, stride};
  for (int i = 0; i < 4; ++i) conv.pads[i] = b.pick(0, 2), transposed.pads[i] = b.pick(0, 3);
  if (b.pick(0, 2) == 0) conv.fill = b.coin() ? Fill::edge : Fill::reflect;
  conv.epilogue.act = transposed.epilogue.act = random_act(b);
  const auto out = [&](int64_t in, int64_t taps, int i) {
    if (form.transposed) return (in - 1) * 2 + taps - transposed.pads[i] - transposed.pads[i + 2];
    return conv_out(in, conv.pads[i] + conv.pads[i + 2], 1, taps, stride);
  };
  add_epilogue(b, inputs, {n, oc, out(h, form.kh, 0), out(w, form.kw, 1)}, oc);
  const ValueId y = form.transposed ? b.add(transposed, inputs) : b.add(conv, inputs);
  output_with_halo(b, y, oc);
  ASSERT_TRUE(takes(lower(b.g, all_methods), form.kernel)) << form.kernel << "\n" << print(b.g);
  check(b, 5e-5);
}

// Rounding errors of 192 channels, against those of the direct sum, which a layer without memory to spare takes.
void errors_of_form(const WinogradForm &form, int64_t size)
{
  SCOPED_TRACE(form.kernel);
  GraphBuilder b(7);
  const int64_t channels = 192;
  const float r = std::sqrt(6 / static_cast<float>(channels * form.kh * form.kw));
  Conv conv;
  ConvTranspose transposed;
  conv.strides = transposed.strides = {form.stride, form.stride};
  conv.pads = {form.kh / 2, form.kw / 2, form.kh / 2, form.kw / 2};
  const ValueId x = b.add(Unary{UnaryKind::relu}, {b.input({1, channels, size, size})}), w = b.constant({channels, channels, form.kh, form.kw}, -r, r);
  b.output(form.transposed ? b.add(transposed, {x, w}) : b.add(conv, {x, w}));
  const auto [fast, direct] = errors_of(b, form.kernel);
  testing::Test::RecordProperty("ratio_" + std::string(form.kernel) + "_" + std::to_string(form.kh), std::to_string(fast / direct));
  EXPECT_LE(direct, 1e-6);
  EXPECT_LE(fast, 4 * direct);
}

}  // namespace

TEST(Plan, Winograd)
{
  std::mt19937 random(1);
  for (uint32_t seed = 0; seed < 72 && !HasFatalFailure(); ++seed) {
    const WinogradForm &form = winograd_forms[seed % winograd_forms.size()];
    const bool short_pieces = form.stride == 2 && form.kh == 3;   // taken where tiles and pairs of blocks are full
    const int64_t ic = 32 + random() % 20, oc = short_pieces ? 48 - random() % 8 : 32 + random() % 20;
    by_winograd(5000 + seed, form, ic, oc, short_pieces ? 28 : form.stride == 2 ? 20 : 12);
  }
  for (const WinogradForm &form : winograd_forms) by_winograd(5100, form, 64, 32, form.kh == 5 ? 50 : 92);   // several strips
}

TEST(Plan, WinogradOneDimensional)
{
  std::mt19937 random(2);
  for (uint32_t seed = 5200; seed < 5264 && !HasFatalFailure(); ++seed) by_winograd(seed, winograd_lines[seed % 4], 64 + random() % 20, 64 + random() % 20, 17);
  for (uint32_t seed = 5300; seed < 5304 && !HasFatalFailure(); ++seed) by_winograd(seed, winograd_lines[seed % 4], 128, 64, 60);   // several strips
}

// A 2 x 2 max pool goes into Winograd's tiles where it may: not where its input is read by others, or has an odd side, or its activation falls somewhere.
TEST(Plan, PoolsInTiles)
{
  enum class Why { fits, read_twice, odd, falls, summed, direct };
  for (uint32_t seed = 5500; seed < 5536 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const Why why = seed % 2 ? Why::fits : static_cast<Why>(1 + seed / 2 % 5);
    const int64_t n = b.pick(1, 4) == 1 ? 2 : 1, ic = 32 + b.pick(0, 20), oc = 32 + b.pick(0, 20);
    const bool several_strips = seed % 12 == 1;
    const int64_t h = several_strips ? 160 : 2 * b.pick(6, 15), w = (several_strips ? 128 : 2 * b.pick(6, 15)) + (why == Why::odd);
    const ValueId x = b.input({n, ic, h, w});
    const float r = 1.5f / std::sqrt(static_cast<float>(ic * 9));
    std::vector<ValueId> inputs{x, b.constant({oc, ic, 3, 3}, -r, r), b.constant({oc}, -1, 1)};
    Conv conv;
    conv.pads = {1, 1, 1, 1};
    if (why == Why::direct) conv.dilations = {2, 2}, conv.pads = {2, 2, 2, 2};
    if (why == Why::falls) conv.epilogue.act = Unary{UnaryKind::gelu};
    else if (const int64_t act = b.pick(0, 2); act > 0) conv.epilogue.act = act == 1 ? Unary{UnaryKind::relu} : Unary{UnaryKind::leaky_relu, 0.1f};
    if (why == Why::summed) inputs.push_back(b.input({n, oc, h, w}));
    const ValueId y = b.add(conv, inputs);
    Pool pool;
    pool.kind = PoolKind::max, pool.kernel = pool.strides = {2, 2};
    output_with_halo(b, b.add(pool, {y}, {n, oc, h / 2, w / 2}), oc);
    if (why == Why::read_twice) b.output(y);
    const Recipe recipe = lower(b.g);
    EXPECT_EQ(takes(recipe, "winograd3"), why != Why::direct);
    EXPECT_EQ(takes(recipe, "max_pool_2_2"), why != Why::fits) << print(b.g);
    check(b, 5e-5);
  }
}

// What only a few layers have of those that begin a chain in strips (plan_test.cpp): mixed tiles, a pool in the tiles.
TEST(Plan, TilesInStrips)
{
  for (const bool pooled : {false, true}) {
    SCOPED_TRACE(pooled);
    GraphBuilder b(43);
    const int64_t size = pooled ? 148 : 29, ic = pooled ? 24 : 256, c = pooled ? 60 : 400;
    const float r = 1.5f / std::sqrt(static_cast<float>(ic * 9));
    Conv conv;
    conv.pads = {1, 1, 1, 1}, conv.epilogue.act = Unary{UnaryKind::relu};
    const ValueId y = b.add(conv, {b.input({1, ic, size, size}), b.constant({c, ic, 3, 3}, -r, r), b.constant({c})});
    Pool pool;
    pool.kind = PoolKind::max, pool.kernel = pool.strides = {2, 2};
    const ValueId between = pooled ? b.add(pool, {y}, {1, c, size / 2, size / 2}) : y;
    const ValueId z = b.add(Conv{}, {between, b.constant({5, c, 1, 1}, -0.05f, 0.05f), b.constant({5})});
    EXPECT_EQ(takes(lower(b.g, all_methods), "max_pool_2_2"), false);
    check_strips(b, z, {between});
    uint32_t strips = 0;
    for (const Step &s : lower(b.g, all_methods).steps) strips += catalogue()[s.kernel].family->name == std::string("winograd");
    EXPECT_GE(strips, 2u);
  }
}

TEST(Plan, WinogradErrors)
{
  for (const WinogradForm &form : winograd_lines) errors_of_form(form, 17);   // the largest of Inception v3
  for (const WinogradForm &form : winograd_forms)
    if (form.stride == 2) errors_of_form(form, form.transposed ? 28 : 60);
}

TEST(Plan, NestedErrors)
{
  for (const int64_t ic : {8, 32}) {
    GraphBuilder b(ic);
    const float r = std::sqrt(6 / static_cast<float>(81 * ic));
    const ValueId x = b.add(Unary{UnaryKind::relu}, {b.input({1, ic, 40, 47})});
    b.output(b.add(Conv{.pads = {4, 4, 4, 4}}, {x, b.constant({3, ic, 9, 9}, -r, r)}));
    const auto [fast, direct] = errors_of(b, "nested_narrow3");
    RecordProperty("ratio_" + std::to_string(ic), std::to_string(fast / direct));
    EXPECT_LE(direct, 1e-6);
    EXPECT_LE(fast, 4 * direct);
  }
}

TEST(Plan, NestedImageErrors)
{
  GraphBuilder b(3);
  const float r = std::sqrt(6 / static_cast<float>(81 * 3));
  b.output(b.add(Conv{.pads = {4, 4, 4, 4}}, {b.input({1, 3, 50, 71}), b.constant({32, 3, 9, 9}, -r, r)}));
  const auto [fast, direct] = errors_of(b, "nested_image");
  RecordProperty("ratio", std::to_string(fast / direct));
  EXPECT_LE(direct, 1e-6);
  EXPECT_LE(fast, 4 * direct);
}

TEST(Plan, Strassen)
{
  for (uint32_t seed = 5400; seed < 5416 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t n = b.pick(1, 4) == 1 ? 2 : 1, ic = 16 * b.pick(26, 30), oc = 32 * b.pick(6, 9), h = b.pick(13, 16), w = b.pick(13, 16);
    ValueId x = b.input({n, ic, h, w});
    if (b.coin()) x = b.add(Unary{UnaryKind::relu}, {x});
    const float r = 1.5f / std::sqrt(static_cast<float>(ic));
    std::vector<ValueId> inputs{x, b.constant({oc, ic, 1, 1}, -r, r)};
    Conv conv;
    conv.epilogue.act = random_act(b);
    add_epilogue(b, inputs, {n, oc, h, w}, oc);
    const ValueId y = b.add(conv, inputs);
    output_with_halo(b, y, oc);
    ASSERT_TRUE(takes(lower(b.g, all_methods), "strassen")) << print(b.g);
    EXPECT_FALSE(takes(lower(b.g), "strassen"));
    check(b, 5e-5);
  }
}

// Against the direct sum's, which a layer without memory to spare takes: 1 x 1 layers of MobileNet v1, ResNet-50 and Inception v3.
TEST(Plan, StrassenErrors)
{
  for (const auto &[ic, oc, size] : {std::tuple{512, 512, 14}, std::tuple{1024, 256, 14}, std::tuple{768, 192, 17}}) {
    SCOPED_TRACE(ic);
    GraphBuilder b(7);
    const float r = std::sqrt(6 / static_cast<float>(ic));
    const ValueId x = b.add(Unary{UnaryKind::relu}, {b.input({1, ic, size, size})});
    b.output(b.add(Conv{}, {x, b.constant({oc, ic, 1, 1}, -r, r)}));
    const auto [fast, direct] = errors_of(b, "strassen");
    RecordProperty("ratio_" + std::to_string(ic), std::to_string(fast / direct));
    EXPECT_LE(direct, 1e-6);
    EXPECT_LE(fast, 4 * direct);
  }
}
