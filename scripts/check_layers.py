#!/usr/bin/env python3
"""The import order: a compiler folder includes only what stands before it; kernels/ and runtime/ know no compiler."""
import pathlib
import re
import sys

ORDER = ["base", "graph", "ops", "import", "export", "optimise", "plan", "lower", "execute", "emit", "driver", "cli"]
KERNELS, RUNTIME = {"kernels"}, {"kernels", "runtime"}
root = pathlib.Path(__file__).resolve().parent.parent
wrong = []
for path in sorted(p for top in ("compiler", "kernels", "runtime") for p in (root / top).rglob("*") if p.suffix in {".c", ".h", ".cpp", ".def"}):
    top, folder = path.relative_to(root).parts[:2]
    if top == "compiler" and folder not in ORDER:
        wrong.append(f"{path.relative_to(root)}: folder '{folder}' has no place in the order of scripts/check_layers.py")
        continue
    allowed = {"compiler": set(ORDER[: ORDER.index(folder) + 1]) | RUNTIME if top == "compiler" else set(),
               "kernels": KERNELS, "runtime": RUNTIME}[top]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        include = re.match(r'\s*#\s*include\s+"([^"/]+)/', line)
        if include and include[1] not in allowed:
            wrong.append(f"{path.relative_to(root)}:{number}: may not include {include[1]}/")
print("\n".join(wrong) or "layers: in order")
sys.exit(bool(wrong))
