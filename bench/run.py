#!/usr/bin/env python3
"""`make bench`: net2c against the peers, fp32, on the example networks. A fresh process for every engine, network, number of
threads and round; engines interleaved, their order rotated each round. Outputs are checked before anything is timed."""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys

import numpy
import onnx

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples/networks"))
from network import example_input, session  # noqa: E402
from write import NETWORKS, write  # noqa: E402

WORK = ROOT / "build/bench"
USUAL = ["mobilenet_v1", "mobilenet_v2", "squeezenet_1_1", "resnet_50", "slim_style"]
LIMIT = 1e-4  # of our largest output; a peer's error is only printed
FIGURES = ("min_ms", "median_ms", "p90_ms", "cold_ms", "load_ms", "first_ms", "peak_rss_mb", "gflops", "peak_gflops", "percent_of_peak")
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("OPENBLAS_", "OMP_"))}


def call(command, threads=2):
    """What a command prints, run on CPU 1, or on CPUs 0 to threads - 1."""
    cpus = "1" if threads == 1 else f"0-{threads - 1}"
    done = subprocess.run(["taskset", "-c", cpus, *map(str, command)], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode:
        sys.exit(f"bench: {' '.join(map(str, command))}\nexit {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


class Net2c:
    """The compiled bundle in a process of its own; compiling is cached and not counted."""

    name = "net2c"

    def output(self, network):
        folder = WORK / "net2c" / network.name
        call([ROOT / "build/net2c", "run", network.model, "--input", f"{network.input}={network.values}", "--output", folder, "--engine", "native"])
        return numpy.load(folder / "output.npy")

    def measure(self, network, threads, seconds):
        return json.loads(call([ROOT / "build/net2c", "bench", network.model, "--threads", threads, "--json"], threads))


class Peer:
    """An engine of peers.py, in the peers' venv."""

    def __init__(self, name):
        self.name = name

    def command(self, network, threads, seconds):
        return [ROOT / ".venv-bench/bin/python", ROOT / "bench/peers.py", self.name, network.model, network.values, threads, seconds]

    def output(self, network):
        path = WORK / f"{network.name}.{self.name}.npy"
        call([*self.command(network, 2, 0), path])
        return numpy.load(path)

    def measure(self, network, threads, seconds):
        return json.loads(call(self.command(network, threads, seconds), threads))


ENGINES = {"net2c": Net2c(), "onnxruntime": Peer("onnxruntime")}


class Network:
    def __init__(self, name):
        self.name, self.model = name, write(name, ROOT / "build/networks")
        model = onnx.load(self.model)
        self.input = model.graph.input[0].name
        self.values = WORK / f"{name}.npy"
        x = example_input(model.graph.input[0], seed=3)
        numpy.save(self.values, x)
        self.expected = session(model).run(None, {self.input: x})[0]


def check(network, engines):
    """{engine: largest error, in the expected output's largest magnitude}."""
    errors = {}
    for engine in engines:
        y = engine.output(network)
        if y.shape != network.expected.shape:
            sys.exit(f"bench: {engine.name} gives {y.shape} on {network.name}, {network.expected.shape} is right")
        errors[engine.name] = float(numpy.abs(y - network.expected).max() / numpy.abs(network.expected).max())
    if not errors.get("net2c", 0) <= LIMIT:
        sys.exit(f"bench: net2c is off by {errors['net2c']:.2g} on {network.name}: not timed")
    return errors


def machine():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown CPU")
    return f"{model}, {os.cpu_count()} CPUs"


def table(results, engines):
    ours = "net2c"
    racing = any(e.name == ours for e in engines)
    others = [e.name for e in engines if e.name != ours] if racing else []
    print(f"{'network':<19}{'threads':>8}" + "".join(f"{e.name:>14} ms (min, p90)   cold" for e in engines) +
          "".join(f"{e + ' / ours':>20}" for e in others) + (f"{'GFLOP/s':>9}{'of peak':>9}" if racing else "") + f"{'error':>10}")
    for row in results:
        line = f"{row['network']:<19}{row['threads']:>8}"
        for s in (row["engines"][e.name] for e in engines):
            spread = f"({s['min_ms']:.1f}, {s['p90_ms']:.1f})"
            line += f"{s['median_ms']:>14.2f} {spread:<16}{s['cold_ms']:>7.1f}"
        line += "".join(f"{row['engines'][e]['median_ms'] / row['engines'][ours]['median_ms']:>19.2f}x" for e in others)
        if racing:
            line += f"{row['engines'][ours]['gflops']:>9.1f}{row['engines'][ours]['percent_of_peak']:>7.0f} %"
        print(line + f"{max(row['errors'].values()):>10.1e}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--networks", nargs="+", choices=[*NETWORKS, "all"], default=USUAL)
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=1.0, help="at least this long, and ten runs, a measurement")
    parser.add_argument("--json", type=pathlib.Path, default=WORK / "results.json")
    options = parser.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    engines = [ENGINES[e] for e in options.engines]
    print(f"{machine()}; medians of {options.rounds} rounds; cold: other memory was written over the caches before each run; peak: multiply-adds in registers", flush=True)

    results = []
    for name in NETWORKS if "all" in options.networks else options.networks:
        network = Network(name)
        errors = check(network, engines)
        for threads in options.threads:
            rounds = {e.name: [] for e in engines}
            for turn in range(options.rounds):
                for engine in engines[turn % len(engines):] + engines[: turn % len(engines)]:
                    rounds[engine.name].append(engine.measure(network, threads, options.seconds))
            summary = {e: {key: (min if key == "min_ms" else statistics.median)(r[key] for r in found)
                           for key in FIGURES if key in found[0]} for e, found in rounds.items()}
            results.append(dict(network=name, threads=threads, engines=summary, errors=errors, rounds=rounds))
            print(f"  {name}, {threads} threads: " + ", ".join(f"{e} {s['median_ms']:.2f} ms" for e, s in summary.items()), flush=True)
    print()
    table(results, engines)
    options.json.write_text(json.dumps(dict(machine=machine(), results=results), indent=1) + "\n")


main()
