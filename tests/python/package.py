"""The Python package as it was built beside the command, or what to do where it was not."""
import importlib
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / "build/python/package"
built = any(FOLDER.glob("net2c/_net2c*.so"))
why_not = "the Python module is not built: cmake -DNET2C_PYTHON=ON, target _net2c"
sys.path.insert(0, str(FOLDER if built else ROOT / "python"))
net2c = importlib.import_module("net2c")
