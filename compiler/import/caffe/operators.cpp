#include "import/caffe/operators.h"

#include <unordered_map>

namespace net2c::caffe {

Translator translator_of(std::string_view type)
{
  using U = UnaryKind;
  static const std::unordered_map<std::string_view, Translator> table = {
      {"AbsVal", elementwise<U::abs>},
      {"ArgMax", argmax},
      {"Axpy", axpy},
      {"BNLL", elementwise<U::softplus>},
      {"BatchNorm", batch_norm},
      {"Bias", bias},
      {"Clip", clip},
      {"Concat", concat},
      {"Convolution", convolution},
      {"ConvolutionDepthwise", depthwise_convolution},
      {"Crop", crop},
      {"CropCenter", crop_center},
      {"Deconvolution", deconvolution},
      {"DepthwiseConvolution", depthwise_convolution},
      {"Dropout", same},
      {"ELU", elu},
      {"Eltwise", eltwise},
      {"Exp", exponential},
      {"Flatten", flatten},
      {"InnerProduct", inner_product},
      {"LRN", lrn},
      {"Log", logarithm},
      {"MVN", mvn},
      {"Normalize", normalize},
      {"PReLU", prelu},
      {"Padding", padding},
      {"Permute", permute},
      {"Pooling", pooling},
      {"Power", power},
      {"ReLU", relu},
      {"ReLU6", relu6},
      {"Reduction", reduction},
      {"Reshape", reshape},
      {"Scale", scale},
      {"ShuffleChannel", shuffle_channel},
      {"Sigmoid", elementwise<U::sigmoid>},
      {"SigmoidCrossEntropyLoss", sigmoid_of_loss},
      {"Slice", slice},
      {"Softmax", softmax},
      {"SoftmaxWithLoss", softmax},
      {"Split", split},
      {"Swish", swish},
      {"TanH", elementwise<U::tanh>},
      {"Threshold", threshold},
      {"Tile", tile},
  };
  const auto found = table.find(type);
  return found == table.end() ? nullptr : found->second;
}

}  // namespace net2c::caffe
