"""A network under construction: one method a layer, each returns the name of its output. Where the numbers come from is the
parameters' business: Seeded draws them, Trained takes them from a state dict."""
import math

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 13
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


def power_of_two(size):
    return numpy.float32(2.0 ** round(math.log2(size))) if size > 0 else numpy.float32(1)


class Network:
    def __init__(self, name, parameters, height, width, input_name="input"):
        self.name, self.parameters = name, parameters
        self.nodes, self.constants = [], {}
        self.channels = {input_name: 3}
        self.input = helper.make_tensor_value_info(input_name, TensorProto.FLOAT, [1, 3, height, width])
        self.last = input_name
        # What each layer gives for a seeded input; only seeded parameters look at it.
        self.values = {}
        if isinstance(parameters, Seeded):
            self.values[input_name] = example_input(self.input, seed=1)

    # Layers ------------------------------------------------------------------------------------------------------

    def conv(self, name, x, channels, kernel, stride=1, pad=0, group=1, bias=False, transposed=False, input_scale=1):
        inputs = self.channels[x]
        shape = [inputs, channels, kernel, kernel] if transposed else [channels, inputs // group, kernel, kernel]
        fan_in = inputs // group * kernel * kernel // (stride * stride if transposed else 1)
        weights = self.parameters.weights(name, shape, fan_in) * numpy.float32(input_scale)
        attributes = dict(kernel_shape=[kernel] * 2, strides=[stride] * 2, pads=[pad] * 4, group=group)
        op = "ConvTranspose" if transposed else "Conv"
        if self.values and bias:
            weights = weights / power_of_two(self.rms(op, [self.values[x], weights], attributes))
        operands = [x, self.constant(name + ".weight", weights)]
        if bias:
            operands.append(self.constant(name + ".bias", self.parameters.bias(name, channels)))
        return self.add(op, name, operands, channels, **attributes)

    def batch_norm(self, name, x, gain=1.0):
        channels = self.channels[x]
        scale, bias, mean, variance = self.parameters.batch_norm(name, channels, gain)
        if self.values:
            size = power_of_two(float(numpy.sqrt(numpy.mean(numpy.square(self.values[x], dtype=numpy.float64)))))
            mean, variance = mean * size, variance * size * size
        parts = dict(weight=scale, bias=bias, running_mean=mean, running_var=variance)
        operands = [self.constant(f"{name}.{part}", value) for part, value in parts.items()]
        return self.add("BatchNormalization", name, [x, *operands], epsilon=1e-5)

    def relu(self, x):
        return self.add("Relu", x + ".relu", [x])

    def elu(self, x):
        return self.add("Elu", x + ".elu", [x], alpha=1.0)

    def relu6(self, x):
        limits = [self.constant(f"limit{v}", v) for v in (0, 6)]
        return self.add("Clip", x + ".relu6", [x, *limits])

    def max_pool(self, name, x, kernel=3, stride=2):
        return self.add("MaxPool", name, [x], kernel_shape=[kernel] * 2, strides=[stride] * 2, ceil_mode=1)

    def global_average(self, name, x):
        return self.add("GlobalAveragePool", name, [x])

    def sum(self, name, a, b):
        return self.add("Add", name, [a, b])

    def concat(self, name, parts):
        return self.add("Concat", name, parts, sum(self.channels[p] for p in parts), axis=1)

    def flatten(self, name, x):
        return self.add("Flatten", name, [x], axis=1)

    def dense(self, name, x, channels):
        inputs = self.channels[x]
        weights = self.parameters.weights(name, [channels, inputs], inputs)
        if self.values:
            weights = weights / power_of_two(self.rms("Gemm", [self.values[x], weights], dict(transB=1)))
        operands = [self.constant(name + ".weight", weights), self.constant(name + ".bias", self.parameters.bias(name, channels))]
        return self.add("Gemm", name, [x, *operands], channels, transB=1)

    # Machinery ---------------------------------------------------------------------------------------------------

    def constant(self, name, value):
        self.constants[name] = numpy.asarray(value, numpy.float32)
        return name

    def add(self, op, name, inputs, channels=None, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, **attributes))
        self.channels[name] = channels or self.channels[inputs[0]]
        self.last = name
        if self.values:
            self.values[name] = run_node(op, [self.values[i] if i in self.values else self.constants[i] for i in inputs], attributes)
        return name

    def rms(self, op, arrays, attributes):
        """The size of what a layer without bias computes."""
        return float(numpy.sqrt(numpy.mean(numpy.square(run_node(op, arrays, attributes), dtype=numpy.float64))))

    def model(self, output="output"):
        """The finished ONNX model; its last layer is the output."""
        self.nodes[-1].output[0] = output
        initializers = [numpy_helper.from_array(value, name) for name, value in self.constants.items()]
        graph = helper.make_graph(self.nodes, self.name, [self.input],
                                  [helper.make_tensor_value_info(output, TensorProto.FLOAT, None)], initializers)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="net2c examples", ir_version=8)
        model = onnx.shape_inference.infer_shapes(model, strict_mode=True)
        del model.graph.value_info[:]
        onnx.checker.check_model(model)
        return model


def example_input(info, seed):
    """A seeded picture: smooth shapes and some noise, in -1..1, or in 0..255 where the input's name says rgb."""
    shape = [d.dim_value for d in info.type.tensor_type.shape.dim]
    random = numpy.random.default_rng(seed)
    y, x = numpy.mgrid[0 : shape[2], 0 : shape[3]] / 32.0
    waves = [numpy.sin(x * random.uniform(-2, 2) + y * random.uniform(-2, 2) + random.uniform(0, 6)) for _ in range(3 * 4)]
    picture = numpy.stack([sum(waves[c::3]) / 4 for c in range(3)])[None] + random.normal(0, 0.2, shape)
    picture = numpy.clip(picture, -1, 1)
    return ((picture + 1) * 127.5 if info.name == "rgb" else picture).astype(numpy.float32)


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
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in zip(names, arrays)]
    graph = helper.make_graph([helper.make_node(op, names, ["y"], **attributes)], "layer", inputs,
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    return session(model).run(None, dict(zip(names, arrays)))[0]
