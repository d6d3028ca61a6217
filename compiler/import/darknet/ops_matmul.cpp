#include "import/darknet/sections.h"

namespace net2c::darknet {

void connected(Layer &layer)
{
  const int64_t outputs = layer.integer("output", 1, 1, 1 << 24), batch = layer.shape(layer.in())[0];
  const int64_t inputs = layer.channels() * layer.height() * layer.width();
  const Operand biases = layer.weights({outputs});
  const bool transposed = layer.weights_transposed();
  Operand w = layer.weights(transposed ? Shape{inputs, outputs} : Shape{outputs, inputs});
  if (!transposed) w = layer.transpose(w, {1, 0});
  const Operand x = layer.reshape(layer.in(), {batch, inputs});
  const Shape shape{batch, outputs, 1, 1};
  Operand y;
  if (layer.flag("batch_normalize")) {
    const Operand scales = layer.weights({outputs}), mean = layer.weights({outputs}), variance = layer.weights({outputs});
    y = normalized(layer, layer.reshape(layer.add(MatMul{}, {x, w}), shape), scales, biases, mean, variance);
  } else {
    y = layer.reshape(layer.add(MatMul{}, {x, w, biases}), shape);
  }
  layer.result(activated(layer, y, "logistic"));
}

// A convolution with weights of its own at each place: one matrix product a place. The weights are
// [rows][columns][filters][channels][size][size].
void local(Layer &layer)
{
  const int64_t filters = layer.integer("filters", 1, 1, 1 << 24), size = layer.integer("size", 1, 1, 15);
  const int64_t stride = layer.integer("stride", 1, 1, 1 << 16), pad = layer.flag("pad");
  const Shape in = layer.shape(layer.in());
  const int64_t rows = (in[2] + 2 * pad - size) / stride + 1, columns = (in[3] + 2 * pad - size) / stride + 1;
  if (in[2] + 2 * pad < size || in[3] + 2 * pad < size) fail({}, "its windows of {}x{} are larger than its input of {}", size, size, text_of(in));
  if (pad && size != 3) layer.refuse("with pad and a size other than 3");   // where Darknet contradicts itself
  const int64_t places = count({rows, columns}), taps = size * size;
  Operand x = layer.in();
  if (pad) x = layer.add(Pad{PadKind::constant, {0, 0, pad, pad, 0, 0, pad, pad}, 0}, {x});
  std::vector<Operand> windows;
  for (int64_t ky = 0; ky < size; ++ky)
    for (int64_t kx = 0; kx < size; ++kx) {
      const Operand tap = layer.add(Slice{{0, 0, ky, kx}, {1, 1, stride, stride}}, {x}, {in[0], in[1], rows, columns});
      windows.push_back(layer.reshape(tap, {in[0], in[1], 1, places}));
    }
  const Operand all = taps == 1 ? windows[0] : layer.add(Concat{2}, windows);   // [N][C][taps][places]
  x = layer.reshape(layer.transpose(all, {3, 0, 1, 2}), {places, in[0], in[1] * taps});
  const Operand biases = layer.weights({1, filters, rows, columns});
  const Operand w = layer.transpose(layer.weights({places, filters, in[1] * taps}), {0, 2, 1});
  const Operand y = layer.transpose(layer.add(MatMul{}, {x, w}), {1, 2, 0});    // [N][filters][places]
  layer.result(activated(layer, layer.binary(BinaryKind::add, layer.reshape(y, {in[0], filters, rows, columns}), biases), "logistic"));
}

}  // namespace net2c::darknet
