"""Chainer's functions as small cases: what is computed, and the shapes of its inputs. A case's parameters are made at its first
run by `p(shape)`, and saved as weights."""
import dataclasses
import typing
import zlib

import chainer
import chainer.functions as F
import numpy


@dataclasses.dataclass
class Case:
    name: str
    function: typing.Callable      # (p, *inputs) -> variable or tuple of them
    shapes: list
    positive: bool = False         # inputs in 0.5..2 in place of a normal distribution

    @property
    def family(self):
        return self.name.split("/")[0]

    def inputs(self):
        random = numpy.random.RandomState(zlib.crc32(self.name.encode()))
        return [(random.uniform(0.5, 2, s) if self.positive else random.standard_normal(s)).astype("f") for s in self.shapes]


CASES = []


def case(name, function, *shapes, **options):
    CASES.append(Case(name, function, [list(s) for s in shapes], **options))


def convolutions():
    for name, x, w, options in [
        ("3x3", [1, 16, 10, 11], (32, 16, 3, 3), dict(pad=1)),
        ("1x1", [2, 13, 5, 5], (19, 13, 1, 1), {}),
        ("rgb", [1, 3, 17, 19], (16, 3, 5, 3), dict(stride=(2, 1), pad=(2, 1))),
        ("dilated", [1, 8, 13, 12], (8, 8, 3, 3), dict(dilate=(2, 3), pad=(2, 3))),
        ("groups", [1, 16, 8, 8], (32, 8, 3, 3), dict(groups=2, stride=2)),
        ("cover all", [1, 8, 10, 11], (8, 8, 3, 3), dict(stride=(2, 3), cover_all=True)),
        ("cover all/pad", [1, 8, 9, 8], (8, 8, 2, 3), dict(stride=3, pad=1, cover_all=True)),
    ]:
        case(f"conv/{name}", lambda p, x, w=w, options=options: F.convolution_2d(x, p(*w), p(w[0]), **options), x)
        case(f"conv/{name}/no bias", lambda p, x, w=w, options=options: F.convolution_2d(x, p(*w), **options), x)
    case("conv/1d", lambda p, x: F.convolution_1d(x, p(10, 6, 3), p(10), stride=2, pad=1), [1, 6, 20])
    case("conv/1d/dilated", lambda p, x: F.convolution_1d(x, p(6, 3, 3), dilate=2, groups=2), [2, 6, 20])
    case("conv/nd", lambda p, x: F.convolution_nd(x, p(8, 4, 3, 2), p(8), stride=(1, 2), pad=(1, 0)), [1, 4, 9, 10])
    case("conv/depthwise", lambda p, x: F.depthwise_convolution_2d(x, p(1, 12, 3, 3), p(12), pad=1), [1, 12, 9, 10])
    case("conv/depthwise/times two", lambda p, x: F.depthwise_convolution_2d(x, p(2, 8, 3, 3), p(16), stride=2), [1, 8, 9, 10])
    case("conv/dilated function", lambda p, x: F.dilated_convolution_2d(x, p(8, 8, 3, 3), p(8), pad=2, dilate=2), [1, 8, 9, 10])
    for name, x, w, options in [
        ("2x2", [1, 8, 5, 6], (8, 16, 2, 2), dict(stride=2)),
        ("4x4", [1, 16, 6, 7], (16, 8, 4, 4), dict(stride=2, pad=1)),
        ("stride 1", [1, 8, 7, 6], (8, 3, 9, 9), dict(pad=4)),
        ("outsize", [1, 8, 5, 6], (8, 8, 3, 3), dict(stride=2, pad=1, outsize=(10, 12))),
        ("outsize/cover all", [1, 8, 5, 6], (8, 8, 3, 3), dict(stride=2, outsize=(10, 12))),
        ("pads beyond the kernel", [1, 8, 6, 7], (8, 8, 4, 4), dict(stride=2, pad=3)),
        ("groups", [1, 8, 5, 6], (8, 6, 3, 3), dict(stride=2, pad=1, groups=2)),
        ("dilated", [1, 8, 5, 6], (8, 8, 3, 3), dict(dilate=2, stride=2)),
    ]:
        case(f"deconv/{name}", lambda p, x, w=w, o=options: F.deconvolution_2d(x, p(*w), p(w[1] * o.get("groups", 1)), **o), x)
        case(f"deconv/{name}/no bias", lambda p, x, w=w, o=options: F.deconvolution_2d(x, p(*w), **o), x)
    case("deconv/1d", lambda p, x: F.deconvolution_1d(x, p(6, 4, 3), p(4), stride=2, pad=1), [1, 6, 9])
    case("deconv/nd", lambda p, x: F.deconvolution_nd(x, p(4, 8, 3, 2), p(8), stride=(1, 2), outsize=(11, 19)), [1, 4, 9, 9])


def matrices():
    case("linear/2d", lambda p, x: F.linear(x, p(7, 20), p(7)), [3, 20])
    case("linear/no bias", lambda p, x: F.linear(x, p(33, 20)), [1, 20])
    case("linear/4d", lambda p, x: F.linear(x, p(7, 60), p(7)), [2, 5, 3, 4])
    case("linear/batch axes", lambda p, x: F.linear(x, p(7, 4), p(7), n_batch_axes=3), [2, 5, 3, 4])
    for name, a, b, options in [
        ("2d", [3, 4], [4, 5], {}), ("transposed", [4, 3], [5, 4], dict(transa=True, transb=True)), ("3d", [2, 3, 4], [2, 4, 5], {}),
        ("broadcast", [2, 3, 4], [4, 5], {}), ("row", [4], [4, 5], {}), ("column", [2, 3, 4], [4], {}), ("dot", [4], [4], {}),
        ("row 3d", [4], [2, 4, 5], {}),
    ]:
        case(f"matmul/{name}", lambda p, a, b, o=options: F.matmul(a, b, **o), a, b)
    case("matmul/parameter", lambda p, x: F.matmul(x, p(6, 5), transb=False), [4, 6])
    case("matmul/batch", lambda p, a, b: F.batch_matmul(a, b, transb=True), [2, 3, 4], [2, 5, 4])


def poolings():
    for name, x, arguments, options in [
        ("2x2", [1, 8, 8, 10], (2,), {}), ("2x2/odd", [1, 8, 7, 9], (2,), {}), ("3x3/2", [1, 5, 8, 9], (3, 2), {}),
        ("3x3/2/pad", [1, 8, 8, 9], (3, 2, 1), {}), ("floor", [1, 8, 8, 9], (3, 2), dict(cover_all=False)),
        ("rectangle", [2, 4, 9, 11], ((3, 2), (2, 3), (1, 0)), {}), ("wide stride", [1, 8, 11, 8], (2, 3), {}),
        ("whole", [1, 8, 6, 7], ((6, 7),), {}),
    ]:
        case(f"max pool/{name}", lambda p, x, a=arguments, o=options: F.max_pooling_2d(x, *a, **o), x)
        if not options:
            case(f"average pool/{name}", lambda p, x, a=arguments: F.average_pooling_2d(x, *a), x)
    case("max pool/stride longer than the map", lambda p, x: F.relu(F.max_pooling_2d(x, 1, 3)), [1, 4, 5, 5])
    case("max pool/1d", lambda p, x: F.max_pooling_1d(x, 3, 2), [1, 6, 12])
    case("max pool/nd", lambda p, x: F.max_pooling_nd(x, (2, 3), cover_all=False), [1, 6, 7, 8])
    case("average pool/1d", lambda p, x: F.average_pooling_1d(x, 3, 2, 1), [1, 6, 12])
    case("average pool/nd", lambda p, x: F.average_pooling_nd(x, 3, 2, 1), [1, 6, 8, 9])
    case("average pool/without padding", lambda p, x: F.average_pooling_nd(x, 3, 2, 1, pad_value=None), [1, 6, 8, 9])
    case("average pool/global", lambda p, x: F.reshape(F.average_pooling_2d(x, x.shape[2:], stride=1), x.shape[:2]), [2, 12, 5, 7])
    for height in (1, 2, 3):
        case(f"pyramid/{height}", lambda p, x, n=height: F.spatial_pyramid_pooling_2d(x, n, pooling="max"), [2, 5, 9, 13])
    for name, x, arguments, options in [
        ("cover all", [1, 8, 4, 5], (2,), {}), ("2x2", [1, 8, 4, 5], (2,), dict(cover_all=False)), ("outsize", [1, 6, 4, 5], (2, 2), dict(outsize=(7, 9))),
        ("overlap", [1, 6, 4, 5], (3, 2), dict(cover_all=False)), ("overlap/pad", [1, 6, 4, 5], (3, 2, 1), {}), ("rectangle", [1, 3, 4, 5], ((2, 3),), dict(cover_all=False)),
    ]:
        case(f"unpool/{name}", lambda p, x, a=arguments, o=options: F.unpooling_2d(x, *a, **o), x)
    case("unpool/1d", lambda p, x: F.unpooling_1d(x, 3, cover_all=False), [1, 6, 5])

    def upsample(p, x, **options):
        y, indices = F.max_pooling_2d(F.relu(x), 2, 2, return_indices=True, **options)
        return F.upsampling_2d(F.convolution_2d(y, p(8, 8, 1, 1), p(8)), indices, 2, 2, outsize=x.shape[2:], **options)

    case("upsample/even", upsample, [1, 8, 8, 6])
    case("upsample/odd", upsample, [2, 8, 7, 9])
    case("upsample/floor", lambda p, x: upsample(p, x, cover_all=False), [1, 8, 7, 9])


def activations():
    for name, function in dict(
        relu=F.relu, elu=F.elu, selu=F.selu, leaky=F.leaky_relu, sigmoid=F.sigmoid, tanh=F.tanh, hard_sigmoid=F.hard_sigmoid, softplus=F.softplus,
        relu6=F.relu6, crelu=F.crelu, softmax=F.softmax, log_softmax=F.log_softmax, exp=F.exp, sin=F.sin, cos=F.cos, tan=F.tan, sinh=F.sinh, cosh=F.cosh,
        absolute=F.absolute, square=F.square, expm1=F.expm1, erf=F.erf,
    ).items():
        case(f"activation/{name}", lambda p, x, f=function: f(x), [2, 9, 4, 5])
    for name, function in dict(log=F.log, log2=F.log2, log10=F.log10, log1p=F.log1p, sqrt=F.sqrt, rsqrt=F.rsqrt).items():
        case(f"activation/{name}", lambda p, x, f=function: f(x), [2, 9, 4, 5], positive=True)
    case("activation/elu/alpha", lambda p, x: F.elu(x, 0.3), [1, 8, 4, 5])
    case("activation/leaky/slope", lambda p, x: F.leaky_relu(x, 0.01), [1, 8, 4, 5])
    case("activation/clipped", lambda p, x: F.clipped_relu(x * 3, 2.5), [1, 8, 4, 5])
    case("activation/clip", lambda p, x: F.clip(x, -0.5, 0.7), [1, 8, 4, 5])
    case("activation/softplus/beta", lambda p, x: F.softplus(x, 2.0), [1, 8, 4, 5])
    case("activation/rrelu", lambda p, x: F.rrelu(x), [1, 8, 4, 5])
    case("activation/crelu/axis", lambda p, x: F.crelu(x, 2), [1, 8, 4, 5])
    case("activation/softmax/axis", lambda p, x: F.softmax(x, 3), [2, 5, 4, 7])
    case("activation/prelu/one", lambda p, x: F.prelu(x, p()), [1, 8, 4, 5])
    case("activation/prelu/channels", lambda p, x: F.prelu(x, p(8)), [2, 8, 4, 5])
    case("activation/prelu/elements", lambda p, x: F.prelu(x, p(8, 4, 5)), [1, 8, 4, 5])
    case("activation/prelu/rank 2", lambda p, x: F.prelu(x, p(8)), [3, 8])
    case("activation/swish", lambda p, x: F.swish(x, p(8)), [2, 8, 4, 5])
    case("activation/maxout", lambda p, x: F.maxout(x, 3), [2, 12, 4, 5])
    case("activation/maxout/rank 2", lambda p, x: F.maxout(x, 4), [3, 20])
    case("activation/dropout", lambda p, x: F.relu(F.dropout(x)), [1, 8, 4, 5])


def norms():
    stats = lambda p, n: (p(n), p(n), p(n), F.square(p(n)) + 0.5)   # noqa: E731
    case("norm/fixed", lambda p, x: F.fixed_batch_normalization(x, *stats(p, 8)), [2, 8, 4, 5])
    case("norm/fixed/eps", lambda p, x: F.fixed_batch_normalization(x, *stats(p, 8), eps=0.1), [1, 8, 4, 5])
    case("norm/fixed/rank 2", lambda p, x: F.fixed_batch_normalization(x, *stats(p, 20)), [3, 20])
    case("norm/fixed/rank 3", lambda p, x: F.fixed_batch_normalization(x, *stats(p, 6)), [2, 6, 7])
    case("norm/fixed/axis", lambda p, x: F.fixed_batch_normalization(x, *stats(p, 5), axis=(0, 1, 2)), [2, 6, 7, 5])
    case("norm/fixed/elements", lambda p, x: F.fixed_batch_normalization(x, *(F.reshape(s, (3, 4, 2)) for s in stats(p, 24)), axis=0), [2, 3, 4, 2])
    case("norm/batch", lambda p, x: F.batch_normalization(x, p(8), p(8)), [3, 8, 4, 5])
    case("norm/batch/rank 2", lambda p, x: F.batch_normalization(x, p(8), p(8)), [5, 8])
    case("norm/batch/axis", lambda p, x: F.batch_normalization(x, p(5), p(5), axis=(0, 1, 2)), [2, 6, 7, 5])

    def instance(p, x):
        n, c, h, w = x.shape
        gamma, beta = (F.broadcast_to(v, (n, c)).reshape(n * c) for v in (p(c), p(c)))
        return F.batch_normalization(F.reshape(x, (1, n * c, h, w)), gamma, beta, eps=1e-5).reshape(n, c, h, w)

    case("norm/instance", instance, [1, 8, 6, 5])
    case("norm/instance/batch", instance, [3, 8, 6, 5])
    case("norm/instance/tiled", lambda p, x: F.batch_normalization(F.reshape(x, (1, 16, 6, 5)), F.tile(p(8), 2), F.tile(p(8), 2)).reshape(x.shape), [2, 8, 6, 5])
    case("norm/group", lambda p, x: F.group_normalization(x, 4, p(12), p(12)), [2, 12, 5, 4])
    case("norm/group/rank 3", lambda p, x: F.group_normalization(x, 2, p(6), p(6), eps=0.01), [2, 6, 9])
    case("norm/layer", lambda p, x: F.layer_normalization(x, p(20), p(20)), [3, 20])
    case("norm/layer/eps", lambda p, x: F.layer_normalization(x, p(20), p(20), eps=0.1), [1, 20])
    case("norm/lrn", lambda p, x: F.local_response_normalization(x * 4), [1, 11, 4, 5])
    case("norm/lrn/odd", lambda p, x: F.local_response_normalization(x, 3, 1, 0.5, 0.6), [2, 8, 4, 5])
    case("norm/lrn/even", lambda p, x: F.local_response_normalization(x, 4, 1, 0.5, 0.6), [1, 8, 4, 5])
    case("norm/l2", lambda p, x: F.normalize(x), [2, 8, 4, 5])
    case("norm/l2/axes", lambda p, x: F.normalize(x, 1e-3, (1, 2)), [2, 8, 4, 5])


def arithmetic():
    for name, f in {"add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b, "maximum": F.maximum, "minimum": F.minimum}.items():
        case(f"arithmetic/{name}", lambda p, a, b, f=f: f(a, b), [2, 8, 4, 5], [2, 8, 4, 5])
    for name, f in {"add": lambda a, b: a + b, "sub": lambda a, b: b - a, "mul": lambda a, b: a * b}.items():
        case(f"arithmetic/{name}/broadcast", lambda p, a, b, f=f: f(a, F.broadcast_to(b, a.shape)), [2, 8, 4, 5], [1, 8, 1, 1])
        case(f"arithmetic/{name}/parameter", lambda p, a, f=f: f(a, p(1, 8, 1, 1)), [2, 8, 4, 5])
    case("arithmetic/div", lambda p, a, b: a / b, [2, 8, 4, 5], [2, 8, 4, 5], positive=True)
    case("arithmetic/pow", lambda p, a, b: a ** b, [2, 8, 4, 5], [2, 8, 4, 5], positive=True)
    case("arithmetic/fmod", lambda p, a, b: F.fmod(a, b), [2, 8], [2, 8], positive=True)
    for name, f in {"add": lambda x: x + 1.5, "radd": lambda x: 2 + x, "sub": lambda x: x - 0.25, "rsub": lambda x: 3 - x, "mul": lambda x: x * 127.5,
                    "div": lambda x: x / 3, "neg": lambda x: -x, "square": lambda x: x ** 2, "cube": lambda x: x ** 3}.items():
        case(f"arithmetic/constant/{name}", lambda p, x, f=f: f(x), [2, 8, 4, 5])
    for name, f in {"rdiv": lambda x: 2 / x, "root": lambda x: x ** 0.5, "rpow": lambda x: 2 ** x}.items():
        case(f"arithmetic/constant/{name}", lambda p, x, f=f: f(x), [2, 8, 4, 5], positive=True)
    mean = numpy.array([0.485, 0.456, 0.406], "f").reshape(1, 3, 1, 1)
    case("arithmetic/constant/array", lambda p, x: (x - mean) / numpy.float32(0.225), [1, 3, 6, 5])
    case("arithmetic/multi add", lambda p, a, b, c: F.add(a, b, c), [2, 8], [2, 8], [2, 8])
    case("arithmetic/scale", lambda p, x: F.scale(x, p(8), axis=1), [2, 8, 4, 5])
    case("arithmetic/bias", lambda p, x: F.bias(x, p(8), axis=1), [2, 8, 4, 5])
    case("arithmetic/interpolate", lambda p, a, b, c: F.linear_interpolate(F.sigmoid(a), b, c), [2, 8], [2, 8], [2, 8])
    case("arithmetic/where", lambda p, a, b: F.where(numpy.arange(16).reshape(2, 8) % 3 == 0, a, b), [2, 8], [2, 8])
    case("arithmetic/cast", lambda p, x: F.cast(x, "float32") + 1, [2, 8])


def reductions():
    for name, f in dict(sum=F.sum, mean=F.mean, max=F.max, min=F.min, logsumexp=F.logsumexp, prod=F.prod).items():
        for axis in (None, 1, (2, 3), -1):
            case(f"reduce/{name}/{axis}", lambda p, x, f=f, a=axis: f(x, axis=a), [2, 3, 4, 5], positive=name == "prod")
    for name, f in dict(sum=F.sum, mean=F.mean, max=F.max).items():
        case(f"reduce/{name}/keep", lambda p, x, f=f: f(x, axis=(2, 3), keepdims=True), [2, 9, 4, 5])
    case("reduce/average/weights", lambda p, x: F.average(x, axis=1, weights=F.sigmoid(p(6))), [2, 6, 4])
    case("reduce/sum to", lambda p, x: F.sum_to(x, (1, 8, 1)), [3, 8, 4])


def moves():
    x = [2, 12, 4, 6]
    for axis in (0, 1, 2, -1):
        case(f"move/concat/{axis}", lambda p, a, b, d=axis: F.concat((a, b * 2, a), axis=d), x, x)
        case(f"move/stack/{axis}", lambda p, a, b, d=axis: F.stack((a, b), axis=d), [3, 4], [3, 4])
    case("move/concat/odd", lambda p, a, b: F.concat((a, b)), [1, 5, 4, 6], [1, 7, 4, 6])
    for name, shapes in {"1d": [[3], [4]], "2d": [[3, 2], [3, 2]], "3d": [[2, 3, 4], [2, 3, 4]]}.items():
        case(f"move/hstack/{name}", lambda p, a, b: F.hstack((a, b)), *shapes)
        case(f"move/vstack/{name}", lambda p, a, b: F.vstack((a, b)), *([shapes[0]] * 2))
        case(f"move/dstack/{name}", lambda p, a, b: F.dstack((a, b)), *([shapes[0]] * 2))
    case("move/split/sections", lambda p, x: F.split_axis(x, 3, 1), x)
    case("move/split/indices", lambda p, x: F.split_axis(x, [2, 9], 1), x)
    case("move/split/from the end", lambda p, x: F.split_axis(x, [-9, -2], 1), x)
    case("move/split/used once", lambda p, x: F.split_axis(x, [2, 9], 1)[1], x)
    case("move/separate", lambda p, x: F.separate(x, 2), [2, 3, 4])
    for name, index in {"slice": numpy.s_[:, 2:9], "step": numpy.s_[:, ::3, 1:4:2], "number": numpy.s_[0], "numbers": numpy.s_[1, 3, -1], "ellipsis": numpy.s_[..., 2:],
                        "new axis": numpy.s_[:, None, 3], "negative": numpy.s_[:, :, 1:-1, -5:-1], "backwards": numpy.s_[:, ::-1], "backwards from": numpy.s_[:, 9:1:-2],
                        "list": numpy.s_[:, [3, 1, 1, -2]], "crop": numpy.s_[:, :, 1:3, 2:4], "all": numpy.s_[...]}.items():
        case(f"move/item/{name}", lambda p, x, i=index: F.get_item(x, i) + 0, x)
    for name, width, mode, options in [
        ("constant", ((0, 0), (0, 0), (1, 2), (3, 0)), "constant", {}), ("value", 1, "constant", dict(constant_values=2.5)),
        ("reflect", ((0, 0), (0, 0), (2, 1), (3, 3)), "reflect", {}), ("edge", ((0, 0), (0, 0), (2, 1), (3, 3)), "edge", {}),
        ("symmetric", ((0, 0), (0, 0), (2, 1), (3, 3)), "symmetric", {}), ("wrap", ((0, 0), (0, 0), (2, 1), (0, 3)), "wrap", {}),
        ("channels", ((0, 0), (2, 2), (0, 0), (0, 0)), "constant", {}), ("pair", (1, 2), "constant", {}),
    ]:
        case(f"move/pad/{name}", lambda p, x, w=width, m=mode, o=options: F.pad(x, w, m, **o), x)
    for name, f in {"flip": lambda x: F.flip(x, 2), "fliplr": F.fliplr, "flipud": F.flipud, "tile": lambda x: F.tile(x, (1, 2, 1, 3)), "tile more": lambda x: F.tile(x[0, 0], (2, 1, 2)),
                    "tile few": lambda x: F.tile(x, 2), "repeat": lambda x: F.repeat(x, 2, 3), "repeat each": lambda x: F.repeat(x, (1, 0, 2, 3), 2), "repeat flat": lambda x: F.repeat(x, 2),
                    "broadcast": lambda x: F.broadcast(x[:, :1], x[:1])}.items():
        case(f"move/{name}", lambda p, x, f=f: f(x), x)


def forms():
    x = [2, 12, 4, 6]
    for name, f in {"reshape": lambda x: F.reshape(x, (2, 6, 8, 6)), "reshape/rest": lambda x: F.reshape(x, (4, -1)), "flatten": F.flatten, "expand": lambda x: F.expand_dims(x, 1),
                    "expand/last": lambda x: F.expand_dims(x, -1), "squeeze": lambda x: F.squeeze(x[:, :1, :, :1]), "squeeze/axis": lambda x: F.squeeze(x[:, :1, :, :1], 1),
                    "transpose": lambda x: F.transpose(x, (0, 2, 3, 1)), "transpose/reverse": F.transpose, "swapaxes": lambda x: F.swapaxes(x, 1, -1),
                    "moveaxis": lambda x: F.moveaxis(x, (0, 1), (-1, 0)), "moveaxis/one": lambda x: F.moveaxis(x, 1, 3), "rollaxis": lambda x: F.rollaxis(x, 3, 1),
                    "rollaxis/right": lambda x: F.rollaxis(x, 0, 3), "rollaxis/left": lambda x: F.rollaxis(x, 2), "depth2space": lambda x: F.depth2space(x, 2), "space2depth": lambda x: F.space2depth(x, 2)}.items():
        case(f"form/{name}", lambda p, x, f=f: f(x), x)
    for out in ((8, 12), (7, 5), (4, 6), (1, 1), (13, 3), (2, 3)):
        case(f"resize/corners/{out}", lambda p, x, o=out: F.resize_images(x, o), x)
        case(f"resize/half pixel/{out}", lambda p, x, o=out: F.resize_images(x, o, align_corners=False), x)
        case(f"resize/nearest/{out}", lambda p, x, o=out: F.resize_images(x, o, mode="nearest"), x)
    case("resize/nearest/sizes that round", lambda p, x: F.resize_images(x, (98, 214), mode="nearest"), [1, 3, 2, 2])
    case("resize/nearest/one size that rounds", lambda p, x: F.resize_images(x, (98, 6), mode="nearest"), [1, 3, 2, 2])
    case("resize/nearest/49 to 49 x 3", lambda p, x: F.resize_images(x, (147, 49 * 7), mode="nearest"), [1, 1, 49, 49])


for family in (convolutions, matrices, poolings, activations, norms, arithmetic, reductions, moves, forms):
    family()


class Cases(chainer.Chain):
    """Several cases side by side, so that one process and one C compilation serve them all."""

    def __init__(self, cases):
        super().__init__()
        self.cases = cases

    def parameters_of(self, index):
        """p(*shape): the next parameter of a case; made at the first run."""
        count = 0

        def p(*shape):
            nonlocal count
            name = f"c{index}_{count}"
            count += 1
            if name not in self._params:
                random = numpy.random.RandomState(zlib.crc32(f"{self.cases[index].name} {name}".encode()))
                with self.init_scope():
                    setattr(self, name, chainer.Parameter(numpy.asarray(random.standard_normal(shape) * 0.5, "f")))
            return getattr(self, name)

        return p

    def inputs(self):
        return {f"i{index}_{k}": a for index, c in enumerate(self.cases) for k, a in enumerate(c.inputs())}

    def forward(self, *inputs):
        results, at = {}, 0
        for index, each in enumerate(self.cases):
            n = len(each.shapes)
            y = each.function(self.parameters_of(index), *inputs[at:at + n])
            at += n
            for k, part in enumerate(y if isinstance(y, (tuple, list)) else [y]):
                results[f"o{index}_{k}"] = part
        return results
