"""Caffe's files: every version and form of them gives the same network; what training has is left out; what is wrong is said."""
import json
import platform
import subprocess

import cv2
import numpy
import pytest
from PIL import Image

from harness import BINARY, assert_close, net2c
from caffemodel import blob, caffemodel, field

V2 = """
name: "net"
layer { name: "in" type: "Input" top: "data" input_param { shape { dim: 10 dim: 3 dim: 9 dim: 8 } } }
layer { name: "conv/1" type: "Convolution" bottom: "data" top: "c"
  convolution_param { num_output: 4 kernel_size: 3 stride: 2 pad: 1 weight_filler { type: "xavier" std: 1e-2 } } }
layer { name: "relu" type: "ReLU" bottom: "c" top: "c" }
layer { name: "norm" type: "LRN" bottom: "c" top: "n" lrn_param { local_size: 3 alpha: 5e-1 beta: 0.75 } }
layer { name: "pool" type: "Pooling" bottom: "n" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layer { name: "join" type: "Concat" bottom: "p" bottom: "p" top: "j" }
layer { name: "fc" type: "InnerProduct" bottom: "j" top: "f" inner_product_param { num_output: 5 } }
layer { name: "prob" type: "Softmax" bottom: "f" top: "prob" }
"""
V1 = """
name: 'net'; input: "data", input_dim: [10, 3, 9, 8]   # the old way
layers < name: "conv/1" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 1. blobs_lr: 2. weight_decay: 1
  convolution_param { num_output: 4 kernel_size: 3 stride: 2 pad: 1 } >
layers { name: "relu" type: RELU bottom: "c" top: "c" }
layers { name: "norm" type: LRN bottom: "c" top: "n" lrn_param: { local_size: 3 alpha: 0.5f beta: .75 } }
layers { name: "pool" type: POOLING bottom: "n" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layers { name: "join" type: CONCAT bottom: "p" bottom: "p" top: "j" concat_param { concat_dim: 1 } }
layers { name: "fc" type: INNER_PRODUCT bottom: "j" top: "f" inner_product_param { num_output: 0x5 } }
layers { name: "prob" type: SOFTMAX bottom: "f" top: "pro" "b" }
"""
V0 = """
name: "net" input: "data" input_dim: 10 input_dim: 3 input_dim: 9 input_dim: 8
layers { layer { name: "pad1" type: "padding" pad: 1 } bottom: "data" top: "padded" }
layers { layer { name: "conv/1" type: "conv" num_output: 4 kernelsize: 3 stride: 2 weight_filler { type: "gaussian" } blobs_lr: 1. } bottom: "padded" top: "c" }
layers { layer { name: "relu" type: "relu" } bottom: "c" top: "c" }
layers { layer { name: "norm" type: "lrn" local_size: 3 alpha: 0.5 beta: 0.75 } bottom: "c" top: "n" }
layers { layer { name: "pool" type: "pool" pool: AVE kernelsize: 2 stride: 2 } bottom: "n" top: "p" }
layers { layer { name: "join" type: "concat" concat_dim: 1 } bottom: "p" bottom: "p" top: "j" }
layers { layer { name: "fc" type: "innerproduct" num_output: 5 biasterm: true } bottom: "j" top: "f" }
layers { layer { name: "prob" type: "softmax" } bottom: "f" top: "prob" }
"""
TRAIN_VAL = """
name: "net"
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN } transform_param { crop_size: 5 mirror: true }
  data_param { source: "train_lmdb" batch_size: 256 backend: LMDB } }
layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST }
  transform_param { mean_value: 104 mean_value: 117 mean_value: 123 scale: 0.5 crop_size: 8 }
  data_param { source: "val_lmdb" batch_size: 50 backend: LMDB } }
layer { name: "label_twice" type: "Split" bottom: "label" top: "label_a" top: "label_b" }
layer { name: "conv/1" type: "Convolution" bottom: "data" top: "c" param { lr_mult: 1 } param { lr_mult: 2 }
  convolution_param { num_output: 4 kernel_size: 3 stride: 2 pad: 1 bias_filler { type: "constant" value: 0 } } }
layer { name: "relu" type: "ReLU" bottom: "c" top: "c" }
layer { name: "aside" type: "Power" bottom: "c" top: "aside" }
layer { name: "silence" type: "Silence" bottom: "aside" }
layer { name: "norm" type: "LRN" bottom: "c" top: "n" lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 } }
layer { name: "pool" type: "Pooling" bottom: "n" top: "p" pooling_param { pool: AVE kernel_size: 2 stride: 2 } }
layer { name: "drop" type: "Dropout" bottom: "p" top: "p" dropout_param { dropout_ratio: 0.5 } exclude { stage: "deploy" } }
layer { name: "noise" type: "Unheard" bottom: "p" top: "p" exclude { phase: TEST } }
layer { name: "join" type: "Concat" bottom: "p" bottom: "p" top: "j" }
layer { name: "fc" type: "InnerProduct" bottom: "j" top: "f" inner_product_param { num_output: 5 } }
layer { name: "accuracy" type: "Accuracy" bottom: "f" bottom: "label_a" top: "accuracy" include { phase: TEST } }
layer { name: "other" type: "Unheard" bottom: "f" top: "other" include { phase: TEST stage: "odd" } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "f" bottom: "label_b" top: "prob" loss_weight: 0.3 }
"""


def weights(h=9):
    random = numpy.random.default_rng(5)
    rows = 8 * 3 * 2 if h == 9 else 8 * 2 * 2
    shapes = {"conv/1": [(4, 3, 3, 3), (4,)], "fc": [(5, rows), (5,)], "unused": [(2, 2)]}
    return {name: [random.standard_normal(s) for s in all_of] for name, all_of in shapes.items()}


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("caffe")
    for name, text in {"v2": V2, "v1": V1, "v0": V0, "train_val": TRAIN_VAL}.items():
        (folder / f"{name}.prototxt").write_text(text)
    (folder / "v2_crlf.prototxt").write_bytes(b"\xef\xbb\xbf# with comments\r\n" + V2.replace("\n", "\r\n").encode())
    forms = {"plain": {}, "legacy": {"legacy": True}, "double": {"double": True}, "loose": {"packed": False}, "loose_double": {"double": True, "packed": False},
             "v1": {"v1": True, "legacy": True}}
    for name, form in forms.items():
        (folder / f"{name}.caffemodel").write_bytes(caffemodel(weights(), **form))
    (folder / "small.caffemodel").write_bytes(caffemodel(weights(8)))
    numpy.save(folder / "x.npy", numpy.random.default_rng(6).standard_normal((2, 3, 9, 8)).astype("f4"))
    return folder


@pytest.fixture(scope="module")
def expected(here):
    return output(here, "v2.prototxt", "plain.caffemodel")


def output(here, *files, data="x.npy", name="prob"):
    net2c("run", *[here / f for f in files], "--input", here / data, "--output", here / "out")
    return numpy.load(here / f"out/{name}.npy")


@pytest.mark.parametrize("text", ["v2", "v1", "v0", "v2_crlf"])
@pytest.mark.parametrize("form", ["plain", "legacy", "double", "loose", "loose_double", "v1"])
def test_every_form_is_the_same_network(text, form, here, expected):
    assert expected.shape == (2, 5) and expected.std() > 0.01
    got = output(here, f"{form}.caffemodel", f"{text}.prototxt")
    assert_close(got, expected, f"{text}, {form}")


def test_weights_inside_the_prototxt(here, tmp_path):
    (tmp_path / "net.prototxt").write_text('input: "x" input_shape { dim: 1 dim: 2 } layer { name: "fc" type: "InnerProduct" bottom: "x" top: "y" '
                                           'inner_product_param { num_output: 1 } blobs { shape { dim: 1 dim: 2 } data: [2, -1.5] } blobs { num: 1 channels: 1 height: 1 width: 1 data: 3e0 } }')
    numpy.save(tmp_path / "x.npy", numpy.array([[10, 4]], "f4"))
    assert output(tmp_path, "net.prototxt", data="x.npy", name="y").tolist() == [[17]]


def inspected(*files, options=()):
    return json.loads(net2c("inspect", *files, *options, "--json").stdout)


def test_a_prototxt_alone_shows_shapes_and_macs(here):
    alone, both = inspected(here / "v2.prototxt"), inspected(here / "v2.prototxt", here / "plain.caffemodel")
    assert alone["macs"] == both["macs"] == 4 * 5 * 4 * 27 + 5 * 48
    assert alone["parameters"] == both["parameters"] == 4 * 27 + 4 + 5 * 48 + 5
    assert [layer["shape"] for layer in alone["layers"]] == [layer["shape"] for layer in both["layers"]]
    assert inspected(here / "v2.prototxt", options=["--size", "17x8"])["macs"] > alone["macs"]


def test_a_training_network_is_read_as_for_inference(here):
    lines = net2c("inspect", here / "train_val.prototxt", here / "small.caffemodel").stdout
    assert "input   data  f32 1x3x8x8" in lines and "output  prob  f32 1x5" in lines
    assert [line for line in lines.splitlines() if line.startswith("output")] == ["output  prob  f32 1x5"] and "aside" not in lines


def test_transform_param_prepares_pictures(here, tmp_path):
    """A larger picture is cropped in the middle, BGR, minus the mean, times the scale."""
    pixels = numpy.random.default_rng(7).integers(0, 256, (12, 14, 3), "u1")
    Image.fromarray(pixels).save(tmp_path / "p.png")
    x = (pixels[2:10, 3:11, ::-1].astype("f4") - [104, 117, 123]) * 0.5
    numpy.save(tmp_path / "x.npy", x.transpose(2, 0, 1)[None].astype("f4"))
    files = [here / "train_val.prototxt", here / "small.caffemodel"]
    for given in ("p.png", "x.npy"):
        net2c("run", *files, "--input", tmp_path / given, "--output", tmp_path / given[0])
    assert_close(numpy.load(tmp_path / "p/prob.npy"), numpy.load(tmp_path / "x/prob.npy"), "picture against array")
    # What --preprocess says wins, the rest stays.
    (tmp_path / "pre.json").write_text('{"mean": 100, "order": "RGB"}')
    numpy.save(tmp_path / "x.npy", ((pixels[2:10, 3:11].astype("f4") - 100) * 0.5).transpose(2, 0, 1)[None].copy())
    net2c("run", *files, "--input", tmp_path / "p.png", "--preprocess", tmp_path / "pre.json", "--output", tmp_path / "p")
    net2c("run", *files, "--input", tmp_path / "x.npy", "--output", tmp_path / "x")
    assert_close(numpy.load(tmp_path / "p/prob.npy"), numpy.load(tmp_path / "x/prob.npy"), "picture with --preprocess")


def test_a_mean_image_and_a_size(here, tmp_path):
    """The picture is resized to the mean image's size, which is subtracted as it is cropped. One that is smaller than the input
    gives its averages, and also where another resize is asked for."""
    pixels = numpy.random.default_rng(11).integers(0, 256, (31, 25, 3), "u1")
    Image.fromarray(pixels).save(tmp_path / "p.png")
    mean = numpy.random.default_rng(12).uniform(90, 130, (3, 12, 11)).astype("f4")
    (tmp_path / "m.binaryproto").write_bytes(blob(mean[None], legacy=True))
    (tmp_path / "small.binaryproto").write_bytes(blob(mean[None, :, :7], legacy=True))
    (tmp_path / "lmdb.prototxt").write_text(TRAIN_VAL.replace("mean_value: 104 mean_value: 117 mean_value: 123", ""))
    resized = cv2.resize(pixels, (11, 12))[:, :, ::-1].transpose(2, 0, 1).astype("f4")
    (tmp_path / "as_it_is.json").write_text('{"resize": "none"}')
    cropped = pixels[11:19, 8:16, ::-1].transpose(2, 0, 1).astype("f4")
    cases = [("m", [], (resized - mean)[:, 2:10, 1:9]), ("m", ["--preprocess", tmp_path / "as_it_is.json"], cropped - mean.mean((1, 2), keepdims=True)),
             ("small", [], cropped - mean[:, :7].mean((1, 2), keepdims=True))]
    for name, options, x in cases:
        files = [tmp_path / "lmdb.prototxt", here / "small.caffemodel", tmp_path / f"{name}.binaryproto"]
        numpy.save(tmp_path / "x.npy", (x * 0.5)[None].astype("f4"))
        net2c("run", *files, *options, "--input", tmp_path / "p.png", "--output", tmp_path / "p")
        net2c("run", *files, "--input", tmp_path / "x.npy", "--output", tmp_path / "x")
        assert_close(numpy.load(tmp_path / "p/prob.npy"), numpy.load(tmp_path / "x/prob.npy"), f"{name} {options}")


def test_image_data_says_the_size(tmp_path):
    """new_height x new_width, OpenCV's bilinear, then the crop."""
    (tmp_path / "net.prototxt").write_text(
        'layer { name: "data" type: "ImageData" top: "data" top: "label" transform_param { crop_size: 6 mean_value: 100 }\n'
        '  image_data_param { source: "list" new_height: 9 new_width: 8 } }\n'
        'layer { name: "y" type: "Power" bottom: "data" top: "y" power_param { scale: -1 } }\n')
    pixels = numpy.random.default_rng(13).integers(0, 256, (31, 25, 3), "u1")
    Image.fromarray(pixels).save(tmp_path / "p.png")
    net2c("run", tmp_path / "net.prototxt", "--input", tmp_path / "p.png", "--output", tmp_path)
    want = cv2.resize(pixels, (8, 9))[1:7, 1:7, ::-1].transpose(2, 0, 1) - 100.0
    assert numpy.array_equal(numpy.load(tmp_path / "y.npy")[0], -want)


def test_the_bundle_prepares_pictures_and_knows_labels(here, tmp_path):
    (tmp_path / "labels.txt").write_text("n01 cat\nn02 dog\nn03 owl\nn04 fox\nn05 hen\n")
    net2c("compile", tmp_path / "labels.txt", here / "small.caffemodel", here / "train_val.prototxt", "-o", tmp_path / "b", "--isa", "avx2" if platform.machine() == "x86_64" else "neon")
    assert (tmp_path / "b/train_val.h").exists() and "n03 owl" in (tmp_path / "b/main.c").read_text() + (tmp_path / "b/train_val.c").read_text()
    pixels = numpy.random.default_rng(8).integers(0, 256, (8, 8, 3), "u1")
    Image.fromarray(pixels).save(tmp_path / "p.ppm")
    Image.fromarray(pixels).save(tmp_path / "p.png")
    subprocess.run("cc -O2 -o example *.c -pthread", shell=True, cwd=tmp_path / "b", check=True)
    said = subprocess.run(["./example", "../p.ppm"], cwd=tmp_path / "b", check=True, capture_output=True, text=True).stdout
    ran = net2c("run", tmp_path / "labels.txt", here / "small.caffemodel", here / "train_val.prototxt", "--input", tmp_path / "p.png").stdout
    assert ran.splitlines()[1].split()[-1] in said.splitlines()[2], (said, ran)


def test_a_caffemodel_may_carry_its_network(here, tmp_path):
    layers = field(1, "carried") + field(100, field(1, "data") + field(2, "Data") + field(4, "data") + field(4, "label") + field(8, field(1, 0)))
    params = field(1, 2) + field(4, 3) + field(2, 0)
    layers += field(100, field(1, "conv") + field(2, "Convolution") + field(3, "data") + field(4, "c") + field(106, params) + field(7, blob(numpy.ones((2, 1, 3, 3)))))
    layers += field(100, field(1, "loss") + field(2, "SoftmaxWithLoss") + field(3, "c") + field(3, "label") + field(4, "loss"))
    (tmp_path / "net.caffemodel").write_bytes(layers)
    lines = net2c("inspect", tmp_path / "net.caffemodel", "--size", "6x7").stdout
    assert "input   data  f32 1x1x6x7" in lines and "output  loss  f32 1x2x4x5" in lines


LAYER = '\nlayer { name: "one" type: "%s" bottom: "data" top: "y" %s }\n'
INPUT = 'input: "data" input_shape { dim: 1 dim: 3 dim: 9 dim: 8 }\n'


def one(kind, params="", data=INPUT):
    return data + LAYER % (kind, params)


# What is wrong with a prototxt; what its one message must hold.
TEXTS = {
    "cut_group": (V2[:V2.index("bottom: \"data\" top: \"c\"")], "net.prototxt: line 4: the file ends inside a group; it is cut off, or a '}' is missing"),
    "cut_text": (V2[:120], "net.prototxt: line 4: expected ':' or '{' after 'layer', but there is the end of the file"),
    "quote": ('name: "net\n', "line 1: a text in quotes has no end"),
    "value": ("name: }", "line 1: expected a value for 'name', but there is '}'"),
    "colon": ('name: "a"\nlayer name', "line 2: expected ':' or '{' after 'layer', but there is 'name'"),
    "list": ('name: "n" input_dim: [1, 2', "expected ',' or ']' in the list of 'input_dim', but there is the end of the file"),
    "brace": ('name: "n" }', "line 1: expected the name of a field, but there is '}'"),
    "deep": ('name: "n" ' + "layer { " * 50, "more than 32 groups within each other"),
    "no_layers": ('name: "n"', "has no layers"),
    "no_outputs": (INPUT + 'layer { name: "s" type: "Silence" bottom: "data" }', "has no outputs"),
    "dims": ('input: "data" input_dim: 1 input_dim: 3' + LAYER % ("ReLU", ""), "has 2 input_dim for 1 input; every input has four"),
    "no_dims": ('input: "data"' + LAYER % ("ReLU", ""), "the shape of input 'data' is not in the network; give the input's data"),
    "zero_dim": ('input: "data" input_dim: 1 input_dim: 3 input_dim: 0 input_dim: 5' + LAYER % ("ReLU", ""), "set it by --size HxW"),
    "huge_dims": ('input: "data" input_shape { dim: 1000000 dim: 1000000 dim: 1000000 }' + LAYER % ("ReLU", ""), "input 'data' is 1000000x1000000x1000000"),
    "no_bottom": (INPUT + 'layer { name: "one" type: "ReLU" bottom: "dota" top: "y" }', "layer 'one' (ReLU): its bottom 'dota' is no input of the network and made by no layer"),
    "later": (INPUT + 'layer { name: "one" type: "ReLU" bottom: "z" top: "y" } layer { name: "two" type: "ReLU" bottom: "y" top: "z" }', "its bottom 'z' is made by layer 'two', which stands after it, or depends on it (a cycle)"),
    "itself": (INPUT + 'layer { name: "one" type: "ReLU" bottom: "z" top: "z" }', "its bottom 'z' is made by layer 'one', which is itself: a cycle"),
    "twice": (one("ReLU") + 'layer { name: "two" type: "ReLU" bottom: "data" top: "y" }', "layer 'two' (ReLU): its top 'y' is also made by layer 'one'"),
    "unknown": (one("Proposal") + 'layer { name: "two" type: "ROIPooling" bottom: "y" top: "z" } layer { name: "three" type: "Proposal" bottom: "data" top: "u" }'
                + 'layer { name: "four" type: "Pooling" bottom: "data" top: "v" pooling_param { pool: STOCHASTIC kernel_size: 2 } }',
                "uses what is not supported:\n  Pooling with pool STOCHASTIC: 1 time, layer 'four'\n  Proposal: 2 times, first in layer 'one'"),
    "unknown_field": (one("ReLU", "relu_param { slope: 3 }"), "ReLU with relu_param 'slope': 1 time"),
    "not_a_number": (one("Pooling", "pooling_param { kernel_size: two }"), "layer 'one' (Pooling): pooling_param: 'kernel_size' is 'two', but must be a whole number"),
    "not_a_flag": (one("Pooling", "pooling_param { global_pooling: maybe }"), "'global_pooling' is 'maybe', but must be true or false"),
    "not_a_group": (one("Pooling", "pooling_param: 3"), "'pooling_param' must be a group in braces"),
    "not_a_choice": (one("Pooling", "pooling_param { pool: AVG kernel_size: 2 }"), "'pool' is AVG; there are MAX, AVE, STOCHASTIC"),
    "pad": (one("Pooling", "pooling_param { kernel_size: 2 pad: 2 }"), "'pad' 2 must be less than the kernel's size 2"),
    "kernel": (one("Convolution", "convolution_param { num_output: 2 }"), "'kernel_size' is 0, which is out of range"),
    "groups": (one("Convolution", "convolution_param { num_output: 2 kernel_size: 1 group: 2 }"), "3 channels and 2 outputs cannot be split into 2 groups"),
    "too_large": (one("Convolution", "convolution_param { num_output: 2 kernel_size: 20 }"), "layer 'one' (Convolution): needs weights, and this is a prototxt: give its .caffemodel too"),
    "lrn": (one("LRN", "lrn_param { local_size: 4 }"), "'local_size' is 4, but must be odd"),
    "slice": (INPUT + 'layer { name: "one" type: "Slice" bottom: "data" top: "a" top: "b" }', "3 elements along axis 1 cannot be split into 2 equal parts"),
    "reshape": (one("Reshape", "reshape_param { shape { dim: 0 dim: 5 dim: -1 } }"), "216 elements do not fit a shape with one dim left over of 1x5x1"),
    "axis": (one("Softmax", "softmax_param { axis: 4 }"), "axis 4 does not fit 4 dimensions"),
    "eltwise": (INPUT + 'layer { name: "p" type: "Pooling" bottom: "data" top: "p" pooling_param { kernel_size: 2 } } layer { name: "one" type: "Eltwise" bottom: "data" bottom: "p" top: "y" }',
                "layer 'one' (Eltwise): its bottoms 1x3x9x8 and 1x3x8x7 have different shapes"),
    "coefficients": (one("Eltwise", "eltwise_param { coeff: 1 coeff: 2 }"), "2 coefficients are given, but its bottoms are 1"),
    "bottoms": (INPUT + 'layer { name: "one" type: "Crop" bottom: "data" top: "y" }', "layer 'one' (Crop): takes 2 bottoms, but has 1"),
    "tops": (INPUT + 'layer { name: "one" type: "ReLU" bottom: "data" top: "y" top: "z" }', "its top number 1 ('z') does not exist in this type of layer"),
    "weights": (one("InnerProduct", "inner_product_param { num_output: 2 }"), "needs weights, and this is a prototxt: give its .caffemodel too"),
    "solver": ('net: "train_val.prototxt"\nbase_lr: 0.01\n', "is the text of a solver"),
}


def failing(*arguments, cwd=None):
    """The message of a call that must fail by the user's fault, and write nothing."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=60, cwd=cwd)
    assert done.returncode == 1, (done.returncode, done.stderr)
    return done.stderr


@pytest.mark.parametrize("name", TEXTS)
def test_a_wrong_prototxt_is_one_message(name, here, tmp_path):
    text, message = TEXTS[name]
    (tmp_path / "net.prototxt").write_text(text)
    assert message in failing("compile", tmp_path / "net.prototxt", "-o", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def without(name):
    some = weights()
    del some[name]
    return caffemodel(some)


def changed(name, index, shape):
    some = weights()
    some[name][index] = numpy.zeros(shape)
    return caffemodel(some)


MODELS = {
    "cut": (lambda: caffemodel(weights())[:500], "net.caffemodel: is damaged"),
    "missing_layer": (lambda: without("fc"), "layer 'fc' (InnerProduct): has no weights in"),
    "missing_blob": (lambda: caffemodel(weights() | {"fc": weights()["fc"][:1]}), "has 1 blob of weights in"),
    "wrong_size": (lambda: changed("conv/1", 0, (4, 3, 5, 5)), "layer 'conv/1' (Convolution): blob 0 of its weights is 4x3x5x5 in"),
    "swapped": (lambda: changed("fc", 0, (48, 5)), "blob 0 of its weights is 48x5 in"),
    "short_data": (lambda: field(100, field(1, "conv/1") + field(7, field(7, field(1, bytes([4, 3, 3, 3]))) + field(5, b"1234"))), "has 1 numbers, but shape 4x3x3x3 needs 108"),
}


@pytest.mark.parametrize("name", MODELS)
def test_a_wrong_caffemodel_is_one_message(name, here, tmp_path):
    make, message = MODELS[name]
    (tmp_path / "net.caffemodel").write_bytes(make())
    arguments = ["compile", here / "v2.prototxt", tmp_path / "net.caffemodel", "-o", tmp_path / "out"]
    assert message in failing(*arguments)
    assert not (tmp_path / "out").exists()


def test_files_that_do_not_belong_together(here, tmp_path):
    v2, v1, model = here / "v2.prototxt", here / "v1.prototxt", here / "plain.caffemodel"
    mean = tmp_path / "mean.binaryproto"
    mean.write_bytes(blob(numpy.ones((1, 3, 9, 8)), legacy=True))
    (tmp_path / "labels.txt").write_text("a\nb\n")
    (tmp_path / "other.txt").write_text("c\nd\n")
    (tmp_path / "grey.binaryproto").write_bytes(blob(numpy.ones((1, 1, 9, 8)), legacy=True))
    (tmp_path / "cut.binaryproto").write_bytes(mean.read_bytes()[:100])
    (tmp_path / "noise.bin").write_bytes(bytes(range(256)) * 4)
    assert "is a second prototxt, beside" in failing("inspect", v2, v1)
    assert "is a second caffemodel, beside" in failing("inspect", v2, model, here / "v1.caffemodel")
    assert "is a second mean image" in failing("inspect", v2, model, mean, mean)
    assert "is a second list of labels" in failing("inspect", v2, tmp_path / "labels.txt", tmp_path / "other.txt")
    assert "labels.txt: has 2 lines, but no output has as many classes: 'prob' is 1x5" in failing("inspect", tmp_path / "labels.txt", v2)
    assert "is Caffe's mean image, not a network: give the .prototxt and the .caffemodel too" in failing("inspect", mean)
    assert "noise.bin: is in no format that is known here" in failing("inspect", v2, tmp_path / "noise.bin")
    assert "grey.binaryproto: is a mean image of 1x1x9x8, which does not fit an input of 3 channels" in failing("inspect", v2, model, tmp_path / "grey.binaryproto")
    assert "cut.binaryproto: is damaged" in failing("inspect", v2, model, tmp_path / "cut.binaryproto")
    assert "has mean_value, and" in failing("inspect", here / "train_val.prototxt", mean)
    assert "none.prototxt: cannot be opened" in failing("inspect", "none.prototxt", model)
    assert "plain.caffemodel: has no outputs; give the network's .prototxt too" in failing("inspect", model)
    assert "give its .caffemodel too" in failing("run", v2, "--input", here / "x.npy")
    assert "input 'data' is 10x3x9x8, but what is given for it is 2x3" in failing("run", v2, model, "--input", flat(tmp_path))


def flat(tmp_path):
    numpy.save(tmp_path / "flat.npy", numpy.zeros((2, 3), "f4"))
    return tmp_path / "flat.npy"


def test_a_mean_file_that_is_named_but_not_given(here, tmp_path):
    text = TRAIN_VAL.replace("mean_value: 104 mean_value: 117 mean_value: 123", 'mean_file: "data/mean.binaryproto"')
    (tmp_path / "net.prototxt").write_text(text)
    Image.new("RGB", (8, 8)).save(tmp_path / "p.png")
    arguments = ["run", tmp_path / "net.prototxt", here / "small.caffemodel", "--input", tmp_path / "p.png"]
    assert "subtracts a mean image from pictures, data/mean.binaryproto: give that file too" in failing(*arguments)
    (tmp_path / "mean.binaryproto").write_bytes(blob(numpy.full((1, 3, 9, 8), 100.0), double=True))
    net2c("run", tmp_path / "mean.binaryproto", *arguments[1:])
    net2c("compile", tmp_path / "net.prototxt", here / "small.caffemodel", "-o", tmp_path / "b")   # pictures are not asked for


@pytest.mark.parametrize("seed", range(3))
def test_flipped_bits_never_crash(seed, here, tmp_path):
    random = numpy.random.default_rng(seed)
    for name in ("v2.prototxt", "plain.caffemodel"):
        good = (here / name).read_bytes()
        for _ in range(12):
            bad = bytearray(good)
            for at in random.integers(0, min(len(bad), 400), 3):
                bad[at] ^= 1 << random.integers(8)
            (tmp_path / name).write_bytes(bad)
            files = [tmp_path / f if f == name else here / f for f in ("v2.prototxt", "plain.caffemodel")]
            done = subprocess.run([BINARY, "inspect", *files], capture_output=True, text=True, errors="replace", timeout=60)
            assert done.returncode in (0, 1) and (done.returncode == 0 or done.stderr.startswith("net2c: ")), (name, done.returncode, done.stderr)
