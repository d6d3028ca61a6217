#!/usr/bin/env python3
"""What each idea is worth: net2c built anew with one of them switched off, the networks timed side by side.

    python bench/ablation.py [--networks NAME ...] [--threads 1 2] [--rounds 3]

Each variant is a copy of the sources in which one line is another. Prints a table: median time without the idea / with all of them;
writes it to build/ablation/results.json. Use a machine on which nothing else computes."""
import argparse
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "ablation"
NETWORKS = ["mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "squeezenet_1_1", "googlenet", "inception_v3", "resnet_50", "yolo_v2", "slim_style"]

# idea: (file, what it says, what it says without the idea) ...
IDEAS = {
    "all": [],
    "Winograd": [("compiler/lower/winograd.cpp", "  if (!a) return {};\n", "  return {};\n")],
    "filters ahead": [("kernels/winograd/winograd.h", "    NET2C_UNROLL for (int n = 0; n < taps; ++n) prefetch8(wc + (taps * 6 + n) * tap);", "    (void)taps;")],
    "filters by parts": [("compiler/lower/winograd.cpp", "s.rows * t.columns > NET2C_WINOGRAD_BLOCK ? depth", "true ? depth")],
    "strides moved": [("compiler/optimise/pipeline.cpp", '    {"move_strides", move_strides},', "    // ")],
    "sums fused": [("compiler/optimise/pipeline.cpp", '    {"fuse_residual", fuse_residual},\n', "")],
    "activations fused": [("compiler/optimise/pipeline.cpp", '    {"fuse_activation", fuse_activation},', "    // ")],
    "scales folded": [("compiler/optimise/pipeline.cpp", '    {"fold_affine", fold_affine},', "    // ")],
    "concat in place": [("compiler/lower/move.cpp", "if (whole_blocks(channel, n, all)) w.part_of", "if (false) w.part_of")],
    "AVX-512": [],
}


def build(idea, edits):
    """Its net2c."""
    tree = WORK / idea.replace(" ", "_")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if not (ROOT / name).is_file():
            continue
        text = (ROOT / name).read_bytes()
        for file, old, new in edits:
            if file == name:
                if text.count(old.encode()) != 1:
                    sys.exit(f"{file} no longer says '{old.strip()}' once: mend 'IDEAS' in bench/ablation.py")
                text = text.replace(old.encode(), new.encode())
        to = tree / name
        if not to.exists() or to.read_bytes() != text:
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(text)
    for command in (["cmake", "-S", tree, "-B", tree / "build", "-G", "Ninja"], ["ninja", "-C", tree / "build", "net2c"]):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"without {idea}:\n{done.stdout[-3000:]}")
    return tree / "build" / "net2c"


def measure(program, idea, network, threads):
    command = ["taskset", "-c", "1" if threads == 1 else "0,1", program, "bench", ROOT / "build" / "networks" / f"{network}.onnx",
               "--threads", str(threads), "--json", *(["--isa", "avx2"] if idea == "AVX-512" else [])]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{network} without {idea}: {done.stderr[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])["median_ms"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    parser.add_argument("--threads", nargs="+", type=int, default=[1])
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--ideas", nargs="+", default=list(IDEAS), choices=list(IDEAS))
    options = parser.parse_args()
    ideas = ["all"] + [i for i in options.ideas if i != "all"]
    if "AVX-512" in ideas and "avx512f" not in pathlib.Path("/proc/cpuinfo").read_text():
        ideas.remove("AVX-512")
    programs = {}
    for idea in ideas:
        if idea != "all" and not IDEAS[idea]:  # an option of the run
            programs[idea] = programs["all"]
            continue
        print(f"building without {idea}" if IDEAS[idea] else "building with all", flush=True)
        programs[idea] = build(idea, IDEAS[idea])
    results = {}
    for threads in options.threads:
        print(f"\n{threads} thread{'s' if threads > 1 else ''}: ms with all, then how many times as long without\n{'network':<20}" +
              "".join(f"{i[:16]:>18}" for i in ideas))
        for network in options.networks:
            times = {i: [] for i in ideas}
            for _ in range(options.rounds):
                for idea in ideas:
                    times[idea].append(measure(programs[idea], idea, network, threads))
            best = {i: min(t) for i, t in times.items()}
            results.setdefault(str(threads), {})[network] = best
            print(f"{network:<20}" + "".join(f"{best[i]:>18.2f}" if i == "all" else f"{best[i] / best['all']:>18.3f}" for i in ideas), flush=True)
        means = {i: math.exp(sum(math.log(r[i] / r["all"]) for r in results[str(threads)].values()) / len(options.networks)) for i in ideas}
        print(f"{'geometric mean':<20}" + "".join(f"{'':>18}" if i == "all" else f"{means[i]:>18.3f}" for i in ideas))
    (WORK / "results.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
