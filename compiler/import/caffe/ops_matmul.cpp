#include "import/caffe/operators.h"

namespace net2c::caffe {

// All axes from `axis` on are one row; weights [N][K], or transposed [K][N].
void inner_product(Layer &layer)
{
  layer.want_bottoms(1, 1);
  const ValueId x = layer.in(0);
  Params &p = layer.params("inner_product_param");
  p.ignore({"weight_filler", "bias_filler"});
  const int64_t n = p.integer("num_output", 0), axis = layer.axis(p.integer("axis", 1), layer.rank(x));
  if (n < 1) fail({}, "'num_output' is {}, but must be at least 1", n);
  Shape result(layer.shape(x).begin(), layer.shape(x).begin() + axis);
  const int64_t rows = count(result), k = count(Shape(layer.shape(x).begin() + axis, layer.shape(x).end()));
  const bool transposed = p.flag("transpose", false), bias = p.flag("bias_term", true);
  ValueId weights = layer.blob(0, transposed ? Shape{k, n} : Shape{n, k});
  if (!transposed) weights = layer.add(Transpose{{1, 0}}, {weights});
  std::vector<ValueId> inputs{layer.reshape(x, {rows, k}), weights};
  if (bias) inputs.push_back(layer.blob(1, {n}));
  result.push_back(n);
  layer.result(layer.reshape(layer.add(MatMul{}, inputs), result));
}

}  // namespace net2c::caffe
