"""Running build/net2c and its oracle, ONNX Runtime with every optimisation off."""
import sys

import onnx
import onnxruntime

from engines import BINARY, ENGINES, ROOT, SHARED, TOLERANCE, assert_close, file_of, kernels_of, net2c, run

__all__ = ["BINARY", "ENGINES", "ROOT", "SHARED", "TOLERANCE", "assert_close", "file_of", "kernels_of", "net2c", "oracle", "run"]
sys.path.insert(0, str(ROOT / "examples/networks"))


def oracle(model, inputs):
    """{output name: array}."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 2
    options.log_severity_level = 3
    source = model.SerializeToString() if isinstance(model, onnx.ModelProto) else str(model)
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return dict(zip([o.name for o in session.get_outputs()], session.run(None, inputs)))
