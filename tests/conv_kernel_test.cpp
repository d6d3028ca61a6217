// Convolution, depthwise, transposed and dense kernels against plain loops in double, over random shapes.
#include "kernel_runner.h"
#include "kernels/act/act_args.h"
#include "kernels/conv/conv_args.h"
#include "kernels/dense/dense_args.h"
#include "kernels/depthwise/depthwise_args.h"
#include "kernels/strassen/strassen_args.h"
#include "kernels/winograd/nested_args.h"
#include "kernels/winograd/winograd_args.h"
#include "lower/pack.h"
#include "seed_step.h"

using namespace net2c;

namespace {

uint32_t u(int64_t x) { return static_cast<uint32_t>(x); }

Tensor random_tensor(Runner &r, Shape shape, float size)
{
  Tensor t(Type::f32, std::move(shape));
  for (float &v : t.as<float>()) v = r.real(-size, size);
  return t;
}

net2c_ref put(Runner &r, const std::vector<float> &values)
{
  const net2c_ref ref = r.space(values.size() * 4);
  std::copy(values.begin(), values.end(), r.data(ref));
  return ref;
}

// What follows the sum, as arguments and as a function of it.
struct Post {
  uint32_t act = NET2C_ACT_CLIP;
  float a = -INFINITY, b = INFINITY;
  Tensor scale, shift;
  bool affine = false, residual = false;

  Post(Runner &r, int64_t channels) : residual(r.pick(0, 2) == 0)
  {
    switch (r.pick(0, 6)) {
      case 0: a = 0; break;
      case 1: a = -0.5f, b = 0.75f; break;
      case 2: a = 0.25f, b = 2; break;   // empty lanes must stay zero all the same
      case 3: act = NET2C_ACT_LEAKY_RELU, a = r.pick(0, 2) ? 0.1f : 1.5f, b = 0; break;
      case 4: act = NET2C_ACT_ELU, a = 0.7f, b = 0; break;
      case 5: act = NET2C_ACT_HARD_SWISH, a = b = 0; break;
      default: break;
    }
    affine = r.pick(0, 2) == 0;
    if (!affine) return;
    scale = random_tensor(r, {channels}, 2), shift = random_tensor(r, {channels}, 2);
  }
  double operator()(double x, uint32_t c) const
  {
    if (act == NET2C_ACT_CLIP) x = std::min<double>(std::max<double>(x, a), b);
    else if (act == NET2C_ACT_HARD_SWISH) x *= std::min(1.0, std::max(0.0, x / 6 + 0.5));
    else if (x < 0) x = act == NET2C_ACT_ELU ? static_cast<double>(a) * std::expm1(x) : static_cast<double>(a) * x;
    return affine ? x * static_cast<double>(scale.as<float>()[c]) + static_cast<double>(shift.as<float>()[c]) : x;
  }
};

struct Shapes {
  uint32_t n, ic, oc, h, w, kh, kw, sh, sw, dh, dw, group = 1;
  int32_t top, left;
  uint32_t oh, ow;

  Shapes(Runner &r, bool image, bool depthwise)
  {
    n = r.pick(0, 4) ? 1 : 2;
    ic = u(image ? r.pick(1, 4) : r.pick(1, 70)), oc = u(r.pick(1, 70));
    if (depthwise) oc = ic, group = ic;
    else if (!image && r.pick(0, 2) == 0) group = u(r.pick(2, 5)), ic = group * u(r.pick(1, 17)), oc = group * u(r.pick(1, 17));
    h = u(r.pick(1, 40)), w = u(r.pick(1, 40));
    kh = u(r.pick(1, 5)), kw = u(r.coin() ? kh : r.pick(1, 5));
    sh = u(r.pick(1, 3)), sw = u(r.pick(1, 3));
    dh = u(r.pick(0, 3) ? 1 : 2), dw = u(r.pick(0, 3) ? 1 : 2);
    if (depthwise && r.coin()) kh = kw = u(3 + 2 * r.pick(0, 2)), sh = sw = u(r.pick(1, 2)), dh = dw = 1;   // forms that kernels may have of their own
    top = static_cast<int32_t>(r.pick(-1, 3)), left = static_cast<int32_t>(r.pick(-1, 3));
    const int64_t high = int64_t{h} + top + r.pick(0, 3) - dh * (kh - 1) - 1, wide = int64_t{w} + left + r.pick(0, 3) - dw * (kw - 1) - 1;
    oh = high < 0 ? 0 : u(high / sh + 1), ow = wide < 0 ? 0 : u(wide / sw + 1);
  }
};

// A map that has at least the halo that the outputs of s read, and so many rows above it.
net2c_map input_map(Runner &r, const Shapes &s, uint32_t fill, bool c8, uint32_t above = 0)
{
  const auto reach = [](int64_t x) { return u(std::max<int64_t>(0, x)); };
  net2c_map m{};
  m.n = s.n, m.c = s.ic, m.h = s.h, m.w = s.w, m.lanes = c8 ? 8 : s.ic, m.fill = fill;
  m.top = reach(s.top) + above, m.left = reach(s.left);
  m.bottom = reach(int64_t{s.oh - 1} * s.sh + (s.kh - 1) * s.dh - s.top - (s.h - 1));
  m.right = reach(int64_t{s.ow - 1} * s.sw + (s.kw - 1) * s.dw - s.left - (s.w - 1));
  m.pitch = m.left + m.w + m.right;
  m.plane = m.pitch * (m.top + m.h + m.bottom);
  m.plane += m.plane & 1;
  m.image = m.plane * (c8 ? (m.c + 7) / 8 : 1);
  m.base = r.space(size_t{m.image} * m.n * m.lanes * 4);
  r.fill(m);
  return m;
}

// Rows and panels cut in several ways. `most` rows, `panels` panels, n images.
template <class Args>
std::vector<std::pair<Args, uint32_t>> cuts(Runner &r, Args a, uint32_t n, uint32_t most, uint32_t panels)
{
  std::vector<std::pair<Args, uint32_t>> all;
  for (int i = 0; i < 3; ++i) {
    a.row_chunks = i ? u(r.pick(1, most)) : 1, a.oc_chunks = i ? u(r.pick(1, panels)) : 1;
    if constexpr (requires { a.pixels; }) a.pixels = i ? u(r.pick(1, 100)) : 1u << 20;
    all.push_back({a, n * a.row_chunks * a.oc_chunks});
  }
  return all;
}

// One axis of Winograd's algorithm: tiles, how far the first reads outside, inputs from there on that outputs read.
struct Axis { uint32_t tiles; int32_t before; uint32_t reach; };

// Both steps, by one or two strips of tile rows; of one dimension, of lines. filters: of a channel.
void winograd(Runner &r, const char *input, const char *product, uint32_t points, uint32_t m, uint32_t images, uint32_t filters, const Axis &v, const Axis &h,
              const net2c_map &x, net2c_winograd_args a)
{
  const bool line = points == 6, mixed = points == 36 && m == 4 && x.n == 1 && r.coin();
  const uint32_t pieces = filters / images, blocks = (x.c + 7) / 8 * images, lines = a.vertical ? a.y.w : a.y.h;
  a.tile_rows = line ? lines : v.tiles, a.columns = a.vertical ? v.tiles : h.tiles;
  const uint32_t rows = x.n * a.tile_rows, cut = u(r.pick(1, rows)), columns = a.columns + pieces - 1;
  a.pitch = std::max(cut, rows - cut) * columns + u(r.pick(0, 2));
  a.v = r.space(points * 4 * NET2C_WINOGRAD_PLANE(size_t{blocks} * a.pitch * 8));
  for (const auto &[first, end] : {std::pair{0u, cut}, std::pair{cut, rows}}) {
    if (first == end) continue;
    a.first = first, a.rows = end - first;
    a.band = mixed ? u(r.pick(1, std::min(a.rows, NET2C_WINOGRAD_BLOCK / a.columns))) : 0;
    const bool parts = a.rows * a.columns > NET2C_WINOGRAD_BLOCK || (a.band && a.band < a.rows);
    a.depth = parts ? a.ic_blocks * filters : u(r.pick(1, a.ic_blocks * filters));
    r.run(input, net2c_winograd_input_args{x, a.v, m, a.tile_rows, columns, first, a.rows, a.pitch, v.before, h.before, v.reach, h.reach, a.vertical, a.band, 1});
    const bool whole = line && !a.vertical && a.y.fill != NET2C_FILL_ZERO;   // a row's halo is a copy of what other chunks would write
    std::vector<std::pair<net2c_winograd_args, uint32_t>> cuts;
    for (int i = 0; i < 3; ++i) {
      a.row_chunks = i && !whole ? u(r.pick(1, line ? a.columns : a.rows)) : 1, a.oc_chunks = i ? u(r.pick(1, a.groups * ((a.oc_blocks + 1) / 2))) : 1;
      cuts.push_back({a, a.row_chunks * a.oc_chunks});
    }
    r.run(product, cuts, NET2C_WINOGRAD_SCRATCH(points, a.depth));
  }
}

enum class Form { c8, image, narrow, nested, nested_image, winograd, line, strassen, depthwise };   // line: Winograd's algorithm of one dimension

void convolution(uint32_t seed, Form form)
{
  const bool nested_image = form == Form::nested_image, image = form == Form::image || nested_image, depthwise = form == Form::depthwise, narrow = form == Form::narrow, nested = form == Form::nested || nested_image, line = form == Form::line;
  const bool by_winograd = form == Form::winograd || line, by_strassen = form == Form::strassen;
  SCOPED_TRACE(seed);
  Runner r(seed);
  Shapes s(r, image, depthwise);
  if (by_winograd) {
    s.h = u(r.pick(1, 22)), s.w = u(r.pick(1, 22)), s.kh = s.kw = u(r.pick(3, 5)), s.sh = s.sw = s.kh == 4 || (s.kh == 3 && r.coin()) ? 2 : 1, s.dh = s.dw = 1;
    if (s.sh == 2) s.group = 1;
    if (line) s.sh = s.sw = 1, s.kh = r.coin() ? 1 : r.coin() ? 3 : 7, s.kw = s.kh > 1 ? 1 : r.coin() ? 3 : 7;
    const int64_t high = int64_t{s.h} + s.top + r.pick(0, 3) - s.kh, wide = int64_t{s.w} + s.left + r.pick(0, 3) - s.kw;
    s.oh = high < 0 ? 0 : u(high / s.sh + 1), s.ow = wide < 0 ? 0 : u(wide / s.sw + 1);
  }
  if (by_strassen) {
    s.ic = 16 * u(r.pick(1, 6)), s.oc = 32 * u(r.pick(1, 6)), s.group = s.kh = s.kw = s.sh = s.sw = s.dh = s.dw = 1;
    s.top = s.left = 0, s.oh = s.h = u(r.pick(1, 20)), s.ow = s.w = u(r.pick(1, 20));
    if (s.n * s.h * s.w < 2 * NET2C_STRASSEN_PIXELS) return;
  }
  if (narrow) {
    s.oc = u(r.pick(1, 4)), s.group = s.sw = 1;
    const int64_t wide = int64_t{s.w} + s.left + r.pick(0, 3) - s.dw * (s.kw - 1) - 1;
    s.ow = wide < 0 ? 0 : u(wide + 1);
  }
  if (nested) {
    s.h = u(r.pick(1, 60)), s.w = u(r.pick(1, 120)), s.oc = u(r.pick(1, 4)), s.kh = s.kw = 9, s.group = s.sh = s.sw = s.dh = s.dw = 1;
    if (nested_image) s.ic = 3, s.oc = u(r.pick(1, 70));
    s.top = static_cast<int32_t>(r.pick(0, 5)), s.left = static_cast<int32_t>(r.pick(0, 5));
    const int64_t high = int64_t{s.h} + s.top + r.pick(0, 5) - 8, wide = int64_t{s.w} + s.left + r.pick(0, 5) - 8;
    s.oh = high < 0 ? 0 : u(high), s.ow = wide < 0 ? 0 : u(wide);
  }
  if (form == Form::image && r.pick(0, 2) == 0) s.ic = 3, s.sw = u(r.pick(1, 2)), s.dw = 1, s.ow = 8 * u(r.pick(1, 6));   // lines
  if (!s.oh || !s.ow) return;
  const bool reflect = std::max(s.top, s.left) < static_cast<int32_t>(std::min(s.h, s.w)) && s.h > 12 && s.w > 12;
  const uint32_t again = depthwise ? u(r.pick(0, std::min(s.h, 3u))) : 0;   // rows that the next strip begins with
  const net2c_map x = input_map(r, s, u(r.pick(0, reflect && !again ? 2 : 1)), !image, again);
  const Tensor w = random_tensor(r, {s.oc, s.ic / s.group, s.kh, s.kw}, 0.3f), bias = random_tensor(r, {s.oc}, 1);
  Post post(r, s.oc);
  const bool may_follow = post.act == NET2C_ACT_CLIP || (post.act == NET2C_ACT_LEAKY_RELU && post.a < 1);   // a maximum
  const bool pool = by_winograd && s.kh == 3 && s.kw == 3 && s.sh == 1 && s.oh % 2 == 0 && s.ow % 2 == 0 && may_follow && r.coin();
  if (pool) post.residual = post.affine = false;
  const net2c_map y = r.map(s.n, s.oc, pool ? s.oh / 2 : s.oh, pool ? s.ow / 2 : s.ow);
  net2c_map res{};
  res.base = NET2C_NONE;
  std::vector<float> before;
  if (post.residual) {
    res = r.coin() ? y : r.map(s.n, s.oc, s.oh, s.ow);
    r.fill(res);
  }
  const net2c_map kept = post.residual ? r.map(s.n, s.oc, s.oh, s.ow, true, false) : net2c_map{};
  if (post.residual) r.fill(kept, [&](uint32_t n, uint32_t c, int64_t i, int64_t j) { return *r.at(res, n, c, i, j); });

  net2c_map to = y;   // of narrow ones; without a base they write a plain result
  net2c_ref plain = NET2C_NONE;
  if ((narrow || form == Form::nested) && r.coin()) {
    to.base = NET2C_NONE, to.top = u(r.pick(0, 2)), to.bottom = u(r.pick(0, 2));   // rows that others write
    plain = r.space(size_t{s.n} * s.oc * (to.top + s.oh + to.bottom) * s.ow * 4);
  }

  const auto vector = [&](const Tensor *t) { return put(r, pad_vector(t, s.oc, 16)); };
  const net2c_ref none = NET2C_NONE, scale = post.affine ? vector(&post.scale) : none, shift = post.affine ? vector(&post.shift) : none;
  if (depthwise) {
    const net2c_depthwise_args a{x, y, res, put(r, pack_depthwise(w)), vector(&bias), scale, shift, s.kh, s.kw, s.sh, s.sw,
                                 s.dh, s.dw, s.top, s.left, post.act, post.a, post.b, 1, 1, again, s.h - again + x.top};
    const bool literal = s.kh == 3 && s.kw == 3 && s.dw == 1;
    r.run(s.sw == 1 ? (literal ? "depthwise3x3_s1" : "depthwise_s1") : s.sw == 2 ? (literal ? "depthwise3x3_s2" : "depthwise_s2") : "depthwise",
          cuts(r, a, 1, (s.oh + 3) / 4, s.n * ((s.oc + 7) / 8)));
    for (uint32_t n = 0; n < s.n; ++n)
      for (uint32_t c = 0; c < s.ic; ++c)
        for (int64_t row = 0; row < again; ++row)
          for (int64_t column = -int64_t{x.left}; column < int64_t{s.w} + x.right; ++column)
            ASSERT_EQ(*r.at(x, n, c, row - x.top, column), *r.at(x, n, c, row + s.h - again, column)) << "kept";
  } else if (narrow) {
    net2c_conv_narrow_args a{x, to, plain, res, put(r, pack_narrow(w)), vector(&bias), scale, shift, s.kh, s.kw, s.sh, s.dh, s.dw, s.top, s.left,
                             post.act, post.a, post.b, 1};
    std::vector<std::pair<net2c_conv_narrow_args, uint32_t>> cut;
    for (int i = 0; i < 3; ++i) a.row_chunks = i ? u(r.pick(1, s.oh)) : 1, cut.push_back({a, s.n * a.row_chunks});
    const size_t scratch = NET2C_NARROW_SCRATCH(s.oc);
    r.run(("conv_narrow" + std::to_string(s.oc)).c_str(), cut, scratch);
  } else if (nested_image) {
    net2c_nested_image_args a{x, y, res, put(r, pack_conv(w, 1, {1, 1, 3, s.oc}, 3)), vector(&bias), scale, shift, s.top, s.left, post.act, post.a, post.b, 1, 1};
    std::vector<std::pair<net2c_nested_image_args, uint32_t>> cut;
    for (int i = 0; i < 3; ++i) {
      a.strips = i ? u(r.pick(1, (s.ow + 2) / 3)) : 1, a.row_chunks = i ? u(r.pick(1, (s.oh + 2) / 3)) : 1;
      cut.push_back({a, s.n * a.row_chunks});
    }
    r.run("nested_image", cut, NET2C_PICTURE_SCRATCH(s.oc, NET2C_PICTURE_PITCH((s.ow + 2) / 3)));
  } else if (nested) {
    net2c_nested_narrow_args a{x, to, plain, res, put(r, pack_narrow(w)), vector(&bias), scale, shift, s.top, s.left, post.act, post.a, post.b, 1, 1};
    std::vector<std::pair<net2c_nested_narrow_args, uint32_t>> cut;
    for (int i = 0; i < 3; ++i) {
      a.strips = i ? u(r.pick(1, (s.ow + 2) / 3)) : 1, a.row_chunks = i ? u(r.pick(1, (s.oh + 2) / 3)) : 1;
      cut.push_back({a, s.n * a.row_chunks});
    }
    r.run(("nested_narrow" + std::to_string(s.oc)).c_str(), cut, NET2C_NESTED_SCRATCH(size_t{(s.ic + 7) / 8}, s.oc, NET2C_NESTED_PITCH((s.ow + 2) / 3)));
  } else if (by_winograd) {
    const Groups g = group_channels(s.group, s.ic, s.oc);
    const bool seven = s.kh == 7 || s.kw == 7;
    const uint32_t m = s.kh == 5 ? 2 : seven ? 3 : 4;
    const Axis v{(s.oh + m - 1) / m, s.top, (s.oh - 1) * s.sh + s.kh}, h{(s.ow + m - 1) / m, s.left, (s.ow - 1) * s.sw + s.kw};
    const uint32_t images = s.sh == 2 ? 4 : 1;
    winograd(r, line ? "winograd_input_1d" : s.sh == 1 ? "winograd_input" : s.kh == 4 ? "winograd_input5_s2" : "winograd_input54_s2",
             line ? (seven ? "winograd7_1d" : "winograd3_1d") : s.sh == 2 ? (s.kh == 3 ? "winograd3_s2" : "winograd4_s2") : s.kh == 3 ? "winograd3" : "winograd5",
             line ? 6 : s.sh == 2 ? 25 : 36, m, images, seven ? 2 : images, v, h, x,
             {0, y, res, put(r, pack_conv(w, s.group, g, 8, Taps::inside)), vector(&bias), scale, shift, u(g.groups), u((g.ic + 7) / 8), u((g.oc + 7) / 8), 0, 0, 0, 0, 0,
              s.top, s.left, 0, line && s.kh > 1, 0, pool, post.act, post.a, post.b, 1, 1});
  } else if (by_strassen) {
    const uint32_t pixels = s.n * s.h * s.w / 2 / NET2C_STRASSEN_PIXELS * NET2C_STRASSEN_PIXELS;
    const net2c_ref v = r.space(NET2C_STRASSEN_BYTES(size_t{s.ic}, pixels));
    net2c_strassen_args a{x, v, y, res, put(r, pack_conv(w, 1, group_channels(1, s.ic, s.oc), 8)), vector(&bias), scale, shift, pixels, post.act, post.a, post.b, 1, 1};
    r.run("strassen_input", net2c_strassen_input_args{x, v, pixels, 1});
    std::vector<std::pair<net2c_strassen_args, uint32_t>> cut;
    for (int i = 0; i < 3; ++i) {
      a.row_chunks = i && y.fill == NET2C_FILL_ZERO ? u(r.pick(1, pixels / NET2C_STRASSEN_PIXELS)) : 1, a.oc_chunks = i ? u(r.pick(1, NET2C_STRASSEN_PANELS(s.oc))) : 1;
      cut.push_back({a, a.row_chunks * a.oc_chunks});
    }
    r.run("strassen", cut, NET2C_STRASSEN_SCRATCH(size_t{s.ic}));
  } else {
    const Groups g = image ? Groups{1, 1, s.ic, s.oc} : group_channels(s.group, s.ic, s.oc);
    const uint32_t blocks = u((g.oc + 7) / 8);
    const net2c_conv_args a{x, y, res, put(r, pack_conv(w, s.group, g, image ? s.ic : 8)), vector(&bias), scale, shift,
                            u(g.groups), image ? 1 : u((g.ic + 7) / 8), blocks, s.kh, s.kw, s.sh, s.sw, s.dh, s.dw, s.top, s.left,
                            post.act, post.a, post.b, 1, 1, 1};
    r.run(image ? "conv_image" : "conv", cuts(r, a, s.n, s.oh, u(g.groups) * std::max(1u, blocks / 2)));
  }
  const uint32_t ic = s.ic / s.group, oc = s.oc / s.group;
  const auto output = [&](uint32_t n, uint32_t c, int64_t i, int64_t j) {
    double sum = static_cast<double>(bias.as<float>()[c]);
    for (uint32_t kh = 0; kh < s.kh; ++kh)
      for (uint32_t kw = 0; kw < s.kw; ++kw)
        for (uint32_t k = 0; k < ic; ++k)
          sum += static_cast<double>(*r.at(x, n, c / oc * ic + k, i * s.sh - s.top + kh * s.dh, j * s.sw - s.left + kw * s.dw)) *
                 static_cast<double>(w.as<float>()[((c * ic + k) * s.kh + kh) * s.kw + kw]);
    if (post.residual) sum += static_cast<double>(*r.at(kept, n, c, i, j));
    return static_cast<float>(post(sum, c));
  };
  if (plain != NET2C_NONE)
    r.fill(y, [&](uint32_t n, uint32_t c, int64_t i, int64_t j) { return r.data(plain)[((int64_t{n} * s.oc + c) * (to.top + s.oh + to.bottom) + to.top + i) * s.ow + j]; });
  r.expect(
      y,
      [&](uint32_t n, uint32_t c, int64_t i, int64_t j) {
        if (!pool) return output(n, c, i, j);
        return std::max({output(n, c, 2 * i, 2 * j), output(n, c, 2 * i, 2 * j + 1), output(n, c, 2 * i + 1, 2 * j), output(n, c, 2 * i + 1, 2 * j + 1)});
      },
      1e-4);   // sums of up to 1750 products, up to 20 in size
}

}  // namespace

TEST(ConvKernel, C8)
{
  for (uint32_t seed = 0; seed < 400 && !HasFailure(); seed += seed_step()) convolution(seed, Form::c8);
}

TEST(ConvKernel, Image)
{
  for (uint32_t seed = 1000; seed < 1200 && !HasFailure(); seed += seed_step()) convolution(seed, Form::image);
}

TEST(ConvKernel, Narrow)
{
  for (uint32_t seed = 5000; seed < 5200 && !HasFailure(); seed += seed_step()) convolution(seed, Form::narrow);
}

TEST(ConvKernel, Nested)
{
  for (uint32_t seed = 5200; seed < 5240 && !HasFailure(); seed += seed_step()) convolution(seed, Form::nested);
}

TEST(ConvKernel, NestedImage)
{
  for (uint32_t seed = 5300; seed < 5340 && !HasFailure(); seed += seed_step()) convolution(seed, Form::nested_image);
}

TEST(ConvKernel, Winograd)
{
  for (uint32_t seed = 6000; seed < 6200 && !HasFailure(); seed += seed_step()) convolution(seed, Form::winograd);
}

TEST(ConvKernel, WinogradOneDimensional)
{
  for (uint32_t seed = 6200; seed < 6400 && !HasFailure(); seed += seed_step()) convolution(seed, Form::line);
}

TEST(ConvKernel, Strassen)
{
  for (uint32_t seed = 6400; seed < 6500 && !HasFailure(); seed += seed_step()) convolution(seed, Form::strassen);
}

TEST(ConvKernel, Depthwise)
{
  for (uint32_t seed = 2000; seed < 2300 && !HasFailure(); seed += seed_step()) convolution(seed, Form::depthwise);
}

namespace {

void transposed(uint32_t seed, bool by_winograd)
{
  SCOPED_TRACE(seed);
  Runner r(seed);
  const uint32_t group = by_winograd || r.pick(0, 2) ? 1 : u(r.pick(2, 3)), ic = group * u(r.pick(1, 35)), oc = group * u(r.pick(1, 35));
  const uint32_t n = r.pick(0, 4) ? 1 : 2, h = u(r.pick(1, 20)), w = u(r.pick(1, 20));
  uint32_t kh = u(r.pick(1, 5)), kw = u(r.pick(1, 5)), sh = u(r.pick(1, 3)), sw = u(r.pick(1, 3)), dh = u(r.pick(0, 3) ? 1 : 2), dw = u(r.pick(0, 3) ? 1 : 2);
  if (by_winograd) kh = kw = u(r.pick(3, 4)), sh = sw = 2, dh = dw = 1;
  const int32_t top = static_cast<int32_t>(r.pick(0, by_winograd ? 3 : 2)), left = static_cast<int32_t>(r.pick(0, by_winograd ? 3 : 2));
  const int64_t oh = int64_t{h - 1} * sh + dh * (kh - 1) + 1 - top - r.pick(0, 2) + r.pick(0, sh - 1);
  const int64_t ow = int64_t{w - 1} * sw + dw * (kw - 1) + 1 - left - r.pick(0, 2) + r.pick(0, sw - 1);
  if (oh < 1 || ow < 1) return;
  net2c_map x{};
  x.n = n, x.c = ic, x.h = h, x.w = w, x.lanes = 8, x.top = x.bottom = dh * kh + 3, x.left = x.right = dw * kw + 3;
  x.pitch = w + 2 * x.left, x.plane = x.pitch * (h + 2 * x.top);
  x.plane += x.plane & 1;
  x.image = x.plane * ((ic + 7) / 8);
  x.base = r.space(size_t{x.image} * n * 32);
  r.fill(x, [&](uint32_t, uint32_t, int64_t, int64_t) { return r.real(); });
  const net2c_map y = r.map(n, oc, u(oh), u(ow));
  const Tensor weights = random_tensor(r, {ic, oc / group, kh, kw}, 0.3f), bias = random_tensor(r, {oc}, 1);
  Post post(r, oc);
  net2c_map res{};
  res.base = NET2C_NONE;
  if (post.residual) res = r.map(n, oc, u(oh), u(ow)), r.fill(res);
  const auto vector = [&](const Tensor *t) { return put(r, pad_vector(t, oc, 16)); };
  const net2c_ref none = NET2C_NONE, scale = post.affine ? vector(&post.scale) : none, shift = post.affine ? vector(&post.shift) : none;
  const Groups g = group_channels(group, ic, oc);
  const uint32_t blocks = u((g.oc + 7) / 8);
  const net2c_ref packed = put(r, pack_deconv(weights, group, g, {sh, sw}, {dh, dw}, {top, left, 0, 0}, by_winograd ? Taps::inside : Taps::outside));
  if (by_winograd) {
    const int32_t more = kh == 3, first = top + more, beside = left + more;   // three taps are four, the first of them zero
    const Axis v{u((oh + first % 2 + 7) / 8), 1 - first / 2, h + 3}, across{u((ow + beside % 2 + 7) / 8), 1 - beside / 2, w + 3};
    winograd(r, "winograd_input5", kh == 3 ? "winograd_deconv3" : "winograd_deconv", 25, 4, 1, 1, v, across, x,
             {0, y, res, packed, vector(&bias), scale, shift, 1, u((g.ic + 7) / 8), blocks, 0, 0, 0, 0, 0, first, beside, 0, 0, 0, 0, post.act, post.a, post.b, 1, 1});
  } else {
    const net2c_deconv_args a{x, y, res, packed, vector(&bias), scale, shift, u(g.groups), u((g.ic + 7) / 8), blocks, kh, kw, sh, sw, dh, dw, top, left,
                              post.act, post.a, post.b, 1, 1};
    r.run("deconv", cuts(r, a, n, u((oh + sh - 1) / sh), u(g.groups) * std::max(1u, blocks / 2)));
  }
  const uint32_t gic = ic / group, goc = oc / group;
  r.expect(
      y,
      [&](uint32_t in, uint32_t c, int64_t i, int64_t j) {
        double sum = static_cast<double>(bias.as<float>()[c]);
        for (uint32_t a0 = 0; a0 < kh; ++a0)
          for (uint32_t b0 = 0; b0 < kw; ++b0) {
            const int64_t p = i + top - a0 * dh, q = j + left - b0 * dw;
            if (p < 0 || q < 0 || p % sh || q % sw || p / sh >= h || q / sw >= w) continue;
            for (uint32_t k = 0; k < gic; ++k)
              sum += static_cast<double>(*r.at(x, in, c / goc * gic + k, p / sh, q / sw)) *
                     static_cast<double>(weights.as<float>()[(((c / goc * gic + k) * goc + c % goc) * kh + a0) * kw + b0]);
          }
        if (post.residual) sum += static_cast<double>(*r.at(res, in, c, i, j));
        return static_cast<float>(post(sum, c));
      },
      1e-4);
}

}  // namespace

TEST(ConvKernel, Transposed)
{
  for (uint32_t seed = 3000; seed < 3250 && !HasFailure(); seed += seed_step()) transposed(seed, false);
}

TEST(ConvKernel, WinogradTransposed)
{
  for (uint32_t seed = 7000; seed < 7150 && !HasFailure(); seed += seed_step()) transposed(seed, true);
}

TEST(DenseKernel, Products)
{
  for (uint32_t seed = 4000; seed < 4200 && !HasFailure(); seed += seed_step()) {
    SCOPED_TRACE(seed);
    Runner r(seed);
    const uint32_t batch = r.pick(0, 3) ? 1 : u(r.pick(2, 3)), m = u(r.coin() ? 1 : r.pick(1, 30)), k = u(r.pick(1, 150)), n = u(r.pick(1, 150));
    const bool shared = batch > 1 && r.coin(), packed_here = r.coin();
    const Tensor x = random_tensor(r, {batch, m, k}, 1), w = random_tensor(r, {shared ? 1 : batch, k, n}, 0.3f), bias = random_tensor(r, {n}, 1);
    Post post(r, n);
    const Tensor residual = random_tensor(r, {batch, m, n}, 1);
    const auto floats = [](const Tensor &t) { return std::vector<float>(t.as<float>().begin(), t.as<float>().end()); };
    const auto vector = [&](const Tensor *t) { return put(r, pad_vector(t, n, 32)); };
    std::vector<float> packed;
    for (uint32_t i = 0; i < (shared ? 1 : batch); ++i) {
      const auto one = pack_dense(w.as<float>().data() + size_t{i} * k * n, k, n);
      packed.insert(packed.end(), one.begin(), one.end());
    }
    net2c_ref wp = put(r, packed);
    if (packed_here) {
      const net2c_ref plain = put(r, floats(w));
      wp = r.space(packed.size() * 4);
      r.run("pack_dense", net2c_pack_dense_args{plain, wp, shared ? 1 : batch, k, n, 1});
      ASSERT_EQ(0, std::memcmp(r.data(wp), packed.data(), packed.size() * 4));
    }
    // The app's memory: at any alignment, nothing behind it.
    const net2c_ref none = NET2C_NONE, y = r.space(size_t{batch} * m * n * 4);
    std::vector<float> app(x.as<float>().size() + 1);
    std::copy(x.as<float>().begin(), x.as<float>().end(), app.begin() + 1);
    r.inputs = {app.data() + 1};
    const uint32_t blocks = (n + 31) / 32;
    net2c_dense_args a{NET2C_REF(NET2C_INPUT, 0), y, post.residual ? put(r, floats(residual)) : none, wp, vector(&bias),
                       post.affine ? vector(&post.scale) : none, post.affine ? vector(&post.shift) : none, batch, m, k, n, m * k,
                       shared ? 0 : blocks * 32 * k, post.act, post.a, post.b, 1, 1};
    std::vector<std::pair<net2c_dense_args, uint32_t>> cut;
    for (int i = 0; i < 3; ++i) {
      a.row_chunks = i ? u(r.pick(1, m)) : 1, a.column_chunks = i ? u(r.pick(1, blocks)) : 1;
      cut.push_back({a, batch * a.row_chunks * a.column_chunks});
    }
    r.run("dense", cut);
    for (uint32_t b = 0, at = 0; b < batch; ++b)
      for (uint32_t i = 0; i < m; ++i)
        for (uint32_t j = 0; j < n; ++j, ++at) {
          double sum = static_cast<double>(bias.as<float>()[j]);
          for (uint32_t l = 0; l < k; ++l)
            sum += static_cast<double>(x.as<float>()[(b * m + i) * k + l]) * static_cast<double>(w.as<float>()[((shared ? 0 : b) * k + l) * n + j]);
          if (post.residual) sum += static_cast<double>(residual.as<float>()[at]);
          ASSERT_TRUE(Runner::near(static_cast<double>(r.data(y)[at]), post(sum, j), 1e-4)) << m << "x" << k << "x" << n << " at " << i << " " << j;
        }
  }
}
