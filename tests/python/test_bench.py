"""The race of bench/ without its peers: whom it leaves out, how it goes on after a stop, what it reports, and its fp64."""
import argparse
import contextlib
import html.parser
import json
import math
import os
import re
import sys
import time
import types

import numpy
import pytest
from onnx import TensorProto, helper, numpy_helper

from harness import ROOT, oracle

sys.path.append(str(ROOT / "bench"))
import ablation  # noqa: E402
import convert  # noqa: E402
import process  # noqa: E402
import racers  # noqa: E402
import reference  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import run as bench  # noqa: E402
from process import Failed  # noqa: E402

HEADER = dict(machine="a CPU, 2 CPUs", versions=dict(net2c="0.1 abc", mnn="3", ncnn="1", ncnn_pools="1", opencv="not installed"), seconds=1.0)
ERROR = dict(max=1e-6, rms=1e-7)


def measured(engine, turn, ms, threads=1):
    figures = dict(min_ms=ms * 0.9, median_ms=ms, p90_ms=ms * 1.1, cold_ms=2 * ms, load_ms=3.0, first_ms=4.0, peak_rss_mb=50.0)
    return dict(figures, engine=engine, threads=threads, round=turn) | (dict(peak_gflops=100.0 + turn) if engine == "net2c" else {})


def beside(engine, turn, alone, busy, threads=2):
    return dict(engine=engine, threads=threads, round=turn, alone_ms=alone, busy_ms=busy, alone_p90_ms=alone, busy_p90_ms=busy)


def record(**medians):
    """A network's record: {engine: its median in each round}."""
    runs = [measured(engine, turn, ms) for engine, rounds in medians.items() for turn, ms in enumerate(rounds)]
    return dict(digest="d", gflop=2.0, model_mb=10.0, reference="fp64", errors={e: ERROR for e in medians}, failures={}, runs=runs, endurance={})


def test_five_times():
    assert results.slow(record(net2c=[1], mnn=[10], ncnn=[11], opencv=[51]), 1) == {}, "5 times ours is no fault"
    assert results.slow(record(net2c=[1], mnn=[10], ncnn=[11], opencv=[52.6]), 1) == {"opencv": pytest.approx(52.6 / 10.5)}
    assert results.slow(record(mnn=[10], ncnn=[11], opencv=[20, 400, 400]), 1) == {}, "by the least times"
    assert results.slow(record(net2c=[100], mnn=[1]), 1) == {}, "a peer alone has nobody to be slow against"
    engines = results.summary(record(net2c=[10, 12, 11], mnn=[20, 21, 19], ncnn=[300], opencv=[22, 23, 21]), 1)
    assert engines["ncnn"]["slow"] == pytest.approx(300 / 20) and results.fastest(engines) == "mnn"


def test_summary():
    engines = results.summary(record(net2c=[10, 12, 11], mnn=[22, 24, 23], ncnn=[30, 31, 32], ncnn_pools=[20, 44, 21]), 1, peak=400)
    assert list(engines) == ["net2c", "ncnn", "mnn"] and engines["ncnn"]["way"] == "ncnn_pools", "the better of ncnn's two ways"
    assert engines["ncnn"]["median_ms"] == 21 and engines["ncnn"]["min_ms"] == pytest.approx(18)
    assert results.fastest(engines) == "ncnn" and engines["net2c"]["to_fastest"] == pytest.approx(11 / 21)
    assert engines["net2c"]["gflops"] == pytest.approx(2 / 0.011) and engines["net2c"]["share"] == pytest.approx(2 / 0.011 / 400)


def test_geometric_mean():
    networks = dict(one=record(net2c=[10], mnn=[20]), two=record(net2c=[10], mnn=[5], ncnn=[8]), three=record(net2c=[10]))
    assert results.geometric_mean(dict(networks=networks), 1) == pytest.approx(math.sqrt(2 * 0.5)), "three has no peer"
    assert results.geometric_mean(dict(networks=networks), 2) is None
    assert results.peak(dict(networks=dict(a=record(net2c=[1, 1, 1]))), 1) == 102


def test_bound():
    one = record(net2c=[10, 12], mnn=[20, 21])
    for run, bound, conv in zip([r for r in one["runs"] if r["engine"] == "net2c"], (6.0, 5.5), (3.0, 3.5)):
        run |= dict(bound_ms=bound, kinds=[dict(kernel="dense", layers=1, ms=1.0, bound_ms=0.9), dict(kernel="conv", layers=4, ms=2 * conv, bound_ms=conv)])
    engines = results.summary(one, 1)
    assert engines["net2c"]["bound_ms"] == 5.5 and engines["net2c"]["of_bound"] == pytest.approx(5.5 / 11) and "bound_ms" not in engines["mnn"]
    assert list(results.kinds(one, 1).items()) == [("conv", (4, 6.0, 3.0)), ("dense", (1, 1.0, 0.9))] and results.kinds(one, 2) == {}
    two = record(net2c=[10])
    two["runs"][0] |= dict(bound_ms=1.0, kinds=[dict(kernel="conv", layers=2, ms=4.0, bound_ms=1.0)])
    rows = report.kinds_rows(dict(one=one, two=two, three=record(net2c=[1])), 1)
    assert rows[1:] == [["conv", "6", "10.000", "4.000", "40%", "25% two"], ["dense", "1", "1.000", "0.900", "90%", "90% one"]]


def test_busy():
    one, two = record(), record()
    one["busy"] = [beside("net2c", 0, 10, 15), beside("net2c", 1, 10, 25), beside("net2c", 2, 10, 20), beside("ncnn", 0, 10, 50),
                   beside("ncnn_pools", 0, 12, 48), beside("mnn", 0, 10, 11, threads=4)]
    assert results.busy(one, 2) == dict(net2c=(10, 20, 2), ncnn=(12, 48, 4)) and list(results.busy(one, 4)) == ["mnn"] and results.busy(two, 2) == {}
    two["busy"] = [beside("net2c", 0, 10, 80)]
    rows = report.busy_rows(dict(networks=dict(one=one, two=two)), 2)
    assert rows == [["2 threads beside a neighbour", "net2c", "ncnn"], ["one", "2.00 (20.00 ms)", "4.00 (48.00 ms)"], ["two", "8.00 (80.00 ms)", "-"],
                    ["geometric mean", "4.00", "4.00"]]


@pytest.mark.skipif(os.cpu_count() < 2, reason="this machine has one CPU")
def test_neighbour_is_on_cpu_1_and_goes():
    with process.neighbour() as pid:
        end = time.monotonic() + 30
        while os.sched_getaffinity(pid) != {1} and time.monotonic() < end:
            time.sleep(0.01)
        assert os.sched_getaffinity(pid) == {1}
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_far_cpus():
    if os.cpu_count() < 2:
        pytest.skip("one CPU")
    assert 10 < process.line_ns() < 1e5
    one = record(net2c=[10])
    one["runs"] = [measured("net2c", turn, 10, threads=2) | dict(line_ns=ns) for turn, ns in enumerate((540.0, 110.0, 115.0))]
    data = HEADER | dict(networks=dict(one=one, two=record(net2c=[10])), command="", date="", python_mb=0.0)
    said = "a cache line went from CPU 0 to CPU 1 and back in 115 ns, 110 to 540; in over 250 before 1 of 3 measurements: the host had put them apart"
    assert said in report.network_table(data, "one") and said in report.overview(data) and said in report.page(data)
    one["runs"] = one["runs"][1:]
    assert report.distance([one], 2) == ["a cache line went from CPU 0 to CPU 1 and back in 112 ns, 110 to 115"] and report.distance([one], 1) == []


def test_a_measurement_says_how_far_the_cpus_were(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "line_ns", lambda: 123.0)
    found = results.Results(tmp_path / "r.json", HEADER)
    one = found.network("one", "d")
    for threads in (1, 2):
        bench.race(types.SimpleNamespace(name="one"), [Engine("net2c", 1, [])], threads, argparse.Namespace(rounds=1, seconds=0), found, one, bench.Progress(1))
    assert [run.get("line_ns") for run in one["runs"]] == [None, 123.0]


def test_pairs_go_on(tmp_path, monkeypatch):
    beside_us, asked = [], []

    @contextlib.contextmanager
    def neighbour():
        beside_us.append(1)
        yield
        beside_us.pop()

    monkeypatch.setattr(bench, "neighbour", neighbour)

    def engine(name):
        def measure(network, threads, seconds):
            asked.append((name, len(beside_us)))
            if name == answers.get("stop"):
                raise KeyboardInterrupt
            if name == answers.get("fails"):
                raise Failed("it is broken")
            return measured(name, 0, 3.0 if beside_us else 2.0)

        return types.SimpleNamespace(name=name, measure=measure)

    def go(rounds):
        found = results.Results(tmp_path / "r.json", HEADER)
        one = found.network("one", "d")
        bench.beside_neighbour(types.SimpleNamespace(name="one"), [engine("net2c"), engine("mnn")], 2, argparse.Namespace(rounds=rounds, seconds=0), found, one,
                               bench.Progress(8))
        return one

    answers = dict(stop="mnn")
    with pytest.raises(KeyboardInterrupt):
        go(2)
    assert asked == [("net2c", 0), ("net2c", 1), ("mnn", 0)]
    asked.clear(), answers.clear()
    one = go(2)
    assert asked == [("mnn", 0), ("mnn", 1), ("mnn", 1), ("mnn", 0), ("net2c", 1), ("net2c", 0)], "each pair once; who begins takes turns"
    assert results.busy(one, 2) == {engine: (2.0, 3.0, 1.5) for engine in ("net2c", "mnn")}
    answers["fails"] = "mnn"
    assert go(3)["failures"] == {"mnn": "it is broken"}


def test_goes_on(tmp_path):
    path = tmp_path / "r.json"
    first = results.Results(path, HEADER)
    first.network("one", "digest")["runs"].append(measured("mnn", 0, 5))
    first.data["command"] = "bench/run.py --rounds 1"
    first.save()
    again = results.Results(path, HEADER)
    assert again.data["command"] == "bench/run.py --rounds 1"
    assert len(again.network("one", "digest")["runs"]) == 1 and "1 measurements" in again.news
    assert again.network("one", "another")["runs"] == [], "the model has changed"
    assert results.Results(path, HEADER, fresh=True).data["networks"] == {}
    installed = HEADER | dict(versions=HEADER["versions"] | dict(opencv="4.11"))
    assert "one" in results.Results(path, installed).data["networks"], "a peer more spoils nothing"
    for change, why in ((dict(machine="another"), "machine was 'a CPU"), (dict(seconds=2.0), "seconds was 1.0"),
                        (dict(versions=HEADER["versions"] | dict(mnn="4")), "mnn was 3, is 4")):
        path.write_text(json.dumps(first.data))
        other = results.Results(path, HEADER | change)
        assert why in other.news and other.data["networks"] == {}
        assert json.loads((tmp_path / "r-before.json").read_text()) == first.data and not path.exists()


class Engine:
    """Answers as told, and keeps who was asked in what order."""

    def __init__(self, name, ms, asked):
        self.name, self.ms, self.asked = name, ms, asked

    def measure(self, network, threads, seconds):
        self.asked.append(self.name)
        if isinstance(self.ms, BaseException):
            raise self.ms
        return measured(self.name, 0, self.ms)


def test_race(tmp_path, capsys):
    def go(*engines):
        found = results.Results(tmp_path / "r.json", HEADER)
        one = found.network("one", "d")
        bench.race(types.SimpleNamespace(name="one"), engines, 1, argparse.Namespace(rounds=3, seconds=0), found, one, bench.Progress(15))
        return one

    asked = []
    answers = dict(net2c=1, mnn=2, ncnn=50, opencv=Failed("it is broken"), litert=KeyboardInterrupt())
    engines = [Engine(name, ms, asked) for name, ms in answers.items()]
    with pytest.raises(KeyboardInterrupt):
        go(*engines)
    assert asked == ["net2c", "mnn", "ncnn", "opencv", "litert"]
    engines[4].ms = 3
    asked.clear()
    one = go(*engines)
    assert asked == ["opencv", "litert"] + ["mnn", "litert", "net2c"] + ["litert", "net2c", "mnn"], "what was there stays; slow and failed peers go"
    assert one["failures"] == {"opencv": "it is broken"}
    assert sorted((r["engine"], r["round"]) for r in one["runs"]) == sorted([("ncnn", 0), *((e, t) for e in ("litert", "mnn", "net2c") for t in range(3))])
    assert "opencv: it is broken" in capsys.readouterr().out


def test_paced_and_sustained(tmp_path, monkeypatch):
    found = results.Results(tmp_path / "r.json", HEADER)
    one, asked = found.network("one", "d"), []
    figures = dict(min_ms=1, paced_ms=2, paced_p90_ms=3, sustained_first_ms=4, sustained_last_ms=5)
    monkeypatch.setitem(bench.ENGINES, "net2c", types.SimpleNamespace(measure=lambda *arguments: asked.append(arguments[3:]) or figures))
    for paced, sustained in ((0, 0), (5, 0), (5, 20), (5, 20), (6, 20)):
        bench.endure(None, 1, argparse.Namespace(paced=paced, sustained=sustained), found, one)
    assert asked == [("--paced", 5), ("--sustained", 20), ("--paced", 6)], "once each, and again where the time is another"
    assert one["endurance"] == {"1": dict(paced=6, paced_ms=2, paced_p90_ms=3, sustained=20, sustained_first_ms=4, sustained_last_ms=5)}


def test_wrong_outputs_are_not_timed():
    network = types.SimpleNamespace(expected=numpy.array([[1.0, -4.0]]))
    engine = lambda name, y: types.SimpleNamespace(name=name, output=lambda _: numpy.array(y, numpy.float32))  # noqa: E731
    assert racers.errors(engine("mnn", [[1.02, -4.0]]), network) == dict(max=pytest.approx(0.005, rel=1e-4), rms=pytest.approx(0.02 / 17**0.5, rel=1e-4))
    for name, y, why in (("mnn", [[1.2, -4]], "wrong by 0.05"), ("net2c", [[1.02, -4]], "wrong by 0.005"), ("mnn", [[math.nan, -4]], "wrong by nan"),
                         ("mnn", [1, -4], "gives (2,)")):
        with pytest.raises(Failed, match=re.escape(why)):
            racers.errors(engine(name, y), network)


def test_conversions_are_kept(tmp_path, monkeypatch):
    model = tmp_path / "model.onnx"
    model.write_text("weights")
    network = types.SimpleNamespace(name="one", model=model, digest="0123456789abcdef0")
    script = "echo said >&2; cat net.onnx >net.bin; echo rest >net.rest; exit 0"
    monkeypatch.setattr(convert, "WORK", tmp_path)
    monkeypatch.setattr(convert, "CONVERTERS", {"mnn": (lambda model, folder: ["sh", "-c", script], ["net.bin"])})
    path = convert.converted("mnn", network, "1")
    assert path.read_text() == "weights" and [p.name for p in path.parent.iterdir()] == ["net.bin"]
    assert convert.converted("opencv", network, "1") == model, "reads ONNX itself"
    script = "exit 1"
    assert convert.converted("mnn", network, "1") == path, "once"
    script = "echo ValueError: no such layer >&2; exit 3"
    with pytest.raises(Failed, match="cannot convert it: exit 3: ValueError: no such layer"):
        convert.converted("mnn", network, "2")
    script = "true"
    with pytest.raises(Failed, match="wrote no net.bin"):
        convert.converted("mnn", network, "2")
    assert list((tmp_path / "converted/one").iterdir()) == [], "neither the old version's nor half a new one"


class Page(html.parser.HTMLParser):
    """All tags that are opened are closed, in order; what a browser would fetch."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.links = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "br"):
            self.open.append(tag)
        self.links += [value for key, value in attributes if key in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, text):
        self.words.append(text)


def test_report():
    one = record(net2c=[10, 12], mnn=[20, 21], ncnn=[30, 31], ncnn_pools=[25, 26], opencv=[900])
    one["failures"] = {"openvino": "exit 1: <b>no such layer</b>"}
    one["endurance"] = {"1": dict(paced=5, paced_ms=10.5, paced_p90_ms=13.25, sustained=20, sustained_first_ms=9.75, sustained_last_ms=14.5)}
    two = record(net2c=[10], mnn=[8])
    two["runs"][0] |= dict(bound_ms=5.0, kinds=[dict(kernel="winograd3", layers=3, ms=9.0, bound_ms=4.5), dict(kernel="layer_norm", layers=1, ms=0.0, bound_ms=0.0)])
    two["busy"] = [beside("net2c", 0, 10, 30, threads=1), beside("mnn", 0, 8, 40, threads=1)]
    data = HEADER | dict(networks=dict(one=one, two=two), command="bench/run.py --networks <all>", date="2026-11-25", python_mb=25.0)
    text = report.network_table(data, "one") + "\n" + report.overview(data)
    for word in ("mnn *", "ncnn: with its pool allocators", "openvino: exit 1: <b>no such layer</b>",
                 "opencv takes 36.0 times as long as the other peers: left out of the race after 1 round",
                 "median 10.50 ms, 90 % within 13.25", "20 s without a pause: median 9.75 ms in the first second, 14.50 in the last",
                 "2.00 GFLOP", "900.00!", "50% two", "3.00 (30.00 ms)", "Paced: 30 times", f"geometric mean of 2 networks: {math.sqrt(20.5 / 11 * 0.8):.3f}"):
        assert word in text, text
    assert report.endurance_rows(data, 1)[1:] == [["one", "11.00", "22.00", "10.50", "13.25", "9.75", "14.50"]]
    row = next(line.split() for line in text.splitlines() if line.startswith("two "))
    assert row == ["two", "10.00", "8.00", "-", "-", "mnn", "0.80", "200.0", "198%", "5.00", "50%", "1.0e-06"]
    said = report.markdown(data)
    assert "| two | 10.0 | mnn | 0.80 | 198% | 1e-06 |" in said and "| one | 11.0 | mnn | 1.86 |" in said and said.endswith(report.mean_line(data, 1)), said
    page = Page(report.page(data))
    assert page.links == [] and "//" not in re.sub("<!.*?>", "", report.page(data)), "it needs nothing else"
    for word in ("openvino: exit 1: <b>no such layer</b>", "bench/run.py --networks <all>", "one, opencv: 81.8 times ours", "two, mnn: 0.8 times ours", "winograd3", "50% two", "5.00 (40.00 ms)",
                 "With pauses and without", "13.25"):
        assert word in page.words, word
    assert report.page(data).count("<svg") == 3
    nothing = HEADER | dict(networks={}, command="", date="", python_mb=0.0)
    assert Page(report.page(nothing)) and report.overview(nothing)


def test_fp64():
    """Every way of padding, against ONNX Runtime's fp32."""
    rng = numpy.random.default_rng(5)
    weights = dict(w=(6, 2, 3, 2), b=(6,), d=(6, 1, 3, 3), t=(6, 4, 3, 2), tb=(4,))
    nodes = [helper.make_node("Conv", ["x", "w", "b"], ["1"], group=2, strides=[2, 1], dilations=[1, 2], pads=[1, 0, 2, 1]),
             helper.make_node("MaxPool", ["1"], ["2"], kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1], ceil_mode=1),
             helper.make_node("Conv", ["2", "d"], ["3"], group=6, auto_pad="SAME_UPPER", strides=[1, 2]),
             helper.make_node("AveragePool", ["3"], ["4"], kernel_shape=[3, 3], pads=[1, 1, 1, 1], count_include_pad=1),
             helper.make_node("AveragePool", ["4"], ["5"], kernel_shape=[2, 2], strides=[1, 1], pads=[1, 0, 0, 1]),
             helper.make_node("LRN", ["5"], ["6"], alpha=0.3, beta=0.75, bias=1.5, size=3),
             helper.make_node("ConvTranspose", ["6", "t", "tb"], ["7"], strides=[2, 2], pads=[1, 0, 1, 1], output_padding=[1, 0]),
             helper.make_node("Relu", ["7"], ["y"])]
    constants = [numpy_helper.from_array(rng.standard_normal(shape).astype("f4"), name) for name, shape in weights.items()]
    model = helper.make_model(helper.make_graph(nodes, "g", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 4, 15, 13])],
                                                [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)], constants), opset_imports=[helper.make_opsetid("", 17)],
                              ir_version=8)
    x = rng.standard_normal((1, 4, 15, 13)).astype("f4")
    y, expected = reference.fp64(model, x), oracle(model, {"x": x})["y"]
    assert y.dtype == numpy.float64 and y.shape == expected.shape
    numpy.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5 * abs(expected).max())
    assert abs(y - expected).max() > 0, "it is not the same fp32"


@pytest.mark.parametrize("idea", ablation.IDEAS)
def test_an_idea_can_be_switched_off(idea):
    for file, old, new in ablation.IDEAS[idea]:
        text = (ROOT / file).read_bytes()
        assert ablation.edited(file, text, [(file, old, new)]) != text


def test_an_edit_that_rots_is_named():
    with pytest.raises(SystemExit, match="a.h does not say 'x = 1;' once"):
        ablation.edited("a.h", b"x = 1; x = 1;", [("a.h", "x = 1;", "x = 2;")])


def test_ablation_goes_on(tmp_path):
    first = ablation.Results(tmp_path / "r.json")
    first.add("runs", idea="all", round=0, program="p", median_ms=5.0)
    again = ablation.Results(tmp_path / "r.json")
    assert again.find("runs", idea="all", round=0, program="p")["median_ms"] == 5.0 and not again.find("runs", idea="all", round=0, program="another")
    (tmp_path / "r.json").write_text(json.dumps(again.data | dict(machine="another")))
    assert ablation.Results(tmp_path / "r.json").data["runs"] == []


def test_ablation_table_and_errors():
    text = ablation.table({"all": dict(one=10.0, two=4.0), "Winograd": dict(one=20.0, two=8.0)})
    assert text.splitlines() == ["|  | one | two | geometric mean |", "| --- | --- | --- | --- |", "| ms with all | 10.00 | 4.00 |  |",
                                 "| without Winograd | 2.000 | 2.000 | 2.000 |"]
    y = [numpy.float32([1, -4])]
    assert ablation.error(y, y) == 0 and ablation.error([numpy.float32([1, -3])], y) == 0.25 and ablation.error([numpy.float32([1])], y) == math.inf
