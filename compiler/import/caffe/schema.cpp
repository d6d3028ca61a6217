#include "import/caffe/schema.h"

namespace net2c::caffe {

namespace {

constexpr Wire integer = Wire::integer, real = Wire::real, text = Wire::text, message = Wire::message, blob = Wire::blob;

constexpr Entry shape_entries[] = {{1, "dim", Wire::packed_integer}};
constexpr Schema shape{shape_entries};

constexpr Entry state_entries[] = {{1, "phase", integer}, {2, "level", integer}, {3, "stage", text}};
constexpr Schema state{state_entries};

constexpr Entry rule_entries[] = {
    {1, "phase", integer}, {2, "min_level", integer}, {3, "max_level", integer}, {4, "stage", text}, {5, "not_stage", text}};
constexpr Schema rule{rule_entries};

constexpr Entry transform_entries[] = {{1, "scale", real},        {2, "mirror", integer},  {3, "crop_size", integer},
                                       {4, "mean_file", text},    {5, "mean_value", real}, {6, "force_color", integer},
                                       {7, "force_gray", integer}};
constexpr Schema transform{transform_entries};

constexpr Entry argmax_entries[] = {{1, "out_max_val", integer}, {2, "top_k", integer}, {3, "axis", integer}};
constexpr Schema argmax{argmax_entries};

constexpr Entry concat_entries[] = {{1, "concat_dim", integer}, {2, "axis", integer}};
constexpr Schema concat{concat_entries};

constexpr Entry batch_norm_entries[] = {{1, "use_global_stats", integer}, {2, "moving_average_fraction", real}, {3, "eps", real}};
constexpr Schema batch_norm{batch_norm_entries};

constexpr Entry bias_entries[] = {{1, "axis", integer}, {2, "num_axes", integer}, {3, "filler", message}};
constexpr Schema bias{bias_entries};

constexpr Entry convolution_entries[] = {{1, "num_output", integer},
                                         {2, "bias_term", integer},
                                         {3, "pad", integer},
                                         {4, "kernel_size", integer},
                                         {5, "group", integer},
                                         {6, "stride", integer},
                                         {7, "weight_filler", message},
                                         {8, "bias_filler", message},
                                         {9, "pad_h", integer},
                                         {10, "pad_w", integer},
                                         {11, "kernel_h", integer},
                                         {12, "kernel_w", integer},
                                         {13, "stride_h", integer},
                                         {14, "stride_w", integer},
                                         {15, "engine", integer},
                                         {16, "axis", integer},
                                         {17, "force_nd_im2col", integer},
                                         {18, "dilation", integer}};
constexpr Schema convolution{convolution_entries};

constexpr Entry crop_entries[] = {{1, "axis", integer}, {2, "offset", integer}};
constexpr Schema crop{crop_entries};

// Data, ImageData and WindowData agree in these.
constexpr Entry data_entries[] = {{1, "source", text},        {2, "scale", real},         {3, "mean_file", text},
                                  {4, "batch_size", integer}, {5, "crop_size", integer},  {6, "mirror", integer},
                                  {9, "new_height", integer}, {10, "new_width", integer}, {11, "is_color", integer}};
constexpr Schema data{data_entries};

constexpr Entry dummy_data_entries[] = {{1, "data_filler", message}, {2, "num", integer},   {3, "channels", integer},
                                        {4, "height", integer},      {5, "width", integer}, {6, "shape", message, &shape}};
constexpr Schema dummy_data{dummy_data_entries};

constexpr Entry eltwise_entries[] = {{1, "operation", integer}, {2, "coeff", real}, {3, "stable_prod_grad", integer}};
constexpr Schema eltwise{eltwise_entries};

constexpr Entry elu_entries[] = {{1, "alpha", real}};
constexpr Schema elu{elu_entries};

constexpr Entry exponent_entries[] = {{1, "base", real}, {2, "scale", real}, {3, "shift", real}};
constexpr Schema exponent{exponent_entries};

constexpr Entry flatten_entries[] = {{1, "axis", integer}, {2, "end_axis", integer}};
constexpr Schema flatten{flatten_entries};

constexpr Entry inner_product_entries[] = {{1, "num_output", integer}, {2, "bias_term", integer}, {3, "weight_filler", message},
                                           {4, "bias_filler", message}, {5, "axis", integer}, {6, "transpose", integer}};
constexpr Schema inner_product{inner_product_entries};

constexpr Entry input_entries[] = {{1, "shape", message, &shape}};
constexpr Schema input{input_entries};

constexpr Entry lrn_entries[] = {{1, "local_size", integer},  {2, "alpha", real}, {3, "beta", real},
                                 {4, "norm_region", integer}, {5, "k", real},     {6, "engine", integer}};
constexpr Schema lrn{lrn_entries};

constexpr Entry memory_data_entries[] = {
    {1, "batch_size", integer}, {2, "channels", integer}, {3, "height", integer}, {4, "width", integer}};
constexpr Schema memory_data{memory_data_entries};

constexpr Entry mvn_entries[] = {{1, "normalize_variance", integer}, {2, "across_channels", integer}, {3, "eps", real}};
constexpr Schema mvn{mvn_entries};

constexpr Entry normalize_entries[] = {
    {1, "across_spatial", integer}, {2, "scale_filler", message}, {3, "channel_shared", integer}, {4, "eps", real}};
constexpr Schema normalize{normalize_entries};

constexpr Entry permute_entries[] = {{1, "order", integer}};
constexpr Schema permute{permute_entries};

constexpr Entry pooling_entries[] = {{1, "pool", integer},       {2, "kernel_size", integer}, {3, "stride", integer},
                                     {4, "pad", integer},        {5, "kernel_h", integer},    {6, "kernel_w", integer},
                                     {7, "stride_h", integer},   {8, "stride_w", integer},    {9, "pad_h", integer},
                                     {10, "pad_w", integer},     {11, "engine", integer},     {12, "global_pooling", integer},
                                     {13, "round_mode", integer}};
constexpr Schema pooling{pooling_entries};

constexpr Entry power_entries[] = {{1, "power", real}, {2, "scale", real}, {3, "shift", real}};
constexpr Schema power{power_entries};

constexpr Entry prelu_entries[] = {{1, "filler", message}, {2, "channel_shared", integer}};
constexpr Schema prelu{prelu_entries};

constexpr Entry reduction_entries[] = {{1, "operation", integer}, {2, "axis", integer}, {3, "coeff", real}};
constexpr Schema reduction{reduction_entries};

constexpr Entry relu_entries[] = {{1, "negative_slope", real}, {2, "engine", integer}};
constexpr Schema relu{relu_entries};

constexpr Entry reshape_entries[] = {{1, "shape", message, &shape}, {2, "axis", integer}, {3, "num_axes", integer}};
constexpr Schema reshape{reshape_entries};

constexpr Entry scale_entries[] = {
    {1, "axis", integer}, {2, "num_axes", integer}, {3, "filler", message}, {4, "bias_term", integer}, {5, "bias_filler", message}};
constexpr Schema scale{scale_entries};

constexpr Entry slice_entries[] = {{1, "slice_dim", integer}, {2, "slice_point", integer}, {3, "axis", integer}};
constexpr Schema slice{slice_entries};

constexpr Entry softmax_entries[] = {{1, "engine", integer}, {2, "axis", integer}};
constexpr Schema softmax{softmax_entries};

constexpr Entry swish_entries[] = {{1, "beta", real}};
constexpr Schema swish{swish_entries};

constexpr Entry clip_entries[] = {{1, "min", real}, {2, "max", real}};
constexpr Schema clip{clip_entries};

constexpr Entry threshold_entries[] = {{1, "threshold", real}};
constexpr Schema threshold{threshold_entries};

constexpr Entry tile_entries[] = {{1, "axis", integer}, {2, "tiles", integer}};
constexpr Schema tile{tile_entries};

constexpr Entry layer_entries[] = {{1, "name", text},
                                   {2, "type", text},
                                   {3, "bottom", text},
                                   {4, "top", text},
                                   {7, "blobs", blob},
                                   {8, "include", message, &rule},
                                   {9, "exclude", message, &rule},
                                   {10, "phase", integer},
                                   {100, "transform_param", message, &transform},
                                   {103, "argmax_param", message, &argmax},
                                   {104, "concat_param", message, &concat},
                                   {106, "convolution_param", message, &convolution},
                                   {107, "data_param", message, &data},
                                   {109, "dummy_data_param", message, &dummy_data},
                                   {110, "eltwise_param", message, &eltwise},
                                   {111, "exp_param", message, &exponent},
                                   {115, "image_data_param", message, &data},
                                   {117, "inner_product_param", message, &inner_product},
                                   {118, "lrn_param", message, &lrn},
                                   {119, "memory_data_param", message, &memory_data},
                                   {120, "mvn_param", message, &mvn},
                                   {121, "pooling_param", message, &pooling},
                                   {122, "power_param", message, &power},
                                   {123, "relu_param", message, &relu},
                                   {125, "softmax_param", message, &softmax},
                                   {126, "slice_param", message, &slice},
                                   {128, "threshold_param", message, &threshold},
                                   {129, "window_data_param", message, &data},
                                   {131, "prelu_param", message, &prelu},
                                   {133, "reshape_param", message, &reshape},
                                   {134, "log_param", message, &exponent},
                                   {135, "flatten_param", message, &flatten},
                                   {136, "reduction_param", message, &reduction},
                                   {138, "tile_param", message, &tile},
                                   {139, "batch_norm_param", message, &batch_norm},
                                   {140, "elu_param", message, &elu},
                                   {141, "bias_param", message, &bias},
                                   {142, "scale_param", message, &scale},
                                   {143, "input_param", message, &input},
                                   {144, "crop_param", message, &crop},
                                   {147, "swish_param", message, &swish},
                                   {148, "clip_param", message, &clip},
                                   {202, "permute_param", message, &permute},
                                   {206, "norm_param", message, &normalize}};
constexpr Schema layer{layer_entries};

constexpr Entry v0_entries[] = {{1, "name", text},
                                {2, "type", text},
                                {3, "num_output", integer},
                                {4, "biasterm", integer},
                                {7, "pad", integer},
                                {8, "kernelsize", integer},
                                {9, "group", integer},
                                {10, "stride", integer},
                                {11, "pool", integer},
                                {13, "local_size", integer},
                                {14, "alpha", real},
                                {15, "beta", real},
                                {17, "scale", real},
                                {18, "meanfile", text},
                                {19, "batchsize", integer},
                                {20, "cropsize", integer},
                                {22, "k", real},
                                {50, "blobs", blob},
                                {62, "new_height", integer},
                                {63, "new_width", integer},
                                {65, "concat_dim", integer}};
constexpr Schema v0{v0_entries};

constexpr Entry v1_entries[] = {{1, "layer", message, &v0},
                                {2, "bottom", text},
                                {3, "top", text},
                                {4, "name", text},
                                {5, "type", integer},
                                {6, "blobs", blob},
                                {9, "concat_param", message, &concat},
                                {10, "convolution_param", message, &convolution},
                                {11, "data_param", message, &data},
                                {15, "image_data_param", message, &data},
                                {17, "inner_product_param", message, &inner_product},
                                {18, "lrn_param", message, &lrn},
                                {19, "pooling_param", message, &pooling},
                                {20, "window_data_param", message, &data},
                                {21, "power_param", message, &power},
                                {22, "memory_data_param", message, &memory_data},
                                {23, "argmax_param", message, &argmax},
                                {24, "eltwise_param", message, &eltwise},
                                {25, "threshold_param", message, &threshold},
                                {26, "dummy_data_param", message, &dummy_data},
                                {30, "relu_param", message, &relu},
                                {31, "slice_param", message, &slice},
                                {32, "include", message, &rule},
                                {33, "exclude", message, &rule},
                                {34, "mvn_param", message, &mvn},
                                {36, "transform_param", message, &transform},
                                {39, "softmax_param", message, &softmax},
                                {41, "exp_param", message, &exponent}};
constexpr Schema v1{v1_entries};

constexpr Entry net_entries[] = {{1, "name", text},
                                 {2, "layers", message, &v1},
                                 {3, "input", text},
                                 {4, "input_dim", integer},
                                 {6, "state", message, &state},
                                 {8, "input_shape", message, &shape},
                                 {100, "layer", message, &layer}};

}  // namespace

constexpr Schema net_schema{net_entries};

}  // namespace net2c::caffe
