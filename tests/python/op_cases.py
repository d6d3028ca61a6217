"""The operators the importer reads, as small cases: an operator, its attributes, its operands and the opset that says what
they mean. Operands are shapes of inputs, or arrays, which become initialisers."""
import dataclasses
import zlib

import numpy
from onnx import TensorProto


@dataclasses.dataclass
class Case:
    name: str
    op: str
    operands: list          # a list: an input of that shape; an array: an initialiser; None: left out
    attributes: dict
    opset: int = 13
    outputs: int = 1
    positive: bool = False  # inputs in 0.5..2 in place of a normal distribution

    @property
    def random(self):
        return numpy.random.default_rng(zlib.crc32(self.name.encode()))


CASES = []


def case(name, op, *operands, opset=13, outputs=1, positive=False, **attributes):
    name = f"{name}/{opset}"
    random = numpy.random.default_rng(zlib.crc32(name.encode()))
    # A tuple is an initialiser drawn here, so that its shape can be written as briefly as an input's.
    operands = [(random.standard_normal(o) * 0.5).astype(numpy.float32) if isinstance(o, tuple) else o for o in operands]
    CASES.append(Case(name, op, operands, attributes, opset, outputs, positive))


def ints(*values):
    return numpy.array(values, numpy.int64)


def number(value):
    return numpy.array(value, numpy.float32)


def convolutions():
    for name, x, w, attributes in [
        ("1x1", [1, 8, 7, 9], (16, 8, 1, 1), {}),
        ("1x1/odd", [2, 13, 5, 5], (19, 13, 1, 1), {}),
        ("1x1/stride", [1, 8, 9, 9], (24, 8, 1, 1), dict(strides=[2, 2])),
        ("3x3", [1, 16, 10, 11], (32, 16, 3, 3), dict(pads=[1, 1, 1, 1])),
        ("3x3/stride", [1, 12, 15, 14], (20, 12, 3, 3), dict(pads=[1, 1, 1, 1], strides=[2, 2])),
        ("3x3/pads", [1, 9, 8, 8], (10, 9, 3, 3), dict(pads=[0, 1, 2, 3])),
        ("3x3/dilation", [1, 8, 12, 12], (8, 8, 3, 3), dict(dilations=[2, 3], pads=[2, 3, 2, 3])),
        ("1x7", [1, 10, 9, 12], (12, 10, 1, 7), dict(pads=[0, 3, 0, 3])),
        ("5x2/strides", [1, 5, 13, 12], (7, 5, 5, 2), dict(strides=[3, 1])),
        ("rgb", [1, 3, 17, 19], (16, 3, 3, 3), dict(strides=[2, 2], pads=[1, 1, 1, 1])),
        ("gray", [1, 1, 14, 14], (6, 1, 5, 5), {}),
        ("four", [2, 4, 11, 12], (8, 4, 7, 7), dict(pads=[3, 3, 3, 3])),
        ("to three", [1, 16, 9, 9], (3, 16, 5, 5), dict(pads=[2, 2, 2, 2])),
        ("groups", [1, 16, 8, 8], (32, 8, 3, 3), dict(group=2)),
        ("groups/odd", [1, 15, 8, 8], (9, 5, 3, 3), dict(group=3, pads=[1, 1, 1, 1])),
        ("groups/many", [1, 24, 6, 6], (48, 2, 3, 3), dict(group=12)),
        ("depthwise", [1, 24, 9, 10], (24, 1, 3, 3), dict(group=24, pads=[1, 1, 1, 1])),
        ("depthwise/stride", [2, 11, 12, 12], (11, 1, 3, 3), dict(group=11, pads=[1, 1, 1, 1], strides=[2, 2])),
        ("depthwise/5x5", [1, 40, 9, 9], (40, 1, 5, 5), dict(group=40, pads=[2, 2, 2, 2])),
        ("depthwise/dilation", [1, 8, 12, 12], (8, 1, 3, 3), dict(group=8, dilations=[2, 2], pads=[2, 2, 2, 2])),
        ("depthwise/times two", [1, 8, 9, 9], (16, 1, 3, 3), dict(group=8, pads=[1, 1, 1, 1])),
        ("same upper", [1, 8, 10, 11], (8, 8, 3, 3), dict(auto_pad="SAME_UPPER", strides=[2, 2])),
        ("same lower", [1, 8, 10, 11], (8, 8, 4, 4), dict(auto_pad="SAME_LOWER", strides=[1, 2])),
        ("valid", [1, 8, 10, 11], (8, 8, 3, 3), dict(auto_pad="VALID")),
        ("whole map", [1, 16, 4, 4], (32, 16, 4, 4), {}),
        ("sequence", [2, 6, 20], (10, 6, 3), dict(strides=[2], pads=[1, 1], kernel_shape=[3])),
    ]:
        case(f"conv/{name}", "Conv", x, w, **attributes)
        case(f"conv/{name}/bias", "Conv", x, w, (w[0],), opset=11, **attributes)
    for name, x, w, attributes in [
        ("2x2", [1, 8, 5, 6], (8, 16, 2, 2), dict(strides=[2, 2])),
        ("4x4", [1, 16, 6, 7], (16, 24, 4, 4), dict(strides=[2, 2], pads=[1, 1, 1, 1])),
        ("3x3/adj", [1, 5, 6, 7], (5, 9, 3, 3), dict(strides=[2, 2], pads=[1, 1, 1, 1], output_padding=[1, 1])),
        ("3x3/stride 1", [1, 8, 6, 7], (8, 8, 3, 3), {}),
        ("5x3/strides", [2, 3, 5, 5], (3, 4, 5, 3), dict(strides=[3, 2], pads=[1, 0, 2, 1])),
        ("dilation", [1, 8, 6, 6], (8, 8, 3, 3), dict(strides=[2, 2], dilations=[2, 2])),
        ("groups", [1, 16, 5, 5], (16, 4, 4, 4), dict(group=2, strides=[2, 2], pads=[1, 1, 1, 1])),
        ("depthwise", [1, 12, 5, 5], (12, 1, 4, 4), dict(group=12, strides=[2, 2], pads=[1, 1, 1, 1])),
        ("output shape", [1, 4, 5, 5], (4, 6, 3, 3), dict(strides=[2, 2], output_shape=[10, 11])),
        ("same upper", [1, 4, 5, 5], (4, 6, 3, 3), dict(strides=[2, 2], auto_pad="SAME_UPPER")),
        ("gap", [1, 8, 4, 4], (8, 8, 2, 2), dict(strides=[3, 3])),
    ]:
        case(f"deconv/{name}", "ConvTranspose", x, w, **attributes)
        case(f"deconv/{name}/bias", "ConvTranspose", x, w, (w[1] * attributes.get("group", 1),), opset=11, **attributes)


def pools():
    for name, x, attributes in [
        ("2x2", [1, 8, 8, 10], dict(kernel_shape=[2, 2], strides=[2, 2])),
        ("3x3", [2, 13, 11, 12], dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1])),
        ("3x3/ceil", [1, 8, 12, 13], dict(kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1)),
        ("3x3/ceil, pads", [1, 8, 12, 12], dict(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1], ceil_mode=1)),
        ("stride 1", [1, 8, 7, 7], dict(kernel_shape=[3, 3], pads=[1, 1, 1, 1])),
        ("same upper", [1, 8, 7, 8], dict(kernel_shape=[2, 3], strides=[2, 2], auto_pad="SAME_UPPER")),
        ("uneven", [1, 5, 9, 9], dict(kernel_shape=[4, 2], strides=[3, 1], pads=[0, 1, 2, 0])),
        ("sequence", [1, 6, 15], dict(kernel_shape=[3], strides=[2])),
    ]:
        case(f"maxpool/{name}", "MaxPool", x, **attributes)
        case(f"avgpool/{name}", "AveragePool", x, **attributes)
        case(f"avgpool/{name}, pads count", "AveragePool", x, count_include_pad=1, **attributes)
        if "ceil_mode" not in attributes:
            case(f"avgpool/{name}", "AveragePool", x, opset=7, **attributes)
    case("maxpool/dilation", "MaxPool", [1, 8, 12, 12], kernel_shape=[3, 3], dilations=[2, 2])
    case("avgpool/dilation", "AveragePool", [1, 8, 12, 12], opset=19, kernel_shape=[3, 3], dilations=[2, 2])
    for shape in ([1, 16, 7, 7], [2, 5, 13, 3], [1, 1000, 1, 1]):
        case(f"globalpool/average {shape}", "GlobalAveragePool", shape)
        case(f"globalpool/max {shape}", "GlobalMaxPool", shape)


def norms():
    for shape in ([1, 8, 6, 6], [2, 13, 5, 3], [3, 10]):
        c = shape[1]
        variance = numpy.linspace(0.3, 2, c, dtype=numpy.float32)
        for opset in (7, 9, 14, 15):
            case(f"norm/batch {shape}", "BatchNormalization", shape, (c,), (c,), (c,), variance, opset=opset, epsilon=1e-3)
        image = tuple(shape[1:])
        case(f"norm/batch of elements {shape}", "BatchNormalization", shape, image, image, image, numpy.full(image, 0.7, numpy.float32), opset=7, spatial=0)
    for shape in ([1, 8, 6, 6], [2, 5, 9, 7], [1, 3, 33, 30]):
        case(f"norm/instance {shape}", "InstanceNormalization", shape, (shape[1],), (shape[1],), opset=11, epsilon=1e-5)


def dense():
    case("dense/gemm", "Gemm", [1, 20], (20, 33), (33,))
    case("dense/gemm transposed", "Gemm", [3, 20], (33, 20), (33,), transB=1)
    case("dense/gemm scales", "Gemm", [5, 20], (20, 7), (1, 7), alpha=0.5, beta=2.0)
    case("dense/gemm column", "Gemm", [5, 20], (20, 7), (5, 1), opset=11)
    case("dense/gemm number", "Gemm", [5, 20], (20, 7), (1,), opset=9)
    case("dense/gemm no bias", "Gemm", [2, 9], (9, 64), opset=11)
    case("dense/gemm a transposed", "Gemm", [20, 3], (20, 8), (8,), transA=1)
    case("dense/matmul", "MatMul", [4, 17], (17, 40))
    case("dense/matmul batch", "MatMul", [2, 3, 17], (17, 5))
    for a, b in ((2, 1), (1, 3)), ((2, 3), (1, 3)), ((1, 3), (2, 3)):
        case(f"dense/matmul batches {a} {b}", "MatMul", [*a, 4, 17], [*b, 17, 5])
    case("dense/matmul one row", "MatMul", [1, 128], (128, 1000), opset=9)


def activations():
    for name, op, attributes, opsets in [
        ("relu", "Relu", {}, (7, 13, 14)), ("leaky", "LeakyRelu", dict(alpha=0.2), (7, 16)), ("leaky/default", "LeakyRelu", {}, (13,)),
        ("elu", "Elu", dict(alpha=0.7), (7, 22)), ("elu/default", "Elu", {}, (13,)), ("sigmoid", "Sigmoid", {}, (7, 13)),
        ("tanh", "Tanh", {}, (7, 13)), ("hardsigmoid", "HardSigmoid", dict(alpha=0.3, beta=0.4), (7, 22)),
        ("hardsigmoid/default", "HardSigmoid", {}, (13,)), ("hardswish", "HardSwish", {}, (14, 22)),
        ("identity", "Identity", {}, (7, 13, 16)), ("clip/attributes", "Clip", dict(min=-0.5, max=0.75), (7,)), ("clip/max", "Clip", dict(max=0.1), (7,)),
    ]:
        for opset in opsets:
            for shape in ([1, 13, 5, 7], [3, 50]):
                case(f"act/{name} {shape}", op, shape, opset=opset, **attributes)
    for opset in (11, 13):
        case("act/clip inputs", "Clip", [1, 9, 4, 4], number(-0.25), number(0.5), opset=opset)
        case("act/clip low", "Clip", [1, 9, 4, 4], number(-0.25), opset=opset)
        case("act/clip high", "Clip", [1, 9, 4, 4], None, number(0.5), opset=opset)
    case("act/prelu", "PRelu", [1, 9, 4, 5], (9, 1, 1), opset=9)
    case("act/prelu one", "PRelu", [1, 9, 4, 5], (1,), opset=16)
    case("act/prelu flat", "PRelu", [3, 20], (20,))
    for axis, shape in ((1, [2, 10]), (-1, [2, 3, 11]), (1, [1, 12, 4, 5]), (3, [1, 5, 4, 19])):
        case(f"act/softmax {axis} {shape}", "Softmax", shape, axis=axis)
        case(f"act/softmax {axis} {shape}", "Softmax", shape, opset=11, axis=axis)  # there: flattened at the axis
    case("act/softmax default", "Softmax", [2, 3, 5], opset=11)
    case("act/softmax default", "Softmax", [2, 3, 5])
    case("act/dropout", "Dropout", [1, 5, 3, 3], opset=10)
    case("act/dropout", "Dropout", [1, 5, 3, 3], number(0.4), opset=13)


def arithmetic():
    for op in ("Add", "Sub", "Mul", "Div"):
        positive = op == "Div"
        for name, a, b in [
            ("same", [1, 13, 5, 6], [1, 13, 5, 6]), ("channel", [1, 13, 5, 6], [1, 13, 1, 1]), ("number", [1, 13, 5, 6], [1]),
            ("row", [2, 8, 5, 6], [5, 6]), ("column", [1, 8, 5, 6], [8, 5, 1]), ("both", [1, 8, 1, 6], [1, 1, 5, 6]),
            ("first small", [6], [1, 8, 5, 6]), ("flat", [3, 70], [3, 70]), ("scalar", [2, 3, 4], []),
        ]:
            case(f"arithmetic/{op} {name}", op, a, b, positive=positive, opset=7)
            constant = numpy.linspace(0.5, 1.5, int(numpy.prod(b)), dtype=numpy.float32).reshape(b)
            case(f"arithmetic/{op} {name} constant", op, a, constant, opset=14)
            case(f"arithmetic/constant {op} {name}", op, constant, a, positive=positive)
    case("arithmetic/sum of one", "Sum", [1, 8, 3, 3])
    case("arithmetic/sum of three", "Sum", [1, 8, 3, 3], [1, 8, 3, 3], [1, 8, 3, 3], opset=8)
    case("arithmetic/sum broadcast", "Sum", [1, 8, 3, 3], [1, 8, 1, 1], [3])


def movement():
    for axis, shapes in ((1, ([1, 8, 4, 4], [1, 16, 4, 4])), (1, ([2, 5, 4, 4], [2, 3, 4, 4], [2, 9, 4, 4])), (2, ([1, 8, 4, 4], [1, 8, 3, 4])),
                         (-1, ([1, 8, 4, 4], [1, 8, 4, 2])), (0, ([2, 5], [1, 5]))):
        case(f"move/concat {axis} {shapes}", "Concat", *shapes, axis=axis)
    case("move/concat twice", "Concat", [1, 8, 4, 4], (1, 6, 4, 4), axis=1, opset=4 + 7)
    case("move/split", "Split", [1, 24, 4, 4], axis=1, outputs=3)
    case("move/split attribute", "Split", [1, 20, 4, 4], axis=1, split=[4, 16], outputs=2, opset=11)
    case("move/split input", "Split", [1, 20, 4, 4], ints(5, 15), axis=1, outputs=2)
    case("move/split uneven", "Split", [1, 7, 4], axis=1, num_outputs=3, outputs=3, opset=18)
    for name, shape, parts in [
        ("channels", [1, 24, 5, 6], (ints(8), ints(16), ints(1))), ("odd channels", [1, 24, 5, 6], (ints(3), ints(21), ints(1))),
        ("rows", [1, 9, 8, 6], (ints(1, 2), ints(7, 1000), ints(2, 3))), ("negative", [2, 9, 8, 6], (ints(-4), ints(-1), ints(-1))),
        ("backwards", [1, 4, 6, 5], (ints(-1), ints(-1000), ints(2), ints(-2))),
    ]:
        case(f"move/slice {name}", "Slice", shape, *parts)
        case(f"move/slice {name}", "Slice", shape, *parts, opset=10)
    case("move/slice attributes", "Slice", [1, 9, 8, 6], opset=9, starts=[1, 0], ends=[-1, 5], axes=[2, 3])
    for mode in ("constant", "reflect", "edge"):
        for name, shape, pads in [("all sides", [1, 9, 6, 7], [0, 0, 1, 2, 0, 0, 3, 4]), ("two", [1, 3, 6, 7], [0, 0, 2, 2, 0, 0, 2, 2]),
                                  ("flat", [3, 8], [0, 1, 0, 2])]:
            case(f"move/pad {mode} {name}", "Pad", shape, ints(*pads), mode=mode)
            case(f"move/pad {mode} {name}", "Pad", shape, opset=10, mode=mode, pads=pads)
    case("move/pad value", "Pad", [1, 9, 6, 7], ints(0, 0, 1, 2, 0, 0, 3, 4), number(1.5))
    case("move/pad channels", "Pad", [1, 9, 6, 7], ints(0, 3, 0, 0, 0, 4, 0, 0))
    case("move/pad crops", "Pad", [1, 9, 6, 7], ints(0, 0, -1, 1, 0, 0, 0, -2))
    case("move/pad wrap", "Pad", [2, 9, 4, 7], ints(1, 0, 3, 6, 0, 2, 2, 1), mode="wrap", opset=19)
    case("move/pad axes", "Pad", [1, 9, 6, 7], ints(1, 2, 3, 4), None, ints(2, -1), opset=18)
    for target in ([1, -1], [0, 3, -1], [2, 0, 5, 6], [30, 12]):
        case(f"move/reshape {target}", "Reshape", [2, 6, 5, 6], ints(*target))
    for order in ([0, 2, 3, 1], [0, 3, 1, 2], [3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 3, 2]):
        case(f"move/transpose {order}", "Transpose", [2, 6, 5, 7], perm=order)
    case("move/transpose default", "Transpose", [3, 5, 4])
    case("move/transpose rank 5", "Transpose", [1, 2, 4, 5, 3], perm=[0, 2, 1, 3, 4])
    for axis in (0, 1, 2, -1):
        case(f"move/flatten {axis}", "Flatten", [2, 6, 5, 3], opset=11, axis=axis)
    case("move/squeeze attribute", "Squeeze", [1, 6, 1, 5], opset=11, axes=[0, 2])
    case("move/squeeze input", "Squeeze", [1, 6, 1, 5], ints(-2))
    case("move/squeeze all", "Squeeze", [1, 6, 1, 5])
    case("move/unsqueeze attribute", "Unsqueeze", [6, 5], opset=11, axes=[0, 3])
    case("move/unsqueeze input", "Unsqueeze", [6, 5], ints(-1, 0))
    for axes in ([2, 3], [1], [-1], [0, 2]):
        for keep in (0, 1):
            case(f"reduce/mean {axes} {keep}", "ReduceMean", [2, 9, 5, 6], axes=axes, keepdims=keep)
            case(f"reduce/mean {axes} {keep}", "ReduceMean", [2, 9, 5, 6], ints(*axes), opset=18, keepdims=keep)
    case("reduce/mean all", "ReduceMean", [2, 9, 5])
    for op in ("ReduceMean", "ReduceSumSquare", "ReduceL1", "ReduceL2", "ReduceLogSumExp"):
        case(f"reduce/{op} over nothing", op, [2, 9, 5, 4], opset=18, noop_with_empty_axes=1)
        case(f"reduce/{op} over no axes", op, [2, 9, 5], ints(), opset=18, noop_with_empty_axes=1, keepdims=0)
    case("move/gather rows", "Gather", [6, 5], ints(3, 0, 3))
    case("move/gather channels", "Gather", [1, 12, 4, 4], ints(*range(0, 12, 2), *range(1, 12, 2)), axis=1)
    case("move/gather one", "Gather", [1, 12, 4, 4], numpy.array(-2, numpy.int64), axis=1)
    case("move/gather table", "Gather", [7, 3], numpy.array([[0, 6], [-1, 2]], numpy.int64))
    for to in (TensorProto.INT32, TensorProto.INT64, TensorProto.FLOAT, TensorProto.BOOL):
        case(f"move/cast {to}", "Cast", [3, 5, 4], to=to)


def resizes():
    empty = numpy.array([], numpy.float32)
    for mode in ("nearest", "linear"):
        for shape, scale in (([1, 9, 5, 6], 2), ([2, 3, 4, 7], 3)):
            scales = number([1, 1, scale, scale])
            case(f"resize/upsample {mode} {scale}", "Upsample", shape, scales, opset=9, mode=mode)
            case(f"resize/upsample {mode} {scale}", "Upsample", shape, opset=7, mode=mode, scales=[1.0, 1.0, scale, scale])
            case(f"resize/old {mode} {scale}", "Resize", shape, scales, opset=10, mode=mode)
            case(f"resize/asymmetric {mode} {scale}", "Resize", shape, empty, scales, opset=11, mode=mode,
                 coordinate_transformation_mode="asymmetric", **(dict(nearest_mode="floor") if mode == "nearest" else {}))
            case(f"resize/half pixel {mode} {scale}", "Resize", shape, None, scales, mode=mode)
        case(f"resize/sizes {mode}", "Resize", [1, 5, 6, 7], None, None, ints(1, 5, 9, 16), mode=mode, coordinate_transformation_mode="align_corners")
        for to in ([1.0, 1.0, 0.6, 0.6], [1.0, 1.0, 0.3, 1.7]):
            case(f"resize/old {mode} {to[2:]}", "Resize", [1, 9, 7, 10], number(to), opset=10, mode=mode)
        case(f"resize/down {mode}", "Resize", [1, 8, 8, 8], None, number([1, 1, 0.5, 0.5]), mode=mode,
             coordinate_transformation_mode="pytorch_half_pixel")
    # Ties: 3.5 / 0.7 - 0.5 is 4.5 in float only.
    for rounding in ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil"):
        for scale in (0.7, 1.4, 0.35, 2.5):
            case(f"resize/ties {rounding} {scale}", "Resize", [1, 9, 20, 10], None, number([1, 1, scale, scale]), mode="nearest", nearest_mode=rounding)
            case(f"resize/ties {rounding} {scale} asymmetric", "Resize", [1, 9, 20, 10], None, number([1, 1, scale, scale]), mode="nearest",
                 nearest_mode=rounding, coordinate_transformation_mode="asymmetric")
        for old, new in ((20, 6), (22, 13), (14, 19), (18, 21), (10, 50), (9, 29)):
            for way in ("half_pixel", "asymmetric"):
                case(f"resize/ties {rounding} {way} {old} to {new}", "Resize", [1, 3, old, 40], None, None, ints(1, 3, new, 49), mode="nearest",
                     nearest_mode=rounding, coordinate_transformation_mode=way)
    # tf2onnx, ResizeNearestNeighbor with half_pixel_centers.
    for size in (5, 7, 14, 21):
        case(f"resize/centre {size}", "Resize", [1, 9, 7, 10], empty, empty, ints(1, 9, size, size + 1), opset=11, mode="nearest", nearest_mode="floor",
             coordinate_transformation_mode="tf_half_pixel_for_nn")


    for mode in ("nearest", "linear", "cubic"):
        for name, roi, more in [("inside", [0.1, 0.2, 0.8, 0.9], {}), ("beyond", [-0.2, 0.3, 1.1, 1.4], dict(extrapolation_value=7.5)),
                                ("mirrored", [0.9, 0.2, 0.1, 0.8], {})]:
            case(f"resize/crop {mode} {name}", "Resize", [1, 5, 9, 8], number([0, 0, *roi[:2], 1, 1, *roi[2:]]), None, ints(1, 5, 7, 12), mode=mode,
                 coordinate_transformation_mode="tf_crop_and_resize", **more)


def volumes():
    """Three spatial dimensions."""
    for name, x, w, attributes in [
        ("3x3x3", [1, 4, 6, 7, 8], (9, 4, 3, 3, 3), dict(pads=[1] * 6)),
        ("strides", [2, 3, 9, 8, 7], (5, 3, 2, 3, 1), dict(strides=[2, 1, 3], pads=[0, 1, 0, 1, 2, 0])),
        ("dilations", [1, 3, 9, 8, 9], (5, 3, 3, 2, 3), dict(dilations=[2, 3, 1])),
        ("groups", [1, 6, 5, 6, 7], (4, 3, 3, 3, 3), dict(group=2, auto_pad="SAME_UPPER", strides=[2, 2, 2])),
        ("flat", [1, 6, 5, 6, 7], (4, 6, 1, 3, 3), {}),
    ]:
        case(f"volume/conv {name}", "Conv", x, w, (w[0],), **attributes)
    for name, x, w, attributes in [
        ("2x2x2", [1, 4, 3, 4, 5], (4, 6, 2, 2, 2), dict(strides=[2, 2, 2])),
        ("pads", [2, 3, 4, 5, 3], (3, 5, 4, 3, 3), dict(strides=[3, 2, 1], pads=[1, 0, 1, 2, 1, 0], output_padding=[1, 1, 0])),
        ("dilations", [1, 3, 4, 3, 3], (3, 2, 3, 3, 2), dict(dilations=[2, 1, 2])),
        ("groups", [1, 6, 3, 3, 4], (6, 2, 3, 3, 3), dict(group=3, strides=[2, 1, 1], output_shape=[6, 4, 5])),
    ]:
        case(f"volume/deconv {name}", "ConvTranspose", x, w, (w[1] * attributes.get("group", 1),), **attributes)
    for name, attributes in [("2x2x2", dict(kernel_shape=[2, 2, 2], strides=[2, 2, 2])), ("pads", dict(kernel_shape=[3, 2, 3], pads=[1, 0, 1, 1, 1, 0])),
                             ("ceil", dict(kernel_shape=[3, 3, 2], strides=[2, 2, 2], ceil_mode=1, pads=[1, 0, 0, 1, 1, 1]))]:
        case(f"volume/maxpool {name}", "MaxPool", [1, 5, 7, 8, 9], **attributes)
        case(f"volume/avgpool {name}", "AveragePool", [1, 5, 7, 8, 9], **attributes)
        case(f"volume/avgpool {name}, pads count", "AveragePool", [1, 5, 7, 8, 9], count_include_pad=1, **attributes)
    case("volume/global average", "GlobalAveragePool", [2, 5, 3, 4, 5])


def lengths():
    for p in (1, 2, 3):
        case(f"lp/pool {p}", "LpPool", [1, 9, 8, 9], opset=11, kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1], p=p)
        case(f"lp/global {p}", "GlobalLpPool", [1, 9, 8, 9], opset=11, p=p)
    case("lp/as large as the map", "LpPool", [1, 9, 4, 3], opset=11, kernel_shape=[4, 3])
    case("lp/one dimension", "LpPool", [2, 3, 20], opset=11, kernel_shape=[4], auto_pad="SAME_LOWER")


def largest():
    for op in ("ArgMax", "ArgMin"):
        for axis in (0, 1, -1):
            for keep in (0, 1):
                case(f"arg/{op} {axis} {keep}", op, [4, 19, 5, 3], axis=axis, keepdims=keep)
        ties = numpy.array([[2, 1, 3, 3, 1], [2, 2, 2, 2, 2]], numpy.float32)
        for last in (0, 1):
            case(f"arg/{op} ties {last}", op, ties, axis=1, select_last_index=last)
        case(f"arg/{op} flat", op, [3, 1000], axis=1, keepdims=0)
    for axis in (0, 1, -1):
        case(f"arg/hardmax {axis}", "Hardmax", [3, 4, 5], axis=axis)
        case(f"act/hardmax {axis}", "Hardmax", [3, 4, 5], opset=11, axis=axis % 3)


def sampled():
    """Grids that reach beyond the map, as far as several reflections; places between pixels, not on them."""
    for opset, kinds in [(16, ("nearest", "bilinear", "bicubic")), (20, ("nearest", "linear", "cubic"))]:
        for kind in kinds:
            for outside in ("zeros", "border", "reflection"):
                for corners in (0, 1):
                    case(f"grid/{kind} {outside} {corners}", "GridSample", [2, 11, 6, 7], [2, 5, 9, 2], opset=opset, mode=kind, padding_mode=outside, align_corners=corners)
    random = numpy.random.default_rng(5)
    far = (random.uniform(-6, 6, (1, 8, 8, 2))).astype(numpy.float32)
    for kind in ("linear", "cubic"):
        case(f"grid/far {kind}", "GridSample", [1, 3, 4, 5], far, opset=20, mode=kind, padding_mode="reflection")
    # The corners and centres of pixels: ties of nearest, weights of 0.
    centres = numpy.stack(numpy.meshgrid(numpy.linspace(-1, 1, 9), numpy.linspace(-1, 1, 9)), axis=-1)[None].astype(numpy.float32)
    for kind in kinds:
        for corners in (0, 1):
            case(f"grid/ties {kind} {corners}", "GridSample", [1, 8, 4, 4], centres, opset=20, mode=kind, align_corners=corners)
    case("grid/one pixel", "GridSample", [1, 2, 1, 1], [1, 3, 3, 2], opset=20, padding_mode="border")


def einsums():
    for equation, *shapes in [
        ("bij,bjk->bik", [2, 3, 4], [2, 4, 5]), ("bhid,bhjd->bhij", [2, 3, 5, 4], [2, 3, 7, 4]), ("bhij,bhjd->bhid", [1, 2, 5, 7], [1, 2, 7, 3]),
        ("bchw,co->bohw", [2, 5, 3, 4], (5, 6)), ("nhwc,hkc->nhwk", [1, 4, 5, 8], (4, 5, 8)), ("ij,jk", [3, 4], [4, 5]), ("ij->ji", [3, 4]), ("ij->", [3, 4]),
        ("ij->j", [3, 4]), ("ii->i", [4, 4]), ("biij->bj", [2, 3, 3, 4]), ("i,j->ij", [3], [4]), ("i,i->", [5], [5]), ("ij,ij->ij", [3, 4], [3, 4]),
        ("...ij,...jk->...ik", [2, 3, 4], [1, 4, 5]), ("...i,i", [2, 3, 4], [4]), ("b...d, d... -> b...", [2, 3, 4], [4, 3]),
        ("ij,jk,kl->il", [3, 4], [4, 5], [5, 6]), ("bi,bj,bk->bijk", [2, 3], [2, 4], [2, 5]), ("ba,c->a", [2, 3], [4]),
    ]:
        case(f"einsum/{equation}", "Einsum", *shapes, equation=equation)


def runtime():
    """Weights that are inputs of the network: packed in every run."""
    for name, x, w, attributes in [
        ("1x1", [1, 8, 7, 9], [16, 8, 1, 1], {}), ("odd", [2, 13, 6, 5], [19, 13, 3, 3], dict(pads=[1] * 4)), ("rgb", [1, 3, 9, 9], [5, 3, 3, 3], {}),
        ("narrow", [1, 16, 9, 9], [3, 16, 5, 5], dict(pads=[2] * 4)), ("groups", [1, 15, 8, 8], [9, 5, 3, 3], dict(group=3)),
        ("depthwise", [1, 11, 9, 10], [11, 1, 3, 3], dict(group=11, strides=[2, 2])), ("sequence", [2, 6, 20], [10, 6, 3], {}),
    ]:
        case(f"runtime/conv {name}", "Conv", x, w, [w[0]], opset=17, **attributes)
    for name, x, w, attributes in [("4x4", [1, 5, 6, 7], [5, 9, 4, 4], dict(strides=[2, 2], pads=[1] * 4)),
                                   ("groups", [1, 16, 5, 5], [16, 4, 3, 3], dict(group=2, strides=[3, 1]))]:
        case(f"runtime/deconv {name}", "ConvTranspose", x, w, [w[1] * attributes.get("group", 1)], opset=17, **attributes)
    case("runtime/gemm", "Gemm", [3, 20], [33, 20], [33], transB=1, alpha=0.5, opset=17)
    case("runtime/gemm one row", "Gemm", [1, 20], [20, 7], [1, 7], beta=2.0, opset=17)
    case("runtime/matmul", "MatMul", [2, 3, 17], [17, 5], opset=17)
    case("runtime/prelu", "PRelu", [1, 9, 4, 5], [9, 1, 1], opset=17)
    for shape in ([1, 9, 6, 6], [3, 10]):
        case(f"runtime/batch norm {shape}", "BatchNormalization", shape, *[[shape[1]]] * 4, positive=True, opset=17)
    case("runtime/instance norm", "InstanceNormalization", [2, 9, 6, 6], [9], [9], opset=17)
    case("runtime/layer norm", "LayerNormalization", [2, 9, 16], [16], [16], opset=17)
    case("runtime/clip", "Clip", [1, 9, 4, 4], [], None, opset=17)


for fill in (convolutions, pools, norms, dense, activations, arithmetic, movement, resizes, volumes, lengths, largest, sampled, einsums, runtime):
    fill()
assert len({c.name for c in CASES}) == len(CASES)
