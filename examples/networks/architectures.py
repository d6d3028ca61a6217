"""The networks, layer by layer. Each function adds its layers to a Network; sources of the shapes are named."""


def mobilenet_v1(net):
    """Howard et al. 2017 in the form of shicai's Caffe model: depthwise 3x3 and 1x1, each with BatchNorm and ReLU."""

    def unit(name, x, channels, kernel, stride, group=1):
        x = net.conv(name, x, channels, kernel, stride, kernel // 2, group)
        return net.relu(net.batch_norm(name + ".bn", x))

    x = unit("conv1", net.last, 32, 3, 2)
    for index, (channels, stride) in enumerate([(64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *[(512, 1)] * 5, (1024, 2), (1024, 1)]):
        x = unit(f"dw{index + 1}", x, net.channels[x], 3, stride, group=net.channels[x])
        x = unit(f"pw{index + 1}", x, channels, 1, 1)
    x = net.global_average("pool", x)
    net.flatten("flat", net.conv("fc", x, 1000, 1, bias=True))


def mobilenet_v2(net):
    """Sandler et al. 2018; names and strides of torchvision, so that its state dict fits."""

    def unit(conv, norm, x, channels, kernel, stride=1, group=1):
        x = net.conv(conv, x, channels, kernel, stride, kernel // 2, group)
        return net.relu6(net.batch_norm(norm, x))

    x = unit("features.0.0", "features.0.1", net.last, 32, 3, 2)
    index = 1
    for expansion, channels, repeats, first_stride in [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)]:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            name, part, start = f"features.{index}.conv", 0, x
            hidden = net.channels[x] * expansion
            if expansion != 1:
                x = unit(f"{name}.0.0", f"{name}.0.1", x, hidden, 1)
                part = 1
            x = unit(f"{name}.{part}.0", f"{name}.{part}.1", x, hidden, 3, stride, group=hidden)
            joins = stride == 1 and net.channels[start] == channels
            x = net.batch_norm(f"{name}.{part + 2}", net.conv(f"{name}.{part + 1}", x, channels, 1), gain=0.6 if joins else 1)
            if joins:
                x = net.sum(f"features.{index}.sum", start, x)
            index += 1
    x = unit("features.18.0", "features.18.1", x, 1280, 1)
    x = net.flatten("flat", net.global_average("pool", x))
    net.dense("classifier.1", x, 1000)


def squeezenet_1_1(net):
    """Iandola et al. 2016, version 1.1 of its authors."""
    x = net.relu(net.conv("conv1", net.last, 64, 3, 2, bias=True))
    x = net.max_pool("pool1", x)
    for index, (squeeze, expand) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)], 2):
        name = f"fire{index}"
        s = net.relu(net.conv(f"{name}/squeeze1x1", x, squeeze, 1, bias=True))
        parts = [net.relu(net.conv(f"{name}/expand{k}x{k}", s, expand, k, 1, k // 2, bias=True)) for k in (1, 3)]
        x = net.concat(f"{name}/concat", parts)
        if index in (3, 5):
            x = net.max_pool(f"pool{index}", x)
    x = net.relu(net.conv("conv10", x, 1000, 1, bias=True))
    net.flatten("flat", net.global_average("pool10", x))


def resnet_50(net):
    """He et al. 2015 as in the authors' Caffe model: the stride sits in the first 1x1 of a block, pooling rounds up."""

    def unit(name, x, channels, kernel=1, stride=1, gain=1.0):
        x = net.conv("res" + name, x, channels, kernel, stride, kernel // 2)
        return net.batch_norm("bn" + name, x, gain)

    x = net.conv("conv1", net.last, 64, 7, 2, 3, bias=True)
    x = net.max_pool("pool1", net.relu(net.batch_norm("bn_conv1", x)))
    for stage, (blocks, width) in enumerate([(3, 64), (4, 128), (6, 256), (3, 512)], 2):
        for block in range(blocks):
            name = f"{stage}{'abcdef'[block]}"
            stride = 2 if block == 0 and stage > 2 else 1
            shortcut = unit(f"{name}_branch1", x, 4 * width, stride=stride) if block == 0 else x
            x = net.relu(unit(f"{name}_branch2a", x, width, stride=stride))
            x = net.relu(unit(f"{name}_branch2b", x, width, 3))
            x = net.sum(f"res{name}", shortcut, unit(f"{name}_branch2c", x, 4 * width, gain=0.6))
            x = net.relu(x)
    x = net.flatten("flat", net.global_average("pool5", x))
    net.dense("fc1000", x, 1000)


def slim_style(net):
    """The slimmed style transfer network of Caffe2C's authors, in the lineage of chainer-fast-neuralstyle: BatchNorm after
    ELU, so it folds into no convolution before it. RGB 0..255 in and out."""

    def unit(name, x, channels, kernel, stride=1, transposed=False, input_scale=1):
        pad = 1 if kernel == 4 else kernel // 2
        x = net.conv(name, x, channels, kernel, stride, pad, bias=True, transposed=transposed, input_scale=input_scale)
        return net.batch_norm(name + ".bn", net.elu(x))

    x = unit("c1", net.last, 16, 5, input_scale=1 / 128)
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
    net.add("Mul", "to_picture", [x, net.constant("half_range", 127.5)])

