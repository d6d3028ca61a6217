"""What net2c chose for each layer of six networks and how many instructions that takes: as tests/record says, or the change says why."""
import copy
import sys

import pytest

from harness import ROOT, net2c

sys.path.append(str(ROOT / "tests/record"))
import record  # noqa: E402

# Between them nearly all kernels of the six; the others are left to `make test-all`.
QUICK = ("mobilenet_v2", "googlenet", "slim_style")


def compare(name, old, new):
    if found := record.differences(old, new):
        pytest.fail(record.report(name, found), pytrace=False)


@pytest.mark.parametrize("name", record.NETWORKS)
def test_choices(name):
    compare(name, record.recorded(name), record.measured(name, count=False))


@pytest.mark.parametrize("name", [pytest.param(name, marks=[] if name in QUICK else [pytest.mark.long]) for name in record.NETWORKS])
def test_instructions(name):
    old = record.recorded(name)
    if reason := record.why_not_counted(old):
        pytest.skip(f"instructions not counted: {reason}")
    compare(name, old, record.measured(name))


@pytest.mark.parametrize("name", record.NETWORKS)
def test_files_are_as_written(name):
    text = record.file_of(name).read_text()
    assert record.text_of(name, record.parsed(text)) == text, "nobody but `make record` writes these files"


def row(kernel, layer="conv1", **more):
    return {"layer": layer, "kernel": kernel, "steps": 1, "chunks": 8, "output": "1x8x4x4", "MACs": 1000, "instructions": 100000} | more


def totals(*rows, **more):
    return {"weights": 64, "arena": 128, "steps": len(rows), "compiler": "gcc 12", "instructions": 1000000, "rows": list(rows)} | more


OLD = totals(row("winograd_input"), row("winograd3"), row("dense", layer="fc"))


@pytest.mark.parametrize("new, found", [
    (totals(row("winograd_input"), row("winograd3", chunks=9), row("dense", layer="fc")), [("conv1", "winograd3", "chunks", 8, 9)]),
    (totals(row("winograd_input", steps=2), row("winograd3"), row("dense", layer="fc"), steps=4),
     [("(all)", "", "steps", 3, 4), ("conv1", "winograd_input", "steps", 1, 2)]),
    (totals(row("conv", chunks=9), row("dense", layer="fc")),
     [("(all)", "", "steps", 3, 2), ("conv1", "conv", "kernel", "winograd_input", "conv"), ("conv1", "conv", "chunks", 8, 9),
      ("conv1", "none", "kernel", "winograd3", "none")]),
    (totals(*OLD["rows"], row("relu", layer="act"), steps=3), [("act", "relu", "kernel", "none", "relu")]),
    (totals(row("winograd_input"), row("winograd3", instructions=102500), row("dense", layer="fc", instructions=98500)),
     [("conv1", "winograd3", "instructions", 100000, 102500)]),
    (totals(*OLD["rows"], instructions=1005001), [("(all)", "", "instructions", 1000000, 1005001)]),
    (totals(*OLD["rows"], instructions=994999), [("(all)", "", "instructions", 1000000, 994999)]),
    (totals(*OLD["rows"], instructions=1004999), []),
    (totals(*OLD["rows"], arena=192, weights=65), [("(all)", "", "weights", 64, 65), ("(all)", "", "arena", 128, 192)]),
    (totals(row("winograd_input"), row("winograd3", output="1x8x4x5", MACs=1001), row("dense", layer="fc")),
     [("conv1", "winograd3", "output", "1x8x4x4", "1x8x4x5"), ("conv1", "winograd3", "MACs", 1000, 1001)]),
])
def test_what_differs_is_named(new, found):
    assert record.differences(OLD, new) == found
    if found:
        text = record.report("googlenet", found)
        assert all(record.shown(word) in text for line in found for word in line) and "make record" in text


def test_few_instructions_are_no_difference():
    old, new = totals(row("to_plain", instructions=500)), totals(row("to_plain", instructions=1400))
    assert not record.differences(old, new)


def test_other_machines_check_the_choices_only(monkeypatch):
    old = record.recorded("mobilenet_v1")
    monkeypatch.setattr(record, "compiler", lambda: "gcc 99")
    assert record.why_not_counted(old)
    without = copy.deepcopy(old)
    del without["instructions"]
    for line in without["rows"]:
        line["instructions"] = None
    assert not record.differences(old, without)
    without["rows"][3]["chunks"] += 1
    assert [what for _, _, what, _, _ in record.differences(old, without)] == ["chunks"]


@pytest.mark.long
def test_additions_stand_in_for_fused_ones(tmp_path):
    if reason := record.why_not_counted():
        pytest.skip(f"instructions not counted: {reason}")
    net2c("compile", record.write("mobilenet_v2", ROOT / "build/networks"), "-o", tmp_path, "--isa", "avx2", "--name", "net")
    assert record.counted(tmp_path) == record.counted(tmp_path, fused=True)
