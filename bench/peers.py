"""The peers, a function each: given a model (of convert.py), a number of threads and the input, make ready at the best fp32
settings and return the call that is timed: hand over the input, infer, return the output. Runs in .venv-bench, one process a
measurement, and prints one line of JSON, or only writes the first output:
    peers.py ENGINE MODEL INPUT.npy THREADS SECONDS|OUTPUT.npy"""
import json
import os
import statistics
import sys
import time

import numpy


def onnxruntime(model, threads, x):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "1")
    options.log_severity_level = 3
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda: session.run(None, {name: x})[0]


def openvino(model, threads, x):
    import openvino

    # Without the precision hint it computes in bf16 where the CPU can.
    settings = dict(INFERENCE_NUM_THREADS=threads, NUM_STREAMS=1, PERFORMANCE_HINT="LATENCY", INFERENCE_PRECISION_HINT="f32")
    request = openvino.Core().compile_model(model, "CPU", settings).create_infer_request()

    def infer():
        request.set_input_tensor(openvino.Tensor(x, shared_memory=True))
        request.infer()
        return request.get_output_tensor().data

    return infer


def mnn(model, threads, x):
    import MNN

    net = MNN.Interpreter(model)
    session = net.createSession(dict(backend="CPU", numThread=threads, precision="high", memory="normal", power="high"))
    input, output = net.getSessionInput(session), net.getSessionOutput(session)
    given = MNN.Tensor(x.shape, MNN.Halide_Type_Float, x, MNN.Tensor_DimensionType_Caffe)
    shape = output.getShape()
    result = MNN.Tensor(shape, MNN.Halide_Type_Float, numpy.zeros(shape, numpy.float32), MNN.Tensor_DimensionType_Caffe)

    def infer():
        input.copyFrom(given)
        net.runSession(session)
        output.copyToHostTensor(result)
        return result

    infer.array = lambda result: result.getNumpyData().reshape(shape)
    return infer


def opencv(model, threads, x):
    import cv2

    cv2.setNumThreads(threads)
    net = cv2.dnn.readNetFromONNX(model)
    net.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    net.setPreferableTarget(cv2.dnn.DNN_TARGET_CPU)

    def infer():
        net.setInput(x)
        return net.forward()

    return infer


def ncnn(model, threads, x, pools=False):
    os.environ |= dict(OMP_WAIT_POLICY="active", OMP_NUM_THREADS=str(threads))  # read when libgomp is loaded
    import ncnn

    net = ncnn.Net()
    options = net.opt
    options.num_threads, options.openmp_blocktime, options.lightmode = threads, 20, True
    options.use_packing_layout = options.use_sgemm_convolution = options.use_winograd_convolution = True
    for reduced in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage"):
        setattr(options, "use_" + reduced, False)
    allocators = [ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()] if pools else [None, None]
    options.blob_allocator, options.workspace_allocator = allocators
    if net.load_param(model) or net.load_model(model.removesuffix(".param") + ".bin"):
        raise RuntimeError("it has not all the layers that pnnx wrote")
    given, (input,), (output,) = ncnn.Mat(x[0]), net.input_names(), net.output_names()

    def infer():
        extractor = net.create_extractor()
        extractor.input(input, given)
        status, result = extractor.extract(output)
        if status:
            raise RuntimeError(f"ncnn's extract says {status}")
        return result

    infer.array = lambda result: numpy.array(result)[None]
    infer.kept = allocators  # the network only points at them
    return infer


def ncnn_pools(model, threads, x):
    """Its own benchmark's way."""
    return ncnn(model, threads, x, pools=True)


def litert(model, threads, x):
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(model, num_threads=threads)  # XNNPACK is its default
    net.allocate_tensors()
    (input,), (output,) = net.get_input_details(), net.get_output_details()
    given = numpy.ascontiguousarray(x.transpose(0, 2, 3, 1))

    def infer():
        net.set_tensor(input["index"], given)
        net.invoke()
        return net.get_tensor(output["index"])

    infer.array = lambda result: result.transpose(0, 3, 1, 2) if result.ndim == 4 else result
    return infer


ENGINES = {f.__name__: f for f in (onnxruntime, openvino, mnn, ncnn, ncnn_pools, litert, opencv)}


def peak_rss_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def last_cache_bytes():
    try:
        with open("/sys/devices/system/cpu/cpu0/cache/index3/size") as size:
            return int(size.read().strip().removesuffix("K")) << 10
    except (OSError, ValueError):
        return 64 << 20


def timed(call, *arguments):
    """What the call returns, and its milliseconds."""
    started = time.perf_counter()
    result = call(*arguments)
    return result, 1e3 * (time.perf_counter() - started)


def measure(infer, seconds):
    for _ in range(3):
        infer()
    times = []
    while len(times) < 10 or sum(times) < 1e3 * seconds:
        times.append(timed(infer)[1])
    memory, cold = peak_rss_mb(), []
    other = numpy.zeros(2 * last_cache_bytes(), numpy.uint8)
    for _ in range(11):
        other += 1
        cold.append(timed(infer)[1])
    return dict(min_ms=min(times), median_ms=statistics.median(times), p90_ms=sorted(times)[len(times) * 9 // 10],
                cold_ms=statistics.median(cold), runs=len(times), peak_rss_mb=memory)


def main():
    engine, model, input_path, threads, last = sys.argv[1:]
    x = numpy.load(input_path)  # lives as long as the engine, which may only point at it
    infer, load = timed(ENGINES[engine], model, int(threads), x)
    y, first = timed(infer)
    if last.endswith(".npy"):
        numpy.save(last, getattr(infer, "array", numpy.asarray)(y))
    else:
        print(json.dumps(measure(infer, float(last)) | dict(load_ms=load, first_ms=first)))
    sys.stdout.flush()
    os._exit(0)  # some engines crash when Python takes them down in an order of its own


main()
