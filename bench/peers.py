"""The peers, a function each: given an ONNX file and a number of threads, make ready at the best fp32 settings and return the
call that is timed, from the input array to the output array. Runs in .venv-bench, one process a measurement:
    peers.py ENGINE MODEL INPUT.npy THREADS SECONDS [OUTPUT.npy]    prints one line of JSON."""
import json
import statistics
import sys
import time

import numpy


def onnxruntime(model, threads):
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
    return lambda x: session.run(None, {name: x})[0]


ENGINES = {"onnxruntime": onnxruntime}


def peak_rss_mb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def last_cache_bytes():
    try:
        with open("/sys/devices/system/cpu/cpu0/cache/index3/size") as size:
            return int(size.read().strip().removesuffix("K")) << 10
    except (OSError, ValueError):
        return 64 << 20


def main():
    engine, model, input_path, threads, seconds = sys.argv[1:6]
    x = numpy.load(input_path)
    times = []

    def timed(call, *arguments):
        started = time.perf_counter()
        result = call(*arguments)
        times.append(1e3 * (time.perf_counter() - started))
        return result

    infer = timed(ENGINES[engine], model, int(threads))
    y = timed(infer, x)
    for _ in range(3):
        infer(x)
    load, first = times
    times.clear()
    while len(times) < 10 or sum(times) < 1e3 * float(seconds):
        timed(infer, x)
    memory, cold = peak_rss_mb(), []
    other = numpy.zeros(2 * last_cache_bytes(), numpy.uint8)
    for _ in range(11):
        other += 1
        started = time.perf_counter()
        infer(x)
        cold.append(1e3 * (time.perf_counter() - started))
    if len(sys.argv) > 6:
        numpy.save(sys.argv[6], y)
    print(json.dumps(dict(min_ms=min(times), median_ms=statistics.median(times), p90_ms=sorted(times)[len(times) * 9 // 10],
                          cold_ms=statistics.median(cold), load_ms=load, first_ms=first, runs=len(times), peak_rss_mb=memory)))


main()
