"""Wrong files and models: one clear message each, exit status 1, nothing written."""
import json
import os
import subprocess
import sys
import zipfile

import chainer
import chainer.functions as F
import chainer.links as L
import h5py
import numpy
import pytest

import net2c.chainer as export
from engines import ROOT, net2c
from net2c.chainer import TraceError, graph_of
from traced import write


class Net(chainer.Chain):
    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv = L.Convolution2D(3, 8, 3)
            self.fc = L.Linear(None, 4)

    def forward(self, x):
        return self.fc(F.max_pooling_2d(F.relu(self.conv(x)), 2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Files of all kinds, and the network that they are of: net.c2g, net.npz."""
    folder = tmp_path_factory.mktemp("mistakes")
    model = Net()
    graph, weights = write(model, {"x": numpy.zeros((1, 3, 8, 8), "f")}, folder)
    text, archive = graph.read_text(), weights.read_bytes()
    arrays = dict(numpy.load(weights))

    def changed(name, **replace):
        document = json.loads(text)
        for path, value in replace.items():
            at = document
            *way, last = path.split("__")
            for key in way:
                at = at[int(key[1:]) if key.startswith("i") and key[1:].isdigit() else key]
            at[int(last[1:]) if last.startswith("i") and last[1:].isdigit() else last] = value
        (folder / name).write_text(json.dumps(document))

    chainer.serializers.save_hdf5(str(folder / "net.h5"), model)
    (folder / "cut.c2g").write_text(text[:len(text) // 2])
    (folder / "cut.npz").write_bytes(archive[:len(archive) // 2])
    (folder / "cut.h5").write_bytes((folder / "net.h5").read_bytes()[:700])
    chainer.serializers.save_npz(folder / "stored.npz", model, compression=False)
    stored = (folder / "stored.npz").read_bytes()
    data = model.conv.W.array.tobytes()
    assert stored.count(data) == 1
    (folder / "flipped.npz").write_bytes(stored.replace(data, bytes(b ^ 255 for b in data)))
    (folder / "empty.npz").write_bytes(b"")
    (folder / "text.txt").write_text("hello\n")
    chainer.serializers.save_npz(folder / "other.npz", L.Convolution2D(3, 8, 3))
    chainer.serializers.save_npz(folder / "half.npz", chainer.Sequential(L.Linear(3, 3)))
    numpy.savez(folder / "wide.npz", **dict(arrays, **{"conv/W": numpy.zeros((16, 3, 3, 3), "f")}))
    numpy.savez(folder / "turned.npz", **dict(arrays, **{"fc/W": arrays["fc/W"].T}))
    numpy.savez(folder / "none.npz", **dict(arrays, **{"fc/W": numpy.array(None)}))
    numpy.savez(folder / "text.npz", **dict(arrays, **{"fc/b": numpy.array(["a", "b", "c", "d"])}))
    numpy.savez(folder / "part.npz", **{k: v for k, v in arrays.items() if k != "fc/b"})
    numpy.savez(folder / "twice.npz", **{f"{p}/{k}": v for p in ("a", "b") for k, v in arrays.items()})
    with h5py.File(folder / "none.h5", "w") as file:
        for key, value in arrays.items():
            file[key] = h5py.Empty("f") if key == "fc/W" else value
    with h5py.File(folder / "text.h5", "w") as file:
        for key, value in arrays.items():
            file[key] = "text" if key == "fc/b" else value
    numpy.savez(folder / "huge.npz", **dict(arrays, **{"fc/b": numpy.zeros(4 << 20, "f")}))
    with zipfile.ZipFile(folder / "plain.zip", "w") as file:
        file.writestr("readme.txt", "no arrays")
    numpy.save(folder / "array.npy", numpy.zeros(3, "f"))
    changed("new.c2g", version=2)
    changed("list.c2g", functions={})
    changed("kind.c2g", parameters__i0__shape=[-1, 3])
    changed("type.c2g", parameters__i0__type="complex64")
    changed("input.c2g", functions__i1__inputs=["nothing"])
    changed("double.c2g", functions__i1__name="again", functions__i1__outputs__i0__name="conv")
    changed("output.c2g", outputs=[{"name": "y", "value": "nothing"}])
    changed("shape.c2g", functions__i0__outputs__i0__shape=[1, 8, 7, 7])
    changed("stride.c2g", functions__i0__attributes__sy="two")
    changed("zero.c2g", functions__i0__attributes__sy=0)
    changed("attribute.c2g", functions__i0__attributes__flavour=1)
    changed("missing.c2g", functions__i2__function="GroupNormalization", functions__i2__attributes={})
    changed("constant.c2g", constants=[{"name": "c", "type": "float32", "shape": [2], "data": "AAAA"}])
    changed("unknown.c2g", functions__i1__function="NStepLSTM", functions__i2__function="EmbedIDFunction", functions__i3__function="EmbedIDFunction")
    changed("linear.c2g", functions__i4__inputs=["conv", "fc/W", "fc/b"])
    return folder


MESSAGES = {
    "inspect net.npz": "net.npz: is a zip archive (NumPy .npz, PyTorch .pt, Core ML package): weights at most, without a network. For Chainer give the graph too",
    "inspect net.h5": "net.h5: is an HDF5 file (Chainer, Keras): weights at most, without a network. For Chainer give the graph too",
    "compile net.c2g -o out": "net.c2g: is a graph without its weights; give the .npz or .h5 file that chainer.serializers saved too",
    "diff net.c2g": "net.c2g: is a graph without its weights",
    "diff net.c2g missing.npz": "missing.npz: cannot be opened (No such file or directory)",
    "diff net.c2g empty.npz": "empty.npz: is empty",
    "diff net.c2g text.txt": "text.txt: is not a file of weights for net.c2g; give the .npz or .h5 that chainer.serializers saved",
    "diff text.txt net.c2g": "text.txt: is not a file of weights for a Chainer graph",
    "diff net.c2g array.npy": "array.npy: is not a file of weights for net.c2g",
    "diff net.c2g net.npz net.h5": "net.h5: is one file too many: a Chainer network is one graph (.c2g) and one file of weights (.npz, .h5)",
    "diff net.c2g new.c2g": "new.c2g: is one file too many",
    "diff net.c2g cut.npz": "cut.npz: is not a whole zip archive; copy or download it again",
    "diff net.c2g cut.h5": "cut.h5: is not a whole HDF5 file; copy or download it again",
    "diff net.c2g flipped.npz": "flipped.npz: array 'conv/W': is damaged: its checksum is another",
    "diff net.c2g plain.zip": "plain.zip: has 0 of the 4 arrays that the graph wants; among those that are missing: 'conv/W', 'conv/b', 'fc/W', 'fc/b'. Are these the weights of another network?",
    "diff net.c2g other.npz": "other.npz: has 0 of the 4 arrays that the graph wants; among those that are missing: 'conv/W', 'conv/b'",
    "diff net.c2g part.npz": "part.npz: has 3 of the 4 arrays that the graph wants; among those that are missing: 'fc/b'. Are these",
    "diff net.c2g half.npz": "half.npz: has 0 of the 4 arrays that the graph wants",
    "diff net.c2g wide.npz": "wide.npz: array 'conv/W': is 16x3x3x3, the graph wants 8x3x3x3: these are the weights of another network, or of one with other options",
    "diff net.c2g turned.npz": "turned.npz: array 'fc/W': is 72x4, the graph wants 4x72: these are the weights of another network",
    "diff net.c2g huge.npz": "huge.npz: array 'fc/b': is larger than the 32 bytes that are wanted at most: are these the weights of another network?",
    "diff net.c2g none.npz": "none.npz: array 'fc/W': was not initialised when the file was saved; run the model once before saving it",
    "diff net.c2g none.h5": "none.h5: array 'fc/W': was not initialised when the file was saved",
    "diff net.c2g text.npz": "text.npz: array 'fc/b': has elements of type '<U1'",
    "diff net.c2g text.h5": "text.h5: array 'fc/b': has elements that are neither floats nor integers",
    "diff net.c2g twice.npz": "twice.npz: holds such a network more than once, below 'a/' and 'b/'",
    "inspect cut.c2g": "cut.c2g: is not whole: its JSON cannot be read near byte",
    "inspect new.c2g": "new.c2g: is of version 2 of the format; this net2c reads version 1",
    "inspect list.c2g": "list.c2g: 'functions' is not a list; the file is damaged",
    "inspect kind.c2g": "kind.c2g: value 'conv/W' has an unreadable shape; the file is damaged",
    "inspect type.c2g": "type.c2g: value 'conv/W' is of type 'complex64', which is not supported",
    "inspect input.c2g": "input.c2g: layer 'ReLU-1' (ReLU): its input 'nothing' is not made by anything before it",
    "inspect double.c2g": "double.c2g: two values are named 'conv'",
    "inspect output.c2g": "output.c2g: its output 'y' is made of 'nothing', which is not made by anything",
    "inspect shape.c2g": "shape.c2g: layer 'conv' (Convolution2DFunction): gives f32 1x8x6x6 where Chainer gave f32 1x8x7x7; was the file changed?",
    "inspect stride.c2g": "stride.c2g: layer 'conv' (Convolution2DFunction): attribute 'sy' is not an integer: \"two\"",
    "inspect zero.c2g": "zero.c2g: layer 'conv' (Convolution2DFunction): stride 0 is out of range",
    "inspect attribute.c2g": "attribute.c2g: uses what is not supported:\n  Convolution2DFunction with attribute 'flavour': 1 time, layer 'conv'\n",
    "inspect missing.c2g": "missing.c2g: layer 'MaxPoolingND-1' (GroupNormalization): attribute 'groups' is missing",
    "inspect constant.c2g": "constant.c2g: the data of constant 'c' is damaged: it must be 8 bytes in base64",
    "diff unknown.c2g": "unknown.c2g: uses what is not supported:\n  EmbedIDFunction: 2 times, first in layer 'MaxPoolingND-1'\n  NStepLSTM: 1 time, layer 'ReLU-1'\nWrite the model without these",
    "inspect linear.c2g": "linear.c2g: layer 'fc' (LinearFunction): ",
    "inspect net.c2g --size 9x9": "net.c2g: layer 'fc' (LinearFunction): ",
    "run net.c2g net.npz --input array.npy --output out": "net.c2g: the graph was written for an input 'x' of 1x3x8x8, but what is given for it is 3; set --size, or write the graph again with --input",
    "run net.c2g net.npz --input z=array.npy --output out": "net.c2g: has no input 'z'; its inputs are: x",
}


@pytest.mark.parametrize("line", MESSAGES)
def test_message(line, folder, monkeypatch):
    monkeypatch.chdir(folder)
    done = net2c(*line.split(), check=False)
    assert done.returncode == 1, done.stderr + done.stdout
    assert done.stderr.startswith("net2c: " + MESSAGES[line]), done.stderr
    assert not (folder / "out").exists()


def graph(model, *shapes, **options):
    return graph_of(model, [(None, s) for s in shapes or [(1, 3, 8, 8)]], **options)


class Function(chainer.Chain):
    """A model of one line, with a parameter."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        with self.init_scope():
            self.w = chainer.Parameter(numpy.arange(1, 4, dtype="f"))

    def forward(self, x):
        return self.function(x, self.w)


REFUSED = {
    "input by numpy": (lambda x, w: F.relu(numpy.tanh(x.array) * 2), "computed from the input or the weights outside of Chainer's functions"),
    "weights by numpy": (lambda x, w: x * float(1) + w.array.reshape(1, 3, 1, 1) * 2, "add --weights FILE to bake in what is computed from them"),
    "floor": (lambda x, w: F.relu(F.floor(x * 5)), "outside of Chainer's functions (with numpy, or floor and ceil)"),
    "decision": (lambda x, w: F.relu(x) if x.array.flat[0] > 0 else F.tanh(x), "does not do the same for every input: once"),
    "attribute": (lambda x, w: x * float(x.array.max()), "has attributes that depend on the input or the weights"),
    "result": (lambda x, w: "text", "the model returns str for 'y'"),
    "nothing": (lambda x, w: [], "the model returns nothing"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_written_down(name):
    function, message = REFUSED[name]
    with pytest.raises(TraceError) as error:
        graph(Function(function))
    assert message in str(error.value)


def test_weights_are_left_as_they_were():
    model = Function(lambda x, w: F.scale(x, w, axis=1))
    before = model.w.array.copy()
    graph(model)
    assert numpy.array_equal(model.w.array, before)


def test_computed_weights_are_baked_in_when_they_are_final():
    function, _ = REFUSED["weights by numpy"]
    document = graph(Function(function), weights_are_loaded=True)
    assert len(document["constants"]) == 1 and not document["parameters"]


def test_functions_in_the_table_are_those_that_the_compiler_knows():
    """One list in two places: what Python writes attributes of, and what the compiler translates."""
    from net2c.chainer.functions import ATTRIBUTES

    source = (ROOT / "compiler/import/chainer/functions.cpp").read_text()
    assert set(ATTRIBUTES) == {line.split('"')[1] for line in source.splitlines() if line.strip().startswith('{"')}


def command(*arguments):
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "python"), PYTHONWARNINGS="ignore")
    return subprocess.run([sys.executable, "-m", "net2c.chainer", *map(str, arguments)], capture_output=True, text=True, env=environment)


COMMANDS = {
    "nothing.py:Net --input 1x3x8x8": "nothing.py: there is no such file",
    "net.py --input 1x3x8x8": "net.py: write FILE.py:NAME",
    "net.py:Nett --input 1x3x8x8": "net.py: name 'Nett' is not defined",
    "net.py:Sized --input 1x3x8x8": 'Sized needs arguments (n); write "net.py:Sized(...)" with them',
    "net.py:Net --input 1x3xH": "--input 1x3xH: write a shape, e.g. 1x3x224x224",
    "net.py:number --input 1x3": "5 is not a chainer.Link",
    "net.py:Net --input 1x3x8x8 --weights nothing.npz": "[Errno 2] No such file or directory: 'nothing.npz'",
}


@pytest.mark.parametrize("line", COMMANDS)
def test_command(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.py").write_text("import chainer\nnumber = 5\nclass Net(chainer.Chain):\n    def forward(self, x):\n        return x * 2\n"
                                     "class Sized(Net):\n    def __init__(self, n):\n        super().__init__()\n")
    done = command(*line.split(), "-o", "out.c2g")
    assert done.returncode == 1 and done.stderr.startswith("net2c.chainer: " + COMMANDS[line]), done.stderr
    assert not (tmp_path / "out.c2g").exists()


def test_nothing_half_written(tmp_path):
    with pytest.raises(OSError):
        export.write(tmp_path / "no folder/net.c2g", graph(Function(lambda x, w: F.scale(x, w, axis=1))))
