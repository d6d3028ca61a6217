"""net2c tune: what it writes and says, and that compile, repack and the engines go by it."""
import json

import numpy
import onnx
import pytest
from harness import assert_close, kernels_of, net2c, oracle
from onnx import TensorProto, helper, numpy_helper

KIND = "conv 3x3 s1 g1 b1 32->32 @24x24"


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """Two convolutions of one kind, which the cost model gives to Winograd, and records that say otherwise."""
    folder = tmp_path_factory.mktemp("tune")
    random = numpy.random.default_rng(1)
    for name in ("net", "trained"):
        weights = [numpy_helper.from_array((random.standard_normal((32, 32, 3, 3)) / 17).astype("f4"), w) for w in ("w0", "w1")]
        nodes = [helper.make_node("Tanh", ["x"], ["t"], "tanh"), helper.make_node("Conv", ["t", "w0"], ["a"], "one", pads=[1, 1, 1, 1]),
                 helper.make_node("Conv", ["a", "w1"], ["y"], "two", pads=[1, 1, 1, 1])]
        graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 32, 24, 24])],
                                  [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 32, 24, 24])], weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), folder / f"{name}.onnx")
    x = random.standard_normal((1, 32, 24, 24)).astype("f4")
    numpy.save(folder / "x.npy", x)
    numpy.save(folder / "y.npy", oracle(onnx.load(folder / "net.onnx"), {"x": x})["y"])
    for isa, direct in (("portable", 1), ("avx2", 4)):
        (folder / f"{isa}.txt").write_text(f"net2c tuning 1\n{isa} 1 {KIND} direct {direct} winograd 2\n")
    return folder


def kernels_in(bundle):
    return [step["kernel"] for step in json.loads((bundle / "net.json").read_text())["sizes"][0]["steps"]]


def test_tune(here):
    record = here / "times.txt"
    figures = json.loads(net2c("tune", here / "net.onnx", "--isa", "portable", "--seconds", "0", "-o", record, "--json").stdout)
    layer, = figures["layers"]
    assert layer["layer"] == "one" and layer["count"] == 2 and layer["kind"] == KIND and layer["isa"] == "portable" and layer["model"] == "winograd"
    assert set(layer["ms"]) == {"direct", "winograd"} and all(ms > 0 for ms in layer["ms"].values())
    assert layer["measured"] in ("direct", "winograd") and figures["threads"] == 1 and figures["isas"][0]["measured_ms"] <= figures["isas"][0]["model_ms"]
    line, = record.read_text().splitlines()[1:]
    assert line.startswith(f"portable 1 {KIND} direct ")
    # Another number of threads is added; the table is for people.
    table = net2c("tune", here / "net.onnx", "--isa", "portable", "--seconds", "0", "--threads", "2", "-o", record).stdout
    assert "one and 1 more" in table and KIND in table and "these layers take" in table and table.endswith(f"2 times; use it with --tuned {record}\n")
    assert [text.split(" conv")[0] for text in record.read_text().splitlines()[1:]] == ["portable 1", "portable 2"]
    assert kernels_of(here / "net.onnx", "--tuned", record)


def test_nothing_to_choose(here):
    graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), here / "relu.onnx")
    assert "could be computed in several ways" in net2c("tune", here / "relu.onnx").stdout


def test_plans_go_by_it(here):
    model = here / "net.onnx"
    assert "winograd3" in kernels_of(model) and "conv" not in kernels_of(model)
    assert "winograd3" not in kernels_of(model, "--tuned", here / "portable.txt")
    assert "winograd3" in kernels_of(model, "--tuned", here / "avx2.txt")
    assert "winograd3" in kernels_of(model, "--tuned", f"{here}/portable.txt,{here}/avx2.txt"), "two of the best on one, twice the best on the other: the model's"
    for name, options in (("model", []), ("direct", ["--tuned", here / "portable.txt"])):
        net2c("run", model, "--input", here / "x.npy", "--output", here / name, *options)
    model, direct = (numpy.load(here / name / "y.npy") for name in ("model", "direct"))
    assert_close(direct, numpy.load(here / "y.npy"), "direct")
    assert not numpy.array_equal(model, direct), "another algorithm rounds differently"


def test_bundles_go_by_it(here):
    """By the times of their own ISAs; repack takes the same algorithms without the record."""
    both = f"{here}/portable.txt,{here}/avx2.txt"
    for isa, kernel in (("portable", "conv"), ("avx2", "winograd3")):
        net2c("compile", here / "net.onnx", "-o", here / isa, "--isa", isa, "--tuned", both)
        facts = json.loads((here / isa / "net.json").read_text())
        assert kernel in kernels_in(here / isa)
        assert facts["tuned"] == [{"layer": KIND, "method": "direct" if isa == "portable" else "winograd"}]
        net2c("repack", here / "trained.onnx", "-b", here / isa)
    net2c("compile", here / "trained.onnx", "-o", here / "other", "--name", "net", "--isa", "portable", "--tuned", both)
    assert (here / "portable/net.weights").read_bytes() == (here / "other/net.weights").read_bytes()


def test_bundles_without_avx512_have_more_algorithms(tmp_path):
    """Strassen's step is slower there. Repack knows for which ISAs a bundle is."""
    random = numpy.random.default_rng(1)
    for name in ("net", "trained"):
        weights = numpy_helper.from_array((random.standard_normal((512, 512, 1, 1)) / 23).astype("f4"), "w")
        nodes = [helper.make_node("Tanh", ["x"], ["t"]), helper.make_node("Conv", ["t", "w"], ["y"], "wide")]
        shape = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 512, 14, 14]) for n in ("x", "y")]
        graph = helper.make_graph(nodes, "g", shape[:1], shape[1:], [weights])
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), tmp_path / f"{name}.onnx")
    for isas, strassen in (("avx2", True), ("neon", True), ("avx2,avx512", False), ("", False)):
        net2c("compile", tmp_path / "net.onnx", "-o", tmp_path / "bundle", *(["--isa", isas] if isas else []))
        assert ("strassen" in kernels_in(tmp_path / "bundle")) == strassen, isas
        net2c("repack", tmp_path / "trained.onnx", "-b", tmp_path / "bundle")
    figures = json.loads(net2c("tune", tmp_path / "net.onnx", "--isa", "portable", "--seconds", "0", "--json").stdout)
    assert [layer["model"] for layer in figures["layers"]] == ["strassen"], "what a bundle for the ISAs that are timed takes"
