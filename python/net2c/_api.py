"""load, inspect, compile and repack, and what they give."""
from __future__ import annotations

import dataclasses
import json
import operator
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Union, cast

import numpy
from numpy.typing import ArrayLike, NDArray

try:
    from . import _net2c
except ImportError as error:
    raise ImportError(f"net2c's compiled part cannot be imported ({error}). Install the package by `pip install .` in its "
                      "repository; the bare folder python/ serves net2c.chainer only") from error

__version__: str = _net2c.version
Error = _net2c.Error
Bug = _net2c.Bug

Path = Union[str, "os.PathLike[str]"]
Files = Union[Path, Sequence[Path]]
Size = Union[str, "tuple[int, int]"]   # (height, width), or as --size has it

_DTYPES = {"f32": "float32", "f16": "float16", "f64": "float64", "i8": "int8", "u8": "uint8", "i16": "int16", "u16": "uint16",
           "i32": "int32", "u32": "uint32", "i64": "int64", "u64": "uint64", "bool": "bool"}


@dataclasses.dataclass(frozen=True)
class Port:
    """An input or output of a network."""
    name: str
    dtype: numpy.dtype[Any]
    shape: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Layer:
    """A step of a network: its source layer, operator, output's shape ("1x64x112x112"), number of parameters, multiply-adds, and
    the kernel that computes it. Parameters and multiply-adds stand at the step that completes the layer."""
    name: str
    op: str
    shape: str
    parameters: int
    macs: int
    kernel: str


@dataclasses.dataclass(frozen=True)
class Tensor:
    """What lies in the arena under a name: a value of the network, or memory that a layer's algorithm takes."""
    name: str
    bytes: int


@dataclasses.dataclass(frozen=True)
class ArenaPeak:
    """Where the arena is fullest, and what lies in it then."""
    step: int
    layer: str
    bytes: int                   # without scratch
    tensors: tuple[Tensor, ...]  # largest first
    scratch_bytes: int           # beside them, for each thread
    scratch_layer: str           # that takes most of it; "" where none does


@dataclasses.dataclass(frozen=True)
class Inspection:
    """What a network is and what its bundle will need, as `net2c inspect --json` prints it."""
    name: str
    parameters: int
    macs: int            # multiply-adds of one inference
    weights_bytes: int   # of the .weights file
    arena_bytes: int     # working memory, on one thread
    io_bytes: int        # inputs and outputs
    peak_bytes: int      # the sum of the three
    arena_peak: ArenaPeak
    layers: tuple[Layer, ...]


@dataclasses.dataclass(frozen=True)
class Class:
    """One of the best classes of a picture: its label (or "class 7"), its score as the network has it, and its place in the output."""
    label: str
    score: float
    index: int


@dataclasses.dataclass(frozen=True)
class Bundle:
    """What `compile` wrote: the prefix of its public names, the folder, and its files."""
    name: str
    folder: str
    files: tuple[str, ...]


class Net:
    """A network that is ready to run; `load` makes it.

    It may be called from several threads at once: Python's lock is released while it computes, and calls that run beside each
    other share the weights, but each has an arena (`inspect().arena_bytes`) and worker threads of its own, which are kept for
    later calls. Results have the same bits whatever the number of threads.
    """

    def __init__(self, compiled: _net2c.Net) -> None:
        self._net = compiled
        self._inputs = tuple(_port(*p) for p in compiled.inputs)
        self._outputs = tuple(_port(*p) for p in compiled.outputs)

    @property
    def inputs(self) -> tuple[Port, ...]:
        """Name, dtype and shape of each input, in the model's order."""
        return self._inputs

    @property
    def outputs(self) -> tuple[Port, ...]:
        """Name, dtype and shape of each output, in the model's order."""
        return self._outputs

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the classes, where a list of labels was given or came with the model."""
        return tuple(self._net.labels)

    @property
    def isa(self) -> str:
        """The instruction set that it runs on: portable, avx2, avx512 or neon."""
        return self._net.isa

    @property
    def threads(self) -> int:
        """Workers that one call uses."""
        return self._net.threads

    def __call__(self, /, *inputs: ArrayLike, **named: ArrayLike) -> Any:
        """Runs the network.

        Inputs come in the model's order, or by name (`net(**{"input.1": x})` for names that are not Python's), or the first ones
        in order and the others by name. Each must have the dtype and the shape that `inputs` says, in any memory layout: nothing
        is converted, and nothing is changed in place.

        Returns a new array where the network has one output, else a dict of arrays by name, in the model's order.

        Raises `net2c.Error` for inputs that are missing, unknown, or of another dtype or shape.
        """
        results = self._net.run(self._arrange(inputs, named))
        if len(results) == 1:
            return results[0]
        return {port.name: result for port, result in zip(self._outputs, results)}

    def picture(self, path: Path) -> NDArray[Any]:
        """A PNG or JPEG file as the network's first input, prepared as `preprocess` and the model say. Raises `net2c.Error` for
        a file that is damaged, and for a size that nothing says how to change."""
        return self._net.picture(_path(path))

    def classify(self, path: Path, top: int = 5) -> list[Class]:
        """The best classes of a picture, best first, by the network's only output. Raises `net2c.Error` where there are more."""
        if len(self._inputs) != 1 or len(self._outputs) != 1:
            raise Error(f"{self._net.file}: has {len(self._inputs)} inputs and {len(self._outputs)} outputs; classify wants one of each")
        scores = self(self.picture(path)).ravel().astype("float64")
        labels = self.labels
        return [Class(labels[i] if i < len(labels) else f"class {i}", float(scores[i]), int(i)) for i in numpy.argsort(-scores, kind="stable")[:top]]

    def inspect(self) -> Inspection:
        """Layers, parameters, multiply-adds and bytes, as `net2c inspect --json` prints them."""
        return _inspection(self._net.figures)

    def __repr__(self) -> str:
        def text(ports: tuple[Port, ...]) -> str:
            return ", ".join(f"{p.name}: {p.dtype} {'x'.join(map(str, p.shape)) or 'scalar'}" for p in ports)
        return f"<net2c.Net {self._net.file}: ({text(self._inputs)}) -> ({text(self._outputs)})>"

    def _arrange(self, inputs: Sequence[ArrayLike], named: Mapping[str, ArrayLike]) -> list[NDArray[Any]]:
        names = [p.name for p in self._inputs]
        if len(inputs) > len(names):
            raise Error(f"{self._net.file}: {len(inputs)} inputs given, the network has {len(names)}: {', '.join(names)}")
        given = dict(zip(names, inputs))
        for name, value in named.items():
            if name not in names:
                raise Error(f"{self._net.file}: there is no input '{name}'; its inputs are: {', '.join(names)}")
            if name in given:
                raise Error(f"{self._net.file}: input '{name}' is given twice")
            given[name] = value
        arrays = []
        for port in self._inputs:
            if port.name not in given:
                raise Error(f"{self._net.file}: input '{port.name}' is not given")
            if isinstance(given[port.name], (str, os.PathLike)):
                raise Error(f"{self._net.file}: input '{port.name}' takes an array; a picture's file becomes one by net.picture(path)")
            array = _array(given[port.name])
            if array.dtype != port.dtype or array.shape != port.shape:
                advice = f"; convert it: numpy.asarray(x, '{port.dtype}')" if array.shape == port.shape else ""
                raise Error(f"{self._net.file}: input '{port.name}' takes {_text(port.dtype, port.shape)}; "
                            f"what is given for it is {_text(array.dtype, array.shape)}{advice}")
            arrays.append(array)
        return arrays


def load(files: Files, *, size: Size | None = None, batch: int | None = None, shapes: Mapping[str, Sequence[int]] | None = None,
         constants: Mapping[str, ArrayLike] | None = None, max_memory: int | str | None = None, weights: str | None = None,
         labels: Path | None = None, preprocess: Path | None = None, isa: str | None = None, threads: int = 1) -> Net:
    """Reads a model and prepares it to run in this process, by the same kernels that a bundle has; no C compiler is needed.

    files: the model, or all its files in any order: "net.onnx"; ["deploy.prototxt", "net.caffemodel"]; ["net.c2g", "net.npz"]; ["yolo.cfg", "yolo.weights", "coco.names"].
    size: (height, width) of the image, where the model leaves it open. batch: images in one run.
    shapes: whole shapes of inputs, by name, where the model leaves other sizes open.
    constants: inputs to bake in, by name: arrays.
    max_memory: bytes (or "20MB") of weights and arena that one thread may take; layers that need more take slower algorithms.
    weights: "fp32" (the default), or "fp16": weights of convolutions and dense layers are rounded to half precision.
    labels: a text file, one label a line. preprocess: a JSON file that says how a picture becomes the input (docs/pictures.md).
    isa: "portable", "avx2", "avx512" or "neon"; the best of this machine by default. threads: workers of one call, 1 to 64.

    Raises `net2c.Error` with the text of the command for whatever is wrong with the model or an option.
    """
    threads = operator.index(threads)
    if not 1 <= threads <= 64:
        raise Error(f"threads={threads}: give 1 to 64")
    return Net(_net2c.load(_paths(files), _sizes(size), _batches(batch), _arrays(constants), _shapes(shapes), _memory(max_memory), weights or "",
                            _path(labels), _path(preprocess), isa or "", threads))


def inspect(files: Files, *, size: Size | None = None, batch: int | None = None, shapes: Mapping[str, Sequence[int]] | None = None,
            constants: Mapping[str, ArrayLike] | None = None, max_memory: int | str | None = None, weights: str | None = None) -> Inspection:
    """What `net2c inspect --json` prints, typed. The weights may be missing (a Caffe prototxt, a Chainer graph alone). The
    arguments and errors are those of `load`."""
    return _inspection(_net2c.inspect(_paths(files), _sizes(size), _batches(batch), _arrays(constants), _shapes(shapes), _memory(max_memory),
                                      weights or ""))


def compile(files: Files, folder: Path, *, name: str | None = None, size: Size | Sequence[Size] | None = None,
            batch: int | Sequence[int] | None = None, shapes: Mapping[str, Sequence[int]] | None = None,
            constants: Mapping[str, ArrayLike] | None = None, max_memory: int | str | None = None, weights: str | None = None,
            isa: str | Iterable[str] | None = None, labels: Path | None = None, preprocess: Path | None = None, single_file: bool = False,
            self_test: bool = False) -> Bundle:
    """Writes the bundle of a model, as `net2c compile` does: C sources, header, weights, an example program, CMakeLists.txt.

    folder: made where it is not there; nothing is left in it when something fails.
    name: prefix of all public names; the file's name by default.
    size, batch: as of `load`, or lists: the bundle then has every batch at every size over one file of weights, and is opened with one.
    isa: one or several of portable, avx2, avx512 and neon; all by default.
    labels: a text file, one label a line, for the example program.
    preprocess: a JSON file that says how a picture becomes the input (docs/pictures.md).
    single_file: one .c and one .h, weights of up to 4 MB in the .c. self_test: an input and its result go with the weights, and
    NAME_self_test into the code.
    files, shapes, constants, max_memory, weights and the errors are those of `load`.
    """
    isas = [isa] if isinstance(isa, str) else list(isa or ())
    made, written = _net2c.compile(_paths(files), _path(folder), _sizes(size), _batches(batch), _arrays(constants), _shapes(shapes),
                                   _memory(max_memory), weights or "", _path(labels), _path(preprocess), name or "", isas, single_file, self_test)
    return Bundle(made, _path(folder), tuple(written))


def repack(files: Files, folder: Path, *, constants: Mapping[str, ArrayLike] | None = None) -> str:
    """Writes new weights of the same network into the bundle in this folder, as `net2c repack` does: only its .weights file, whose
    path is returned, changes. Raises `net2c.Error` where the model is another network, and for what is wrong with it."""
    return _net2c.repack(_paths(files), _path(folder), _arrays(constants))


def _port(name: str, dtype: str, shape: tuple[int, ...]) -> Port:
    return Port(name, numpy.dtype(_DTYPES[dtype]), shape)


def _inspection(figures: str) -> Inspection:
    fields = json.loads(figures)
    peak = fields["arena_peak"]
    peak["tensors"] = tuple(Tensor(**tensor) for tensor in peak["tensors"])
    return Inspection(**(fields | {"layers": tuple(Layer(**layer) for layer in fields["layers"]), "arena_peak": ArenaPeak(**peak)}))


def _path(path: Path | None) -> str:
    return "" if path is None else os.fspath(path)


def _paths(files: Files) -> list[str]:
    if isinstance(files, (str, os.PathLike)):
        return [_path(files)]
    if not isinstance(files, Iterable):
        raise TypeError(f"{files!r} is no path of a model, nor a list of paths")
    return [_path(f) for f in files]


def _sizes(size: Size | Sequence[Size] | None) -> str:
    """As --size has it."""
    if size is None or isinstance(size, str):
        return size or ""
    if not isinstance(size, Iterable):
        raise TypeError(f"size={size!r}: give (height, width)")
    if all(isinstance(n, (int, numpy.integer)) for n in size):
        return "x".join(str(n) for n in size)
    return ",".join(_sizes(cast(Size, one)) for one in size)


def _batches(batch: int | Sequence[int] | None) -> str:
    """As --batch has it."""
    return "" if batch is None else ",".join(str(n) for n in (batch if isinstance(batch, Sequence) else [batch]))


def _memory(max_memory: int | str | None) -> str:
    """As --max-memory has it."""
    return "" if max_memory is None else str(max_memory)


def _shapes(shapes: Mapping[str, Sequence[int]] | None) -> dict[str, list[int]]:
    return {name: [int(n) for n in shape] for name, shape in (shapes or {}).items()}


def _arrays(arrays: Mapping[str, ArrayLike] | None) -> dict[str, NDArray[Any]]:
    return {name: _array(value) for name, value in (arrays or {}).items()}


def _array(value: ArrayLike) -> NDArray[Any]:
    """In C order and this machine's byte order; of a type that networks have."""
    array = numpy.asarray(value, order="C")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype.name not in _DTYPES.values():
        raise Error(f"an array of {array.dtype} is not what networks work on; give one of: {', '.join(_DTYPES.values())}")
    return array


def _text(dtype: numpy.dtype[Any], shape: tuple[int, ...]) -> str:
    return f"{dtype} {'x'.join(map(str, shape)) or 'scalar'}"
