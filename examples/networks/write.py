#!/usr/bin/env python3
"""Writes the example networks with seeded weights, as ONNX or as Caffe's prototxt and caffemodel.
Each is run once in ONNX Runtime with every layer exposed: no layer may vanish, blow up or be mostly zeros."""
import argparse
import functools
import os
import pathlib
import typing
import zlib

import numpy
import onnx

import caffe
import classifiers
import images
import mobile
from network import Network, Seeded, Unset, example_input, session


class Description(typing.NamedTuple):
    layers: typing.Callable
    height: int
    width: int
    input: str = "input"
    caffe: bool = False  # has a form in Caffe


NETWORKS = {
    "alexnet": Description(classifiers.alexnet, 227, 227, caffe=True),
    "alexnet_one_tower": Description(classifiers.alexnet_one_tower, 227, 227, caffe=True),
    "alexnet_bn": Description(classifiers.alexnet_bn, 227, 227, caffe=True),
    "nin": Description(classifiers.nin, 224, 224, caffe=True),
    "nin_4_bn": Description(classifiers.nin_4_bn, 224, 224, caffe=True),
    "googlenet": Description(classifiers.googlenet, 224, 224, caffe=True),
    "inception_v3": Description(classifiers.inception_v3, 299, 299, caffe=True),
    "resnet_50": Description(classifiers.resnet_50, 224, 224, caffe=True),
    "vgg16": Description(classifiers.vgg16, 224, 224, caffe=True),
    "vgg19": Description(classifiers.vgg19, 224, 224, caffe=True),
    "squeezenet_1_0": Description(classifiers.squeezenet_1_0, 227, 227, caffe=True),
    "squeezenet_1_1": Description(classifiers.squeezenet_1_1, 224, 224, caffe=True),
    "mobilenet_v1": Description(mobile.mobilenet_v1, 224, 224, caffe=True),
    "mobilenet_v2": Description(mobile.mobilenet_v2, 224, 224),
    "mobilenet_v3_large": Description(mobile.mobilenet_v3_large, 224, 224),
    "mobilenet_v4_small": Description(mobile.mobilenet_v4_small, 224, 224),
    "efficientnet_lite0": Description(mobile.efficientnet_lite0, 224, 224),
    "convnext_atto": Description(mobile.convnext_atto, 224, 224),
    "slim_style": Description(images.slim_style, 480, 640, "rgb"),
    "johnson_style": Description(images.johnson_style, 480, 640, "bgr"),
    "u_net": Description(images.u_net, 256, 256),
    "yolo_v2": Description(images.yolo_v2, 416, 416),
    "yolo_v2_tiny": Description(images.yolo_v2_tiny, 416, 416),
}


def network(name, size=None, parameters=None):
    """The layers of a network; size: (height, width), if another than its own."""
    height, width = size or NETWORKS[name][1:3]
    net = Network(name, parameters or Seeded(zlib.crc32(name.encode())), height, width, NETWORKS[name].input)
    NETWORKS[name].layers(net)
    return net


def prototxt(name, size=None):
    return caffe.prototxt(network(name, size, Unset()))


def check_layers(model, grey_levels):
    """Deviation 0.1..10 and under 90 % zeros in every layer that computes features, for an input that set no scale."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    exposed.graph.output.extend(onnx.helper.make_tensor_value_info(n.output[0], onnx.TensorProto.FLOAT, None) for n in model.graph.node)
    info = model.graph.input[0]
    outputs = session(exposed).run(None, {info.name: example_input(info, seed=2)})
    worst = [1.0, 1.0, 0.0]
    for node, value in zip(model.graph.node, outputs):
        if node.name in grey_levels:
            continue
        deviation, zeros = float(value.std()), float((value == 0).mean())
        worst = [min(worst[0], deviation), max(worst[1], deviation), max(worst[2], zeros)]
        assert 0.1 <= deviation <= 10, f"{model.graph.name}: layer {node.name} has deviation {deviation:.3g}"
        assert zeros < 0.9, f"{model.graph.name}: layer {node.name} is {zeros:.0%} zeros"
    return worst


@functools.lru_cache(1)
def checked(name, size):
    """The network and its ONNX model."""
    net = network(name, size)
    net.values.clear()
    model = net.model()
    low, high, zeros = check_layers(model, net.grey_levels)
    parameters = sum(value.size for value in net.constants.values())
    print(f"{name}: {parameters:,} parameters, deviations {low:.2f}..{high:.2f}, at most {zeros:.0%} zeros", flush=True)
    return net, model


def write(name, folder, size=None, form="onnx"):
    """The network's files, made when they are not there or older than these scripts: the path of the ONNX file, or those of
    Caffe's prototxt and caffemodel."""
    stem = pathlib.Path(folder) / (name + (f"_{size[0]}x{size[1]}" if size else ""))
    paths = [stem.with_suffix(ending) for ending in ({"onnx": [".onnx"], "caffe": [".prototxt", ".caffemodel"]}[form])]
    newest = max(source.stat().st_mtime for source in pathlib.Path(__file__).parent.glob("*.py"))
    if not all(path.exists() and path.stat().st_mtime > newest for path in paths):
        stem.parent.mkdir(parents=True, exist_ok=True)
        net, model = checked(name, size)
        part = stem.with_name(f"{stem.name}-part-{os.getpid()}")  # tests that run side by side may both write it
        made = caffe.write(net, part) if form == "caffe" else [part.with_suffix(".onnx")]
        if form == "onnx":
            onnx.save(model, made[0])
        for source, path in zip(made, paths):
            source.replace(path)
    return paths[0] if form == "onnx" else paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", choices=[[], *NETWORKS])
    parser.add_argument("--form", choices=("onnx", "caffe"), default="onnx")
    options = parser.parse_args()
    for each in options.names or [name for name in NETWORKS if options.form == "onnx" or NETWORKS[name].caffe]:
        write(each, options.folder, form=options.form)
