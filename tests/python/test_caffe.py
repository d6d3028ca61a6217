"""Caffe: every layer in every engine, the files in every form, real networks on real pictures."""
import functools
import pathlib
import tempfile

import cv2
import numpy
import pytest
from PIL import Image

from caffe_cases import CASES
from deep_compression import deep_compression
from harness import ENGINES, ROOT, SHARED, assert_close, file_of, net2c
from caffemodel import blob, caffemodel, field


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


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/models/{name} is not there")
    return path


def agrees(tmp_path, engine, files, inputs, names):
    """Runs the network and OpenCV's reading of it; gives the outputs, which agree."""
    got = run(tmp_path, inputs, engine, *files)
    net = cv2.dnn.readNetFromCaffe(str(files[0]), str(files[1]))
    for name, value in inputs.items():
        net.setInput(value, name)
    for name, want in zip(names, net.forward(names)):
        assert_close(got[file_of(name)], want, f"{files[0].name}, {engine}, {name}")
    return got


def digit():
    """A seven, 28x28, 0..1."""
    x = numpy.zeros((1, 1, 28, 28), "f4")
    x[0, 0, 5:8, 7:20] = 1
    for row in range(8, 24):
        x[0, 0, row, 18 - (row - 8) * 8 // 16:20 - (row - 8) * 8 // 16] = 1
    return x


@pytest.mark.parametrize("engine", ENGINES)
def test_lenet_reads_a_seven(engine, tmp_path):
    files = shared("small/lenet.prototxt"), shared("small/lenet_iter_10000.caffemodel")
    got = agrees(tmp_path, engine, files, {"data": digit()}, ["prob"])
    assert got["prob"].argmax() == 7 and got["prob"].max() > 0.9


@pytest.mark.parametrize("engine", ENGINES)
def test_mtcnn_finds_the_astronaut(engine, tmp_path):
    files = shared("small/det1.prototxt"), shared("small/det1.caffemodel")
    scale = 0.1  # faces become 12 pixels wide
    picture = Image.open(shared("images/astronaut.png")).convert("RGB").resize((51, 51), Image.BILINEAR)
    x = (numpy.asarray(picture, "f4") - 127.5) / 128
    got = agrees(tmp_path, engine, files, {"data": x.transpose(2, 1, 0)[None].copy()}, ["prob1", "conv4-2"])  # as MATLAB has it: width first
    face = got["prob1"][0, 1].T
    row, column = numpy.unravel_index(face.argmax(), face.shape)
    assert face.max() > 0.9
    assert abs((2 * column + 6) / scale - 225) < 40 and abs((2 * row + 6) / scale - 115) < 50, (row, column)


@pytest.mark.parametrize("engine", ["plan", "native"])
def test_waifu2x_is_sharper_than_bicubic(engine, tmp_path):
    files = shared("superres/waifu2x_vgg7_rgb_deploy.prototxt"), shared("superres/waifu2x_photo_scale2x.caffemodel")
    truth = Image.open(shared("images/chelsea.png")).convert("RGB").crop((120, 60, 248, 188))
    small = truth.resize((64, 64), Image.BICUBIC)
    large = numpy.asarray(small.resize((128, 128), Image.NEAREST), "f4") / 255
    x = numpy.pad(large, ((7, 7), (7, 7), (0, 0)), "edge").transpose(2, 0, 1)[None].copy()
    y = agrees(tmp_path, engine, files, {"input": x}, ["conv7"])["conv7"][0].transpose(1, 2, 0) * 255

    def psnr(image):
        return 10 * numpy.log10(255 ** 2 / ((numpy.asarray(image, "f8") - numpy.asarray(truth, "f8")) ** 2).mean())

    assert psnr(numpy.clip(y, 0, 255)) > psnr(small.resize((128, 128), Image.BICUBIC))


PICTURES = {"coffee.png": "espresso", "eagle.jpg": "bald eagle", "hot_dog.jpg": "hotdog", "dog.jpg": "malamute"}


@functools.cache
def squeezenet():
    """The folder of prototxt, caffemodel, mean and labels, as a user of Caffe2C had them."""
    folder = ROOT / "build/networks/squeezenet_caffe"
    folder.mkdir(parents=True, exist_ok=True)
    text = shared("imagenet/SqueezeNet_v1.0_deploy.prototxt").read_text()
    (folder / "deploy.prototxt").write_text(text + 'layer { name: "prob" type: "Softmax" bottom: "pool_final" top: "prob" }\n')
    (folder / "net.caffemodel").write_bytes(caffemodel(deep_compression(shared("imagenet/compressed_SqueezeNet.net").read_bytes())))
    mean = numpy.array([104, 117, 123], "f4")[:, None, None] + numpy.random.default_rng(0).uniform(-8, 8, (3, 256, 256)).astype("f4")
    (folder / "mean.binaryproto").write_bytes(blob(mean[None], legacy=True))
    (folder / "labels.txt").write_text((ROOT / "examples/imagenet_labels.txt").read_text())
    return folder, mean


@pytest.mark.parametrize("engine", ["plan", "native"])
@pytest.mark.parametrize("picture", PICTURES)
def test_squeezenet_names_pictures(picture, engine, tmp_path):
    """The four files in any order; the picture is prepared as for Caffe's databases: of the mean image's size, minus it, cropped, BGR."""
    folder, mean = squeezenet()
    image = Image.open(shared(f"images/{picture}")).convert("RGB")
    image.save(tmp_path / "picture.png")
    files = [folder / name for name in ("labels.txt", "mean.binaryproto", "net.caffemodel", "deploy.prototxt")]
    done = net2c("run", *files, "--input", tmp_path / "picture.png", "--output", tmp_path / "out", "--engine", engine)
    x = (cv2.resize(numpy.asarray(image), (256, 256))[:, :, ::-1].transpose(2, 0, 1) - mean)[None, :, 14:241, 14:241].copy()
    net = cv2.dnn.readNetFromCaffe(str(folder / "deploy.prototxt"), str(folder / "net.caffemodel"))
    net.setInput(x)
    assert_close(numpy.load(tmp_path / "out/prob.npy"), net.forward("prob"), f"{picture}, {engine}")
    best = [line.split("  ")[-1] for line in done.stdout.splitlines()[1:]]
    assert len(best) == 5 and any(PICTURES[picture] in label for label in best), done.stdout
