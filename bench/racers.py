"""Who races: how each is asked for one output, and for one measurement."""
import hashlib
import importlib.metadata
import json
import sys

import numpy

from convert import converted
from process import PYTHON, ROOT, WORK, Failed, call

NET2C = ROOT / "build/net2c"
LIMITS = {"net2c": 1e-4}  # largest error that is timed, in the reference's largest magnitude
PEERS_LIMIT = 1e-2        # of fp32 with large Winograd tiles; bf16 and wrong networks are beyond


class Net2c:
    """The compiled bundle in a process of its own; compiling is cached and not counted."""

    name = "net2c"

    def version(self):
        return f"{call([NET2C, '--version']).split()[-1]} {hashlib.sha256(NET2C.read_bytes()).hexdigest()[:12]}"

    def output(self, network):
        folder = WORK / "outputs" / network.name
        call([NET2C, "run", network.model, "--input", f"{network.input}={network.values}", "--output", folder, "--engine", "native"])
        return numpy.load(folder / "output.npy")

    def measure(self, network, threads, seconds, *options):
        figures = json.loads(call([NET2C, "bench", network.model, "--threads", threads, "--seconds", seconds, *options, "--json"], threads))
        del figures["layers"]
        return figures


class Peer:
    """An engine of peers.py, in the peers' venv."""

    def __init__(self, name, package, model_of=None):
        self.name, self.package, self.model_of = name, package, model_of or name

    def version(self):
        found = importlib.metadata.distributions(path=map(str, PYTHON.parent.parent.glob("lib/python3*/site-packages")))
        return next((d.version for d in found if d.name.lower().replace("_", "-") == self.package.lower()), "not installed")

    def command(self, network, threads, last):
        model = converted(self.model_of, network, self.version())
        return [PYTHON, ROOT / "bench/peers.py", self.name, model, network.values, threads, last]

    def output(self, network):
        path = WORK / "outputs" / network.name / f"{self.name}.npy"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        call(self.command(network, 2, path))
        return numpy.load(path)

    def measure(self, network, threads, seconds):
        text = call(self.command(network, threads, seconds), threads)
        return json.loads(text.splitlines()[-1])  # some engines talk before


ENGINES = {e.name: e for e in (
    Net2c(),
    Peer("onnxruntime", "onnxruntime"),
    Peer("openvino", "openvino"),
    Peer("mnn", "MNN"),
    Peer("ncnn", "ncnn"),
    Peer("ncnn_pools", "ncnn", "ncnn"),
    Peer("litert", "ai-edge-litert"),
    Peer("opencv", "opencv-python-headless"),
)}


def errors(engine, network):
    """Of an engine's output: the largest and the rms error, of the reference's largest and rms magnitude."""
    y, expected = engine.output(network), network.expected
    if y.shape != expected.shape:
        raise Failed(f"gives {y.shape}, {expected.shape} is right")
    d = y.astype(numpy.float64) - expected
    found = dict(max=float(numpy.abs(d).max() / numpy.abs(expected).max()), rms=float(numpy.sqrt((d * d).mean() / (expected * expected).mean())))
    limit = LIMITS.get(engine.name, PEERS_LIMIT)
    if not found["max"] <= limit:
        raise Failed(f"wrong by {found['max']:.2g} of the range (limit {limit:g}): not timed")
    return found
