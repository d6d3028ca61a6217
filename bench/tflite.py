"""Writes a model as LiteRT wants it, by TensorFlow's own converter: each ONNX layer becomes TensorFlow's, in NHWC. Runs in
.venv-litert: tflite.py MODEL.onnx RESULT.tflite. (onnx2tf takes seven minutes and 13 GB for AlexNet's dense layers.)"""
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy  # noqa: E402
import onnx  # noqa: E402
import tensorflow as tf  # noqa: E402
from onnx import numpy_helper  # noqa: E402

from reference import sides  # noqa: E402

TO_NHWC, TO_NCHW = [0, 2, 3, 1], [0, 3, 1, 2]
AXIS = {0: 0, 1: 3, 2: 1, 3: 2}  # of NCHW, in NHWC


class Image:
    """A tensor in NHWC; every other value is a tensor or an array in ONNX's order. low: a number it is nowhere under, or None."""

    def __init__(self, tensor, low=None):
        self.tensor, self.low = tensor, low


def image(value):
    """An image's tensor."""
    return value.tensor if isinstance(value, Image) else tf.transpose(value, TO_NHWC)


def plain(value):
    """In ONNX's order."""
    if not isinstance(value, Image):
        return value
    one_pixel = value.tensor.shape[1:3] == [1, 1]
    return tf.reshape(value.tensor, [value.tensor.shape[i] for i in TO_NCHW]) if one_pixel else tf.transpose(value.tensor, TO_NCHW)


def padded(x, a, kernel, value=0.0):
    """The image and TensorFlow's name for its padding: SAME where that is meant, else the padding becomes a layer."""
    strides, dilations, pads = a.get("strides", [1, 1]), a.get("dilations", [1, 1]), a.get("pads", [0] * 4)
    around, same = [], True
    for i in range(2):
        size, auto_pad = x.shape[1 + i], a.get("auto_pad", b"").decode()
        before, after, count = sides(size, kernel[i], strides[i], dilations[i], auto_pad, (pads[i], pads[2 + i]), a.get("ceil_mode", 0))
        after += max((count - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - size - before - after, 0)
        around.append([before, after])
        same &= count == -(-size // strides[i]) and [before, after] == list(sides(size, kernel[i], strides[i], dilations[i], "SAME_UPPER", None)[:2])
    if same:
        return x, "SAME"
    return tf.pad(x, [[0, 0], *around, [0, 0]], constant_values=value) if numpy.any(around) else x, "VALID"


def conv(a, x, w, bias=None):
    x, group, strides = image(x), a.get("group", 1), a.get("strides", [1, 1])
    channels = x.shape[3]
    x, padding = padded(x, a, w.shape[2:])
    if group == channels and group > 1:
        w = w.reshape(channels, -1, *w.shape[2:]).transpose(2, 3, 0, 1)
        y = tf.nn.depthwise_conv2d(x, w, [1, *strides, 1], padding, dilations=a.get("dilations"))
    else:
        y = tf.nn.conv2d(x, w.transpose(2, 3, 1, 0), strides, padding, dilations=a.get("dilations"))
    return Image(y if bias is None else tf.nn.bias_add(y, bias))


def conv_transpose(a, x, w, bias=None):
    x, strides, pads, extra = image(x), a.get("strides", [1, 1]), a.get("pads", [0] * 4), a.get("output_padding", [0, 0])
    if a.get("group", 1) != 1 or a.get("dilations", [1, 1]) != [1, 1] or max(extra[0] - pads[2], extra[1] - pads[3]) > 0:
        raise NotImplementedError("this ConvTranspose")
    full = [(x.shape[1 + i] - 1) * strides[i] + w.shape[2 + i] for i in range(2)]
    size = [full[i] - pads[i] - pads[2 + i] + extra[i] for i in range(2)]
    same = all(size[i] == x.shape[1 + i] * strides[i] and pads[i] == max(w.shape[2 + i] - strides[i], 0) // 2 for i in range(2))
    w, shape = w.transpose(2, 3, 1, 0), [1, *(size if same else full), w.shape[1]]
    y = tf.nn.conv2d_transpose(x, w, shape, strides, "SAME" if same else "VALID")
    y = y if same else y[:, pads[0] : pads[0] + size[0], pads[1] : pads[1] + size[1], :]
    return Image(y if bias is None else tf.nn.bias_add(y, bias))


def max_pool(a, x):
    low = x.low if x.low is not None else float(numpy.finfo(numpy.float32).min)
    y, padding = padded(image(x), a, a["kernel_shape"], low)
    return Image(tf.nn.max_pool2d(y, a["kernel_shape"], a.get("strides", [1, 1]), padding), x.low)


def average_pool(a, x):
    x, inside = image(x), a.get("count_include_pad", 0) and any(a.get("pads", []))
    if inside:
        (top, left, bottom, right), a = a["pads"], {k: v for k, v in a.items() if k != "pads"}
        x = tf.pad(x, [[0, 0], [top, bottom], [left, right], [0, 0]])
    y, padding = padded(x, a, a["kernel_shape"])
    if y is not x:
        raise NotImplementedError("this AveragePool")
    return Image(tf.nn.avg_pool2d(y, a["kernel_shape"], a.get("strides", [1, 1]), padding))


def batch_normalization(a, x, scale, bias, mean, variance):
    factor = scale / numpy.sqrt(variance.astype(numpy.float64) + a.get("epsilon", 1e-5))
    return Image(image(x) * factor.astype(numpy.float32) + (bias - mean * factor).astype(numpy.float32))


def instance_normalization(a, x, scale, bias):
    mean, variance = tf.nn.moments(image(x), [1, 2], keepdims=True)
    return Image((image(x) - mean) * tf.math.rsqrt(variance + a.get("epsilon", 1e-5)) * scale + bias)


def layer_normalization(a, x, scale, bias):
    if isinstance(x, Image) or a.get("axis", -1) not in (-1, len(x.shape) - 1):
        raise NotImplementedError("this LayerNormalization")
    mean, variance = tf.nn.moments(x, [-1], keepdims=True)
    return (x - mean) * tf.math.rsqrt(variance + a.get("epsilon", 1e-5)) * scale + bias


def lrn(a, x):
    if a["size"] % 2 == 0:
        raise NotImplementedError("LRN of an even size")
    return Image(tf.nn.local_response_normalization(image(x), a["size"] // 2, a.get("bias", 1), a["alpha"] / a["size"], a["beta"]))


def pointwise(f, low=None):
    return lambda a, x, *rest: Image(f(a, x.tensor, *rest), low) if isinstance(x, Image) else f(a, x, *rest)


def clip(a, x, low, high):
    return tf.nn.relu6(x) if (low, high) == (0, 6) else tf.clip_by_value(x, low, high)


def hard_sigmoid(a, x):
    alpha, beta = a.get("alpha", 0.2), a.get("beta", 0.5)
    return tf.nn.relu6(x + 3) * (1 / 6) if abs(alpha - 1 / 6) < 1e-6 and beta == 0.5 else tf.clip_by_value(alpha * x + beta, 0, 1)


def elu(a, x):
    if a.get("alpha", 1) != 1:
        raise NotImplementedError("this Elu")
    return tf.nn.elu(x)


def binary(f):
    def both(a, x, y):
        if not isinstance(x, Image) and not isinstance(y, Image):
            return f(x, y)
        sides = []
        for value in (x, y):
            if isinstance(value, Image):
                value = value.tensor
            elif value.size > 1:
                value = value.reshape((1,) * (4 - value.ndim) + value.shape).transpose(TO_NHWC)
            sides.append(value)
        return Image(f(*sides))

    return both


def concat(a, *values):
    lows = {getattr(v, "low", None) for v in values}
    return Image(tf.concat([image(v) for v in values], AXIS[a["axis"] % 4]), lows.pop() if len(lows) == 1 else None)


def transpose(a, x):
    """From an image to its NHWC order and back nothing moves."""
    if isinstance(x, Image) and a["perm"] == TO_NHWC:
        return x.tensor
    return Image(x) if not isinstance(x, Image) and a["perm"] == TO_NCHW else tf.transpose(plain(x), a["perm"])


def reshape(a, x, shape):
    return tf.reshape(plain(x), shape)


def flatten(a, x):
    x = plain(x)
    return tf.reshape(x, [int(numpy.prod(x.shape[: a.get("axis", 1)])), -1])


def gemm(a, x, w, bias):
    if (a.get("alpha", 1), a.get("beta", 1), a.get("transA", 0)) != (1, 1, 0):
        raise NotImplementedError("this Gemm")
    return tf.matmul(plain(x), w.T.copy() if a.get("transB") else w) + bias


def pad(a, x, pads, value=0.0):
    around = [[pads[i], pads[4 + i]] for i in TO_NHWC]
    return Image(tf.pad(image(x), around, a.get("mode", b"constant").decode(), float(value)))


def slice_(a, x, starts, ends, axes, steps=(1, 1, 1, 1)):
    x, where = image(x), [slice(None)] * 4
    for axis, start, end, step in zip(axes, starts, ends, steps):
        where[AXIS[axis % 4]] = slice(int(start), int(min(end, 2**31 - 1)), int(step))
    return Image(x[tuple(where)])


LAYERS = {
    "Conv": conv, "ConvTranspose": conv_transpose, "Gemm": gemm, "MaxPool": max_pool, "AveragePool": average_pool, "LRN": lrn,
    "GlobalAveragePool": lambda a, x: Image(tf.reduce_mean(image(x), [1, 2], keepdims=True)),
    "BatchNormalization": batch_normalization, "InstanceNormalization": instance_normalization, "LayerNormalization": layer_normalization,
    "Relu": pointwise(lambda a, x: tf.nn.relu(x), low=0.0), "Clip": pointwise(clip), "Tanh": pointwise(lambda a, x: tf.tanh(x)), "Elu": pointwise(elu),
    "LeakyRelu": pointwise(lambda a, x: tf.nn.leaky_relu(x, a.get("alpha", 0.01))), "HardSigmoid": pointwise(hard_sigmoid),
    "HardSwish": pointwise(lambda a, x: x * tf.nn.relu6(x + 3) * (1 / 6)), "Erf": pointwise(lambda a, x: tf.math.erf(x)), "Dropout": lambda a, x, *_: x,
    "Add": binary(tf.add), "Mul": binary(tf.multiply), "Div": binary(tf.divide),
    "Concat": concat, "Transpose": transpose, "Reshape": reshape, "Flatten": flatten, "Pad": pad, "Slice": slice_,
}


def gelus(nodes, constants):
    """{output: x} of each x / sqrt 2, erf, + 1, * x, * 0.5: LiteRT has no erf, but GELU."""
    made = {name: node for node in nodes for name in node.output}
    used = {name: node for node in nodes for name in node.input}
    found = {}
    for erf in (node for node in nodes if node.op_type == "Erf"):
        div = made[erf.input[0]]
        chain = [div, add := used[erf.output[0]], mul := used[add.output[0]], half := used[mul.output[0]]]
        numbers = [float(constants[node.input[1]]) for node in (div, add, half)]
        if [node.op_type for node in chain] == ["Div", "Add", "Mul", "Mul"] and numpy.allclose(numbers, [2**0.5, 1, 0.5]) and div.input[0] in mul.input:
            found[half.output[0]] = div.input[0]
    return found


def main():
    source, result = sys.argv[1:]
    graph = onnx.load(source).graph
    constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
    n, c, h, w = (d.dim_value for d in graph.input[0].type.tensor_type.shape.dim)

    @tf.function(input_signature=[tf.TensorSpec([n, h, w, c])], autograph=False)
    def net(x):
        values, whole = dict(constants, **{graph.input[0].name: Image(x)}), gelus(graph.node, constants)
        for node in graph.node:
            if x := whole.get(node.output[0]):
                values[node.output[0]] = pointwise(lambda a, x: tf.nn.gelu(x, approximate=False))({}, values[x])
                continue
            if node.op_type not in LAYERS:
                raise NotImplementedError(node.op_type)
            attributes = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
            values[node.output[0]] = LAYERS[node.op_type](attributes, *(values[name] for name in node.input))
        y = values[graph.output[0].name]
        return y.tensor if isinstance(y, Image) else image(y) if len(y.shape) == 4 else y

    converter = tf.lite.TFLiteConverter.from_concrete_functions([net.get_concrete_function()])
    with open(result, "wb") as file:
        file.write(converter.convert())


main()
