"""A Chainer model as files for net2c, and what Chainer itself makes of an input."""
import pathlib

import chainer
import numpy

import net2c.chainer
from engines import ENGINES, assert_close, file_of, run


def expected(model, *arrays):
    """{output name: array}, by Chainer."""
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        y = model(*[chainer.Variable(a) for a in arrays])
    named = y if isinstance(y, dict) else dict(y=y) if isinstance(y, chainer.Variable) else {f"y{i}": v for i, v in enumerate(y)}
    return {name: chainer.as_variable(v).array for name, v in named.items()}


def write(model, inputs, folder, name="net"):
    """[graph, weights] of a model. inputs: {name: array}."""
    graph, weights = pathlib.Path(folder) / f"{name}.c2g", pathlib.Path(folder) / f"{name}.npz"
    net2c.chainer.write(graph, net2c.chainer.graph_of(model, [(n, a.shape) for n, a in inputs.items()]))
    chainer.serializers.save_npz(str(weights), getattr(model, "__self__", model))
    return [graph, weights]


def check(model, inputs, folder, what, engines=ENGINES, tolerance=1e-4):
    want = expected(model, *inputs.values())
    files = write(model, inputs, folder)
    for engine in engines:
        got = run(files, inputs, folder, engine)
        assert set(got) == {file_of(name) for name in want}
        for name, value in want.items():
            assert_close(got[file_of(name)], value, f"{what}, {engine}, output {name}", tolerance)


def randomise(model, seed=0):
    """Weights as after training: batch normalisation's too, which begin as zeros and ones."""
    random = numpy.random.RandomState(seed)
    for link in model.links():
        for name in sorted(link._persistent):
            value = getattr(link, name)
            if name == "avg_mean":
                value[...] = random.standard_normal(value.shape) * 0.1
            elif name == "avg_var":
                value[...] = random.uniform(0.5, 2, value.shape)
        for name in sorted(link._params):
            value = getattr(link, name).array
            if value is not None and name in ("gamma", "beta", "b"):
                value[...] = random.standard_normal(value.shape) * 0.1 + (name == "gamma")
    return model
