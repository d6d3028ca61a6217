"""Whole networks have the same bits after every step on every ISA and at any number of threads: executed against emitted by
`net2c diff`, emitted code against itself by the hashes of tests/bundle/hashes.c, NEON under emulation."""
import json
import shutil
import subprocess

import pytest

from harness import ROOT, net2c
from test_networks import CASES

ISAS = {"portable": 1, "avx2": 2, "avx512": 3, "neon": 4}  # the header's numbers
QUICK = ("mnist", "fastestdet")
NETWORKS = [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.long]) for name in CASES]
CLANG_ARM = ["clang-19", "--target=aarch64-linux-gnu", "-fuse-ld=lld", "-static"]


def isas_here():
    flags = set(open("/proc/cpuinfo").read().split())
    if "neon" in flags or "asimd" in flags:
        return ["portable", "neon"]
    avx512 = ["avx512"] if {"avx512f", "avx512vl", "avx512dq", "avx512bw"} <= flags else []
    return ["portable"] + (["avx2"] + avx512 if {"avx2", "fma"} <= flags else [])


def fused():
    """Without fma, portable code rounds twice: another profile."""
    return bool({"fma", "asimd"} & set(open("/proc/cpuinfo").read().split()))


def sized(name):
    """The model, with the size of its case where it has none of its own."""
    model, inputs = CASES[name]()
    return [model, *(["--size", "x".join(map(str, next(iter(inputs.values())).shape[2:]))] if name == "wave_dynamic" else [])]


def hashes(program, weights, isa, threads, emulator=()):
    done = subprocess.run([*emulator, program, weights, str(ISAS[isa]), str(threads)], capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]
    return done.stdout.splitlines()


def assert_same(got, want, what):
    assert len(got) == len(want)
    first = next((f"'{g}' instead of '{w}'" for g, w in zip(got, want) if g != w), None)
    assert first is None, f"{what}: other bits, first in {first}"


@pytest.fixture(scope="module")
def bundle_of(tmp_path_factory):
    made = {}

    def make(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            net2c("compile", *sized(name), "-o", folder, "--name", "bits")
            (folder / "main.c").unlink()
            made[name] = folder
        return made[name]

    return make


def build(compiler, folder, program):
    sources = sorted(str(p) for p in folder.glob("*.c"))
    subprocess.run([*compiler, "-O2", "-I", folder, "-I", ROOT / "tests/bundle", ROOT / "tests/bundle/hashes.c", *sources, "-o", program, "-pthread"],
                   check=True, timeout=300)
    return program


@pytest.mark.parametrize("name", NETWORKS)
def test_emitted_on_every_isa_and_thread_count(name, bundle_of, tmp_path):
    if not fused():
        pytest.skip("this CPU has no fma")
    folder = bundle_of(name)
    weights = folder / "bits.weights"
    program = build(["cc"], folder, tmp_path / "hashes")
    want = hashes(program, weights, "portable", 1)
    assert len(want) > 5
    for isa in isas_here():
        for threads in (1, 2, 3):
            assert_same(hashes(program, weights, isa, threads), want, f"{name}, {isa}, {threads} threads")
    if not (shutil.which("clang-19") and shutil.which("qemu-aarch64") and shutil.which("aarch64-linux-gnu-gcc")):
        pytest.skip("NEON needs clang-19, g++-aarch64-linux-gnu and qemu-user")
    program = build(CLANG_ARM, folder, tmp_path / "hashes_arm")
    for threads in (1, 3):
        assert_same(hashes(program, weights, "neon", threads, ["qemu-aarch64"]), want, f"{name}, neon, {threads} threads")


@pytest.mark.parametrize("name", NETWORKS)
def test_executed_equals_emitted(name):
    model = sized(name)
    for isa in isas_here():
        for threads in (1, 3):
            done = net2c("diff", *model, "--engine", "plan,native", "--isa", isa, "--threads", threads, "--json")
            result = json.loads(done.stdout)
            assert result["same_bits"], f"{name}, {isa}, {threads} threads: " + next(s["value"] for s in result["steps"] if not s["same_bits"])


@pytest.mark.parametrize("name", NETWORKS)
def test_executed_on_every_isa(name):
    if not fused():
        pytest.skip("this CPU has no fma")
    for isa in isas_here()[1:]:
        result = json.loads(net2c("diff", *sized(name), "--engine", "plan", "--isa", f"portable,{isa}", "--threads", 2, "--json").stdout)
        assert result["same_bits"], f"{name}: portable and {isa} differ"
