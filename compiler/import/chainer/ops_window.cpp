// Convolutions and poolings. Those over one dimension are computed as images of height 1.
#include <algorithm>
#include <limits>

#include "import/chainer/functions.h"

namespace net2c::chainer {

namespace {

constexpr int64_t limit = int64_t{1} << 30;   // of sizes and steps: products of two do not overflow

// The window attributes, for two dimensions. pads: at both ends of H, of W.
struct Window {
  Ints kernel, strides, pads, dilations;
};

void check(const char *name, const Ints &values, int64_t low)
{
  for (int64_t v : values)
    if (v < low || v > limit) fail({}, "{} {} is out of range", name, v);
}

// One attribute: in two dimensions as a pair y, x, else as a list.
Ints pair_of(Layer &layer, size_t dims, const char *y, const char *x, const char *list, int64_t otherwise, int64_t unused)
{
  if (layer.has(y) || layer.has(x)) return {layer.integer(y, otherwise), layer.integer(x, otherwise)};
  Ints values = layer.integers(list).value_or(Ints(dims, otherwise));
  if (values.size() != dims) fail({}, "attribute '{}' has {} numbers, but must have {}", list, values.size(), dims);
  if (dims == 1) values.insert(values.begin(), unused);
  return values;
}

Window window_of(Layer &layer, size_t dims, Ints kernel)
{
  if (const int64_t n = layer.integer("ndim", static_cast<int64_t>(dims)); n != static_cast<int64_t>(dims))
    fail({}, "ndim is {}, but x has {} spatial dimensions", n, dims);
  Window w;
  w.kernel = kernel.empty() ? pair_of(layer, dims, "kh", "kw", "ksize", 0, 1) : std::move(kernel);
  w.strides = pair_of(layer, dims, "sy", "sx", "stride", 1, 1);
  w.pads = pair_of(layer, dims, "ph", "pw", "pad", 0, 0);
  w.dilations = pair_of(layer, dims, "dy", "dx", "dilate", 1, 1);
  check("kernel size", w.kernel, 1);
  check("stride", w.strides, 1);
  check("pad", w.pads, 0);
  check("dilation", w.dilations, 1);
  return w;
}

int64_t reach(const Window &w, size_t d) { return w.dilations[d] * (w.kernel[d] - 1) + 1; }

// Windows along dimension d; cover_all has one more where they leave a rest.
int64_t windows(const Window &w, size_t d, int64_t size, bool cover_all)
{
  const int64_t room = size + 2 * w.pads[d] - reach(w, d) + (cover_all ? w.strides[d] - 1 : 0);
  if (room < 0) fail({}, "kernel {} does not fit a size of {} with pads of {}", text_of(w.kernel), size, w.pads[d]);
  return room / w.strides[d] + 1;
}

void check_image(Layer &layer, const char *what, Operand x)
{
  const int64_t rank = layer.rank(x);
  if (rank == 5) unsupported("over three spatial dimensions");
  if (rank != 3 && rank != 4) fail({}, "{} has shape {}, but must have 4 dimensions (or 3)", what, text_of(layer.shape(x)));
  check("size", layer.shape(x), 0);
}

// [A][B][L] -> [A][B][1][L]
Operand as_image(Layer &layer, Operand x)
{
  const Shape &s = layer.shape(x);
  return s.size() == 4 ? x : layer.reshape(x, {s[0], s[1], 1, s[2]});
}

Operand like_input(Layer &layer, Operand y, int64_t rank)
{
  const Shape &s = layer.shape(y);
  return rank == 4 ? y : layer.reshape(y, {s[0], s[1], s[3]});
}

struct Images {
  int64_t rank;
  size_t dims;
  std::vector<Operand> inputs;   // x, weights, bias where there is one
  Ints kernel;
};

Images images_of(Layer &layer)
{
  const Operand x = layer.in(0), w = layer.in(1);
  check_image(layer, "x", x);
  check_image(layer, "W", w);
  if (layer.rank(x) != layer.rank(w)) fail({}, "x {} and W {} have different ranks", text_of(layer.shape(x)), text_of(layer.shape(w)));
  Images images{layer.rank(x), static_cast<size_t>(layer.rank(x) - 2), {as_image(layer, x), as_image(layer, w)}, {}};
  const Shape &weights = layer.shape(images.inputs[1]);
  images.kernel = {weights[2], weights[3]};
  if (layer.maybe(2) != absent) images.inputs.push_back(layer.in(2));
  return images;
}

// The sizes that a transposed operation is to have, by attribute outh and outw, or outs; without, those that come by themselves.
// With cover_all those are the least that give x when they are covered.
Ints wanted_sizes(Layer &layer, size_t dims, const Window &w, const Shape &x, bool cover_all)
{
  Ints natural;
  for (size_t d = 0; d < 2; ++d)
    natural.push_back((x[2 + d] - 1) * w.strides[d] + reach(w, d) - 2 * w.pads[d] - (cover_all ? w.strides[d] - 1 : 0));
  Ints out = dims == 2 && (layer.has("outh") || layer.has("outw")) ? Ints{layer.integer("outh", natural[0]), layer.integer("outw", natural[1])}
                                                                   : layer.integers("outs").value_or(Ints{});
  if (out.empty()) return natural;
  if (out.size() == 1 && dims == 1) out.insert(out.begin(), natural[0]);
  if (out.size() != 2) fail({}, "{} output sizes are given for {} dimensions", out.size(), dims);
  check("output size", out, 1);
  return out;
}

Operand transposed(Layer &layer, const Window &w, int64_t group, const std::vector<Operand> &inputs, const Ints &out)
{
  const Shape &x = layer.shape(inputs[0]);
  ConvTranspose op{.strides = w.strides, .dilations = w.dilations, .pads = {w.pads[0], w.pads[1], w.pads[0], w.pads[1]}, .output_padding = {0, 0},
                   .group = group, .epilogue = {}};
  for (size_t d = 0; d < 2; ++d) {
    const int64_t more = out[d] - ((x[2 + d] - 1) * w.strides[d] + reach(w, d) - 2 * w.pads[d]);
    op.output_padding[d] = std::max<int64_t>(0, more);
    op.pads[2 + d] += std::max<int64_t>(0, -more);
  }
  return layer.add(std::move(op), inputs);
}

}  // namespace

void convolution(Layer &layer)
{
  const Images images = images_of(layer);
  const Window w = window_of(layer, images.dims, images.kernel);
  const bool cover_all = layer.flag("cover_all", false);
  Conv op{.strides = w.strides, .dilations = w.dilations, .pads = {w.pads[0], w.pads[1], w.pads[0], w.pads[1]},
          .group = layer.integer("groups", 1), .epilogue = {}};
  for (size_t d = 0; d < 2; ++d) {
    const int64_t size = layer.shape(images.inputs[0])[2 + d];
    const int64_t end = (windows(w, d, size, cover_all) - 1) * w.strides[d] + reach(w, d);
    op.pads[2 + d] += std::max<int64_t>(0, end - size - 2 * w.pads[d]);
  }
  layer.result(like_input(layer, layer.add(std::move(op), images.inputs), images.rank));
}

void deconvolution(Layer &layer)
{
  const Images images = images_of(layer);
  const Window w = window_of(layer, images.dims, images.kernel);
  const Ints out = wanted_sizes(layer, images.dims, w, layer.shape(images.inputs[0]), false);
  layer.result(like_input(layer, transposed(layer, w, layer.integer("groups", 1), images.inputs, out), images.rank));
}

namespace {

Operand pool(Layer &layer, const Window &w, Operand image, PoolKind kind, bool cover_all, bool count_pad)
{
  Shape shape = layer.shape(image);
  Ints rest(8, 0);
  for (size_t d = 0; d < 2; ++d) {
    const int64_t size = shape[2 + d], all = windows(w, d, size, cover_all);
    // Strides longer than the kernel may leave a last window that begins after the padding: it has nothing in it.
    shape[2 + d] = std::min(all, (size + 2 * w.pads[d] - 1) / w.strides[d] + 1);
    rest[6 + d] = all - shape[2 + d];
  }
  Pool op{.kind = kind, .kernel = w.kernel, .strides = w.strides, .dilations = w.dilations, .pads = {w.pads[0], w.pads[1], w.pads[0], w.pads[1]},
          .count_include_pad = count_pad};
  const Operand y = layer.add(std::move(op), {image}, shape);
  return rest[6] || rest[7] ? layer.add(Pad{PadKind::constant, rest, -std::numeric_limits<float>::infinity()}, {y}) : y;
}

}  // namespace

void max_pooling(Layer &layer)
{
  const Operand x = layer.in(0);
  check_image(layer, "x", x);
  const Window w = window_of(layer, static_cast<size_t>(layer.rank(x) - 2), {});
  layer.result(like_input(layer, pool(layer, w, as_image(layer, x), PoolKind::max, layer.flag("cover_all", true), false), layer.rank(x)));
}

// The padding counts, unless the function is told to pad with nothing (pad_value null).
void average_pooling(Layer &layer)
{
  const Operand x = layer.in(0);
  check_image(layer, "x", x);
  const size_t dims = static_cast<size_t>(layer.rank(x) - 2);
  const bool two = layer.has("kh");
  const Window w = window_of(layer, dims, {});
  const bool counts = two || layer.has("pad_value");
  if (layer.real("pad_value", 0) != 0) unsupported("with a pad_value other than 0 and None");
  layer.result(like_input(layer, pool(layer, w, as_image(layer, x), PoolKind::average, false, counts), layer.rank(x)));
}

// Each number fills its window; where windows overlap they add up.
void unpooling(Layer &layer)
{
  const Operand x = layer.in(0);
  check_image(layer, "x", x);
  const size_t dims = static_cast<size_t>(layer.rank(x) - 2);
  const Window w = window_of(layer, dims, {});
  const Operand image = as_image(layer, x);
  const Shape shape = layer.shape(image);
  const Ints out = wanted_sizes(layer, dims, w, shape, layer.flag("cover_all", true));
  Operand y;
  if (w.kernel == w.strides && w.pads == Ints{0, 0}) {
    const Shape full{shape[0], shape[1], shape[2] * w.kernel[0], shape[3] * w.kernel[1]};
    y = layer.add(Resize{.kind = ResizeKind::nearest, .coordinates = Coordinates::asymmetric, .nearest = Nearest::floor,
                         .scales = {1, 1, static_cast<double>(w.kernel[0]), static_cast<double>(w.kernel[1])}},
                  {image}, full);
    if (out != Ints{full[2], full[3]}) y = layer.add(Pad{PadKind::constant, {0, 0, 0, 0, 0, 0, out[0] - full[2], out[1] - full[3]}, 0}, {y});
  } else {
    const Shape ones{shape[1], 1, w.kernel[0], w.kernel[1]};
    layer.reserve(ones, Type::f32);
    y = transposed(layer, w, shape[1], {image, layer.add(Expand{}, {layer.scalar(layer.type(x), 1)}, ones)}, out);
  }
  layer.result(like_input(layer, y, layer.rank(x)));
}

// Each number goes where the largest one of its window stood (the first of equal ones), all else is 0. Input 1: what the max
// pooling read whose positions these are.
void upsampling(Layer &layer)
{
  const Operand x = layer.in(0);
  Operand pooled = layer.in(1);
  check_image(layer, "x", x);
  check_image(layer, "the input of the max pooling", pooled);
  if (layer.rank(x) != 4 || layer.rank(pooled) != 4) fail({}, "x has shape {}, but must have 4 dimensions", text_of(layer.shape(x)));
  const Window w = window_of(layer, 2, {});
  const Ints out = wanted_sizes(layer, 2, w, layer.shape(x), layer.flag("cover_all", true));
  if (w.kernel != w.strides || w.pads != Ints{0, 0}) unsupported("with windows that overlap, or padding");
  if (w.kernel[0] * w.kernel[1] > 64) unsupported("with windows of more than 64 elements");
  const Shape shape = layer.shape(x), from = layer.shape(pooled);
  const int64_t h = shape[2] * w.kernel[0], width = shape[3] * w.kernel[1];
  if (h != from[2] || width != from[3])
    pooled = layer.add(Pad{PadKind::constant, {0, 0, 0, 0, 0, 0, h - from[2], width - from[3]}, -std::numeric_limits<float>::infinity()}, {pooled});
  const Operand best = pool(layer, w, pooled, PoolKind::max, false, false);
  if (layer.shape(best) != shape) fail({}, "x {} does not fit the max pooling's result {}", text_of(shape), text_of(layer.shape(best)));
  const Operand zero = layer.scalar(layer.type(x), 0);
  Operand taken = absent;
  std::vector<Operand> rows;
  for (int64_t ky = 0; ky < w.kernel[0]; ++ky) {
    std::vector<Operand> columns;
    for (int64_t kx = 0; kx < w.kernel[1]; ++kx) {
      const Operand tap = part_of(layer, part_of(layer, pooled, 2, ky, shape[2], w.kernel[0]), 3, kx, shape[3], w.kernel[1]);
      const Operand equal = layer.binary(BinaryKind::equal, tap, best);
      const Operand here = taken == absent ? equal : layer.binary(BinaryKind::logical_and, equal, layer.unary({UnaryKind::logical_not}, taken));
      taken = taken == absent ? equal : layer.binary(BinaryKind::logical_or, taken, equal);
      columns.push_back(layer.reshape(layer.add(Select{}, {here, x, zero}), {shape[0], shape[1], shape[2], 1, shape[3], 1}));
    }
    rows.push_back(columns.size() == 1 ? columns[0] : layer.add(Concat{5}, columns));
  }
  Operand y = layer.reshape(rows.size() == 1 ? rows[0] : layer.add(Concat{3}, rows), {shape[0], shape[1], h, width});
  if (out != Ints{h, width}) y = layer.add(Pad{PadKind::constant, {0, 0, 0, 0, 0, 0, out[0] - h, out[1] - width}, 0}, {y});
  layer.result(y);
}

}  // namespace net2c::chainer
