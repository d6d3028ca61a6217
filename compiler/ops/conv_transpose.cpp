#include <algorithm>

#include "ops/common.h"

namespace net2c {

TypedShape infer(const ConvTranspose &op, const Values &inputs, const Shape &)
{
  const Value &x = need(inputs, 0, "x"), &w = need(inputs, 1, "weights");
  want_float(x, "x");
  want_type(w, x.type, "weights");
  want_rank(x, 4, "x");
  want_rank(w, 4, "weights");
  want_ints("strides", op.strides, 2, 1, window_limit);
  want_ints("dilations", op.dilations, 2, 1, window_limit);
  want_ints("pads", op.pads, 4, -window_limit, window_limit);
  want_ints("output_padding", op.output_padding, 2, 0, window_limit);
  want_between("group", op.group, 1, window_limit);
  if (x.shape[1] != w.shape[0] || w.shape[0] < 1 || w.shape[0] % op.group)
    fail({}, "x {} does not fit weights {} in {} groups", text_of(x.shape), text_of(w.shape), op.group);
  want_between("output channels a group", w.shape[1], 1, window_limit);
  TypedShape y{x.type, {x.shape[0], w.shape[1] * op.group, 0, 0}};
  for (size_t d = 0; d < 2; ++d) {
    want_between("a size of x", x.shape[2 + d], 1, window_limit);
    want_between("a kernel size", w.shape[2 + d], 1, window_limit);
    y.shape[2 + d] = (x.shape[2 + d] - 1) * op.strides[d] + op.dilations[d] * (w.shape[2 + d] - 1) + 1 - op.pads[d] -
                     op.pads[d + 2] + op.output_padding[d];
    if (y.shape[2 + d] < 1) fail({}, "pads {} leave nothing of the result", fmt::join(op.pads, ","));
  }
  check_epilogue(inputs, y, y.shape[1]);
  return y;
}

namespace {

// Inputs [first, end) whose tap lands inside 0..size: i * stride + offset.
struct Landing {
  int64_t first, end;
};
Landing landing(int64_t inputs, int64_t stride, int64_t offset, int64_t size)
{
  const int64_t first = offset < 0 ? (-offset + stride - 1) / stride : 0;
  const int64_t end = offset >= size ? 0 : (size - 1 - offset) / stride + 1;
  return {first, std::min(end, inputs)};
}

}  // namespace

Tensor compute(const ConvTranspose &op, const Tensors &in, const Value &out)
{
  const Shape &xs = in[0]->shape, &ws = in[1]->shape, &ys = out.shape;
  const std::vector<double> x = in[0]->numbers(), w = in[1]->numbers();
  const Finish finish(op.epilogue, in);
  const int64_t plane = ys[2] * ys[3], channels = xs[1] / op.group;
  std::vector<double> result(static_cast<size_t>(count(ys)));
  for (int64_t n = 0; n < ys[0]; ++n)
    for (int64_t o = 0; o < ys[1]; ++o) {
      const int64_t g = o / ws[1], start = (n * ys[1] + o) * plane;
      double *sums = result.data() + start;
      for (int64_t c = g * channels; c < (g + 1) * channels; ++c)
        for (int64_t ky = 0; ky < ws[2]; ++ky)
          for (int64_t kx = 0; kx < ws[3]; ++kx) {
            const double weight = w[static_cast<size_t>(((c * ws[1] + o % ws[1]) * ws[2] + ky) * ws[3] + kx)];
            const int64_t dy = ky * op.dilations[0] - op.pads[0], dx = kx * op.dilations[1] - op.pads[1];
            const Landing rows = landing(xs[2], op.strides[0], dy, ys[2]), columns = landing(xs[3], op.strides[1], dx, ys[3]);
            for (int64_t iy = rows.first; iy < rows.end; ++iy) {
              const double *from = x.data() + ((n * xs[1] + c) * xs[2] + iy) * xs[3];
              double *to = sums + (iy * op.strides[0] + dy) * ys[3];
              for (int64_t ix = columns.first; ix < columns.end; ++ix) to[ix * op.strides[1] + dx] += weight * from[ix];
            }
          }
      for (int64_t i = 0; i < plane; ++i) sums[i] = finish(sums[i], o, start + i);
    }
  return tensor_of(out, result);
}

}  // namespace net2c
