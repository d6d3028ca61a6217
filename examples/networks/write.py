#!/usr/bin/env python3
"""Writes the example networks as ONNX files with seeded weights:  write.py FOLDER [NAME ...]
Each is run once in ONNX Runtime with every layer exposed: no layer may vanish, blow up or be mostly zeros."""
import argparse
import pathlib

import numpy
import onnx

import architectures
from network import Network, Seeded, example_input, session

NETWORKS = {  # name: layers, height, width, name of the input
    "mobilenet_v1": (architectures.mobilenet_v1, 224, 224, "input"),
    "mobilenet_v2": (architectures.mobilenet_v2, 224, 224, "input"),
    "squeezenet_1_1": (architectures.squeezenet_1_1, 224, 224, "input"),
    "resnet_50": (architectures.resnet_50, 224, 224, "input"),
    "slim_style": (architectures.slim_style, 480, 640, "rgb"),
}


def build(name):
    layers, height, width, input_name = NETWORKS[name]
    net = Network(name, Seeded(sorted(NETWORKS).index(name) + 100), height, width, input_name)
    layers(net)
    return net.model()


def check_layers(model):
    """Deviation 0.1..10 and under 90 % zeros in every layer, for an input that set no scale; the map to 0..255 is exempt."""
    exposed = onnx.ModelProto()
    exposed.CopyFrom(model)
    del exposed.graph.output[:]
    exposed.graph.output.extend(onnx.helper.make_tensor_value_info(n.output[0], onnx.TensorProto.FLOAT, None) for n in model.graph.node)
    info = model.graph.input[0]
    outputs = session(exposed).run(None, {info.name: example_input(info, seed=2)})
    worst = [1.0, 1.0, 0.0]
    for node, value in zip(model.graph.node, outputs):
        if info.name == "rgb" and node.op_type == "Mul":
            continue
        deviation, zeros = float(value.std()), float((value == 0).mean())
        worst = [min(worst[0], deviation), max(worst[1], deviation), max(worst[2], zeros)]
        assert 0.1 <= deviation <= 10, f"{model.graph.name}: layer {node.name} has deviation {deviation:.3g}"
        assert zeros < 0.9, f"{model.graph.name}: layer {node.name} is {zeros:.0%} zeros"
    return worst


def write(name, folder):
    """The path of the network's file, made when it is not there or older than these scripts."""
    path = pathlib.Path(folder) / f"{name}.onnx"
    newest = max(source.stat().st_mtime for source in pathlib.Path(__file__).parent.glob("*.py"))
    if path.exists() and path.stat().st_mtime > newest:
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    model = build(name)
    low, high, zeros = check_layers(model)
    part = path.with_suffix(".part")
    onnx.save(model, part)
    part.replace(path)
    parameters = sum(numpy.prod(t.dims, dtype=int) for t in model.graph.initializer)
    print(f"{path}: {parameters:,} parameters, deviations {low:.2f}..{high:.2f}, at most {zeros:.0%} zeros")
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("names", nargs="*", choices=[[], *NETWORKS])
    options = parser.parse_args()
    for each in options.names or NETWORKS:
        write(each, options.folder)
