"""net2c: a trained convolutional network becomes plain C, or runs right here.

    import net2c
    net = net2c.load("model.onnx")
    y = net(x)                                    # numpy arrays in and out; no C compiler is needed
    net2c.compile("model.onnx", "bundle")         # C sources, header, weights, an example program

docs/python.md has a page on it.
"""
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._api import (ArenaPeak, Bug, Bundle, Class, Error, Inspection, Layer, Net, Port, Tensor, __version__, compile, inspect, load,
                       repack)

__all__ = ["ArenaPeak", "Bug", "Bundle", "Class", "Error", "Inspection", "Layer", "Net", "Port", "Tensor", "__version__", "compile",
           "inspect", "load", "repack"]


def __getattr__(name: str) -> Any:
    """Loads the compiled part when it is first asked for: net2c.chainer does without it."""
    if name not in __all__:
        raise AttributeError(f"module 'net2c' has no attribute '{name}'")
    from . import _api
    return getattr(_api, name)


def __dir__() -> "list[str]":
    return __all__
