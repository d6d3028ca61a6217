"""A network under construction: one method a layer, each returns the name of its output. Where the numbers come from is the
parameters' business: Seeded draws them, Trained takes them from a state dict, Unset has only their shapes. The layers are
kept as ONNX nodes, so the ONNX file is these nodes; caffe.py writes the same layers as Caffe's files."""
import math

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
CENTRED = 0.7  # how much of its own mean a seeded filter loses


class Seeded:
    """Kaiming weights, biases and BatchNorm statistics far from 0 and 1. A net of random weights drifts to zeros or to
    infinity within a few layers, so each scale follows the size of what the layer computes from a seeded input. Sizes are
    rounded to powers of two: the file is the same whatever the last bits of the machine that wrote it. And ReLUs make all
    pictures alike: filters lose a part of their own mean, so that a classifier's output still depends on its input."""

    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)

    def normal(self, shape, deviation, mean=0.0):
        return (mean + deviation * self.random.standard_normal(shape)).astype(numpy.float32)

    def uniform(self, shape, low, high):
        return self.random.uniform(low, high, shape).astype(numpy.float32)

    def weights(self, name, shape, fan_in):
        weights = self.normal(shape, math.sqrt(2 / fan_in))
        depthwise = len(shape) == 4 and shape[1] == 1
        return weights if depthwise else weights - numpy.float32(CENTRED) * weights.mean(axis=tuple(range(1, len(shape))), keepdims=True)

    def bias(self, name, channels):
        return self.normal(channels, 0.2)

    def batch_norm(self, name, channels, gain):
        return [self.uniform(channels, 0.7 * gain, 1.3 * gain), self.normal(channels, 0.3 * gain),
                self.normal(channels, 0.3), self.uniform(channels, 0.6, 1.6)]


class Trained:
    """A PyTorch state dict."""

    def __init__(self, state):
        self.state = state

    def weights(self, name, shape, fan_in):
        found = self.state[name + ".weight"]
        if found.shape != tuple(shape):
            raise ValueError(f"{name}.weight is {found.shape}, the network wants {tuple(shape)}")
        return found

    def bias(self, name, channels):
        return self.state[name + ".bias"]

    def batch_norm(self, name, channels, gain):
        return [self.state[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")]


class Unset:
    """Shapes without numbers, for what a file without weights can tell."""

    def weights(self, name, shape, fan_in):
        return numpy.broadcast_to(numpy.float32(0), shape)

    def bias(self, name, channels):
        return numpy.zeros(channels, numpy.float32)

    def batch_norm(self, name, channels, gain):
        return [numpy.zeros(channels, numpy.float32)] * 4


def power_of_two(size):
    return numpy.float32(2.0 ** round(math.log2(size))) if size > 0 else numpy.float32(1)


class Network:
    def __init__(self, name, parameters, height, width, input_name="input"):
        self.name, self.parameters, self.height, self.width = name, parameters, height, width
        self.nodes, self.constants = [], {}
        self.channels = {input_name: 3}
        self.input = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, [1, 3, height, width])
        self.last = input_name
        # Layers that compute grey levels, not features: no scale is asked of them.
        self.grey_levels = set()
        # What each layer gives for a seeded input; only seeded parameters look at it.
        self.values = {}
        if isinstance(parameters, Seeded):
            self.values[input_name] = example_input(self.input, seed=1)

    # Layers ------------------------------------------------------------------------------------------------------

    def conv(self, name, x, channels, kernel, stride=1, pad=0, group=1, bias=False, transposed=False, gain=1.0, output_padding=0):
        """kernel, pad: a number, or (of rows, of columns); pad may also be SAME_UPPER. gain: the size of the output, about."""
        inputs, kernel = self.channels[x], pair(kernel)
        shape = [inputs, channels, *kernel] if transposed else [channels, inputs // group, *kernel]
        fan_in = inputs // group * kernel[0] * kernel[1] // (stride * stride if transposed else 1)
        attributes = dict(kernel_shape=kernel, strides=[stride] * 2, group=group, **padding(pad))
        if output_padding:
            attributes["output_padding"] = [output_padding] * 2
        return self.weighted("ConvTranspose" if transposed else "Conv", name, x, channels, shape, fan_in, bias, gain, attributes)

    def dense(self, name, x, channels, gain=1.0):
        inputs = self.channels[x]
        return self.weighted("Gemm", name, x, channels, [channels, inputs], inputs, True, gain, dict(transB=1))

    def weighted(self, op, name, x, channels, shape, fan_in, bias, gain, attributes):
        weights, value = self.parameters.weights(name, shape, fan_in), None
        if self.values:
            value = run_node(op, [self.values[x], weights], attributes)
            if bias or gain != 1:
                scale = numpy.float32(gain) / power_of_two(rms(value))
                weights, value = weights * scale, value * scale
        operands = [x, self.constant(name + ".weight", weights)]
        if bias:
            operands.append(self.constant(name + ".bias", self.parameters.bias(name, channels) * numpy.float32(gain)))
            if value is not None:
                value += self.constants[name + ".bias"].reshape([-1] + [1] * (value.ndim - 2))
        return self.add(op, name, operands, channels, value=value, **attributes)

    def batch_norm(self, name, x, gain=1.0, epsilon=1e-5):
        channels = self.channels[x]
        scale, bias, mean, variance = self.parameters.batch_norm(name, channels, gain)
        if self.values:
            size = power_of_two(rms(self.values[x]))
            mean, variance = mean * size, variance * size * size
        parts = dict(weight=scale, bias=bias, running_mean=mean, running_var=variance)
        operands = [self.constant(f"{name}.{part}", value) for part, value in parts.items()]
        return self.add("BatchNormalization", name, [x, *operands], epsilon=epsilon)

    def instance_norm(self, name, x, gain=1.0):
        scale, bias, _, _ = self.parameters.batch_norm(name, self.channels[x], gain)
        return self.add("InstanceNormalization", name, [x, self.constant(name + ".weight", scale), self.constant(name + ".bias", bias)], epsilon=1e-5)

    def layer_norm(self, name, x, epsilon=1e-6):
        """Over the channels of each pixel, as PyTorch's exporter writes it: the channels go last and come back."""
        scale, bias, _, _ = self.parameters.batch_norm(name, self.channels[x], 1.0)
        y = self.add("Transpose", name + ".last", [x], perm=[0, 2, 3, 1])
        y = self.add("LayerNormalization", name, [y, self.constant(name + ".weight", scale), self.constant(name + ".bias", bias)], axis=-1, epsilon=epsilon)
        return self.add("Transpose", name + ".first", [y], perm=[0, 3, 1, 2])

    def lrn(self, name, x, alpha=1e-4, k=1.0):
        """alpha as in Caffe and ONNX: of the mean of the squares."""
        return self.add("LRN", name, [x], size=5, alpha=alpha, beta=0.75, bias=k)

    def relu(self, x):
        return self.add("Relu", x + ".relu", [x])

    def leaky_relu(self, x):
        return self.add("LeakyRelu", x + ".leaky", [x], alpha=0.1)

    def elu(self, x):
        return self.add("Elu", x + ".elu", [x], alpha=1.0)

    def relu6(self, x):
        limits = [self.constant(f"limit{v}", v) for v in (0, 6)]
        return self.add("Clip", x + ".relu6", [x, *limits])

    def hard_swish(self, x):
        return self.add("HardSwish", x + ".hardswish", [x])

    def gelu(self, x):
        """Spelled out, as PyTorch's exporter writes it below opset 20."""
        y = self.add("Div", x + ".div", [x, self.constant("sqrt2", math.sqrt(2))])
        y = self.add("Add", x + ".add", [self.add("Erf", x + ".erf", [y]), self.constant("one", 1)])
        return self.add("Mul", x + ".half", [self.add("Mul", x + ".mul", [x, y]), self.constant("half", 0.5)])

    def max_pool(self, name, x, kernel=3, stride=2, pad=0):
        return self.add("MaxPool", name, [x], kernel_shape=[kernel] * 2, strides=[stride] * 2, ceil_mode=1, **padding(pad))

    def average_pool(self, name, x, kernel, stride=1, pad=0):
        return self.add("AveragePool", name, [x], kernel_shape=[kernel] * 2, strides=[stride] * 2, count_include_pad=1, **padding(pad))

    def global_average(self, name, x):
        return self.add("GlobalAveragePool", name, [x])

    def sum(self, name, a, b):
        return self.add("Add", name, [a, b])

    def concat(self, name, parts):
        return self.add("Concat", name, parts, sum(self.channels[p] for p in parts), axis=1)

    def dropout(self, x):
        return self.add("Dropout", x + ".drop", [x])

    def flatten(self, name, x):
        return self.add("Flatten", name, [x], self.values[x].size if self.values else None, axis=1)

    # Machinery ---------------------------------------------------------------------------------------------------

    def scale(self, name, channels, size):
        """A factor for each channel, about this size."""
        return self.constant(name, self.parameters.batch_norm(name, channels, size)[0].reshape(channels, 1, 1))

    def constant(self, name, value, dtype=numpy.float32):
        self.constants[name] = numpy.asarray(value, dtype)
        return name

    def add(self, op, name, inputs, channels=None, value=None, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        self.channels[name] = channels or self.channels[inputs[0]]
        self.last = name
        if self.values:
            if value is None:
                value = run_node(op, [self.values[i] if i in self.values else self.constants[i] for i in inputs], attributes)
            self.values[name] = value
        return name

    def model(self, output="output"):
        """The finished ONNX model; its last layer is the output."""
        self.nodes[-1].output[0] = output
        # Shapes are inferred and checked with the large weights outside: neither must copy them.
        small = {name: value for name, value in self.constants.items() if value.nbytes <= 4096}
        large = [helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape) for name, value in self.constants.items() if name not in small]
        graph = helper.make_graph(self.nodes, self.name, [self.input, *large], [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)],
                                  [numpy_helper.from_array(value, name) for name, value in small.items()])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="net2c examples", ir_version=8)
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        del model.graph.value_info[:]
        onnx.checker.check_model(model)
        del model.graph.input[1:]
        model.graph.initializer.extend(numpy_helper.from_array(self.constants[info.name], info.name) for info in large)
        return model


def pair(size):
    return [size, size] if isinstance(size, int) else list(size)


def padding(pad):
    return dict(auto_pad=pad) if isinstance(pad, str) else dict(pads=pair(pad) * 2)


def rms(value):
    return float(numpy.sqrt(numpy.mean(numpy.square(value, dtype=numpy.float64))))


def example_input(info, seed):
    """A seeded picture: smooth shapes and some noise, in -1..1; in grey levels where the input's name says rgb (0..255) or
    bgr (less a mean)."""
    shape = [d.dim_value for d in info.type.tensor_type.shape.dim]
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0 : shape[2], 0 : shape[3]] / 32.0
    waves = [numpy.sin(x * random.uniform(-2, 2) + y * random.uniform(-2, 2) + random.uniform(0, 6)) for _ in range(3 * 4)]
    picture = numpy.stack([sum(waves[c::3]) / 4 for c in range(3)])[None] + random.normal(0, 0.2, shape)
    picture = numpy.clip(picture, -1, 1)
    return (picture * {"rgb": 127.5, "bgr": 127.5}.get(info.name, 1) + (127.5 if info.name == "rgb" else 0)).astype(numpy.float32)


def session(model, optimised=False):
    import onnxruntime  # here, because the trained networks do without it

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def run_node(op, arrays, attributes):
    names = [f"i{k}" for k in range(len(arrays))]
    inputs = [helper.make_tensor_value_info(n, helper.np_dtype_to_tensor_dtype(a.dtype), a.shape) for n, a in zip(names, arrays)]
    graph = helper.make_graph([helper.make_node(op, names, ["y"], **attributes)], "layer", inputs,
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return session(model).run(None, dict(zip(names, arrays)))[0]
