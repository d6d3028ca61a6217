"""--max-memory: a bundle and a run within it, the error that says the least, and what inspect prints."""
import json
import re
import subprocess

import numpy
import onnx
import pytest
from harness import BINARY, assert_close, net2c, oracle
from onnx import TensorProto, helper, numpy_helper


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A convolution at 64 x 64 by Winograd, whose strips set the arena, and one of fewer pixels and more channels."""
    folder = tmp_path_factory.mktemp("memory")
    random = numpy.random.default_rng(1)
    weights = [numpy_helper.from_array((random.standard_normal(s) / numpy.prod(s[1:]) ** 0.5).astype("f4"), name)
               for name, s in (("w0", (32, 32, 3, 3)), ("w1", (64, 32, 3, 3)), ("w2", (64, 64, 3, 3)))]
    nodes = [helper.make_node("Tanh", ["x"], ["t"], "tanh"),
             helper.make_node("Conv", ["t", "w0"], ["a"], "large", pads=[1, 1, 1, 1]),
             helper.make_node("Conv", ["a", "w1"], ["b"], "down", strides=[4, 4], pads=[1, 1, 1, 1]),
             helper.make_node("Conv", ["b", "w2"], ["y"], "deep", pads=[1, 1, 1, 1])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 32, "h", "w"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 64, "p", "q"])], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "net.onnx")
    x = random.standard_normal((1, 32, 64, 64)).astype("f4")
    numpy.save(folder / "x.npy", x)
    numpy.save(folder / "y.npy", oracle(model, {"x": x})["y"])
    return folder


def failing(*arguments):
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1, done
    return done.stderr.strip()


def figures(here, *options, size="64x64"):
    return json.loads(net2c("inspect", here / "net.onnx", "--size", size, "--json", *options).stdout)


def needed(f):
    return f["weights_bytes"] + f["arena_bytes"]


def least(message):
    return int(re.search(r"(\d+) are the least that will do", message)[1])


@pytest.mark.parametrize("text", ["0", "-5", "20 MB", "20MiB", "1.5M", "MB", "99999999999G"])
def test_what_is_no_limit(here, text):
    for verb, options in (("inspect", []), ("run", ["--input", here / "x.npy"]), ("bench", []), ("diff", []), ("compile", ["-o", here / "none"])):
        assert f"--max-memory {text}: write bytes, or a whole number with K, M or G" in failing(verb, here / "net.onnx", *options, f"--max-memory={text}")


def test_inspect_within_it(here):
    fast = figures(here)
    assert fast["arena_peak"]["layer"] == "large" and "large.winograd" in [t["name"] for t in fast["arena_peak"]["tensors"]]
    assert fast["arena_peak"]["scratch_layer"] == "deep" and fast["arena_peak"]["scratch_bytes"] > 0
    less = figures(here, "--max-memory", str(needed(fast) - 100_000))
    assert needed(less) <= needed(fast) - 100_000
    kernels = [[layer["kernel"] for layer in f["layers"] if layer["name"] == "deep"] for f in (fast, less)]
    assert kernels[0] == kernels[1] == ["winograd_input", "winograd3", "to_plain"]
    message = failing("inspect", here / "net.onnx", "--size", "64x64", "--max-memory", "1K")
    assert re.search(r"net\.onnx: layer '\w+': sets the peak of memory: --max-memory allows 1000 bytes, but \d+ are the least", message)
    direct = figures(here, "--max-memory", str(least(message)))
    assert needed(direct) == least(message) < needed(less)
    assert not any("winograd" in layer["kernel"] for layer in direct["layers"])
    assert str(least(message)) in failing("inspect", here / "net.onnx", "--size", "64x64", "--max-memory", str(least(message) - 1))


def test_run_within_it(here):
    limit = least(failing("run", here / "net.onnx", "--input", here / "x.npy", "--max-memory=1"))
    for name, options in (("fast", []), ("less", ["--max-memory", str(limit)])):
        net2c("run", here / "net.onnx", "--input", here / "x.npy", "--output", here / name, *options)
    fast, less = (numpy.load(here / name / "y.npy") for name in ("fast", "less"))
    assert_close(less, numpy.load(here / "y.npy"), "direct")
    assert not numpy.array_equal(fast, less), "another algorithm rounds differently"


def test_bundle_within_it(here):
    """Every size, with the self-test's input among the weights; repack makes the same plan again."""
    options = ["--size", "64x64,96x96", "--self-test", "--isa", "portable"]
    message = failing("compile", here / "net.onnx", "-o", here / "none", *options, "--max-memory", "1M")
    assert not (here / "none").exists()
    net2c("compile", here / "net.onnx", "-o", here / "bundle", *options, "--max-memory", str(least(message)))
    known = json.loads((here / "bundle/net.json").read_text())
    arenas = [size["arena_bytes"] for size in known["sizes"]]
    assert known["weights_bytes"] + max(a["fixed"] + a["per_worker"] for a in arenas) == least(message)
    assert (here / "bundle/net.weights").stat().st_size == known["weights_bytes"]
    before = (here / "bundle/net.weights").read_bytes()
    (here / "bundle/net.weights").unlink()
    net2c("repack", here / "net.onnx", "-b", here / "bundle")
    assert (here / "bundle/net.weights").read_bytes() == before
