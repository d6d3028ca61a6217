"""What a bundle promises beside its numbers: one file of C, a self-test, new weights without new code."""
import hashlib
import os
import subprocess

import numpy
import onnx
import pytest
from harness import assert_close, net2c, oracle
from onnx import TensorProto, helper, numpy_helper

FLAGS = ["-O1", "-DNET_UNOPTIMISED", "-Wall", "-Wextra", "-Wpedantic", "-Werror"]


def network(seed, noise=0.0, channels=16, slopes=None):
    """Separable layers, a residual, a zero bias, a norm that folds, PReLU and a classifier. noise: as of training on."""
    random, tuning = numpy.random.default_rng(seed), numpy.random.default_rng(seed + 1)
    constants = []

    def constant(name, value):
        value = numpy.asarray(value, "f4")
        constants.append(numpy_helper.from_array((value + noise * tuning.standard_normal(value.shape)).astype("f4"), name))
        return name

    def weights(name, *shape):
        return constant(name, random.standard_normal(shape) / numpy.prod(shape[1:]) ** 0.5)

    node, c = helper.make_node, channels
    nodes = [node("Conv", ["x", weights("w0", c, 3, 3, 3), constant("b0", numpy.zeros(c))], ["a"], "first", pads=[1, 1, 1, 1], strides=[2, 2]),
             node("BatchNormalization", ["a", constant("g", numpy.ones(c)), constant("bt", numpy.zeros(c)), constant("m", numpy.zeros(c)),
                                         constant("v", numpy.ones(c) * 2)], ["n"], "norm"),
             node("PRelu", ["n", constant("slope", slopes if slopes is not None else random.uniform(0.1, 0.4, (c, 1, 1)))], ["p"], "prelu"),
             node("Conv", ["p", weights("w1", c, 1, 3, 3)], ["d"], "depthwise", group=c, pads=[1, 1, 1, 1]),
             node("Conv", ["d", weights("w2", c, c, 1, 1), constant("b2", numpy.zeros(c))], ["e"], "pointwise"),
             node("Add", ["e", "p"], ["s"], "add"), node("GlobalAveragePool", ["s"], ["q"], "pool"), node("Flatten", ["q"], ["f"], "flat"),
             node("Gemm", ["f", weights("w3", 10, c), constant("b3", numpy.zeros(10))], ["y"], "dense", transB=1)]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def compiled(model, folder, *options):
    folder.mkdir()
    onnx.save(model, folder / "net.onnx")
    net2c("compile", folder / "net.onnx", "-o", folder / "net", *options)
    return folder / "net"


def example_of(bundle, *flags):
    program = bundle.parent / "example"
    subprocess.run(["gcc", *FLAGS, *flags, *map(str, sorted(bundle.glob("*.c"))), "-o", program, "-pthread"], check=True)
    return program


def check(program, model, folder, size, *options):
    x = numpy.random.default_rng(3).standard_normal((1, 3, *size)).astype("f4")
    numpy.save(folder / "x.npy", x)
    subprocess.run([program, "--output", folder, *map(str, options), folder / "x.npy"], check=True, capture_output=True)
    assert_close(numpy.load(folder / "y.npy"), oracle(model, {"x": x})["y"], "y")


@pytest.mark.parametrize("compiler", ["gcc", "clang-19"])
def test_single_file(compiler, tmp_path):
    model = network(1)
    bundle = compiled(model, tmp_path / "one", "--size", "20x24", "--single-file", "--self-test")
    assert sorted(p.name for p in bundle.iterdir()) == ["net.c", "net.h"]
    program = tmp_path / "example"
    subprocess.run([compiler, *FLAGS, "-std=gnu11", "-DNET_EXAMPLE", bundle / "net.c", "-o", program, "-pthread"], check=True)
    for isa, flag in ("portable", ""), ("avx2", "avx2"), ("avx512", "avx512vl"):
        if flag not in open("/proc/cpuinfo").read():
            continue
        done = subprocess.run([program, "--isa", isa, "--self-test", "--verify"], check=True, capture_output=True, text=True)
        assert "self-test: passed" in done.stdout and "weights: whole" in done.stdout
        check(program, model, tmp_path, (20, 24), "--isa", isa)


def test_a_single_file_for_other_machines(tmp_path):
    bundle = compiled(network(1), tmp_path / "one", "--size", "20x24", "--single-file")
    subprocess.run(["clang-19", "--target=aarch64-linux-android24", "-O1", "-ffreestanding", "-nostdlibinc", "-DNET_UNOPTIMISED", "-DNET_FREESTANDING",
                    "-c", bundle / "net.c", "-o", tmp_path / "net.o"], check=True)


def test_a_single_file_is_small(tmp_path):
    random = numpy.random.default_rng(0)
    graph = helper.make_graph([helper.make_node("MatMul", ["x", "w"], ["y"], "large")], "g",
                              [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1100])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1000])],
                              [numpy_helper.from_array(random.standard_normal((1100, 1000)).astype("f4"), "w")])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / "net.onnx")
    done = net2c("compile", tmp_path / "net.onnx", "-o", tmp_path / "net", "--single-file", check=False)
    assert done.returncode == 1 and "a single file of C holds up to 4194304. Leave --single-file out" in done.stderr
    assert not (tmp_path / "net").exists()


def test_self_test(tmp_path):
    bundle = compiled(network(1), tmp_path / "one", "--size", "20x24,9x9", "--isa", "portable", "--self-test")
    program, weights = example_of(bundle), bundle / "net.weights"
    for size in "0", "1":
        done = subprocess.run([program, "--weights", weights, "--size", size, "--self-test"], capture_output=True, text=True)
        assert done.returncode == 0 and "self-test: passed" in done.stdout, done.stderr
    data = bytearray(weights.read_bytes())
    for at in range(64 + 3, 1024, 4):   # the exponents of the first weights
        data[at] ^= 1
    weights.write_bytes(data)
    done = subprocess.run([program, "--weights", weights, "--self-test"], capture_output=True, text=True)
    assert done.returncode == 1 and "self-test: the self-test gave other numbers" in done.stderr


def digests(folder):
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def test_repack(tmp_path):
    """Weights that were trained on: only the .weights file changes, and the program that was built before gives their result."""
    old, new = network(1), network(1, noise=0.01)
    bundle = compiled(old, tmp_path / "one", "--size", "20x24,9x9", "--isa", "portable", "--self-test")
    program, before = example_of(bundle), digests(bundle)
    check(program, old, tmp_path, (20, 24), "--weights", bundle / "net.weights")
    onnx.save(new, tmp_path / "new.onnx")
    net2c("repack", tmp_path / "new.onnx", "-b", bundle)
    after = digests(bundle)
    assert {name for name in before if before[name] != after.get(name)} == {"net.weights"} and before.keys() == after.keys()
    check(program, new, tmp_path, (20, 24), "--weights", bundle / "net.weights")
    check(program, new, tmp_path, (9, 9), "--size", "1", "--weights", bundle / "net.weights")
    done = subprocess.run([program, "--weights", bundle / "net.weights", "--self-test", "--verify"], capture_output=True, text=True)
    assert done.returncode == 0 and "self-test: passed" in done.stdout, done.stderr


def test_repack_gives_what_compile_gives(tmp_path):
    bundle = compiled(network(1), tmp_path / "one", "--size", "20x24", "--self-test")
    fresh = compiled(network(1, noise=0.01), tmp_path / "two", "--size", "20x24", "--self-test")
    net2c("repack", tmp_path / "two/net.onnx", "-b", bundle)
    assert digests(bundle) == digests(fresh)


@pytest.mark.parametrize("other, message", [
    (network(1, channels=24), "is not the network of"),
    (network(1, slopes=numpy.full((16, 1, 1), 0.25)), "is not the network of"),   # with one slope it is a leaky ReLU
])
def test_repack_of_another_network(tmp_path, other, message):
    bundle = compiled(network(1), tmp_path / "one", "--size", "20x24", "--isa", "portable")
    before = digests(bundle)
    onnx.save(other, tmp_path / "other.onnx")
    done = net2c("repack", tmp_path / "other.onnx", "-b", bundle, check=False)
    assert done.returncode == 1 and message in done.stderr and "compile it into a bundle of its own" in done.stderr, done.stderr
    assert digests(bundle) == before


def test_repack_into_no_bundle(tmp_path):
    onnx.save(network(1), tmp_path / "net.onnx")
    done = net2c("repack", tmp_path / "net.onnx", "-b", tmp_path, check=False)
    assert done.returncode == 1 and "net.json: cannot be opened" in done.stderr
    for text in "{", "{}", '{"name": "../x", "structure": "0", "self_test": false, "sizes": []}', "[1]":
        (tmp_path / "net.json").write_text(text)
        done = net2c("repack", tmp_path / "net.onnx", "-b", tmp_path, check=False)
        assert done.returncode == 1 and "net.json: is not what net2c writes into a bundle" in done.stderr, done.stderr
    assert sorted(os.listdir(tmp_path)) == ["net.json", "net.onnx"]
