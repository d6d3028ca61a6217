"""The tools around the compiler: import order, mutations, the reader of PyTorch files, the writer of the example networks."""
import io
import pickle
import shutil
import subprocess
import sys
import zipfile

import numpy
import onnx
import pytest

from harness import ROOT
import pth
import write


def order_of(tmp_path, file, text):
    """The order checker's process over a tree that holds one file."""
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts/check_layers.py", tmp_path / "scripts")
    for folder in ("compiler", "kernels", "runtime"):
        (tmp_path / folder).mkdir()
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text(text)
    return subprocess.run([sys.executable, tmp_path / "scripts/check_layers.py"], capture_output=True, text=True)


@pytest.mark.parametrize("file, include, legal", [
    ("compiler/lower/a.cpp", "plan/plan.h", True),
    ("compiler/plan/a.h", "lower/lower.h", False),
    ("compiler/graph/a.h", "kernels/kernel.h", True),
    ("compiler/base/a.cpp", "graph/graph.h", False),
    ("compiler/other/a.cpp", "base/error.h", False),
    ("kernels/conv/a.h", "kernels/kernel.h", True),
    ("kernels/conv/a.h", "runtime/run.h", False),
    ("runtime/a.c", "kernels/kernel.h", True),
    ("runtime/a.c", "plan/plan.h", False),
])
def test_import_order(tmp_path, file, include, legal):
    done = order_of(tmp_path, file, f'#include <string.h>\n#include "{include}"\n')
    assert (done.returncode == 0) == legal, done.stdout
    assert legal or file in done.stdout


def test_every_part_has_a_mutation_that_applies():
    done = subprocess.run([sys.executable, ROOT / "scripts/mutate", "--dry-run"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


class Pickler(pickle.Pickler):
    """Writes what torch.save writes for a state dict: names of torch's functions, storages by key."""

    class Storage:
        def __init__(self, key, count):
            self.key, self.count = key, count

    class Tensor:
        def __init__(self, *parts):
            self.parts = parts

    def persistent_id(self, value):
        return ("storage", FloatStorage, value.key, "cpu", value.count) if isinstance(value, self.Storage) else None

    def reducer_override(self, value):
        return (_rebuild_tensor_v2, value.parts) if isinstance(value, self.Tensor) else NotImplemented


class FloatStorage:
    pass


def _rebuild_tensor_v2(*parts):
    return parts


@pytest.fixture
def torch_names(monkeypatch):
    """Lets the two names above be pickled as torch's."""
    import types

    utils, torch = types.ModuleType("torch._utils"), types.ModuleType("torch")
    utils._rebuild_tensor_v2, torch.FloatStorage = _rebuild_tensor_v2, FloatStorage
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)
    monkeypatch.setattr(_rebuild_tensor_v2, "__module__", "torch._utils")
    monkeypatch.setattr(FloatStorage, "__module__", "torch")


def test_reads_the_zip_form_with_views(tmp_path, torch_names):
    data = numpy.arange(12, dtype=numpy.float32)
    pickled = io.BytesIO()
    storage = Pickler.Storage("0", 12)
    tensor = Pickler.Tensor(storage, 1, (2, 3), (1, 4), False, {})  # offset 1, a transposed view
    Pickler(pickled, protocol=2).dump({"w": tensor})
    path = tmp_path / "state.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        archive.writestr("archive/data/0", data.tobytes())
    (name, value), = pth.load(path).items()
    assert name == "w"
    assert numpy.array_equal(value, [[1, 5, 9], [2, 6, 10]])


def test_pickles_that_call_other_things_are_refused(tmp_path):
    path = tmp_path / "state.pth"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(print, protocol=2))
    with pytest.raises(pickle.UnpicklingError, match="print"):
        pth.load(path)


def test_seeded_networks_are_the_same_every_time():
    first, second = (write.network("squeezenet_1_1").model().SerializeToString(deterministic=True) for _ in range(2))
    assert first == second


def test_dead_layers_are_noticed():
    model = write.network("squeezenet_1_1").model()
    for tensor in model.graph.initializer:
        if tensor.name == "fire4/squeeze1x1.bias":
            bias = onnx.numpy_helper.to_array(tensor) - 100  # its ReLU lets nothing through
            tensor.CopyFrom(onnx.numpy_helper.from_array(bias, tensor.name))
    with pytest.raises(AssertionError, match="fire4"):
        write.check_layers(model, set())
