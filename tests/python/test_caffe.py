"""Caffe: every layer in every engine, the files in every form, real networks on real pictures."""
import functools
import pathlib
import tempfile

import cv2
import numpy
import pytest
from PIL import Image

from caffe_cases import CASES
from caffe_model import blob, caffemodel, field
from net2c import ENGINES, SHARED, TOLERANCE, assert_close, file_of, net2c


def input_layer(name, shape):
    return f'layer {{ name: "{name}" type: "Input" top: "{name}" input_param {{ shape {{ {" ".join(f"dim: {d}" for d in shape)} }} }} }}\n'


def opencv(prototxt, weights, inputs, tops):
    """The tops of the network's last layer."""
    net = cv2.dnn.readNetFromCaffe(numpy.frombuffer(prototxt.encode(), "u1"), numpy.frombuffer(weights, "u1"))
    net.enableFusion(False)
    for name, value in inputs.items():
        net.setInput(value, name)
    last = net.getLayerNames()[-1]
    return net.forward([last] if tops == 1 else [f"{last}.{t}" for t in range(tops)])


def run(folder, inputs, engine, *files):
    """{file name of an output: array}"""
    given = []
    for name, array in inputs.items():
        numpy.save(f"{folder}/{file_of(name)}.npy", array)
        given += ["--input", f"{name}={folder}/{file_of(name)}.npy"]
    net2c("run", *files, *given, "--output", f"{folder}/{engine}", "--engine", engine)
    return {path.stem: numpy.load(path) for path in pathlib.Path(f"{folder}/{engine}").glob("*.npy")}


def net_of(cases):
    text, weights, inputs = 'name: "cases"\n', {}, {}
    for index, case in cases:
        for b, value in enumerate(case.inputs()):
            inputs[f"x{index}_{b}"] = value
            text += input_layer(f"x{index}_{b}", value.shape)
        text += case.text(index)
        if case.blobs:
            weights[f"layer{index}"] = case.weights()
    return text, caffemodel(weights), inputs


def outcome(cases, engine):
    text, weights, inputs = net_of(cases)
    with tempfile.TemporaryDirectory() as folder:
        open(f"{folder}/net.prototxt", "w").write(text)
        open(f"{folder}/net.caffemodel", "wb").write(weights)
        model = [f"{folder}/net.caffemodel"] if any(case.blobs for _, case in cases) else []
        return run(folder, inputs, engine, f"{folder}/net.prototxt", *model)


GROUP = 24  # cases to one network


@functools.cache
def group(number, engine):
    """The outputs of a whole group; an AssertionError is a value: then each case is run alone."""
    try:
        return outcome(list(enumerate(CASES))[number * GROUP:(number + 1) * GROUP], engine)
    except AssertionError as error:
        return error


@functools.cache
def expected(index):
    case = CASES[index]
    if case.want:
        want = case.want(*case.inputs(), *case.weights())
        return [numpy.asarray(w, "f4") for w in (want if isinstance(want, tuple) else (want,))]
    text, weights, inputs = net_of([(index, case)])
    return list(opencv(text, weights, inputs, case.tops))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("index", range(len(CASES)), ids=[c.name for c in CASES])
def test_layer(index, engine):
    case, got = CASES[index], group(index // GROUP, engine)
    if isinstance(got, AssertionError):
        got = outcome([(index, case)], engine)
    for top, want in enumerate(expected(index)):
        assert_close(got[f"y{index}_{top}"], want, f"{case.name}, {engine}, top {top}")
