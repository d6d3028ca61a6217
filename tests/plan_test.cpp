// Plans of random layers and small networks, by plan_check.h. Fast algorithms have a file of their own: algorithms_test.cpp.
#include <algorithm>
#include <cmath>

#include "plan_check.h"
#include "seed_step.h"

using namespace net2c;

namespace {

void random_conv(GraphBuilder &b, bool depthwise)
{
  const int64_t n = b.pick(1, 6) == 1 ? 2 : 1, h = b.pick(1, 40), w = b.pick(1, 40);
  int64_t group = 1, ic = b.pick(1, 70), oc = b.pick(1, 70);
  if (depthwise) {
    group = ic, oc = ic;
  } else if (b.pick(0, 3) == 0) {
    group = b.pick(2, 4);
    ic = group * b.pick(1, 17), oc = group * b.pick(1, 17);
  }
  Conv conv;
  conv.group = group;
  const int64_t kh = b.pick(1, 5), kw = b.coin() ? kh : b.pick(1, 5);
  conv.strides = {b.pick(1, 3), b.pick(1, 3)};
  conv.dilations = {b.pick(0, 3) == 0 ? 2 : 1, b.pick(0, 3) == 0 ? 2 : 1};
  for (int64_t &p : conv.pads) p = b.pick(0, 3);
  if (b.pick(0, 3) == 0 && h > 4 && w > 4) conv.fill = b.coin() ? Fill::edge : Fill::reflect;
  const int64_t oh = conv_out(h, conv.pads[0] + conv.pads[2], conv.dilations[0], kh, conv.strides[0]);
  const int64_t ow = conv_out(w, conv.pads[1] + conv.pads[3], conv.dilations[1], kw, conv.strides[1]);
  if (h + conv.pads[0] + conv.pads[2] < conv.dilations[0] * (kh - 1) + 1 || w + conv.pads[1] + conv.pads[3] < conv.dilations[1] * (kw - 1) + 1)
    return;
  ValueId x = b.input({n, ic, h, w});
  if (b.coin()) x = b.add(Unary{UnaryKind::relu}, {x});
  const float r = 1.5f / std::sqrt(static_cast<float>(ic / group * kh * kw));   // as trained weights are: sums of about 1
  std::vector<ValueId> inputs{x, b.constant({oc, ic / group, kh, kw}, -r, r)};
  conv.epilogue.act = random_act(b);
  add_epilogue(b, inputs, {n, oc, oh, ow}, oc);
  ValueId y = b.add(conv, inputs);
  if (b.pick(0, 2) == 0) {   // a reader with a halo behind it
    Conv next;
    next.pads = {1, 1, 1, 1};
    if (oh > 1 && ow > 1 && b.coin()) next.fill = b.coin() ? Fill::edge : Fill::reflect;
    y = b.add(next, {y, b.constant({b.pick(1, 20), oc, 3, 3}, -0.2f, 0.2f)});
  }
  b.output(y);
}

// An inverted residual: expanded, depthwise, projected, with the sum where stride and channels allow it.
ValueId inverted_residual(GraphBuilder &b, ValueId x, int64_t wide, int64_t out, int64_t kernel, int64_t stride, UnaryKind act, bool sum)
{
  const int64_t in = b.shape(x)[1], pad = kernel / 2;
  const auto weights = [&](const Shape &s) {
    const float r = 1.5f / std::sqrt(static_cast<float>(s[1] * s[2] * s[3]));
    return b.constant(s, -r, r);
  };
  Conv expand, depthwise, project;
  expand.epilogue.act = depthwise.epilogue.act = act == UnaryKind::clip ? Unary{act, 0, 0.8f} : Unary{act};
  depthwise.group = wide, depthwise.strides = {stride, stride};
  depthwise.pads = {pad, pad, stride == 2 ? pad - 1 : pad, stride == 2 ? pad - 1 : pad};
  const ValueId e = b.add(expand, {x, weights({wide, in, 1, 1}), b.constant({wide})});
  const ValueId d = b.add(depthwise, {e, weights({wide, 1, kernel, kernel}), b.constant({wide})});
  return b.add(project, {d, weights({out, wide, 1, 1}), b.constant({out}), sum ? x : none});
}

size_t steps_of(const Recipe &recipe, const char *family)
{
  return static_cast<size_t>(std::ranges::count_if(recipe.steps, [&](const Step &s) { return catalogue()[s.kernel].family->name == std::string(family); }));
}

}  // namespace

// The first stage is an image's, the second's sum takes over the storage that its expansion reads, the third halves, the fourth is odd.
TEST(Plan, InvertedResidualsInStrips)
{
  GraphBuilder b(41);
  Conv stem;
  stem.strides = {2, 2}, stem.pads = {1, 1, 1, 1}, stem.epilogue.act = {UnaryKind::relu};
  Conv first, project;
  first.group = 48, first.pads = {1, 1, 1, 1};
  ValueId x = b.add(stem, {b.input({1, 3, 171, 170}), b.constant({48, 3, 3, 3}, -0.3f, 0.3f), b.constant({48})});
  x = b.add(first, {x, b.constant({48, 1, 3, 3}, -0.5f, 0.5f), b.constant({48})});
  x = b.add(project, {x, b.constant({16, 48, 1, 1}, -0.2f, 0.2f), b.constant({16})});
  x = inverted_residual(b, x, 56, 16, 3, 1, UnaryKind::clip, true);
  x = inverted_residual(b, x, 56, 16, 5, 1, UnaryKind::hard_swish, true);
  b.output(x);
  x = inverted_residual(b, x, 61, 20, 3, 2, UnaryKind::relu, false);
  x = inverted_residual(b, x, 196, 20, 5, 1, UnaryKind::clip, true);
  x = inverted_residual(b, x, 196, 11, 5, 2, UnaryKind::silu, false);
  b.output(x);
  const Recipe recipe = lower(b.g);
  EXPECT_GE(steps_of(recipe, "depthwise"), 2 * 6u) << print(recipe);
  for (const Buffer &buffer : recipe.buffers) EXPECT_LT(buffer.bytes, 1280u << 10) << buffer.name;
  check(b);
}

// A convolution, of a picture or by Winograd, and what may follow it in strips: the maps between, of 1.3 MB and more, are never whole.
TEST(Plan, ChainsInStrips)
{
  for (uint32_t seed = 0; seed < 72 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(15000 + seed);
    const bool by_winograd = seed >= 48;
    const int64_t c = 8 * b.pick(5, 6) - b.pick(0, 7), size = b.pick(96, 105);
    bool begins = true;   // such a chain
    ValueId x = none;
    if (!by_winograd) {
      Conv stem;
      stem.pads = {1, 1, 1, 1}, stem.epilogue.act = random_act(b);
      x = b.add(stem, {b.input({1, 3, size, size + b.pick(-3, 3)}), b.constant({c, 3, 3, 3}, -0.3f, 0.3f), b.constant({c})});
    } else if (const int64_t form = (seed + seed / 6) % 6; form < 4) {
      const int64_t taps[] = {3, 5, 4, 3}, k = taps[form], s = form < 2 ? 1 : 2, ic = b.pick(32, 40);
      Conv stem;
      stem.strides = {s, s}, stem.pads = {1, 1, k - 2, k - 2}, stem.epilogue.act = random_act(b);
      x = b.add(stem, {b.input({1, ic, s * size, s * size + b.pick(-3, 3)}), b.constant({c, ic, k, k}, -0.1f, 0.1f), b.constant({c})});
    } else {
      const int64_t k = form == 4 ? 3 : 4, ic = 128, pad = b.pick(0, 2);   // some channels more, so that one strip of tiles is not all
      ConvTranspose stem;
      stem.strides = {2, 2}, stem.pads = {pad, 1, pad, 1}, stem.epilogue.act = random_act(b);
      begins = (pad + 4 - k) % 2 == 0;   // rows of tiles begin in it
      x = b.add(stem, {b.input({1, ic, size / 2, size / 2 + b.pick(-1, 1)}), b.constant({ic, c, k, k}, -0.05f, 0.05f), b.constant({c})});
    }
    std::vector<ValueId> between;
    const auto then = [&](ValueId y) { between.push_back(x), x = y; };
    const auto lrn = [&] { then(b.add(Norm{.kind = NormKind::lrn, .size = b.pick(3, 5), .alpha = 0.1f}, {x})); };
    const auto pool = [&] {
      Pool p;
      const int64_t k = b.pick(2, 4), s = b.pick(1, std::min<int64_t>(k, 3));
      p.kind = static_cast<PoolKind>(b.pick(0, 2)), p.kernel = {k, b.coin() ? k : 3}, p.strides = {s, b.coin() ? s : 2}, p.count_include_pad = b.coin();
      for (int64_t &side : p.pads) side = b.pick(0, 1);
      const Shape &in = b.shape(x);
      const auto out = [&](size_t axis) {   // some rounded up
        const int64_t room = in[axis + 2] + p.pads[axis] + p.pads[axis + 2] - p.kernel[axis];
        return room / p.strides[axis] + 1 + (room % p.strides[axis] && p.pads[axis + 2] == 0 && b.coin() ? 1 : 0);
      };
      then(b.add(p, {x}, {1, c, out(0), out(1)}));
    };
    const auto depthwise = [&](int64_t stride) {
      Conv d;
      const int64_t k = 3 + 2 * b.pick(0, 2);
      d.group = c, d.strides = {stride, stride}, d.pads = {k / 2, k / 2, k / 2, k / 2};
      then(b.add(d, {x, b.constant({c, 1, k, k}, -0.3f, 0.3f), b.constant({c})}));
    };
    const auto project = [&](int64_t to, bool sum) {
      then(b.add(Conv{}, {x, b.constant({to, b.shape(x)[1], 1, 1}, -0.2f, 0.2f), b.constant({to}), sum ? x : none}));
    };
    if (by_winograd)
      switch (seed % 8) {
        case 0: project(2, false); break;   // plain
        case 1: lrn(), pool(); break;
        case 2: project(3, false), lrn(), project(9, false); break;
        case 3: project(16, false); break;
        case 4: lrn(), project(2, false); break;
        case 5: pool(), lrn(); break;
        case 6: depthwise(1), lrn(), project(c, false); break;
        default: depthwise(2), pool();
      }
    else switch (seed % 8) {
      case 0: pool(); break;
      case 1: lrn(), pool(); break;
      case 2: pool(), lrn(); break;
      case 3: project(c, false), pool(); break;
      case 4: depthwise(1), project(c, false), depthwise(2); break;
      case 5: depthwise(1), lrn(), pool(), project(16, false); break;
      case 6: pool(), depthwise(2); break;
      default: depthwise(1), project(c, true);   // its own input is added: both or neither must be whole
    }
    check_strips(b, x, between, begins);
  }
}

// A map that somebody else reads is whole; the one before it need not be.
TEST(Plan, NoStripsWhereAMapIsRead)
{
  for (const bool wide : {false, true}) {
    GraphBuilder b(42);
    const ValueId x = b.add(Unary{UnaryKind::relu}, {b.input({1, 16, 96, 80})});
    const ValueId y = inverted_residual(b, x, 64, 16, 3, 1, UnaryKind::relu, false);
    const Uses uses = uses_of(b.g);
    const ValueId d = b.g.nodes[uses.producer[y]].inputs[0], e = b.g.nodes[uses.producer[d]].inputs[0];
    b.output(wide ? e : d);
    b.output(y);
    EXPECT_EQ(steps_of(lower(b.g), "depthwise") > 1, !wide);
    check(b);
  }
}

// Nor is one in strips of which only a part is read that begins where it does.
TEST(Plan, NoStripsWhereAPartIsRead)
{
  for (const Shape &part : {Shape{1, 16, 104, 104}, Shape{1, 48, 96, 104}, Shape{1, 48, 104, 90}}) {
    GraphBuilder b(44);
    ValueId x = b.add(Conv{.pads = {1, 1, 1, 1}}, {b.input({1, 3, 104, 104}), b.constant({48, 3, 3, 3}), b.constant({48})});
    x = b.add(Slice{.starts = {0, 0, 0, 0}, .steps = {1, 1, 1, 1}}, {x}, part);
    const auto out = [](int64_t in) { return (in + 1 - 3) / 2 + 1; };
    b.output(b.add(Pool{.kind = PoolKind::average, .kernel = {3, 3}, .strides = {2, 2}, .pads = {0, 0, 1, 1}}, {x}, {1, part[1], out(part[2]), out(part[3])}));
    check(b);
  }
}

TEST(Plan, Convolution)
{
  for (uint32_t seed = 0; seed < 300 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    random_conv(b, false);
    if (!b.g.outputs.empty()) check(b);
  }
}

TEST(Plan, Depthwise)
{
  for (uint32_t seed = 1000; seed < 1150 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    random_conv(b, true);
    if (!b.g.outputs.empty()) check(b);
  }
}

TEST(Plan, TransposedConvolution)
{
  for (uint32_t seed = 2000; seed < 2150 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t group = b.pick(0, 3) == 0 ? b.pick(2, 3) : 1, ic = group * b.pick(1, 35), oc = group * b.pick(1, 35);
    const int64_t h = b.pick(1, 20), w = b.pick(1, 20), kh = b.pick(1, 5), kw = b.pick(1, 5);
    ConvTranspose conv;
    conv.group = group;
    conv.strides = {b.pick(1, 3), b.pick(1, 3)};
    conv.dilations = {b.pick(0, 4) == 0 ? 2 : 1, b.pick(0, 4) == 0 ? 2 : 1};
    for (int i = 0; i < 4; ++i) conv.pads[i] = b.pick(0, std::min<int64_t>(2, (i % 2 ? kw : kh) - 1));
    conv.output_padding = {b.pick(0, conv.strides[0] - 1), b.pick(0, conv.strides[1] - 1)};
    const int64_t oh = (h - 1) * conv.strides[0] + conv.dilations[0] * (kh - 1) + 1 - conv.pads[0] - conv.pads[2] + conv.output_padding[0];
    const int64_t ow = (w - 1) * conv.strides[1] + conv.dilations[1] * (kw - 1) + 1 - conv.pads[1] - conv.pads[3] + conv.output_padding[1];
    if (oh < 1 || ow < 1) continue;
    const float r = 1.5f / std::sqrt(static_cast<float>(ic / group * kh * kw));
    std::vector<ValueId> inputs{b.input({1, ic, h, w}), b.constant({ic, oc / group, kh, kw}, -r, r)};
    conv.epilogue.act = random_act(b);
    add_epilogue(b, inputs, {1, oc, oh, ow}, oc);
    b.output(b.add(conv, inputs));
    check(b);
  }
}

TEST(Plan, Dense)
{
  for (uint32_t seed = 3000; seed < 3080 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t m = b.coin() ? 1 : b.pick(1, 20), k = b.pick(1, 200), n = b.pick(1, 200);
    Shape a{m, k};
    if (b.pick(0, 3) == 0) a.insert(a.begin(), b.pick(1, 3));
    Shape result = a;
    result.back() = n;
    MatMul matmul;
    matmul.epilogue.act = random_act(b);
    const bool run_time_weights = b.pick(0, 4) == 0;
    std::vector<ValueId> inputs{b.input(a), run_time_weights ? b.input({k, n}) : b.constant({k, n}, -0.3f, 0.3f)};
    add_epilogue(b, inputs, result, n);
    b.output(b.add(matmul, inputs));
    check(b);
  }
}

TEST(Plan, Pooling)
{
  for (uint32_t seed = 4000; seed < 4150 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t c = b.pick(1, 40), h = b.pick(1, 30), w = b.pick(1, 30);
    Pool pool;
    pool.kind = static_cast<PoolKind>(b.pick(0, 2));
    pool.kernel = {b.pick(1, 4), b.pick(1, 4)};
    pool.strides = {b.pick(1, 3), b.pick(1, 3)};
    if (b.pick(0, 4) == 0) pool.dilations = {2, 2};
    for (int i = 0; i < 4; ++i) pool.pads[i] = b.pick(0, pool.kernel[i % 2] / 2);
    pool.count_include_pad = b.coin();
    Shape out{b.pick(1, 2), c, 0, 0};
    const int64_t n = out[0];
    bool fits = true;
    for (int i = 0; i < 2; ++i) {
      const int64_t size = i ? w : h, all = size + pool.pads[i] + pool.pads[i + 2] - pool.dilations[i] * (pool.kernel[i] - 1) - 1;
      fits = fits && all >= 0;
      out[2 + i] = all / pool.strides[i] + 1;
      if (b.coin() && all % pool.strides[i] && out[2 + i] * pool.strides[i] < size + pool.pads[i]) ++out[2 + i];   // ceil
    }
    if (!fits) continue;
    b.output(b.add(pool, {b.input({n, c, h, w})}, out));
    check(b);
  }
}

TEST(Plan, ElementWise)
{
  for (uint32_t seed = 5000; seed < 5200 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const Shape image{b.pick(1, 2), b.pick(1, 40), b.pick(1, 20), b.pick(1, 20)};
    Shape other = image;
    switch (b.pick(0, 4)) {
      case 0: other = {1, image[1], 1, 1}; break;
      case 1: other = {1, 1, 1, 1}; break;
      case 2: other = {image[3]}; break;
      case 3: other = {image[0], image[1], 1, 1}; break;
      default: break;
    }
    ValueId x = b.input(image);
    if (b.coin()) x = b.add(Conv{}, {x, b.constant({image[1], image[1], 1, 1})});
    const ValueId y = b.coin() ? b.constant(other, 0.5f, 2) : b.input(other);
    constexpr BinaryKind kinds[] = {BinaryKind::add, BinaryKind::sub, BinaryKind::mul, BinaryKind::min, BinaryKind::max, BinaryKind::prelu};
    const BinaryKind kind = kinds[b.pick(0, std::size(kinds) - 1)];
    ValueId z = b.coin() ? b.add(Binary{kind}, {x, y}) : b.add(Binary{kind}, {y, x});
    z = b.add(random_act(b), {z});
    if (b.coin()) z = b.add(Affine{}, {z, b.constant({b.shape(z)[1]}), b.constant({b.shape(z)[1]})});
    b.output(z);
    if (b.coin()) b.output(x);
    check_both(b);
  }
}

TEST(Plan, EveryUnary)
{
  for (int k = 0; k < static_cast<int>(UnaryKind::logical_not); ++k)
    for (const Shape &shape : {Shape{1, 11, 5, 3}, Shape{37}}) {
      const UnaryKind kind = static_cast<UnaryKind>(k);
      SCOPED_TRACE(name_of(kind));
      GraphBuilder b(static_cast<uint32_t>(k));
      ValueId x = b.input(shape);
      if (shape.size() == 4) x = b.add(Conv{}, {x, b.constant({11, 11, 1, 1}, -1, 3)});
      if (kind == UnaryKind::log || kind == UnaryKind::sqrt) x = b.add(Unary{UnaryKind::abs}, {x});
      const bool clip = kind == UnaryKind::clip;
      b.output(b.add(Unary{kind, clip ? -0.3f : 0.7f, clip ? 0.4f : 1.1f}, {x}));
      auto inputs = b.random_inputs();
      if (kind == UnaryKind::log || kind == UnaryKind::reciprocal)   // away from the pole
        for (float &v : inputs[0].as<float>()) v = v < 0 ? v - 0.5f : v + 0.5f;
      check(b.g, inputs, 2e-5);
      if (HasFatalFailure()) return;
    }
}

TEST(Plan, Reductions)
{
  for (uint32_t seed = 6000; seed < 6120 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    Shape shape(static_cast<size_t>(b.pick(1, 4)));
    for (int64_t &d : shape) d = b.pick(1, 20);
    Reduce reduce;
    reduce.kind = static_cast<ReduceKind>(b.pick(0, static_cast<int64_t>(ReduceKind::count_) - 1));
    if (reduce.kind == ReduceKind::log_sum) reduce.kind = ReduceKind::mean;   // of positive numbers only
    if (reduce.kind == ReduceKind::prod) reduce.kind = ReduceKind::max;
    for (int64_t axis = 0; axis < static_cast<int64_t>(shape.size()); ++axis)
      if (b.coin()) reduce.axes.push_back(axis);
    if (shape.size() == 4 && b.coin()) reduce.axes = {2, 3};
    reduce.keep_dims = b.coin();
    ValueId x = b.input(shape);
    if (shape.size() == 4) x = b.add(Conv{}, {x, b.constant({shape[1], shape[1], 1, 1})});
    b.output(b.add(reduce, {x}));
    check(b, 1e-4);
  }
}

TEST(Plan, Norms)
{
  for (uint32_t seed = 7000; seed < 7080 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t c = b.pick(1, 40);
    const Shape shape{b.pick(1, 2), c, b.pick(2, 20), b.pick(2, 20)};
    const ValueId x = b.input(shape);
    ValueId y;
    switch (b.pick(0, 4)) {
      case 0: y = b.add(Norm{.kind = NormKind::batch}, {x, b.constant({c}), b.constant({c}), b.constant({c}), b.constant({c}, 0.5f, 2)}); break;
      case 1: y = b.add(Norm{.kind = NormKind::instance}, {x, b.constant({c}), b.constant({c})}); break;
      case 2: y = b.add(Norm{.kind = NormKind::layer, .axis = 3}, {x, b.constant({shape[3]}), b.coin() ? b.constant({shape[3]}) : none}); break;
      case 3: {
        const ValueId of = b.coin() ? x : b.add(Conv{.pads = {1, 0, 1, 2}}, {b.coin() ? x : b.add(Reshape{}, {x}, shape), b.constant({c, c, 3, 3})});
        y = b.add(Norm{.kind = NormKind::channel}, {of, b.coin() ? b.constant({c}) : none, b.coin() ? b.constant({c}) : none});
        break;
      }
      default: y = b.add(Norm{.kind = NormKind::lrn, .size = b.pick(1, 7), .alpha = 0.1f}, {x});
    }
    if (b.coin() && c > 1 && b.shape(y)[3] > 2) y = b.add(Conv{.pads = {1, 1, 1, 1}}, {y, b.constant({2, c, 3, 3})});   // wants a halo of it
    b.output(b.coin() ? b.add(Softmax{b.pick(0, 3), b.coin()}, {y}) : y);
    check_both(b, 1e-4);
  }
}

TEST(Plan, Movement)
{
  for (uint32_t seed = 8000; seed < 8200 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const Shape shape{b.pick(1, 2), b.pick(1, 24), b.pick(1, 12), b.pick(1, 12)};
    ValueId x = b.input(shape);
    if (b.coin()) x = b.add(Unary{UnaryKind::relu}, {b.add(Conv{}, {x, b.constant({shape[1], shape[1], 1, 1})})});
    ValueId y = x;
    switch (b.pick(0, 5)) {
      case 0: {
        Slice slice;
        Shape out = shape;
        for (int i = 0; i < 4; ++i) {
          const int64_t start = b.pick(0, shape[i] - 1), step = b.pick(0, 3) == 0 ? 2 : 1;
          slice.starts.push_back(start), slice.steps.push_back(step);
          out[i] = b.pick(1, (shape[i] - start + step - 1) / step);
        }
        y = b.add(slice, {x}, out);
        break;
      }
      case 1: {
        Pad pad;
        pad.kind = static_cast<PadKind>(b.pick(0, 2));
        pad.value = 0.5f;
        const bool crops = pad.kind == PadKind::constant && b.coin();
        for (int i = 0; i < 8; ++i) pad.pads.push_back(b.pick(crops ? -std::min<int64_t>(3, (shape[i % 4] - 1) / 2) : 0, std::min<int64_t>(3, shape[i % 4] - 1)));
        y = b.add(pad, {x});
        break;
      }
      case 2: {
        Ints perm{0, 1, 2, 3};
        std::shuffle(perm.begin(), perm.end(), b.random);
        y = b.add(Transpose{perm}, {x});
        break;
      }
      case 3: {
        const int64_t axis = b.pick(0, 3);
        Shape other = shape;
        other[axis] = b.pick(1, 24);
        ValueId z = b.input(other);
        if (b.coin()) z = b.add(Unary{UnaryKind::tanh}, {z});
        y = b.add(Concat{axis}, {b.coin() ? x : b.add(Unary{UnaryKind::relu}, {x}), z, x});
        break;
      }
      case 4: {
        const int64_t axis = b.pick(0, 3);
        std::vector<int64_t> indices;
        for (int64_t i = b.pick(1, 5); i > 0; --i) indices.push_back(b.pick(-shape[axis], shape[axis] - 1));
        y = b.add(Gather{axis}, {x, b.constant(tensor_i64({static_cast<int64_t>(indices.size())}, indices))});
        break;
      }
      default: y = b.add(Reshape{}, {x}, {shape[0] * shape[1], shape[2], shape[3]});
    }
    if (b.shape(y).size() == 4 && b.coin()) {
      Conv next;
      next.pads = {1, 1, 1, 1};
      y = b.add(next, {y, b.constant({9, b.shape(y)[1], 3, 3}, -0.2f, 0.2f)});
    }
    b.output(y);
    check_both(b);
  }
}

// Every so many rows and columns of a map stay a map.
TEST(Plan, PixelsInSteps)
{
  for (uint32_t seed = 8500; seed < 8560 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t channels = b.pick(1, 20), h = b.pick(1, 12), w = b.pick(1, 12);
    const ValueId x = b.add(Conv{}, {b.input({b.pick(1, 2), 3, h, w}), b.constant({channels, 3, 1, 1})});
    Slice slice{{0, 0, b.pick(0, h - 1), b.pick(0, w - 1)}, {1, 1, b.pick(2, 3), b.coin() ? -1 : 2}};
    Shape shape = b.shape(x);
    shape[2] = (h - slice.starts[2] + slice.steps[2] - 1) / slice.steps[2];
    shape[3] = slice.steps[3] < 0 ? slice.starts[3] + 1 : (w - slice.starts[3] + 1) / 2;
    const ValueId y = b.add(slice, {x}, shape);
    b.output(b.coin() ? y : b.add(Conv{.pads = {1, 1, 1, 1}}, {y, b.constant({9, channels, 3, 3}, -0.2f, 0.2f)}));
    const Recipe recipe = lower(b.g);
    EXPECT_TRUE(std::any_of(recipe.steps.begin(), recipe.steps.end(), [](const Step &s) { return s.kernel == kernel_named("resize_nearest"); }));
    check_both(b);
  }
}

// Maps that others only look at are copied to where they are part of a concat.
TEST(Plan, ViewsInsideConcats)
{
  for (const bool reshaped : {true, false}) {
    GraphBuilder b(3);
    const ValueId x = b.input({1, 16, 12}), y = b.input({1, 8, 1, 12});
    const ValueId map = b.add(Norm{.kind = NormKind::instance}, {x, b.constant({16}), b.constant({16})});
    ValueId part = b.add(Reshape{}, {map}, {1, 16, 1, 12});
    if (!reshaped) part = b.add(Slice{{0, 8, 0, 0}, {1, 1, 1, 1}}, {part}, {1, 8, 1, 12});
    const ValueId all = b.add(Concat{1}, {b.add(Unary{UnaryKind::tanh}, {b.add(Conv{}, {y, b.constant({8, 8, 1, 1})})}), part});
    b.output(b.add(Conv{.pads = {0, 1, 0, 1}}, {all, b.constant({5, reshaped ? 24 : 16, 1, 3})}));
    b.output(map);
    check_both(b);
  }
}

// Readers of all kinds on the parts that 1x1 convolutions of one map become.
TEST(Plan, SiblingConvolutions)
{
  for (uint32_t seed = 8700; seed < 8780 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t channels = b.pick(1, 20), h = b.pick(2, 12), w = b.pick(2, 12);
    const ValueId x = b.add(Unary{UnaryKind::tanh}, {b.input({b.pick(1, 2), channels, h, w})});
    const Unary act = random_act(b);
    for (int64_t i = b.pick(2, 4); i > 0; --i) {
      const int64_t out = i == 1 ? b.pick(1, 40) : 8 * b.pick(1, 6);
      std::vector<ValueId> inputs{x, b.constant({out, channels, 1, 1})};
      if (b.coin()) inputs.push_back(b.constant({out}));
      const ValueId y = b.add(Conv{.epilogue = {act}}, inputs);
      const Fill fill = b.coin() ? Fill::zero : Fill::edge;
      switch (b.pick(0, 6)) {
        case 0: b.output(y); break;
        case 1: b.output(b.add(Pool{PoolKind::max, {2, 2}, {1, 1}}, {y}, {b.shape(x)[0], out, h - 1, w - 1})); break;
        case 2: b.output(b.add(Conv{.pads = {1, 1, 1, 1}, .group = out, .fill = fill}, {y, b.constant({out, 1, 3, 3})})); break;
        case 3: b.output(b.add(Binary{BinaryKind::add}, {b.add(Conv{}, {y, b.constant({out, out, 1, 1}, -0.2f, 0.2f)}), y})); break;
        case 4: b.output(b.add(Unary{UnaryKind::exp}, {b.add(Unary{UnaryKind::sigmoid}, {y})})); break;
        case 5: b.output(b.add(Slice{{0, 0, 1, 0}, {1, 1, 1, 1}}, {y}, {b.shape(x)[0], out, h - 1, w})); break;
        default: b.output(b.add(Conv{.pads = {1, 2, 1, 2}, .fill = fill}, {y, b.constant({9, out, 3, 5}, -0.2f, 0.2f)}));
      }
    }
    check_both(b);
  }
}

TEST(Plan, Resizing)
{
  for (uint32_t seed = 9000; seed < 9100 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const Shape shape{1, b.pick(1, 20), b.pick(1, 12), b.pick(1, 12)};
    Resize resize;
    resize.kind = static_cast<ResizeKind>(b.pick(0, 2));
    resize.coordinates = static_cast<Coordinates>(b.pick(0, 4));
    resize.nearest = static_cast<Nearest>(b.pick(0, 3));
    if (b.pick(0, 4) == 0) {
      resize.coordinates = Coordinates::crop;
      for (int i = 0; i < 4; ++i)
        resize.starts.push_back(i < 2 ? 0 : static_cast<double>(b.real(-0.3f, 0.8f))), resize.ends.push_back(i < 2 ? 1 : static_cast<double>(b.real(0.2f, 1.3f)));
    }
    Shape out = shape;
    for (int i = 2; i < 4; ++i) out[i] = b.pick(1, 24);
    for (int i = 0; i < 4; ++i) resize.scales.push_back(static_cast<double>(out[i]) / static_cast<double>(shape[i]));
    b.output(b.add(resize, {b.input(shape)}, out));
    check(b);
  }
}

// Convolutions and products whose weights, biases and scales only a run knows: packed by a step, with the same bits as those
// that are packed before.
TEST(Plan, WeightsOfARun)
{
  for (uint32_t seed = 11000; seed < 11120 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t group = b.pick(0, 2) == 0 ? b.pick(2, 4) : 1, ic = group * b.pick(1, 20), oc = group * b.pick(1, 20), size = b.pick(3, 12);
    const int64_t k = b.pick(1, 3);
    const bool depthwise = b.pick(0, 4) == 0, transposed = !depthwise && b.pick(0, 3) == 0;
    const auto vector = [&](int64_t n) { return b.coin() ? b.input({n}) : b.pick(0, 1) ? b.add(Unary{UnaryKind::tanh}, {b.input({n})}) : b.constant({n}); };
    std::vector<ValueId> inputs{b.input({1, ic, size, size})};
    ValueId y = none;
    if (transposed) {
      inputs.insert(inputs.end(), {b.input({ic, oc / group, k, k}), vector(oc)});
      y = b.add(ConvTranspose{.strides = {b.pick(1, 3), b.pick(1, 2)}, .group = group}, inputs);
    } else {
      const int64_t g = depthwise ? ic : group, out = depthwise ? ic : oc;
      inputs.insert(inputs.end(), {b.input({out, ic / g, k, k}), vector(out)});
      if (b.coin()) inputs.insert(inputs.end(), {none, vector(out), vector(out)});
      y = b.add(Conv{.pads = {1, 1, 1, 1}, .group = g, .epilogue = {random_act(b)}}, inputs);
    }
    b.output(y);
    const ValueId flat = b.add(Reshape{}, {y}, {1, count(b.shape(y))});
    b.output(b.add(MatMul{}, {flat, b.constant({count(b.shape(y)), 9}, -0.1f, 0.1f), vector(9)}));
    const auto given = b.random_inputs();
    check(b.g, given, 1e-4);
    Graph baked = b.g;
    for (Node &node : baked.nodes)
      if (const auto *input = std::get_if<Input>(&node.op); input && input->index > 0)
        node.op = Constant{std::make_shared<const Tensor>(given[static_cast<size_t>(input->index)])};
    baked.inputs.resize(1);
    const Recipe now = lower(b.g), before = lower(baked);
    const auto a = execute(plan_for(now, best_isa()), given), c = execute(plan_for(before, best_isa()), {given[0]});
    for (size_t i = 0; i < a.size(); ++i) ASSERT_TRUE(compare("", "", a[i], c[i]).same_bits) << print(b.g);
  }
}

TEST(Plan, PaddedByChunksThatBeginInsideARun)
{
  for (PadKind kind : {PadKind::edge, PadKind::reflect}) {
    GraphBuilder b(11990);
    b.output(b.add(Pad{kind, {0, 0, 3, 2, 0, 0, 3, 4}, 0}, {b.input({1, 1, 40, 200})}));
    check(b);
  }
}

// Padded as first layers want it, in one step, unless somebody else reads it.
TEST(Plan, PaddedPictures)
{
  for (uint32_t seed = 11991; seed < 12031 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t c = b.pick(1, 4);
    Ints pads(8);
    for (size_t d : {2, 3, 6, 7}) pads[d] = b.pick(0, 3);
    const ValueId y = b.add(Pad{b.coin() ? PadKind::edge : PadKind::reflect, pads, 0}, {b.input({b.pick(1, 2), c, b.pick(4, 20), b.pick(4, 60)})});
    for (int64_t i = b.pick(1, 2); i > 0; --i) {
      const int64_t k = b.pick(1, 5);
      b.output(b.add(Conv{.pads = {k / 2, b.pick(0, 3), k / 2, k / 2}}, {y, b.constant({b.pick(8, 24), c, k, k})}));
    }
    const bool is_read = b.pick(0, 3) == 0;
    if (is_read) b.output(b.add(Unary{UnaryKind::relu}, {y}));
    check(b);
    const std::string text = print(lower(b.g));
    EXPECT_EQ(text.find("pad_image") != std::string::npos, !is_read) << text;
    EXPECT_EQ(text.find("to_map") != std::string::npos, is_read) << text;
  }
}

TEST(Plan, PickedByWhatIsComputed)
{
  for (uint32_t seed = 12000; seed < 12040 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const Shape shape{b.pick(1, 3), b.pick(1, 12), b.pick(1, 9)};
    // From far below the axis to far above: every index finds a place on it.
    const ValueId wide = b.add(Binary{BinaryKind::mul}, {b.input({b.pick(1, 3), b.pick(1, 5)}), b.constant(tensor_f32({}, {b.coin() ? 30.0f : 4e18f}))});
    b.output(b.add(Gather{b.pick(0, 2)}, {b.input(shape), b.add(Cast{Type::i64}, {wide})}));
    check(b);
  }
}

TEST(Plan, Largest)
{
  for (uint32_t seed = 13000; seed < 13060 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const Shape shape{b.pick(1, 3), b.pick(1, 30), b.pick(1, 12), b.pick(1, 12)};
    ValueId x = b.add(Unary{UnaryKind::round}, {b.add(Binary{BinaryKind::mul}, {b.input(shape), b.constant(tensor_f32({}, {5}))})});   // with ties
    if (b.coin()) x = b.add(Cast{b.coin() ? Type::i32 : Type::i8}, {x});
    b.output(b.add(ArgMax{b.pick(0, 3), b.coin(), b.coin(), b.coin()}, {x}));
    check(b);
  }
}

TEST(Plan, GridSample)
{
  for (uint32_t seed = 14100; seed < 14160 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t n = b.pick(1, 2), c = b.pick(1, 20);
    const ValueId x = b.input({n, c, b.pick(1, 9), b.pick(1, 9)});
    const ValueId grid = b.add(Binary{BinaryKind::mul}, {b.input({n, b.pick(1, 9), b.pick(1, 12), 2}), b.constant(tensor_f32({}, {b.real(0.5f, 3)}))});
    const GridSample op{static_cast<ResizeKind>(b.pick(0, 2)), static_cast<Fill>(b.pick(0, 2)), b.coin()};
    ValueId y = b.add(op, {b.coin() ? x : b.add(Conv{}, {x, b.constant({c, c, 1, 1})}), grid});
    if (b.coin()) y = b.add(Conv{.pads = {1, 1, 1, 1}}, {y, b.constant({3, c, 3, 3})});   // wants a halo of it
    b.output(y);
    check(b, 1e-4);
  }
}

TEST(Plan, Attention)
{
  for (uint32_t seed = 14000; seed < 14040 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    const int64_t heads = b.pick(1, 5), m = b.coin() ? b.pick(1, 9) : b.pick(1, 90), n = b.coin() ? m : b.pick(1, 80), depth = b.pick(1, 50), width = b.pick(1, 50);
    const ValueId q = b.input({2, heads, m, depth}), k = b.input({2, heads, n, depth}), v = b.input({2, heads, n, width});
    const Shape biases[] = {{n}, {m, n}, {heads, m, n}, {heads, 1, n}, {2, 1, m, n}, {1, heads, m, n}, {2, heads, m, n}};
    const ValueId bias = b.coin() ? none : b.coin() ? b.input(biases[b.pick(0, 6)]) : b.constant(biases[b.pick(0, 6)]);
    b.output(b.add(Attention{b.real(-1, 2)}, bias == none ? std::vector<ValueId>{q, k, v} : std::vector<ValueId>{q, k, v, bias}));
    check(b, 1e-4);
  }
}

// A few layers in a row with branches: concat in place, residuals, values read twice, outputs in the middle.
TEST(Plan, Networks)
{
  for (uint32_t seed = 10000; seed < 10080 && !HasFatalFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    GraphBuilder b(seed);
    std::vector<ValueId> images{b.input({1, b.pick(1, 3), b.pick(6, 30), b.pick(6, 30)})};
    images[0] = b.add(Conv{.pads = {1, 1, 1, 1}}, {images[0], b.constant({b.pick(1, 3) * 8, b.shape(images[0])[1], 3, 3})});
    for (int i = 0; i < 10; ++i) {
      const ValueId x = images[static_cast<size_t>(b.pick(0, static_cast<int64_t>(images.size()) - 1))];
      const Shape s = b.shape(x);
      switch (b.pick(0, 6)) {
        case 0:
        case 1: {
          Conv conv;
          const int64_t k = b.coin() ? 1 : 3;
          if (k == 3) conv.pads = {1, 1, 1, 1};
          if (k == 3 && b.pick(0, 3) == 0) conv.fill = Fill::reflect;
          const int64_t oc = b.coin() ? s[1] : b.pick(1, 5) * 4;
          const float r = 1.5f / std::sqrt(static_cast<float>(s[1] * k * k));
          images.push_back(b.add(conv, {x, b.constant({oc, s[1], k, k}, -r, r), b.constant({oc})}));
          break;
        }
        case 2: images.push_back(b.add(random_act(b), {x})); break;
        case 3:
          for (ValueId y : images)
            if (y != x && b.shape(y) == s) {
              images.push_back(b.add(Binary{BinaryKind::add}, {x, y}));
              break;
            }
          break;
        case 4:
          for (ValueId y : images)
            if (b.shape(y)[2] == s[2] && b.shape(y)[3] == s[3] && b.shape(y)[1] + s[1] <= 64) {
              images.push_back(b.add(Concat{1}, {x, y}));
              break;
            }
          break;
        case 5: images.push_back(b.add(Affine{}, {x, b.constant({s[1]}), b.constant({s[1]})})); break;
        default: {
          Conv dw;
          dw.group = s[1];
          dw.pads = {1, 1, 1, 1};
          images.push_back(b.add(dw, {x, b.constant({s[1], 1, 3, 3}, -0.4f, 0.4f)}));
        }
      }
    }
    b.output(images.back());
    if (b.coin()) b.output(images[images.size() / 2]);
    if (b.coin()) {
      const ValueId pooled = b.add(Reduce{ReduceKind::mean, {2, 3}, true}, {images.back()});
      b.output(b.add(MatMul{}, {b.add(Reshape{}, {pooled}, {1, b.shape(pooled)[1]}), b.constant({b.shape(pooled)[1], 10})}));
    }
    check_both(b, 1e-4);
  }
}
