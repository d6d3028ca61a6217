"""Random ONNX graphs of 5 to 20 nodes, of any opset and rank, against ONNX Runtime, which also says whether a node is legal
where it is put and what it gives. More of them, by hand: python tests/python/test_random_graphs.py FIRST LAST [ENGINE...]"""
import pathlib
import sys
import tempfile

import numpy
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from harness import assert_close, file_of, oracle, run

OPSETS = (7, 26)
TYPES = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE, "int32": TensorProto.INT32, "int64": TensorProto.INT64, "bool": TensorProto.BOOL}


class Builder:
    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.opset = self.pick(*OPSETS)
        self.nodes, self.constants, self.constant_nodes, self.values = [], [], [], {}
        self.constants_as = self.one_of("initialisers", "initialisers", "nodes", "inputs", "both")
        rank = self.one_of(4, 4, 4, 3, 2)
        self.inputs = {}
        for i in range(self.pick(1, 2)):
            shape = [self.one_of(1, 1, 2, 3), self.pick(1, 20), *[self.pick(3, 19) for _ in range(rank - 2)]]
            self.inputs[f"x{i}"] = self.normal(shape)
        self.values.update(self.inputs)

    def pick(self, low, high):
        return int(self.random.integers(low, high + 1))

    def one_of(self, *choices):
        return choices[self.pick(0, len(choices) - 1)]

    def some(self, n, k):
        """k of 0..n-1, each once."""
        return [int(i) for i in self.random.choice(n, k, replace=False)]

    def since(self, opset):
        return self.opset >= opset

    def normal(self, shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(numpy.float32)

    def constant(self, value, kind=numpy.float32):
        name = f"c{len(self.constants) + len(self.constant_nodes)}"
        tensor = numpy_helper.from_array(numpy.asarray(value, kind), name)
        if self.constants_as == "nodes" or (self.constants_as == "both" and self.pick(0, 1)):
            self.constant_nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        else:
            self.constants.append(tensor)
        return name

    def ints(self, *values):
        return self.constant(values, numpy.int64)

    def weights(self, *shape):
        return self.constant(self.normal(shape, numpy.prod(shape[1:]) ** -0.5))

    def like(self, fits):
        """The names of values for which it holds."""
        return [n for n, v in self.values.items() if v.dtype == numpy.float32 and fits(v)]

    def model(self, outputs, open_sizes=False):
        inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [f"{n}_{i}" for i in range(v.ndim)] if open_sizes else v.shape)
                  for n, v in self.inputs.items()]
        if self.constants_as == "inputs":
            inputs += [helper.make_tensor_value_info(t.name, t.data_type, t.dims) for t in self.constants]
        graph = helper.make_graph(self.constant_nodes + self.nodes, "random", inputs, [onnx.ValueInfoProto(name=n) for n in outputs], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)

    def add(self, kind, inputs, outputs=1, read=None, **attributes):
        """The name of the first output, if ONNX Runtime runs the node to finite numbers of a sane size; `read`: how many
        outputs may be read."""
        names = [f"t{len(self.nodes)}_{k}" for k in range(outputs)]
        attributes = {k: v for k, v in attributes.items() if v is not None}
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.intra_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        names = names[:read]
        try:
            session = onnxruntime.InferenceSession(self.model(names).SerializeToString(), options, providers=["CPUExecutionProvider"])
            results = session.run(None, self.inputs)
        except Exception:  # every kind of refusal means the same here
            results = []
        if results and all(self.sane(v) for v in results):
            self.values.update(zip(names, results))
            return names[0]
        self.nodes.pop()
        return None

    @staticmethod
    def sane(v):
        if not v.size or v.size > 60000 or v.ndim > 6 or str(v.dtype) not in TYPES:
            return False
        return v.dtype.kind != "f" or (numpy.isfinite(v).all() and 1e-3 < numpy.abs(v).max() < 1e3)

    def step(self):
        floats = self.like(lambda v: True)
        x = floats[-1] if self.random.random() < 0.7 else self.one_of(*floats)
        shape = self.values[x].shape
        rank = len(shape)
        kinds = [self.unary, self.binary, self.binary, self.sum, self.softmax, self.reduce, self.reshape, self.shape_arithmetic, self.transpose,
                 self.concat, self.split, self.slices, self.pad, self.gather, self.cast, self.matmul]
        if rank in (3, 4):
            kinds += 4 * [self.conv] + 3 * [self.pool] + 2 * [self.deconv] + 2 * [self.resize] + [self.norm]
        if rank == 4:
            kinds += [self.squeeze_and_excite, self.blocks]
        if rank == 2:
            kinds += [self.norm]
        if rank:
            self.one_of(*kinds)(x, shape, rank)

    # Windows

    def window(self, dims, dilated=True):
        w = {"pads": [self.pick(0, 2) for _ in range(2 * dims)]} if self.pick(0, 3) else {"auto_pad": self.one_of("SAME_UPPER", "SAME_LOWER", "VALID")}
        if self.pick(0, 3):
            w["strides"] = [self.pick(1, 3) for _ in range(dims)]
        if dilated and "pads" in w and not self.pick(0, 2):
            w["dilations"] = [self.pick(1, 3) for _ in range(dims)]
        return w

    def groups(self, channels):
        return self.one_of(1, 1, channels, *[g for g in range(1, channels + 1) if channels % g == 0])

    def conv(self, x, shape, rank):
        dims, group = rank - 2, self.groups(shape[1])
        kernel = [self.pick(1, 5) for _ in range(dims)] if self.pick(0, 2) else [self.pick(1, 5)] * dims
        outputs = group * self.pick(1, max(1, 24 // group))
        parts = [self.weights(outputs, shape[1] // group, *kernel)] + ([self.constant(self.normal(outputs))] if self.pick(0, 1) else [])
        y = self.add("Conv", [x, *parts], group=self.one_of(group, group if group > 1 else None), kernel_shape=self.one_of(None, kernel), **self.window(dims))
        if y and self.pick(0, 1):   # what is fused into it
            self.one_of(self.norm, self.unary, self.binary)(y, self.values[y].shape, rank)

    def deconv(self, x, shape, rank):
        dims, group = rank - 2, self.groups(shape[1])
        kernel, strides = [self.pick(1, 4) for _ in range(dims)], [self.pick(1, 3) for _ in range(dims)]
        outputs = self.pick(1, max(1, 12 // group))
        parts = [self.weights(shape[1], outputs, *kernel)] + ([self.constant(self.normal(outputs * group))] if self.pick(0, 1) else [])
        how = self.pick(0, 3)
        if how == 0 and all(k >= s for k, s in zip(kernel, strides)):   # else ONNX's shapes are not ONNX Runtime's
            where = {"auto_pad": self.one_of("SAME_UPPER", "SAME_LOWER", "VALID")}
        elif how == 1:
            where = {"output_shape": [max(1, (n - 1) * s + k - self.pick(0, 2)) for n, s, k in zip(shape[2:], strides, kernel)],
                     "auto_pad": self.one_of(None, "SAME_UPPER", "SAME_LOWER")}
        else:
            where = {"pads": [self.pick(0, 1) for _ in range(2 * dims)], "dilations": self.one_of(None, [self.pick(1, 2) for _ in range(dims)])}
        more = None if self.pick(0, 2) else [self.pick(0, s - 1) for s in strides]
        self.add("ConvTranspose", [x, *parts], group=group, strides=strides, output_padding=more, **where)

    def pool(self, x, shape, rank):
        dims = rank - 2
        kind = self.one_of("MaxPool", "MaxPool", "AveragePool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool")
        if kind.startswith("Global"):
            return self.add(kind, [x])
        w = self.window(dims, dilated=self.since(10 if kind == "MaxPool" else 19))
        dilations = w.get("dilations", [1] * dims)
        kernel = [min(self.pick(1, 4), (n - 1) // d + 1) for n, d in zip(shape[2:], dilations)]   # ONNX Runtime takes larger ones, too
        if "pads" in w:
            w["pads"] = [min(p, kernel[i % dims] - 1) for i, p in enumerate(w["pads"])]
        elif w["auto_pad"] != "VALID" and "strides" in w:   # ONNX Runtime crops where a stride is larger than the kernel: pads below 0
            w["strides"] = [min(s, k) for s, k in zip(w["strides"], kernel)]
        if kind == "AveragePool":
            w["count_include_pad"] = self.one_of(None, 0, 1)
        if self.since(10):
            w["ceil_mode"] = self.one_of(None, 0, 1)
        return self.add(kind, [x], kernel_shape=kernel, **w)

    def resize(self, x, shape, rank):
        ones, spatial = [1.0, 1.0], shape[2:]
        if self.opset < 11:
            mode = self.one_of("nearest", "linear") if rank == 4 else "nearest"
            scales = ones + [self.one_of(1.0, 2.0, 3.0, *([0.5, 0.7] if self.opset == 10 else [])) for _ in spatial]
            if self.opset < 9:
                return self.add("Upsample", [x], mode=mode, scales=scales)
            return self.add("Upsample" if self.opset == 9 else "Resize", [x, self.constant(scales)], mode=mode)
        halves = self.one_of("half_pixel", "pytorch_half_pixel", "asymmetric")
        how = self.one_of({"mode": "nearest"}, {"mode": "nearest", "coordinate_transformation_mode": "align_corners"},
                          {"mode": "nearest", "coordinate_transformation_mode": halves, "nearest_mode": self.one_of("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")},
                          {"mode": "nearest", "coordinate_transformation_mode": "tf_half_pixel_for_nn", "nearest_mode": "floor"},
                          {"mode": "linear", "coordinate_transformation_mode": self.one_of(halves, "align_corners")},
                          {"mode": "cubic", "coordinate_transformation_mode": halves, "cubic_coeff_a": self.one_of(None, -0.5), "exclude_outside": self.one_of(None, 1)},
                          *([{"mode": self.one_of("linear", "cubic"), "antialias": 1}] if self.since(18) else []))
        empty = self.one_of("", self.constant([])) if self.since(13) else self.constant([])
        # At fractional scales ONNX's own test vectors and ONNX Runtime do not agree on align_corners.
        aligned = how.get("coordinate_transformation_mode") == "align_corners"
        axes = list(range(2, rank)) if self.since(18) and not self.pick(0, 2) else None
        if self.pick(0, 1):
            scales = [self.one_of(1, 2, 3, *([] if aligned else [1.5, 0.5, 0.7])) for _ in spatial]
            return self.add("Resize", [x, empty, self.constant(scales if axes else ones + scales)], axes=axes, **how)
        sizes = [self.pick(3, 30) for _ in spatial]
        policy = self.one_of(None, "not_larger", "not_smaller") if axes and not aligned else None
        return self.add("Resize", [x, empty, empty, self.ints(*([] if axes else shape[:2]), *sizes)], axes=axes, keep_aspect_ratio_policy=policy, **how)

    # Element by element

    def norm(self, x, shape, rank):
        c = shape[1]
        scale, bias, mean = (self.constant(self.normal(c)) for _ in range(3))
        if self.pick(0, 2) or rank == 2:
            return self.add("BatchNormalization", [x, scale, bias, mean, self.constant(self.random.uniform(0.3, 2, c))], epsilon=self.one_of(None, 1e-3),
                            spatial=self.one_of(None, 1) if self.opset < 9 else None)
        if self.values[x].reshape(*shape[:2], -1).std(axis=2).min() > 0.03:   # of flat maps, the result is mostly rounding
            self.add("InstanceNormalization", [x, scale, bias])

    def unary(self, x, shape, rank):
        kind = self.one_of("Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "HardSigmoid", "Clip", "Clip", "PRelu", "PRelu", "Abs", "Neg", "Exp", "Identity",
                           "Dropout", "Softplus", *(["HardSwish"] if self.since(14) else []), *(["Erf"] if self.since(9) else []))
        if kind == "Clip":
            low, high = self.one_of(None, -0.5, 0.0), self.one_of(None, 0.7, 6.0)
            if not self.since(11):
                return self.add(kind, [x], min=low, max=high)
            return self.add(kind, [x, *["" if bound is None else self.constant(bound) for bound in (low, high)]])
        if kind == "PRelu":
            return self.add(kind, [x, self.constant(self.normal(self.one_of([], [1], shape[1:], [shape[1], *[1] * (rank - 2)] if rank > 1 else [1])))])
        if kind == "Dropout":
            more = self.one_of([], [self.constant(0.4)], [self.constant(0.4), self.constant(False, bool)]) if self.since(12) else []
            return self.add(kind, [x, *more], outputs=self.pick(1, 2), read=1, ratio=None if self.since(12) else self.one_of(None, 0.3))
        return self.add(kind, [x], alpha=self.one_of(None, 0.3) if kind in ("LeakyRelu", "Elu", "HardSigmoid") else None)

    def broadcasts(self, shape):
        def fits(v):
            try:
                return len(numpy.broadcast_shapes(v.shape, shape)) <= 5
            except ValueError:
                return False
        return fits

    def binary(self, x, shape, rank):
        kind = self.one_of("Add", "Sub", "Mul", "Div", "Max", "Min")
        others = [n for n in self.like(self.broadcasts(shape)) if n != x]
        if others and self.pick(0, 2) and kind != "Div":
            y = self.one_of(*others)
        else:
            drawn = self.normal([d if self.pick(0, 1) else 1 for d in shape][self.pick(0, rank):])
            y = self.constant(numpy.abs(drawn) + 0.5 if kind == "Div" else drawn)
        self.add(kind, [x, y] if kind == "Div" or self.pick(0, 1) else [y, x])

    def sum(self, x, shape, rank):
        inputs = [self.one_of(x, *self.like(self.broadcasts(shape))) for _ in range(self.pick(1, 3))]
        self.add(self.one_of("Sum", "Sum", "Mean"), inputs + [self.constant(self.normal([d if self.pick(0, 1) else 1 for d in shape]))][:self.pick(0, 1)])

    def squeeze_and_excite(self, x, shape, rank):
        y = self.add("GlobalAveragePool", [x])
        y = y and self.add("Conv", [y, self.weights(shape[1], shape[1], 1, 1)])
        y = y and self.add(self.one_of("Sigmoid", "HardSigmoid"), [y])
        if y:
            self.add("Mul", self.one_of([x, y], [y, x]))

    def cast(self, x, shape, rank):
        larger = self.add("Mul", [x, self.constant(17.3)])
        y = larger and self.add("Cast", [larger], to=self.one_of(*TYPES.values()))
        if y and self.pick(0, 3):
            self.add("Cast", [y], to=TensorProto.FLOAT)

    # Over axes

    def axis(self, axis, rank, since=11):
        """From the end or not, where the version has both."""
        return axis - self.one_of(0, rank) if self.since(since) else axis

    def softmax(self, x, shape, rank):
        self.add(self.one_of("Softmax", "Softmax", "LogSoftmax"), [x], axis=self.one_of(None, self.axis(self.pick(0, rank - 1), rank)))

    def reduce(self, x, shape, rank):
        kind = self.one_of("ReduceMean", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL1", "ReduceL2", "ReduceSumSquare", "ReduceLogSumExp")
        as_input, keep = self.since(13 if kind == "ReduceSum" else 18), self.one_of(None, 0, 1)
        if not self.pick(0, 6):
            return self.add(kind, [x], keepdims=keep, noop_with_empty_axes=self.one_of(None, 0, 1) if as_input else None)
        axes = [2, 3] if rank == 4 and self.pick(0, 1) else self.some(rank, self.pick(1, min(3, rank)))
        axes = [self.axis(a, rank) for a in axes]
        return self.add(kind, [x, *([self.ints(*axes)] if as_input else [])], keepdims=keep, axes=None if as_input else axes)

    def matmul(self, x, shape, rank):
        n = self.pick(1, 40)
        if rank == 2 and self.pick(0, 1):
            flip, turned = not self.pick(0, 4), self.pick(0, 1)
            m, k = reversed(shape) if flip else shape
            parts = [self.weights(n, k) if turned else self.constant(self.normal((k, n), k ** -0.5))]
            if self.opset < 11 or self.pick(0, 1):
                parts.append(self.constant(self.normal(self.one_of([n], [1, n], [m, n], [m, 1], [1], []))))
            return self.add("Gemm", [x, *parts], transA=int(flip) or None, transB=turned or None, alpha=self.one_of(None, 0.5), beta=self.one_of(None, 0.5, 0.0))
        k = shape[-1]
        if rank >= 2 and not self.pick(0, 3):
            return self.add("MatMul", [self.weights(n, shape[-2]), x])
        wide = [*shape[:-2], k, n] if rank >= 3 and not self.pick(0, 4) else self.one_of([k, n], [k, n], [k])
        return self.add("MatMul", [x, self.constant(self.normal(wide, k ** -0.5))])

    # Movement

    def concat(self, x, shape, rank):
        axis = self.pick(0, rank - 1) if rank == 1 or not self.pick(0, 2) else 1
        same = self.like(lambda v: v.ndim == rank and (*v.shape[:axis], *v.shape[axis + 1:]) == (*shape[:axis], *shape[axis + 1:]))
        parts = [self.one_of(*same) for _ in range(self.pick(1, 3))]
        if not self.pick(0, 2):
            parts.insert(self.pick(0, len(parts)), self.constant(self.normal([*shape[:axis], self.pick(1, 9), *shape[axis + 1:]])))
        self.add("Concat", parts, axis=self.axis(axis, rank))

    def split(self, x, shape, rank):
        axis = self.pick(0, rank - 1) if rank == 1 or not self.pick(0, 2) else 1
        size = shape[axis]
        if size < 2:
            return
        parts = self.pick(2, min(4, size))
        cuts = [0, *sorted(1 + c for c in self.some(size - 1, parts - 1)), size]
        sizes, along = [b - a for a, b in zip(cuts, cuts[1:])], self.axis(axis, rank)
        if self.since(18) and not self.pick(0, 2):
            self.add("Split", [x], outputs=parts, axis=along, num_outputs=parts)
        elif not self.since(18) and size % parts == 0 and self.pick(0, 1):
            self.add("Split", [x], outputs=parts, axis=along)
        elif self.since(13):
            self.add("Split", [x, self.ints(*sizes)], outputs=parts, axis=along)
        else:
            self.add("Split", [x], outputs=parts, axis=along, split=sizes)

    def slices(self, x, shape, rank):
        axes = self.some(rank, self.pick(1, min(2, rank)))
        starts, ends, steps = [], [], []
        for n in (shape[a] for a in axes):
            steps.append(self.one_of(1, 1, 2, 3, -1, -2) if self.since(10) else 1)
            back = steps[-1] < 0
            starts.append(self.one_of(-1, n - 1, n + 5) if back else self.one_of(0, self.pick(0, n - 1), -n, -self.pick(1, n)))
            ends.append(self.one_of(-(1 << 40), 0, -n - 1, -n) if back else self.one_of(n, 1 << 40, (1 << 63) - 1, -1, self.pick(1, n)))
        in_order = axes == list(range(len(axes))) and self.pick(0, 1)
        if not self.since(10):
            return self.add("Slice", [x], starts=starts, ends=ends, axes=None if in_order else axes)
        parts = [self.ints(*starts), self.ints(*ends), "" if in_order else self.ints(*[self.axis(a, rank) for a in axes]), self.ints(*steps)]
        return self.add("Slice", [x, *parts])

    def pad(self, x, shape, rank):
        pads = numpy.zeros((2, rank), int)
        mode = self.one_of(None, "constant", "reflect", "edge")
        least = -1 if mode is None and not self.pick(0, 2) else 0   # crops
        for axis in range(rank):
            if axis >= 2 or not self.pick(0, 4):
                pads[:, axis] = self.pick(least, 2), self.pick(least, 2)
        value = self.one_of(None, 1.5) if mode in (None, "constant") else None
        if not self.since(11):
            return self.add("Pad", [x], mode=mode, pads=[int(p) for p in pads.ravel()], value=value)
        axes = [a for a in range(rank) if pads[:, a].any()] if self.since(18) and self.pick(0, 1) else []
        amounts = self.ints(*[int(p) for p in (pads[:, axes] if axes else pads).ravel()])
        more = [self.constant([self.axis(a, rank) for a in axes], self.one_of(numpy.int32, numpy.int64))] if axes else []
        return self.add("Pad", [x, amounts, "" if value is None else self.constant(value), *more], mode=mode)

    def gather(self, x, shape, rank):
        axis = self.pick(0, rank - 1)
        n = shape[axis]
        indices = self.random.integers(-n if self.since(11) else 0, n, self.one_of([], [self.pick(1, 6)], [n], [2, 2]))
        self.add("Gather", [x, self.constant(indices, self.one_of(numpy.int32, numpy.int64))], axis=axis - self.one_of(0, rank))

    def transpose(self, x, shape, rank):
        self.add("Transpose", [x], perm=self.some(rank, rank) if self.pick(0, 4) else None)

    def blocks(self, x, shape, rank):
        kind = self.one_of("DepthToSpace", "SpaceToDepth")
        self.add(kind, [x], blocksize=self.pick(1, 3), mode=self.one_of(None, "DCR", "CRD") if kind == "DepthToSpace" and self.since(11) else None)

    def reshape(self, x, shape, rank):
        kind = self.one_of("Flatten", "Reshape", "Reshape", "Squeeze", "Unsqueeze")
        if kind == "Flatten":
            return self.add(kind, [x], axis=self.one_of(None, self.pick(-rank, rank) if self.since(11) else self.pick(0, rank)))
        if kind == "Reshape":
            target = self.one_of((0, -1), (0, 0, -1), (-1,), (1, -1, *shape[2:]), (*shape[:1], -1, 1, 1), (0, 2, -1, *shape[2:]), (-1, *shape[1:]), shape[::-1])
            return self.add(kind, [x, self.ints(*target)])
        if kind == "Squeeze":
            if not self.pick(0, 5):
                return self.add(kind, [x])
            axes = [self.axis(a, rank) for a in range(rank) if shape[a] == 1][:self.pick(1, 2)]
        else:
            more = self.pick(1, 2)
            axes = [self.axis(a, rank + more) for a in self.some(rank + more, more)]
        if not axes:
            return None
        return self.add(kind, [x, self.ints(*axes)]) if self.since(13) else self.add(kind, [x], axes=axes)

    def shape_arithmetic(self, x, shape, rank):
        """Reshape to a shape that is computed, as PyTorch writes `x.view(x.size(0), -1)`."""
        y = self.add("Shape", [x])
        y = y and self.add("Gather", [y, self.constant(0, numpy.int64)])
        y = y and (self.add("Unsqueeze", [y, self.ints(0)]) if self.since(13) else self.add("Unsqueeze", [y], axes=[0]))
        y = y and self.add("Concat", [y, self.ints(-1)], axis=0)
        if y:
            self.add("Reshape", [x, y])


def random_model(seed):
    b = Builder(seed)
    wanted = b.pick(5, 20)
    for _ in range(5 * wanted):
        if len(b.nodes) < wanted:
            b.step()
    read = {name for node in b.nodes for name in node.input}
    made = [name for node in b.nodes for name in node.output if name in b.values]
    outputs = [n for n in made if n not in read] + [n for n in made if n in read and not b.pick(0, 9)]   # read inside, too
    return b.model(outputs, open_sizes=not b.pick(0, 4)), b.inputs


def check(seed, folder, engines):
    model, inputs = random_model(seed)
    path = folder / "random.onnx"
    onnx.save(model, path)
    want = oracle(model, inputs)
    for engine in engines:
        got = run(path, inputs, folder, engine)
        for name, value in want.items():
            assert_close(got[file_of(name)], value, f"seed {seed}, {engine}, output {name}")


@pytest.mark.parametrize("seed", range(60))
def test_random_graph(seed, tmp_path):
    check(seed, tmp_path, ("reference", "plan") if seed % 20 else ("reference", "plan", "native"))


def main(first, last, engines):
    wrong = 0
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(seed, pathlib.Path(folder), engines or ["reference", "plan"])
            except AssertionError as error:
                wrong += 1
                print(f"seed {seed}: {str(error)[:600]}", flush=True)
    print(f"{last - first} graphs, {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]))
