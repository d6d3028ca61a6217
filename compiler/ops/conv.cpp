#include <algorithm>
#include <array>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const Conv &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x"), &w = need(inputs, 1, "weights");
  want_float(x, "x");
  want_type(w, x.type, "weights");
  want_rank(x, 4, "x");
  want_rank(w, 4, "weights");
  want_ints("strides", op.strides, 2, 1, window_limit);
  want_ints("dilations", op.dilations, 2, 1, window_limit);
  want_ints("pads", op.pads, 4, -window_limit, window_limit);
  want_between("group", op.group, 1, window_limit);
  if (w.shape[0] < 1 || w.shape[0] % op.group) fail({}, "{} output channels in {} groups", w.shape[0], op.group);
  if (x.shape[1] < 1 || w.shape[1] < 1 || x.shape[1] % op.group || x.shape[1] / op.group != w.shape[1])
    fail({}, "x {} has {} channels, but weights {} in {} groups read {} each", text_of(x.shape), x.shape[1], text_of(w.shape),
         op.group, w.shape[1]);
  TypedShape y{x.type, {x.shape[0], w.shape[0], 0, 0}};
  for (size_t d = 0; d < 2; ++d) {
    const int64_t size = x.shape[2 + d], before = op.pads[d], after = op.pads[d + 2];
    y.shape[2 + d] = windows(size, before, after, w.shape[2 + d], op.strides[d], op.dilations[d]);
    if (y.shape[2 + d] < 1)
      fail({}, "kernel {}x{} does not fit into x {} with pads {} (the result would be empty)", w.shape[2], w.shape[3],
           text_of(x.shape), fmt::join(op.pads, ","));
    if (op.fill == Fill::edge && size < 1) fail({}, "edge padding of an empty axis");
    if (op.fill == Fill::reflect && std::max(before, after) >= std::max<int64_t>(size, 1))
      fail({}, "reflect padding by {} of an axis of {}", std::max(before, after), size);
  }
  check_epilogue(inputs, y, w.shape[0]);
  return y;
}

namespace {

// For each tap of an axis and each output: the position in x, or -1 for a zero. [kernel][outputs]
Ints sources(int64_t kernel, int64_t outputs, int64_t size, int64_t pad, int64_t stride, int64_t dilation, Fill fill)
{
  Ints from;
  for (int64_t k = 0; k < kernel; ++k)
    for (int64_t o = 0; o < outputs; ++o) from.push_back(filled_from(o * stride - pad + k * dilation, size, fill));
  return from;
}

}  // namespace

// A block of outputs at a time: all the taps that they read are laid out by tap, then every channel is a sum over them.
Tensor compute(const Conv &op, const Tensors &in, const Value &out)
{
  constexpr size_t block = 32;
  const Shape &xs = in[0]->shape, &ws = in[1]->shape;
  const std::vector<double> x = in[0]->numbers(), w = in[1]->numbers();
  const Finish finish(op.epilogue, in);
  const int64_t oh = out.shape[2], ow = out.shape[3], positions = oh * ow, plane = xs[2] * xs[3];
  const int64_t outputs = ws[0] / op.group, channels = ws[1];
  const Ints rows = sources(ws[2], oh, xs[2], op.pads[0], op.strides[0], op.dilations[0], op.fill);
  const Ints columns = sources(ws[3], ow, xs[3], op.pads[1], op.strides[1], op.dilations[1], op.fill);
  const size_t taps = static_cast<size_t>(channels * ws[2] * ws[3]);

  std::vector<double> result(static_cast<size_t>(count(out.shape))), read(taps * block);
  for (int64_t image = 0; image < xs[0] * op.group; ++image) {
    const int64_t n = image / op.group, g = image % op.group;
    for (int64_t first = 0; first < positions; first += static_cast<int64_t>(block)) {
      const size_t width = static_cast<size_t>(std::min(positions - first, static_cast<int64_t>(block)));
      double *to = read.data();
      for (int64_t c = 0; c < channels; ++c) {
        const double *from = x.data() + (n * xs[1] + g * channels + c) * plane;
        for (int64_t ky = 0; ky < ws[2]; ++ky)
          for (int64_t kx = 0; kx < ws[3]; ++kx, to += block)
            for (size_t p = 0; p < width; ++p) {
              const int64_t at = first + static_cast<int64_t>(p);
              const int64_t iy = rows[static_cast<size_t>(ky * oh + at / ow)], ix = columns[static_cast<size_t>(kx * ow + at % ow)];
              to[p] = iy < 0 || ix < 0 ? 0.0 : from[iy * xs[3] + ix];
            }
      }
      for (int64_t o = g * outputs; o < (g + 1) * outputs; ++o) {
        std::array<double, block> sum{};
        const double *weight = w.data() + static_cast<size_t>(o) * taps, *tap = read.data();
        for (size_t k = 0; k < taps; ++k, tap += block)
          for (size_t p = 0; p < block; ++p) sum[p] += weight[k] * tap[p];
        for (size_t p = 0; p < width; ++p) {
          const int64_t at = (n * ws[0] + o) * positions + first + static_cast<int64_t>(p);
          result[static_cast<size_t>(at)] = finish(sum[p], o, at);
        }
      }
    }
  }
  return tensor_of(out, result);
}

}  // namespace net2c
