#!/usr/bin/env python3
"""What each idea is worth: net2c built anew with one of them switched off, the networks timed side by side.

    python bench/ablation.py [--networks NAME ...] [--threads 1 2] [--rounds 3] [--ideas NAME ...]

Each variant is built of a copy of the sources in which some lines are others; its outputs must be those with all ideas within 1e-4 of the range.
Prints a table for docs/performance.md: median time without the idea / with all of them, least of the rounds. Results stand in
build/ablation/results.json after each measurement: stop it whenever you like, the same command goes on. A variant whose program, or a
network whose model, has changed is measured anew. Use a machine on which nothing else computes."""
import argparse
import hashlib
import json
import math
import os
import pathlib
import shutil
import subprocess
import sys

import numpy
import onnx

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples/networks"))
from network import example_input  # noqa: E402
from write import write  # noqa: E402

WORK = ROOT / "build" / "ablation"
NETWORKS = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "squeezenet_1_1", "googlenet", "inception_v3", "resnet_50", "yolo_v2", "slim_style"]
LIMIT = 1e-4

# idea: (file, what it says, what it says without the idea) ...
IDEAS = {
    "all": [],
    "Winograd": [("compiler/lower/winograd.cpp", "  if (!a) return {};\n", "  return {};\n")],
    "filters ahead": [("kernels/winograd/winograd.h",
                       "    NET2C_UNROLL for (int n = 0; n < most; ++n) prefetch8(net2c_weights_at(wc, (taps * 6 + n) * tap, H));", "    (void)most;")],
    "filters by parts": [("compiler/lower/winograd.cpp", "s.rows * t.columns > NET2C_WINOGRAD_BLOCK ? depth", "true ? depth")],
    "two pairs a product": [("kernels/winograd/product.h", "NET2C_TILE_BLOCKS == 4 ? pairs : 1;", "1;")],
    "outputs ahead": [("kernels/winograd/winograd.h", "            for (int l = 0; l < M * 8 * S; l += 16) prefetch8(o.y + 2 * M * 8 * S + h * t->y_block + k * o.y_row + l);\n",
                       "            (void)k;\n")],
    "strips of tiles in L2": [("compiler/lower/winograd.cpp", "  return std::clamp<int64_t>(rows, 1, all_rows);", "  return (void)rows, all_rows;")],
    "tiles of 32 channels": [("kernels/conv/conv.h", "NET2C_TILE_BLOCKS == 4 && left >= 4 && left != 5 ? 4 : ", "")],
    "next weights into L2": [("kernels/conv/tile.h",
                              "          if (L == 8) prefetch8_l2(ahead), prefetch8_l2(ahead + 16), ahead += 32;\n", "          (void)ahead;\n")],
    "Strassen": [("compiler/lower/strassen.cpp", "is_faster(s) ? Method::strassen : Method::direct", "Method::direct")],
    "lines": [("kernels/conv/conv.h", "const int has_lines = L == 8 &&", "const int has_lines = 0 && L == 8 &&")],
    "dense panels side by side": [("kernels/dense/dense.h", "panels = r1 - r0 > 1 ? 1 : ", "panels = 1 ? 1 : ")],
    "depthwise by pairs": [("kernels/depthwise/depthwise.h", "#if NET2C_VW == 16\n  const struct net2c_depthwise_pairs p", "#if 0\n  const struct net2c_depthwise_pairs p")],
    "hard swish in one pass": [("kernels/conv/tile.h", "  if (t->act == NET2C_ACT_HARD_SWISH && ", "  if (0 && "),
                               ("kernels/depthwise/depthwise.h", "  const int swish = a->act == NET2C_ACT_HARD_SWISH && ", "  const int swish = 0 && ")],
    "chains by strips": [("compiler/lower/lower.cpp", "  cut_into_strips(recipe);\n", "")],
    "instance norms in parts": [("compiler/lower/lower.cpp", "  split_norms(recipe, wants.uses);\n", "")],
    "pools in strips": [("compiler/lower/strips.cpp", 'family_of(step) == "pool") {\n    const auto a', 'family_of(step) == "pool" && false) {\n    const auto a')],
    "strides moved": [("compiler/optimise/pipeline.cpp", '    {"move_strides", move_strides},', "    // ")],
    "sums fused": [("compiler/optimise/pipeline.cpp", '    {"fuse_residual", fuse_residual},\n', "")],
    "activations fused": [("compiler/optimise/pipeline.cpp", '    {"fuse_activation", fuse_activation},', "    // ")],
    "norms and scales folded": [("compiler/optimise/pipeline.cpp", '    {"fold_affine", fold_affine},', "    // ")],
    "concat in place": [("compiler/lower/move.cpp", "if (whole_blocks(channel, n, all)) w.part_of", "if (false && whole_blocks(channel, n, all)) w.part_of")],
    "AVX-512": [],  # an option of the run
}


def call(command, what, **more):
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)
    if done.returncode:
        sys.exit(f"ablation: {what}:\n{(done.stdout + done.stderr)[-3000:]}")
    return done.stdout


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def edited(name, text, edits):
    """A file's bytes without the idea."""
    for file, old, new in edits:
        if file == name:
            if text.count(old.encode()) != 1:
                sys.exit(f"ablation: {file} does not say '{old.strip()}' once: mend 'IDEAS' in bench/ablation.py")
            text = text.replace(old.encode(), new.encode())
    return text


def build(idea, edits):
    """Its net2c. All are built in one tree, where what is the same as before keeps its time: only what the two ideas touch is compiled."""
    tree, program = WORK / "tree", WORK / idea.replace(" ", "_") / "net2c"
    for name in filter(None, call(["git", "ls-files", "-z"], "no list of files", cwd=ROOT).split("\0")):
        if not (ROOT / name).is_file():
            continue
        text, to = edited(name, (ROOT / name).read_bytes(), edits), tree / name
        if not to.exists() or to.read_bytes() != text:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(text)
    for command in (["cmake", "-S", tree, "-B", tree / "build", "-G", "Ninja", "-DNET2C_TESTS=OFF"], ["ninja", "-C", tree / "build", "net2c"]):
        call(command, f"without {idea}")
    program.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(tree / "build" / "net2c", program)
    return program


def options_of(idea):
    return ["--isa", "avx2"] if idea == "AVX-512" else []


def outputs(program, idea, model):
    """[its outputs], of a seeded input that is the same for all."""
    folder, values = WORK / "outputs", WORK / "input.npy"
    for path in folder.glob("*.npy"):
        path.unlink()
    info = onnx.load(model, load_external_data=False).graph.input[0]
    numpy.save(values, example_input(info, seed=3))
    call([program, "run", model, "--input", f"{info.name}={values}", "--output", folder, "--engine", "native", *options_of(idea)],
         f"{model.name} without {idea}")
    return [numpy.load(path) for path in sorted(folder.glob("*.npy"))]


def error(found, expected):
    """Of the largest output's magnitude, the largest of all outputs."""
    if [y.shape for y in found] != [y.shape for y in expected]:
        return math.inf
    return max(float(numpy.abs(y.astype(numpy.float64) - e).max() / numpy.abs(e).max()) for y, e in zip(found, expected))


def measure(program, idea, model, threads):
    text = call(["taskset", "-c", "1" if threads == 1 else f"0-{threads - 1}", program, "bench", model, "--threads", threads, "--json", *options_of(idea)],
                f"{model.name} without {idea}")
    return json.loads(text.splitlines()[-1])["median_ms"]


class Results:
    """What was measured, by machine; each run names its program and model by their bytes."""

    def __init__(self, path):
        self.path = path
        with open("/proc/cpuinfo") as info:
            machine = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), "unknown CPU")
        self.data = dict(machine=f"{machine}, {os.cpu_count()} CPUs", runs=[], errors=[])
        if path.exists() and (old := json.loads(path.read_text())).get("machine") == self.data["machine"]:
            self.data = old

    def find(self, kind, **key):
        return next((r for r in self.data[kind] if key.items() <= r.items()), None)

    def add(self, kind, **run):
        self.data[kind].append(run)
        part = self.path.with_name(self.path.name + "-part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(self.data, indent=1) + "\n")
        part.replace(self.path)


def table(times):
    """Markdown of {idea: {network: ms}}, a row an idea: how many times as long without it."""
    networks = list(times["all"])
    rows = [["", *networks, "geometric mean"], ["---"] * (len(networks) + 2), ["ms with all", *(f"{times['all'][n]:.2f}" for n in networks), ""]]
    for idea, each in times.items():
        if idea != "all":
            ratios = [each[n] / times["all"][n] for n in networks]
            rows.append([f"without {idea}", *(f"{r:.3f}" for r in ratios), f"{math.exp(sum(map(math.log, ratios)) / len(ratios)):.3f}"])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def check(programs, idea, network, model, results):
    """That the variant is right where it is timed."""
    key = dict(idea=idea, network=network, program=digest(programs[idea]), against=digest(programs["all"]), model=digest(model))
    if not (known := results.find("errors", **key)):
        expected = outputs(programs["all"], "all", model)
        results.add("errors", **key, error=error(outputs(programs[idea], idea, model), expected))
        known = results.find("errors", **key)
    if not known["error"] <= LIMIT:
        sys.exit(f"ablation: {network} without {idea} differs by {known['error']:.2g} of the range (limit {LIMIT:g}): its edit breaks more than the idea")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--ideas", nargs="+", default=list(IDEAS), choices=list(IDEAS))
    options = parser.parse_args()
    ideas = ["all"] + [i for i in options.ideas if i != "all"]
    if "AVX-512" in ideas and "avx512f" not in pathlib.Path("/proc/cpuinfo").read_text():
        ideas.remove("AVX-512")
    models = {name: pathlib.Path(write(name, ROOT / "build/networks")) for name in options.networks}
    results, programs = Results(WORK / "results.json"), {}
    for idea in ideas:
        print(f"building {'with all' if idea == 'all' else f'without {idea}'}", flush=True)
        programs[idea] = build(idea, IDEAS[idea]) if IDEAS[idea] or idea == "all" else programs["all"]
        for network, model in models.items() if idea != "all" else ():
            check(programs, idea, network, model, results)
    for threads in options.threads:
        times = {idea: {} for idea in ideas}
        for network, model in models.items():
            for turn in range(options.rounds):
                for idea in ideas:
                    key = dict(idea=idea, network=network, threads=threads, round=turn, program=digest(programs[idea]), model=digest(model))
                    if not (known := results.find("runs", **key)):
                        results.add("runs", **key, median_ms=measure(programs[idea], idea, model, threads))
                        known = results.find("runs", **key)
                    times[idea][network] = min(times[idea].get(network, math.inf), known["median_ms"])
            print(f"{network}: {', '.join(f'{idea} {ms[network]:.2f}' for idea, ms in times.items())}", flush=True)
        print(f"\n{threads} thread{'s' if threads > 1 else ''}, {results.data['machine']}\n\n{table(times)}\n", flush=True)


if __name__ == "__main__":
    main()
