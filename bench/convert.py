"""The models as the peers want them. A converter is a function: the command that makes a peer's files in a folder from the
folder's net.onnx. Each model is converted once, and not timed; the files are kept in build/bench/converted, by the model's
content and the peer's version. Peers that read ONNX themselves have no converter."""
import shutil

from process import PYTHON, ROOT, WORK, Failed, call


def openvino(model, folder):
    return [PYTHON.parent / "ovc", model, "--output_model", folder / "net.xml", "--compress_to_fp16=False"]


def mnn(model, folder):
    # Not the mnnconvert command: that installs a package with the first pip it finds, to report its use.
    run = "import sys, _tools; _tools.mnnconvert(sys.argv)"
    return [PYTHON, "-c", run, "-f", "ONNX", "--modelFile", model, "--MNNModel", folder / "net.mnn", "--bizCode", "net"]


def ncnn(model, folder):
    # The program itself: its Python face wants torch.
    program = next(PYTHON.parent.parent.glob("lib/python3*/site-packages/pnnx/pnnx"))
    return [program, model, "fp16=0"]


def litert(model, folder):
    return [ROOT / ".venv-litert/bin/python", ROOT / "bench/tflite.py", model, folder / "net.tflite"]


# With the files that stay; the first is the one to load.
CONVERTERS = {
    "openvino": (openvino, ["net.xml", "net.bin"]),
    "mnn": (mnn, ["net.mnn"]),
    "ncnn": (ncnn, ["net.ncnn.param", "net.ncnn.bin"]),
    "litert": (litert, ["net.tflite"]),
}


def converted(peer, network, version):
    """The file that the peer loads for a network (run.Network)."""
    if peer not in CONVERTERS:
        return network.model
    convert, files = CONVERTERS[peer]
    folder = WORK / "converted" / network.name / f"{peer}-{version}-{network.digest[:16]}"
    if folder.exists():
        return folder / files[0]
    for old in folder.parent.glob(f"{peer}-*"):
        shutil.rmtree(old)
    part = folder.with_name(folder.name + "-part")
    part.mkdir(parents=True)
    model = part / "net.onnx"  # a copy: some write files beside the model, or even change it
    try:
        shutil.copyfile(network.model, model)
        call(convert(model, part), folder=part)
        if missing := [name for name in files if not (part / name).exists()]:
            raise Failed(f"its converter wrote no {missing[0]}")
        for file in part.iterdir():
            if file.name not in files:
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        part.rename(folder)
    except Failed as why:
        raise Failed(f"cannot convert it: {why}") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder / files[0]
