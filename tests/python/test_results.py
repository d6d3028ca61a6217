"""The "output" of --preprocess: boxes against OpenCV's suppression, maps and best classes against numpy; the bundle says the same."""
import json
import re
import subprocess

import cv2
import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from engines import ROOT, SHARED, net2c

SIZE = (48, 64)       # of the input
PICTURE = (90, 80)    # of the picture, which the input letter-boxes
KEYS = {"resize": "letterbox", "library": "opencv"}


def network(path, outputs):
    """Whatever the picture is, the outputs are these arrays."""
    nodes = [helper.make_node("ReduceMean", ["x"], ["m"], keepdims=0), helper.make_node("Mul", ["m", "none"], ["zero"])]
    nodes += [helper.make_node("Add", [f"{name}_is", "zero"], [name]) for name in outputs]
    constants = [numpy_helper.from_array(numpy.float32(0), "none")] + [numpy_helper.from_array(v.astype("f4"), f"{name}_is") for name, v in outputs.items()]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, *SIZE])],
                              [helper.make_tensor_value_info(n, TensorProto.FLOAT, v.shape) for n, v in outputs.items()], constants)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def results(folder, outputs, output, labels=None, check=True):
    network(folder / "net.onnx", outputs)
    (folder / "pre.json").write_text(json.dumps(KEYS | {"output": output}))
    Image.fromarray(numpy.random.default_rng(0).integers(0, 256, (*PICTURE, 3), "u1")).save(folder / "p.png")
    options = []
    if labels:
        (folder / "labels.txt").write_text("\n".join(labels) + "\n")
        options = ["--labels", folder / "labels.txt"]
    return net2c("run", folder / "net.onnx", "--input", folder / "p.png", "--preprocess", folder / "pre.json", "--output", folder / "out", *options, check=check)


def bundle(folder, *options):
    """What the bundle's example says about the same picture; its files are in `bundled`."""
    net2c("compile", folder / "net.onnx", "-o", folder / "b", "--name", "net", "--isa", "portable", "--preprocess", folder / "pre.json", *options)
    flags = "-O1 -Wall -Wextra -Wpedantic -Werror -fsanitize=address,undefined -fno-sanitize-recover"
    subprocess.run(f"cc {flags} -DNET_UNOPTIMISED -o example *.c -pthread", shell=True, cwd=folder / "b", check=True)
    Image.open(folder / "p.png").save(folder / "p.ppm")
    (folder / "bundled").mkdir()
    return subprocess.run(["./example", "--output", "../bundled", "../p.ppm"], cwd=folder / "b", check=True, capture_output=True, text=True).stdout


def in_picture(boxes):
    """Corners in the input -> corners in the picture."""
    h, w = PICTURE
    scale = min(SIZE[0] / h, SIZE[1] / w)
    to = round(h * scale), round(w * scale)
    top, left = (SIZE[0] - to[0]) // 2, (SIZE[1] - to[1]) // 2
    return numpy.clip((boxes - [left, top, left, top]) * [w / to[1], h / to[0], w / to[1], h / to[0]], 0, [w, h, w, h])


def suppressed(boxes, scores, labels, threshold, overlap, across=False):
    """[n][6] as OpenCV selects them, the best first."""
    sizes = numpy.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1).astype("f8")
    if across:
        kept = cv2.dnn.NMSBoxes(sizes.tolist(), scores.astype("f4").tolist(), threshold, overlap)
    else:
        kept = cv2.dnn.NMSBoxesBatched(sizes.tolist(), scores.astype("f4").tolist(), labels.tolist(), threshold, overlap)
    kept = numpy.array(kept, int).reshape(-1)
    kept = kept[numpy.argsort(-scores[kept], kind="stable")]
    return numpy.concatenate([in_picture(boxes[kept]), scores[kept, None], labels[kept, None]], 1)


def assert_boxes(folder, want, what, most=100):
    got = numpy.load(folder / "out/picture_boxes.npy")
    assert 3 < len(want), f"{what}: {len(want)} boxes prove little"
    assert got.shape == want[:most].shape, f"{what}: {len(got)} boxes, OpenCV has {len(want)}"
    assert numpy.abs(got - want[:most]).max() < 2e-3, what


def corners(random, n):
    """Boxes that overlap much."""
    centres = random.uniform(0, 1, (6, 2))[random.integers(0, 6, n)] * SIZE[::-1] + random.normal(0, 2, (n, 2))
    sizes = random.uniform(8, 20, (n, 2))
    return numpy.concatenate([centres - sizes / 2, centres + sizes / 2], 1)


FORMATS = {"xyxy": lambda b: b, "yxyx": lambda b: b[:, [1, 0, 3, 2]], "xywh": lambda b: numpy.concatenate([b[:, :2], b[:, 2:] - b[:, :2]], 1),
           "cxcywh": lambda b: numpy.concatenate([(b[:, :2] + b[:, 2:]) / 2, b[:, 2:] - b[:, :2]], 1)}


@pytest.mark.parametrize("format", FORMATS)
def test_plain_boxes(format, tmp_path):
    random = numpy.random.default_rng(1)
    for unit, across, turned in [("pixels", False, False), ("input", True, False), ("pixels", False, True)]:
        boxes, scores = corners(random, 60), random.uniform(0, 1, (60, 4)).round(1)   # many are equal
        given = FORMATS[format](boxes)
        if unit == "input":
            given = given / (numpy.array([SIZE[1], SIZE[0]] * 2) if format != "yxyx" else numpy.array([SIZE[0], SIZE[1]] * 2))
        arrays = {"where": given[None], "what": scores[None]}
        if turned:
            arrays = {k: v.transpose(0, 2, 1).copy() for k, v in arrays.items()}
        results(tmp_path, arrays, {"kind": "boxes", "boxes": "where", "scores": "what", "format": format, "unit": unit, "background": 0, "threshold": 0.6,
                                   "overlap": 0.3, "across_classes": across})
        # Every class but the background is a box of its own.
        box, label = (i.reshape(-1) for i in numpy.meshgrid(range(60), range(1, 4), indexing="ij"))
        want = suppressed(boxes.astype("f4")[box], scores.astype("f4")[box, label], label, 0.6, 0.3, across)
        assert_boxes(tmp_path, want, f"{format} {unit} {across} {turned}")


def test_the_best_candidates_and_boxes(tmp_path):
    random = numpy.random.default_rng(2)
    boxes, scores = corners(random, 300), random.uniform(0.3, 1, 300)
    results(tmp_path, {"b": boxes[None], "s": scores[None]}, {"kind": "boxes", "boxes": "b", "scores": "s", "candidates": 50, "most": 7, "overlap": 0.7})
    best = numpy.argsort(-scores)[:50]
    assert_boxes(tmp_path, suppressed(boxes[best], scores[best], numpy.zeros(50, int), 0.25, 0.7), "50 candidates", most=7)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def softmax(x):
    e = numpy.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


@pytest.mark.parametrize("form", ["yolov8", "yolov8 turned", "yolov5"])
def test_rows(form, tmp_path):
    """Centre, size, with YOLO 5 an objectness, classes: the best class counts."""
    random = numpy.random.default_rng(3)
    boxes, raw = corners(random, 60), random.normal(0, 1.5, (60, 5))
    object = random.normal(1, 1, (60, 1))
    rows = numpy.concatenate([FORMATS["cxcywh"](boxes)] + ([object] if form == "yolov5" else []) + [raw], 1)
    array = rows[None] if form in ("yolov5", "yolov8 turned") else rows.T[None].copy()
    results(tmp_path, {"y": array}, {"kind": "boxes", "form": form.split()[0], "activation": "sigmoid", "threshold": 0.5}, labels=list("abcde"))
    scores = sigmoid(raw).max(1) * (sigmoid(object)[:, 0] if form == "yolov5" else 1)
    assert_boxes(tmp_path, suppressed(boxes, scores, raw.argmax(1), 0.5, 0.45), form)


@pytest.mark.parametrize("form", ["yolov2", "yolov3", "yolov4", "yolov5", "fastestdet"])
@pytest.mark.parametrize("layout", ["chw", "hwc"])
def test_grids(form, layout, tmp_path):
    """Heads as the networks' authors decode them: two grids but for YOLO 2 and FastestDet."""
    random = numpy.random.default_rng(4)
    classes = 3
    anchors = [[[10, 12], [20, 9], [30, 30]], [[5, 6], [8, 8], [9, 14]]]
    grids = [(6, 8), (12, 16)]
    if form == "yolov2":
        anchors, grids = [[[1.3, 1.5], [2.5, 1.1], [3.75, 4]]], [(6, 8)]
    elif form == "fastestdet":
        anchors, grids = [[[SIZE[1], SIZE[0]]]], [(6, 8)]
    arrays, boxes, scores, labels = {}, [], [], []
    for i, (h, w) in enumerate(grids):
        a = len(anchors[i])
        raw = random.normal(0, 1, (a, h, w, 5 + classes))
        raw[..., 5:] *= 2
        cell = numpy.stack(numpy.meshgrid(range(w), range(h)), -1)
        unit = numpy.array([SIZE[1] / w, SIZE[0] / h])
        anchor = numpy.array(anchors[i])[:, None, None]
        xy, wh, object, names = raw[..., :2], raw[..., 2:4], raw[..., 4], raw[..., 5:]
        if form == "fastestdet":
            raw[..., 4], raw[..., 5:] = sigmoid(object), softmax(names)
            raw = raw[..., [4, 0, 1, 2, 3, 5, 6, 7]]
            centre, size, score = (cell + numpy.tanh(xy)) * unit, sigmoid(wh) * anchor, raw[..., 0] ** 0.6 * raw[..., 5:].max(-1) ** 0.4
        elif form == "yolov5":
            centre, size, score = (cell + 2 * sigmoid(xy) - 0.5) * unit, (2 * sigmoid(wh)) ** 2 * anchor, sigmoid(object) * sigmoid(names).max(-1)
        else:
            size = numpy.exp(wh) * anchor * (unit if form == "yolov2" else 1)
            reach = [1.05, 1.2][i] if form == "yolov4" else 1
            centre, score = (cell + reach * sigmoid(xy) - (reach - 1) / 2) * unit, sigmoid(object) * (softmax(names) if form == "yolov2" else sigmoid(names)).max(-1)
        boxes.append(numpy.concatenate([centre - size / 2, centre + size / 2], -1).reshape(-1, 4))
        scores.append(score.reshape(-1))
        labels.append(raw[..., 5:].argmax(-1).reshape(-1))
        if form == "yolov5" and layout == "hwc":
            arrays[f"y{i}"] = raw[None]
        elif layout == "hwc":
            arrays[f"y{i}"] = raw.transpose(1, 2, 0, 3).reshape(1, h, w, -1)
        else:
            arrays[f"y{i}"] = raw.transpose(0, 3, 1, 2).reshape(1, -1, h, w)
    output = {"kind": "boxes", "form": form, "output": list(arrays), "threshold": 0.5, "overlap": 0.4}
    if form == "yolov4":
        output |= {"form": "yolov3", "scale_x_y": [1.05, 1.2]}
    if form != "fastestdet":
        output["anchors"] = anchors if len(anchors) > 1 else anchors[0]
    results(tmp_path, arrays, output, labels=["a", "b", "c"])
    assert_boxes(tmp_path, suppressed(numpy.concatenate(boxes), numpy.concatenate(scores), numpy.concatenate(labels), 0.5, 0.4), f"{form} {layout}")


def test_the_bundle_finds_the_same(tmp_path):
    """Boxes and a map from the same outputs, and the best classes."""
    random = numpy.random.default_rng(5)
    arrays = {"where": corners(random, 60)[None], "what": random.uniform(0, 1, (1, 60, 4)), "pixels": random.normal(0, 1, (1, 7, 12, 16))}
    arrays["best"] = numpy.array([[3, 5, 5, numpy.nan]])
    boxes = {"kind": "boxes", "boxes": "where", "scores": "what", "threshold": 0.6}
    said = results(tmp_path, arrays, [boxes, {"kind": "map", "output": "pixels"}, {"kind": "classes", "output": "best", "top": 3}], labels=["cat", "dog", "owl", "fox"])
    told = bundle(tmp_path, "--labels", tmp_path / "labels.txt")
    numbers = r"^ +(\d\.\d+) +([\d.]+) +([\d.]+) +([\d.]+) +([\d.]+)  (?:\d+ )?(\w+)$"
    found = re.findall(numbers, said.stdout, re.M)
    assert len(found) > 5 and found == re.findall(numbers, told, re.M)
    lines = [line.split() for line in said.stdout.splitlines()]
    assert ["1", "5.0000", "dog"] in lines and ["2", "5.0000", "owl"] in lines and ["3", "3.0000", "cat"] in lines
    assert [line.split()[1:] for line in told.split("best, the")[1].splitlines()[1:4]] == [["1", "dog"], ["2", "owl"], ["0", "cat"]]
    assert (tmp_path / "out/picture_classes.pgm").read_bytes() == (tmp_path / "bundled/picture_classes.pgm").read_bytes()


@pytest.mark.parametrize("layout", ["chw", "hwc", "one"])
def test_map(layout, tmp_path):
    """The class of the network's pixel under the middle of each pixel of the picture."""
    scores = numpy.random.default_rng(6).normal(0, 1, (1 if layout == "one" else 5, 12, 16))
    results(tmp_path, {"y": (scores.transpose(1, 2, 0) if layout == "hwc" else scores)[None].copy()}, {"kind": "map", "threshold": 0.2})
    small = (scores[0] > 0.2).astype(int) if layout == "one" else scores.argmax(0)
    y, x = (numpy.arange(n) + 0.5 for n in PICTURE)
    h, w = PICTURE
    scale = min(SIZE[0] / h, SIZE[1] / w)
    to = round(h * scale), round(w * scale)
    in_input = numpy.stack(numpy.meshgrid(x, y), -1) * [to[1] / w, to[0] / h] + [(SIZE[1] - to[1]) // 2, (SIZE[0] - to[0]) // 2]
    row, column = (in_input[..., 1] * 12 / SIZE[0]).astype(int), (in_input[..., 0] * 16 / SIZE[1]).astype(int)
    assert numpy.array_equal(numpy.asarray(Image.open(tmp_path / "out/picture_classes.pgm")), small[row, column])


MISTAKES = [
    ({"kind": "box"}, "'output.kind' is \"box\"; allowed: \"classes\", \"map\", \"boxes\""),
    ({}, "'output.kind' is missing; allowed:"),
    (3, "'output' is not a JSON object"),
    ({"kind": "classes", "output": "a", "top": 0}, "'output.top' is 0; allowed: a whole number from 1 to 1000"),
    ({"kind": "classes"}, "'output.output' is missing; allowed: \"a\" (f32 1x60x4), \"b\" (f32 1x60x3), \"c\" (f32 1x24x6x8)"),
    ({"kind": "classes", "output": "q"}, "'output.output' is \"q\"; allowed: \"a\""),
    ({"kind": "classes", "output": "a", "most": 2}, "'most' is not a key of 'output'; there are kind, output, top"),
    ({"kind": "map", "output": "d"}, "'output.output': output 'd' is f32 1x10; 1xCLASSESxHxW or 1xHxWxCLASSES is needed"),
    ({"kind": "boxes", "boxes": "b", "scores": "a"}, "output 'b' is f32 1x60x3; 4 numbers a box is needed"),
    ({"kind": "boxes", "boxes": "a", "scores": "c"}, "output 'c' is f32 1x24x6x8; 1x60xCLASSES or 1xCLASSESx60 is needed"),
    ({"kind": "boxes", "boxes": "a", "scores": "b", "threshold": 2}, "'output.threshold' is 2; allowed: a number from 0 to 1"),
    ({"kind": "boxes", "boxes": "a", "scores": "b", "every_class": 1}, "'output.every_class' is 1; allowed: true, false"),
    ({"kind": "boxes", "form": "yolov3", "output": "c"}, "'output.anchors' is missing; allowed: a list of [width, height]"),
    ({"kind": "boxes", "form": "yolov3", "output": "c", "anchors": [[1, 2], [3]]}, "'output.anchors' is [[1,2],[3]]; allowed:"),
    ({"kind": "boxes", "form": "yolov3", "output": "c", "anchors": [[1, 2], [3, 4]], "classes": 80}, "1x170xHxW, 2 anchors of 5 + CLASSES numbers (CLASSES 80), is needed"),
    ({"kind": "boxes", "form": "fastestdet", "output": "c", "anchors": [[1, 2]]}, "allowed: not with \"form\": \"fastestdet\""),
    ({"kind": "boxes", "form": "yolov2", "output": "c", "anchors": [[1, 2]], "scale_x_y": 1.1}, "'output.scale_x_y' is 1.1; allowed: only with \"form\": \"yolov3\""),
    ([{"kind": "classes", "output": "a"}, {"kind": "classes", "output": "b"}], "'output' has two of kind \"classes\"; allowed: one"),
]


@pytest.mark.parametrize("output, message", MISTAKES)
def test_mistake(output, message, tmp_path):
    done = results(tmp_path, {"a": numpy.zeros((1, 60, 4)), "b": numpy.zeros((1, 60, 3)), "c": numpy.zeros((1, 24, 6, 8)), "d": numpy.zeros((1, 10))}, output,
                   check=False)
    assert done.returncode == 1 and "pre.json: " in done.stderr and message in done.stderr, done.stderr


def test_a_real_detector(tmp_path):
    """FastestDet on a photograph of a dog, a bicycle and a car."""
    model = SHARED / "detect/fastestdet.onnx"
    if not model.exists():
        pytest.skip(f"{model} is not there")
    preprocess = ROOT / "examples/fastestdet_preprocess.json"
    said = net2c("run", model, "--input", SHARED / "images/dog.jpg", "--preprocess", preprocess, "--labels", SHARED / "labels/coco.names", "--output", tmp_path).stdout
    found = {line.split()[-1]: [float(x) for x in line.split()[1:5]] for line in said.splitlines() if line.startswith("  0.")}
    assert found.keys() == {"dog", "bicycle", "car"}
    # By eye, in the photograph's 768x576 pixels.
    for name, want in {"dog": (132, 220, 313, 540), "bicycle": (125, 130, 570, 425), "car": (467, 75, 692, 170)}.items():
        assert numpy.abs(numpy.array(found[name]) - want).max() < 30, (name, found[name])
