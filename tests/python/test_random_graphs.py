"""Random ONNX graphs of 4 to 14 nodes against ONNX Runtime, which also says whether a node is legal where it is put and what
it gives. More of them, by hand: python tests/python/test_random_graphs.py FIRST LAST"""
import pathlib
import sys
import tempfile

import numpy
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from net2c import assert_close, file_of, oracle, run


class Builder:
    def __init__(self, seed):
        self.random = numpy.random.default_rng(seed)
        self.opset = int(self.random.integers(11, 22))
        self.nodes, self.constants, self.values = [], [], {}
        shape = (int(self.random.choice([1, 1, 1, 2])), self.pick(1, 20), self.pick(3, 20), self.pick(3, 20))
        self.inputs = {f"x{i}": self.normal(shape) for i in range(self.pick(1, 2))}
        self.values.update(self.inputs)

    def pick(self, low, high):
        return int(self.random.integers(low, high + 1))

    def one_of(self, *choices):
        return choices[self.pick(0, len(choices) - 1)]

    def normal(self, shape, scale=1.0):
        return (self.random.standard_normal(shape) * scale).astype(numpy.float32)

    def constant(self, value, kind=numpy.float32):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.asarray(value, kind), name))
        return name

    def ints(self, *values):
        return self.constant(values, numpy.int64)

    def model(self, outputs):
        graph = helper.make_graph(self.nodes, "random", [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in self.inputs.items()],
                                  [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs], self.constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)

    def add(self, kind, inputs, outputs=1, **attributes):
        """Keeps the node if ONNX Runtime runs it to finite numbers of a sane size."""
        names = [f"t{len(self.nodes)}_{k}" for k in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            session = onnxruntime.InferenceSession(self.model(names).SerializeToString(), options, providers=["CPUExecutionProvider"])
            results = dict(zip(names, session.run(None, self.inputs)))
        except Exception:  # every kind of refusal means the same here
            results = {}
        sane = all(v.size and v.size < 200000 and v.dtype == numpy.float32 and numpy.isfinite(v).all() and 1e-3 < numpy.abs(v).max() < 1e3
                   for v in results.values())
        if results and sane:
            self.values.update(results)
        else:
            self.nodes.pop()

    def step(self):
        x = list(self.values)[-1] if self.random.random() < 0.7 else self.one_of(*self.values)
        shape = self.values[x].shape
        rank = len(shape)
        kinds = [self.unary, self.binary, self.binary, self.reshape, self.transpose, self.slices, self.reduce, self.softmax, self.pad]
        if rank == 4:
            kinds += [self.conv, self.conv, self.conv, self.pool, self.pool, self.norm, self.deconv, self.resize, self.split, self.concat]
        if rank >= 2:
            kinds += [self.matmul]
        self.one_of(*kinds)(x, shape, rank)

    def window(self):
        return dict(strides=[self.pick(1, 3), self.pick(1, 2)], pads=[self.pick(0, 2) for _ in range(4)])

    def conv(self, x, shape, rank):
        c = shape[1]
        group = self.one_of(1, 1, c, *[g for g in range(1, c + 1) if c % g == 0])
        outputs, kh, kw = group * self.pick(1, max(1, 24 // group)), self.pick(1, 5), self.pick(1, 3)
        parts = [self.constant(self.normal((outputs, c // group, kh, kw), (c // group * kh * kw) ** -0.5))]
        if self.pick(0, 1):
            parts.append(self.constant(self.normal(outputs)))
        where = self.window() if self.pick(0, 3) else dict(auto_pad=self.one_of("SAME_UPPER", "SAME_LOWER", "VALID"), strides=[self.pick(1, 2)] * 2)
        if "pads" in where:
            where["dilations"] = [self.pick(1, 2), self.pick(1, 2)]
        self.add("Conv", [x, *parts], group=group, **({"kernel_shape": [kh, kw]} if self.pick(0, 1) else {}), **where)

    def deconv(self, x, shape, rank):
        c = shape[1]
        group = self.one_of(1, 1, *[g for g in range(1, c + 1) if c % g == 0])
        parts = [self.constant(self.normal((c, self.pick(1, max(1, 12 // group)), self.pick(1, 4), self.pick(1, 4)), c ** -0.5))]
        self.add("ConvTranspose", [x, *parts], group=group, strides=[self.pick(1, 3), self.pick(1, 3)], pads=[self.pick(0, 1) for _ in range(4)],
                 output_padding=[0, self.pick(0, 1)])

    def pool(self, x, shape, rank):
        kind = self.one_of("MaxPool", "AveragePool", "GlobalAveragePool", "GlobalMaxPool")
        if kind.startswith("Global"):
            return self.add(kind, [x])
        more = {"count_include_pad": self.pick(0, 1)} if kind == "AveragePool" else {}
        where = self.window()
        room = [shape[2 + d] + where["pads"][d] + where["pads"][d + 2] for d in range(2)]   # ONNX Runtime takes larger kernels, too
        self.add(kind, [x], kernel_shape=[self.pick(1, min(4, r)) for r in room], ceil_mode=self.pick(0, 1), **where, **more)

    def norm(self, x, shape, rank):
        c = shape[1]
        scale, bias, mean = (self.constant(self.normal(c)) for _ in range(3))
        if self.pick(0, 2):
            return self.add("BatchNormalization", [x, scale, bias, mean, self.constant(self.random.uniform(0.3, 2, c))], epsilon=self.one_of(1e-5, 1e-3))
        if shape[2] * shape[3] > 4:   # of fewer, the statistics are mostly rounding
            self.add("InstanceNormalization", [x, scale, bias])

    def unary(self, x, shape, rank):
        kind = self.one_of("Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh", "HardSigmoid", "Clip", "PRelu", "Abs", "Neg", "Exp", "Identity", "Dropout", "Softplus")
        if kind == "Clip":
            return self.add("Clip", [x, self.one_of("", self.constant(-0.5)), self.one_of("", self.constant(0.7))])
        if kind == "PRelu" and rank:
            return self.add("PRelu", [x, self.constant(self.normal([shape[1], *[1] * (rank - 2)] if rank > 1 and self.pick(0, 1) else [1]))])
        self.add(kind, [x], **({"alpha": 0.3} if kind in ("LeakyRelu", "Elu", "HardSigmoid") else {}))

    def binary(self, x, shape, rank):
        kind = self.one_of("Add", "Sub", "Mul", "Div", "Max", "Min")
        alike = [n for n, v in self.values.items() if n != x and v.shape == shape]
        if alike and self.pick(0, 2) and kind != "Div":
            y = self.one_of(*alike)
        else:
            some = [d if self.pick(0, 1) else 1 for d in shape][self.pick(0, rank):]
            y = self.constant(numpy.abs(self.normal(some)) + 0.5 if kind == "Div" else self.normal(some))
        self.add(kind, [x, y] if kind == "Div" or self.pick(0, 1) else [y, x])

    def concat(self, x, shape, rank):
        alike = [n for n, v in self.values.items() if v.ndim == 4 and (v.shape[0], *v.shape[2:]) == (shape[0], *shape[2:])]
        self.add("Concat", [self.one_of(*alike) for _ in range(self.pick(2, 3))], axis=self.one_of(1, -3))

    def split(self, x, shape, rank):
        if shape[1] < 2:
            return
        first = self.pick(1, shape[1] - 1)
        if self.opset < 13:
            return self.add("Split", [x], outputs=2, axis=1, split=[first, shape[1] - first])
        self.add("Split", [x, self.ints(first, shape[1] - first)], outputs=2, axis=1)

    def slices(self, x, shape, rank):
        if not rank:
            return
        axis = self.pick(0, rank - 1)
        steps = self.one_of(1, 1, 2, -1)
        start, end = (-1, -(1 << 40)) if steps < 0 else (self.pick(0, shape[axis] - 1), self.one_of(shape[axis], 1 << 40, -1))
        self.add("Slice", [x, self.ints(start), self.ints(end), self.ints(axis - self.one_of(0, rank)), self.ints(steps)])

    def pad(self, x, shape, rank):
        pads = numpy.zeros((2, rank), int)
        for axis in range(rank):
            if axis >= 2 or not self.pick(0, 4):
                pads[:, axis] = self.pick(0, 2), self.pick(0, 2)
        self.add("Pad", [x, self.ints(*pads.ravel())], mode=self.one_of("constant", "reflect", "edge"))

    def resize(self, x, shape, rank):
        how = self.one_of(dict(mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
                          dict(mode="linear", coordinate_transformation_mode="half_pixel"),
                          dict(mode="linear", coordinate_transformation_mode="align_corners"), dict(mode="linear", coordinate_transformation_mode="pytorch_half_pixel"),
                          dict(mode="cubic", coordinate_transformation_mode="half_pixel"))
        # At fractional scales ONNX's own test vectors and ONNX Runtime do not agree on align_corners.
        whole = how["coordinate_transformation_mode"] == "align_corners"
        scales = self.constant([1, 1, self.one_of(1, 2, 3, *[] if whole else [1.5, 0.5]), self.one_of(1, 2, *[] if whole else [0.7])])
        self.add("Resize", [x, self.constant([]) if self.opset < 13 else "", scales], **how)

    def reshape(self, x, shape, rank):
        kind = self.one_of("Flatten", "Reshape", "Squeeze", "Unsqueeze")
        if kind == "Flatten":
            return self.add("Flatten", [x], axis=self.pick(0, rank))
        if kind == "Reshape":
            target = self.one_of((0, -1), (0, 0, -1), (-1,), (1, -1, *shape[2:]), (*shape[:1], -1, 1, 1), (0, 2, -1, *shape[2:]))
            return self.add("Reshape", [x, self.ints(*target)])
        axes = [a for a in range(rank) if shape[a] == 1][:2] if kind == "Squeeze" else [self.pick(0, rank)]
        if axes and rank < 6:
            self.add(kind, *([[x, self.ints(*axes)]] if self.opset >= 13 else [[x]]), **({} if self.opset >= 13 else {"axes": axes}))

    def transpose(self, x, shape, rank):
        if rank:
            self.add("Transpose", [x], perm=[int(p) for p in self.random.permutation(rank)])

    def reduce(self, x, shape, rank):
        if not rank:
            return
        kind = self.one_of("ReduceMean", "ReduceMean", "ReduceSum", "ReduceMax", "ReduceL2")
        axes = self.one_of([rank - 1], [self.pick(0, rank - 1)], list(range(min(2, rank - 1), rank)))
        as_input = self.opset >= 18 or (kind == "ReduceSum" and self.opset >= 13)
        self.add(kind, [x, self.ints(*axes)] if as_input else [x], keepdims=self.pick(0, 1), **({} if as_input else {"axes": axes}))

    def softmax(self, x, shape, rank):
        self.add(self.one_of("Softmax", "Softmax", "LogSoftmax"), [x], axis=self.one_of(-1, 1 if rank > 1 else 0))

    def matmul(self, x, shape, rank):
        k, n = shape[-1], self.pick(1, 40)
        if rank == 2 and self.pick(0, 1):
            turned = self.pick(0, 1)
            parts = [self.constant(self.normal((n, k) if turned else (k, n), k ** -0.5))] + ([self.constant(self.normal(n))] if self.pick(0, 1) else [])
            return self.add("Gemm", [x, *parts], transB=turned, alpha=self.one_of(1.0, 0.5))
        self.add("MatMul", [x, self.constant(self.normal((k, n), k ** -0.5))])


def random_model(seed):
    b = Builder(seed)
    wanted = b.pick(4, 14)
    for _ in range(10 * wanted):
        if len(b.nodes) < wanted:
            b.step()
    read = {name for node in b.nodes for name in node.input}
    outputs = [name for node in b.nodes for name in node.output if name not in read]
    outputs += [name for node in b.nodes for name in node.output if name in read and not b.pick(0, 9)]   # read inside, too
    return b.model(outputs), b.inputs


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


def main(first, last):
    wrong = 0
    for seed in range(first, last):
        with tempfile.TemporaryDirectory() as folder:
            try:
                check(seed, pathlib.Path(folder), ("reference", "plan"))
            except AssertionError as error:
                wrong += 1
                print(f"seed {seed}: {str(error)[:600]}", flush=True)
    print(f"{last - first} graphs, {wrong} wrong")
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
