"""Whole networks, each engine against ONNX Runtime; those with a form in Caffe also as OpenCV reads it."""
import functools
import json
import re
import resource
import subprocess

import cv2
import numpy
import onnx
import pytest
from PIL import Image

from harness import BINARY, ENGINES, ROOT, SHARED, assert_close, file_of, kernels_of, net2c, oracle, run
from network import example_input
from write import NETWORKS, prototxt, write
import trained


def picture(file, height=None, width=None, centre=False):
    """[1][3][H][W], RGB 0..255."""
    image = Image.open(file).convert("RGB")
    if centre:  # short side to 256/224 of the crop, as ImageNet's evaluation
        scale = height * 256 / 224 / min(image.size)
        image = image.resize([round(s * scale) for s in image.size], Image.BILINEAR)
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image = image.crop((left, top, left + width, top + height))
    elif height:
        image = image.resize((width, height), Image.BILINEAR)
    return numpy.asarray(image, numpy.float32).transpose(2, 0, 1)[None].copy()


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"../shared/models/{name} is not there")
    return path


def seeded_input(name, size=None):
    height, width = size or NETWORKS[name][1:3]
    return example_input(onnx.helper.make_tensor_value_info(NETWORKS[name].input, onnx.TensorProto.FLOAT, [1, 3, height, width]), seed=3)


def seeded_case(name, size=None):
    return write(name, ROOT / "build/networks", size), {NETWORKS[name].input: seeded_input(name, size)}


def coffee():
    import importlib.util
    import pathlib

    return pathlib.Path(importlib.util.find_spec("skimage").origin).parent / "data/coffee.png"


def mobilenetv2_trained():
    path = ROOT / "build/networks/mobilenet_v2_trained.onnx"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(trained.build(), path)
    mean, deviation = (numpy.array(v, numpy.float32).reshape(3, 1, 1) for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
    return path, {"input": (picture(coffee(), 224, 224, centre=True) / 255 - mean) / deviation}


def mnist():
    digit = numpy.zeros((1, 1, 28, 28), numpy.float32)
    digit[0, 0, 4:8, 6:22] = digit[0, 0, 8:24, 14:18] = 255  # a seven
    return shared("small/mnist.onnx"), {"Input3": digit}


def fastestdet():
    return shared("detect/fastestdet.onnx"), {"input.1": picture(shared("images/dog.jpg"), 352, 352) / 255}


def wave():
    return shared("style/fs_wave.onnx"), {"x": picture(shared("images/hot_dog.jpg"))}


def wave_dynamic():
    """The same network with its height and width left open, at another size: the given input sets them."""
    path = ROOT / "build/networks/fs_wave_dynamic.onnx"
    model = onnx.load(shared("style/fs_wave.onnx"))
    for value in (*model.graph.input, *model.graph.output):
        for axis, name in ((2, "height"), (3, "width")):
            value.type.tensor_type.shape.dim[axis].dim_param = name
    del model.graph.value_info[:]
    path.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, path)
    return path, {"x": picture(shared("images/astronaut.png"), 200, 264)}


def esrgan():
    return shared("superres/esrgan_slim_x2_from_npm.onnx"), {"LR": picture(shared("superres/fixture.png")) / 255}


# Networks that take long to write or to interpret run at this size in `make test`, the whole ones in `make test-all`. What has
# dense layers has fewer weights then; the layers are the same.
SMALL = {"alexnet": (67, 67), "alexnet_one_tower": (67, 67), "alexnet_bn": (67, 67), "vgg16": (32, 32), "vgg19": (32, 32), "inception_v3": (139, 139),
         "u_net": (48, 64), "johnson_style": (48, 72), "yolo_v2": (96, 128)}

CASES = {**{name: functools.partial(seeded_case, name, SMALL.get(name)) for name in NETWORKS}, "mobilenet_v2_trained": mobilenetv2_trained,
         "mnist": mnist, "fastestdet": fastestdet, "wave": wave, "wave_dynamic": wave_dynamic, "esrgan": esrgan}
ALL_ENGINES = ("mobilenet_v1", "mobilenet_v2", "squeezenet_1_0", "squeezenet_1_1", "resnet_50", "slim_style")


@functools.lru_cache(2)
def expected(name, size=None):
    path, inputs = seeded_case(name, size) if name in NETWORKS else CASES[name]()
    return path, inputs, oracle(path, inputs)


def check(name, engine, folder, size=None):
    path, inputs, want = expected(name, size)
    got = run(path, inputs, folder, engine)
    assert set(got) == {file_of(output) for output in want}
    for output, value in want.items():
        assert_close(got[file_of(output)], value, f"{name}, {engine}, output {output}")


def opencv(name, files, x):
    """What OpenCV makes of Caffe's files."""
    net = cv2.dnn.readNetFromCaffe(*map(str, files))
    net.setInput(x)
    return net.forward()


def check_caffe(name, engine, folder, size=None):
    files, x = write(name, ROOT / "build/networks", size, "caffe"), seeded_input(name, size)
    got = run(files, {"data": x}, folder, engine)
    assert len(got) == 1
    # OpenCV leaves out the k of LRN; for the one network that has another than 1, its twin in ONNX stands in: the weights are equal.
    want = expected(name, size)[2]["output"] if name == "alexnet_one_tower" else opencv(name, files, x)
    assert_close(next(iter(got.values())), want, f"{name}, Caffe, {engine}")


def check_form(name, form, engine, folder, size=None):
    (check_caffe if form == "caffe" else check)(name, engine, folder, size)


FORMS = [(name, form) for name in NETWORKS for form in ("onnx", "caffe") if form == "onnx" or NETWORKS[name].caffe]


# VGG19 is VGG16 with three more of the same layers.
@pytest.mark.parametrize("name, form", [pytest.param(*form, marks=[pytest.mark.long] if form[0] == "vgg19" else []) for form in FORMS])
def test_seeded(name, form, tmp_path):
    check_form(name, form, "plan", tmp_path, SMALL.get(name))


@pytest.mark.parametrize("engine", ["reference", "native"])
@pytest.mark.parametrize("name", ALL_ENGINES)
def test_seeded_in_other_engines(name, engine, tmp_path):
    check(name, engine, tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name, form", FORMS)
@pytest.mark.long
def test_seeded_at_full_size(name, form, engine, tmp_path):
    check_form(name, form, engine, tmp_path)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", [name for name in CASES if name not in NETWORKS])
def test_network(name, engine, tmp_path):
    check(name, engine, tmp_path)


# Millions of weights, with BatchNorm in those of its convolution, and thousand millions of multiply-adds: as published, or
# counted by hand from the published layers. ResNet-50's are 3.858 as published; of each of its first three stages the last 3x3 and the
# 1x1 behind it make a quarter of their pixels, as the next stage reads no others: 3 * 3/4 * (115.6 + 51.4) millions less.
COUNTS = {"alexnet": ("60.97", "0.724"), "alexnet_one_tower": ("62.38", "1.135"), "alexnet_bn": ("62.38", "1.135"), "nin": ("7.60", "1.100"),
          "nin_4_bn": ("5.50", "1.161"), "googlenet": ("7.00", "1.583"), "inception_v3": ("23.82", "5.713"), "resnet_50": ("25.53", "3.482"),
          "vgg16": ("138.36", "15.470"), "vgg19": ("143.67", "19.632"), "squeezenet_1_0": ("1.25", "0.861"), "squeezenet_1_1": ("1.24", "0.349"),
          "mobilenet_v1": ("4.22", "0.569"), "mobilenet_v2": ("3.49", "0.301"), "mobilenet_v3_large": ("5.47", "0.217"),
          "mobilenet_v4_small": ("3.76", "0.186"), "efficientnet_lite0": ("4.63", "0.385"), "convnext_atto": ("3.69", "0.547"),
          "slim_style": ("1.82", "11.590"), "johnson_style": ("1.68", "44.267"), "u_net": ("31.03", "48.172"), "yolo_v2": ("50.95", "14.732"),
          "yolo_v2_tiny": ("11.23", "2.703")}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.long] if name in ("vgg19", "u_net", "johnson_style", "yolo_v2") else []) for name in NETWORKS])
def test_counts(name, tmp_path):
    if NETWORKS[name].caffe:  # no weights are needed
        (tmp_path / "deploy.prototxt").write_text(prototxt(name))
        figures = json.loads(net2c("inspect", tmp_path / "deploy.prototxt", "--json").stdout)
    else:
        figures = json.loads(net2c("inspect", seeded_case(name)[0], "--json").stdout)
    assert (f"{figures['parameters'] / 1e6:.2f}", f"{figures['macs'] / 1e9:.3f}") == COUNTS[name]


def test_convnext_never_leaves_its_maps():
    kernels = kernels_of(seeded_case("convnext_atto")[0])
    assert kernels[0] == "to_map" and not {"to_map", "to_plain", "transpose"} & set(kernels[1:])


@pytest.mark.parametrize("name, weights, products", [("nin", 7.6e6, 1.1e9), ("nin_4_bn", 5.5e6, 1.2e9)])
def test_table_of_caffe2c(name, weights, products, tmp_path):
    """The two rows that Caffe2C's authors show, as `inspect` prints them."""
    (tmp_path / "deploy.prototxt").write_text(prototxt(name))
    text = net2c("inspect", tmp_path / "deploy.prototxt").stdout
    printed = [int(re.search(rf"^{word} +([0-9,]+)$", text, re.MULTILINE)[1].replace(",", "")) for word in ("parameters", "MACs")]
    assert [round(printed[0], -5), round(printed[1], -8)] == [weights, products]


@pytest.mark.parametrize("form", ["onnx", "caffe"])
@pytest.mark.long
def test_memory_to_compile(form, tmp_path):
    """A model's weights are there at most three times: read, rearranged, packed."""
    files = write("vgg16", ROOT / "build/networks", form=form)
    files = [files] if form == "onnx" else files
    most = 3 * files[-1].stat().st_size + (100 << 20)
    done = subprocess.run([BINARY, "compile", *files, "-o", tmp_path / "bundle"], capture_output=True, text=True,
                          preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (most, most)))
    assert done.returncode == 0, done.stderr


def test_trained_network_sees_espresso():
    """Guards the oracle itself: the weights are read right and the preparation of the picture is the right one."""
    _, _, want = expected("mobilenet_v2_trained")
    labels = (ROOT / "examples/imagenet_labels.txt").read_text().splitlines()
    assert len(labels) == 1000
    assert labels[int(want["output"].argmax())] == "espresso"
    assert want["output"].max() > 0.9


def test_network_of_seeded_weights_depends_on_its_input():
    path, inputs, want = expected("squeezenet_1_1")
    other = oracle(path, {"input": example_input(onnx.load(path).graph.input[0], seed=4)})
    assert numpy.abs(other["output"] - want["output"]).max() > 100 * 1e-4 * numpy.abs(want["output"]).max()
