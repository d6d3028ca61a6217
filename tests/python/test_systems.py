"""One bundle, many systems: its example passes its self-test on them, or its C becomes an object where nothing here runs it.
-O1 and the portable kernels in `make test`; the fast ones, and Windows, in `make test-all`."""
import os
import pathlib
import shutil
import subprocess

import numpy
import onnx
import pytest
from harness import net2c
from onnx import TensorProto, helper, numpy_helper

FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
QUICK = ["-O1", "-DNET_UNOPTIMISED"]
WINE = next((p for p in ("/usr/lib/wine/wine64", shutil.which("wine64"), shutil.which("wine")) if p and os.path.exists(p)), "wine64")
ARM64 = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
COMPILERS = {  # how to compile and link, how to run, what kernels the CPU may have
    "arm64 gcc": (["aarch64-linux-gnu-gcc", "-pthread"], ARM64, ["portable", "neon"]),
    "arm64 clang": (["clang-19", "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-pthread"], ARM64, ["portable", "neon"]),
    "armhf gcc": (["arm-linux-gnueabihf-gcc", "-pthread"], ["qemu-arm", "-L", "/usr/arm-linux-gnueabihf"], ["portable"]),
    "windows gcc": (["x86_64-w64-mingw32-gcc"], [WINE], ["portable", "avx2"]),
}
OBJECTS = ["arm64-apple-ios11.0", "aarch64-linux-android24", "armv7-linux-androideabi21", "x86_64-apple-macos11", "riscv64-unknown-elf"]


def network():
    """Convolution, depthwise, pools, resize, dense, softmax."""
    random, constants = numpy.random.default_rng(5), []

    def weights(name, *shape):
        value = random.standard_normal(shape) / numpy.prod(shape[1:]) ** 0.5
        constants.append(numpy_helper.from_array(value.astype("f4"), name))
        return name

    constants.append(numpy_helper.from_array(numpy.array([1, 1, 2, 2], "f4"), "scales"))
    node = helper.make_node
    nodes = [node("Conv", ["x", weights("w0", 16, 3, 3, 3), weights("b0", 16)], ["a"], "first", pads=[1, 1, 1, 1], strides=[2, 2]),
             node("Relu", ["a"], ["r"], "relu"),
             node("Conv", ["r", weights("w1", 16, 1, 3, 3)], ["d"], "depthwise", group=16, pads=[1, 1, 1, 1]),
             node("MaxPool", ["d"], ["m"], "pool", kernel_shape=[2, 2], strides=[2, 2]),
             node("Resize", ["m", "", "scales"], ["u"], "resize", mode="linear", coordinate_transformation_mode="half_pixel"),
             node("Conv", ["u", weights("w2", 24, 16, 1, 1), weights("b2", 24)], ["e"], "pointwise"),
             node("Sigmoid", ["e"], ["s"], "sigmoid"), node("GlobalAveragePool", ["s"], ["q"], "average"), node("Flatten", ["q"], ["f"], "flat"),
             node("Gemm", ["f", weights("w3", 10, 24), weights("b3", 10)], ["g"], "dense", transB=1), node("Softmax", ["g"], ["y"], "softmax")]
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 20, 24])],
                              [helper.make_tensor_value_info("e", TensorProto.FLOAT, [1, 24, 10, 12]),
                               helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 10])], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


@pytest.fixture(scope="module")
def bundles(tmp_path_factory):
    """The folders of: the portable kernels alone, all kernels, all in a single file."""
    folder = tmp_path_factory.mktemp("systems")
    onnx.save(network(), folder / "net.onnx")
    for name, options in {"portable": ["--isa", "portable"], "all": [], "single": ["--single-file"]}.items():
        net2c("compile", folder / "net.onnx", "-o", folder / name, "--name", "net", "--self-test", *options)
    return folder


def needs(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} here")


def build(system, bundle, program, *flags):
    subprocess.run([*COMPILERS[system][0], *FLAGS, *flags, *map(str, sorted(bundle.glob("*.c"))), "-o", program, "-lm"], check=True)


def self_test(system, program, *options):
    """Two threads, as the system's own pool is then tested too."""
    environment = os.environ | {"WINEDEBUG": "-all", "WINEPREFIX": str(pathlib.Path(program).parent.parent / "wine")}
    done = subprocess.run([*COMPILERS[system][1], program, "--self-test", "--verify", "--threads", "2", *options], capture_output=True, text=True,
                          timeout=300, env=environment)
    assert done.returncode == 0 and "self-test: passed" in done.stdout and "weights: whole" in done.stdout, (done.returncode, done.stdout, done.stderr)


def some(systems):
    return [pytest.param(s, marks=[pytest.mark.long] if s in ("windows gcc", "arm64 clang") else []) for s in systems]


@pytest.mark.parametrize("system", some(COMPILERS))
def test_portable(system, bundles, tmp_path):
    needs(COMPILERS[system][0][0], COMPILERS[system][1][0])
    build(system, bundles / "portable", tmp_path / "example.exe", *QUICK)
    self_test(system, tmp_path / "example.exe", "--weights", bundles / "portable/net.weights", "--isa", "portable")


@pytest.mark.long
@pytest.mark.parametrize("form", ["all", "single"])
@pytest.mark.parametrize("system", COMPILERS)
def test_every_kernel(system, form, bundles, tmp_path):
    needs(COMPILERS[system][0][0], COMPILERS[system][1][0])
    build(system, bundles / form, tmp_path / "example.exe", "-O2", *(["-DNET_EXAMPLE"] if form == "single" else []))
    for isa in COMPILERS[system][2]:
        if isa == "avx2" and "avx2" not in pathlib.Path("/proc/cpuinfo").read_text():
            continue
        self_test(system, tmp_path / "example.exe", "--isa", isa, *(["--weights", bundles / "all/net.weights"] if form == "all" else []))


@pytest.mark.parametrize("target", [pytest.param(t, marks=[] if i < 2 else [pytest.mark.long]) for i, t in enumerate(OBJECTS)])
def test_objects(target, bundles, tmp_path):
    """Without the system's headers: what the bundle itself asks of a compiler."""
    needs("clang-19")
    subprocess.run(["clang-19", f"--target={target}", *FLAGS, *QUICK, "-ffreestanding", "-nostdlibinc", "-fno-stack-protector", "-DNET_FREESTANDING",
                    "-c", bundles / "single/net.c", "-o", tmp_path / "net.o"], check=True)
    assert (tmp_path / "net.o").stat().st_size > 10000
