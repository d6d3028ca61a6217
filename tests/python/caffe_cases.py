"""One case a form of a Caffe layer: its text, bottoms, weights, and the oracle: OpenCV, or where that has not the layer or
computes something else, a function of NumPy that says what Caffe's source does."""
import zlib
from dataclasses import dataclass, field
from typing import Callable

import numpy
from numpy.lib.stride_tricks import sliding_window_view

CASES = []


@dataclass
class Case:
    name: str
    type: str
    params: str = ""
    bottoms: list = field(default_factory=lambda: [(1, 3, 7, 9)])
    blobs: list = field(default_factory=list)
    tops: int = 1
    positive: bool = False
    want: Callable = None  # None: OpenCV

    def random(self):
        return numpy.random.default_rng(zlib.crc32(self.name.encode()))

    def inputs(self):
        random = self.random()
        return [numpy.asarray(random.uniform(0.5, 2, s) if self.positive else random.standard_normal(s), "f4") for s in self.bottoms]

    def weights(self):
        random = self.random()
        return [b if isinstance(b, numpy.ndarray) else random.standard_normal(b).astype("f4") for b in self.blobs]

    def text(self, index):
        bottoms = " ".join(f'bottom: "x{index}_{b}"' for b in range(len(self.bottoms)))
        tops = " ".join(f'top: "y{index}_{t}"' for t in range(self.tops))
        return f'layer {{ name: "layer{index}" type: "{self.type}" {bottoms} {tops} {self.params} }}\n'


def case(name, kind, params="", *bottoms, blobs=(), **more):
    CASES.append(Case(name, kind, params, list(bottoms) or [(1, 3, 7, 9)], list(blobs), **more))


def conv(name, params, bottom, weights, kind="Convolution"):
    bias = [] if "bias_term: false" in params else [(int(params.split("num_output:")[1].split()[0]),)]
    case(name, kind, f"convolution_param {{ {params} }}", bottom, blobs=[weights, *bias])


conv("conv", "num_output: 4 kernel_size: 3", (2, 3, 7, 9), (4, 3, 3, 3))
conv("conv_stride_pad", "num_output: 4 kernel_size: 5 stride: 2 pad: 2", (1, 3, 11, 8), (4, 3, 5, 5))
conv("conv_h_w", "num_output: 5 kernel_h: 1 kernel_w: 7 pad_h: 0 pad_w: 3 stride_h: 2 stride_w: 1", (1, 6, 9, 9), (5, 6, 1, 7))
conv("conv_two_numbers", "num_output: 2 kernel_size: 3 kernel_size: 2 pad: 1 pad: 0 stride: [2, 1]", (1, 3, 8, 9), (2, 3, 3, 2))
conv("conv_groups", "num_output: 6 kernel_size: 3 group: 3 pad: 1", (1, 9, 6, 7), (6, 3, 3, 3))
conv("conv_depthwise", "num_output: 16 kernel_size: 3 group: 16 pad: 1 bias_term: false", (1, 16, 6, 7), (16, 1, 3, 3))
conv("conv_dilation", "num_output: 3 kernel_size: 3 dilation: 2 pad: 2", (1, 4, 9, 9), (3, 4, 3, 3))
conv("conv_no_bias", "num_output: 8 kernel_size: 1 bias_term: false", (1, 8, 5, 5), (8, 8, 1, 1))
conv("deconv", "num_output: 4 kernel_size: 4 stride: 2 pad: 1", (1, 3, 5, 6), (3, 4, 4, 4), "Deconvolution")
conv("deconv_groups", "num_output: 6 kernel_size: 3 stride: 2 group: 3 bias_term: false", (1, 6, 5, 4), (6, 2, 3, 3), "Deconvolution")
conv("deconv_pad3", "num_output: 3 kernel_size: 4 stride: 2 pad: 3", (1, 8, 9, 7), (8, 3, 4, 4), "Deconvolution")

for method in ("MAX", "AVE"):
    for k, s, p, h, w in ((2, 2, 0, 7, 8), (3, 2, 0, 12, 13), (3, 2, 1, 8, 9), (3, 2, 1, 7, 7), (2, 2, 1, 6, 7), (3, 1, 1, 5, 6), (5, 3, 2, 9, 11), (4, 3, 1, 6, 10)):
        case(f"pool_{method}_{k}_{s}_{p}_{h}x{w}", "Pooling", f"pooling_param {{ pool: {method} kernel_size: {k} stride: {s} pad: {p} }}", (1, 5, h, w))
    case(f"pool_{method}_global", "Pooling", f"pooling_param {{ pool: {method} global_pooling: true }}", (2, 5, 7, 6))
    case(f"pool_{method}_h_w", "Pooling", f"pooling_param {{ pool: {method} kernel_h: 3 kernel_w: 2 stride_h: 1 stride_w: 2 pad_h: 1 pad_w: 0 }}", (1, 3, 8, 9))
    reduce = numpy.max if method == "MAX" else numpy.mean
    case(f"pool_{method}_floor", "Pooling", f"pooling_param {{ pool: {method} kernel_size: 3 stride: 2 round_mode: FLOOR }}", (1, 3, 8, 8),
         want=lambda x, reduce=reduce: reduce(sliding_window_view(x, (3, 3), (2, 3))[:, :, ::2, ::2], axis=(4, 5)))
    case(f"pool_{method}_no_ceil", "Pooling", f"pooling_param {{ pool: {method} kernel_size: 3 stride: 2 ceil_mode: false }}", (1, 3, 8, 8),
         want=lambda x, reduce=reduce: reduce(sliding_window_view(x, (3, 3), (2, 3))[:, :, ::2, ::2], axis=(4, 5)))
    case(f"pool_{method}_larger_than_map", "Pooling", f"pooling_param {{ pool: {method} kernel_size: 3 stride: 2 }}", (1, 3, 2, 2),
         want=lambda x, method=method: x.max((2, 3), keepdims=True) if method == "MAX" else x.sum((2, 3), keepdims=True) / 4)


def lrn_across(x, n, alpha, beta, k):
    padded = numpy.pad(x.astype("f8") ** 2, ((0, 0), (n // 2, n // 2), (0, 0), (0, 0)))
    return x * (k + alpha / n * sum(padded[:, i:i + x.shape[1]] for i in range(n))) ** -beta


case("lrn", "LRN", "lrn_param { local_size: 5 alpha: 0.1 beta: 0.75 }", (1, 13, 4, 5))
case("lrn_defaults", "LRN", "", (1, 8, 4, 5), want=lambda x: lrn_across(x, 5, 1, 0.75, 1))
case("lrn_k", "LRN", "lrn_param { local_size: 3 alpha: 0.4 beta: 0.5 k: 2 }", (1, 6, 4, 5), want=lambda x: lrn_across(x, 3, 0.4, 0.5, 2))


def lrn_within(x, n, alpha, beta):
    padded = numpy.pad(x.astype("f8") ** 2, ((0, 0), (0, 0), (n // 2, n // 2), (n // 2, n // 2)))
    return x * (1 + alpha * sliding_window_view(padded, (n, n), (2, 3)).mean((4, 5))) ** -beta


case("lrn_within", "LRN", "lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 norm_region: WITHIN_CHANNEL }", (1, 5, 6, 7), want=lambda x: lrn_within(x, 3, 0.5, 0.75))

case("inner_product", "InnerProduct", "inner_product_param { num_output: 5 }", (2, 3, 4, 5), blobs=[(5, 60), (5,)])
case("inner_product_no_bias", "InnerProduct", "inner_product_param { num_output: 7 bias_term: false }", (1, 6), blobs=[(7, 6)])
case("inner_product_axis", "InnerProduct", "inner_product_param { num_output: 5 axis: 2 }", (2, 3, 4, 5), blobs=[(5, 20), (5,)])
case("inner_product_last_axis", "InnerProduct", "inner_product_param { num_output: 4 axis: -1 }", (2, 3, 4, 5), blobs=[(4, 5), (4,)],)
case("inner_product_transpose", "InnerProduct", "inner_product_param { num_output: 5 transpose: true }", (2, 3, 4), blobs=[(12, 5), (5,)],
     want=lambda x, w, b: x.reshape(2, 12) @ w + b)

variance = numpy.array([3.0, 1.5, 0.7], "f4")
case("batch_norm", "BatchNorm", "batch_norm_param { use_global_stats: true eps: 0.001 }", (2, 3, 4, 5), blobs=[(3,), variance, numpy.array([2.5], "f4")])
case("batch_norm_defaults", "BatchNorm", "", (1, 3, 4, 5), blobs=[(3,), variance, numpy.array([1.0], "f4")])
case("batch_norm_factor_0", "BatchNorm", "batch_norm_param { eps: 0.25 }", (1, 3, 4, 5), blobs=[(3,), variance, numpy.array([0.0], "f4")], want=lambda x, *_: x / 0.5)
case("batch_norm_of_the_batch", "BatchNorm", "batch_norm_param { use_global_stats: false eps: 0.01 }", (2, 3, 4, 5),
     want=lambda x: (x - x.mean((0, 2, 3), keepdims=True)) / numpy.sqrt(x.var((0, 2, 3), keepdims=True) + 0.01))
case("batch_norm_matrix", "BatchNorm", "", (4, 3), blobs=[(3,), variance, numpy.array([2.0], "f4")],
     want=lambda x, m, v, f: (x - m / f) / numpy.sqrt(v / f + 1e-5))
case("scale", "Scale", "", (2, 3, 4, 5), blobs=[(3,)])
case("scale_bias", "Scale", "scale_param { bias_term: true }", (2, 3, 4, 5), blobs=[(3,), (3,)])
case("scale_two_axes", "Scale", "scale_param { axis: 1 num_axes: 2 bias_term: true }", (2, 3, 4, 5), blobs=[(3, 4), (3, 4)],
     want=lambda x, s, b: x * s[..., None] + b[..., None])
case("scale_all_axes", "Scale", "scale_param { axis: -2 num_axes: -1 }", (2, 3, 4, 5), blobs=[(4, 5)], want=lambda x, s: x * s)
case("scale_scalar", "Scale", "scale_param { num_axes: 0 }", (2, 3, 4, 5), blobs=[numpy.array(1.7, "f4")], want=lambda x, s: x * s)
case("scale_by_a_bottom", "Scale", "scale_param { axis: 0 }", (2, 3, 4, 5), (2, 3), want=lambda x, s: x * s[..., None, None])
case("bias", "Bias", "", (2, 3, 4, 5), blobs=[(3,)], want=lambda x, b: x + b[:, None, None])
case("bias_by_a_bottom", "Bias", "bias_param { axis: 1 }", (2, 3, 4, 5), (3, 4), want=lambda x, b: x + b[..., None])

case("relu", "ReLU")
case("relu_slope", "ReLU", "relu_param { negative_slope: 0.1 }")
case("relu6", "ReLU6", want=lambda x: numpy.clip(x, 0, 6))
case("prelu", "PReLU", "", (1, 5, 4, 3), blobs=[(5,)])
case("prelu_shared", "PReLU", "prelu_param { channel_shared: true }", (1, 5, 4, 3), blobs=[numpy.array([0.3], "f4")], want=lambda x, a: numpy.where(x < 0, x * a, x))
case("prelu_matrix", "PReLU", "", (2, 5), blobs=[(5,)], want=lambda x, a: numpy.where(x < 0, x * a, x))
case("elu", "ELU")
case("elu_alpha", "ELU", "elu_param { alpha: 0.5 }")
case("sigmoid", "Sigmoid")
case("tanh", "TanH")
case("abs", "AbsVal")
case("bnll", "BNLL")
case("power", "Power", "power_param { power: 3 scale: 0.5 shift: 0.25 }")
case("power_root", "Power", "power_param { power: 0.5 scale: 2 shift: 0.25 }", positive=True)
case("power_1", "Power", "power_param { scale: 0.017 shift: -1 }")
case("power_2", "Power", "power_param { power: 2 shift: 0.5 }")
case("power_0", "Power", "power_param { power: 0 }", want=lambda x: numpy.ones_like(x))
case("exp", "Exp")
case("exp_base", "Exp", "exp_param { base: 2 scale: 0.5 shift: 1.5 }", want=lambda x: 2 ** (1.5 + 0.5 * x))
case("log", "Log", positive=True, want=numpy.log)
case("log_base", "Log", "log_param { base: 10 scale: 3 shift: 2 }", positive=True, want=lambda x: numpy.log10(2 + 3 * x))
case("threshold", "Threshold", "threshold_param { threshold: 0.3 }", want=lambda x: x > 0.3)
case("clip", "Clip", "clip_param { min: -0.5 max: 0.75 }", want=lambda x: numpy.clip(x, -0.5, 0.75))
case("swish", "Swish", want=lambda x: x / (1 + numpy.exp(-x)))
case("swish_beta", "Swish", "swish_param { beta: 1.7 }", want=lambda x: x / (1 + numpy.exp(-1.7 * x)))

for operation in ("SUM", "PROD", "MAX"):
    case(f"eltwise_{operation}", "Eltwise", f"eltwise_param {{ operation: {operation} }}", (1, 3, 4, 5), (1, 3, 4, 5), (1, 3, 4, 5))
case("eltwise_coefficients", "Eltwise", "eltwise_param { coeff: 1 coeff: -0.5 }", (1, 3, 4, 5), (1, 3, 4, 5))
case("axpy", "Axpy", "", (2, 3, 1, 1), (2, 3, 4, 5), (2, 3, 4, 5), want=lambda a, x, y: a * x + y)
case("axpy_matrix", "Axpy", "", (2, 3), (2, 3, 4, 5), (2, 3, 4, 5), want=lambda a, x, y: a[..., None, None] * x + y)

case("concat", "Concat", "", (1, 3, 4, 5), (1, 2, 4, 5), (1, 8, 4, 5))
case("concat_axis", "Concat", "concat_param { axis: -1 }", (1, 3, 4, 5), (1, 3, 4, 2))
case("concat_dim", "Concat", "concat_param { concat_dim: 2 }", (1, 3, 4, 5), (1, 3, 1, 5), want=lambda a, b: numpy.concatenate([a, b], 2))
case("concat_batch", "Concat", "concat_param { axis: 0 }", (1, 3, 4, 5), (2, 3, 4, 5))
case("slice", "Slice", "", (1, 6, 4, 5), tops=3, want=lambda x: tuple(numpy.split(x, 3, 1)))
case("slice_points", "Slice", "slice_param { axis: 1 slice_point: 2 slice_point: 3 }", (1, 7, 4, 5), tops=3, want=lambda x: tuple(numpy.split(x, [2, 3], 1)))
case("slice_rows", "Slice", "slice_param { slice_dim: 2 slice_point: 1 }", (1, 7, 4, 5), tops=2, want=lambda x: (x[:, :, :1], x[:, :, 1:]))
case("split", "Split", "", (1, 3, 4, 5), tops=2, want=lambda x: (x, x))
case("flatten", "Flatten", "", (2, 3, 4, 5))
case("flatten_axes", "Flatten", "flatten_param { axis: 1 end_axis: 2 }", (2, 3, 4, 5))
case("reshape", "Reshape", "reshape_param { shape { dim: 0 dim: -1 dim: 2 } }", (2, 3, 4, 5))
case("reshape_part", "Reshape", "reshape_param { shape { dim: 2 dim: 2 } axis: 2 num_axes: 1 }", (2, 3, 4, 5), want=lambda x: x.reshape(2, 3, 2, 2, 5))
case("reshape_insert", "Reshape", "reshape_param { shape { dim: 1 } axis: -1 num_axes: 0 }", (2, 3, 4), want=lambda x: x.reshape(2, 3, 4, 1))
case("permute", "Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }", (2, 3, 4, 5))
case("permute_short", "Permute", "permute_param { order: 1 }", (2, 3, 4, 5), want=lambda x: x.transpose(1, 0, 2, 3))
case("crop", "Crop", "crop_param { axis: 2 offset: 1 offset: 2 }", (1, 3, 6, 8), (1, 3, 4, 5))
case("crop_channels", "Crop", "crop_param { axis: 1 offset: 1 }", (1, 5, 6, 8), (1, 3, 4, 5), want=lambda x, like: x[:, 1:4, 1:5, 1:6])
case("crop_center", "CropCenter", "crop_center_param { crop_size: 0 crop_size: 0 crop_size: 1 crop_size: 2 }", (1, 3, 6, 8), want=lambda x: x[:, :, 1:-1, 2:-2])
case("tile", "Tile", "tile_param { tiles: 3 }", (2, 3, 4, 5), want=lambda x: numpy.tile(x, (1, 3, 1, 1)))
case("tile_last", "Tile", "tile_param { axis: -1 tiles: 2 }", (2, 3, 4), want=lambda x: numpy.tile(x, (1, 1, 2)))
case("dropout", "Dropout", "dropout_param { dropout_ratio: 0.4 }", (1, 3, 4, 5))
case("shuffle_channel", "ShuffleChannel", "shuffle_channel_param { group: 3 }", (1, 12, 4, 5),
     want=lambda x: x.reshape(1, 3, 4, 4, 5).transpose(0, 2, 1, 3, 4).reshape(x.shape))

case("softmax", "Softmax", "", (2, 5, 3, 4))
case("softmax_axis", "Softmax", "softmax_param { axis: -1 }", (2, 5, 7))
case("normalize", "Normalize", "norm_param { across_spatial: false channel_shared: false }", (1, 5, 4, 3), blobs=[(5,)])
case("normalize_all", "Normalize", "norm_param { channel_shared: true eps: 0.01 }", (2, 5, 4, 3), blobs=[numpy.array([20.0], "f4")],
     want=lambda x, s: 20 * x / numpy.sqrt((x ** 2).sum((1, 2, 3), keepdims=True) + 0.01))
case("mvn", "MVN", "", (2, 3, 4, 5))
case("mvn_mean", "MVN", "mvn_param { normalize_variance: false }", (2, 3, 4, 5))
case("mvn_across", "MVN", "mvn_param { across_channels: true eps: 0.1 }", (2, 3, 4, 5),
     want=lambda x: (x - x.mean((1, 2, 3), keepdims=True)) / (x.std((1, 2, 3), keepdims=True) + 0.1))
for operation, function in {"SUM": numpy.sum, "ASUM": lambda x, axis: numpy.abs(x).sum(axis), "SUMSQ": lambda x, axis: (x ** 2).sum(axis), "MEAN": numpy.mean}.items():
    case(f"reduction_{operation}", "Reduction", f"reduction_param {{ operation: {operation} axis: 2 coeff: 0.5 }}", (2, 3, 4, 5),
         want=lambda x, function=function: 0.5 * function(x, axis=(2, 3)))
case("reduction_all", "Reduction", "", (2, 3, 4, 5), want=lambda x: x.sum(dtype="f8"))


def argmax(x, k, axis):
    """Positions and values, best first."""
    order = numpy.flip(numpy.argsort(x, axis), axis).take(range(k), axis)
    return order, numpy.take_along_axis(x, order, axis)


case("argmax", "ArgMax", "", (2, 3, 4, 5), want=lambda x: argmax(x.reshape(2, 1, 60), 1, 2)[0])
case("argmax_top_values", "ArgMax", "argmax_param { top_k: 3 out_max_val: true }", (2, 10), want=lambda x: numpy.concatenate(argmax(x.reshape(2, 1, 10), 3, 2), 1))
case("argmax_axis", "ArgMax", "argmax_param { axis: 1 }", (1, 6, 4, 5), want=lambda x: argmax(x, 1, 1)[0])
case("argmax_axis_values", "ArgMax", "argmax_param { axis: 1 top_k: 2 out_max_val: true }", (1, 6, 4, 5), want=lambda x: argmax(x, 2, 1)[1])
case("argmax_of_equals", "ArgMax", "", (1, 9), want=lambda x: numpy.full((1, 1, 1), 8), positive=True, blobs=())
CASES[-1].inputs = lambda: [numpy.ones((1, 9), "f4")]  # the last of equals
