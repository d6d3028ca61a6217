"""Networks from pictures to pictures and boxes, layer by layer. Each function adds its layers to a Network."""
import numpy


def slim_style(net):
    """The slimmed style transfer network of Caffe2C's authors, in the lineage of chainer-fast-neuralstyle: BatchNorm after
    ELU, so it folds into no convolution before it. RGB 0..255 in and out."""

    def unit(name, x, channels, kernel, stride=1, transposed=False):
        pad = 1 if kernel == 4 else kernel // 2
        x = net.conv(name, x, channels, kernel, stride, pad, bias=True, transposed=transposed)
        return net.batch_norm(name + ".bn", net.elu(x))

    x = unit("c1", net.last, 16, 5)
    for name, channels in (("c2", 32), ("c3", 64), ("c4", 128)):
        x = unit(name, x, channels, 4, 2)
    for index in range(1, 6):
        y = net.batch_norm(f"r{index}.bn1", net.conv(f"r{index}.c1", x, 128, 3, 1, 1, bias=True))
        y = net.batch_norm(f"r{index}.bn2", net.conv(f"r{index}.c2", net.relu(y), 128, 3, 1, 1, bias=True), gain=0.6)
        x = net.sum(f"r{index}.sum", y, x)
    for name, channels in (("d1", 64), ("d2", 32), ("d3", 16)):
        x = unit(name, x, channels, 4, 2, transposed=True)
    x = net.conv("d4", x, 3, 5, 1, 2, bias=True)
    x = net.add("Tanh", "tanh", [x])
    x = net.add("Add", "up", [x, net.constant("one", 1)])
    net.grey_levels.add(net.add("Mul", "to_picture", [x, net.constant("half_range", 127.5)]))


def johnson_style(net):
    """Johnson et al. 2016 as their Torch code at full widths with instance normalisation: 40 pixels of reflection around the
    picture, residual convolutions without padding. BGR less a mean in and out."""

    def normed(name, x, channels, kernel, stride=1, pad=0, gain=1.0, **more):
        return net.instance_norm(name + ".norm", net.conv(name, x, channels, kernel, stride, pad, bias=True, **more), gain)

    pads = net.constant("around", [0, 0, 40, 40, 0, 0, 40, 40], numpy.int64)
    x = net.add("Pad", "reflected", [net.last, pads], mode="reflect")
    net.grey_levels.add(x)
    x = net.relu(normed("c1", x, 32, 9, pad=4))
    x = net.relu(normed("d1", x, 64, 3, 2, 1))
    x = net.relu(normed("d2", x, 128, 3, 2, 1))
    inside = [net.constant(name, value, numpy.int64) for name, value in (("two", [2, 2]), ("two_before_the_end", [-2, -2]), ("rows_columns", [2, 3]))]
    for index in range(5):
        name = f"r{index}"
        y = normed(name + ".c2", net.relu(normed(name + ".c1", x, 128, 3)), 128, 3, gain=0.6)
        x = net.sum(name + ".sum", net.add("Slice", name + ".shaved", [x, *inside]), y)
    x = net.relu(normed("u1", x, 64, 3, 2, 1, transposed=True, output_padding=1))
    x = net.relu(normed("u2", x, 32, 3, 2, 1, transposed=True, output_padding=1))
    x = net.add("Tanh", "tanh", [net.conv("c9", x, 3, 9, 1, 4, bias=True)])
    net.grey_levels.add(net.add("Mul", "to_picture", [x, net.constant("range", 150)]))


def u_net(net):
    """Ronneberger et al. 2015 with padded convolutions: 64 to 1024 channels, 2x2 transposed convolutions, two classes."""

    def twice(name, x, channels):
        for index in (1, 2):
            x = net.relu(net.conv(f"{name}.{index}", x, channels, 3, 1, 1, bias=True))
        return x

    x, skips = net.last, []
    for level, channels in enumerate((64, 128, 256, 512)):
        skips.append(twice(f"down{level}", x, channels))
        x = net.max_pool(f"pool{level}", skips[-1], 2, 2)
    x = twice("bottom", x, 1024)
    for level in (3, 2, 1, 0):
        channels = net.channels[skips[level]]
        x = net.conv(f"up{level}", x, channels, 2, 2, bias=True, transposed=True)
        x = twice(f"decode{level}", net.concat(f"joined{level}", [skips[level], x]), channels)
    net.conv("classes", x, 2, 1, bias=True)


def yolo_unit(net, name, x, channels, kernel):
    x = net.conv(name, x, channels, kernel, 1, kernel // 2)
    return net.leaky_relu(net.batch_norm(name + ".bn", x))


def yolo_v2(net):
    """Redmon and Farhadi 2016 for COCO: the raw map of five boxes a cell. Darknet's reorg reads the map as if it had four times
    the pixels and a quarter of the channels; as reshapes and a transposition it is exact."""
    x, index = net.last, 0
    for stage in ((32,), (64,), (128, 64, 128), (256, 128, 256), (512, 256, 512, 256, 512), (1024, 512, 1024, 512, 1024)):
        if index:
            x = net.max_pool(f"pool{index}", x, 2, 2)
        for place, channels in enumerate(stage):
            index += 1
            x = yolo_unit(net, f"conv{index}", x, channels, 3 if place % 2 == 0 else 1)
        if stage[0] == 512:
            fine = x
    x = yolo_unit(net, "conv20", yolo_unit(net, "conv19", x, 1024, 3), 1024, 3)
    fine = yolo_unit(net, "conv21", fine, 64, 1)
    h, w = net.height // 16, net.width // 16
    y = net.add("Reshape", "reorg.split", [fine, net.constant("six", [1, 16, h, 2, w, 2], numpy.int64)])
    y = net.add("Transpose", "reorg.moved", [y], perm=[0, 3, 5, 1, 2, 4])
    y = net.add("Reshape", "reorg", [y, net.constant("four", [1, 256, h // 2, w // 2], numpy.int64)], channels=256)
    x = yolo_unit(net, "conv22", net.concat("route", [y, x]), 1024, 3)
    net.conv("conv23", x, 425, 1, bias=True)


def yolo_v2_tiny(net):
    """The small one for COCO: its last pool has stride 1 and reaches beyond the map on the right and below."""
    x = net.last
    for index, channels in enumerate((16, 32, 64, 128, 256, 512), 1):
        x = yolo_unit(net, f"conv{index}", x, channels, 3)
        x = net.max_pool(f"pool{index}", x, 2, 2) if index < 6 else net.add("MaxPool", "pool6", [x], kernel_shape=[2, 2], pads=[0, 0, 1, 1])
    x = yolo_unit(net, "conv8", yolo_unit(net, "conv7", x, 1024, 3), 512, 3)
    net.conv("conv9", x, 425, 1, bias=True)
