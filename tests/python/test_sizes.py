"""Several sizes and batches of one network in one bundle, chosen when it is opened, over one weights file."""
import json
import subprocess

import numpy
import onnx
import pytest
from harness import assert_close, net2c, oracle, run
from onnx import TensorProto, helper, numpy_helper

SIZES = [(1, 12, 10), (3, 12, 10), (1, 17, 30), (3, 17, 30)]   # as --size 12x10,17x30 --batch 1,3 orders them, but for the first two


@pytest.fixture(scope="module")
def model():
    """A network with a layer of each kind whose tables depend on the size: windows, resize, statistics, dense behind a pool."""
    random = numpy.random.default_rng(1)

    def weights(name, *shape):
        return numpy_helper.from_array((random.standard_normal(shape) / numpy.prod(shape[1:]) ** 0.5).astype("f4"), name)

    node = helper.make_node
    nodes = [node("Conv", ["x", "w0", "b0"], ["a"], "first", pads=[1, 1, 1, 1]), node("Relu", ["a"], ["r"], "act"),
             node("Conv", ["r", "w1"], ["c"], "depthwise", group=16, pads=[1, 1, 1, 1], strides=[2, 2]),
             node("InstanceNormalization", ["c", "s", "t"], ["i"], "norm"),
             node("Resize", ["i", "", "up"], ["u"], "up", mode="linear"),
             node("GlobalAveragePool", ["u"], ["p"], "pool"), node("Flatten", ["p"], ["f"], "flat"),
             node("Gemm", ["f", "w2", "b2"], ["classes"], "dense", transB=1)]
    constants = [weights("w0", 16, 3, 3, 3), numpy_helper.from_array(numpy.zeros(16, "f4"), "b0"), weights("w1", 16, 1, 3, 3),
                 weights("s", 16), numpy_helper.from_array(numpy.zeros(16, "f4"), "t"),
                 numpy_helper.from_array(numpy.array([1, 1, 2, 2], "f4"), "up"), weights("w2", 7, 16), weights("b2", 7)]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])],
                              [helper.make_tensor_value_info("classes", TensorProto.FLOAT, ["n", 7]),
                               helper.make_tensor_value_info("u", TensorProto.FLOAT, ["n", 16, "H", "W"])], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="module")
def bundle(model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sizes")
    onnx.save(model, folder / "net.onnx")
    net2c("compile", folder / "net.onnx", "-o", folder / "net", "--size", "12x10,17x30", "--batch", "1,3", "--isa", "portable")
    sources = [str(p) for p in (folder / "net").glob("*.c")]
    subprocess.run(["gcc", "-O1", "-DNET_UNOPTIMISED", "-Wall", "-Wextra", "-Wpedantic", "-Werror", *sources, "-o", folder / "example", "-pthread"],
                   check=True)
    return folder


def inputs_of(n, h, w):
    return numpy.random.default_rng(h * w + n).standard_normal((n, 3, h, w)).astype("f4")


@pytest.mark.parametrize("index", range(4))
def test_every_size_is_right(model, bundle, index, tmp_path):
    x = inputs_of(*SIZES[index])
    numpy.save(tmp_path / "x.npy", x)
    out = tmp_path / "out"
    out.mkdir()
    subprocess.run([bundle / "example", "--weights", bundle / "net/net.weights", "--size", str(index), "--threads", "2", "--output", out, tmp_path / "x.npy"],
                   check=True, capture_output=True)
    for name, want in oracle(model, {"x": x}).items():
        assert_close(numpy.load(out / f"{name}.npy"), want, f"size {index}, output {name}")


def test_the_weights_are_there_once(bundle, tmp_path):
    net2c("compile", bundle / "net.onnx", "-o", tmp_path, "--size", "17x30", "--isa", "portable")
    one, all_sizes = (tmp_path / "net.weights").stat().st_size, (bundle / "net/net.weights").stat().st_size
    resize_tables = 2 * 4 * 64 * 2   # two axes of the other size: indices and weights, each a little more than a line of 64 bytes
    assert one <= all_sizes <= one + resize_tables * 2, (one, all_sizes)


def test_a_size_that_is_not_there(bundle):
    for size in "-1", "4":
        done = subprocess.run([bundle / "example", "--weights", bundle / "net/net.weights", "--size", size], capture_output=True, text=True)
        assert done.returncode == 1 and "no such input size" in done.stderr


def test_run_in_batches(model, bundle, tmp_path):
    x = inputs_of(3, 12, 10)
    for engine in "reference", "plan":
        got = run(bundle / "net.onnx", {"x": x}, tmp_path, engine, "--batch", "3")
        for name, want in oracle(model, {"x": x}).items():
            assert_close(got[name], want, f"{engine}, output {name}")


@pytest.mark.parametrize("options, message", [
    (["--size", "8x6,8x6"], "--size 8x6,8x6: 8x6 is given twice"),
    (["--size", "8x6,"], "--size 8x6,: an item of the list is empty"),
    (["--size", "8x6,8"], "--size 8: write HEIGHTxWIDTH"),
    (["--size", "8x6", "--batch", "0"], "--batch 0: write a number from 1 on"),
    (["--size", "8x6", "--batch", "1,x"], "--batch x: write a number from 1 on"),
])
def test_mistakes(bundle, tmp_path, options, message):
    done = net2c("compile", bundle / "net.onnx", "-o", tmp_path / "out", *options, check=False)
    assert done.returncode == 1 and message in done.stderr and not (tmp_path / "out").exists(), done.stderr


@pytest.mark.parametrize("shape", [["n", 8, 10, 3], ["n", "h", "w", 3], [1, 8, 10, 1]])
def test_channels_last(shape, tmp_path):
    """As TensorFlow's exporters write them."""
    channels = shape[-1]
    weights = numpy_helper.from_array(numpy.random.default_rng(3).standard_normal((4, channels, 3, 3)).astype("f4"), "w")
    nodes = [helper.make_node("Transpose", ["x"], ["t"], "turn", perm=[0, 3, 1, 2]), helper.make_node("Conv", ["t", "w"], ["y"], "conv")]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 4, "H", "W"])], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "net.onnx")
    layers = json.loads(net2c("inspect", tmp_path / "net.onnx", "--size", "12x9", "--json").stdout)["layers"]
    assert layers[-1]["shape"] == "1x4x10x7"
