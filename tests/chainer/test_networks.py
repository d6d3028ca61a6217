"""Whole networks against Chainer: trained ones where there are any, else with seeded weights."""
import functools
import pathlib
import tempfile

import chainer
import chainer.functions as F
import chainer.links as L
import numpy
import pytest
from PIL import Image
from waifu2x import srcnn

import networks
from engines import ENGINES, ROOT, SHARED, assert_close, run
from seeded import picture, seed
from traced import check, expected, randomise, write

WAIFU = sorted((pathlib.Path(srcnn.__file__).parent / "models").glob("*/*.npz"))
ARCHITECTURES = {name.lower(): architecture for name, architecture in srcnn.archs.items()}


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/models/{name} is not there")
    return path


@functools.cache
def photograph():
    """A detail of a cat, RGB 0..1."""
    return numpy.asarray(Image.open(shared("images/chelsea.png")).convert("RGB"), numpy.float32)[60:124, 120:192] / 255


def waifu_input(channels):
    rgb = photograph()
    planes = rgb.transpose(2, 0, 1) if channels == 3 else (rgb @ numpy.array([0.299, 0.587, 0.114], "f"))[None]
    return numpy.ascontiguousarray(planes[None])


@functools.cache
def waifu(name, channels):
    """A model of this architecture, an input, and the graph."""
    model, x = ARCHITECTURES[name](channels), waifu_input(channels)
    graph, _ = write(model, {"x": x}, tempfile.mkdtemp())
    return model, x, graph


def check_waifu(path, engine, folder):
    """The shipped file itself is read, not one that is saved here."""
    model, x, graph = waifu(path.parent.name, 1 if path.stem.endswith("_y") else 3)
    chainer.serializers.load_npz(str(path), model)
    want = expected(model, x)["y"]
    assert want.max() > 0.5 and want.std() > 0.05   # a picture
    assert_close(run([path, graph], {"x": x}, folder, engine)["y"], want, f"{path.stem}, {engine}")


@pytest.mark.parametrize("path", WAIFU, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_waifu2x(path, tmp_path):
    check_waifu(path, "plan", tmp_path)


@pytest.mark.parametrize("engine", ["native", pytest.param("reference", marks=pytest.mark.long)])
@pytest.mark.parametrize("name", ["upresnet10", *(pytest.param(n, marks=pytest.mark.long) for n in ("upconv7", "resnet10", "vgg7"))])
def test_waifu2x_in_other_engines(name, engine, tmp_path):
    check_waifu(next(p for p in WAIFU if p.parent.name == name and p.stem.endswith("_rgb")), engine, tmp_path)


def test_number_of_waifu2x_networks():
    assert len(WAIFU) == 30


def test_another_size_of_a_graph(tmp_path):
    """The graph was written for 64x72; a fully convolutional network runs at others by --size."""
    model, x, graph = waifu("upconv7", 3)
    weights = next(p for p in WAIFU if p.parent.name == "upconv7" and p.stem.endswith("_rgb"))
    chainer.serializers.load_npz(str(weights), model)
    x = x[:, :, 8:56, :40].copy()
    got = run([graph, weights], {"x": x}, tmp_path, "plan", "--size", "48x40")
    assert_close(got["y"], expected(model, x)["y"], "48x40")


def style(height, width):
    weights = shared("style/chainer_fastnst_8bit.npz")
    model = networks.FastStyle()
    chainer.serializers.load_npz(str(weights), model)
    image = Image.open(shared("images/hot_dog.jpg")).convert("RGB").resize((width, height))
    return model, weights, numpy.asarray(image, numpy.float32).transpose(2, 0, 1)[None].copy()


@pytest.mark.parametrize("engine", ["plan", *(pytest.param(e, marks=pytest.mark.long) for e in ("reference", "native"))])
def test_style(engine, tmp_path):
    model, weights, x = style(120, 160)
    want = expected(model, x)["y"]
    graph, _ = write(model, {"x": x}, tmp_path)
    got = run([graph, weights], {"x": x}, tmp_path, engine)["y"]
    assert_close(got, want, engine)
    picture = Image.fromarray(got[0].transpose(1, 2, 0).round().clip(0, 255).astype("u1"))
    (ROOT / "build/networks").mkdir(parents=True, exist_ok=True)
    picture.save(ROOT / "build/networks/chainer_style.png")


LARGE_FOR_LRN = {"conv1": 4, "conv2": 4}  # as in trained networks; smaller ones LRN would not change
HEAVY = {"AlexNet": (networks.AlexNet, 227, LARGE_FOR_LRN), "NIN": (networks.NIN, 224), "GoogLeNetBN": (networks.GoogLeNetBN, 224),
         "GoogLeNet": (lambda: Layers(L.GoogLeNet(pretrained_model=None), "loss3_fc"), 224, LARGE_FOR_LRN),
         "ResNet50": (lambda: Layers(L.ResNet50Layers(pretrained_model=None), "fc6"), 224),
         "VGG16": (lambda: Layers(L.VGG16Layers(pretrained_model=None), "fc8"), 224),
         "VGG19": (lambda: Layers(L.VGG19Layers(pretrained_model=None), "fc8"), 224)}


class Layers(chainer.Chain):
    """Chainer's own vision models, up to before softmax: there equal probabilities would hide mistakes."""

    def __init__(self, network, last):
        super().__init__()
        self.last = last
        with self.init_scope():
            self.network = network

    def forward(self, x):
        return self.network(x, layers=[self.last])[self.last]


def test_sequence(tmp_path):
    model = chainer.Sequential(L.Linear(40, 30), F.relu, L.BatchNormalization(30), L.Linear(30, 7), F.softmax)
    check(randomise(model), {"x": numpy.random.RandomState(5).standard_normal((3, 40)).astype("f")}, tmp_path, "Sequential")


@pytest.mark.parametrize("engine", ["reference", "plan"])
def test_links(engine, tmp_path):
    model, x = networks.Links(), numpy.random.RandomState(5).standard_normal((2, 6, 8, 9)).astype("f")
    model(x)
    check(randomise(model), {"x": x}, tmp_path, "links", [engine])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HEAVY)
@pytest.mark.long
def test_vision(name, engine, tmp_path):
    check_vision(name, engine, tmp_path)


def test_nin(tmp_path):
    check_vision("NIN", "plan", tmp_path)


def check_vision(name, engine, folder):
    make, size, *gains = HEAVY[name]
    model = seed(make(), size, *gains or [{}])
    check(model, {"x": picture(size, 3)}, folder, f"{name} {engine}", [engine])
