"""The models as the peers want them. A converter is a function: the command that makes FOLDER/RESULT from an ONNX file, and
RESULT. Each model is converted once, and not timed; the files are kept in build/bench/converted, by the model's content and
the peer's version. Peers that read ONNX themselves have no converter."""
import os
import shutil

from process import PYTHON, WORK, Failed, call


def openvino(model, folder):
    return [PYTHON.parent / "ovc", model, "--output_model", folder / "net.xml", "--compress_to_fp16=False"], "net.xml"


def mnn(model, folder):
    # Not the mnnconvert command: that installs a package with the first pip it finds, to report its use.
    run = "import sys, _tools; _tools.mnnconvert(sys.argv)"
    return [PYTHON, "-c", run, "-f", "ONNX", "--modelFile", model, "--MNNModel", folder / "net.mnn", "--bizCode", "net"], "net.mnn"


def ncnn(model, folder):
    # The program itself: its Python face wants torch.
    program = next(PYTHON.parent.parent.glob("lib/python3*/site-packages/pnnx/pnnx"))
    return [program, model, "fp16=0"], "net.ncnn.param"


CONVERTERS = {"openvino": openvino, "mnn": mnn, "ncnn": ncnn}
KEPT = (".xml", ".bin", ".mnn", ".ncnn.param", ".tflite")  # what a peer loads


def converted(peer, network, version):
    """The file that the peer loads for a network (run.Network)."""
    if peer not in CONVERTERS:
        return network.model
    folder = WORK / "converted" / network.name / f"{peer}-{version}-{network.digest[:16]}"
    part = folder.with_name(folder.name + "-part")
    model = part / "net.onnx"  # pnnx writes its files beside the model
    command, result = CONVERTERS[peer](model, part)
    if folder.exists():
        return folder / result
    for old in folder.parent.glob(f"{peer}-*"):
        shutil.rmtree(old)
    part.mkdir(parents=True)
    try:
        os.link(network.model, model)
        call(command, folder=part)
        if not (part / result).exists():
            raise Failed(f"its converter wrote no {result}")
        for file in part.iterdir():
            if not file.name.endswith(KEPT) or file.name.endswith(".pnnx.bin"):
                file.unlink() if file.is_file() else shutil.rmtree(file)
        part.rename(folder)
    except Failed as why:
        raise Failed(f"cannot convert it: {why}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder / result
