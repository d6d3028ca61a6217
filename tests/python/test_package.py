"""import net2c: arrays in and out, the command's figures, files and messages, from many threads."""
import dataclasses
import json
import os
import subprocess
import sys
import textwrap
import threading
import time

import numpy
import onnx
import pytest
from harness import ROOT, assert_close, net2c as command, oracle
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

import package
from package import FOLDER, net2c

pytestmark = pytest.mark.skipif(not package.built, reason=package.why_not)
FLOAT = TensorProto.FLOAT
RANDOM = numpy.random.default_rng(0)


def model(path, nodes, inputs, outputs, constants=()):
    """inputs, outputs: (name, type, shape)."""
    graph = helper.make_graph(nodes, "g", [helper.make_tensor_value_info(*i) for i in inputs], [helper.make_tensor_value_info(*o) for o in outputs],
                              [numpy_helper.from_array(v, n) for n, v in dict(constants).items()])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return path


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    layers = [helper.make_node("Conv", ["x", "w"], ["c"], "first", pads=[1, 1, 1, 1]), helper.make_node("Relu", ["c"], ["r"], "act"),
              helper.make_node("ReduceMean", ["r"], ["y"], "mean", axes=[2, 3], keepdims=0)]
    weights = {"w": RANDOM.standard_normal((4, 3, 3, 3)).astype("f4")}
    model(folder / "net.onnx", layers, [("x", FLOAT, [1, 3, 8, 6])], [("y", FLOAT, [1, 4])], weights)
    model(folder / "open.onnx", layers, [("x", FLOAT, ["n", 3, "h", "w_"])], [("y", FLOAT, ["n", 4])], weights)
    model(folder / "two.onnx", [helper.make_node("Sub", ["a", "in.b"], ["d"]), helper.make_node("Sub", ["in.b", "a"], ["out/e"])],
          [("a", FLOAT, [2, 3]), ("in.b", FLOAT, [3])], [("d", FLOAT, [2, 3]), ("out/e", FLOAT, [2, 3])])
    numpy.save(folder / "x.npy", numpy.zeros((1, 3, 8, 6), "f4"))
    (folder / "labels.txt").write_text("cat\ndog\nowl\nfox\n")
    (folder / "pre.json").write_text('{"mean": 128, "std": 64}')
    (folder / "cut.onnx").write_bytes((folder / "net.onnx").read_bytes()[:200])
    (folder / "net.cfg").write_text("[net]\nwidth=416\n")
    return folder


def test_one_output_is_an_array(here):
    net = net2c.load(here / "net.onnx")
    x = RANDOM.standard_normal((1, 3, 8, 6)).astype("f4")
    want = oracle(here / "net.onnx", {"x": x})["y"]
    y = net(x)
    assert isinstance(y, numpy.ndarray) and y.flags.writeable
    assert_close(y, want, "by position")
    assert (net(x=x) == y).all() and net(x) is not y
    assert (net.inputs[0].name, net.inputs[0].dtype, net.inputs[0].shape) == ("x", numpy.float32, (1, 3, 8, 6))
    assert net.outputs == (net2c.Port("y", numpy.dtype("f4"), (1, 4)),)
    assert repr(net) == f"<net2c.Net {here / 'net.onnx'}: (x: float32 1x3x8x6) -> (y: float32 1x4)>"


def test_several_are_a_dict_in_order(here):
    net = net2c.load(str(here / "two.onnx"))
    a, b = numpy.ones((2, 3), "f4"), numpy.array([1, 2, 4], "f4")
    for got in (net(a, b), net(a, **{"in.b": b}), net(**{"in.b": b, "a": a})):
        assert list(got) == ["d", "out/e"]
        assert (got["d"] == a - b).all() and (got["out/e"] == b - a).all()


def test_arrays_of_any_layout(here):
    net = net2c.load(here / "net.onnx")
    x = RANDOM.standard_normal((1, 3, 8, 6)).astype("f4")
    y = net(x)
    fixed = x.copy()
    fixed.flags.writeable = False
    interleaved = numpy.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    for same in (fixed, interleaved, numpy.asfortranarray(x), x.astype(">f4"), x.tolist() and numpy.repeat(x, 2, 3)[..., ::2]):
        assert (net(same) == y).all()


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "i8", "u1", "?"])
@pytest.mark.parametrize("shape", [(), (3,), (2, 0, 3), (1, 2, 3, 2)])
def test_types_and_ranks(tmp_path, dtype, shape):
    kind = helper.np_dtype_to_tensor_dtype(numpy.dtype(dtype))
    shape_of_y = shape if 0 in shape else (2, *shape)
    net = net2c.load(model(tmp_path / "m.onnx", [helper.make_node("Expand", ["x", "s"], ["y"])], [("x", kind, shape)], [("y", kind, shape_of_y)],
                           {"s": numpy.array(shape_of_y, "i8")}))
    x = (RANDOM.standard_normal(shape) * 3).astype(dtype)
    y = net(x)
    assert y.dtype == x.dtype and y.shape == shape_of_y
    assert numpy.array_equal(y, numpy.broadcast_to(x, shape_of_y))


MISTAKES = {  # what is done: the words of the message
    "net(x, x)": "2 inputs given, the network has 1: x",
    "net()": "input 'x' is not given",
    "net(q=x)": "there is no input 'q'; its inputs are: x",
    "net(x, x=x)": "input 'x' is given twice",
    "net(x.astype('f8'))": "input 'x' takes float32 1x3x8x6; what is given for it is float64 1x3x8x6; convert it: numpy.asarray(x, 'float32')",
    "net(x[0])": "input 'x' takes float32 1x3x8x6; what is given for it is float32 3x8x6",
    "net('photo.png')": "input 'x' takes an array; a picture's file becomes one by net.picture(path)",
    "net(['a'])": "is not what networks work on; give one of: float32",
    "net(numpy.zeros((1, 3, 8, 6), 'c8'))": "an array of complex64 is not what networks work on",
    "net2c.load('net.onnx', threads=0)": "threads=0: give 1 to 64",
    "net2c.compile('net.onnx', '')": "the name of the folder to write is empty",
    "net2c.load([])": "no model file is given",
}


@pytest.mark.parametrize("call", MISTAKES)
def test_mistakes_in_calls(here, monkeypatch, call):
    monkeypatch.chdir(here)
    names = {"net2c": net2c, "numpy": numpy, "net": net2c.load("net.onnx"), "x": numpy.zeros((1, 3, 8, 6), "f4")}
    with pytest.raises(net2c.Error) as caught:
        eval(call, names)
    assert MISTAKES[call] in str(caught.value)


@pytest.mark.parametrize("call, words", [("net2c.load(None)", "None is no path of a model"), ("net2c.load('net.onnx', size=8)", "size=8: give (height, width)"),
                                         ("net2c.load('net.onnx', threads=2.5)", "'float' object cannot be interpreted as an integer")])
def test_arguments_of_another_type(call, words):
    with pytest.raises(TypeError) as caught:
        eval(call, {"net2c": net2c})
    assert words in str(caught.value)


SAME_TEXT = {  # a call: the command that says the same
    "load('none.onnx')": "diff none.onnx",
    "load('cut.onnx')": "diff cut.onnx",
    "load('net.cfg')": "diff net.cfg",
    "load(['net.onnx', 'two.onnx'])": "diff net.onnx two.onnx",
    "load('open.onnx')": "diff open.onnx",
    "load('open.onnx', size='8x')": "diff open.onnx --size 8x",
    "load('open.onnx', size=(0, 8))": "diff open.onnx --size 0x8",
    "load('open.onnx', size=(8, 6), batch=0)": "diff open.onnx --size 8x6 --batch 0",
    "compile('open.onnx', 'out', size=[(8, 6), (8, 6)])": "compile open.onnx -o out --size 8x6,8x6",
    "load('net.onnx', isa='mmx')": "run net.onnx --input x.npy --isa mmx",
    "load('net.onnx', labels='none.txt')": "run net.onnx --input x.npy --labels none.txt",
    "inspect('cut.onnx')": "inspect cut.onnx",
    "inspect('net.onnx', max_memory=1)": "inspect net.onnx --max-memory 1",
    "load('net.onnx', max_memory='20MiB')": "inspect net.onnx --max-memory 20MiB",
    "compile('net.onnx', 'none', max_memory='1K')": "compile net.onnx -o none --max-memory 1K",
    "load('net.onnx', weights='int8')": "run net.onnx --input x.npy --weights int8",
    "inspect('net.onnx', weights='int8')": "inspect net.onnx --weights int8",
    "compile('net.onnx', 'none', weights='int8')": "compile net.onnx -o none --weights int8",
    "compile('net.onnx', 'labels.txt')": "compile net.onnx -o labels.txt",
    "compile('net.onnx', 'out', isa='mmx')": "compile net.onnx -o out --isa mmx",
    "compile('net.onnx', 'out', labels='net.cfg')": "compile net.onnx -o out --labels net.cfg",
    "compile('net.onnx', 'out', preprocess='labels.txt')": "compile net.onnx -o out --preprocess labels.txt",
    "compile('two.onnx', 'out', preprocess='pre.json')": "compile two.onnx -o out --preprocess pre.json",
}


@pytest.mark.parametrize("call", SAME_TEXT)
def test_errors_are_the_commands(here, monkeypatch, capfd, call):
    monkeypatch.chdir(here)
    done = command(*SAME_TEXT[call].split(), check=False)
    assert done.returncode == 1
    with pytest.raises(net2c.Error) as caught:
        eval("net2c." + call, {"net2c": net2c})
    assert "net2c: " + str(caught.value) == done.stderr.strip()
    assert not (here / "out").exists()
    assert capfd.readouterr() == ("", ""), "a library prints nothing"


def test_sizes_that_the_model_leaves_open(here):
    x = RANDOM.standard_normal((2, 3, 12, 9)).astype("f4")
    want = oracle(here / "open.onnx", {"x": x})["y"]
    for options in ({"size": (12, 9), "batch": 2}, {"size": "12x9", "batch": 2}, {"shapes": {"x": x.shape}}):
        assert_close(net2c.load(here / "open.onnx", **options)(x), want, str(options))


def test_constants(here):
    b = numpy.array([1, 2, 4], "f4")
    net = net2c.load(here / "two.onnx", constants={"in.b": b})
    assert [p.name for p in net.inputs] == ["a"]
    assert (net(numpy.ones((2, 3), "f4"))["d"] == 1 - b).all()


def test_pictures(here):
    pixels = RANDOM.integers(0, 256, (8, 6, 3), "u1")
    Image.fromarray(pixels).save(here / "p.png")
    Image.fromarray(pixels[:4]).save(here / "small.png")
    net = net2c.load(here / "net.onnx", preprocess=here / "pre.json", labels=here / "labels.txt")
    x = net.picture(here / "p.png")
    assert_close(x, ((pixels.astype("f4") - 128) / 64).transpose(2, 0, 1)[None], "prepared", 1e-6)
    scores = net(x)[0]
    assert [(c.index, c.score) for c in net.classify(here / "p.png", top=3)] == [(i, scores[i]) for i in numpy.argsort(-scores)[:3]]
    printed = command("run", here / "net.onnx", "--input", here / "p.png", "--preprocess", here / "pre.json", "--labels", here / "labels.txt").stdout
    assert [c.label for c in net.classify(here / "p.png")] == [line.split()[-1] for line in printed.splitlines()[1:]]
    assert net2c.load(here / "net.onnx").classify(here / "p.png", top=1)[0].label.startswith("class ")
    with pytest.raises(net2c.Error, match="too small|4x6 pixels"):
        net.picture(here / "small.png")
    with pytest.raises(net2c.Error, match="classify wants one of each"):
        net2c.load(here / "two.onnx").classify(here / "p.png")


def test_inspect_is_the_commands(here):
    net = net2c.load(here / "net.onnx", threads=2)
    figures = json.loads(command("inspect", here / "net.onnx", "--json").stdout)
    for inspection in (net.inspect(), net2c.inspect(here / "net.onnx")):
        assert json.loads(json.dumps(dataclasses.asdict(inspection))) == figures
        assert inspection.layers[0].name and inspection.macs == 8 * 6 * 4 * 3 * 9
    assert net.threads == 2 and net.isa in ("portable", "avx2", "avx512", "neon")


def test_compile_writes_what_the_command_writes(here):
    options = ["--name", "my-net", "--isa", "portable,avx2", "--labels", here / "labels.txt", "--preprocess", here / "pre.json", "--size", "12x9,8x6",
               "--batch", "1,3"]
    command("compile", here / "open.onnx", "-o", here / "by_command", *options)
    bundle = net2c.compile(here / "open.onnx", here / "by_python", name="my-net", isa=["portable", "avx2"], labels=here / "labels.txt",
                           preprocess=here / "pre.json", size=[(12, 9), "8x6"], batch=[1, 3])
    assert bundle.name == "my_net" and bundle.folder == str(here / "by_python")
    assert set(bundle.files) == {p.name for p in (here / "by_python").iterdir()} == {p.name for p in (here / "by_command").iterdir()}
    for name in bundle.files:
        assert (here / "by_python" / name).read_bytes() == (here / "by_command" / name).read_bytes(), name


@pytest.mark.parametrize("option", ["single_file", "self_test"])
def test_forms_of_bundles(here, option):
    command("compile", here / "net.onnx", "-o", here / f"{option}_1", "--" + option.replace("_", "-"))
    bundle = net2c.compile(here / "net.onnx", here / f"{option}_2", **{option: True})
    for name in bundle.files:
        assert (here / f"{option}_2" / name).read_bytes() == (here / f"{option}_1" / name).read_bytes(), name


def test_repack(here):
    bundle = net2c.compile(here / "net.onnx", here / "repacked")
    tuned = onnx.load(here / "net.onnx")
    tuned.graph.initializer[0].CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tuned.graph.initializer[0]) * 2, "w"))
    onnx.save(tuned, here / "tuned.onnx")
    before = {name: (here / "repacked" / name).read_bytes() for name in bundle.files}
    assert net2c.repack(here / "tuned.onnx", here / "repacked") == str(here / "repacked/net.weights")
    assert [name for name in bundle.files if (here / "repacked" / name).read_bytes() != before[name]] == ["net.weights"]
    with pytest.raises(net2c.Error, match="is not the network of"):
        net2c.repack(here / "two.onnx", here / "repacked")


def test_instruction_sets_and_threads_give_the_same_bits(here):
    x = RANDOM.standard_normal((1, 3, 8, 6)).astype("f4")
    want = net2c.load(here / "net.onnx", isa="portable")(x)
    for threads in (1, 2, 5):
        assert (net2c.load(here / "net.onnx", threads=threads)(x) == want).all()


@pytest.fixture(scope="module")
def heavy(tmp_path_factory):
    """A network of a third of a second or so, whose output tells its input."""
    nodes = [helper.make_node("Conv", ["x" if i == 0 else f"c{i}", "w"], [f"c{i + 1}"], pads=[1, 1, 1, 1]) for i in range(8)]
    path = model(tmp_path_factory.mktemp("heavy") / "heavy.onnx", nodes, [("x", FLOAT, [1, 64, 128, 128])], [("c8", FLOAT, [1, 64, 128, 128])],
                 {"w": (RANDOM.standard_normal((64, 64, 3, 3)) / 24).astype("f4")})
    return net2c.load(path, threads=2)


def test_one_net_from_several_threads(heavy):
    inputs = [RANDOM.standard_normal((1, 64, 128, 128)).astype("f4") for _ in range(4)]
    want, got = [heavy(x) for x in inputs], [[] for _ in inputs]

    def work(i):
        for _ in range(2):
            got[i].append(heavy(inputs[i]))
    workers = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    assert all(len(results) == 2 and (y == want[i]).all() for i, results in enumerate(got) for y in results)


def test_python_goes_on_meanwhile(heavy):
    x = numpy.zeros((1, 64, 128, 128), "f4")

    def longest_pause():
        """Of this thread while another one computes, as a share of the computation."""
        seconds = []

        def work():
            start = time.monotonic()
            heavy(x)
            seconds.append(time.monotonic() - start)
        worker = threading.Thread(target=work)
        last, pause = time.monotonic(), 0
        worker.start()
        while worker.is_alive():
            now = time.monotonic()
            last, pause = now, max(pause, now - last)
        return pause / seconds[0]
    assert min(longest_pause() for _ in range(5)) < 0.5


def python(code, path, **environment):
    return subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=120,
                          env=os.environ | {"PYTHONPATH": str(path)} | environment)


def test_after_a_fork(here):
    done = python(f"""
        import os, numpy, net2c
        net, x = net2c.load({str(here / 'net.onnx')!r}, threads=4), numpy.ones((1, 3, 8, 6), "f4")
        y = net(x)
        child = os.fork()
        if child == 0:
            os._exit(0 if all((net(x) == y).all() for _ in range(20)) else 9)
        assert os.waitpid(child, 0)[1] == 0
        assert (net(x) == y).all()
        """, FOLDER)
    assert done.returncode == 0, done.stderr


def test_the_bare_folder_serves_chainer_only():
    done = python("""
        import net2c, net2c.chainer
        assert "load" in dir(net2c) and net2c.chainer.write
        try: net2c.load
        except ImportError as error: print(error)
        try: net2c.chainer.graph_of
        except ImportError as error: print(error)
        """, ROOT / "python")
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert "pip install ." in first and "No module named 'chainer'" in second


@pytest.mark.long
def test_pip_install(tmp_path, here):
    """Into a fresh environment, which has NumPy and nothing else: the package, the command, the writer of Chainer's graphs."""
    def call(*command):
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, cwd=tmp_path, timeout=3000,
                              env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"})
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout

    bin = tmp_path / "venv/bin"
    call(sys.executable, "-m", "venv", tmp_path / "venv")
    call(bin / "pip", "install", "--disable-pip-version-check", f"numpy=={numpy.__version__}", ROOT)
    x = RANDOM.standard_normal((1, 3, 8, 6)).astype("f4")
    numpy.save(tmp_path / "x.npy", x)
    net = here / "net.onnx"
    call(bin / "python", "-c", f"import net2c, numpy; numpy.save('y.npy', net2c.load({str(net)!r})(numpy.load('x.npy')))")
    call(bin / "net2c", "run", net, "--input", "x.npy", "--output", "out")
    want = oracle(net, {"x": x})["y"]
    assert_close(numpy.load(tmp_path / "y.npy"), want, "the package")
    assert_close(numpy.load(tmp_path / "out/y.npy"), want, "the command")
    assert call(bin / "python", "-m", "net2c", "--version") == call(bin / "net2c", "--version") == f"net2c {net2c.__version__}\n"
    installed = next(tmp_path.glob("venv/lib/python3*/site-packages/net2c"))
    assert (installed / "py.typed").exists() and (installed / "chainer/__main__.py").exists()
    libraries = {"linux-vdso.so.1", "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
    for file in (installed / "bin/net2c", next(installed.glob("_net2c*.so"))):
        needed = {line.split()[0].rsplit("/")[-1] for line in call("ldd", file).splitlines()}
        assert needed <= libraries, f"{file.name} needs {needed - libraries}"
