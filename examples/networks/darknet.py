"""Writes Darknet networks: the text of a .cfg, and .weights with seeded numbers, layer by layer as they are added."""
import struct

import numpy


def header(major=0, minor=2, revision=0, seen=0):
    wide = major * 10 + minor >= 2 and major < 1000 and minor < 1000
    return struct.pack("<iii" + ("Q" if wide else "I"), major, minor, revision, seen)


class Darknet:
    def __init__(self, channels, height, width, seed=0):
        self.text = f"[net]\nbatch=64\nheight={height}\nwidth={width}\nchannels={channels}\nlearning_rate=0.001\n"
        self.random = numpy.random.default_rng(seed)
        self.shapes = []                       # (channels, height, width) of each layer
        self.shape = channels, height, width   # of the last
        self.arrays = []

    def __getattr__(self, section):
        """net.maxpool(size=2, stride=2) adds that section."""
        return lambda **options: self.add(section, **options)

    def add(self, section, **options):
        self.text += f"\n[{section}]\n" + "".join(f"{key}={value}\n" for key, value in options.items())
        changed = getattr(type(self), "shape_" + section, lambda net, **_: net.shape)
        self.shape = changed(self, **options)
        self.shapes.append(self.shape)
        return self

    def weights(self, **version):
        return header(**version) + b"".join(a.astype("<f4").tobytes() for a in self.arrays)

    def draw(self, *shape, scale=1.0, offset=0.0):
        self.arrays.append((self.random.standard_normal(shape) * scale + offset).astype("f4"))

    def norm(self, n):
        self.draw(n, scale=0.1, offset=1)
        self.draw(n, scale=0.1)
        self.arrays.append(self.random.uniform(0.5, 1.5, n).astype("f4"))

    def shape_convolutional(self, filters=1, size=1, stride=1, pad=0, padding=0, groups=1, dilation=1, batch_normalize=0, stride_x=0, stride_y=0, **_):
        c, h, w = self.shape
        padding = (size // 2 if pad else padding) * dilation
        self.draw(filters, scale=0.2)
        if batch_normalize:
            self.norm(filters)
        self.draw(filters, c // groups, size, size, scale=(2 / (c // groups * size * size)) ** 0.5)
        extent = dilation * (size - 1) + 1
        return filters, (h + 2 * padding - extent) // (stride_y or stride) + 1, (w + 2 * padding - extent) // (stride_x or stride) + 1

    def shape_deconvolutional(self, filters=1, size=1, stride=1, pad=0, padding=0, batch_normalize=0, **_):
        c, h, w = self.shape
        padding = size // 2 if pad else padding
        self.draw(filters, scale=0.2)
        if batch_normalize:
            self.norm(filters)
        self.draw(c, filters, size, size, scale=(2 / (c * size * size)) ** 0.5)
        return filters, (h - 1) * stride + size - 2 * padding, (w - 1) * stride + size - 2 * padding

    def shape_connected(self, output=1, batch_normalize=0, **_):
        inputs = int(numpy.prod(self.shape))
        self.draw(output, scale=0.2)
        self.draw(output, inputs, scale=inputs ** -0.5)
        if batch_normalize:
            self.norm(output)
        return output, 1, 1

    def shape_local(self, filters=1, size=1, stride=1, pad=0, **_):
        c, h, w = self.shape
        h, w = [(d + 2 * (size // 2 if pad else 0) - size) // stride + 1 for d in (h, w)]
        self.draw(filters, h, w, scale=0.2)
        self.draw(h, w, filters, c, size, size, scale=(c * size * size) ** -0.5)
        return filters, h, w

    def shape_maxpool(self, size=None, stride=1, padding=None, stride_x=0, stride_y=0, **_):
        c, h, w = self.shape
        size = size or stride
        padding = size - 1 if padding is None else padding
        return c, (h + padding - size) // (stride_y or stride) + 1, (w + padding - size) // (stride_x or stride) + 1

    shape_local_avgpool = shape_maxpool

    def shape_avgpool(self):
        return self.shape[0], 1, 1

    def shape_upsample(self, stride=2, **_):
        c, h, w = self.shape
        return c, h * stride, w * stride

    def named(self, index):
        return self.shapes[index if index >= 0 else len(self.shapes) + index]

    def shape_route(self, layers, groups=1, **_):
        shapes = [self.named(int(i)) for i in str(layers).split(",")]
        return sum(s[0] // groups for s in shapes), *shapes[0][1:]

    def shape_scale_channels(self, **options):
        return self.named(options["from"])

    shape_sam = shape_scale_channels

    def shape_reorg(self, stride=1, reverse=0):
        c, h, w = self.shape
        return (c // stride ** 2, h * stride, w * stride) if reverse else (c * stride ** 2, h // stride, w // stride)

    shape_reorg3d = shape_reorg

    def shape_crop(self, crop_height, crop_width, **_):
        return self.shape[0], crop_height, crop_width

    def shape_batchnorm(self):
        c = self.shape[0]
        self.draw(c, scale=0.2)
        self.norm(c)
        return self.shape

    # Units of the networks below.
    def unit(self, filters, size, stride=1, **options):
        return self.convolutional(batch_normalize=1, filters=filters, size=size, stride=stride, pad=1, activation="leaky", **options)

    def block(self, *filters):
        """3x3 and 1x1 in turn."""
        for i, f in enumerate(filters):
            self.unit(f, 3 if i % 2 == 0 else 1)
        return self

    def pool(self):
        return self.maxpool(size=2, stride=2)


VOC = "1.3221,1.73145, 3.19275,4.00944, 5.05587,8.09892, 9.47112,4.84053, 11.2364,10.0071"
COCO_TINY = "10,14, 23,27, 37,58, 81,82, 135,169, 344,319"


def darknet19(size=224, width=1.0, classes=1000):
    net, n = Darknet(3, size, size, 19), lambda *filters: [int(f * width) for f in filters]
    net.block(*n(32)).pool().block(*n(64)).pool().block(*n(128, 64, 128)).pool().block(*n(256, 128, 256)).pool()
    net.block(*n(512, 256, 512, 256, 512)).pool().block(*n(1024, 512, 1024, 512, 1024))
    return net.convolutional(filters=classes, size=1, stride=1, pad=1, activation="linear").avgpool().softmax(groups=1)


def yolov2(size=416, width=1.0, classes=20):
    net, n = Darknet(3, size, size, 2), lambda *filters: [int(f * width) for f in filters]
    net.block(*n(32)).pool().block(*n(64)).pool().block(*n(128, 64, 128)).pool().block(*n(256, 128, 256)).pool()
    net.block(*n(512, 256, 512, 256, 512)).pool().block(*n(1024, 512, 1024, 512, 1024))
    net.unit(*n(1024), 3).unit(*n(1024), 3).route(layers=-9).unit(*n(64), 1).reorg(stride=2).route(layers="-1,-4").unit(*n(1024), 3)
    net.convolutional(filters=5 * (5 + classes), size=1, stride=1, pad=1, activation="linear")
    return net.region(anchors=VOC, classes=classes, coords=4, num=5, softmax=1, bias_match=1, jitter=.3, thresh=.6)


def yolov2_tiny(size=416, width=1.0, classes=20):
    net, n = Darknet(3, size, size, 3), lambda f: int(f * width)
    for filters in (16, 32, 64, 128, 256):
        net.unit(n(filters), 3).pool()
    net.unit(n(512), 3).maxpool(size=2, stride=1).unit(n(1024), 3).unit(n(1024), 3)
    net.convolutional(filters=5 * (5 + classes), size=1, stride=1, pad=1, activation="linear")
    return net.region(anchors=VOC, classes=classes, coords=4, num=5, softmax=1)


def yolov3_tiny(size=416, width=1.0, classes=80):
    net, n = Darknet(3, size, size, 4), lambda f: int(f * width)

    def head(mask):
        net.convolutional(filters=3 * (5 + classes), size=1, stride=1, pad=1, activation="linear")
        net.yolo(mask=mask, anchors=COCO_TINY, classes=classes, num=6, ignore_thresh=.7)

    for filters in (16, 32, 64, 128, 256):
        net.unit(n(filters), 3).pool()
    net.unit(n(512), 3).maxpool(size=2, stride=1).unit(n(1024), 3).unit(n(256), 1).unit(n(512), 3)
    head("3,4,5")
    net.route(layers=-4).unit(n(128), 1).upsample(stride=2).route(layers="-1,8").unit(n(256), 3)
    head("0,1,2")
    return net
