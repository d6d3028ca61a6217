"""python -m net2c.chainer model.py:Net --input 1x3x224x224 -o net.c2g"""
import argparse
import importlib
import importlib.util
import inspect
import os
import sys

try:
    import chainer
except ImportError as error:
    sys.exit(f"net2c.chainer: Chainer cannot be imported ({error}); run this with the Python that runs your model")

from . import TraceError, graph_of, write

EXAMPLES = """\
examples:
  python -m net2c.chainer model.py:Net --input 1x3x224x224 -o net.c2g
  python -m net2c.chainer "model.py:Net(n_class=10)" --input 1x1x28x28 -o net.c2g
  python -m net2c.chainer "model.py:Net().predict" --input image=1x3x64x64 --input mask=1x1x64x64 -o net.c2g
  python -m net2c.chainer chainer.links:ResNet50Layers\\(None\\) --input 1x3x224x224 -o resnet50.c2g

then, with the weights that chainer.serializers saved:
  net2c compile net.c2g net.npz -o bundle
"""


def parse_input(text):
    """[NAME=]1x3x224x224"""
    name, _, shape = text.rpartition("=")
    try:
        sizes = [int(s) for s in shape.split("x")]
    except ValueError:
        sizes = []
    if not sizes or min(sizes) < 1:
        raise TraceError(f"--input {text}: write a shape, e.g. 1x3x224x224, or NAME=1x3x224x224")
    return name or None, sizes


def load_model(text):
    """FILE.py:EXPRESSION or module:EXPRESSION. A class is made an object, a function is called; both without arguments."""
    place, colon, expression = text.partition(":")
    if not colon or not expression:
        raise TraceError(f"{text}: write FILE.py:NAME, where NAME is the model's class, or an expression that makes the model")
    if place.endswith(".py"):
        if not os.path.exists(place):
            raise TraceError(f"{place}: there is no such file")
        sys.path.insert(0, os.path.dirname(os.path.abspath(place)))
        spec = importlib.util.spec_from_file_location(os.path.basename(place)[:-3], place)
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    else:
        sys.path.insert(0, os.getcwd())
        try:
            module = importlib.import_module(place)
        except ModuleNotFoundError as error:
            raise TraceError(f"{place}: {error}; give a file (model.py:Net) or a module") from error
    try:
        model = eval(expression, vars(module))
    except NameError as error:
        raise TraceError(f"{place}: {error}") from error
    if inspect.isclass(model) or inspect.isfunction(model):
        required = [p.name for p in inspect.signature(model).parameters.values()
                    if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
        if required:
            raise TraceError(f"{expression} needs arguments ({', '.join(required)}); write \"{place}:{expression}(...)\" with them")
        model = model()
    return model


def load_weights(path, link):
    with open(path, "rb") as file:
        hdf5 = file.read(4) == b"\x89HDF"
    (chainer.serializers.load_hdf5 if hdf5 else chainer.serializers.load_npz)(path, link)


def main():
    parser = argparse.ArgumentParser(prog="python -m net2c.chainer", epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
                                     description="Runs a Chainer model on an input of the given shape and writes down what it computes.")
    parser.add_argument("model", metavar="FILE.py:MODEL", help="the model's class, or an expression that makes the model or its method")
    parser.add_argument("--input", action="append", required=True, metavar="[NAME=]SHAPE", help="e.g. 1x3x224x224; once for each input")
    parser.add_argument("-o", "--output", required=True, metavar="FILE.c2g")
    parser.add_argument("--weights", metavar="FILE", help=".npz or .h5: load it first; needed only for models that compute with weights outside "
                        "of Chainer's functions, whose results are then part of the graph")
    options = parser.parse_args()
    try:
        inputs = [parse_input(text) for text in options.input]
        model = load_model(options.model)
        if options.weights:
            load_weights(options.weights, getattr(model, "__self__", model))
        document = graph_of(model, inputs, weights_are_loaded=bool(options.weights))
        write(options.output, document)
    except (TraceError, OSError) as error:
        sys.exit(f"net2c.chainer: {error}")
    print(f"{options.output}: {len(document['functions'])} functions, {len(document['parameters'])} parameters")


main()
