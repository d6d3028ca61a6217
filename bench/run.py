#!/usr/bin/env python3
"""`make bench`: net2c against the peers, fp32, on the example networks."""
import argparse
import contextlib
import datetime
import functools
import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

import numpy
import onnx

import report
from process import PYTHON, ROOT, WORK, Failed, call, line_ns, neighbour
from racers import ENGINES, NET2C, errors
from results import OURS, WAYS, Results, slow

sys.path.insert(0, str(ROOT / "examples/networks"))
from network import example_input  # noqa: E402
from write import NETWORKS, write  # noqa: E402

USUAL = ["mobilenet_v1", "mobilenet_v2", "squeezenet_1_1", "resnet_50", "slim_style"]
PEERS = [e for e in ENGINES if e != OURS and e not in WAYS]
USUAL_PEERS = [e for e in PEERS if e != "litert"]  # TensorFlow has to write its models
HELP = """
A fresh process for every engine, network, number of threads and round; engines interleaved, their order rotated each round; one
thread on CPU 1, more on CPUs 0, 1, ... Before a network is timed each engine's output is held against fp64. A peer that
cannot run a network, or takes over five times what the others do, is named with the reason and never ends the race.
Stop it whenever you like: the same command goes on where it was. docs/benchmark.md says how each peer is set.

examples:
  make bench                                                five networks, every peer but LiteRT
  make bench ARGS="--networks all --peers all --rounds 5"   everything
  make bench ARGS="--networks u_net --peers mnn ncnn"
  make bench ARGS="--networks mobilenet_v2 --paced 10 --sustained 20"
  make bench ARGS="--threads 2 --busy"                      two threads, and what a busy neighbour costs each engine
  make bench ARGS="--report"                                only the table and the page, of what was measured
"""


class Network:
    """An example network, its input, and what it should give."""

    def __init__(self, name):
        self.name, self.model = name, write(name, ROOT / "build/networks")
        with open(self.model, "rb") as file:
            self.digest = hashlib.file_digest(file, "sha256").hexdigest()
        info = onnx.load(self.model).graph.input[0]
        self.input, self.values = info.name, WORK / "inputs" / f"{name}.npy"
        self.values.parent.mkdir(parents=True, exist_ok=True)
        numpy.save(self.values, example_input(info, seed=3))

    @functools.cached_property
    def reference(self):
        """Computed once: the file of the expected output, named after what computed it."""
        stem = WORK / "references" / f"{self.name}-{self.digest[:16]}"
        find = lambda: next(stem.parent.glob(stem.name + "*.npy"), None)  # noqa: E731
        if not find():
            stem.parent.mkdir(parents=True, exist_ok=True)
            # A process of its own: it takes gigabytes, which the race must not keep.
            if said := call([sys.executable, ROOT / "bench/reference.py", self.model, self.values, stem]):
                print(f"  {self.name}: {said.strip()}", flush=True)
        return find()

    @functools.cached_property
    def expected(self):
        return numpy.load(self.reference)

    def facts(self):
        figures = json.loads(call([NET2C, "inspect", self.model, "--json"]))
        return dict(gflop=figures["macs"] * 2e-9, model_mb=self.model.stat().st_size / 1e6, reference=self.reference.suffixes[0][1:])


def machine():
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown CPU")
    return f"{model}, {os.cpu_count()} CPUs"


def python_mb():
    """What every peer's process has before its engine: Python with numpy."""
    return float(call([PYTHON, "-c", "import numpy; print(next(int(l.split()[1]) / 1024 for l in open('/proc/self/status') if l.startswith('VmHWM')))"]))


class Progress:
    """Counts measurements, and says how long the rest will take if it is like what was."""

    def __init__(self, count):
        self.left, self.done, self.spent = count, 0, 0.0

    def measured(self, seconds, count=1):
        self.left, self.done, self.spent = self.left - count, self.done + count, self.spent + seconds

    def skipped(self, count=1):
        self.left -= count

    def __str__(self):
        if not self.done or not self.left:
            return f"{self.left} measurements left"
        minutes = self.left * self.spent / self.done / 60
        return f"{self.left} measurements, about {minutes:.0f} min left" if minutes >= 1 else f"{self.left} measurements, under a minute left"


def check(network, engines, record):
    """Every engine's error, or why it does not race here."""
    for engine in engines:
        if engine.name in record["errors"]:
            continue
        try:
            record["errors"][engine.name] = errors(engine, network)
        except Failed as why:
            record["failures"][engine.name] = str(why)
            print(f"  {network.name}: {engine.name}: {why}", flush=True)


def race(network, engines, threads, options, results, record, progress):
    """All rounds of a network with one number of threads."""
    for turn in range(options.rounds):
        line = []
        for engine in engines[turn % len(engines):] + engines[: turn % len(engines)]:
            known = [r for r in record["runs"] if (r["engine"], r["threads"], r["round"]) == (engine.name, threads, turn)]
            # One round shows that a peer is out of the race.
            if known or engine.name in record["failures"] or engine.name in slow(record, threads):
                progress.skipped()
                continue
            started = time.monotonic()
            try:
                apart = dict(line_ns=line_ns()) if threads > 1 else {}
                figures = engine.measure(network, threads, options.seconds) | apart
            except Failed as why:
                record["failures"][engine.name] = str(why)
                print(f"  {network.name}: {engine.name}: {why}", flush=True)
            else:
                record["runs"].append(dict(figures, engine=engine.name, threads=threads, round=turn))
                line.append(f"{engine.name} {figures['median_ms']:.2f}")
            progress.measured(time.monotonic() - started)
            results.save()
        if line:
            print(f"  {network.name}, {report.plural(threads)}, round {turn + 1}: {', '.join(line)} ms; {progress}", flush=True)


def beside_neighbour(network, engines, threads, options, results, record, progress):
    """All rounds of pairs: without and with a neighbour on CPU 1, the one of several that an engine's threads have."""
    there = record.setdefault("busy", [])
    for turn in range(options.rounds):
        line = []
        for engine in engines[turn % len(engines):] + engines[: turn % len(engines)]:
            known = [b for b in there if (b["engine"], b["threads"], b["round"]) == (engine.name, threads, turn)]
            if known or engine.name in record["failures"] or engine.name in slow(record, threads):
                progress.skipped(2)
                continue
            started, pair = time.monotonic(), {}
            try:
                for key in ("alone", "busy") if turn % 2 == 0 else ("busy", "alone"):
                    with neighbour() if key == "busy" else contextlib.nullcontext():
                        figures = engine.measure(network, threads, options.seconds)
                    pair |= {f"{key}_ms": figures["median_ms"], f"{key}_p90_ms": figures["p90_ms"]}
            except Failed as why:
                record["failures"][engine.name] = str(why)
                print(f"  {network.name}: {engine.name}: {why}", flush=True)
            else:
                there.append(dict(pair, engine=engine.name, threads=threads, round=turn))
                line.append(f"{engine.name} {pair['alone_ms']:.2f} -> {pair['busy_ms']:.2f}")
            progress.measured(time.monotonic() - started, 2)
            results.save()
        if line:
            print(f"  {network.name}, {report.plural(threads)} beside a neighbour, round {turn + 1}: {', '.join(line)} ms; {progress}", flush=True)


def endure(network, threads, options, results, record):
    """Ours 30 times a second with sleep between, and for a long time without."""
    there = record["endurance"].setdefault(str(threads), {})
    wanted = [key for key in ("paced", "sustained") if getattr(options, key) and there.get(key) != getattr(options, key)]
    if not wanted or OURS in record["failures"]:
        return
    try:
        figures = ENGINES[OURS].measure(network, threads, 0, *(word for key in wanted for word in (f"--{key}", getattr(options, key))))
    except Failed as why:
        record["failures"][OURS] = str(why)
        return
    there |= {key: value for key, value in figures.items() if key.startswith(tuple(wanted))} | {key: getattr(options, key) for key in wanted}
    results.save()


def parse():
    parser = argparse.ArgumentParser(description=__doc__, epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", choices=[*NETWORKS, "all"], default=USUAL, metavar="NAME",
                        help=f"of {', '.join(NETWORKS)}; or all (default: {' '.join(USUAL)})")
    parser.add_argument("--peers", nargs="*", choices=[*PEERS, "all"], default=USUAL_PEERS, metavar="NAME",
                        help=f"of {', '.join(PEERS)}; or all; or none: ours alone (default: all but litert, whose converter brings 1.5 GB of TensorFlow)")
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2], metavar="N", help="default: 1 2")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="default: 3; more continue what is there")
    parser.add_argument("--seconds", type=float, default=1.0, metavar="S", help="a measurement runs at least this long, and ten times (default: 1)")
    parser.add_argument("--paced", type=float, default=0, metavar="S", help="ours also so many seconds at 30 runs a second, asleep between them")
    parser.add_argument("--sustained", type=float, default=0, metavar="S", help="ours also so many seconds without a pause: the first second against the last")
    parser.add_argument("--busy", action="store_true",
                        help="every engine's 2 threads and more also beside a program that computes on CPU 1: pairs, without and with it")
    parser.add_argument("--fresh", action="store_true", help="forget what was measured before")
    parser.add_argument("--report", action="store_true", help="measure nothing: print the table and write the page again")
    parser.add_argument("--markdown", action="store_true", help="measure nothing: print what was measured as the documents' table")
    parser.add_argument("--json", type=pathlib.Path, default=WORK / "results.json", metavar="FILE",
                        help="the results; the page beside it ends in .html (default: build/bench/results.json)")
    options = parser.parse_args()
    if not 1 <= min(options.threads) <= max(options.threads) <= os.cpu_count():
        parser.error(f"--threads: this machine has {os.cpu_count()} CPUs")
    if options.busy and max(options.threads) == 1:
        parser.error("--busy: it is for 2 threads or more; one that shares its CPU shows how the system cuts time, not what an engine does")
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    if (options.report or options.markdown) and not options.json.exists():
        parser.error(f"--{'report' if options.report else 'markdown'}: there is no {options.json} yet")
    return options


def run(options):
    peers = PEERS if "all" in options.peers else options.peers
    engines = [e for e in ENGINES.values() if WAYS.get(e.name, e.name) in [OURS, *peers]]
    if "litert" in peers and subprocess.run([ROOT / "scripts/setup", "bench-litert"]).returncode:
        sys.exit("bench: no TensorFlow for LiteRT's models")
    header = dict(machine=machine(), versions={e.name: e.version() for e in ENGINES.values()}, seconds=options.seconds)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    results = Results(options.json, header, options.fresh)
    commands = dict.fromkeys([*filter(None, results.data.get("command", "").split(" && ")), " ".join(["bench/run.py", *sys.argv[1:]])])  # of a race that went on
    results.data |= dict(command=" && ".join(commands), date=datetime.date.today().isoformat(), python_mb=python_mb())
    print(header["machine"] + (f"\n{results.news}" if results.news else ""), flush=True)
    if os.getloadavg()[0] > 0.5:
        print(f"Other programs compute here (load {os.getloadavg()[0]:.1f}): the times will say little", flush=True)
    names = list(NETWORKS) if "all" in options.networks else options.networks
    busy = [threads for threads in options.threads if options.busy and threads > 1]
    progress = Progress(len(names) * (len(options.threads) + 2 * len(busy)) * options.rounds * len(engines))
    for name in names:
        network = Network(name)
        record = results.network(name, network.digest)
        record |= network.facts()
        check(network, engines, record)
        results.save()
        for threads in options.threads:
            race(network, engines, threads, options, results, record, progress)
            endure(network, threads, options, results, record)
            if threads in busy:
                beside_neighbour(network, engines, threads, options, results, record, progress)
        print(report.network_table(results.data, name), flush=True)
    return results.data


def main():
    options = parse()
    if options.markdown:
        return print(report.markdown(json.loads(options.json.read_text())))
    try:
        data = json.loads(options.json.read_text()) if options.report else run(options)
    except KeyboardInterrupt:
        sys.exit("\nbench: stopped; the same command goes on from here")
    except Failed as why:
        sys.exit(f"bench: {why}")
    print(report.overview(data))
    page = options.json.with_suffix(".html")
    page.write_text(report.page(data))
    print(f"\n{options.json}\n{page}")
    if ours := [name for name, record in data["networks"].items() if OURS in record["failures"]]:
        sys.exit(f"bench: net2c failed on {', '.join(ours)}")


if __name__ == "__main__":
    main()
