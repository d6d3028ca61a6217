// Upsample (versions 1 to 9) and Resize (10 on): by scales or by sizes.
#include <algorithm>
#include <cmath>

#include "import/onnx/operators.h"
#include "ops/resize.h"

namespace net2c::onnx {

namespace {

ResizeKind kind_of(const std::string &mode)
{
  if (mode == "nearest") return ResizeKind::nearest;
  if (mode == "linear" || mode == "bilinear") return ResizeKind::linear;
  if (mode == "cubic") return ResizeKind::cubic;
  fail({}, "mode '{}' is unknown", mode);
}

Coordinates coordinates_of(const std::string &mode)
{
  if (mode == "half_pixel") return Coordinates::half_pixel;
  if (mode == "pytorch_half_pixel") return Coordinates::pytorch_half_pixel;
  if (mode == "asymmetric") return Coordinates::asymmetric;
  if (mode == "align_corners") return Coordinates::align_corners;
  if (mode == "half_pixel_symmetric") return Coordinates::half_pixel_symmetric;
  if (mode == "tf_half_pixel_for_nn") return Coordinates::half_pixel_centre;
  if (mode == "tf_crop_and_resize") return Coordinates::crop;
  fail({}, "coordinate_transformation_mode '{}' is unknown", mode);
}

Nearest nearest_of(const std::string &mode)
{
  if (mode == "round_prefer_floor") return Nearest::round_prefer_floor;
  if (mode == "round_prefer_ceil") return Nearest::round_prefer_ceil;
  if (mode == "floor") return Nearest::floor;
  if (mode == "ceil") return Nearest::ceil;
  fail({}, "nearest_mode '{}' is unknown", mode);
}

int64_t to_size(double size)
{
  if (!(size >= 0 && size < 0x1p40)) fail({}, "a result of {} elements along an axis", size);
  return static_cast<int64_t>(size);
}

// floor(size * scale) with one rounding to float, as shapes of the model's own tools have it.
Shape scaled(const Shape &shape, const std::vector<double> &scales)
{
  if (scales.size() != shape.size()) fail({}, "{} scales for shape {}", scales.size(), text_of(shape));
  Shape result;
  for (size_t d = 0; d < shape.size(); ++d)
    result.push_back(to_size(std::floor(static_cast<double>(static_cast<float>(shape[d]) * static_cast<float>(scales[d])))));
  return result;
}

// For each element of a result, whether its coordinate lies on x; `absent` where all do.
Operand inside(Layer &layer, const Resize &op, const Shape &from, const Shape &to)
{
  Operand all = absent;
  for (size_t d = 0; d < to.size(); ++d) {
    if (stays(op, d, from[d], to[d])) continue;
    Shape shape(to.size(), 1);
    shape[d] = to[d];
    layer.reserve(shape, Type::boolean);
    Tensor along(Type::boolean, shape);
    bool any_outside = false;
    for (int64_t i = 0; i < to[d]; ++i) {
      const double at = source_of(op, d, from[d], to[d], i);
      const bool on = at >= 0 && at <= static_cast<double>(from[d] - 1);
      along.as<uint8_t>()[static_cast<size_t>(i)] = on;
      any_outside |= !on;
    }
    if (!any_outside) continue;
    const Operand mask = layer.constant(std::move(along));
    all = all == absent ? mask : layer.binary(BinaryKind::logical_and, all, mask);
  }
  return all;
}

void finish(Layer &layer, Resize op, const Shape &shape, double outside = 0)
{
  const Operand x = layer.in(0);
  Operand y = layer.add(op, {x}, shape);
  if (op.coordinates == Coordinates::crop)
    if (const Operand mask = inside(layer, op, layer.shape(x), shape); mask != absent)
      y = layer.add(Select{}, {mask, y, layer.scalar(layer.type(x), outside)});
  layer.result(y);
}

// The scales of input i, or nothing when it is absent or empty.
std::vector<double> scales_input(Layer &layer, size_t i)
{
  return layer.maybe(i) == absent ? std::vector<double>{} : layer.known(i, "scales").numbers();
}

// Sizes for all axes that some are given for: exactly, or as bounds with one scale for all.
Shape sized(const Shape &shape, const std::vector<size_t> &axes, const Ints &sizes, const std::string &policy, std::vector<double> &scales)
{
  if (sizes.size() != axes.size()) fail({}, "{} sizes for {} axes", sizes.size(), axes.size());
  Shape result = shape;
  double least = INFINITY, most = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    const size_t d = axes[i];
    if (sizes[i] < 0) fail({}, "a negative size {}", sizes[i]);
    if (shape[d] == 0) fail({}, "axis {} of {} is empty", d, text_of(shape));
    result[d] = sizes[i];
    scales[d] = static_cast<double>(sizes[i]) / static_cast<double>(shape[d]);
    least = std::min(least, scales[d]);
    most = std::max(most, scales[d]);
  }
  if (policy == "stretch" || axes.empty()) return result;
  if (policy != "not_larger" && policy != "not_smaller") fail({}, "keep_aspect_ratio_policy '{}' is unknown", policy);
  const double scale = policy == "not_larger" ? least : most;
  for (size_t d : axes) {
    scales[d] = scale;
    result[d] = to_size(std::floor(scale * static_cast<double>(shape[d]) + 0.5));
  }
  return result;
}

}  // namespace

void upsample(Layer &layer)
{
  Resize op;
  op.kind = kind_of(layer.text("mode", "nearest"));
  op.coordinates = Coordinates::asymmetric;
  op.nearest = Nearest::floor;
  if (layer.version < 7) {
    op.scales = {1, 1, static_cast<double>(layer.real("height_scale", 0)), static_cast<double>(layer.real("width_scale", 0))};
  } else if (layer.version < 9) {
    for (float s : layer.reals("scales").value_or(std::vector<float>{})) op.scales.push_back(static_cast<double>(s));
  } else {
    op.scales = scales_input(layer, 1);
  }
  const Shape shape = scaled(layer.shape(layer.in(0)), op.scales);
  finish(layer, std::move(op), shape);
}

namespace {

// Version 10: an axis that shrinks takes the next element, one that grows the one before.
void first_resize(Layer &layer, Resize op)
{
  op.coordinates = Coordinates::asymmetric;
  const std::vector<double> scales = scales_input(layer, 1);
  scaled(layer.shape(layer.in(0)), scales);   // do they fit?
  Operand x = layer.in(0);
  for (const bool shrinks : {true, false}) {
    op.nearest = shrinks ? Nearest::ceil : Nearest::floor;
    op.scales.clear();
    for (double s : scales) op.scales.push_back((s < 1) == shrinks ? s : 1);
    const Shape shape = scaled(layer.shape(x), op.scales);
    if (op.scales != std::vector<double>(scales.size(), 1)) x = layer.add(op, {x}, shape);
  }
  layer.result(x);
}

}  // namespace

void resize(Layer &layer)
{
  const Shape from = layer.shape(layer.in(0));
  Resize op;
  op.kind = kind_of(layer.text("mode", "nearest"));
  if (layer.version < 11) return first_resize(layer, std::move(op));
  op.coordinates = coordinates_of(layer.text("coordinate_transformation_mode", "half_pixel"));
  op.nearest = nearest_of(layer.text("nearest_mode", "round_prefer_floor"));
  op.cubic_a = layer.real("cubic_coeff_a", -0.75f);
  op.exclude_outside = layer.integer("exclude_outside", 0) != 0;
  op.antialias = layer.integer("antialias", 0) != 0 && op.kind != ResizeKind::nearest;
  const double outside = static_cast<double>(layer.real("extrapolation_value", 0));   // of tf_crop_and_resize
  const std::string policy = layer.text("keep_aspect_ratio_policy", "stretch");

  std::vector<size_t> axes;
  if (const std::optional<Ints> given = layer.integers("axes")) {
    layer.chosen(*given, static_cast<int64_t>(from.size()));
    for (int64_t a : *given) axes.push_back(static_cast<size_t>(layer.axis(a, static_cast<int64_t>(from.size()))));
  } else {
    for (size_t d = 0; d < from.size(); ++d) axes.push_back(d);
  }
  op.scales.assign(from.size(), 1);
  if (op.coordinates == Coordinates::crop) {
    const std::vector<double> roi = layer.known(1, "roi").numbers();
    if (roi.size() != 2 * axes.size()) fail({}, "{} numbers of 'roi' for {} axes", roi.size(), axes.size());
    op.starts.assign(from.size(), 0), op.ends.assign(from.size(), 1);
    for (size_t i = 0; i < axes.size(); ++i) op.starts[axes[i]] = roi[i], op.ends[axes[i]] = roi[i + axes.size()];
  }
  const std::vector<double> scales = scales_input(layer, 2);
  const bool by_sizes = layer.maybe(3) != absent && !layer.known_integers(3, "sizes").empty();
  if (by_sizes == !scales.empty()) fail({}, "either 'scales' or 'sizes' must be given");
  if (by_sizes) {
    const Shape shape = sized(from, axes, layer.known_integers(3, "sizes"), policy, op.scales);
    return finish(layer, std::move(op), shape, outside);
  }
  if (scales.size() != axes.size()) fail({}, "{} scales for {} axes", scales.size(), axes.size());
  for (size_t i = 0; i < axes.size(); ++i) op.scales[axes[i]] = scales[i];
  std::vector<double> of_crop = op.scales;   // the scale is that of what is cut out
  if (op.coordinates == Coordinates::crop)
    for (size_t d = 0; d < from.size(); ++d) of_crop[d] *= op.ends[d] - op.starts[d];
  const Shape shape = scaled(from, of_crop);
  finish(layer, std::move(op), shape, outside);
}

void grid_sample(Layer &layer)
{
  const Operand x = layer.in(0), grid = layer.in(1);
  if (layer.rank(x) == 5) unsupported("of volumes (rank 5)");
  const auto one_of = [&](const char *attribute, const char *otherwise, std::initializer_list<const char *> words) {
    const std::string text = layer.text(attribute, otherwise);
    for (size_t i = 0; i < words.size(); ++i)
      if (text == words.begin()[i]) return i;
    fail({}, "{} '{}' is unknown", attribute, text);
  };
  const bool first = layer.version < 20;   // had other words
  const size_t kind = first ? one_of("mode", "bilinear", {"nearest", "bilinear", "bicubic"}) : one_of("mode", "linear", {"nearest", "linear", "cubic"});
  const size_t outside = one_of("padding_mode", "zeros", {"zeros", "border", "reflection"});
  const GridSample op{static_cast<ResizeKind>(kind), static_cast<Fill>(outside), layer.integer("align_corners", 0) != 0};
  layer.result(layer.add(op, {x, layer.cast(grid, layer.type(x))}));
}

// The places of all pixels, the last axis first and a 1 behind, times the matrix of each image.
void affine_grid(Layer &layer)
{
  const Operand theta = layer.in(0);
  const Shape size = layer.known_integers(1, "size"), matrix = layer.shape(theta);
  const bool align_corners = layer.integer("align_corners", 0) != 0;
  const int64_t axes = static_cast<int64_t>(size.size()) - 2;
  if ((axes != 2 && axes != 3) || matrix != Shape{size[0], axes, axes + 1}) fail({}, "theta {} does not fit size {}", text_of(matrix), text_of(size));
  Shape result(size.begin() + 2, size.end());
  const int64_t places = count(result);
  layer.reserve({places, axes + 1}, Type::f64);
  Tensor base(Type::f64, {places, axes + 1});
  const auto all = base.as<double>();
  for (int64_t p = 0; p < places; ++p) {
    int64_t rest = p;
    double *at = &all[static_cast<size_t>(p * (axes + 1))];
    for (int64_t d = 0; d < axes; ++d) {
      const int64_t n = result[static_cast<size_t>(axes - 1 - d)], i = rest % n;
      rest /= n;
      const double steps = static_cast<double>(align_corners ? n - 1 : n), first = align_corners ? -1 : -1 + 1 / steps;
      at[d] = n == 1 ? 0 : first + 2 * static_cast<double>(i) / steps;
    }
    at[axes] = 1;
  }
  result.insert(result.begin(), size[0]);
  result.push_back(axes);
  const Operand grid = layer.cast(layer.constant(std::move(base)), layer.type(theta));
  layer.result(layer.reshape(matrix_product(layer, grid, layer.transpose(theta, {0, 2, 1})), result));
}

}  // namespace net2c::onnx
