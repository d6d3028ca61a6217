"""Runs a model once and writes down each function that it applies, with what goes in and what comes out."""
import collections
import contextlib

import chainer
import numpy

Call = collections.namedtuple("Call", "function inputs outputs")   # inputs: variables or arrays as they were given


class TraceError(Exception):
    """The model cannot be written down; the text says why and what to do."""


@contextlib.contextmanager
def recording(calls):
    """Appends a Call for every function applied. (A hook would see arrays only, and the links from a variable to the function
    that made it are not there in models that switch back-propagation off.)"""
    original = chainer.FunctionNode.apply

    def apply(function, inputs):
        outputs = original(function, inputs)
        calls.append(Call(function, tuple(inputs), outputs))
        return outputs

    chainer.FunctionNode.apply = apply
    try:
        yield
    finally:
        chainer.FunctionNode.apply = original


def run(call, inputs):
    """The calls of call(*inputs) in test mode, and its results as [(name, variable)]."""
    calls = []
    with chainer.using_config("train", False), recording(calls):
        result = call(*inputs)
    return calls, named_results(result)


def named_results(result):
    if isinstance(result, dict):
        named = [(str(k), v) for k, v in result.items()]
    elif isinstance(result, (tuple, list)):
        named = [("y" if len(result) == 1 else f"y{i}", v) for i, v in enumerate(result)]
    else:
        named = [("y", result)]
    for name, value in named:
        if not isinstance(value, (chainer.Variable, numpy.ndarray)):
            raise TraceError(f"the model returns {type(value).__name__} for '{name}'; it must return a variable, or a list, tuple or "
                             "dictionary of them")
    if not named:
        raise TraceError("the model returns nothing")
    return named


def array_of(value):
    return value.array if isinstance(value, chainer.Variable) else value


def arrays_of_link(link):
    """{path as in a file of chainer.serializers: array} of parameters and persistent arrays; of a parameter that stands in
    several places, the first."""
    found = {}
    for prefix, part in link.namedlinks():
        for name in sorted(part._params) + sorted(part._persistent):
            array = getattr(part, name)
            array = array.array if isinstance(array, chainer.Parameter) else array
            if isinstance(array, numpy.ndarray):
                found[f"{prefix}/{name}".lstrip("/")] = array
    return found
