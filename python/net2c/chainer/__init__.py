"""What a Chainer model computes, as a .c2g file for the compiler (docs/chainer.md says what is in it).

    python -m net2c.chainer model.py:Net --input 1x3x224x224 -o net.c2g

or, where the model is at hand:

    import net2c.chainer
    net2c.chainer.write("net.c2g", net2c.chainer.graph_of(model, [("x", (1, 3, 224, 224))]))

Weights stay in the .npz or .h5 file of chainer.serializers.
"""
from typing import TYPE_CHECKING

from .write import write

if TYPE_CHECKING:
    from .graph import graph_of
    from .trace import TraceError

__all__ = ["TraceError", "graph_of", "write"]


def __getattr__(name):
    """Chainer itself is imported when it is first needed."""
    if name == "graph_of":
        from .graph import graph_of
        return graph_of
    if name == "TraceError":
        from .trace import TraceError
        return TraceError
    raise AttributeError(f"module 'net2c.chainer' has no attribute '{name}'")
