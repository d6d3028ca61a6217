"""The nine zoo networks that the package onnx carries with weights that are all alike, and the outputs it publishes for them."""
import pathlib

import numpy
import onnx
import pytest
from onnx import numpy_helper

from harness import ENGINES, run

FOLDER = pathlib.Path(onnx.__file__).parent / "backend/test/data/light"
MODELS = sorted(p.stem for p in FOLDER.glob("*.onnx"))
HEAVY = ("light_vgg19", "light_zfnet512", "light_bvlc_alexnet")  # up to 600 MB of weights


def cases():
    for model in MODELS:
        for engine in ENGINES:
            yield pytest.param(model, engine, marks=[] if model not in HEAVY and engine == "plan" else [pytest.mark.long])


@pytest.mark.parametrize("model,engine", list(cases()))
def test_light_model(model, engine, tmp_path):
    path = FOLDER / f"{model}.onnx"
    graph = onnx.load(path).graph
    constants = {t.name for t in graph.initializer}
    (given,) = [i for i in graph.input if i.name not in constants]
    shape = [d.dim_value for d in given.type.tensor_type.shape.dim]
    n = int(numpy.prod(shape))
    x = (numpy.arange(n).reshape(shape) / n).astype(numpy.float32)  # what ONNX's own runner feeds
    with open(FOLDER / f"{model}_output_0.pb", "rb") as file:
        want = numpy_helper.to_array(onnx.TensorProto.FromString(file.read()))
    (got,) = run(path, {given.name: x}, tmp_path, engine).values()
    assert got.shape == want.shape
    numpy.testing.assert_allclose(got, want, rtol=1e-3, atol=1e-7)


def test_there_are_nine():
    assert len(MODELS) == 9
