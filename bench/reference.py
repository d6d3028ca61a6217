"""The output that all are held against: the network in fp64, by onnx's own reference evaluator, whose slow layers are done
here a filter tap at a time. As a program: reference.py MODEL.onnx INPUT.npy STEM writes STEM.fp64.npy, or what ONNX Runtime
without optimisation says, STEM.onnxruntime-unoptimised.npy."""
import math
import pathlib
import sys

import numpy
import onnx
from numpy.lib.stride_tricks import sliding_window_view
from onnx import numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun


def sides(size, kernel, stride, dilation, auto_pad, pads, ceil_mode=0):
    """(padding before, padding after, outputs) along one axis; with ceil_mode the last window may hang over."""
    reach = dilation * (kernel - 1) + 1
    if auto_pad in ("SAME_UPPER", "SAME_LOWER"):
        total = max((math.ceil(size / stride) - 1) * stride + reach - size, 0)
        before = (total + (auto_pad == "SAME_LOWER")) // 2
        pads = before, total - before
    elif auto_pad == "VALID":
        pads = 0, 0
    room = size + sum(pads) - reach
    count = (math.ceil(room / stride) if ceil_mode else room // stride) + 1
    if ceil_mode and (count - 1) * stride >= size + pads[0]:
        count -= 1
    return *pads, count


def taps(x, kernel, strides, dilations, auto_pad, pads, ceil_mode, value):
    """The input under each tap of the kernel, in the output's size: [(tap's index, array)]. Two dimensions."""
    strides, dilations, pads = strides or [1, 1], dilations or [1, 1], pads or [0] * 4
    ways = [sides(x.shape[2 + i], kernel[i], strides[i], dilations[i], auto_pad, (pads[i], pads[2 + i]), ceil_mode) for i in range(2)]
    hang = [max((n - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 - x.shape[2 + i] - before - after, 0) for i, (before, after, n) in enumerate(ways)]
    x = numpy.pad(x, [(0, 0), (0, 0)] + [(before, after + h) for (before, after, n), h in zip(ways, hang)], constant_values=value)
    for i, j in numpy.ndindex(*kernel):
        top, left = i * dilations[0], j * dilations[1]
        yield (i, j), x[:, :, top : top + (ways[0][2] - 1) * strides[0] + 1 : strides[0], left : left + (ways[1][2] - 1) * strides[1] + 1 : strides[1]]


class Conv(OpRun):
    def _run(self, x, w, bias=None, auto_pad=None, dilations=None, group=None, kernel_shape=None, pads=None, strides=None):
        n, c, group = *x.shape[:2], group or 1
        w = w.reshape(group, -1, *w.shape[1:])
        total = 0
        for (i, j), part in taps(x, w.shape[3:], strides, dilations, auto_pad, pads, 0, 0):
            total = total + numpy.matmul(numpy.ascontiguousarray(w[..., i, j]), part.reshape(n, group, c // group, -1))
        y = total.reshape(n, -1, *part.shape[2:])
        return (y if bias is None else y + bias[:, None, None],)


class ConvTranspose(OpRun):
    def _run(self, x, w, bias=None, auto_pad=None, dilations=None, group=None, kernel_shape=None, output_padding=None, output_shape=None,
             pads=None, strides=None):
        if output_shape or auto_pad not in (None, "NOTSET") or (group or 1) != 1:
            raise NotImplementedError("this ConvTranspose")
        strides, dilations, pads, extra = strides or [1, 1], dilations or [1, 1], pads or [0] * 4, output_padding or [0, 0]
        (n, c, *size), kernel = x.shape, w.shape[2:]
        full = [(size[i] - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1 + extra[i] for i in range(2)]
        y = numpy.zeros((n, w.shape[1], *full), x.dtype)
        for i, j in numpy.ndindex(*kernel):
            part = numpy.matmul(numpy.ascontiguousarray(w[..., i, j].T), x.reshape(n, c, -1)).reshape(n, -1, *size)
            top, left = i * dilations[0], j * dilations[1]
            y[:, :, top : top + (size[0] - 1) * strides[0] + 1 : strides[0], left : left + (size[1] - 1) * strides[1] + 1 : strides[1]] += part
        y = y[:, :, pads[0] : full[0] - pads[2], pads[1] : full[1] - pads[3]]
        return (y if bias is None else y + bias[:, None, None],)


class MaxPool(OpRun):
    def _run(self, x, auto_pad=None, ceil_mode=None, dilations=None, kernel_shape=None, pads=None, storage_order=None, strides=None):
        y = -numpy.inf
        for _, part in taps(x, kernel_shape, strides, dilations, auto_pad, pads, ceil_mode, -numpy.inf):
            y = numpy.maximum(y, part)
        return (y,)


class AveragePool(OpRun):
    def _run(self, x, auto_pad=None, ceil_mode=None, count_include_pad=None, dilations=None, kernel_shape=None, pads=None, strides=None):
        if count_include_pad and ceil_mode:
            raise NotImplementedError("this AveragePool")
        y = count = 0
        counted = numpy.ones((1, 1, *x.shape[2:]))
        for (_, part), (_, there) in zip(*(taps(a, kernel_shape, strides, dilations, auto_pad, pads, ceil_mode, value)
                                           for a, value in ((x, 0), (counted, 1 if count_include_pad else 0)))):
            y, count = y + part, count + there
        return (y / count,)


class LRN(OpRun):
    def _run(self, x, alpha=None, beta=None, bias=None, size=None):
        before = (size - 1) // 2
        squares = numpy.pad(x * x, [(0, 0), (before, size - 1 - before), (0, 0), (0, 0)])
        return (x / (bias + alpha / size * sliding_window_view(squares, size, axis=1).sum(axis=-1)) ** beta,)


class LayerNormalization(OpRun):
    def _run(self, x, scale, bias=None, axis=None, epsilon=None, stash_type=None):
        axes = tuple(range(axis % x.ndim, x.ndim))
        centred = x - x.mean(axis=axes, keepdims=True)
        y = centred / numpy.sqrt((centred * centred).mean(axis=axes, keepdims=True) + epsilon) * scale
        return (y if bias is None else y + bias,)


def fp64(model, x):
    """The first output of an ONNX model, whose numbers are fp32, computed in fp64; NotImplementedError where it cannot be."""
    double = onnx.ModelProto()
    double.CopyFrom(model)
    for value in double.graph.initializer:
        if value.data_type == onnx.TensorProto.FLOAT:
            value.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(value).astype(numpy.float64), value.name))
    for node in double.graph.node:
        if node.op_type in ("Cast", "Constant"):
            raise NotImplementedError(node.op_type)
    for info in [*double.graph.input, *double.graph.output]:
        info.type.tensor_type.elem_type = onnx.TensorProto.DOUBLE
    layers = [Conv, ConvTranspose, MaxPool, AveragePool, LRN, LayerNormalization]
    y = ReferenceEvaluator(double, new_ops=layers).run(None, {model.graph.input[0].name: x.astype(numpy.float64)})[0]
    if y.dtype != numpy.float64:
        raise NotImplementedError(f"a layer that computes in {y.dtype}")
    return y


def main():
    source, values, stem = sys.argv[1:]
    model, x = onnx.load(source), numpy.load(values)
    try:
        path, y = f"{stem}.fp64.npy", fp64(model, x)
    except NotImplementedError as missing:
        sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "examples/networks"))
        from network import session

        print(f"no fp64 reference ({missing}); ONNX Runtime without optimisation is it")
        path, y = f"{stem}.onnxruntime-unoptimised.npy", session(model).run(None, {model.graph.input[0].name: x})[0]
    numpy.save(path, y)


if __name__ == "__main__":
    main()
