"""Functions that a model defines itself, against ONNX Runtime."""
import numpy
import onnx
import pytest
from onnx import TensorProto, helper

from harness import assert_close, net2c, oracle, run

DOMAIN = "own"


def function(name, inputs, outputs, nodes, attributes=(), defaults=(), opset=17):
    return helper.make_function(DOMAIN, name, inputs, outputs, nodes, [helper.make_opsetid("", opset), helper.make_opsetid(DOMAIN, 1)],
                                list(attributes), list(defaults))


def reference(node, name, to, kind=onnx.AttributeProto.FLOAT):
    """Attribute `name` of the node is attribute `to` of the function."""
    node.attribute.append(onnx.AttributeProto(name=name, ref_attr_name=to, type=kind))
    return node


def model_of(nodes, functions, outputs=("y",), opset=17, shape=(2, 6, 5)):
    graph = helper.make_graph(nodes, "functions", [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                              [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs])
    return helper.make_model(graph, functions=functions, opset_imports=[helper.make_opsetid("", opset), helper.make_opsetid(DOMAIN, 1)], ir_version=10)


def call(name, inputs, outputs, label=None, **attributes):
    return helper.make_node(name, inputs, outputs, name=label, domain=DOMAIN, **attributes)


def node(kind, inputs, outputs, **attributes):
    return helper.make_node(kind, inputs, outputs, **attributes)


def twice():
    """Called twice: the values inside are two each time."""
    f = function("Square", ["a"], ["b"], [node("Mul", ["a", "a"], ["t"]), node("Relu", ["t"], ["b"])])
    return model_of([call("Square", ["x"], ["t"]), call("Square", ["t"], ["y"])], [f])


def attributes():
    """One given, one by default, one left out."""
    inner = reference(reference(node("HardSigmoid", ["a"], ["t"]), "alpha", "slope"), "beta", "offset")
    f = function("Hard", ["a"], ["b"], [inner, reference(node("LeakyRelu", ["t"], ["b"]), "alpha", "leak")], ["slope", "leak"],
                 [helper.make_attribute("offset", 0.25)])
    return model_of([call("Hard", ["x"], ["t"], slope=0.4), call("Hard", ["t"], ["y"], leak=0.3, slope=0.1, offset=-0.2)], [f])


def nested():
    """Attributes are handed on; values of both have the same names."""
    inner = function("Leaky", ["a"], ["t"], [reference(node("LeakyRelu", ["a"], ["t"]), "alpha", "k")], ["k"])
    handed_on = reference(call("Leaky", ["a"], ["t"]), "k", "slope")
    outer = function("Block", ["a"], ["b"], [handed_on, node("Add", ["t", "a"], ["b"])], ["slope"])
    return model_of([call("Block", ["x"], ["t"], slope=0.2), call("Block", ["t"], ["y"], slope=0.7)], [outer, inner])


def several_outputs():
    """One nobody wants, inputs left out, an input handed through."""
    body = [node("Split", ["a"], ["u", "v"], axis=1), node("Clip", ["u", "", "c"], ["w"]), node("Exp", ["v"], ["e"])]
    f = function("Parts", ["a", "c"], ["w", "v", "e", "a"], body)
    calls = [call("Parts", ["x"], ["p", "q"]), call("Parts", ["x"], ["r", "", "s", "z"]), node("Concat", ["p", "q", "r", "s"], ["y"], axis=1)]
    return model_of(calls, [f], ["y", "z"])


def versions():
    """Softmax flattens in the function, which is of version 11, and does not outside."""
    f = function("Old", ["a"], ["b"], [node("Softmax", ["a"], ["b"], axis=1)], opset=11)
    return model_of([call("Old", ["x"], ["t"]), node("Softmax", ["x"], ["u"], axis=1), node("Sub", ["t", "u"], ["y"])], [f])


MODELS = [twice, attributes, nested, several_outputs, versions]
# Where ONNX Runtime wants one version for all of a model, or all outputs of a call.
SPELLED = {
    "versions": lambda x: {"y": softmax(x, (1, 2)) - softmax(x, (1,))},
    "several_outputs": lambda x: {"y": numpy.concatenate([x[:, :3], x[:, 3:], x[:, :3], numpy.exp(x[:, 3:])], 1), "z": x},
}


def softmax(x, axes):
    e = numpy.exp(x - x.max(axes, keepdims=True))
    return e / e.sum(axes, keepdims=True)


@pytest.mark.parametrize("build", MODELS, ids=lambda f: f.__name__)
def test_function(build, tmp_path):
    """What the importer does is over before the engines differ, so one is enough."""
    model = build()
    x = numpy.random.default_rng(1).standard_normal((2, 6, 5)).astype(numpy.float32)
    want = SPELLED[build.__name__](x) if build.__name__ in SPELLED else oracle(model, {"x": x})
    onnx.save(model, tmp_path / "m.onnx")
    got = run(tmp_path / "m.onnx", {"x": x}, tmp_path, "plan")
    for name, value in want.items():
        assert_close(got[name], value, f"{build.__name__}, {name}")


def refused(model, tmp_path):
    onnx.save(model, tmp_path / "m.onnx")
    done = net2c("inspect", tmp_path / "m.onnx", check=False)
    assert done.returncode == 1, done.stderr
    return done.stderr


def test_a_function_that_calls_itself(tmp_path):
    f = function("Loop", ["a"], ["b"], [call("Loop", ["a"], ["t"]), node("Relu", ["t"], ["b"])])
    assert "calls itself" in refused(model_of([call("Loop", ["x"], ["y"], "top")], [f]), tmp_path)


def test_functions_that_grow_without_measure(tmp_path):
    """Each calls the one below ten times."""
    functions = [function("F0", ["a"], ["b"], [node("Relu", ["a"], ["b"])])]
    for i in range(1, 12):
        body = [call(f"F{i - 1}", [f"t{k}" if k else "a"], [f"t{k + 1}" if k < 9 else "b"]) for k in range(10)]
        functions.append(function(f"F{i}", ["a"], ["b"], body))
    assert "too often" in refused(model_of([call("F11", ["x"], ["y"], "top")], functions), tmp_path)


def test_what_a_function_cannot_do_is_named_with_its_place(tmp_path):
    f = function("Odd", ["a"], ["b"], [helper.make_node("NoSuchOperator", ["a"], ["b"], name="inside")])
    assert "NoSuchOperator: 1 time, layer 'top/inside'" in refused(model_of([call("Odd", ["x"], ["y"], "top")], [f]), tmp_path)


def test_a_value_that_nothing_makes(tmp_path):
    f = function("Gap", ["a"], ["b"], [node("Add", ["a", "missing"], ["b"])])
    assert "'missing', which nothing makes" in refused(model_of([call("Gap", ["x"], ["y"], "top")], [f]), tmp_path)
