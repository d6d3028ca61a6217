#include "import/onnx/window.h"

#include <algorithm>

namespace net2c::onnx {

void check_window(const char *name, const Ints &values, int64_t low)
{
  for (int64_t v : values)
    if (v < low || v > window_limit) fail({}, "{} {} is out of range", name, v);
}

Window window_of(Layer &layer, size_t dims, Ints kernel)
{
  Window w;
  const auto list = [&](const char *name, size_t n, int64_t otherwise) {
    Ints values = layer.integers(name).value_or(Ints{});
    if (values.empty()) values.assign(n, otherwise);
    if (values.size() != n) fail({}, "{} has {} numbers, but must have {}", name, values.size(), n);
    return values;
  };
  const std::optional<Ints> given = layer.integers("kernel_shape");
  if (kernel.empty() && !given) fail({}, "attribute 'kernel_shape' is missing");
  w.kernel = given ? list("kernel_shape", dims, 1) : kernel;
  if (!kernel.empty() && w.kernel != kernel)
    fail({}, "kernel_shape {} is not that of the weights, {}", text_of(w.kernel), text_of(kernel));
  w.strides = list("strides", dims, 1);
  w.dilations = list("dilations", dims, 1);
  w.pads = list("pads", 2 * dims, 0);
  w.auto_pad = layer.text("auto_pad", "NOTSET");
  if (w.auto_pad.empty()) w.auto_pad = "NOTSET";
  if (w.auto_pad != "NOTSET" && w.auto_pad != "SAME_UPPER" && w.auto_pad != "SAME_LOWER" && w.auto_pad != "VALID")
    fail({}, "auto_pad '{}' is unknown", w.auto_pad);
  if (w.auto_pad != "NOTSET") std::fill(w.pads.begin(), w.pads.end(), 0);
  check_window("kernel size", w.kernel, 1);
  check_window("stride", w.strides, 1);
  check_window("dilation", w.dilations, 1);
  check_window("pad", w.pads, -window_limit);
  if (dims == 1) {
    for (Ints *one : {&w.kernel, &w.strides, &w.dilations}) one->insert(one->begin(), 1);
    w.pads = {0, w.pads[0], 0, w.pads[1]};
  }
  return w;
}

int64_t reach(const Window &w, size_t d) { return w.dilations[d] * (w.kernel[d] - 1) + 1; }

void distribute(Window &w, size_t d, int64_t total, bool odd_at_end)
{
  w.pads[d] = odd_at_end ? total / 2 : total - total / 2;
  w.pads[d + w.dims()] = total - w.pads[d];
}

void pad_same(Window &w, const Shape &x)
{
  if (w.auto_pad != "SAME_UPPER" && w.auto_pad != "SAME_LOWER") return;
  for (size_t d = 0; d < w.dims(); ++d) {
    const int64_t size = x[2 + d], out = (size + w.strides[d] - 1) / w.strides[d];
    distribute(w, d, std::max<int64_t>(0, (out - 1) * w.strides[d] + reach(w, d) - size), w.auto_pad == "SAME_UPPER");
  }
}

}  // namespace net2c::onnx
