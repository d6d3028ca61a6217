"""One bundle, many systems: its example passes its self-test on them, or its C becomes an object where nothing here runs it.
-O0 and the portable kernels in `make test`; the fast ones, and Windows, in `make test-all`."""
import os
import pathlib
import re
import shutil
import subprocess

import numpy
import onnx
import pytest
from harness import ROOT, net2c
from onnx import TensorProto, helper, numpy_helper
from test_same_bits import isas_here

FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
QUICK = ["-O0", "-DNET_UNOPTIMISED"]
WINE = shutil.which("wine64", path=os.environ["PATH"] + ":/usr/lib/wine") or "wine64"  # Debian keeps it out of the path
ARM64 = ["qemu-aarch64", "-L", "/usr/aarch64-linux-gnu"]
COMPILERS = {  # how to compile and link, how to run, what kernels the CPU may have
    "armhf gcc": (["arm-linux-gnueabihf-gcc", "-pthread"], ["qemu-arm", "-L", "/usr/arm-linux-gnueabihf"], ["portable"]),
    "arm64 gcc": (["aarch64-linux-gnu-gcc", "-pthread"], ARM64, ["portable", "neon"]),
    "arm64 clang": (["clang-19", "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-pthread"], ARM64, ["portable", "neon"]),
    "windows gcc": (["x86_64-w64-mingw32-gcc"], [WINE], ["portable", "avx2", "avx512"]),
    "windows clang": (["clang-19", "--target=x86_64-w64-mingw32"], [WINE], ["portable", "avx2", "avx512"]),
}
OBJECTS = ["arm64-apple-ios11.0", "aarch64-linux-android24", "armv7-linux-androideabi21", "arm64-apple-macos11", "x86_64-apple-macos11",
           "x86_64-pc-windows-msvc", "aarch64-pc-windows-msvc"]
BARE = ["-ffreestanding", "-nostdlibinc", "-fno-stack-protector", "-DNET_FREESTANDING"]  # without the system's headers


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


def needs(system):
    tools = COMPILERS[system][0][0], COMPILERS[system][1][0], *(["x86_64-w64-mingw32-gcc"] if "windows" in system else [])
    missing = [tool for tool in tools if not shutil.which(tool)]
    if missing:
        pytest.skip(f"no {' and no '.join(missing)} here")


def build(system, bundle, program, *flags):
    subprocess.run([*COMPILERS[system][0], *FLAGS, *flags, *map(str, sorted(bundle.glob("*.c"))), "-o", program], check=True)


def self_test(system, program, *options):
    """Two threads, as the system's own pool is then tested too."""
    environment = os.environ | {"WINEDEBUG": "-all", "WINEPREFIX": str(pathlib.Path(program).parent.parent / "wine")}
    done = subprocess.run([*COMPILERS[system][1], program, "--self-test", "--verify", "--threads", "2", *options], capture_output=True, text=True,
                          timeout=300, env=environment)
    assert done.returncode == 0 and "self-test: passed" in done.stdout and "weights: whole" in done.stdout, (done.returncode, done.stdout, done.stderr)


def some(systems, quick):
    return [pytest.param(s, marks=[] if s in quick else [pytest.mark.long]) for s in systems]


@pytest.mark.parametrize("system", some(COMPILERS, ["armhf gcc"]))
def test_portable(system, bundles, tmp_path):
    needs(system)
    build(system, bundles / "portable", tmp_path / "example.exe", *QUICK)
    self_test(system, tmp_path / "example.exe", "--weights", bundles / "portable/net.weights", "--isa", "portable")


@pytest.mark.long
@pytest.mark.parametrize("form", ["all", "single"])
@pytest.mark.parametrize("system", COMPILERS)
def test_every_kernel(system, form, bundles, tmp_path):
    """As docs/bundle.md says to compile it."""
    needs(system)
    build(system, bundles / form, tmp_path / "example.exe", "-O2", *(["-DNET_EXAMPLE"] if form == "single" else []))
    for isa in COMPILERS[system][2]:
        if "windows" in system and isa not in ["portable", *isas_here()]:
            continue
        self_test(system, tmp_path / "example.exe", "--isa", isa, *(["--weights", bundles / "all/net.weights"] if form == "all" else []))


@pytest.mark.long
@pytest.mark.parametrize("link", ["OFF", "ON"])
def test_cmake_for_windows(link, bundles, tmp_path):
    needs("windows gcc")
    subprocess.run(["cmake", "-S", bundles / "all", "-B", tmp_path, "-DCMAKE_SYSTEM_NAME=Windows", "-DCMAKE_C_COMPILER=x86_64-w64-mingw32-gcc",
                    f"-Dnet_LINK_WEIGHTS={link}"], check=True)
    subprocess.run(["cmake", "--build", tmp_path, "--parallel", "2"], check=True)
    self_test("windows gcc", tmp_path / "net_example.exe", *(["--weights", bundles / "all/net.weights"] if link == "OFF" else []))


@pytest.mark.long
@pytest.mark.parametrize("kernels", [p.name for p in (ROOT / "kernels/isa").glob("avx*.c")])
def test_windows_stack(kernels, tmp_path):
    """Windows aligns the stack to 16 bytes and gcc cannot align it further there: no wider vector may be spilled by an
    aligned move. All kernels, as a network may need any."""
    needs("windows gcc")
    subprocess.run(["x86_64-w64-mingw32-gcc", "-std=c11", "-O2", f"-I{ROOT}", "-c", ROOT / "kernels/isa" / kernels, "-o", tmp_path / "o"], check=True)
    lines = subprocess.run(["x86_64-w64-mingw32-objdump", "-d", "--no-show-raw-insn", tmp_path / "o"], capture_output=True, text=True,
                           check=True).stdout.splitlines()
    spills = [line for line in lines if re.search(r"\bvmov.*%[yz]mm.*\(%r[sb]p\)|\bvmov.*\(%r[sb]p\).*%[yz]mm", line)]
    assert len(spills) > 100, "the pattern finds nothing"
    assert not [line for line in spills if re.search(r"vmov(ap|dqa|ntp|ntdq)", line)]


@pytest.mark.parametrize("target", some(OBJECTS, OBJECTS[:2]))
def test_objects(target, bundles, tmp_path):
    if not shutil.which("clang-19"):
        pytest.skip("no clang-19 here")
    subprocess.run(["clang-19", f"--target={target}", *FLAGS, *QUICK, *BARE, "-c", bundles / "single/net.c", "-o", tmp_path / "net.o"], check=True)
    assert (tmp_path / "net.o").stat().st_size > 10000


@pytest.mark.long
def test_webassembly(bundles, tmp_path):
    """Nothing but the bundle: no libc, no threads, the memory that it is given."""
    if not shutil.which("clang-19") or not shutil.which("wasm-ld-19"):
        pytest.skip("no clang-19 and lld-19 here")
    (tmp_path / "check.c").write_text("""
        #include "net.h"
        static _Alignas(64) char arena[NET_ARENA_BYTES(1)];
        static _Alignas(64) char scratch[NET_SELF_TEST_BYTES];
        int check(void)
        {
          struct net_options options = NET_OPTIONS;
          struct net net;
          options.arena = arena, options.arena_bytes = sizeof arena;
          const int error = net_open(&net, &options);
          return error ? error : net_self_test(&net, scratch);
        }
""")
    subprocess.run(["clang-19", "--target=wasm32", *FLAGS, "-O2", *BARE, "-DNET_MEMORY_FUNCTIONS", "-nostdlib", "-fuse-ld=/usr/bin/wasm-ld-19",
                    "-Wl,--no-entry,--export=check", f"-I{bundles / 'single'}", tmp_path / "check.c", bundles / "single/net.c",
                    "-o", tmp_path / "net.wasm"], check=True)
    if not shutil.which("node"):
        pytest.skip("no node here to run it")
    done = subprocess.run(["node", "-e", "WebAssembly.instantiate(require('fs').readFileSync(process.argv[1]))"
                                         ".then(m => console.log('error', m.instance.exports.check()))", tmp_path / "net.wasm"],
                          capture_output=True, text=True, timeout=300)
    assert done.stdout == "error 0\n", (done.stdout, done.stderr)
