// Instance norms in parts: kernels, and recipes whose chunks write what the steps that follow them say.
#include <gtest/gtest.h>

#include <cstring>

#include "kernels/act/act_args.h"
#include "kernels/norm/norm_args.h"
#include "kernel_runner.h"
#include "plan_check.h"
#include "seed_step.h"

using namespace net2c;

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }
double number(float x) { return static_cast<double>(x); }

// A layer that writes a map of more than 256 KB, then its norm.
ValueId normed(GraphBuilder &b, ValueId x, UnaryKind act)
{
  const int64_t c = b.g.values[x].shape[1];
  Norm norm{.kind = NormKind::instance, .epsilon = 1e-3f};
  const ValueId y = b.add(norm, {x, b.constant({c}, 0.5f, 1.5f), b.constant({c})});
  return act == UnaryKind::identity ? y : b.add(Unary{act, 0.1f, 0}, {y});
}

ValueId layer(GraphBuilder &b, ValueId x, int64_t kind)
{
  const auto bias = [&](int64_t n) { return b.constant({n}); };
  switch (kind) {
    case 0: return b.add(Conv{.pads = {1, 1, 1, 1}}, {x, b.constant({24, 16, 3, 3}, -0.1f, 0.1f), bias(24)});
    case 1: return b.add(Conv{.pads = {2, 2, 2, 2}}, {x, b.constant({20, 16, 5, 5}, -0.1f, 0.1f), bias(20)});
    case 2: return b.add(Conv{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, {x, b.constant({96, 16, 3, 3}, -0.1f, 0.1f), bias(96)});
    case 3: return b.add(Conv{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, {x, b.constant({96, 16, 4, 4}, -0.1f, 0.1f), bias(96)});
    case 4: return b.add(ConvTranspose{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, {x, b.constant({16, 16, 4, 4}, -0.1f, 0.1f), bias(16)});
    case 5: return b.add(ConvTranspose{.strides = {2, 2}, .pads = {1, 1, 0, 0}}, {x, b.constant({16, 64, 3, 3}, -0.1f, 0.1f), bias(64)});
    case 6: return b.add(Conv{}, {x, b.constant({44, 16, 1, 1}, -0.1f, 0.1f), bias(44)});
    case 7: return b.add(Conv{.pads = {1, 1, 1, 1}, .group = 2}, {x, b.constant({32, 8, 3, 3}, -0.1f, 0.1f), bias(32)});
    default: return b.add(Conv{.pads = {4, 4, 4, 4}}, {x, b.constant({24, 3, 9, 9}, -0.1f, 0.1f), bias(24)});
  }
}

ValueId input_of(GraphBuilder &b, int64_t kind) { return b.input({1, kind == 8 ? 3 : 16, 53 + b.pick(0, 8), 57 + b.pick(0, 8)}); }

}  // namespace

TEST(NormParts, Kernels)
{
  for (uint32_t seed = 0; seed < 60 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t panels = u(r.pick(1, 3)), groups = u(r.pick(1, 2)), blocks = (panels - 1) * 4 + u(r.pick(1, 4)), all = blocks * groups;
    const uint32_t c = all * 8 - (groups == 1 ? u(r.pick(0, 7)) : 0), unit = u(r.pick(1, 4)), units = u(r.pick(1, 5));
    const int32_t row = -static_cast<int32_t>(r.pick(0, unit - 1));
    const uint32_t h = u(std::max<int64_t>(1, row + static_cast<int64_t>(unit * units) - r.pick(0, unit - 1))), w = u(r.pick(1, 90));
    const net2c_map x = r.map(1, c, h, w), y = r.map(1, c, h, w);
    const float offset = r.coin() ? 100.0f : 0.0f, slope = r.coin() ? 30.0f : 0.0f;   // a mean far from zero, rows far from each other
    r.fill(x, [&](uint32_t, uint32_t, int64_t p, int64_t) { return offset + slope * static_cast<float>(p) + r.real(); });
    const net2c_ref scale = r.space(c * 4), bias = r.space(c * 4);
    for (uint32_t i = 0; i < c; ++i) r.data(scale)[i] = r.real(), r.data(bias)[i] = r.real();
    const uint32_t row_chunks = u(r.pick(1, units)), oc_chunks = u(r.pick(1, panels * groups)), before = u(r.pick(0, 1)), parts = before + row_chunks;
    const net2c_ref partials = r.space(all * parts * sizeof(net2c_block_moments)), terms = r.space(all * 96);
    if (before)   // another step's part, of the last row once more
      r.run("moments", std::vector<std::pair<net2c_moments_args, uint32_t>>{{{x, partials, parts, 0, static_cast<int32_t>(h) - 1, h, 1, 1, 1, 1, all, 1, 1}, 1}});
    r.run("moments", std::vector<std::pair<net2c_moments_args, uint32_t>>{
                         {{x, partials, parts, before, row, h, unit, units, groups, panels, blocks, row_chunks, oc_chunks}, row_chunks * oc_chunks}});
    r.run("moments_merge", net2c_moments_merge_args{partials, terms, scale, bias, parts, c, 1e-3f, 1});
    const bool adds = r.coin();
    net2c_map z = adds ? r.map(1, c, h, w) : x;
    if (adds) r.fill(z);
    else z.base = NET2C_NONE;
    const uint32_t act = r.coin() ? NET2C_ACT_CLIP : NET2C_ACT_LEAKY_RELU;
    const float low = r.coin() ? -0.25f : 0.25f;
    r.run("normalise", net2c_normalise_args{x, y, z, terms, act, low, 0.5f, 1});
    std::vector<double> mean(c), variance(c);
    const auto each_pixel = [&](uint32_t i, const auto &f) {
      for (uint32_t p = 0; p < h; ++p)
        for (uint32_t k = 0; k < (before && p == h - 1 ? 2u : 1u); ++k)
          for (uint32_t q = 0; q < w; ++q) f(number(*r.at(x, 0, i, p, q)) / w / (h + before));
    };
    for (uint32_t i = 0; i < c; ++i) {
      each_pixel(i, [&](double v) { mean[i] += v; });
      each_pixel(i, [&](double v) { variance[i] += std::pow(v * w * (h + before) - mean[i], 2) / w / (h + before); });
    }
    r.expect(y, [&](uint32_t, uint32_t k, int64_t p, int64_t q) {
      const double v = (number(*r.at(x, 0, k, p, q)) - mean[k]) / std::sqrt(variance[k] + number(1e-3f));
      const double n = v * number(r.data(scale)[k]) + number(r.data(bias)[k]), a = number(low);
      return static_cast<float>((act == NET2C_ACT_CLIP ? std::clamp(n, a, 0.5) : n < 0 ? a * n : n) + (adds ? number(*r.at(z, 0, k, p, q)) : 0.0));
    }, offset != 0.0f || slope != 0.0f ? 1e-4 : 5e-6);
  }
}

TEST(NormParts, Layers)
{
  for (uint32_t seed = 0; seed < 18 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t kind = seed % 9;
    constexpr UnaryKind acts[] = {UnaryKind::identity, UnaryKind::relu, UnaryKind::leaky_relu};
    ValueId x = layer(b, input_of(b, kind), kind);
    x = normed(b, x, acts[seed % 3]);
    if (b.coin()) x = b.add(Binary{BinaryKind::add}, {x, b.add(Unary{UnaryKind::tanh}, {b.input(b.g.values[x].shape)})});
    b.output(b.add(Conv{.pads = {1, 1, 1, 1}}, {x, b.constant({16, b.g.values[x].shape[1], 3, 3}, -0.1f, 0.1f)}));
    check_both(b, 5e-5);
    EXPECT_TRUE(takes(lower(b.g, all_methods), "moments") || kind == 5) << kind;   // that may go by the direct sum
  }
}

// A residual block that shaves its shortcut: a view, whose sum is the norm's.
TEST(NormParts, SumsOfAnEdgelessShortcut)
{
  GraphBuilder b(3);
  const Conv conv{};
  const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.add(conv, {b.input({1, 8, 52, 60}), b.constant({32, 8, 1, 1})})});
  ValueId y = normed(b, b.add(conv, {x, b.constant({32, 32, 3, 3}, -0.1f, 0.1f)}), UnaryKind::relu);
  y = normed(b, b.add(conv, {y, b.constant({32, 32, 3, 3}, -0.1f, 0.1f)}), UnaryKind::identity);
  const ValueId shaved = b.add(Slice{.starts = {0, 0, 2, 2}, .steps = {1, 1, 1, 1}}, {x}, Shape{1, 32, 48, 56});
  b.output(b.add(conv, {b.add(Binary{BinaryKind::add}, {shaved, y}), b.constant({32, 32, 3, 3}, -0.1f, 0.1f)}));
  check_both(b, 5e-5);
  const Recipe recipe = lower(b.g, all_methods);
  EXPECT_FALSE(takes(recipe, "add_map")) << print(recipe);
  EXPECT_FALSE(takes(recipe, "copy_map"));
}

// The map is never whole: each strip of its reader's tiles has the rows that it reads.
TEST(NormParts, Strips)
{
  for (uint32_t kind = 0; kind < 6 && !HasFailure(); ++kind) {
    SCOPED_TRACE(kind);
    GraphBuilder b(kind);
    const ValueId x = normed(b, b.add(Conv{}, {b.input({1, 8, 58 + b.pick(0, 6), 70 + 2 * b.pick(0, 3)}), b.constant({64, 8, 1, 1})}), kind % 2 ? UnaryKind::relu : UnaryKind::leaky_relu);
    const auto reads = [&](auto op, int64_t taps) { b.output(b.add(op, {x, b.constant({64, 64, taps, taps}, -0.1f, 0.1f), b.constant({64})})); };
    if (kind == 0) reads(Conv{.pads = {1, 1, 1, 1}}, 3);
    if (kind == 1) reads(Conv{.pads = {2, 2, 2, 2}}, 5);
    if (kind == 2) reads(Conv{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, 3);
    if (kind == 3) reads(Conv{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, 4);
    if (kind == 4) reads(ConvTranspose{.strides = {2, 2}, .pads = {1, 1, 1, 1}}, 4);
    if (kind == 5) reads(ConvTranspose{.strides = {2, 2}, .pads = {1, 1, 0, 0}}, 3);
    check_both(b, 5e-5);
    const Recipe r = lower(b.g, all_methods);
    EXPECT_GT(std::ranges::count_if(r.steps, [](const Step &s) { return catalogue()[s.kernel].name == std::string("normalise"); }), 1) << print(r);
  }
}

// Before each chunk of a step that `moments` follows, its map is made of NaN; behind it, what the chunk has written is what its part says.
TEST(NormParts, ChunksWriteTheirParts)
{
  for (int64_t kind = 0; kind < 9; ++kind)
    for (uint32_t seed = 0; seed < 3 && !HasFailure(); seed += seed_step()) {
      SCOPED_TRACE(fmt::format("{} {}", kind, seed));
      GraphBuilder b(seed);
      b.output(normed(b, layer(b, input_of(b, kind), kind), UnaryKind::relu));
      const auto inputs = b.random_inputs();
      const Recipe r = lower(b.g, all_methods);
      const Plan plan = plan_for(r, best_isa());
      const KernelWeights weights = kernel_weights(r);
      const auto arena = arena_of(r);
      std::memset(arena.get(), 0, arena_bytes(r, 1));
      std::vector<Tensor> outputs{Tensor(r.outputs[0].type, r.outputs[0].shape)};
      const void *in[] = {inputs[0].bytes.data()};
      void *out[] = {outputs[0].bytes.data()};
      const net2c_frame frame{weights.get(), arena.get(), arena.get() + r.arena, in, out};
      size_t followed = 0;
      for (size_t s = 0; s < r.steps.size(); ++s) {
        const bool tail = s + 1 < r.steps.size() && catalogue()[r.steps[s + 1].kernel].name == std::string("moments");
        net2c_moments_args m;
        if (tail) std::memcpy(&m, r.steps[s + 1].args.data(), sizeof m);
        for (uint32_t chunk = 0; chunk < r.steps[s].chunks; ++chunk) {
          const auto pixel = [&](uint32_t block, uint32_t row, uint32_t column) { return net2c_map_out(&frame, &m.x, 0, block) + (size_t{row} * m.x.pitch + column) * 8; };
          const auto each = [&](const auto &f) {
            for (uint32_t block = 0; block < (m.x.c + 7) / 8; ++block)
              for (uint32_t row = 0; row < m.x.h; ++row)
                for (uint32_t i = 0; i < m.x.w * 8; ++i) f(block, row, pixel(block, row, i / 8)[i % 8]);
          };
          std::vector<float> before;
          if (tail) each([&](uint32_t, uint32_t, float &v) { before.push_back(v), v = NAN; });
          plan.kernels[s](r.steps[s].args.data(), &frame, chunk);
          if (!tail) continue;
          const net2c_moments_part part = net2c_moments_part_of(&m, chunk);
          size_t wrong = 0, i = 0;
          each([&](uint32_t block, uint32_t row, float &v) {
            const bool mine = part.block <= block && block < part.block_end && part.row <= row && row < part.row_end;
            wrong += std::isnan(v) == mine;
            if (!mine) v = before[i];
            ++i;
          });
          EXPECT_EQ(wrong, 0u) << "chunk " << chunk << "\n" << print(r);
          ++followed;
        }
      }
      EXPECT_GT(followed, 0u);
    }
}
