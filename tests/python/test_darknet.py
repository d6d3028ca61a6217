"""Darknet: every section in every engine, the files in every form, networks, real ones on real pictures; what is wrong is said."""
import json
import re
import subprocess

import cv2
import numpy
import pytest

from harness import ENGINES, SHARED, assert_close, net2c, run
import darknet
from darknet import Darknet


def files_of(net, folder, **version):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "net.cfg").write_text(net.text)
    (folder / "net.weights").write_bytes(net.weights(**version))
    return [folder / "net.cfg", folder / "net.weights"]


def shared(name):
    if not (SHARED / name).exists():
        pytest.skip(f"../shared/models/{name} is not there")
    return SHARED / name


def picture(shape, seed=1):
    return numpy.random.default_rng(seed).uniform(0, 1, (1, *shape)).astype("f4")


def opencv(files, x, names=()):
    net = cv2.dnn.readNetFromDarknet(*map(str, files))
    net.enableFusion(False)
    net.setInput(x)
    return net.forward(list(names)) if names else net.forward()


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


# What one section makes of x, where OpenCV does not read it or reads it wrong; from Darknet's code and, of activations, their formulas.
def connected(net, x):
    bias, w, scale, mean, variance = net.arrays
    y = (w @ x.ravel() - mean) / numpy.sqrt(variance + 1e-6) * scale + bias
    return numpy.maximum(y, 0).reshape(1, -1, 1, 1)


def deconvolution(net, x, stride, pad):
    bias, *norm, w = net.arrays
    k, (h, width) = w.shape[2], x.shape[2:]
    y = numpy.zeros((w.shape[1], (h - 1) * stride + k, (width - 1) * stride + k))
    for row in range(h):
        for column in range(width):
            y[:, row * stride:row * stride + k, column * stride:column * stride + k] += numpy.einsum("c,cokl->okl", x[0, :, row, column], w)
    y = y[:, pad:y.shape[1] - pad, pad:y.shape[2] - pad]
    if norm:
        scale, mean, variance = (a[:, None, None] for a in norm)
        y = (y - mean) / numpy.sqrt(variance + 1e-6) * scale
    return (y + bias[:, None, None])[None]


def local(net, x):
    bias, w = net.arrays
    x = numpy.pad(x[0], ((0, 0), (1, 1), (1, 1)))
    return numpy.array([[[(w[r, c, f] * x[:, 2 * r:2 * r + 3, 2 * c:2 * c + 3]).sum() + bias[f, r, c] for c in range(bias.shape[2])]
                         for r in range(bias.shape[1])] for f in range(bias.shape[0])], "f4")[None]


def batchnorm(net, x):
    bias, scale, mean, variance = (a[:, None, None] for a in net.arrays)
    return (x - mean) / numpy.sqrt(variance + 1e-6) * scale + bias


def reorg(net, x, forward):
    """Darknet's reorg_cpu, number by number."""
    c, h, w = x.shape[1:]
    flat, out, s, fewer = x.ravel(), numpy.empty(x.size, "f4"), 2, x.shape[1] // 4
    for k in range(c):
        for j in range(h):
            for i in range(w):
                off = k // fewer
                there = i * s + off % s + w * s * (j * s + off // s + h * s * (k % fewer))
                here = i + w * (j + h * k)
                if forward:
                    out[there] = flat[here]
                else:
                    out[here] = flat[there]
    return out.reshape(1, *net.shape)


def reorg3d(net, x):
    return numpy.concatenate([x[:, :, r::2, c::2] for r in (0, 1) for c in (0, 1)], 1)


def local_average(net, x):
    padded = numpy.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=numpy.nan)
    return numpy.array([[numpy.nanmean(padded[0, :, r:r + 3, c:c + 3], (1, 2)) for c in range(0, x.shape[3], 2)]
                        for r in range(0, x.shape[2], 2)], "f4").transpose(2, 0, 1)[None]


def groups_softmax(net, x):
    e = numpy.exp(x.reshape(3, -1) / 2)
    return (e / e.sum(1, keepdims=True)).reshape(x.shape)


def spatial_softmax(net, x):
    e = numpy.exp(x)
    return e / e.sum(1, keepdims=True)


def layers(channels, height, width, build):
    return lambda: build(Darknet(channels, height, width))


def act(name):
    return layers(3, 5, 6, lambda net: net.activation(activation=name))


CASES = {  # name: (network, what it makes of its input; None: what OpenCV makes of it)
    "conv": (layers(3, 11, 9, lambda n: n.convolutional(filters=5, size=3, stride=2, pad=1, activation="leaky")), None),
    "conv_bn": (layers(4, 8, 9, lambda n: n.convolutional(batch_normalize=1, filters=6, size=5, pad=1, activation="leaky")), None),
    "conv_even": (layers(4, 9, 9, lambda n: n.convolutional(filters=6, size=2, stride=1, padding=1, activation="linear")), None),
    "conv_pad_by_size": (layers(3, 8, 8, lambda n: n.convolutional(filters=4, size=1, pad=1, activation="linear")), None),
    "conv_groups": (layers(8, 7, 7, lambda n: n.convolutional(batch_normalize=1, filters=12, size=3, pad=1, groups=4, activation="mish")), None),
    "conv_depthwise": (layers(8, 7, 7, lambda n: n.convolutional(filters=8, size=3, pad=1, groups=8, activation="swish")), None),
    "conv_logistic": (layers(3, 6, 6, lambda n: n.convolutional(filters=4, size=3, activation="logistic")), None),
    "conv_default_activation": (layers(3, 6, 6, lambda n: n.convolutional(filters=4, size=3)), lambda n, x: sigmoid(convolution(n, x, 1, 1, 1))),
    "conv_strides": (layers(2, 9, 9, lambda n: n.convolutional(filters=3, size=3, stride_x=1, stride_y=2, activation="linear")),
                     lambda n, x: convolution(n, x, 2, 1, 1)),
    "conv_dilation": (layers(2, 9, 8, lambda n: n.convolutional(filters=3, size=3, pad=1, dilation=2, activation="linear")),
                      lambda n, x: convolution(n, numpy.pad(x, ((0, 0), (0, 0), (2, 2), (2, 2))), 1, 1, 2)),
    "deconv": (layers(3, 4, 5, lambda n: n.deconvolutional(filters=4, size=4, stride=2, padding=1, activation="linear")), lambda n, x: deconvolution(n, x, 2, 1)),
    "deconv_bn": (layers(3, 4, 5, lambda n: n.deconvolutional(batch_normalize=1, filters=4, size=3, pad=1, activation="relu")),
                  lambda n, x: numpy.maximum(deconvolution(n, x, 1, 1), 0)),
    "l2norm": (layers(6, 4, 5, lambda n: n.l2norm()), lambda n, x: x / numpy.sqrt((x ** 2).sum(1, keepdims=True))),
    "logistic": (layers(6, 4, 5, lambda n: n.logistic()), lambda n, x: sigmoid(x)),
    "max_2_2": (layers(5, 9, 8, lambda n: n.maxpool(size=2, stride=2)), None),
    "max_2_1": (layers(5, 9, 8, lambda n: n.maxpool(size=2, stride=1)), None),
    "max_3_2": (layers(5, 9, 8, lambda n: n.maxpool(size=3, stride=2)), None),
    "max_5_1": (layers(5, 9, 8, lambda n: n.maxpool(size=5, stride=1)), None),
    "max_padding": (layers(5, 9, 8, lambda n: n.maxpool(size=3, stride=2, padding=0)), None),
    "max_size_of_stride": (layers(5, 9, 8, lambda n: n.maxpool(stride=2)), None),
    "average": (layers(5, 9, 8, lambda n: n.avgpool()), None),
    "local_average": (layers(2, 6, 7, lambda n: n.local_avgpool(size=3, stride=2)), local_average),
    "upsample": (layers(3, 4, 5, lambda n: n.upsample(stride=3)), None),
    "upsample_scale": (layers(3, 4, 5, lambda n: n.upsample(stride=2, scale=0.5)), lambda n, x: x.repeat(2, 2).repeat(2, 3) / 2),
    "connected": (layers(3, 4, 5, lambda n: n.connected(output=7, activation="leaky")), None),
    "connected_bn": (layers(3, 4, 5, lambda n: n.connected(output=7, batch_normalize=1, activation="relu")), connected),
    "local": (layers(3, 7, 8, lambda n: n.local(filters=4, size=3, stride=2, pad=1, activation="linear")), local),
    "batchnorm": (layers(6, 4, 5, lambda n: n.batchnorm()), batchnorm),
    "route": (layers(3, 6, 5, lambda n: n.convolutional(filters=4, size=1, activation="linear").convolutional(filters=5, size=3, pad=1, activation="leaky")
                     .route(layers="-1,0")), None),
    "route_one": (layers(3, 6, 5, lambda n: n.convolutional(filters=4, size=1, activation="leaky").maxpool(size=2, stride=2).route(layers=-2)), None),
    "route_groups": (layers(3, 6, 5, lambda n: n.convolutional(filters=8, size=1, activation="leaky").route(layers=-1, groups=2, group_id=1)), None),
    "shortcut": (layers(3, 6, 5, lambda n: n.convolutional(filters=4, size=1, activation="leaky").convolutional(filters=4, size=3, pad=1, activation="linear")
                        .shortcut(**{"from": -2}, activation="leaky")), None),
    "shortcut_fewer": (layers(3, 6, 5, lambda n: n.convolutional(filters=4, size=1, activation="leaky").convolutional(filters=6, size=3, pad=1, activation="linear")
                              .shortcut(**{"from": -2}, activation="linear")), None),
    "shortcut_more": (layers(3, 6, 5, lambda n: n.convolutional(filters=8, size=1, activation="leaky").convolutional(filters=6, size=3, pad=1, activation="linear")
                             .shortcut(**{"from": 0}, activation="linear")), None),
    "shortcut_larger": (layers(5, 8, 6, lambda n: n.activation(activation="relu").maxpool(size=1, stride=2).shortcut(**{"from": 0}, activation="linear")),
                        lambda n, x: 2 * numpy.maximum(x, 0)[:, :, ::2, ::2]),
    "scale_channels": (layers(6, 6, 5, lambda n: n.convolutional(filters=6, size=3, pad=1, activation="leaky").avgpool()
                              .convolutional(filters=6, size=1, activation="logistic").scale_channels(**{"from": 0})), None),
    "scale_pixels": (layers(6, 6, 5, lambda n: n.activation(activation="relu").convolutional(filters=1, size=1, activation="linear").scale_channels(**{"from": 0}, scale_wh=1)),
                     lambda n, x: numpy.maximum(x, 0) * convolution(n, numpy.maximum(x, 0), 1, 1, 1)),
    "sam": (layers(4, 6, 5, lambda n: n.activation(activation="relu").activation(activation="logistic").sam(**{"from": 0})),
            lambda n, x: numpy.maximum(x, 0) * sigmoid(numpy.maximum(x, 0))),
    "reorg": (layers(8, 6, 4, lambda n: n.reorg(stride=2)), lambda n, x: reorg(n, x, False)),
    "reorg_opencv": (layers(3, 8, 6, lambda n: n.convolutional(filters=8, size=1, activation="linear").reorg(stride=2)), None),
    "reorg_reverse": (layers(8, 3, 4, lambda n: n.reorg(stride=2, reverse=1)), lambda n, x: reorg(n, x, True)),
    "reorg3d": (layers(3, 6, 4, lambda n: n.reorg3d(stride=2)), reorg3d),
    "crop": (layers(3, 9, 8, lambda n: n.crop(crop_height=6, crop_width=5)), lambda n, x: x[:, :, 1:7, 1:6] * 2 - 1),
    "crop_noadjust": (layers(3, 9, 8, lambda n: n.crop(crop_height=6, crop_width=5, noadjust=1)), lambda n, x: x[:, :, 1:7, 1:6]),
    "softmax": (layers(3, 9, 8, lambda n: n.convolutional(filters=9, size=1, activation="linear").avgpool().softmax(groups=1)), None),
    "softmax_groups": (layers(6, 2, 2, lambda n: n.softmax(groups=3, temperature=2)), groups_softmax),
    "softmax_spatial": (layers(6, 3, 2, lambda n: n.softmax(spatial=1)), spatial_softmax),
    "dropout": (layers(3, 5, 5, lambda n: n.convolutional(filters=4, size=3, activation="leaky").dropout(probability=.5)), None),
    "cost": (layers(3, 5, 5, lambda n: n.convolutional(filters=4, size=3, activation="leaky").cost(type="sse")), None),
    "relu": (act("relu"), lambda n, x: numpy.maximum(x, 0)),
    "relu6": (act("relu6"), lambda n, x: numpy.clip(x, 0, 6)),
    "tanh": (act("tanh"), lambda n, x: numpy.tanh(x)),
    "elu": (act("elu"), lambda n, x: numpy.where(x < 0, numpy.exp(x) - 1, x)),
    "selu": (act("selu"), lambda n, x: numpy.where(x < 0, 1.0507 * 1.6732 * (numpy.exp(x) - 1), 1.0507 * x)),
    "gelu": (act("gelu"), lambda n, x: 0.5 * x * (1 + numpy.tanh(0.797885 * x + 0.035677 * x ** 3))),
    "relie": (act("relie"), lambda n, x: numpy.where(x > 0, x, x / 100)),
    "ramp": (act("ramp"), lambda n, x: x * (x > 0) + 0.1 * x),
    "loggy": (act("loggy"), lambda n, x: 2 / (1 + numpy.exp(-x)) - 1),
    "hardtan": (act("hardtan"), lambda n, x: numpy.clip(x, -1, 1)),
}


def convolution(net, x, down, across, dilation):
    bias, w = net.arrays
    k = dilation * (w.shape[2] - 1) + 1
    windows = numpy.lib.stride_tricks.sliding_window_view(x[0], (k, k), (1, 2))[:, ::down, ::across, ::dilation, ::dilation]
    return (numpy.einsum("chwij,ocij->ohw", windows, w) + bias[:, None, None])[None]


@pytest.mark.parametrize("name", CASES)
def test_section(name, tmp_path):
    build, want = CASES[name]
    net = build()
    files = files_of(net, tmp_path)
    x = picture(tuple(int(re.search(rf"{key}=(\d+)", net.text)[1]) for key in ("channels", "height", "width"))) * 8 - 4
    expected = numpy.asarray(want(net, x), "f4") if want else opencv(files, x)
    for engine in ("reference", "plan"):
        (y,) = run(files, {"data": x}, tmp_path, engine).values()
        assert_close(y.ravel() if expected.ndim < 4 or expected.shape != y.shape else y, expected.ravel() if expected.shape != y.shape else expected, f"{name}, {engine}")
        assert y.shape[1:] == net.shape


NETWORKS = {  # at a size and a width that take a moment; what OpenCV calls their maps
    "darknet19": (lambda: darknet.darknet19(64, 0.125, 50), {"softmax_25": "softmax_25"}),
    "yolov2": (lambda: darknet.yolov2(96, 0.125), {"region_31": "conv_30"}),
    "yolov2_tiny": (lambda: darknet.yolov2_tiny(96, 0.25), {"region_15": "conv_14"}),
    "yolov3_tiny": (lambda: darknet.yolov3_tiny(96, 0.25, 10), {"yolo_16": "conv_15", "yolo_23": "conv_22"}),
}


def slowly(case, engine):
    """Every network in every engine is for `make test-all`: a C compiler takes seconds for each."""
    return pytest.param(case, engine, marks=[pytest.mark.long] if engine == "native" and case != "yolov2" else [])


@pytest.mark.parametrize("name, engine", [slowly(name, engine) for name in NETWORKS for engine in ENGINES])
def test_network(name, engine, tmp_path):
    build, outputs = NETWORKS[name]
    net = build()
    files, x = files_of(net, tmp_path), picture((3, *(int(d) for d in re.search(r"height=(\d+)\nwidth=(\d+)", net.text).groups())))
    got = run(files, {"data": x}, tmp_path, engine)
    assert sorted(set(got) - {"picture_boxes"}) == sorted(outputs)
    for ours, want in zip(outputs, opencv(files, x, outputs.values())):
        assert_close(got[ours], want, f"{name}, {engine}, {ours}")


@pytest.mark.parametrize("version", [{"minor": 1}, {"minor": 2, "seen": 2 ** 40}, {"minor": 2, "revision": 5}, {"major": 1, "minor": 0}], ids=str)
def test_headers(version, tmp_path):
    """32 or 64 bits of pictures seen."""
    net = Darknet(3, 6, 6).convolutional(filters=4, size=3, activation="leaky")
    files, x = files_of(net, tmp_path, **version), picture((3, 6, 6))
    assert_close(*run(files, {"data": x}, tmp_path, "plan").values(), opencv(files, x), str(version))


def test_transposed_matrices(tmp_path):
    """Versions above 1000 have [connected] as [inputs][outputs], after 32 bits of pictures seen."""
    net, x = Darknet(3, 4, 4).connected(output=5, activation="linear"), picture((3, 4, 4))
    want = net.arrays[1] @ x.ravel() + net.arrays[0]
    net.arrays[1] = net.arrays[1].T.copy()
    (y,) = run(files_of(net, tmp_path, minor=1001), {"data": x}, tmp_path, "plan").values()
    assert_close(y.ravel(), want, "transposed")


def test_vectors_as_input(tmp_path):
    """A [net] with `inputs` instead of a picture's size; maps are vectors then."""
    net, x = Darknet(12, 1, 1).connected(output=5, activation="tanh").connected(output=3, activation="linear"), picture((12, 1, 1))
    net.text = re.sub(r"height=1\nwidth=1\nchannels=12", "inputs=12", net.text)
    b1, w1, b2, w2 = net.arrays
    (y,) = run(files_of(net, tmp_path), {"data": x}, tmp_path, "plan").values()
    assert_close(y.ravel(), w2 @ numpy.tanh(w1 @ x.ravel() + b1) + b2, "vectors")
    assert "the input is a vector; leave the size out" in net2c("inspect", tmp_path / "net.cfg", "--size", "3x3", check=False).stderr


def test_batchnorm_without_biases(tmp_path):
    """As old versions write it; the length of the file tells."""
    net, x = Darknet(3, 4, 4).batchnorm().convolutional(filters=2, size=1, activation="linear"), picture((3, 4, 4))
    del net.arrays[0]
    scale, mean, variance, bias, w = (a[:, None, None] if a.ndim == 1 else a for a in net.arrays)
    want = numpy.einsum("oc,chw->ohw", w[:, :, 0, 0], (x[0] - mean) / numpy.sqrt(variance + 1e-6) * scale) + bias
    assert_close(*run(files_of(net, tmp_path), {"data": x}, tmp_path, "plan").values(), want[None].astype("f4"), "batchnorm")


def test_cfg_as_people_write_it(tmp_path):
    """Comments, spaces, windows' ends of lines, keys given twice (the first counts), keys that nobody knows."""
    net, x = Darknet(3, 8, 8).convolutional(filters=4, size=3, stride=2, pad=1, activation="leaky"), picture((3, 8, 8))
    files = files_of(net, tmp_path)
    want = opencv(files, x)
    text = "; made by hand\n" + net.text.replace("=", " = ").replace("stride = 2", "stride=2   # halves\nstride=1\nunheard_of=yes").replace("[net]", "[ network ]")
    (tmp_path / "odd.cfg").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert_close(*run([files[1], tmp_path / "odd.cfg"], {"data": x}, tmp_path, "plan").values(), want, "cfg")


def test_size_and_batch(tmp_path):
    net = Darknet(3, 8, 8).convolutional(filters=4, size=3, pad=1, activation="leaky").reorg(stride=2)
    files, x = files_of(net, tmp_path), numpy.concatenate([picture((3, 12, 10), seed) for seed in (1, 2)])
    want = numpy.concatenate([opencv(files, part[None]) for part in x])
    for engine in ("reference", "plan"):
        assert_close(*run(files, {"data": x}, tmp_path, engine).values(), want, engine)


@pytest.mark.parametrize("engine", ["plan", pytest.param("native", marks=pytest.mark.long)])
def test_reference_model_names_pictures(engine, tmp_path):
    """Darknet's own small ImageNet classifier."""
    files = shared("imagenet/tiny.cfg"), shared("imagenet/tiny.weights")
    labels = shared("labels/imagenet.shortnames.list").read_text().split("\n")
    for name, wanted in (("eagle.jpg", "bald eagle"), ("coffee.png", "espresso"), ("hot_dog.jpg", "hotdog")):
        image = cv2.imread(str(shared(f"images/{name}")))[:, :, ::-1]
        x = cv2.resize(image, (224, 224)).transpose(2, 0, 1)[None].astype("f4") / 255
        got = run(files, {"data": x}, tmp_path, engine)["softmax_21"]
        assert_close(got, opencv(files, x), f"{name}, {engine}")
        assert wanted in [labels[i] for i in got.ravel().argsort()[:-6:-1]], name


def detected(files, image, threshold=0.25, overlap=0.45):
    """[(class, score, left, top, right, bottom)] of OpenCV, which stretches the picture."""
    net = cv2.dnn_DetectionModel(*map(str, files[:2]))
    size = [int(re.search(rf"\n{side} *= *(\d+)", files[0].read_text())[1]) for side in ("width", "height")]
    net.setInputParams(size=size, scale=1 / 255, swapRB=True)
    classes, scores, boxes = net.detect(image, confThreshold=threshold, nmsThreshold=overlap)
    return sorted((int(c), float(s), x, y, x + w, y + h) for c, s, (x, y, w, h) in zip(classes, scores, boxes))


BOX = r"^ +(\d\.\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)  (?:\d+ )?(\w+)$"   # as `run` and the bundle's example print it
STRETCHED = {"resize": "stretch", "library": "opencv"}


def boxes_agree(files, labels, folder, engine, image=None):
    """What net2c finds is what OpenCV finds, to a pixel or two: OpenCV rounds, and cuts off nothing at the borders."""
    image = image or shared("images/dog.jpg")
    (folder / "pre.json").write_text(json.dumps(STRETCHED))
    done = net2c("run", *files, labels, "--input", image, "--preprocess", folder / "pre.json", "--output", folder / "out", "--engine", engine)
    found, pixels = numpy.load(folder / "out/picture_boxes.npy"), cv2.imread(str(image))
    got = sorted((int(b[5]), b[4], *b[:4]) for b in found)
    want = detected(files, pixels)
    assert len(got) == len(want) > 2
    for ours, theirs in zip(got, want):
        assert ours[0] == theirs[0] and abs(ours[1] - theirs[1]) < 2e-3, (ours, theirs)
        limit = numpy.clip(theirs[2:], 0, [pixels.shape[1], pixels.shape[0]] * 2)
        assert numpy.abs(numpy.array(ours[2:]) - limit).max() < 2.1, (ours, theirs)
    return done.stdout


@pytest.mark.parametrize("engine", ["plan", pytest.param("native", marks=pytest.mark.long)])
def test_boxes_of_a_photograph(engine, tmp_path):
    """Yolo-Fastest 1.1 on Darknet's own picture: the .cfg says all that there is to say."""
    files, labels = (shared("detect/yolo-fastest-1.1.cfg"), shared("detect/yolo-fastest-1.1.weights")), shared("labels/coco.names")
    said = boxes_agree(files, labels, tmp_path, engine)
    assert all(name in said for name in ("dog", "bicycle"))
    x = cv2.dnn.blobFromImage(cv2.imread(str(shared("images/dog.jpg"))), 1 / 255, (320, 320), swapRB=True)
    got = run(files, {"data": x}, tmp_path, engine)
    for ours, want in zip(("yolo_121", "yolo_130"), opencv(files, x, ("conv_120", "conv_129"))):
        assert_close(got[ours], want, ours)
    said = net2c("run", labels, *files, "--input", shared("images/dog.jpg")).stdout   # in a letter-box, as Darknet does it
    assert all(name in said for name in ("dog", "bicycle"))


@pytest.mark.parametrize("built", [False, pytest.param(True, marks=pytest.mark.long)])
def test_boxes_of_the_bundle(built, tmp_path):
    """Compiled without --preprocess, it has the boxes that `run` prints."""
    files = files_of(darknet.yolov3_tiny(96, 1 / 8, 3), tmp_path)
    (tmp_path / "x.names").write_text("cat\ndog\nowl\n")
    image = cv2.resize(cv2.imread(str(shared("images/dog.jpg"))), (150, 120))
    cv2.imwrite(str(tmp_path / "x.ppm"), image)
    cv2.imwrite(str(tmp_path / "x.png"), image)
    said = net2c("run", *files, tmp_path / "x.names", "--input", tmp_path / "x.png").stdout
    net2c("compile", *files, tmp_path / "x.names", "-o", tmp_path / "b", "--name", "b", "--isa", "portable")
    assert "b_boxes(" in (tmp_path / "b/b.h").read_text() and len(re.findall(BOX, said, re.M)) > 3
    if not built:
        return
    subprocess.run("cc -O1 -o example *.c -pthread", shell=True, cwd=tmp_path / "b", check=True, capture_output=True)
    told = subprocess.run([tmp_path / "b/example", tmp_path / "x.ppm"], cwd=tmp_path / "b", check=True, capture_output=True, text=True).stdout
    assert re.findall(BOX, said, re.M) == re.findall(BOX, told, re.M)


WRONG = {  # what is wrong: (cfg or how to change the good one, or the weights, what the message says)
    "no_weights": (None, None, "net.cfg: is a network without its weights; give its .weights file too"),
    "short": (None, lambda w: w[:-4], "layer 'convolutional_0' \\(line 8\\): needs 108 numbers of .*net.weights, which has 107 left: it is cut off, or not of this .cfg"),
    "long": (None, lambda w: w + b"\0" * 8, "net.weights: has 2 numbers more than the layers of .*net.cfg need; is it of this network"),
    "header": (None, lambda w: w[:10], "too short for the header"),
    "no_header": (None, lambda w: b"\xff\xff\xff\xff" + w, "is no .weights file of Darknet"),
    "cut_in_header": (None, lambda w: w[:16], "is cut off in its header"),
    "no_net": (lambda t: t[t.index("[conv"):], (), "does not begin with \\[net\\]"),
    "two_nets": (lambda t: t + t, (), "has a second \\[net\\] in line 12"),
    "only_net": (lambda t: t[:t.index("[conv")], (), "has no layers after \\[net\\]"),
    "no_channels": (lambda t: t.replace("channels=3", ""), (), "has no channels: add channels=3"),
    "no_width": (lambda t: t.replace("width=6", ""), (), "has no width: set the size by --size HxW"),
    "odd_width": (lambda t: t.replace("width=6", "width=6.5"), (), "width=6.5: a whole number"),
    "no_number": (lambda t: t.replace("filters=4", "filters=four"), (), "layer 'convolutional_0' \\(line 8\\): filters=four is no number"),
    "huge": (lambda t: t.replace("filters=4", "filters=99999999999999999999"), (), "filters=1e\\+20: a whole number of 1 to"),
    "huge_picture": (lambda t: t.replace("width=6", "width=1000000").replace("height=6", "height=1000000"), (), "1x3x1000000x1000000"),
    "negative": (lambda t: t.replace("size=3", "size=-3"), (), "size=-3: a whole number of 1 to"),
    "window": (lambda t: t.replace("size=3", "size=9"), (), "layer 'convolutional_0'"),
    "garbage": (lambda t: t + "what is this\n", (), "line 12 is 'whatisthis', which is neither"),
    "bracket": (lambda t: t + "[maxpool\n", (), "line 12 is '\\[maxpool', which is no \\[section\\]"),
    "before": (lambda t: t.replace("[net]", "[connected]", 1) + "[net]\n", (), "does not begin with \\[net\\]"),
    "route_beyond": (lambda t: t + "[route]\nlayers=7\n", (), "layer 'route_1' \\(line 12\\): 'layers' names layer 7; this is layer 1, which can read those before it only"),
    "route_before": (lambda t: t + "[route]\nlayers=-2\n", (), "'layers' names layer -2 \\(which is -1\\)"),
    "route_cycle": (lambda t: t + "[route]\nlayers=1\n", (), "'layers' names layer 1, itself"),
    "route_nothing": (lambda t: t + "[route]\n", (), "'layers' is missing"),
    "route_sizes": (lambda t: t + "[maxpool]\nsize=2\nstride=2\n[route]\nlayers=0,1\n", (), "it joins 1x4x4x4 and 1x4x2x2, whose heights and widths differ"),
    "route_groups": (lambda t: t + "[route]\nlayers=-1\ngroups=3\n", (), "its 3 groups do not divide 4 channels"),
    "shortcut_sizes": (lambda t: t + "[maxpool]\nsize=2\nstride=1\n[upsample]\n[shortcut]\nfrom=0\n", (), "it adds 1x4x4x4 to 1x4x8x8"),
    "groups": (lambda t: t.replace("filters=4", "filters=4\ngroups=2"), (), "its 2 groups do not divide 3 channels and 4 filters"),
    "reorg": (lambda t: t + "[reorg]\nstride=3\n", (), "its stride of 3 does not divide its input of 1x4x4x4"),
    "yolo": (lambda t: t + "[yolo]\nclasses=80\nnum=6\nmask=0,1,2\n", (), "its 3 anchors of 85 numbers need 255 channels, but its input is 1x4x4x4"),
    "region": (lambda t: t + "[region]\nclasses=20\nnum=5\n", (), "its 5 anchors of 25 numbers need 125 channels"),
    "anchors": (lambda t: t + "[yolo]\nclasses=1\nmask=3\nnum=6\nanchors=1,2,3,4\n", (), "its 1 anchors of 6 numbers need 6 channels"),
    "mask": (lambda t: t + "[yolo]\nclasses=1\nmask=7\nnum=6\n", (), "'mask' names anchor 7 of num=6"),
    "anchors_few": (lambda t: t + "[route]\nlayers=0,0,0\n[yolo]\nclasses=1\nmask=3,4\nnum=6\nanchors=1,2,3,4\n", (), "'anchors' has 4 numbers, too few for anchor 3"),
    "crop": (lambda t: t + "[crop]\ncrop_height=5\ncrop_width=2\n", (), "it crops 5x2 from 1x4x4x4"),
    "max_padding": (lambda t: t + "[maxpool]\nsize=2\nstride=1\npadding=5\n", (), "its padding of 5 is too much for windows of 2"),
    "softmax": (lambda t: t + "[softmax]\ngroups=7\n", (), "its 7 groups do not divide 64 inputs"),
}


@pytest.mark.parametrize("name", WRONG)
def test_mistake(name, tmp_path):
    cfg, weights, says = WRONG[name]
    net = Darknet(3, 6, 6).convolutional(filters=4, size=3, activation="leaky")
    files = files_of(net, tmp_path)
    if cfg:
        files[0].write_text(cfg(net.text))
    if weights:
        files[1].write_bytes(weights(net.weights()))
    done = net2c("compile", *(files[:1] if weights is None else files), "-o", tmp_path / "out", check=False)
    assert done.returncode == 1 and re.search(says, done.stderr), done.stderr
    assert done.stderr.count("net2c: ") == 1 and not (tmp_path / "out").exists()


def test_all_that_is_not_supported_at_once(tmp_path):
    net = Darknet(3, 8, 8).convolutional(filters=4, size=3, activation="plse", xnor=1).add("normalization").lstm(output=3).gru().gru()
    net.convolutional(filters=4, size=30, activation="stair").add("Gaussian_yolo")
    done = net2c("inspect", files_of(net, tmp_path)[0], check=False)
    assert done.returncode == 1
    for part in ("uses what is not supported", "[convolutional] with activation plse: 1 time, line 8", "[convolutional] with xnor", "[normalization]", "[lstm]",
                 "[gru]: 2 times, first in line", "[Gaussian_yolo]"):
        assert part in done.stderr, done.stderr


def test_files_that_are_too_many(tmp_path):
    net = Darknet(3, 6, 6).convolutional(filters=4, size=3, activation="leaky")
    files = files_of(net, tmp_path)
    for name in ("a.names", "b.names"):
        (tmp_path / name).write_text("cat\ndog\n")
    for extra, says in (([files[0]], "is a second .cfg"), ([files[1]], "is a second file of weights"), ([tmp_path / "a.names", tmp_path / "b.names"], "is a second list of names")):
        assert says in net2c("inspect", *files, *extra, check=False).stderr
    assert "give its .cfg too" in net2c("inspect", files[1], check=False).stderr


def test_our_networks_are_the_originals():
    """As many bytes as the published .weights of VOC and COCO have."""
    for net, version, size in ((darknet.yolov2_tiny(), {"minor": 1}, 63_471_556), (darknet.yolov3_tiny(), {"minor": 2}, 35_434_956)):
        assert len(darknet.header(**version)) + 4 * sum(a.size for a in net.arrays) == size


def test_shapes_without_weights(tmp_path):
    """inspect needs the .cfg alone."""
    files = files_of(darknet.yolov2_tiny(width=0.25), tmp_path)
    text = net2c("inspect", files[0]).stdout
    parameters = (len(files[1].read_bytes()) - 20) // 4
    assert "1x125x13x13" in text and "MACs" in text
    assert abs(int(re.search(r"parameters +([\d,]+)", text)[1].replace(",", "")) - parameters) < parameters / 100
