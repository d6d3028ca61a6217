"""Networks made for phones, layer by layer. Each function adds its layers to a Network and ends before softmax."""


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


def mobilenet_v3_large(net):
    """Howard et al. 2019 as torchvision has it: hard-swish, and squeeze and excitation in some blocks."""

    def unit(name, x, channels, kernel=1, stride=1, group=1, act=None, gain=1.0):
        x = net.conv(name + ".0", x, channels, kernel, stride, kernel // 2, group)
        x = net.batch_norm(name + ".1", x, gain, epsilon=1e-3)
        return act(x) if act else x

    def excited(name, x):
        hidden = max(8, (net.channels[x] // 4 + 4) // 8 * 8)
        gate = net.relu(net.conv(name + ".fc1", net.global_average(name + ".pool", x), hidden, 1, bias=True))
        gate = net.conv(name + ".fc2", gate, net.channels[x], 1, bias=True, gain=2.0)
        gate = net.add("HardSigmoid", name + ".gate", [gate], alpha=1 / 6, beta=0.5)
        return net.add("Mul", name + ".mul", [gate, x])

    x = unit("features.0", net.last, 16, 3, 2, act=net.hard_swish)
    blocks = [(3, 16, 16, 0, 0, 1), (3, 64, 24, 0, 0, 2), (3, 72, 24, 0, 0, 1), (5, 72, 40, 1, 0, 2), (5, 120, 40, 1, 0, 1), (5, 120, 40, 1, 0, 1),
              (3, 240, 80, 0, 1, 2), (3, 200, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 184, 80, 0, 1, 1), (3, 480, 112, 1, 1, 1),
              (3, 672, 112, 1, 1, 1), (5, 672, 160, 1, 1, 2), (5, 960, 160, 1, 1, 1), (5, 960, 160, 1, 1, 1)]
    for index, (kernel, hidden, channels, excite, swish, stride) in enumerate(blocks, 1):
        name, start, act = f"features.{index}.block", x, net.hard_swish if swish else net.relu
        if hidden != net.channels[x]:
            x = unit(name + ".expand", x, hidden, act=act)
        x = unit(name + ".depthwise", x, hidden, kernel, stride, group=hidden, act=act)
        if excite:
            x = excited(name + ".se", x)
        joins = stride == 1 and net.channels[start] == channels
        x = unit(name + ".project", x, channels, gain=0.6 if joins else 1.0)
        if joins:
            x = net.sum(f"features.{index}.sum", x, start)
    x = net.global_average("avgpool", unit("features.16", x, 960, act=net.hard_swish))
    x = net.hard_swish(net.dense("classifier.0", net.flatten("flat", x), 1280))
    net.dense("classifier.3", x, 1000)


def mobilenet_v4_small(net):
    """Qin et al. 2024, conv-small as timm has it: a block is a depthwise convolution or none before its expansion, and one or
    none after it."""

    def unit(name, x, channels, kernel=1, stride=1, group=1, relu=True, gain=1.0):
        x = net.batch_norm(name + ".bn", net.conv(name + ".conv", x, channels, kernel, stride, kernel // 2, group), gain)
        return net.relu(x) if relu else x

    x = net.last
    for index, (channels, kernel, stride) in enumerate([(32, 3, 2), (32, 3, 2), (32, 1, 1), (96, 3, 2), (64, 1, 1)]):
        x = unit(f"stem.{index}", x, channels, kernel, stride)
    blocks = [(5, 5, 2, 3, 96), *[(0, 3, 1, 2, 96)] * 4, (3, 0, 1, 4, 96),
              (3, 3, 2, 6, 128), (5, 5, 1, 4, 128), (0, 5, 1, 4, 128), (0, 5, 1, 3, 128), (0, 3, 1, 4, 128), (0, 3, 1, 4, 128)]
    for index, (before, after, stride, expansion, channels) in enumerate(blocks):
        name, start, hidden = f"blocks.{index}", x, net.channels[x] * expansion
        if before:
            x = unit(name + ".dw_start", x, net.channels[x], before, 1 if after else stride, group=net.channels[x], relu=False)
        x = unit(name + ".pw_exp", x, hidden)
        if after:
            x = unit(name + ".dw_mid", x, hidden, after, stride, group=hidden)
        joins = stride == 1 and net.channels[start] == channels
        x = unit(name + ".pw_proj", x, channels, relu=False, gain=0.6 if joins else 1.0)
        if joins:
            x = net.sum(name + ".sum", x, start)
    x = net.global_average("pool", unit("blocks.12", x, 960))
    x = unit("head", x, 1280)
    net.dense("classifier", net.flatten("flat", x), 1000)


def efficientnet_lite0(net):
    """Tan and Le's EfficientNet without excitation, with ReLU6; TensorFlow's padding, which is one more below and right where a
    stride of two leaves it uneven."""

    def unit(name, x, channels, kernel=1, stride=1, group=1, relu=True, gain=1.0):
        x = net.conv(name + ".conv", x, channels, kernel, stride, "SAME_UPPER", group)
        x = net.batch_norm(name + ".bn", x, gain, epsilon=1e-3)
        return net.relu6(x) if relu else x

    x, index = unit("stem", net.last, 32, 3, 2), 0
    for kernel, first_stride, expansion, channels, repeats in [(3, 1, 1, 16, 1), (3, 2, 6, 24, 2), (5, 2, 6, 40, 2), (3, 2, 6, 80, 3),
                                                               (5, 1, 6, 112, 3), (5, 2, 6, 192, 4), (3, 1, 6, 320, 1)]:
        for repeat in range(repeats):
            name, start, hidden, stride = f"blocks.{index}", x, net.channels[x] * expansion, first_stride if repeat == 0 else 1
            if expansion != 1:
                x = unit(name + ".expand", x, hidden)
            x = unit(name + ".depthwise", x, hidden, kernel, stride, group=hidden)
            joins = stride == 1 and net.channels[start] == channels
            x = unit(name + ".project", x, channels, relu=False, gain=0.6 if joins else 1.0)
            if joins:
                x = net.sum(name + ".sum", x, start)
            index += 1
    x = net.flatten("flat", net.global_average("pool", unit("head", x, 1280)))
    net.dense("classifier", x, 1000)


def convnext_atto(net):
    """Liu et al. 2022, the smallest of timm: 7x7 depthwise, LayerNorm over channels, 1x1 with GELU between, a factor for each
    channel of the branch."""
    x = net.layer_norm("stem.1", net.conv("stem.0", net.last, 40, 4, 4, bias=True))
    for stage, (channels, repeats) in enumerate([(40, 2), (80, 2), (160, 6), (320, 2)]):
        name = f"stages.{stage}"
        if stage:
            x = net.conv(name + ".downsample.1", net.layer_norm(name + ".downsample.0", x), channels, 2, 2, bias=True)
        for index in range(repeats):
            block, start = f"{name}.blocks.{index}", x
            x = net.conv(block + ".conv_dw", x, channels, 7, 1, 3, group=channels, bias=True)
            x = net.gelu(net.conv(block + ".fc1", net.layer_norm(block + ".norm", x), 4 * channels, 1, bias=True))
            x = net.conv(block + ".fc2", x, channels, 1, bias=True)
            x = net.add("Mul", block + ".scaled", [x, net.scale(block + ".gamma", channels, 0.4)])
            x = net.sum(block + ".sum", x, start)
    x = net.layer_norm("head.norm", net.global_average("head.pool", x))
    net.dense("head.fc", net.flatten("head.flatten", x), 1000)
