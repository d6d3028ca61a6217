// Windows over depth, height and width, made of those over height and width: the steps along the depth are channels or images.
#include <algorithm>

#include "import/onnx/window.h"

namespace net2c::onnx {

namespace {

constexpr int64_t most_depth = 1024;   // of a kernel: each step of it is an operand

Operand padded(Layer &layer, Operand x, size_t axis, int64_t before, int64_t after)
{
  if (before == 0 && after == 0) return x;
  const size_t rank = layer.shape(x).size();
  Pad op;
  op.pads.assign(2 * rank, 0);
  op.pads[axis] = before, op.pads[axis + rank] = after;
  return layer.add(std::move(op), {x});
}

// Of one axis: element i comes from start + i * step.
Operand sliced(Layer &layer, Operand x, size_t axis, int64_t start, int64_t step, int64_t length)
{
  Shape shape = layer.shape(x);
  Slice op{Ints(shape.size(), 0), Ints(shape.size(), 1)};
  op.starts[axis] = start, op.steps[axis] = step;
  shape[axis] = length;
  return layer.add(std::move(op), {x}, shape);
}

void check_depth(const Window &w)
{
  if (w.kernel[0] > most_depth) unsupported("with a kernel of depth {}", w.kernel[0]);
}

Ints last_two(const Ints &all) { return {all[1], all[2]}; }
Ints pads_of_images(const Window &w) { return {w.pads[1], w.pads[2], w.pads[4], w.pads[5]}; }

}  // namespace

// Each step of the kernel's depth becomes channels: [N][C][D][H][W] -> [N D'][C KD][H][W].
Operand conv_volume(Layer &layer, const Window &w, Operand x, Operand weights, Operand bias)
{
  check_depth(w);
  const Shape k = layer.shape(weights);
  x = padded(layer, x, 2, w.pads[0], w.pads[3]);
  const Shape s = layer.shape(x);
  if (s[2] < reach(w, 0)) fail({}, "kernel {} does not fit into X {}", text_of(w.kernel), text_of(s));
  const int64_t depth = (s[2] - reach(w, 0)) / w.strides[0] + 1;
  std::vector<Operand> steps;
  for (int64_t i = 0; i < w.kernel[0]; ++i)
    steps.push_back(layer.reshape(sliced(layer, x, 2, i * w.dilations[0], w.strides[0], depth), {s[0], s[1], 1, depth, s[3], s[4]}));
  const Operand joined = steps.size() == 1 ? steps[0] : layer.add(Concat{2}, steps);
  const Operand images = layer.reshape(layer.transpose(joined, {0, 3, 1, 2, 4, 5}), {s[0] * depth, s[1] * w.kernel[0], s[3], s[4]});
  std::vector<Operand> inputs{images, layer.reshape(weights, {k[0], k[1] * k[2], k[3], k[4]})};
  if (bias != absent) inputs.push_back(bias);
  const Conv op{.strides = last_two(w.strides), .dilations = last_two(w.dilations), .pads = pads_of_images(w), .group = layer.integer("group", 1), .epilogue = {}};
  const Operand y = layer.add(op, inputs);
  const Shape r = layer.shape(y);
  return layer.transpose(layer.reshape(y, {s[0], depth, r[1], r[2], r[3]}), {0, 2, 1, 3, 4});
}

// Every image gives one for each step of the kernel's depth; these are spread by the stride, shifted and added up.
Operand conv_transpose_volume(Layer &layer, const Window &w, const Ints &output_padding, Operand x, Operand weights, Operand bias)
{
  check_depth(w);
  const Shape s = layer.shape(x), k = layer.shape(weights);
  const int64_t group = layer.integer("group", 1), steps = w.kernel[0], stride = w.strides[0];
  const int64_t depth = (s[2] - 1) * stride + reach(w, 0) + output_padding[0] - w.pads[0] - w.pads[3];
  if (depth < 1) fail({}, "pads {} leave nothing of the result", fmt::join(w.pads, ","));
  const ConvTranspose op{.strides = last_two(w.strides), .dilations = last_two(w.dilations), .pads = pads_of_images(w),
                         .output_padding = {output_padding[1], output_padding[2]}, .group = group, .epilogue = {}};
  const Operand images = layer.reshape(layer.transpose(x, {0, 2, 1, 3, 4}), {s[0] * s[2], s[1], s[3], s[4]});
  Operand parts = layer.add(op, {images, layer.reshape(weights, {k[0], k[1] * k[2], k[3], k[4]})});
  const Shape r = layer.shape(parts);
  const int64_t channels = r[1] / steps, pixels = r[2] * r[3];
  parts = layer.transpose(layer.reshape(parts, {s[0], s[2], channels, steps, pixels}), {0, 2, 3, 1, 4});
  Operand y = absent;
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t first = i * w.dilations[0] - w.pads[0], end = first + s[2] * stride;
    if (end <= 0 || first >= depth) continue;
    Operand part = layer.reshape(sliced(layer, parts, 2, i, 1, 1), {s[0], channels, s[2], 1, pixels});
    part = layer.reshape(padded(layer, part, 3, 0, stride - 1), {s[0], channels, s[2] * stride, pixels});
    part = padded(layer, part, 2, first, depth - end);
    y = y == absent ? part : layer.binary(BinaryKind::add, y, part);
  }
  if (y == absent) y = layer.add(Expand{}, {layer.scalar(layer.type(x), 0)}, {s[0], channels, depth, pixels});
  if (bias != absent) y = layer.binary(BinaryKind::add, y, layer.reshape(bias, {channels, 1, 1}));
  return layer.reshape(y, {s[0], channels, depth, r[2], r[3]});
}

// Over the images first, then along the depth: the largest of the largest, the mean of means.
Operand pool_volume(Layer &layer, const Window &w, Pool op, Operand x, const Shape &result)
{
  const Shape s = layer.shape(x);
  op.kernel = last_two(w.kernel), op.strides = last_two(w.strides), op.dilations = last_two(w.dilations), op.pads = pads_of_images(w);
  const Operand images = layer.add(op, {layer.reshape(x, {s[0], s[1] * s[2], s[3], s[4]})}, {s[0], s[1] * s[2], result[3], result[4]});
  const int64_t pixels = result[3] * result[4];
  op.kernel = {w.kernel[0], 1}, op.strides = {w.strides[0], 1}, op.dilations = {w.dilations[0], 1}, op.pads = {w.pads[0], 0, w.pads[3], 0};
  const Operand columns = layer.add(std::move(op), {layer.reshape(images, {s[0], s[1], s[2], pixels})}, {s[0], s[1], result[2], pixels});
  return layer.reshape(columns, result);
}

}  // namespace net2c::onnx
