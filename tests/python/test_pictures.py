"""--preprocess against the libraries whose resize it promises: Pillow, OpenCV, and TensorFlow's formulas; the bundle gives the same bits."""
import itertools
import json
import subprocess

import cv2
import numpy
import onnx
import pytest
from onnx import TensorProto, helper
from PIL import Image

from engines import net2c

FILTERS = ("nearest", "bilinear", "bicubic", "area")
PILLOW = dict(zip(FILTERS, (Image.NEAREST, Image.BILINEAR, Image.BICUBIC, Image.BOX)))
OPENCV = dict(zip(FILTERS, (cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_AREA)))
# height and width of the picture and of the input
SIZES = [((40, 50), (20, 25)), ((40, 60), (10, 20)), ((37, 53), (20, 31)), ((20, 23), (31, 47)), ((90, 31), (11, 64)), ((300, 40), (24, 30)), ((44, 17), (44, 68)),
         ((1, 9), (5, 1)), ((60, 60), (20, 60))]


def network(path, shape, type=TensorProto.FLOAT):
    """y = -x, which changes no bits but the sign; u8 by way of floats."""
    nodes = [helper.make_node("Neg", ["x"], ["y"])]
    if type != TensorProto.FLOAT:
        nodes = [helper.make_node("Cast", ["x"], ["f"], to=1), helper.make_node("Neg", ["f"], ["y"])]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", type, shape)], [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


def prepared(folder, pixels, size, keys, layout="chw", type=TensorProto.FLOAT):
    """What the network gets: [H][W][C]."""
    channels = keys.pop("channels", 3)
    shape = [1, channels, *size] if layout == "chw" else [1, *size, channels]
    Image.fromarray(pixels).save(folder / "p.png")
    (folder / "pre.json").write_text(json.dumps(keys))
    net2c("run", network(folder / "net.onnx", shape, type), "--input", folder / "p.png", "--preprocess", folder / "pre.json", "--output", folder / "out")
    y = -numpy.load(folder / "out/y.npy")[0]
    return y.transpose(1, 2, 0) if layout == "chw" else y


def noise(size, seed):
    """Every third value is 0 or 255, so that sums have ties and leave 0..255."""
    random = numpy.random.default_rng(seed)
    return numpy.where(random.integers(0, 3, (*size, 3)) == 0, random.integers(0, 2, (*size, 3)) * 255, random.integers(0, 256, (*size, 3))).astype("u1")


@pytest.mark.parametrize("filter", FILTERS)
def test_pillow(filter, tmp_path):
    """Bit for bit, in both orders of its passes."""
    for inside, size in SIZES:
        pixels = noise(inside, 1)
        got = prepared(tmp_path, pixels, size, {"resize": "stretch", "filter": filter})
        want = numpy.asarray(Image.fromarray(pixels).resize(size[::-1], PILLOW[filter]))
        assert numpy.array_equal(got, want), (filter, inside, size)
        got = prepared(tmp_path, pixels, size, {"resize": "stretch", "filter": filter, "library": "pillow12"})
        across = Image.fromarray(pixels).resize((size[1], inside[0]), PILLOW[filter])
        assert numpy.array_equal(got, across.resize(size[::-1], PILLOW[filter])), (filter, inside, size)


@pytest.mark.parametrize("filter", FILTERS)
def test_opencv(filter, tmp_path):
    """Bit for bit; bicubic within one level, as its vector code rounds otherwise than its scalar code."""
    for inside, size in SIZES:
        pixels = noise(inside, 2)
        got = prepared(tmp_path, pixels, size, {"resize": "stretch", "filter": filter, "library": "opencv"})
        want = cv2.resize(pixels, size[::-1], interpolation=OPENCV[filter]).astype(int)
        assert numpy.abs(got - want).max() <= (filter == "bicubic"), (filter, inside, size)


def taps_of_tensorflow(library, filter, inside, outside):
    """The matrix [outside][inside] of one axis, from the formulas in TensorFlow's documentation and kernels, in float64."""
    m = numpy.zeros((outside, inside))
    scale = inside / outside
    if library == "tensorflow1_align_corners" and outside > 1:
        scale = (inside - 1) / (outside - 1)
    half = library == "tensorflow"
    for i in range(outside):
        if filter == "area":
            for j in range(inside):
                m[i, j] = max(0, min((i + 1) * inside / outside, j + 1) - max(i * inside / outside, j)) / (inside / outside)
            continue
        at = (i + 0.5) * scale - 0.5 if half else i * scale
        if filter == "nearest":
            j = numpy.floor(at + 0.5) if library != "tensorflow1" else numpy.floor(at + 1e-9)
            m[i, min(int(j), inside - 1)] = 1
            continue
        low = int(numpy.floor(at))
        weights = {low: 1 - (at - low), low + 1: at - low}
        if filter == "bicubic":
            a = -0.5 if half else -0.75
            x = round((at - low) * 1024) / 1024
            near = lambda t: ((a + 2) * t - (a + 3)) * t * t + 1
            far = lambda t: ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
            weights = {low - 1: far(x + 1), low: near(x), low + 1: near(1 - x), low + 2: far(2 - x)}
            if half:
                weights = {j: w for j, w in weights.items() if 0 <= j < inside}
        for j, w in weights.items():
            m[i, min(max(j, 0), inside - 1)] += w / sum(weights.values())
    return m


@pytest.mark.parametrize("library", ["tensorflow", "tensorflow1", "tensorflow1_align_corners"])
def test_tensorflow(library, tmp_path):
    """A hundredth of a level: float32 against float64."""
    for filter, (inside, size) in itertools.product(FILTERS, SIZES):
        pixels = noise(inside, 3)
        got = prepared(tmp_path, pixels, size, {"resize": "stretch", "filter": filter, "library": library})
        down, across = (taps_of_tensorflow(library, filter, *pair) for pair in zip(inside, size))
        assert numpy.abs(got - numpy.einsum("ih,jw,hwc->ijc", down, across, pixels)).max() < 0.02, (filter, inside, size)


def test_tensorflow_vectors(tmp_path):
    """By hand. 1 2 / 3 4 doubled: version 2 has the quarter points between, version 1 starts at the corner."""
    pixels = numpy.repeat(numpy.array([[10, 20], [30, 40]], "u1")[:, :, None], 3, 2)
    for library, rows in {"tensorflow": [[10, 12.5, 17.5, 20], [15, 17.5, 22.5, 25], [25, 27.5, 32.5, 35], [30, 32.5, 37.5, 40]],
                          "tensorflow1": [[10, 15, 20, 20], [20, 25, 30, 30], [30, 35, 40, 40], [30, 35, 40, 40]]}.items():
        got = prepared(tmp_path, pixels, (4, 4), {"resize": "stretch", "library": library})
        assert numpy.array_equal(got[:, :, 0], rows), library
    got = prepared(tmp_path, pixels, (3, 3), {"resize": "stretch", "library": "tensorflow1_align_corners"})
    assert numpy.array_equal(got[:, :, 1], [[10, 15, 20], [20, 25, 30], [30, 35, 40]])


def test_tensorflow_antialias(tmp_path):
    """Pillow's filters, in floats: as Pillow resizes images of floats."""
    for filter, (inside, size) in itertools.product(("bilinear", "bicubic"), SIZES):
        pixels = noise(inside, 4)
        got = prepared(tmp_path, pixels, size, {"resize": "stretch", "filter": filter, "library": "tensorflow_antialias"})
        want = [Image.fromarray(pixels[:, :, c].astype("f4")).resize(size[::-1], PILLOW[filter]) for c in range(3)]
        assert numpy.abs(got - numpy.stack(want, 2)).max() < 0.01, (filter, inside, size)


def test_short_side_and_crop(tmp_path):
    """As torchvision's Resize and CenterCrop, which cuts the long side off and rounds the margin to even."""
    for h, w in [(30, 47), (47, 30), (33, 33), (21, 300)]:
        pixels = noise((h, w), 5)
        for short, size in [(24, (24, 24)), (25, (20, 18)), (27, (22, 13))]:
            to = (short, int(short * w / h)) if h <= w else (int(short * h / w), short)
            resized = numpy.asarray(Image.fromarray(pixels).resize(to[::-1], Image.BILINEAR))
            top, left = (int(round((a - b) / 2.0)) for a, b in zip(to, size))
            got = prepared(tmp_path, pixels, size, {"resize_short": short, "crop": size})
            assert numpy.array_equal(got, resized[top:top + size[0], left:left + size[1]]), (h, w, short, size)


def letterboxed(pixels, size, fill):
    """As in the YOLO networks of Ultralytics."""
    h, w = pixels.shape[:2]
    r = min(size[0] / h, size[1] / w)
    new = round(w * r), round(h * r)
    dw, dh = (size[1] - new[0]) / 2, (size[0] - new[1]) / 2
    resized = cv2.resize(pixels, new, interpolation=cv2.INTER_LINEAR)
    return cv2.copyMakeBorder(resized, round(dh - 0.1), round(dh + 0.1), round(dw - 0.1), round(dw + 0.1), cv2.BORDER_CONSTANT, value=fill)


def test_letterbox(tmp_path):
    for h, w in [(30, 47), (47, 30), (64, 64), (9, 100), (333, 500)]:
        pixels = noise((h, w), 6)
        for size in [(64, 64), (33, 60)]:
            keys = {"resize": "letterbox", "library": "opencv", "fill": [114, 0, 200]}
            assert numpy.array_equal(prepared(tmp_path, pixels, size, dict(keys)), letterboxed(pixels, size, (114, 0, 200))), (h, w, size)
            got = prepared(tmp_path, pixels, size, keys | {"place": "top_left", "round": "down"})
            to = (size[1], h * size[1] // w) if size[1] * h <= size[0] * w else (w * size[0] // h, size[0])
            want = numpy.empty((*size, 3))
            want[:] = 114, 0, 200
            want[:to[1], :to[0]] = cv2.resize(pixels, to)
            assert numpy.array_equal(got, want), (h, w, size)


def test_central_part(tmp_path):
    """As tf.image.central_crop does."""
    pixels = noise((41, 62), 7)
    top, left = (int((n - n * 0.875) / 2) for n in pixels.shape[:2])
    part = pixels[top:41 - top, left:62 - left]
    got = prepared(tmp_path, pixels, (20, 20), {"central": 0.875, "resize": "stretch"})
    assert numpy.array_equal(got, Image.fromarray(part).resize((20, 20), Image.BILINEAR))


def test_channels_and_numbers(tmp_path):
    pixels = noise((31, 40), 8)
    keys = {"resize": "stretch", "order": "BGR", "scale": 1 / 255, "mean": [0.4, 0.5, 0.6], "std": [0.1, 0.2, 0.3]}
    want = (numpy.asarray(Image.fromarray(pixels).resize((20, 16), Image.BILINEAR))[:, :, ::-1] / 255 - [0.4, 0.5, 0.6]) / [0.1, 0.2, 0.3]
    for layout in ("chw", "hwc"):
        assert numpy.abs(prepared(tmp_path, pixels, (16, 20), dict(keys), layout) - want).max() < 1e-5
    whole = prepared(tmp_path, pixels, (16, 20), {"resize": "stretch", "mean": 10}, "hwc", TensorProto.UINT8)
    assert numpy.array_equal(whole, numpy.clip(numpy.asarray(Image.fromarray(pixels).resize((20, 16), Image.BILINEAR), int) - 10, 0, 255))
    # Grey: each library's own, before its resize.
    grey = prepared(tmp_path, pixels, (16, 20), {"resize": "stretch", "channels": 1})[:, :, 0]
    assert numpy.array_equal(grey, Image.fromarray(pixels).convert("L").resize((20, 16), Image.BILINEAR))
    grey = prepared(tmp_path, pixels, (16, 20), {"resize": "stretch", "channels": 1, "library": "opencv"})[:, :, 0]
    assert numpy.array_equal(grey, cv2.resize(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (20, 16)))
    grey = prepared(tmp_path, pixels, (31, 40), {"channels": 1, "library": "tensorflow"})[:, :, 0]
    assert numpy.abs(grey - pixels @ [0.2989, 0.587, 0.114]).max() < 1e-3


def test_mean_image(tmp_path):
    """Subtracted pixel by pixel, cropped as the picture is."""
    pixels = noise((31, 40), 9)
    mean = numpy.random.default_rng(9).uniform(80, 150, (3, 21, 25)).astype("f4")
    numpy.save(tmp_path / "mean.npy", mean)
    keys = {"resize_to": [21, 25], "library": "opencv", "mean_image": "mean.npy", "std": 2, "order": "BGR"}
    want = (cv2.resize(pixels, (25, 21))[:, :, ::-1] - mean.transpose(1, 2, 0))[2:18, 2:22] / 2
    assert numpy.abs(prepared(tmp_path, pixels, (16, 20), keys) - want).max() < 1e-4


@pytest.mark.parametrize("keys", [{"resize_short": 30}, {"resize": "letterbox", "fill": 114, "library": "opencv", "scale": 1 / 255, "order": "BGR"},
                                  {"resize_to": [26, 28], "mean_image": "mean.npy", "filter": "bicubic"},
                                  {"resize": "stretch", "library": "tensorflow", "central": 0.9}])
def test_the_bundle_gives_the_same_bits(keys, tmp_path):
    numpy.save(tmp_path / "mean.npy", numpy.random.default_rng(1).uniform(80, 150, (3, 26, 28)).astype("f4"))
    for size in ((90, 31), (52, 77)):
        pixels = noise(size, 10)
        want = -prepared(tmp_path, pixels, (24, 20), dict(keys)).transpose(2, 0, 1)[None]
        if not (tmp_path / "b/example").exists():
            net2c("compile", tmp_path / "net.onnx", "-o", tmp_path / "b", "--name", "pic", "--isa", "portable", "--preprocess", tmp_path / "pre.json")
            flags = "-O1 -DPIC_UNOPTIMISED -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover"
            subprocess.run(f"cc {flags} -o example *.c -pthread", shell=True, cwd=tmp_path / "b", check=True)
        Image.fromarray(pixels).save(tmp_path / "p.ppm")
        subprocess.run(["./example", "--output", "..", "../p.ppm"], cwd=tmp_path / "b", check=True)
        assert numpy.array_equal(numpy.load(tmp_path / "y.npy"), want)


def test_every_size_of_a_bundle_has_its_own(tmp_path):
    """One JSON file, two sizes and a batch; the mean image is in the weights once."""
    path = tmp_path / "open.onnx"
    graph = helper.make_graph([helper.make_node("Neg", ["x"], ["y"])], "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 3, "h", "w"])],
                              [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 3, "h", "w"])])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    pixels = noise((52, 77), 11)
    mean = numpy.random.default_rng(11).uniform(80, 150, (3, 40, 50)).astype("f4")
    numpy.save(tmp_path / "mean.npy", mean)
    (tmp_path / "pre.json").write_text(json.dumps({"resize_to": [40, 50], "library": "opencv", "mean_image": "mean.npy"}))
    Image.fromarray(pixels).save(tmp_path / "p.ppm")
    net2c("compile", path, "-o", tmp_path / "b", "--name", "pic", "--isa", "portable", "--preprocess", tmp_path / "pre.json", "--size", "24x20,30x32", "--batch", "1,2")
    assert (tmp_path / "b/pic.weights").stat().st_size < 4 * mean.size + 1000
    subprocess.run("cc -O1 -DPIC_UNOPTIMISED -Wall -Wextra -Werror -o example *.c -pthread", shell=True, cwd=tmp_path / "b", check=True)

    def outputs():
        for index, (batch, h, w) in enumerate([(1, 24, 20), (2, 24, 20), (1, 30, 32), (2, 30, 32)]):
            subprocess.run(["./example", "--output", "..", "--size", str(index), "../p.ppm"], cwd=tmp_path / "b", check=True, capture_output=True)
            top, left = (40 - h) // 2, (50 - w) // 2
            y = numpy.load(tmp_path / "y.npy")
            assert y.shape == (batch, 3, h, w)
            yield -y[0], numpy.s_[:, top:top + h, left:left + w]

    resized = cv2.resize(pixels, (50, 40)).transpose(2, 0, 1)
    for got, window in outputs():
        assert numpy.abs(got - (resized - mean)[window]).max() < 1e-4
    # New weights, new mean image: only the weights file changes; without one it does not fit.
    numpy.save(tmp_path / "mean.npy", mean + 1)
    net2c("repack", path, "-b", tmp_path / "b", "--preprocess", tmp_path / "pre.json")
    for got, window in outputs():
        assert numpy.abs(got - (resized - mean - 1)[window]).max() < 1e-4
    done = net2c("repack", path, "-b", tmp_path / "b", check=False)
    assert done.returncode == 1 and "the bundle has a mean image of pictures; give it again" in done.stderr
