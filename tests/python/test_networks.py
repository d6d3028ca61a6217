"""Whole networks, each engine against ONNX Runtime."""
import functools

import numpy
import onnx
import pytest
from PIL import Image

from harness import ENGINES, ROOT, SHARED, assert_close, file_of, oracle, run
from network import example_input
from write import NETWORKS, write
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


def seeded_case(name):
    path = write(name, ROOT / "build/networks")
    info = onnx.load(path).graph.input[0]
    return path, {info.name: example_input(info, seed=3)}


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


CASES = {**{name: functools.partial(seeded_case, name) for name in NETWORKS}, "mobilenet_v2_trained": mobilenetv2_trained,
         "mnist": mnist, "fastestdet": fastestdet, "wave": wave, "wave_dynamic": wave_dynamic, "esrgan": esrgan}


@functools.cache
def expected(name):
    path, inputs = CASES[name]()
    return path, inputs, oracle(path, inputs)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_network(name, engine, tmp_path):
    path, inputs, want = expected(name)
    got = run(path, inputs, tmp_path, engine)
    assert set(got) == {file_of(output) for output in want}
    for output, value in want.items():
        assert_close(got[file_of(output)], value, f"{name}, {engine}, output {output}")


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
