"""Running build/net2c, whatever the oracle is."""
import os
import pathlib
import re
import subprocess

import numpy

import package

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("NET2C", ROOT / "build/net2c"))
SHARED = ROOT.parent / "shared/models"
ENGINES = ("reference", "plan", "native")
TOLERANCE = 1e-4  # of the largest magnitude of the oracle's output


def net2c(*arguments, check=True):
    """The finished process; its message is the assertion's when it failed."""
    done = subprocess.run([BINARY, *map(str, arguments)], capture_output=True, text=True, timeout=600)
    if check:
        assert done.returncode == 0, f"net2c {' '.join(map(str, arguments))[:300]}\nexit {done.returncode}: {done.stderr.strip()[-3000:]}"
    return done


def kernels_of(*model):
    """The kernels of a plan, step by step."""
    lines = net2c("inspect", *model, "--dump=plan").stdout.splitlines()
    return [line.split()[2] for line in lines if line.startswith("step ")]


def file_of(name):
    return re.sub(r"[^A-Za-z0-9_.-]", "_", name)


def run(model, inputs, folder, engine, *options):
    """{file name of an output: array} of `net2c run`. model: a path, or those of all its files."""
    if engine == "plan" and package.built and not options:
        return run_here(model, inputs)
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    given = []
    for index, (name, array) in enumerate(inputs.items()):
        path = folder / f"in{index}.npy"
        numpy.save(path, array)
        given += ["--input", f"{name}={path}"]
    out = folder / engine
    net2c("run", *(model if isinstance(model, (list, tuple)) else [model]), *given, "--output", out, "--engine", engine, *options)
    return {path.stem: numpy.load(path) for path in out.glob("*.npy")}


def run_here(model, inputs):
    """The same by the package, without a process of its own."""
    net = package.net2c.load(model, shapes={name: numpy.shape(array) for name, array in inputs.items()})
    results = net(**inputs)
    return {file_of(name): y for name, y in (results if isinstance(results, dict) else {net.outputs[0].name: results}).items()}


def record(error):
    """For scripts/formats: the error of this test's comparison, of the largest magnitude."""
    if "NET2C_ERRORS" in os.environ:
        with open(os.environ["NET2C_ERRORS"], "a") as file:
            file.write(f"{os.environ.get('PYTEST_CURRENT_TEST', '').removesuffix(' (call)')}\t{error:.4g}\n")


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
    largest = max(float(numpy.abs(want[finite]).max(initial=0)), 1e-30)
    assert error <= tolerance * largest, f"{what}: off by {error:.3g}, allowed {tolerance * largest:.3g}"
    record(error / largest)
