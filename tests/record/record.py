#!/usr/bin/env python3
"""`make record`: for each of six networks, a committed file of what net2c chose for every layer and of how many instructions one run
of its bundle takes (AVX2, one thread). Without --update: compares, and fails where they differ. A change that makes a network slower
or larger so shows in its own diff. No clock is read: the same sources and compiler give the same numbers, whatever the machine does."""
import argparse
import itertools
import json
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "examples/networks"), str(ROOT / "tests/python")]
from engines import net2c  # noqa: E402
from write import write  # noqa: E402

NETWORKS = ("mobilenet_v1", "mobilenet_v2", "squeezenet_1_1", "resnet_50", "googlenet", "slim_style")
COLUMNS = ("layer", "kernel", "steps", "chunks", "output", "MACs", "instructions")
# By how much instructions may differ: two builds by one compiler give the same number, its minor releases not quite.
TOTAL, STEP, FEW = 0.005, 0.02, 1000
COMPILER = ["ccache", "gcc"] if shutil.which("ccache") else ["gcc"]


def call(*command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **more)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\nexit {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout


def compiler():
    return "gcc " + call("gcc", "-dumpversion").split(".")[0].strip()


def why_not_counted(recorded=None):
    """Why this machine cannot count instructions that are to be compared with these; None: it can."""
    if platform.machine() not in ("x86_64", "AMD64") or not {"avx2", "fma"} <= set(pathlib.Path("/proc/cpuinfo").read_text().split()):
        return "this CPU has no AVX2"
    for tool in ("gcc", "valgrind"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if recorded and recorded["compiler"] != compiler():
        return f"they were recorded with {recorded['compiler']}, this is {compiler()}"
    return None


def counted(bundle, fused=False):
    """Instructions of each step, and of what is left. fused: with the fused multiply-adds, 40 times slower."""
    # valgrind computes fused multiply-adds in software. What is computed does not decide what runs, so additions stand in for
    # them, one for one and as long: the assembler's padding stays the same.
    assembly = bundle / "net_avx2.s"
    call(*COMPILER, "-O2", "-S", "net_avx2.c", "-o", assembly.name, cwd=bundle)
    if not fused:
        assembly.write_text(re.sub(r"\bvfn?m(?:add|sub)(?:132|213|231)([ps][sd])\b", r"{vex3} vadd\1", assembly.read_text()))
    call("gcc", "-O2", "-I.", "net.c", assembly.name, HERE / "count.c", "-o", "count", "-pthread", "-Wl,-z,now", cwd=bundle)
    for part in bundle.glob("counts*"):
        part.unlink()
    call("valgrind", "--tool=callgrind", "--toggle-collect=net_run", "--toggle-collect=after_step", "--callgrind-out-file=counts", "./count", "net.weights", cwd=bundle)
    counts = {}
    for part in bundle.glob("counts.*"):
        text = part.read_text()
        counts[re.search(r"Client Request: (\w+)", text)[1]] = int(re.search(r"^summary: (\d+)", text, re.MULTILINE)[1])
    rest = counts.pop("rest")
    return [counts[str(step)] for step in range(len(counts))], rest


def measured(name, count=True):
    """The network's record as of now; count=False: without instructions."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = pathlib.Path(folder)
        net2c("compile", write(name, ROOT / "build/networks"), "-o", bundle, "--isa", "avx2", "--name", "net")
        facts = json.loads((bundle / "net.json").read_text())
        size, = facts["sizes"]
        instructions, rest = counted(bundle) if count else ([None] * len(size["steps"]), None)
    assert len(instructions) == len(size["steps"])
    record = {"weights": facts["weights_bytes"], "arena": sum(size["arena_bytes"].values()), "steps": len(size["steps"])}
    if count:
        record |= {"compiler": compiler(), "instructions": sum(instructions) + rest}
    rows = {}  # the strips of a layer are one row
    for step, number in zip(size["steps"], instructions):
        row = rows.setdefault((step["layer"], step["kernel"]), dict.fromkeys(COLUMNS, 0) | {"output": "-"})
        row["layer"], row["kernel"] = step["layer"], step["kernel"]
        row["steps"] += 1
        row["chunks"] += step["chunks"]
        row["MACs"] += step["macs"]
        row["instructions"] = row["instructions"] + number if count else None
        for output in step["outputs"]:
            row["output"] = "x".join(map(str, output["shape"]))
    return record | {"rows": list(rows.values())}


def shown(value):
    return f"{value:,}" if isinstance(value, int) else str(value)


def table(rows, left):
    """Lines of aligned columns; the first `left` columns and those of words to the left."""
    cells = [[shown(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells)]
    return ["  ".join(cell.ljust(w) if i in left else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip() for row in cells]


def text_of(name, record):
    """The file. Read by people in diffs."""
    facts = [(key, value) for key, value in record.items() if key != "rows"]
    steps = [COLUMNS, *([row[c] for c in COLUMNS] for row in record["rows"])]
    return "\n".join([f"# {name}: written by `make record`, read by tests/python/test_record.py", *table(facts, (0,)), "", *table(steps, (0, 1, 4)), ""])


def parsed(text):
    number = lambda word: int(word.replace(",", "")) if re.fullmatch(r"[\d,]+", word) else word  # noqa: E731
    facts, rows = text.split("\n\n", 1)
    record = {key: number(value) for key, value in (line.split(maxsplit=1) for line in facts.splitlines()[1:])}
    header, *rows = (line.split() for line in rows.splitlines())
    return record | {"rows": [dict(zip(header, map(number, row))) for row in rows]}


def file_of(name):
    return HERE / f"{name}.txt"


def recorded(name):
    return parsed(file_of(name).read_text()) if file_of(name).exists() else None


def differences(old, new):
    """[(layer, kernel, what, recorded, now)] of two records; instructions only where both have them, and beyond the tolerance."""
    found = []

    def compare(layer, kernel, what, a, b, tolerance=0.0, few=0):
        if a is not None and b is not None and (a != b if isinstance(a, str) else abs(b - a) > max(tolerance * a, few)):
            found.append((layer, kernel, what, a, b))

    for what in ("weights", "arena", "steps"):
        compare("(all)", "", what, old[what], new[what])
    compare("(all)", "", "instructions", old.get("instructions"), new.get("instructions"), TOTAL)
    for layer in dict.fromkeys(row["layer"] for row in old["rows"] + new["rows"]):
        before, after = ({row["kernel"]: row for row in record["rows"] if row["layer"] == layer} for record in (old, new))
        pairs = [(before.pop(kernel), after.pop(kernel)) for kernel in list(before) if kernel in after]
        for a, b in itertools.chain(pairs, itertools.zip_longest(before.values(), after.values(), fillvalue=None)):
            a, b = a or {"kernel": "none"}, b or {"kernel": "none"}
            for what in COLUMNS[1:-1]:
                compare(layer, b["kernel"], what, a.get(what), b.get(what))
            compare(layer, b["kernel"], "instructions", a.get("instructions"), b.get("instructions"), STEP, FEW)
    return found


def report(name, found):
    """What pytest and people see of the differences."""
    ratio = lambda a, b: f"{b / a:.3f}" if isinstance(a, int) and isinstance(b, int) and a else ""  # noqa: E731
    rows = [("layer", "kernel", "what", "recorded", "now", "ratio"), *((*row, ratio(*row[3:])) for row in found)]
    return "\n".join([f"{name} differs from {file_of(name).relative_to(ROOT)}. If that is meant: `make record` (half a minute), and commit what it writes.",
                      *("  " + line for line in table(rows, (0, 1, 2)))])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", nargs="*", choices=[[], *NETWORKS], help="default: all six")
    parser.add_argument("--update", action="store_true", help="writes the files anew")
    options = parser.parse_args()
    different = 0
    for name in options.networks or NETWORKS:
        started, old = time.monotonic(), recorded(name)
        if options.update and (reason := why_not_counted()):
            sys.exit(f"record: instructions cannot be counted here: {reason}")
        reason = None if options.update else why_not_counted(old)
        new = measured(name, count=not reason)
        found = differences(old, new) if old else [("(all)", "", "record", "none", "one")]
        different += bool(found)
        if found and (old or not options.update):
            print(report(name, found))
        if options.update:
            file_of(name).write_text(text_of(name, new))
        counts = f"{new['instructions']:,} instructions" if not reason else f"instructions not counted: {reason}"
        state = "written" if options.update else "differs" if found else "as recorded"
        print(f"{name:<15} {state}, {counts}, {time.monotonic() - started:.1f} s", flush=True)
    sys.exit(different > 0 and not options.update)


if __name__ == "__main__":
    main()
