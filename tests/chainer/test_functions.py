"""Chainer's functions in every engine against Chainer. The cases of a group are parts of one model, side by side."""
import collections
import functools
import tempfile

import numpy
import pytest

from engines import ENGINES, assert_close, run
from function_cases import CASES, Cases
from traced import expected, write

FAMILIES = [("conv", "deconv", "linear", "matmul"), ("max pool", "average pool", "pyramid", "unpool", "upsample", "resize"), ("activation", "norm"),
            ("arithmetic", "reduce"), ("move", "form")]
GROUP_OF = {family: group for group, families in enumerate(FAMILIES) for family in families}
GROUPS = collections.defaultdict(list)
for each in CASES:
    GROUPS[GROUP_OF[each.family]].append(each)


def outcome(cases, engine, folder):
    model = Cases(cases)
    inputs = model.inputs()
    return run(write(model, inputs, folder), inputs, folder, engine)


@functools.cache
def group_outcome(group, engine):
    """The outputs of a whole group; an AssertionError is a value, raised by each case in its own name."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return outcome(GROUPS[group], engine, folder)
        except AssertionError as error:
            return error


@functools.cache
def wanted(group):
    model = Cases(GROUPS[group])
    return expected(model, *model.inputs().values())


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_function(case, engine, tmp_path):
    got, index = group_outcome(GROUP_OF[case.family], engine), GROUPS[GROUP_OF[case.family]].index(case)
    if isinstance(got, AssertionError):  # one bad case spoils its group: this one alone tells whether it is to blame
        got = {name.replace("o0_", f"o{index}_"): value for name, value in outcome([case], engine, tmp_path).items()}
    want = {name: value for name, value in wanted(GROUP_OF[case.family]).items() if name.startswith(f"o{index}_")}
    assert want
    for name, value in want.items():
        assert_close(got[name], value, f"{case.name}, {engine}, {name}")


def test_every_case_means_something_to_the_oracle():
    """Guards the cases themselves: no output is empty, all zeros or not finite."""
    for group in GROUPS:
        for name, value in wanted(group).items():
            index = int(name[1:].split("_")[0])
            assert value.size and numpy.isfinite(value).all() and value.any(), GROUPS[group][index].name
