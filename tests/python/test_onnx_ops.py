"""Every operator in every engine against ONNX Runtime. The cases of an opset are parts of one model, side by side, so that one
process and one C compilation serve them all."""
import collections
import functools
import tempfile

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from harness import ENGINES, assert_close, oracle, run
from op_cases import CASES

GROUPS = collections.defaultdict(list)
for each in CASES:
    GROUPS[each.opset].append(each)


def model_of(cases):
    """One model of several cases, and values for its inputs."""
    nodes, inputs, initializers, outputs, values = [], [], [], [], {}
    for index, case in enumerate(cases):
        names, random = [], case.random
        for position, operand in enumerate(case.operands):
            name = f"c{index}_{position}"
            if operand is None:
                name = ""
            elif isinstance(operand, list):
                inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, operand))
                drawn = random.uniform(0.5, 2, operand) if case.positive else random.standard_normal(operand)
                values[name] = numpy.asarray(drawn, numpy.float32)
            else:
                initializers.append(numpy_helper.from_array(operand, name))
            names.append(name)
        results = [f"y{index}_{k}" for k in range(case.outputs)]
        nodes.append(helper.make_node(case.op, names, results, name=case.name, **case.attributes))
        kind = case.attributes["to"] if case.op == "Cast" else TensorProto.INT64 if case.op.startswith("Arg") else TensorProto.FLOAT
        outputs += [helper.make_tensor_value_info(r, kind, None) for r in results]
    graph = helper.make_graph(nodes, "cases", inputs, outputs, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", cases[0].opset)], ir_version=8), values


def outcome(cases, engine, folder):
    model, values = model_of(cases)
    path = f"{folder}/cases.onnx"
    onnx.save(model, path)
    return run(path, values, folder, engine)


@functools.cache
def group(opset, engine):
    """The outputs of a whole group and the oracle's; an AssertionError is a value, raised by each case in its own name."""
    cases = GROUPS[opset]
    with tempfile.TemporaryDirectory() as folder:
        try:
            return outcome(cases, engine, folder), expected(opset)
        except AssertionError as error:
            return error, None


@functools.cache
def expected(opset):
    return oracle(*model_of(GROUPS[opset]))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_operator(case, engine, tmp_path):
    got, want = group(case.opset, engine)
    index = GROUPS[case.opset].index(case)
    if isinstance(got, AssertionError):  # one bad case spoils its group: this one alone tells whether it is to blame
        got, want, index = outcome([case], engine, tmp_path), oracle(*model_of([case])), 0
    for k in range(case.outputs):
        assert_close(got[f"y{index}_{k}"], want[f"y{index}_{k}"], f"{case.name}, {engine}, output {k}")


def test_every_case_means_something_to_the_oracle():
    """Guards the cases themselves: no output is empty, all zeros or not finite."""
    for opset in GROUPS:
        for name, value in expected(opset).items():
            assert value.size and numpy.isfinite(value).all() and value.any(), f"{opset}: {name}"
