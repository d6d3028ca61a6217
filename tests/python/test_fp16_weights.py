"""--weights fp16: half the file, the error printed, the same bits emitted as executed, and what is refused."""
import json
import re
import shutil
import subprocess

import numpy
import onnx
import pytest
from harness import BINARY, SHARED, net2c
from onnx import TensorProto, helper, numpy_helper

REAL = [SHARED / "small/lenet.prototxt", SHARED / "small/lenet_iter_10000.caffemodel"]


def save(path, weight=None):
    """A first layer, a 3 x 3, one to three channels, a transposed one and a product; height and width open up to the product's pooling."""
    random = numpy.random.default_rng(2)
    shapes = {"w0": (24, 3, 3, 3), "w1": (40, 24, 3, 3), "w2": (40, 20, 2, 2), "w3": (3, 20, 3, 3), "m": (20, 10)}
    weights = {name: (random.standard_normal(s) / numpy.prod(s[1:]) ** 0.5).astype("f4") for name, s in shapes.items()}
    if weight is not None:
        weights["w1"][3, 2, 1, 0] = weight
    nodes = [helper.make_node("Conv", ["x", "w0"], ["a"], "first", pads=[1, 1, 1, 1], strides=[2, 2]), helper.make_node("Relu", ["a"], ["ar"]),
             helper.make_node("Conv", ["ar", "w1"], ["b"], "second", pads=[1, 1, 1, 1]), helper.make_node("Relu", ["b"], ["br"]),
             helper.make_node("ConvTranspose", ["br", "w2"], ["c"], "up", strides=[2, 2]),
             helper.make_node("Conv", ["c", "w3"], ["picture"], "last", pads=[1, 1, 1, 1]),
             helper.make_node("GlobalAveragePool", ["c"], ["p"]), helper.make_node("Flatten", ["p"], ["f"]), helper.make_node("MatMul", ["f", "m"], ["scores"], "product")]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, "h", "w"])],
                              [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 3, "i", "j"]), helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 10])],
                              [numpy_helper.from_array(v, n) for n, v in weights.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fp16")
    save(folder / "net.onnx")
    save(folder / "tuned.onnx", 0.25)
    save(folder / "large.onnx", 70000)
    return folder


def failing(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done
    return done.stderr.strip()


def weights_bytes(*arguments):
    return json.loads(net2c("inspect", *arguments, "--json").stdout)["weights_bytes"]


def errors(text):
    """{(output, size): largest error of the largest value}"""
    found = re.findall(r"error of output '(\w+)'(?: of size (\d))?, .*: largest (\S+) of the largest value, rms (\S+) of its rms", text)
    return {(name, size): float(largest) for name, size, largest, _ in found}


@pytest.mark.skipif(not all(path.exists() for path in REAL), reason="../shared/models is not there")
def test_half_the_file_of_a_real_network(tmp_path):
    done = net2c("compile", *REAL, "-o", tmp_path / "half", "--name", "lenet", "--weights", "fp16")
    net2c("compile", *REAL, "-o", tmp_path / "whole", "--name", "lenet", "--weights=fp32")
    half, whole = ((tmp_path / name / "lenet.weights").stat().st_size for name in ("half", "whole"))
    assert half <= 0.55 * whole
    assert weights_bytes(*REAL, "--weights", "fp16") == half
    assert all(0 < e < 0.02 for e in errors(done.stdout).values()) and errors(done.stdout), done.stdout


def test_emitted_is_executed(here):
    done = json.loads(net2c("diff", here / "net.onnx", "--size", "30x34", "--weights", "fp16", "--engine", "plan,native", "--threads", "2", "--json").stdout)
    assert done["same_bits"]
    done = json.loads(net2c("diff", here / "net.onnx", "--size", "30x34", "--weights", "fp16", "--limit", "0.01", "--json").stdout)
    assert not done["same_bits"] and max(s["max_abs"] / s["range"] for s in done["steps"]) > 1e-5, "the reference has the model's weights"


def build_and_test(folder, source, *flags):
    subprocess.run(["cc", "-O2", *flags, *source, "-o", "example", "-pthread"], cwd=folder, check=True, timeout=600)
    for isa in ("portable", "best"):
        subprocess.run(["./example", *(["--isa", isa] if isa != "best" else []), "--self-test"], cwd=folder, check=True, timeout=60)


def test_sizes_self_test_and_repack(here, tmp_path):
    bundle = tmp_path / "net"
    done = net2c("compile", here / "net.onnx", "-o", bundle, "--weights", "fp16", "--size", "30x34,16x20", "--self-test")
    assert set(errors(done.stdout)) == {(name, size) for name in ("picture", "scores") for size in "01"}
    before = (bundle / "net.weights").read_bytes()
    build_and_test(bundle, [p.name for p in bundle.glob("*.c")])
    done = net2c("repack", here / "tuned.onnx", "-b", bundle)
    after = (bundle / "net.weights").read_bytes()
    assert len(errors(done.stdout)) == 4 and len(after) == len(before) and after != before
    subprocess.run(["./example", "--self-test", "--size", "1"], cwd=bundle, check=True, timeout=60)
    assert "layer 'second': its weights 'w1' hold 70000" in failing("repack", here / "large.onnx", "-b", bundle)
    assert (bundle / "net.weights").read_bytes() == after
    shutil.rmtree(bundle)


def test_single_file_within_memory(here, tmp_path):
    bundle = tmp_path / "net"
    net2c("compile", here / "net.onnx", "-o", bundle, "--weights", "fp16", "--size", "30x34", "--single-file", "--self-test", "--max-memory", "1MB")
    build_and_test(bundle, ["net.c"], "-DNET_EXAMPLE")


def test_fp32_says_nothing(here, tmp_path):
    done = net2c("compile", here / "net.onnx", "-o", tmp_path / "net", "--size", "30x34")
    assert "fp16" not in done.stdout and json.loads((tmp_path / "net/net.json").read_text())["weights"] == "fp32"


def test_what_is_refused(here, tmp_path):
    assert "--weights int8: there are fp32 and fp16" in failing("compile", here / "net.onnx", "-o", tmp_path / "none", "--size", "30x34", "--weights", "int8")
    message = failing("compile", here / "large.onnx", "-o", tmp_path / "none", "--size", "30x34", "--weights", "fp16")
    assert "its weights 'w1' hold 70000, which is no number of half precision (up to 65504); compile without --weights fp16" in message
    assert not (tmp_path / "none").exists()
