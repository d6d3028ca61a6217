"""Classifiers of 2012 to 2016, layer by layer, in the form of their authors' Caffe models where there is one. Each function
adds its layers to a Network and ends before softmax."""

LRN_GAIN = 4.0  # LRN divides by next to nothing unless its input is as large as in a trained network


def alexnet_convolutions(net, towers, norm=None, lrn=None):
    """The part before the dense layers. norm: after each convolution; lrn: after the first two ReLUs."""

    def unit(name, x, channels, kernel, stride=1, pad=0, group=1, gain=1.0):
        x = net.conv(name, x, channels, kernel, stride, pad, group, bias=True, gain=gain)
        return net.relu(norm(name + "/bn", x) if norm else x)

    gain = LRN_GAIN if lrn else 1.0
    x = unit("conv1", net.last, 96, 11, 4, gain=gain)
    x = net.max_pool("pool1", lrn("norm1", x) if lrn else x)
    x = unit("conv2", x, 256, 5, pad=2, group=towers, gain=gain)
    x = net.max_pool("pool2", lrn("norm2", x) if lrn else x)
    x = unit("conv3", x, 384, 3, pad=1)
    x = unit("conv4", x, 384, 3, pad=1, group=towers)
    return net.max_pool("pool5", unit("conv5", x, 256, 3, pad=1, group=towers))


def dense_layers(net, x):
    """Two wide layers with dropout and the classes, as AlexNet and VGG have them."""
    x = net.flatten("flat", x)
    for name in ("fc6", "fc7"):
        x = net.dropout(net.relu(net.dense(name, x, 4096)))
    net.dense("fc8", x, 1000)


def alexnet(net):
    """Krizhevsky et al. 2012 as BVLC's Caffe model: two towers as groups, LRN before pooling."""
    dense_layers(net, alexnet_convolutions(net, 2, lrn=net.lrn))


def alexnet_one_tower(net):
    """As Chainer's example: no groups; its LRN has k = 2 and an alpha that is not divided by the size."""
    dense_layers(net, alexnet_convolutions(net, 1, lrn=lambda name, x: net.lrn(name, x, alpha=5e-4, k=2.0)))


def alexnet_bn(net):
    """One tower; LRN is dropped, BatchNorm stands between each convolution and its ReLU."""
    dense_layers(net, alexnet_convolutions(net, 1, norm=net.batch_norm))


def nin(net):
    """Lin et al. 2013 as the authors' Caffe model: pooling rounds up, and the last layer has a ReLU too."""

    def perceptron(x, layers):
        for name, channels, kernel, stride, pad in layers:
            x = net.relu(net.conv(name, x, channels, kernel, stride, pad, bias=True))
        return x

    x = perceptron(net.last, [("conv1", 96, 11, 4, 0), ("cccp1", 96, 1, 1, 0), ("cccp2", 96, 1, 1, 0)])
    x = perceptron(net.max_pool("pool1", x), [("conv2", 256, 5, 1, 2), ("cccp3", 256, 1, 1, 0), ("cccp4", 256, 1, 1, 0)])
    x = perceptron(net.max_pool("pool2", x), [("conv3", 384, 3, 1, 1), ("cccp5", 384, 1, 1, 0), ("cccp6", 384, 1, 1, 0)])
    x = net.dropout(net.max_pool("pool3", x))
    x = perceptron(x, [("conv4-1024", 1024, 3, 1, 1), ("cccp7-1024", 1024, 1, 1, 0), ("cccp8-1024", 1000, 1, 1, 0)])
    net.flatten("flat", net.average_pool("pool4", x, 6))


def nin_4_bn(net):
    """The four-layer NIN of Caffe2C's authors, for 100 kinds of food and any size of picture: two 3x3 for the 5x5, BatchNorm
    between each convolution and its ReLU, a global average."""

    def unit(name, x, channels, kernel=1, stride=1):
        x = net.conv(name, x, channels, kernel, stride, 1 if kernel == 3 else 0, bias=True)
        return net.relu(net.batch_norm(name + "_bn", x))

    def pixels(name, x, channels):
        return unit(name + "_cccp2", unit(name + "_cccp1", x, channels[0]), channels[1])

    x = net.max_pool("pool1", pixels("conv1", unit("conv1", net.last, 96, 11, 4), (96, 96)))
    x = unit("conv2_2", unit("conv2_1", x, 256, 3), 256, 3)
    x = net.max_pool("pool2", pixels("conv2", x, (256, 256)))
    x = net.max_pool("pool3", pixels("conv3", unit("conv3", x, 384, 3), (384, 384)))
    x = pixels("conv4", unit("conv4", x, 768, 3), (768, 100))
    net.flatten("flat", net.global_average("pool4", x))


def vgg(net, repeats):
    """Simonyan and Zisserman 2014."""
    x = net.last
    for stage, (repeat, channels) in enumerate(zip(repeats, (64, 128, 256, 512, 512)), 1):
        for index in range(1, repeat + 1):
            x = net.relu(net.conv(f"conv{stage}_{index}", x, channels, 3, 1, 1, bias=True))
        x = net.max_pool(f"pool{stage}", x, 2, 2)
    dense_layers(net, x)


def vgg16(net):
    vgg(net, (2, 2, 3, 3, 3))


def vgg19(net):
    vgg(net, (2, 2, 4, 4, 4))


def googlenet(net):
    """Szegedy et al. 2014 as BVLC's Caffe model."""

    def unit(name, x, channels, kernel=1, stride=1, gain=1.0):
        return net.relu(net.conv(name, x, channels, kernel, stride, kernel // 2, bias=True, gain=gain))

    def inception(name, x, one, three_reduce, three, five_reduce, five, pool):
        name = f"inception_{name}/"
        return net.concat(name + "output", [
            unit(name + "1x1", x, one),
            unit(name + "3x3", unit(name + "3x3_reduce", x, three_reduce), three, 3),
            unit(name + "5x5", unit(name + "5x5_reduce", x, five_reduce), five, 5),
            unit(name + "pool_proj", net.max_pool(name + "pool", x, 3, 1, 1), pool)])

    x = net.max_pool("pool1/3x3_s2", unit("conv1/7x7_s2", net.last, 64, 7, 2, gain=LRN_GAIN))
    x = unit("conv2/3x3_reduce", net.lrn("pool1/norm1", x), 64)
    x = net.lrn("conv2/norm2", unit("conv2/3x3", x, 192, 3, gain=LRN_GAIN))
    x = inception("3a", net.max_pool("pool2/3x3_s2", x), 64, 96, 128, 16, 32, 32)
    x = inception("3b", x, 128, 128, 192, 32, 96, 64)
    x = inception("4a", net.max_pool("pool3/3x3_s2", x), 192, 96, 208, 16, 48, 64)
    x = inception("4b", x, 160, 112, 224, 24, 64, 64)
    x = inception("4c", x, 128, 128, 256, 24, 64, 64)
    x = inception("4d", x, 112, 144, 288, 32, 64, 64)
    x = inception("4e", x, 256, 160, 320, 32, 128, 128)
    x = inception("5a", net.max_pool("pool4/3x3_s2", x), 256, 160, 320, 32, 128, 128)
    x = inception("5b", x, 384, 192, 384, 48, 128, 128)
    x = net.dropout(net.average_pool("pool5/7x7_s1", x, 7))
    net.dense("loss3/classifier", net.flatten("flat", x), 1000)


def inception_v3(net):
    """Szegedy et al. 2015 as the Caffe model that came from MXNet's: the last block pools by the maximum."""

    def unit(name, x, channels, kernel=1, stride=1, pad=0):
        x = net.conv(name, x, channels, kernel, stride, pad)
        return net.relu(net.batch_norm(name + "_bn", x, epsilon=1e-3))

    def tower(name, x, *layers):
        for index, layer in enumerate(layers):
            x = unit(f"{name}_conv{index}", x, *layer)
        return x

    def pooled(name, x, channels, pool=net.average_pool):
        return unit(name + "_proj", pool(name + "_pool", x, 3, 1, 1), channels)

    row, column = (lambda n, k=7: (n, (1, k), 1, (0, k // 2))), (lambda n, k=7: (n, (k, 1), 1, (k // 2, 0)))

    def forked(name, x, *layers):
        x = tower(name, x, *layers)
        return [unit(name + "_a", x, *row(384, 3)), unit(name + "_b", x, *column(384, 3))]

    x = tower("conv", net.last, (32, 3, 2), (32, 3), (64, 3, 1, 1))
    x = tower("conv_b", net.max_pool("pool", x), (80,), (192, 3))
    x = net.max_pool("pool1", x)
    for index, channels in enumerate((32, 64, 64)):
        name = f"mixed{index}"
        x = net.concat(name, [tower(name + "_1", x, (64,)), tower(name + "_5", x, (48,), (64, 5, 1, 2)),
                              tower(name + "_3", x, (64,), (96, 3, 1, 1), (96, 3, 1, 1)), pooled(name, x, channels)])
    x = net.concat("mixed3", [tower("mixed3_3", x, (384, 3, 2)), tower("mixed3_33", x, (64,), (96, 3, 1, 1), (96, 3, 2)), net.max_pool("mixed3_pool", x)])
    for index, n in enumerate((128, 160, 160, 192), 4):
        name = f"mixed{index}"
        x = net.concat(name, [tower(name + "_1", x, (192,)), tower(name + "_7", x, (n,), row(n), column(192)),
                              tower(name + "_77", x, (n,), column(n), row(n), column(n), row(192)), pooled(name, x, 192)])
    x = net.concat("mixed8", [tower("mixed8_3", x, (192,), (320, 3, 2)), tower("mixed8_7", x, (192,), row(192), column(192), (192, 3, 2)),
                              net.max_pool("mixed8_pool", x)])
    for name, pool in (("mixed9", net.average_pool), ("mixed10", net.max_pool)):
        x = net.concat(name, [tower(name + "_1", x, (320,)), *forked(name + "_3", x, (384,)), *forked(name + "_33", x, (448,), (384, 3, 1, 1)),
                              pooled(name, x, 192, pool)])
    x = net.dropout(net.global_average("global_pool", x))
    net.dense("fc1", net.flatten("flat", x), 1000)


def fire_modules(net, x, pooled_after):
    sizes = [(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)]
    for index, (squeeze, expand) in enumerate(sizes, 2):
        name = f"fire{index}"
        s = net.relu(net.conv(f"{name}/squeeze1x1", x, squeeze, 1, bias=True))
        parts = [net.relu(net.conv(f"{name}/expand{k}x{k}", s, expand, k, 1, k // 2, bias=True)) for k in (1, 3)]
        x = net.concat(f"{name}/concat", parts)
        if index in pooled_after:
            x = net.max_pool(f"pool{index}", x)
    return net.dropout(x)


def squeezenet_1_0(net):
    """Iandola et al. 2016: the last convolution pads, so that a frame of its map is nothing but bias."""
    x = net.relu(net.conv("conv1", net.last, 96, 7, 2, bias=True))
    x = fire_modules(net, net.max_pool("pool1", x), (4, 8))
    x = net.relu(net.conv("conv10", x, 1000, 1, 1, 1, bias=True))
    net.flatten("flat", net.global_average("pool10", x))


def squeezenet_1_1(net):
    """The authors' lighter version: pooled earlier."""
    x = net.relu(net.conv("conv1", net.last, 64, 3, 2, bias=True))
    x = fire_modules(net, net.max_pool("pool1", x), (3, 5))
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
