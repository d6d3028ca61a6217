"""The command line: what it says, what it writes, how it ends. One case a message."""
import json
import os
import re
import subprocess

import numpy
import onnx
import pytest
from harness import BINARY
from onnx import TensorProto, helper, numpy_helper
from PIL import Image


def save(path, nodes, inputs, outputs, constants):
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(n, t, s) for n, t, s in inputs],
                              [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs],
                              [numpy_helper.from_array(v, n) for n, v in constants.items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """A folder with models, pictures and broken files, in which the commands are run."""
    folder = tmp_path_factory.mktemp("cli")
    random = numpy.random.default_rng(0)
    weights = random.standard_normal((4, 3, 3, 3)).astype("f4")
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"], "first", pads=[1, 1, 1, 1]), helper.make_node("Relu", ["c"], ["r"], "act"),
             helper.make_node("GlobalAveragePool", ["r"], ["p"], "pool"), helper.make_node("Flatten", ["p"], ["y/z"], "flat")]
    fixed = [("x", TensorProto.FLOAT, [1, 3, 8, 6])]
    save(folder / "net.onnx", nodes, fixed, [("y/z", [1, 4])], {"w": weights})
    save(folder / "open.onnx", nodes, [("x", TensorProto.FLOAT, [1, 3, "h", "w"])], [("y/z", [1, 4])], {"w": weights})
    save(folder / "two.onnx", [helper.make_node("Add", ["a", "b"], ["y"], "sum")],
         [("a", TensorProto.FLOAT, [2, 3]), ("b", TensorProto.FLOAT, [3])], [("y", [2, 3])], {})
    save(folder / "odd.onnx", [helper.make_node("NonZero", ["x"], ["n"], "odd"), helper.make_node("Cast", ["n"], ["y"], to=1)], fixed, [("y", [4, "k"])], {})
    numpy.save(folder / "x.npy", random.standard_normal((1, 3, 8, 6)).astype("f4"))
    numpy.save(folder / "double.npy", random.standard_normal((1, 3, 8, 6)))
    numpy.save(folder / "wide.npy", numpy.zeros((1, 3, 8, 7), "f4"))
    numpy.save(folder / "a.npy", numpy.arange(6, dtype="f4").reshape(2, 3))
    numpy.save(folder / "b.npy", numpy.array([10, 20, 30], "f4"))
    (folder / "b.pb").write_bytes(numpy_helper.from_array(numpy.array([10, 20, 30], "f4"), "b").SerializeToString())
    (folder / "cut.npy").write_bytes((folder / "x.npy").read_bytes()[:300])
    picture = Image.fromarray(random.integers(0, 256, (8, 6, 3), "u1"))
    picture.save(folder / "photo.png")
    picture.resize((30, 20)).save(folder / "large.jpg")
    (folder / "cut.png").write_bytes((folder / "photo.png").read_bytes()[:90])
    (folder / "cut.jpg").write_bytes((folder / "large.jpg").read_bytes()[:40])
    (folder / "half.jpg").write_bytes((folder / "large.jpg").read_bytes()[:-300])
    (folder / "labels.txt").write_text("cat\ndog\nowl\nfox\n")
    (folder / "three.txt").write_text("cat\ndog\nowl\n")
    (folder / "times_cut.txt").write_text("net2c tuning 1\navx2 1 conv 3x3 s1 g1 b1 64->64 @56x56 direct 1 winograd\n")
    (folder / "pre.json").write_text('{"resize_short": 10, "crop": [8, 6], "scale": 0.0039, "mean": [0.1, 0.2, 0.3], "std": 0.5, "order": "BGR"}')
    for name, text in {"key": '{"resise": 3}', "fit": '{"resize": 3}', "cut": '{"resi', "list": "[1]", "mean": '{"mean": [1, 2]}', "order": '{"order": "RBG"}',
                       "crop": '{"crop": [8, 8]}', "short": '{"resize_short": 4}', "std": '{"std": 0}', "type": '{"scale": "1"}'}.items():
        (folder / f"pre_{name}.json").write_text(text)
    save(folder / "products.onnx", [helper.make_node("Conv", ["i", "w"], ["c"], group=2), helper.make_node("ConvTranspose", ["c", "v"], ["t"], strides=[2, 2]),
                                    helper.make_node("Flatten", ["t"], ["f"]), helper.make_node("MatMul", ["f", "m"], ["y"])],
         [("i", TensorProto.FLOAT, [1, 4, 6, 6])], [("y", [1, 5])],
         {name: random.standard_normal(shape).astype("f4") for name, shape in {"w": (6, 2, 3, 3), "v": (6, 3, 2, 2), "m": (192, 5)}.items()})
    (folder / "empty.onnx").write_bytes(b"")
    (folder / "cut.onnx").write_bytes((folder / "net.onnx").read_bytes()[:200])
    (folder / "text.onnx").write_text("hello, this is no network\n")
    return folder


def call(here, *arguments, **environment):
    return subprocess.run([BINARY, *arguments], cwd=here, capture_output=True, text=True, timeout=300, env={**os.environ, **environment})


# command; what its one line of message must hold
MISTAKES = {
    "": "say what to do: inspect, compile, repack, run, diff, bench or tune",
    "frob": "'frob' is not a verb; there are inspect, compile, repack, run, diff, bench and tune",
    "--frob": "'--frob' is not a verb",
    "inspect": "net2c inspect: FILES is required; see net2c inspect --help",
    "inspect net.onnx --frob": "net2c inspect: The following argument was not expected: --frob",
    "inspect net.onnx --dump=all": "--dump: all not in {graph,optimised,plan,c}",
    "inspect none.onnx": "none.onnx: cannot be opened",
    "inspect .": ".: is a folder",
    "inspect empty.onnx": "empty.onnx: is empty",
    "inspect cut.onnx": "cut.onnx: is damaged",
    "inspect text.onnx": "text.onnx: is in no format that is known here",
    "inspect odd.onnx": "NonZero",
    "inspect open.onnx": "dimension 2 ('h') is not fixed; set it by --size HxW",
    "inspect net.onnx --size 3": "--size 3: write HEIGHTxWIDTH",
    "inspect net.onnx --size 0x3": "--size 0x3: write HEIGHTxWIDTH",
    "inspect net.onnx --const x": "--const x: write NAME=FILE",
    "inspect net.onnx --const q=x.npy": "has no input 'q'; its inputs are: x",
    "inspect two.onnx --const b=b.npy --const b=b.npy": "'b' is given twice",
    "run net.onnx": "give the network something: --input NAME=FILE",
    "run net.onnx --input none.npy": "none.npy: cannot be opened",
    "run net.onnx --input labels.txt": "labels.txt: is not an input that can be read",
    "run net.onnx --input cut.npy": "cut.npy: holds",
    "run net.onnx --input double.npy": "double.npy: holds f64 1x3x8x6; input 'x' takes f32 1x3x8x6",
    "run net.onnx --input wide.npy": "input 'x' is 1x3x8x6, but what is given for it is 1x3x8x7",
    "run net.onnx --input x=wide.npy": "input 'x' is 1x3x8x6, but what is given for it is 1x3x8x7",
    "run net.onnx --input q=x.npy": "has no input 'q'; its inputs are: x",
    "run net.onnx --input x=x.npy --input x=x.npy": "'x' is given twice",
    "run two.onnx --input a=a.npy": "input 'b' is not given; add --input b=FILE",
    "run two.onnx --input a.npy": "say which input a.npy is for (NAME=FILE); its inputs are: a, b",
    "run net.onnx --input large.jpg": "large.jpg: is 20x30 pixels (height x width), input 'x' is 8x6",
    "run net.onnx --input cut.png": "cut.png: is a damaged PNG",
    "run net.onnx --input cut.jpg": "cut.jpg: is a damaged JPEG",
    "run open.onnx --input half.jpg": "half.jpg: is a damaged JPEG (Premature end of JPEG file)",
    "run two.onnx --input a=photo.png --input b=b.npy": "input 'a' is f32 2x3; a picture fits",
    "run net.onnx --input photo.png --preprocess none.json": "none.json: cannot be opened",
    "run net.onnx --input photo.png --preprocess pre_key.json": "pre_key.json: 'resise' is not a key; there are resize, resize_short, ",
    "run net.onnx --input photo.png --preprocess pre_fit.json": "pre_fit.json: 'resize' is 3; allowed: \"none\", \"short\", \"stretch\", \"letterbox\"",
    "run net.onnx --input photo.png --preprocess pre_cut.json": "pre_cut.json: is not JSON (",
    "run net.onnx --input photo.png --preprocess pre_list.json": "pre_list.json: is not a JSON object",
    "run net.onnx --input photo.png --preprocess pre_mean.json": "pre_mean.json: 'mean' is [1,2]; allowed: a number, or a list of numbers, one a channel: 3",
    "run net.onnx --input photo.png --preprocess pre_order.json": "pre_order.json: 'order' is \"RBG\"; allowed: \"RGB\", \"BGR\"",
    "run net.onnx --input photo.png --preprocess pre_crop.json": "pre_crop.json: 'crop' is [8,8]; allowed: [8, 6], the size of input 'x'",
    "run net.onnx --input photo.png --preprocess pre_short.json": "pre_short.json: 'resize_short' is 4; allowed: 6 and more, for the crop of 8x6",
    "run net.onnx --input photo.png --preprocess pre_std.json": "pre_std.json: 'std' is 0; allowed: numbers other than 0",
    "run net.onnx --input photo.png --preprocess pre_type.json": "pre_type.json: 'scale' is \"1\"; allowed: a number",
    "run net.onnx --input x.npy --output net.onnx": "net.onnx: cannot be made a folder",
    "run net.onnx --input x.npy --output /proc/net2c": "/proc/net2c: cannot be made a folder",
    "run net.onnx --input x.npy --engine fast": "'fast' is not an engine; there are plan, native and reference",
    "run net.onnx --input x.npy --isa mmx": "'mmx' is not an ISA",
    "run net.onnx --input x.npy --threads 0": "--threads: Value 0 not in range",
    "run net.onnx --input x.npy --labels none.txt": "none.txt: cannot be opened",
    "run net.onnx --input x.npy --labels x.npy": "x.npy: is not a list of labels",
    "compile net.onnx -o out --labels three.txt": "three.txt: has 3 lines, but no output has as many classes:",
    "diff net.onnx --engine plan,native,plan": "--engine plan,native,plan: write A,B",
    "diff net.onnx --isa ,avx2": "--isa ,avx2: write A,B",
    "compile net.onnx": "net2c compile: --output is required",
    "compile net.onnx -o labels.txt": "labels.txt: cannot be made a folder",
    "compile net.onnx -o bundle --isa mmx": "'mmx' is not an ISA",
    "bench net.onnx --threads 65": "--threads: Value 65 not in range",
    "tune net.onnx --isa mmx": "'mmx' is not an ISA",
    "tune net.onnx -o labels.txt": "labels.txt: is not a record of times that this net2c reads",
    "inspect net.onnx --tuned none.txt": "none.txt: cannot be opened",
    "compile net.onnx -o bundle --tuned times_cut.txt": "times_cut.txt: line 2 'winograd' has no time in milliseconds; make it anew with net2c tune",
}


@pytest.mark.parametrize("command", MISTAKES)
def test_mistake(here, command):
    before = sorted(p.name for p in here.rglob("*"))
    done = call(here, *command.split())
    assert done.returncode == 1, done
    assert MISTAKES[command] in done.stderr
    assert done.stderr.startswith("net2c") and done.stdout == ""
    assert "odd" in command or len(done.stderr.strip().splitlines()) == 1
    assert sorted(p.name for p in here.rglob("*")) == before, "a mistake must leave nothing behind"


def test_help_and_version(here):
    version = call(here, "--version")
    assert version.returncode == 0 and version.stdout.startswith("net2c 0.")
    for verb in ("inspect", "compile", "run", "diff", "bench", "tune"):
        text = call(here, verb, "--help")
        assert text.returncode == 0 and f"net2c {verb} " in text.stdout, "help teaches with an example"
        assert verb in call(here, "--help").stdout


def test_inspect(here):
    figures = json.loads(call(here, "inspect", "net.onnx", "--json").stdout)
    assert figures["parameters"] == 4 * 3 * 9 and figures["macs"] == 8 * 6 * 4 * 3 * 9
    assert figures["peak_bytes"] == figures["weights_bytes"] + figures["arena_bytes"] + figures["io_bytes"]
    assert "first" in [layer["name"] for layer in figures["layers"]]
    assert "Relu" not in call(here, "inspect", "net.onnx").stdout
    assert "kind=relu" in call(here, "inspect", "net.onnx", "--dump=graph").stdout
    assert "act=relu" in call(here, "inspect", "net.onnx", "--dump=optimised").stdout
    assert "conv" in call(here, "inspect", "net.onnx", "--dump=plan").stdout
    assert "#include" in call(here, "inspect", "net.onnx", "--dump=c").stdout


def test_inspect_names_what_sets_the_peak(here):
    peak = json.loads(call(here, "inspect", "net.onnx", "--json").stdout)["arena_peak"]
    assert peak["layer"] == "first", "its image and its result; what follows is smaller"
    sizes = [t["bytes"] for t in peak["tensors"]]
    assert sum(sizes) == peak["bytes"] and sizes == sorted(sizes, reverse=True) and {t["name"] for t in peak["tensors"]} == {"r", "x.image"}
    lines = call(here, "inspect", "net.onnx").stdout.splitlines()
    at = lines.index(f"The arena is fullest in step {peak['step']}, layer 'first': {peak['bytes']:,} bytes")
    assert lines[at + 1].split() == [f"{sizes[0]:,}", peak["tensors"][0]["name"]]


def test_inspect_counts_multiply_adds(here):
    assert json.loads(call(here, "inspect", "products.onnx", "--json").stdout)["macs"] == 6 * 4 * 4 * 2 * 9 + 6 * 4 * 4 * 3 * 4 + 192 * 5


@pytest.mark.parametrize("engine", ["reference", "plan", "native"])
def test_run(here, engine):
    out = here / "out" / engine
    done = call(here, "run", "net.onnx", "--input", "x.npy", "--engine", engine, "--output", str(out), "--labels", "labels.txt", "--top", "2")
    assert done.returncode == 0, done.stderr
    y = numpy.load(out / "y_z.npy")  # the output's name is y/z
    assert y.shape == (1, 4) and y.dtype == numpy.float32
    order = numpy.argsort(-y[0])[:2]
    lines = done.stdout.splitlines()
    assert [line.split()[-1] for line in lines[1:]] == [["cat", "dog", "owl", "fox"][i] for i in order]


def run(here, folder, *arguments):
    done = call(here, "run", *arguments, "--output", folder)
    assert done.returncode == 0, done.stderr
    return {p.stem: numpy.load(p) for p in (here / folder).glob("*.npy")}


def test_inputs_of_every_kind(here):
    assert (run(here, "o1", "two.onnx", "--input", "a=a.npy", "--input", "b=b.pb")["y"] == [[10, 21, 32], [13, 24, 35]]).all()
    assert (run(here, "o2", "two.onnx", "--input", "a.npy", "--const", "b=b.npy")["y"] == [[10, 21, 32], [13, 24, 35]]).all()
    # A picture without --preprocess: RGB floats 0..255.
    pixels = numpy.asarray(Image.open(here / "photo.png"), "f4").transpose(2, 0, 1)[None].copy()
    numpy.save(here / "pixels.npy", pixels)
    assert (run(here, "o3", "net.onnx", "--input", "photo.png")["y_z"] == run(here, "o4", "net.onnx", "--input", "pixels.npy")["y_z"]).all()
    # With it: Pillow's resize, the crop's middle, order, scale, mean and deviation.
    image = Image.open(here / "large.jpg")
    image = numpy.asarray(image.resize((15, 10), Image.BILINEAR), "f4")[1:9, 4:10, ::-1]
    numpy.save(here / "prepared.npy", ((image * 0.0039 - [0.1, 0.2, 0.3]) / 0.5).transpose(2, 0, 1)[None].astype("f4"))
    got = run(here, "o5", "net.onnx", "--input", "large.jpg", "--preprocess", "pre.json")["y_z"]
    assert numpy.allclose(got, run(here, "o6", "net.onnx", "--input", "prepared.npy")["y_z"], rtol=1e-4, atol=1e-5)


def test_open_sizes(here):
    """Set by the option, by a tensor, by a picture, by the crop of --preprocess; a fixed size by the option only."""
    want = run(here, "s1", "net.onnx", "--input", "photo.png")["y_z"]
    assert (run(here, "s2", "open.onnx", "--input", "photo.png")["y_z"] == want).all()
    assert (run(here, "s3", "open.onnx", "--input", "photo.png", "--size", "8x6")["y_z"] == want).all()
    assert run(here, "s4", "open.onnx", "--input", "wide.npy")["y_z"].shape == (1, 4)
    assert run(here, "s5", "net.onnx", "--input", "wide.npy", "--size", "8x7")["y_z"].shape == (1, 4)
    run(here, "s6", "open.onnx", "--input", "large.jpg", "--preprocess", "pre.json")


def test_outputs_whose_files_would_be_the_same(here):
    save(here / "alike.onnx", [helper.make_node("Relu", ["x"], ["y/z"]), helper.make_node("Neg", ["x"], ["y:z"]), helper.make_node("Abs", ["x"], ["y_z"])],
         [("x", TensorProto.FLOAT, [3])], [("y/z", [3]), ("y:z", [3]), ("y_z", [3])], {})
    numpy.save(here / "three.npy", numpy.array([-1, 0, 2], "f4"))
    got = run(here, "alike", "alike.onnx", "--input", "three.npy")
    assert {k: v.tolist() for k, v in got.items()} == {"y_z": [0, 0, 2], "y_z_2": [1, 0, -2], "y_z_3": [1, 0, 2]}


def test_output_that_cannot_be_printed(here):
    with open("/dev/full", "w") as full:
        done = subprocess.run([BINARY, "inspect", "net.onnx"], cwd=here, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "No space left on device" in done.stderr and "bug" not in done.stderr


def test_diff(here):
    same = call(here, "diff", "net.onnx", "--engine", "plan", "--isa", "portable,portable")
    assert same.returncode == 0 and "same bits in all" in same.stdout
    assert call(here, "diff", "net.onnx").returncode == 0
    different = call(here, "diff", "net.onnx", "--limit", "1e-12", "--json")
    figures = json.loads(different.stdout)
    assert different.returncode == 3 and figures["first_over"] and not figures["same_bits"]


def test_native_without_a_compiler(here):
    done = call(here, "run", "net.onnx", "--input", "x.npy", "--engine", "native", CC="/none/cc", XDG_CACHE_HOME=str(here / "cache1"))
    assert done.returncode == 1 and "'/none/cc' cannot be started" in done.stderr
    done = call(here, "run", "net.onnx", "--input", "x.npy", "--engine", "native", CC="false", XDG_CACHE_HOME=str(here / "cache1"))
    assert done.returncode == 1 and "'false' failed" in done.stderr
    assert [p.name for p in (here / "cache1").rglob("*")] == ["net2c"], "nothing half built is kept"


def test_compile(here):
    done = call(here, "compile", "net.onnx", "-o", "made/here", "--name", "my-net", "--isa", "portable", "--labels", "labels.txt", "--preprocess", "pre.json")
    assert done.returncode == 0, done.stderr
    names = sorted(p.name for p in (here / "made/here").iterdir())
    assert {"my_net.h", "my_net.c", "my_net_portable.c", "my_net.weights", "main.c", "CMakeLists.txt"} <= set(names)
    first = {n: (here / "made/here" / n).read_bytes() for n in names}
    call(here, "compile", "net.onnx", "-o", "again", "--name", "my-net", "--isa", "portable", "--labels", "labels.txt", "--preprocess", "pre.json")
    assert {n: (here / "again" / n).read_bytes() for n in names} == first, "equal bytes on every compile"


def test_bench(here):
    figures = json.loads(call(here, "bench", "net.onnx", "--threads", "2", "--seconds", "0.2", "--paced", "0.2", "--sustained", "0.1", "--json").stdout)
    assert 0 < figures["paced_ms"] <= figures["paced_p90_ms"] and figures["sustained_first_ms"] > 0 and figures["sustained_last_ms"] > 0
    assert {"threads", "min_ms", "median_ms", "load_ms", "first_ms", "peak_rss_mb", "weights_bytes", "arena_bytes", "layers"} <= set(figures)
    assert figures["threads"] == 2 and 0 < figures["min_ms"] <= figures["median_ms"] <= figures["p90_ms"] and figures["cold_ms"] > 0
    rate = 2e-6 * sum(layer["macs"] for layer in figures["layers"]) / figures["median_ms"]
    assert figures["gflops"] == pytest.approx(rate) and figures["percent_of_peak"] == pytest.approx(100 * rate / figures["peak_gflops"])
    assert 0 < figures["percent_of_peak"] <= 100
    bounds = [layer["bound_ms"] for layer in figures["layers"]]
    assert figures["bound_ms"] == pytest.approx(sum(bounds)) and 0 < figures["percent_of_bound"] == pytest.approx(100 * sum(bounds) / figures["median_ms"])
    kinds = figures["kinds"]
    assert sum(kind["bound_ms"] for kind in kinds) == pytest.approx(sum(bounds)) and sum(kind["layers"] for kind in kinds) == sum(b > 0 for b in bounds)
    assert sum(kind["ms"] for kind in kinds) == pytest.approx(sum(layer["ms"] for layer in figures["layers"]))
    assert [kind["ms"] for kind in kinds] == sorted((kind["ms"] for kind in kinds), reverse=True) and min(figures["weights_gbs"], figures["maps_gbs"]) > 0
    text = call(here, "bench", "net.onnx", "--seconds", "0").stdout
    assert re.search(r"^layers by kernel +layers +ms +bound ms +of bound$", text, re.M) and re.search(r"^bound [\d.]+ ms, \d+ % of it reached", text, re.M), text
    assert figures["weights_bytes"] == json.loads(call(here, "inspect", "net.onnx", "--json").stdout)["weights_bytes"]
