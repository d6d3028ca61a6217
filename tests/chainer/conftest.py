"""These tests run in Chainer's environment (.venv-chainer); the suite of the other one passes them by."""
import importlib.util
import pathlib
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/python"))
import package  # noqa: E402,F401  (where net2c is imported from)

if importlib.util.find_spec("chainer") is None:
    collect_ignore_glob = ["test_*.py"]
else:
    warnings.simplefilter("ignore")
    import chainer  # noqa: F401  (warns of what it imports)
