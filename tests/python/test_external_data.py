"""Models whose tensors lie in other files of their folder, as PyTorch writes them."""
import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from harness import assert_close, net2c, oracle, run


@pytest.fixture
def model():
    random = numpy.random.default_rng(0)
    weights = {n: numpy_helper.from_array(random.standard_normal(s).astype("f4"), n) for n, s in {"w": (8, 3, 3, 3), "b": (8,), "scale": (8, 1, 1)}.items()}
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["c"]), helper.make_node("Constant", [], ["s"], value=weights.pop("scale")),
             helper.make_node("Mul", ["c", "s"], ["y"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 7, 9])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], list(weights.values()))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def save(model, path, one_file=True, attributes=True):
    onnx.save(model, path, save_as_external_data=True, all_tensors_to_one_file=one_file, location=path.stem + ".data" if one_file else None,
              size_threshold=0, convert_attribute=attributes)


@pytest.mark.parametrize("one_file", [True, False])
def test_beside_the_model(model, tmp_path, one_file):
    x = {"x": numpy.random.default_rng(1).standard_normal((1, 3, 7, 9)).astype("f4")}
    want = oracle(model, x)["y"]
    folder = tmp_path / "folder"
    folder.mkdir()
    save(model, folder / "net.onnx", one_file)
    assert len(list(folder.iterdir())) == (2 if one_file else 4)
    assert_close(run(folder / "net.onnx", x, tmp_path / "run", "plan")["y"], want, "external data")


def message(path):
    done = net2c("inspect", path, check=False)
    assert done.returncode == 1 and done.stdout == "" and len(done.stderr.strip().splitlines()) == 1, done
    return done.stderr


def changed(path, key, value):
    """The model with another entry for the place of 'w'."""
    model = onnx.load(path, load_external_data=False)
    [tensor] = [t for t in model.graph.initializer if t.name == "w"]
    [entry] = [e for e in tensor.external_data if e.key == key]
    entry.value = value
    path.write_bytes(model.SerializeToString())
    return message(path)


@pytest.mark.parametrize("key, value, text", [
    ("location", "/etc/passwd", "tensor 'w': its data is in another file, '/etc/passwd', which is not in the model's folder"),
    ("location", "a/../../b", "which is not in the model's folder"),
    ("location", "", "which is not in the model's folder"),
    ("location", "gone.data", "gone.data: cannot be opened"),
    ("offset", "99999999", "the data of tensor 'w' is 864 bytes from 99999999 on in"),
    ("offset", "18446744073709551615", "from 18446744073709551615 on in"),
    ("offset", "99999999999999999999999", "the offset of its data in another file is '99999999999999999999999'"),
    ("offset", "-4", "the offset of its data in another file is '-4'"),
    ("length", "99999999", "99999999 bytes from"),
    ("length", "860", "its data has 860 bytes, but shape 8x3x3x3 of float32 needs 864"),
])
def test_mistake(model, tmp_path, key, value, text):
    save(model, tmp_path / "net.onnx")
    assert text in changed(tmp_path / "net.onnx", key, value)


def test_cut_off(model, tmp_path):
    save(model, tmp_path / "net.onnx")
    data = (tmp_path / "net.data").read_bytes()
    (tmp_path / "net.data").write_bytes(data[:100])
    assert "which has 100; the file is cut off, or that of another model" in message(tmp_path / "net.onnx")
