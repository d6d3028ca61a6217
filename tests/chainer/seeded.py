"""Seeded weights for a Chainer model that has run once: as examples/networks does it, each link's scale follows the size of what
it computes, so that a deep network neither vanishes nor blows up and every layer counts."""
import math

import chainer
import chainer.links as L
import numpy

CENTRED = 0.7  # how much of its own mean a filter loses: ReLUs make all pictures alike


def power_of_two(array):
    size = math.sqrt(numpy.mean(numpy.square(array, dtype=numpy.float64)))
    return numpy.float32(2.0 ** round(math.log2(size))) if size > 0 else numpy.float32(1)


class Draw(chainer.LinkHook):
    """Draws a link's parameters just before it runs."""

    name = "Draw"

    def __init__(self, gains):
        self.random, self.gains, self.seen = numpy.random.RandomState(0), gains, set()

    def forward_preprocess(self, args):
        link = args.link
        if id(link) in self.seen:
            return
        self.seen.add(id(link))
        if isinstance(link, L.BatchNormalization):
            size, shape = power_of_two(chainer.as_variable(args.args[0]).array), link.avg_mean.shape
            link.avg_mean[...] = self.random.normal(0, 0.3, shape) * size
            link.avg_var[...] = self.random.uniform(0.6, 1.6, shape) * size * size
            link.gamma.array[...] = self.random.uniform(0.7, 1.3, shape)
            link.beta.array[...] = self.random.normal(0, 0.3, shape)
        elif isinstance(link, (L.Convolution2D, L.Linear)):
            weights, gain = link.W.array, numpy.float32(self.gains.get(link.name, 1))
            weights[...] = self.random.normal(0, math.sqrt(2 / weights[0].size), weights.shape)
            weights -= CENTRED * weights.mean(axis=tuple(range(1, weights.ndim)), keepdims=True)
            if link.b is not None:
                link.b.array[...] = 0
            weights *= gain / power_of_two(link.forward(*args.args).array)
            if link.b is not None:
                link.b.array[...] = self.random.normal(0, 0.2, link.b.shape) * gain


class Check(chainer.LinkHook):
    """Deviation 0.1..10 out of every layer with parameters, under 90 % zeros into it."""

    name = "Check"

    def __init__(self):
        self.count = 0

    def forward_postprocess(self, args):
        if not isinstance(args.link, (L.BatchNormalization, L.Convolution2D, L.Linear)):
            return
        self.count += 1
        deviation, zeros = float(args.out.array.std()), float((chainer.as_variable(args.args[0]).array == 0).mean())
        assert 0.1 <= deviation <= 10, f"{args.link.name} has deviation {deviation:.3g}"
        assert zeros < 0.9, f"{args.link.name} reads {zeros:.0%} zeros"


def picture(size, seed):
    """Smooth shapes and some noise, -1..1."""
    random = numpy.random.RandomState(seed)
    y, x = numpy.mgrid[0:size, 0:size] / 32.0
    planes = [sum(numpy.sin(x * random.uniform(-2, 2) + y * random.uniform(-2, 2) + random.uniform(0, 6)) for _ in range(4)) / 4 for _ in range(3)]
    return numpy.clip(numpy.stack(planes)[None] + random.normal(0, 0.2, (1, 3, size, size)), -1, 1).astype(numpy.float32)


def seed(model, size, gains):
    """gains: {name of a link: size of its output}, where not 1."""
    with chainer.using_config("train", False), chainer.no_backprop_mode():
        model(picture(size, 1))  # links learn their sizes
        with Draw(gains):
            model(picture(size, 1))
        with Check() as check:
            model(picture(size, 2))
    assert check.count > 5
    return model
