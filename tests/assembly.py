#!/usr/bin/env python3
"""Counts what compilers make of the inner loops: fused multiply-adds, and no store and no spill beside them.

usage: assembly.py [COMPILER...]   (default: gcc, and clang-19 where it is installed)
Compiles the kernels of AVX2 and AVX-512 that have such loops as a bundle does (-O2, no other flag) and reads the assembly. x86-64 only. Exit 1: a loop is worse.
"""
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LABEL = re.compile(r"^(\.L\w+):")
JUMP = re.compile(r"^j\w+\s+(\.L\w+)$")
STORE = re.compile(r"^v?mov\w+\s+%[xyz]mm[^,]+,\s*[-\w]*\(")   # a vector into memory
SPILL = re.compile(r"%[yz]mm.*\(%r[sb]p\b|\(%r[sb]p\b.*%[yz]mm")   # a vector on the stack; an address there costs nothing
# Most pixels of a tile of one, two, ... blocks, as kernels/simd has them.
ISAS = {"avx2": (6, 6, 3), "avx512": (8, 8, 8, 8)}
PRODUCTS = {"avx2": (6,), "avx512": (10, 10)}   # most tiles of a product of Winograd's algorithm, by pairs of blocks

# The instances of the catalogue that are compiled: a third of the time that all take.
KERNELS = re.compile(r"NET2C_FAMILY\(|NET2C_KERNEL\((conv|conv_image|conv_narrow\d|winograd3|depthwise\w*),")
NARROW = {"avx2": (8, 6, 4, 3), "avx512": (8, 8, 6, 5)}   # most vectors of a narrow convolution's tile, by output channels


def functions(text):
    """Name -> instructions and labels, in order."""
    found = {}
    for match in re.finditer(r"^(net2c_\w+):[^\n]*\n(.*?)^\t\.size\t\1,", text, re.S | re.M):
        lines = (line.split("#")[0].strip() for line in match.group(2).split("\n"))
        found[match.group(1)] = [line for line in lines if line and (LABEL.match(line) or not line.startswith("."))]
    return found


def innermost(lines):
    """Loops with multiply-adds in them that hold no other such loop."""
    at = {LABEL.match(line).group(1): i for i, line in enumerate(lines) if LABEL.match(line)}
    spans = [(at[m.group(1)], i) for i, line in enumerate(lines) if (m := JUMP.match(line)) and at.get(m.group(1), i + 1) <= i]
    spans = [(a, b) for a, b in spans if any("fmadd" in line for line in lines[a:b])]
    return [lines[a:b] for a, b in spans if not any((c, d) != (a, b) and a <= c and d <= b for c, d in spans)]


def count(loop):
    code = [line for line in loop if not LABEL.match(line)]
    return {"instructions": len(code), "fma": sum("fmadd" in line for line in code), "stores": sum(bool(STORE.match(line)) for line in code),
            "spills": sum(bool(SPILL.search(line)) for line in code)}


def check(compiler, isa):
    with tempfile.TemporaryDirectory() as folder:
        out, catalogue = pathlib.Path(folder) / "isa.s", pathlib.Path(folder) / "kernels/catalogue.def"
        catalogue.parent.mkdir()
        lines = (ROOT / "kernels/catalogue.def").read_text().splitlines(keepends=True)
        catalogue.write_text("".join(line for line in lines if KERNELS.match(line)))
        subprocess.run([compiler, "-std=c11", "-O2", "-S", f"-I{folder}", f"-I{ROOT}", ROOT / f"kernels/isa/{isa}.c", "-o", out], check=True)
        found = functions(out.read_text())
    wrong = []

    def expect(name, condition, what):
        if not condition:
            wrong.append(f"{compiler}, {isa}: {name}: {what}")

    tiles = [(f"tile_{lanes}", lanes, blocks, pixels) for lanes in (8, 1) for blocks, most in enumerate(ISAS[isa], 1) for pixels in range(1, most + 1)]
    tiles += [("product", 8, 2 * pairs, tiles) for pairs, most in enumerate(PRODUCTS[isa], 1) for tiles in range(1, most + 1)]
    tiles += [("line", 8, blocks, pixels) for blocks, most in enumerate(ISAS[isa], 1) for pixels in (most - 1, most)]
    for what, lanes, blocks, pixels in tiles:
        name = f"net2c_{what}_{blocks // 2 if what == 'product' else blocks}_{pixels}"
        loops = innermost(found.get(name, []))
        expect(name, loops, "no loop found")
        wanted = lanes * (blocks if isa == "avx2" else (blocks + 1) // 2) * pixels
        if isa == "avx512" and blocks == 3:   # two pixels have one vector for the block that stands alone
            wanted -= lanes * (pixels // 2)
        for loop in loops:
            c = count(loop)
            print(f"{compiler:9} {isa:6} {name:28} {c}")
            expect(name, c["fma"] % wanted == 0, f"{c['fma']} multiply-adds in the loop, not {wanted}")
            expect(name, c["stores"] == 0 and c["spills"] == 0, f"{c['stores']} stores and {c['spills']} spills in the loop")
    for channels, most in enumerate(NARROW[isa], 1):
        name = f"net2c_conv_narrow{channels}"
        loops = [count(loop) for loop in innermost(found.get(name, []))]
        expect(name, {c["fma"] for c in loops} >= {channels * vectors for vectors in range(1, most + 1)}, "not one loop a tile")
        for c in loops:
            print(f"{compiler:9} {isa:6} {name:28} {c}")
            expect(name, c["stores"] == 0 and c["spills"] == 0, f"{c['stores']} stores and {c['spills']} spills in the loop")
    for name, least in (("net2c_depthwise_3_1", 36), ("net2c_depthwise_3_2", 36), ("net2c_depthwise_0_1", 8)):
        loops = [count(loop) for loop in innermost(found.get(name, []))]
        dense = max(loops, key=lambda c: (c["fma"], -c["spills"]), default=None)
        expect(name, dense, "no loop found")
        if not dense:
            continue
        print(f"{compiler:9} {isa:6} {name:28} {dense}")
        expect(name, dense["fma"] >= least, f"{dense['fma']} multiply-adds in the densest loop, not {least}")
        expect(name, dense["spills"] == 0, f"{dense['spills']} spills in the densest loop")
    return wrong


def main():
    if platform.machine() not in ("x86_64", "AMD64"):
        print("assembly.py: not an x86-64 machine, nothing checked")
        return 0
    compilers = sys.argv[1:] or [c for c in ("gcc", "clang-19") if shutil.which(c)]
    wrong = [message for compiler in compilers for isa in ISAS for message in check(compiler, isa)]
    for message in wrong:
        print(message, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
