"""What of each of Chainer's functions goes into the file. A name is an attribute of the function's object, written without
leading underscores; one that the object does not have (other versions of Chainer) is left out. Functions that are not here
are written by name only, so that the compiler can list all that it does not know."""
import numpy
from chainer.utils.conv import get_deconv_outsize

WINDOW = "kh kw sy sx ph pw"
ATTRIBUTES = {
    # windows
    "Convolution2DFunction": "sy sx ph pw dy dx groups cover_all",
    "ConvolutionND": "ndim stride pad dilate groups cover_all",
    "Deconvolution2DFunction": "sy sx ph pw dy dx groups outh outw",
    "DeconvolutionND": "ndim stride pad dilate groups outs",
    "MaxPooling2D": f"{WINDOW} cover_all",
    "AveragePooling2D": WINDOW,
    "MaxPoolingND": "ndim ksize stride pad cover_all",
    "AveragePoolingND": "ndim ksize stride pad pad_value",
    "Unpooling2D": f"{WINDOW} outh outw cover_all",
    "UnpoolingND": "ndim ksize stride pad outs cover_all",
    "Upsampling2D": f"{WINDOW} outh outw cover_all",
    # matrices
    "LinearFunction": "",
    "MatMul": "transa transb",
    "BatchMatMul": "transa transb",
    # normalisation
    "FixedBatchNormalization": "eps axis",
    "BatchNormalization": "eps axis",
    "GroupNormalization": "groups eps",
    "LayerNormalization": "eps",
    "LocalResponseNormalization": "n k alpha beta",
    "NormalizeL2": "eps axis",
    # activations
    "ReLU": "", "Sigmoid": "", "Tanh": "", "HardSigmoid": "", "PReLUFunction": "", "Swish": "",
    "ClippedReLU": "cap", "ELU": "alpha", "LeakyReLU": "slope", "Softplus": "beta", "RReLU": "lower upper",
    "CReLU": "axis", "Softmax": "axis", "LogSoftmax": "axis",
    # arithmetic
    "Add": "", "Sub": "", "Mul": "", "Div": "", "MultiAdd": "", "Neg": "", "Absolute": "", "Maximum": "", "Minimum": "",
    "PowVarVar": "", "LinearInterpolate": "", "Fmod": "", "Where": "",
    "AddConstant": "value", "SubFromConstant": "value", "MulConstant": "value", "DivFromConstant": "value",
    "PowVarConst": "value", "PowConstVar": "value", "Clip": "x_min x_max",
    "Exp": "", "Log": "", "Log2": "", "Log10": "", "Expm1": "", "Log1p": "", "Sqrt": "", "Square": "", "Erf": "", "Sin": "",
    "Cos": "", "Tan": "", "Sinh": "", "Cosh": "", "Identity": "", "Copy": "", "Cast": "type",
    # reductions
    "Sum": "axis keepdims", "Mean": "axis keepdims", "Max": "axis keepdims", "Min": "axis keepdims", "Prod": "axis keepdims",
    "LogSumExp": "axis", "SumTo": "_shape",
    # form
    "Concat": "axis", "Stack": "axis", "Hstack": "", "Vstack": "", "Dstack": "", "Separate": "axis",
    "SplitAxis": "indices sections axis", "GetItem": "slices", "Pad": "pad_width mode keywords",
    "Reshape": "shape", "ExpandDims": "axis", "Squeeze": "axis", "Transpose": "axes", "Swapaxes": "axis1 axis2",
    "Moveaxis": "source destination", "Rollaxis": "axis start", "Flip": "axis", "FlipLR": "", "FlipUD": "",
    "Tile": "reps", "Repeat": "repeats axis", "Broadcast": "", "BroadcastTo": "_shape", "ResizeImages": "out_H out_W mode align_corners",
    "Depth2Space": "r", "Space2Depth": "r",
}


def name_of(function):
    """The class's name; an old-style Function stands inside an adapter."""
    return type(getattr(function, "function", function)).__name__


def attributes_of(function, inputs):
    """{name: what JSON can say} of a function that has run on arrays `inputs`."""
    function = getattr(function, "function", function)
    name = type(function).__name__
    result = {key.lstrip("_"): plain(getattr(function, key)) for key in ATTRIBUTES.get(name, "").split() if hasattr(function, key)}
    if name == "GetItem":
        slices = function.slices if isinstance(function.slices, tuple) else (function.slices,)
        result["slices"] = [index(s) for s in slices]
    elif name == "Pad":
        result["pad_width"] = numpy.broadcast_to(numpy.asarray(function.pad_width), (inputs[0].ndim, 2)).tolist()
    elif "outh" in result or "outs" in result:
        forget_natural_size(name, result, function, inputs)
    elif name == "Cast":
        result["type"] = numpy.dtype(function.type).name
    return result


def forget_natural_size(name, result, function, inputs):
    """Output sizes that Chainer has worked out itself become null, so that they are worked out again for another input."""
    two = "outh" in result
    kernel = inputs[1].shape[2:] if name.startswith("Deconvolution") else (function.kh, function.kw) if two else function.ksize
    stride, pad = ((function.sy, function.sx), (function.ph, function.pw)) if two else (function.stride, function.pad)
    dilate = getattr(function, "dilate", (1,) * len(kernel)) if not two else (getattr(function, "dy", 1), getattr(function, "dx", 1))
    natural = [get_deconv_outsize(size, *window, cover_all=result.get("cover_all", False), d=d)
               for size, *window, d in zip(inputs[0].shape[2:], kernel, stride, pad, dilate)]
    if not two:
        result["outs"] = None if list(function.outs) == natural else result["outs"]
    elif [function.outh, function.outw] == natural:
        result["outh"] = result["outw"] = None


def plain(value):
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, (numpy.ndarray, numpy.generic)):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if numpy.isfinite(value) else str(value)
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): plain(v) for k, v in value.items()}
    return repr(value)


def index(part):
    """One axis of x[...]: a number, null (a new axis), "...", {"slice": [start, stop, step]} or {"take": indices}."""
    if part is None or isinstance(part, (int, numpy.integer)) and not isinstance(part, bool):
        return plain(part) if part is None else int(part)
    if part is Ellipsis:
        return "..."
    if isinstance(part, slice):
        return {"slice": [None if p is None else int(p) for p in (part.start, part.stop, part.step)]}
    array = numpy.asarray(part)
    return {"take": array.tolist()} if array.dtype.kind in "iu" else {"mask": array.tolist()}
