"""The ways in which weights are saved, and the command."""
import os
import subprocess
import sys

import chainer
import chainer.links as L
import numpy
import pytest

from engines import ENGINES, ROOT, assert_close, net2c, run
from networks import LeNet
from traced import expected, randomise, write

IMAGE = numpy.random.RandomState(3).rand(1, 1, 28, 28).astype("f")


@pytest.fixture(scope="module")
def lenet(tmp_path_factory):
    """A model, its graph and weights, and Chainer's answer."""
    folder = tmp_path_factory.mktemp("lenet")
    model = LeNet()
    numpy.random.seed(0)
    model(numpy.zeros_like(IMAGE))
    randomise(model)
    return model, write(model, {"x": IMAGE}, folder), expected(model, IMAGE)["y"]


@pytest.mark.parametrize("engine", ENGINES)
def test_lenet(lenet, engine, tmp_path):
    _, files, want = lenet
    assert_close(run(files, {"x": IMAGE}, tmp_path, engine)["y"], want, engine)


def snapshot(model):
    """What a trainer saves: the model below its updater, beside other things."""
    target = chainer.serializers.DictionarySerializer()
    target("updater/optimizer:main/t", 100)
    target["updater"]["model:main"].save(L.Classifier(model))
    return target.target


def save(kind, model, path):
    s = chainer.serializers
    {"plain": lambda: s.save_npz(path, model), "stored": lambda: s.save_npz(path, model, compression=False),
     "classifier": lambda: s.save_npz(path, L.Classifier(model)), "snapshot": lambda: numpy.savez_compressed(path, **snapshot(model)),
     "hdf5": lambda: s.save_hdf5(path, model), "hdf5 stored": lambda: s.save_hdf5(path, model, compression=None),
     "hdf5 classifier": lambda: s.save_hdf5(path, L.Classifier(model))}[kind]()


@pytest.mark.parametrize("kind", ["plain", "stored", "classifier", "snapshot", "hdf5", "hdf5 stored", "hdf5 classifier"])
def test_weights_are_found_however_they_were_saved(lenet, kind, tmp_path):
    model, files, want = lenet
    weights = str(tmp_path / "weights.dat")   # known by content
    with open(weights, "wb") as file:
        save(kind, model, weights if "hdf5" in kind else file)
    for order in ([files[0], weights], [weights, files[0]]):
        assert_close(run(order, {"x": IMAGE}, tmp_path, "reference")["y"], want, kind)


def test_graph_of_the_larger_network_and_weights_of_the_smaller(lenet, tmp_path):
    model, files, want = lenet
    wrapped = L.Classifier(model)
    graph, _ = write(chainer.Sequential(wrapped.predictor), {"x": IMAGE}, tmp_path)
    assert_close(run([graph, files[1]], {"x": IMAGE}, tmp_path, "reference")["y"], want, "prefix of the graph")


def test_weights_of_other_types_and_orders(lenet, tmp_path):
    model, files, want = lenet
    arrays = dict(numpy.load(files[1]))
    arrays = {k: numpy.asfortranarray(v.astype("f8")) for k, v in arrays.items()}
    numpy.savez(tmp_path / "double.npz", **arrays)
    assert_close(run([files[0], tmp_path / "double.npz"], {"x": IMAGE}, tmp_path, "reference")["y"], want, "double, Fortran order")


def test_unused_parameters_may_be_missing_or_uninitialised(lenet, tmp_path):
    model, files, want = lenet
    arrays = dict(numpy.load(files[1]), **{"extra/W": numpy.array(None), "extra/b": numpy.zeros(3, "f")})
    numpy.savez(tmp_path / "more.npz", **arrays)
    assert_close(run([files[0], tmp_path / "more.npz"], {"x": IMAGE}, tmp_path, "reference")["y"], want, "more arrays than wanted")


def command(*arguments):
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "python"), PYTHONWARNINGS="ignore")
    return subprocess.run([sys.executable, "-m", "net2c.chainer", *map(str, arguments)], capture_output=True, text=True, env=environment)


def test_command(lenet, tmp_path):
    model, files, _ = lenet
    graph = tmp_path / "lenet.c2g"
    done = command(f"{ROOT}/tests/chainer/networks.py:LeNet().predict", "--input", "image=1x1x28x28", "-o", graph)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{graph}: 12 functions, 12 parameters\n"
    got = run([graph, files[1]], {"image": IMAGE}, tmp_path, "reference")
    assert_close(got["y"], expected(model.predict, IMAGE)["y"], "command")


def test_inspect_needs_no_weights(lenet):
    import json

    model, files, _ = lenet
    figures = json.loads(net2c("inspect", files[0], "--json").stdout)
    with_weights = json.loads(net2c("inspect", *files, "--json").stdout)
    assert figures["macs"] == with_weights["macs"] == 24 * 24 * 20 * 25 + 8 * 8 * 50 * 20 * 25 + 800 * 500 + 500 * 10
    for key in ("arena_bytes", "weights_bytes", "parameters"):
        assert figures[key] == with_weights[key], key
