"""Reads the tensors of a PyTorch file (.pth) without PyTorch: the zip form and the older run of pickles."""
import collections
import io
import pickle
import zipfile

import numpy

DTYPES = {"FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
          "ShortStorage": "<i2", "CharStorage": "i1", "ByteStorage": "u1", "BoolStorage": "?"}
LEGACY_MAGIC = 0x1950A86A20F9469CFC6C


class Storage:
    """A named stretch of numbers whose bytes come after the pickle that mentions it."""

    def __init__(self, kind, key, count):
        self.dtype, self.key, self.count, self.data = numpy.dtype(DTYPES[kind]), key, count, None


class View:
    """A tensor: offset, shape and strides, in elements, over a storage."""

    def __init__(self, storage, offset, shape, strides):
        self.storage, self.offset, self.shape, self.strides = storage, offset, shape, strides

    def array(self):
        item = self.storage.dtype.itemsize
        flat = self.storage.data[self.offset:]
        return numpy.lib.stride_tricks.as_strided(flat, self.shape, [s * item for s in self.strides]).copy()


class Unpickler(pickle.Unpickler):
    """Admits the few names a state dict needs, and calls nothing else."""

    def __init__(self, file, storages):
        super().__init__(file, encoding="latin1")
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: View(storage, offset, shape, strides)
        if module == "torch" and name in DTYPES:
            return name
        raise pickle.UnpicklingError(f"a state dict has no use for {module}.{name}")

    def persistent_load(self, saved):
        _, kind, key, _, count = saved[:5]
        return self.storages.setdefault(key, Storage(kind, key, count))


def load(path):
    """{name: array} of a file that holds a state dict."""
    storages = {}
    with open(path, "rb") as file:
        if zipfile.is_zipfile(file):
            archive = zipfile.ZipFile(file)
            (pickled,) = [n for n in archive.namelist() if n.endswith("/data.pkl")]
            state = Unpickler(io.BytesIO(archive.read(pickled)), storages).load()
            for key, storage in storages.items():
                content = archive.read(pickled.removesuffix("data.pkl") + f"data/{key}")
                storage.data = numpy.frombuffer(content, storage.dtype, storage.count)
        else:
            file.seek(0)
            magic, _protocol, _system = (Unpickler(file, storages).load() for _ in range(3))
            if magic != LEGACY_MAGIC:
                raise ValueError(f"{path}: not a PyTorch file")
            state = Unpickler(file, storages).load()
            for key in Unpickler(file, storages).load():
                count = int.from_bytes(file.read(8), "little")
                if count != storages[key].count:
                    raise ValueError(f"{path}: storage {key} has {count} numbers, {storages[key].count} were announced")
                storages[key].data = numpy.frombuffer(file.read(count * storages[key].dtype.itemsize), storages[key].dtype)
    return {name: view.array() for name, view in state.items() if isinstance(view, View)}
