"""Running build/net2c and its oracle, ONNX Runtime with every optimisation off."""
import os
import pathlib
import re
import subprocess
import sys

import numpy
import onnx
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("NET2C", ROOT / "build/net2c"))
SHARED = ROOT.parent / "shared/models"
ENGINES = ("reference", "plan", "native")
TOLERANCE = 1e-4  # of the largest magnitude of the oracle's output

sys.path.insert(0, str(ROOT / "examples/networks"))


def net2c(*arguments, check=True):
    """The finished process; its message is the assertion's when it failed."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    if check:
        assert done.returncode == 0, f"net2c {' '.join(map(str, arguments))[:300]}\nexit {done.returncode}: {done.stderr.strip()[-3000:]}"
    return done


def file_of(name):
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)


def run(model, inputs, folder, engine, *options):
    """{file name of an output: array} of `net2c run`."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    given = []
    for index, (name, array) in enumerate(inputs.items()):
        path = folder / f"in{index}.npy"
        numpy.save(path, array)
        given += ["--input", f"{name}={path}"]
    out = folder / engine
    net2c("run", model, *given, "--output", out, "--engine", engine, *options)
    return {path.stem: numpy.load(path) for path in out.glob("*.npy")}


def oracle(model, inputs):
    """{output name: array}."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    source = model.SerializeToString() if isinstance(model, onnx.ModelProto) else str(model)
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))


def assert_close(got, want, what, tolerance=TOLERANCE):
    assert got.dtype == want.dtype, f"{what}: type {got.dtype}, the oracle has {want.dtype}"
    assert got.shape == want.shape, f"{what}: shape {got.shape}, the oracle has {want.shape}"
    if want.size == 0:
        return
    if want.dtype.kind != "f":
        assert numpy.array_equal(got, want), f"{what}: {int((got != want).sum())} of {want.size} values differ"
        return
    assert numpy.array_equal(numpy.isfinite(got), numpy.isfinite(want)), f"{what}: not finite in other places"
    finite = numpy.isfinite(want)
    error = numpy.abs(got.astype(numpy.float64) - want)[finite].max(initial=0)
    limit = tolerance * max(float(numpy.abs(want[finite]).max(initial=0)), 1e-30)
    assert error <= limit, f"{what}: off by {error:.3g}, allowed {limit:.3g}"
