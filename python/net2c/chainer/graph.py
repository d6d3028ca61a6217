"""Model -> the contents of a .c2g file, as a dictionary."""
import base64
import inspect

import chainer
import numpy

from .functions import attributes_of, name_of
from .trace import TraceError, array_of, arrays_of_link, run

FORMAT, VERSION = "net2c.chainer", 1


def graph_of(model, inputs, weights_are_loaded=False):
    """model: a Link, or a method of one. inputs: [(name or None, shape)], float32.

    The model runs twice, on other numbers (and, unless its weights are the final ones, with other weights): what then differs
    was computed outside of Chainer's functions and would be wrong in the file."""
    link = getattr(model, "__self__", model)
    if not isinstance(link, chainer.Link):
        raise TraceError(f"{model!r} is not a chainer.Link, nor a method of one")
    inputs = with_names(model, inputs)
    random = numpy.random.RandomState(1)
    values = [[random.uniform(-1, 1, shape).astype(numpy.float32) for _, shape in inputs] for _ in range(2)]
    first = Document(model, link, inputs, values[0]).document
    kept = {}
    try:
        if not weights_are_loaded:
            for path, array in arrays_of_link(link).items():
                if array.dtype.kind == "f" and id(array) not in kept:
                    kept[id(array)] = (array, array.copy())
                    array *= array.dtype.type(1.25)
        second = Document(model, link, inputs, values[1]).document
    finally:
        for array, copy in kept.values():
            array[...] = copy
    compare(first, second, weights_are_loaded)
    return first


def with_names(model, inputs):
    """Inputs that have no name get that of the argument."""
    forward = getattr(model, "forward", None) or getattr(model, "__call__", model)
    try:
        arguments = [p.name for p in inspect.signature(forward).parameters.values()
                     if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        arguments = []
    named = []
    for i, (name, shape) in enumerate(inputs):
        name = name or (arguments[i] if i < len(arguments) else f"x{i}")
        if name in [n for n, _ in named]:
            raise TraceError(f"two inputs are named '{name}'")
        named.append((name, tuple(shape)))
    return named


def compare(first, second, weights_are_loaded):
    if first == second:
        return
    for a, b in zip(first["functions"], second["functions"]):
        if a["function"] != b["function"] or a["outputs"] != b["outputs"] or a["inputs"] != b["inputs"]:
            raise TraceError(f"the model does not do the same for every input: once {a['function']} ('{a['name']}'), then "
                             f"{b['function']} ('{b['name']}'); write the model without such a decision")
        if a["attributes"] != b["attributes"]:
            raise TraceError(f"function {a['function']} ('{a['name']}') has attributes that depend on the input or the weights: "
                             f"{a['attributes']}, then {b['attributes']}")
    for a, b in zip(first["constants"], second["constants"]):
        if a != b:
            reader = next(f for f in first["functions"] if a["name"] in f["inputs"])
            source = "the input" if weights_are_loaded else "the input or the weights"
            hint = "" if weights_are_loaded else "; if it is the weights, add --weights FILE to bake in what is computed from them"
            raise TraceError(f"function {reader['function']} ('{reader['name']}') reads an array that was computed from {source} outside of "
                             f"Chainer's functions (with numpy, or floor and ceil): use chainer.functions{hint}")
    raise TraceError("the model does not do the same for every input; write the model without such a decision")


class Document:
    def __init__(self, model, link, inputs, arrays):
        variables = [chainer.Variable(a) for a in arrays]
        self.calls, results = run(model, variables)
        self.paths = {}
        for path, array in arrays_of_link(link).items():   # after the run: it initialises what was not
            self.paths.setdefault(id(array), path)
        self.names = {}        # id of a variable's node or of an array -> value name
        self.used_names = set(self.paths.values())
        self.parameters, self.constants = {}, []
        for (name, _), variable in zip(inputs, variables):
            self.own(variable, self.fresh(name))
        makers = self.makers()
        needed = self.needed(makers, [v for _, v in results])
        self.counts = {}
        functions = [self.function(call) for i, call in enumerate(self.calls) if i in needed]
        outputs = [{"name": self.fresh(name), "value": self.name_of(value)} for name, value in results]
        self.document = {
            "format": FORMAT, "version": VERSION, "chainer": chainer.__version__, "name": type(link).__name__,
            "inputs": [self.typed(self.name_of(v), a) for v, a in zip(variables, arrays)],
            "parameters": list(self.parameters.values()),
            "constants": self.constants,
            "functions": functions,
            "outputs": outputs,
        }

    def makers(self):
        """id of a variable's node or of an array -> index of the call that made it."""
        found = {}
        for i, call in enumerate(self.calls):
            for y in call.outputs:
                found[id(y.node)] = found[id(y.array)] = i
        return found

    def needed(self, makers, wanted):
        """Indices of the calls that the values `wanted` depend on."""
        needed, wanted = set(), list(wanted)
        while wanted:
            value = wanted.pop()
            i = makers.get(id(value.node)) if isinstance(value, chainer.Variable) else None
            i = makers.get(id(array_of(value))) if i is None else i
            if i is not None and i not in needed:
                needed.add(i)
                wanted += [*self.calls[i].inputs, *self.extra_inputs(self.calls[i])]
        return needed

    def extra_inputs(self, call):
        """What a function takes beside its inputs: arrays that are its attributes."""
        name = name_of(call.function)
        if name == "Where":
            return [numpy.asarray(array_of(call.function.condition))]
        if name == "Upsampling2D":   # positions: of a max pooling, whose input says them
            for other in self.calls:
                if getattr(other.function, "indexes", None) is call.function.indexes and name_of(other.function).startswith("MaxPooling"):
                    return [other.inputs[0]]
            raise TraceError("Upsampling2D takes its indexes from elsewhere than a max pooling of the same model, which is not supported")
        return []

    def fresh(self, name):
        result, n = name, 1
        while result in self.used_names:
            n += 1
            result = f"{name}-{n}"
        self.used_names.add(result)
        return result

    def own(self, variable, name):
        self.names[id(variable.node)] = self.names[id(variable.array)] = name

    def name_of(self, value):
        """The name of a value that is read; what nothing has made is a parameter or a constant."""
        array = array_of(value)
        for key in ([id(value.node)] if isinstance(value, chainer.Variable) else []) + [id(array)]:
            if key in self.names:
                return self.names[key]
        path = self.paths.get(id(array))
        if path:
            self.parameters.setdefault(path, self.typed(path, array))
            return path
        name = self.names[id(array)] = self.fresh(f"constant-{len(self.constants) + 1}")
        data = numpy.ascontiguousarray(array)
        self.constants.append({**self.typed(name, data), "data": base64.b64encode(data.tobytes()).decode()})
        return name

    @staticmethod
    def typed(name, array):
        return {"name": name, "type": array.dtype.name, "shape": list(array.shape)}

    def layer_name(self, call, kind):
        """The path of the link whose parameters the function takes, else its own name and a number."""
        for value in call.inputs:
            path = self.paths.get(id(array_of(value)))
            if path and "/" in path:
                return path.rsplit("/", 1)[0]
        self.counts[kind] = self.counts.get(kind, 0) + 1
        return f"{kind}-{self.counts[kind]}"

    def function(self, call):
        kind = name_of(call.function)
        inputs = [self.name_of(v) for v in (*call.inputs, *self.extra_inputs(call))]
        name = self.fresh(self.layer_name(call, kind))
        outputs = []
        for i, y in enumerate(call.outputs):
            value = name if len(call.outputs) == 1 else self.fresh(f"{name}:{i}")
            self.own(y, value)
            outputs.append(self.typed(value, y.array))
        return {"function": kind, "name": name, "inputs": inputs, "outputs": outputs,
                "attributes": attributes_of(call.function, [array_of(v) for v in call.inputs])}
