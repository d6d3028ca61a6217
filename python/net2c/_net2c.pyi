# The compiled part; python/module/module.cpp.
from typing import Any, Mapping, Sequence

import numpy
from numpy.typing import NDArray

version: str

class Error(Exception): ...
class Bug(Exception): ...

_Port = tuple[str, str, tuple[int, ...]]

class Net:
    inputs: list[_Port]
    outputs: list[_Port]
    labels: list[str]
    file: str
    figures: str
    isa: str
    threads: int
    def run(self, inputs: Sequence[NDArray[Any]]) -> list[NDArray[Any]]: ...
    def picture(self, path: str) -> NDArray[Any]: ...

def load(files: Sequence[str], size: str, batch: str, constants: Mapping[str, NDArray[Any]], shapes: Mapping[str, Sequence[int]],
         max_memory: str, weights: str, labels: str, preprocess: str, isa: str, threads: int) -> Net: ...
def inspect(files: Sequence[str], size: str, batch: str, constants: Mapping[str, NDArray[Any]],
            shapes: Mapping[str, Sequence[int]], max_memory: str, weights: str) -> str: ...
def compile(files: Sequence[str], folder: str, size: str, batch: str, constants: Mapping[str, NDArray[Any]],
            shapes: Mapping[str, Sequence[int]], max_memory: str, weights: str, labels: str, preprocess: str, name: str, isas: Sequence[str], single_file: bool,
            self_test: bool) -> tuple[str, list[str]]: ...
def repack(files: Sequence[str], folder: str, constants: Mapping[str, NDArray[Any]]) -> str: ...
