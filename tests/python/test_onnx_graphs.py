"""Small graphs whose parts meet each other: what fusion, aliasing, constant folding and several readers can get wrong. Every
engine against ONNX Runtime."""
import functools
import re
import zlib

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from harness import ENGINES, assert_close, file_of, kernels_of, net2c, oracle, run


class Graph:
    """A model under construction: every method returns the name of what it adds."""

    def __init__(self, name, opset=13):
        self.opset, self.random = opset, numpy.random.default_rng(zlib.crc32(name.encode()))
        self.nodes, self.inputs, self.initializers, self.outputs, self.values = [], [], [], [], {}

    def input(self, *shape, name=None):
        name = name or f"x{len(self.inputs)}"
        self.inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape))
        self.values[name] = self.random.standard_normal(shape).astype(numpy.float32)
        return name

    def weights(self, *shape, scale=0.3, shift=0.0):
        return self.constant((self.random.standard_normal(shape) * scale + shift).astype(numpy.float32))

    def constant(self, value):
        name = f"w{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(numpy.asarray(value), name))
        return name

    def ints(self, *values):
        return self.constant(numpy.array(values, numpy.int64))

    def number(self, value):
        return self.constant(numpy.float32(value))

    def op(self, kind, *inputs, name=None, outputs=1, **attributes):
        names = [name or f"t{len(self.nodes)}"] if outputs == 1 else [f"t{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names[0] if outputs == 1 else names

    def conv(self, x, inputs, outputs, kernel=3, bias=True, **attributes):
        parts = [self.weights(outputs, inputs // attributes.get("group", 1), kernel, kernel)] + ([self.weights(outputs)] if bias else [])
        return self.op("Conv", x, *parts, **{"pads": [kernel // 2] * 4, **attributes})

    def batch_norm(self, x, channels):
        parts = [self.weights(channels, shift=1), self.weights(channels), self.weights(channels)]
        variance = self.constant(self.random.uniform(0.5, 2, channels).astype(numpy.float32))
        return self.op("BatchNormalization", x, *parts, variance)

    def output(self, *names, kind=TensorProto.FLOAT):
        self.outputs += [helper.make_tensor_value_info(n, kind, None) for n in names]

    def model(self):
        graph = helper.make_graph(self.nodes, "graph", self.inputs, self.outputs, self.initializers)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)


GRAPHS = {}


def graph(build):
    GRAPHS[build.__name__] = build
    return build


@graph
def conv_norm_relu(g):
    g.output(g.op("Relu", g.batch_norm(g.conv(g.input(1, 5, 9, 8), 5, 12, bias=False), 12)))


@graph
def conv_elu_norm(g):
    x = g.batch_norm(g.op("Elu", g.conv(g.input(1, 3, 9, 8), 3, 13)), 13)
    g.output(g.batch_norm(g.op("Elu", g.conv(x, 13, 8, strides=[2, 2])), 8))


@graph
def norm_before_a_padded_conv(g):
    """Folding it forwards would be wrong at the border."""
    g.output(g.conv(g.batch_norm(g.input(1, 8, 7, 7), 8), 8, 16))


@graph
def norm_after_deconv(g):
    x = g.op("ConvTranspose", g.input(1, 6, 5, 5), g.weights(6, 10, 4, 4), strides=[2, 2], pads=[1, 1, 1, 1])
    g.output(g.op("LeakyRelu", g.batch_norm(x, 10), alpha=0.1))


@graph
def norm_after_dense(g):
    g.output(g.batch_norm(g.op("Gemm", g.input(3, 12), g.weights(12, 10), g.weights(10)), 10))


@graph
def gather_by_what_is_computed(g):
    """Indices of a run: the normal distribution cut off lies within -5..4."""
    picks = [g.op("Cast", g.input(*shape), to=TensorProto.INT64) for shape in ([2, 3], [])]
    table, maps = g.weights(9, 4), g.op("Relu", g.input(1, 12, 5, 6))
    g.output(g.op("Gather", table, picks[0]), g.op("Gather", maps, picks[0], axis=1), g.op("Gather", maps, picks[1], axis=-1))


@graph
def weights_that_are_computed(g):
    """As in networks that make the kernels of their own next layer."""
    x, z = g.op("Relu", g.input(1, 12, 7, 7)), g.input(1, 10)
    kernel = g.op("Reshape", g.op("Gemm", z, g.weights(10, 20 * 12 * 9)), g.ints(20, 12, 3, 3))
    y = g.op("Relu", g.op("Conv", x, kernel, pads=[1] * 4))
    g.output(g.op("Add", y, g.conv(x, 12, 20)))
    g.output(g.op("ConvTranspose", x, g.op("Reshape", g.op("Gemm", z, g.weights(10, 12 * 5 * 4)), g.ints(12, 5, 2, 2)), strides=[2, 2]))


@graph
def largest_of_maps(g):
    x = g.conv(g.input(1, 5, 9, 8), 5, 21)
    best = g.op("ArgMax", x, axis=1, keepdims=0)
    g.output(best, kind=TensorProto.INT64)
    g.output(g.op("Hardmax", x, axis=1))


@graph
def residual(g):
    x = g.op("Relu", g.conv(g.input(1, 16, 6, 7), 16, 16))
    y = g.conv(g.op("Relu", g.conv(x, 16, 16)), 16, 16)
    g.output(g.op("Relu", g.op("Add", y, x)))


@graph
def residual_of_two_convs(g):
    x = g.input(1, 9, 6, 7)
    g.output(g.op("Add", g.conv(x, 9, 20), g.conv(x, 9, 20, kernel=1)))


@graph
def residual_without_activation(g):
    x = g.conv(g.input(1, 9, 6, 7), 9, 9)
    for _ in range(3):
        x = g.op("Add", g.batch_norm(g.conv(g.op("Relu", g.conv(x, 9, 30, kernel=1)), 30, 9, kernel=1), 9), x)
    g.output(x)


@graph
def residual_that_is_read_later(g):
    x = g.conv(g.input(1, 8, 6, 6), 8, 8)
    y = g.op("Add", g.conv(x, 8, 8), x)
    g.output(g.op("Mul", y, x), g.op("Add", y, x))


@graph
def residual_with_broadcast(g):
    x = g.conv(g.input(1, 8, 6, 6), 8, 8)
    g.output(g.op("Add", x, g.conv(g.op("GlobalAveragePool", x), 8, 8, kernel=1)))


def caffe_stage(g, x, channels, strides, **attributes):
    """A bottleneck of ResNet as Caffe has it: the first 1x1 convolutions thin the map out, not the 3x3. Without strides: one that
    adds the map itself."""
    norm = lambda y, *conv, **more: g.batch_norm(g.conv(y, *conv, bias=False, **more), conv[1])
    inside = channels // 2
    begin = {"kernel": 1, "strides": strides or [1, 1]}
    y = g.op("Relu", norm(x, channels if not strides else channels // 2, inside, **begin))
    y = norm(g.op("Relu", norm(y, inside, inside, **attributes)), inside, channels, kernel=1)
    return g.op("Relu", g.op("Add", norm(x, channels // 2, channels, **begin) if strides else x, y))


@graph
def strides_in_front_of_a_stage(g):
    x = g.op("Relu", g.conv(g.input(1, 3, 19, 23), 3, 16))
    x = caffe_stage(g, caffe_stage(g, x, 16, None), 32, [2, 2])
    g.output(caffe_stage(g, caffe_stage(g, x, 32, None), 64, [3, 2]))


@graph
def strides_behind_groups_and_odd_pads(g):
    x = g.op("Relu", g.conv(g.input(2, 5, 17, 14), 5, 12))
    x = caffe_stage(g, x, 12, None, group=6, pads=[0, 2, 2, 0])
    x = g.op("Add", caffe_stage(g, x, 24, [2, 2]), g.op("MaxPool", g.conv(x, 12, 24), kernel_shape=[1, 1], strides=[2, 2]))
    g.output(caffe_stage(g, g.op("Mul", x, g.weights(7)), 48, [2, 2], pads=[2, 1, 0, 1]))


@graph
def strides_behind_maps_that_others_read(g):
    x = g.conv(g.input(1, 4, 11, 12), 4, 16)
    y = g.op("Add", g.conv(g.op("Relu", x), 16, 16), x)
    z = g.op("AveragePool", g.op("Add", g.conv(y, 16, 16), y), kernel_shape=[3, 3], strides=[1, 1], pads=[1, 1, 1, 1])
    g.output(g.conv(z, 16, 9, kernel=1, strides=[2, 2]), g.op("Slice", z, g.ints(2, 0), g.ints(99, 99), g.ints(2, 3), g.ints(2, 2)),
             g.conv(y, 16, 9, kernel=1, strides=[3, 3]))


@graph
def middle_of_a_chain_is_an_output(g):
    x = g.conv(g.input(1, 4, 6, 6), 4, 8)
    y = g.batch_norm(x, 8)
    z = g.op("Relu", y)
    g.output(z, x, y)


@graph
def one_value_two_activations(g):
    x = g.conv(g.input(1, 4, 6, 6), 4, 8)
    g.output(g.op("Relu", x), g.op("Sigmoid", x))


@graph
def same_weights_twice(g):
    x, w = g.input(1, 8, 6, 6), g.weights(8, 8, 3, 3)
    first = g.op("Relu", g.batch_norm(g.op("Conv", x, w, pads=[1] * 4), 8))
    g.output(g.op("Conv", first, w, pads=[1] * 4))


@graph
def value_with_itself(g):
    x = g.conv(g.input(1, 8, 6, 6), 8, 8)
    g.output(g.op("Concat", g.op("Add", x, x), x, x, axis=1))


@graph
def concat_in_concat(g):
    x = g.input(1, 8, 5, 5)
    a = g.op("Concat", g.conv(x, 8, 8), g.conv(x, 8, 16), axis=1)
    b = g.op("Concat", a, g.op("Relu", g.conv(a, 24, 8)), axis=1)
    g.output(g.conv(b, 32, 8), b)


@graph
def concat_of_odd_channels(g):
    x = g.input(1, 3, 6, 6)
    y = g.op("Concat", g.conv(x, 3, 5), x, g.op("Relu", g.conv(x, 3, 11)), axis=1)
    g.output(g.conv(g.op("MaxPool", y, kernel_shape=[2, 2], strides=[2, 2]), 19, 9))


@graph
def concat_read_by_pool_and_conv(g):
    x = g.op("Concat", *[g.conv(g.input(1, 8, 8, 8), 8, 8) for _ in range(3)], axis=1)
    g.output(g.op("AveragePool", x, kernel_shape=[3, 3], pads=[1] * 4), g.conv(x, 24, 8, kernel=5), g.op("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2]))


@graph
def split_and_join(g):
    a, b = g.op("Split", g.conv(g.input(1, 8, 6, 6), 8, 32), outputs=2, axis=1)
    g.output(g.op("Concat", b, g.op("Relu", g.conv(a, 16, 16)), axis=1))


@graph
def gates_of_halves(g):
    a, b = g.op("Split", g.conv(g.input(1, 8, 6, 6), 8, 18), outputs=2, axis=1)
    g.output(g.op("Mul", a, g.op("Sigmoid", b)))


@graph
def channel_shuffle(g):
    x = g.conv(g.input(1, 8, 5, 6), 8, 24)
    x = g.op("Transpose", g.op("Reshape", x, g.ints(1, 2, 12, 5, 6)), perm=[0, 2, 1, 3, 4])
    g.output(g.conv(g.op("Reshape", x, g.ints(1, -1, 5, 6)), 24, 24, group=24))


@graph
def pixel_shuffle(g):
    x = g.conv(g.input(1, 8, 5, 6), 8, 12)
    x = g.op("Transpose", g.op("Reshape", x, g.ints(1, 3, 2, 2, 5, 6)), perm=[0, 1, 4, 2, 5, 3])
    g.output(g.op("Reshape", x, g.ints(1, 3, 10, 12)))


@graph
def squeeze_and_excite(g):
    x = g.op("Relu", g.conv(g.input(1, 16, 7, 7), 16, 16))
    s = g.op("Relu", g.conv(g.op("GlobalAveragePool", x), 16, 4, kernel=1))
    g.output(g.op("Mul", x, g.op("HardSigmoid", g.conv(s, 4, 16, kernel=1), alpha=1 / 6, beta=0.5)))


@graph
def spelled_swish(g):
    x = g.conv(g.input(1, 8, 6, 6), 8, 8)
    y = g.conv(g.op("Mul", x, g.op("Sigmoid", x)), 8, 8)
    shifted = g.op("Clip", g.op("Add", y, g.number(3)), g.number(0), g.number(6))
    g.output(g.op("Div", g.op("Mul", y, shifted), g.number(6)))


@graph
def spelled_instance_norm(g):
    x = g.input(2, 5, 6, 7)
    centred = g.op("Sub", x, g.op("ReduceMean", x, axes=[2, 3]))
    variance = g.op("ReduceMean", g.op("Mul", centred, centred), axes=[2, 3])
    y = g.op("Div", centred, g.op("Sqrt", g.op("Add", variance, g.number(1e-5))))
    g.output(g.op("Add", g.op("Mul", y, g.weights(1, 5, 1, 1)), g.weights(1, 5, 1, 1)))


@graph
def norms_and_scales_in_a_row(g):
    x = g.op("Mul", g.conv(g.input(1, 4, 6, 6), 4, 10), g.weights(1, 10, 1, 1))
    x = g.op("Sub", g.batch_norm(g.op("Add", x, g.weights(10, 1, 1)), 10), g.number(0.25))
    g.output(g.op("Div", x, g.number(0.5)), g.op("Mul", g.number(-2), g.op("Relu", x)))


@graph
def pads_before_windows(g):
    x = g.input(1, 8, 9, 9)
    reflected = g.op("Pad", x, g.ints(0, 0, 2, 2, 0, 0, 2, 2), mode="reflect")
    edged = g.op("Pad", x, g.ints(0, 0, 1, 0, 0, 0, 2, 3), mode="edge")
    zero = g.op("Pad", x, g.ints(0, 0, 0, 0, 0, 0, 1, 1))
    g.output(g.conv(reflected, 8, 8, kernel=5, pads=[0] * 4), g.conv(edged, 8, 3, pads=[0] * 4), g.conv(zero, 8, 16, pads=[1] * 4),
             g.op("MaxPool", g.op("Sub", zero, g.number(1)), kernel_shape=[3, 3], strides=[2, 2]),
             g.op("AveragePool", zero, kernel_shape=[2, 2], count_include_pad=1))


@graph
def one_map_padded_in_three_ways(g):
    x = g.op("Relu", g.conv(g.input(1, 8, 9, 9), 8, 8))
    parts = [g.op("Pad", x, g.ints(0, 0, 1, 1, 0, 0, 1, 1), mode=m) for m in ("reflect", "edge", "constant")]
    g.output(g.op("Sum", *[g.conv(p, 8, 8, pads=[0] * 4) for p in parts]))


@graph
def channels_last_island(g):
    x = g.op("Transpose", g.op("Relu", g.conv(g.input(1, 3, 6, 8), 3, 8)), perm=[0, 2, 3, 1])
    x = g.op("Transpose", g.op("Add", x, g.weights(8)), perm=[0, 3, 1, 2])
    g.output(g.conv(x, 8, 8))


@graph
def head_of_a_classifier(g):
    x = g.op("ReduceMean", g.op("Relu", g.conv(g.input(2, 8, 7, 7), 8, 20)), axes=[2, 3], keepdims=0)
    g.output(g.op("Softmax", g.op("Add", g.op("MatMul", x, g.weights(20, 30)), g.weights(30)), axis=-1))


@graph
def flatten_of_a_map(g):
    x = g.op("MaxPool", g.conv(g.input(2, 3, 9, 9), 3, 13), kernel_shape=[2, 2], strides=[2, 2])
    g.output(g.op("Gemm", g.op("Flatten", x), g.weights(9, 13 * 16), g.weights(9), transB=1))


@graph
def several_images(g):
    x = g.op("Relu", g.batch_norm(g.conv(g.input(3, 3, 12, 10), 3, 24, strides=[2, 2]), 24))
    x = g.op("Relu", g.conv(x, 24, 24, group=24))
    g.output(g.op("AveragePool", g.conv(x, 24, 7, kernel=1), kernel_shape=[2, 2], strides=[2, 2]))


@graph
def shape_arithmetic(g):
    x = g.conv(g.input(2, 4, 5, 6), 4, 8)
    shape = g.op("Shape", x)
    rows = g.op("Unsqueeze", g.op("Gather", shape, g.constant(numpy.int64(0))), g.ints(0))
    area = g.op("Mul", g.op("Gather", shape, g.ints(2)), g.op("Gather", shape, g.ints(3)))
    g.output(g.op("Reshape", x, g.op("Concat", rows, g.ints(-1), area, axis=0)))


@graph
def resized_to_another_map(g):
    small, large = g.conv(g.input(1, 8, 4, 5), 8, 8), g.conv(g.input(1, 8, 8, 10), 8, 8)
    sizes = g.op("Concat", g.op("Slice", g.op("Shape", small), g.ints(0), g.ints(2)), g.op("Slice", g.op("Shape", large), g.ints(2), g.ints(4)), axis=0)
    up = g.op("Resize", small, "", "", sizes, mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")
    g.output(g.op("Concat", up, large, axis=1))


@graph
def constant_nodes(g):
    w = g.op("Constant", value=numpy_helper.from_array(g.random.standard_normal((8, 4, 1, 1)).astype(numpy.float32)))
    scale = g.op("Constant", value_float=0.5)
    g.output(g.op("Mul", g.op("Conv", g.input(1, 4, 5, 5), g.op("Identity", w)), scale))


@graph
def weights_that_are_computed(g):
    w = g.op("Mul", g.weights(8, 4, 3, 3), g.op("Reshape", g.weights(8), g.ints(8, 1, 1, 1)))
    g.output(g.op("Conv", g.input(1, 4, 5, 5), w))


@graph
def initialisers_that_are_inputs_too(g):
    y = g.conv(g.input(1, 4, 5, 5), 4, 8)
    g.inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in g.initializers]
    g.output(y)


@graph
def names_of_all_kinds(g):
    x = g.conv(g.input(1, 4, 5, 5, name="in put/1:0"), 4, 8)
    g.output(g.op("Relu", x, name="out/put:0"), g.op("Sigmoid", x, name="int"), g.op("Tanh", x, name="0 a%s\"\\"))


@graph
def input_straight_to_output(g):
    x = g.input(2, 3, 4)
    g.output(g.op("Identity", x), g.op("Dropout", g.op("Identity", x)))


@graph
def one_value_two_outputs(g):
    x = g.op("Relu", g.conv(g.input(1, 4, 5, 5), 4, 8))
    g.output(g.op("Identity", x), x)


@graph
def result_of_constants_only(g):
    g.output(g.op("Add", g.weights(2, 3), g.weights(3)), g.op("Relu", g.input(2, 3)))


@graph
def integer_output(g):
    g.output(g.op("Cast", g.op("Mul", g.input(2, 9), g.number(20)), to=TensorProto.INT64), kind=TensorProto.INT64)


@graph
def encoder_and_decoder(g):
    skips, x, c = [], g.input(1, 3, 16, 24), 3
    for width in (8, 12):
        x = g.op("Relu", g.conv(x, c, width))
        skips.append((x, width))
        x, c = g.op("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2]), width
    for skip, width in reversed(skips):
        x = g.op("ConvTranspose", x, g.weights(c, width, 2, 2), g.weights(width), strides=[2, 2])
        x, c = g.op("Relu", g.conv(g.op("Concat", skip, x, axis=1), 2 * width, width)), width
    g.output(g.op("Sigmoid", g.conv(x, c, 1, kernel=1)))


@graph
def channels_last(g):
    """As TensorFlow's networks come: only convolutions and pools see channels first."""
    first, last = {"perm": [0, 3, 1, 2]}, {"perm": [0, 2, 3, 1]}

    def conv(x, c, out, **attributes):
        x = g.op("Transpose", g.conv(g.op("Transpose", x, **first), c, out, bias=False, **attributes), **last)
        return g.op("Add", x, g.weights(out))

    def norm(x, c):
        centred = g.op("Sub", x, g.op("ReduceMean", x, axes=[-1]))
        deviation = g.op("Sqrt", g.op("Add", g.op("ReduceMean", g.op("Mul", centred, centred), axes=[-1]), g.number(1e-3)))
        return g.op("Add", g.op("Mul", g.op("Mul", centred, g.op("Reciprocal", deviation)), g.weights(c, shift=1)), g.weights(c))

    def factored_norm(x, c):
        mean = g.op("ReduceMean", x, axes=[-1])
        centred = g.op("Sub", x, mean)
        deviation = g.op("Sqrt", g.op("Add", g.op("ReduceMean", g.op("Mul", centred, centred), axes=[-1]), g.number(1e-3)))
        factor = g.op("Mul", g.op("Reciprocal", deviation), g.weights(c, shift=1))
        return g.op("Add", g.op("Mul", x, factor), g.op("Sub", g.weights(c), g.op("Mul", mean, factor)))

    def dense(x, c, out):
        return g.op("Add", g.op("MatMul", x, g.weights(c, out)), g.weights(out))

    def dense_of_rows(x, c, out):
        rows = g.op("MatMul", g.op("Reshape", x, g.ints(-1, c)), g.weights(c, out))
        return g.op("Add", g.op("Reshape", rows, g.ints(2, 13, 15, out)), g.weights(out))

    x = g.op("Relu", conv(g.input(2, 13, 15, 3), 3, 20))
    y = conv(x, 20, 20, kernel=7, group=20)
    y = factored_norm(dense_of_rows(g.op("Relu", dense(norm(y, 20), 20, 33)), 33, 20), 20)
    x = g.op("Add", x, g.op("Mul", y, g.weights(20)))
    gate = dense(g.op("Relu", dense(g.op("ReduceMean", x, axes=[1, 2]), 20, 5)), 5, 20)
    x = g.op("Mul", x, g.op("Sigmoid", gate))
    x = g.op("Transpose", g.op("MaxPool", g.op("Transpose", x, **first), kernel_shape=[2, 2], strides=[2, 2]), **last)
    g.output(g.op("Softmax", dense(x, 20, 7), axis=-1), g.op("ReduceMean", x, axes=[1, 2], keepdims=0))


@graph
def window_attention(g):
    """As Swin's: a bias for each head and pair of places, then a mask for each window."""
    windows, heads, places, depth = 3, 2, 16, 8
    x = g.input(windows, places, heads * depth)

    def part():
        y = g.op("MatMul", x, g.weights(heads * depth, heads * depth))
        return g.op("Transpose", g.op("Reshape", y, g.ints(windows, places, heads, depth)), perm=[0, 2, 1, 3])

    def attend(q, k, v, bias):
        scores = g.op("MatMul", g.op("Mul", q, g.number(depth**-0.5)), g.op("Transpose", k, perm=[0, 1, 3, 2]))
        return g.op("MatMul", g.op("Softmax", g.op("Add", scores, bias), axis=-1), v)

    y = attend(part(), part(), part(), g.weights(1, heads, places, places))
    mask = numpy.where(numpy.arange(places)[:, None] // 8 == numpy.arange(places) // 8, 0, -100).astype(numpy.float32)
    mask = numpy.stack([mask * 0, mask, mask * 0])[:, None]
    y = attend(y, part(), part(), g.constant(mask))
    g.output(g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1, 3]), g.ints(windows, places, heads * depth)))


@graph
def channels_last_sequence(g):
    x = g.op("Transpose", g.op("Reshape", g.conv(g.input(1, 3, 10, 9), 3, 24), g.ints(1, 24, 90)), perm=[0, 2, 1])
    y = g.op("Add", g.op("MatMul", x, g.weights(24, 50)), g.weights(50))
    y = g.op("Add", g.op("MatMul", g.op("Relu", y), g.weights(50, 24)), x)
    g.output(g.conv(g.op("Reshape", g.op("Transpose", y, perm=[0, 2, 1]), g.ints(1, 24, 10, 9)), 24, 4))


def test_channels_last_is_turned_at_its_ends_only(tmp_path):
    onnx.save(expected("channels_last")[0], tmp_path / "graph.onnx")
    kernels = kernels_of(tmp_path / "graph.onnx")
    # At the input, and behind the last dense layer: it gives fewer channels than it takes.
    assert kernels.count("transpose") == 2, kernels
    assert kernels.count("channel_norm") == 2 and "layer_norm" not in kernels


def test_strides_move_up_to_windows(tmp_path):
    onnx.save(expected("strides_in_front_of_a_stage")[0], tmp_path / "graph.onnx")
    text = net2c("inspect", tmp_path / "graph.onnx", "--dump=optimised").stdout
    strides = [re.search(r"strides=(\S+) (pads=\S+)?", line) for line in text.splitlines() if "strides=" in line]
    assert [(found[1], bool(found[2])) for found in strides] == [("[2,2]", True), ("[3,2]", True)], text
    assert text.count("Slice(") == 2


def test_attention_keeps_its_scores_to_itself(tmp_path):
    onnx.save(expected("window_attention")[0], tmp_path / "graph.onnx")
    kernels = kernels_of(tmp_path / "graph.onnx")
    assert kernels.count("attention") == 2 and "softmax" not in kernels


@functools.cache
def expected(name):
    g = Graph(name)
    GRAPHS[name](g)
    model = g.model()
    return model, g.values, oracle(model, g.values)


def in_engines(index, name):
    """The C of every fourth; of all of them in `make test-all`, as a C compiler takes seconds for each."""
    return [pytest.param(name, engine, marks=[pytest.mark.long] if engine == "native" and index % 4 else []) for engine in ENGINES]


@pytest.mark.parametrize("name, engine", [case for index, name in enumerate(GRAPHS) for case in in_engines(index, name)])
def test_graph(name, engine, tmp_path):
    model, inputs, want = expected(name)
    onnx.save(model, tmp_path / "graph.onnx")
    got = run(tmp_path / "graph.onnx", inputs, tmp_path, engine)
    assert set(got) == {file_of(output) for output in want}
    for output, value in want.items():
        assert_close(got[file_of(output)], value, f"{name}, {engine}, output {output}")


def test_every_graph_means_something_to_the_oracle():
    for name in GRAPHS:
        for output, value in expected(name)[2].items():
            assert value.size and numpy.isfinite(value).all() and value.any(), f"{name}: {output}"
