"""Networks of the tests, as a user writes them."""
import chainer
import chainer.functions as F
import chainer.links as L


class LeNet(chainer.Chain):
    def __init__(self, n_class=10):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, 20, 5)
            self.norm = L.BatchNormalization(20)
            self.conv2 = L.Convolution2D(20, 50, 5)
            self.fc1 = L.Linear(None, 500)
            self.fc2 = L.Linear(500, n_class)

    def forward(self, x):
        h = F.max_pooling_2d(F.relu(self.norm(self.conv1(x))), 2, 2)
        h = F.max_pooling_2d(F.relu(self.conv2(h)), 2, 2)
        return self.fc2(F.dropout(F.relu(self.fc1(h))))

    def predict(self, x):
        return F.softmax(self(x))


class AlexNet(chainer.Chain):
    """As in Chainer's ImageNet example: one tower, LRN with Chainer's defaults."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, 96, 11, stride=4)
            self.conv2 = L.Convolution2D(None, 256, 5, pad=2)
            self.conv3 = L.Convolution2D(None, 384, 3, pad=1)
            self.conv4 = L.Convolution2D(None, 384, 3, pad=1)
            self.conv5 = L.Convolution2D(None, 256, 3, pad=1)
            self.fc6 = L.Linear(None, 4096)
            self.fc7 = L.Linear(None, 4096)
            self.fc8 = L.Linear(None, 1000)

    def forward(self, x):
        h = F.max_pooling_2d(F.local_response_normalization(F.relu(self.conv1(x))), 3, stride=2)
        h = F.max_pooling_2d(F.local_response_normalization(F.relu(self.conv2(h))), 3, stride=2)
        h = F.relu(self.conv3(h))
        h = F.relu(self.conv4(h))
        h = F.max_pooling_2d(F.relu(self.conv5(h)), 3, stride=2)
        h = F.dropout(F.relu(self.fc6(h)))
        return self.fc8(F.dropout(F.relu(self.fc7(h))))


class NIN(chainer.Chain):
    """As in Chainer's ImageNet example: perceptrons over pixels, no ReLU after the last layer."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.mlpconv1 = L.MLPConvolution2D(None, (96, 96, 96), 11, stride=4)
            self.mlpconv2 = L.MLPConvolution2D(None, (256, 256, 256), 5, pad=2)
            self.mlpconv3 = L.MLPConvolution2D(None, (384, 384, 384), 3, pad=1)
            self.mlpconv4 = L.MLPConvolution2D(None, (1024, 1024, 1000), 3, pad=1)

    def forward(self, x):
        h = F.max_pooling_2d(F.relu(self.mlpconv1(x)), 3, stride=2)
        h = F.max_pooling_2d(F.relu(self.mlpconv2(h)), 3, stride=2)
        h = F.max_pooling_2d(F.relu(self.mlpconv3(h)), 3, stride=2)
        h = self.mlpconv4(F.dropout(h))
        return F.reshape(F.average_pooling_2d(h, 6), (x.shape[0], 1000))


class GoogLeNetBN(chainer.Chain):
    """Inception with batch normalisation in every branch (L.InceptionBN), as in Chainer's ImageNet example, without the two
    side heads of training."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.conv1 = L.Convolution2D(None, 64, 7, stride=2, pad=3, nobias=True)
            self.norm1 = L.BatchNormalization(64)
            self.conv2 = L.Convolution2D(None, 192, 3, stride=1, pad=1, nobias=True)
            self.norm2 = L.BatchNormalization(192)
            self.inc3a = L.InceptionBN(None, 64, 64, 64, 64, 96, "avg", 32)
            self.inc3b = L.InceptionBN(None, 64, 64, 96, 64, 96, "avg", 64)
            self.inc3c = L.InceptionBN(None, 0, 128, 160, 64, 96, "max", stride=2)
            self.inc4a = L.InceptionBN(None, 224, 64, 96, 96, 128, "avg", 128)
            self.inc4b = L.InceptionBN(None, 192, 96, 128, 96, 128, "avg", 128)
            self.inc4c = L.InceptionBN(None, 128, 128, 160, 128, 160, "avg", 128)
            self.inc4d = L.InceptionBN(None, 64, 128, 192, 160, 192, "avg", 128)
            self.inc4e = L.InceptionBN(None, 0, 128, 192, 192, 256, "max", stride=2)
            self.inc5a = L.InceptionBN(None, 352, 192, 320, 160, 224, "avg", 128)
            self.inc5b = L.InceptionBN(None, 352, 192, 320, 192, 224, "max", 128)
            self.out = L.Linear(None, 1000)

    def forward(self, x):
        h = F.max_pooling_2d(F.relu(self.norm1(self.conv1(x))), 3, stride=2, pad=1)
        h = F.max_pooling_2d(F.relu(self.norm2(self.conv2(h))), 3, stride=2, pad=1)
        for block in (self.inc3a, self.inc3b, self.inc3c, self.inc4a, self.inc4b, self.inc4c, self.inc4d, self.inc4e, self.inc5a, self.inc5b):
            h = block(h)
        return self.out(F.average_pooling_2d(h, 7))


class ResidualBlock(chainer.Chain):
    def __init__(self, channels):
        super().__init__()
        with self.init_scope():
            self.c1 = L.Convolution2D(channels, channels, 3, 1, 1)
            self.c2 = L.Convolution2D(channels, channels, 3, 1, 1)
            self.b1 = L.BatchNormalization(channels)
            self.b2 = L.BatchNormalization(channels)

    def forward(self, x):
        return self.b2(self.c2(F.relu(self.b1(self.c1(x))))) + x


class FastStyle(chainer.Chain):
    """The transformation network of chainer-fast-neuralstyle: RGB 0..255 in and out."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.c1 = L.Convolution2D(3, 32, 9, stride=1, pad=4)
            self.c2 = L.Convolution2D(32, 64, 4, stride=2, pad=1)
            self.c3 = L.Convolution2D(64, 128, 4, stride=2, pad=1)
            self.r1, self.r2, self.r3, self.r4, self.r5 = (ResidualBlock(128) for _ in range(5))
            self.d1 = L.Deconvolution2D(128, 64, 4, stride=2, pad=1)
            self.d2 = L.Deconvolution2D(64, 32, 4, stride=2, pad=1)
            self.d3 = L.Deconvolution2D(32, 3, 9, stride=1, pad=4)
            self.b1, self.b4 = L.BatchNormalization(32), L.BatchNormalization(64)
            self.b2, self.b5 = L.BatchNormalization(64), L.BatchNormalization(32)
            self.b3 = L.BatchNormalization(128)

    def forward(self, x):
        h = self.b1(F.elu(self.c1(x)))
        h = self.b2(F.elu(self.c2(h)))
        h = self.b3(F.elu(self.c3(h)))
        for block in (self.r1, self.r2, self.r3, self.r4, self.r5):
            h = block(h)
        h = self.b4(F.elu(self.d1(h)))
        h = self.b5(F.elu(self.d2(h)))
        return (F.tanh(self.d3(h)) + 1) * 127.5


class Links(chainer.Chain):
    """Every link of Chainer that has parameters and runs over images, each on the same input."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.depthwise = L.DepthwiseConvolution2D(6, 2, 3, pad=1)
            self.dilated = L.DilatedConvolution2D(6, 8, 3, pad=2, dilate=2)
            self.nd = L.ConvolutionND(2, 6, 8, 3, pad=1)
            self.up_nd = L.DeconvolutionND(2, 6, 5, 4, stride=2, pad=1)
            self.up = L.Deconvolution2D(6, 4, 3, stride=2, pad=1, outsize=(16, 18))
            self.inception = L.Inception(6, 4, 3, 5, 2, 4, 3)
            self.mlp = L.MLPConvolution2D(6, (8, 7), 3, activation=F.elu)
            self.norm = L.BatchNormalization(6)
            self.bare_norm = L.BatchNormalization(6, use_gamma=False, use_beta=False)
            self.renorm = L.BatchRenormalization(6)
            self.group = L.GroupNormalization(3, 6)
            self.prelu = L.PReLU((6,))
            self.swish = L.Swish(6)
            self.scale = L.Scale(1, (6,), bias_term=True)
            self.bias = L.Bias(1, (6,))
            self.linear = L.Linear(None, 12)
            self.layer_norm = L.LayerNormalization(12)
            self.highway = L.Highway(12)
            self.maxout = L.Maxout(12, 5, 3)
            self.list = chainer.ChainList(L.Convolution2D(6, 5, 1), chainer.Sequential(L.Convolution2D(5, 4, 1), F.relu))

    def forward(self, x):
        images = (self.depthwise, self.dilated, self.nd, self.up_nd, self.up, self.inception, self.mlp, self.norm, self.bare_norm, self.renorm,
                  self.group, self.prelu, self.swish, self.scale, self.bias, lambda h: self.list[1](self.list[0](h)))
        flat = self.linear(x)
        results = {f"image{i}": link(x) for i, link in enumerate(images)}
        results.update({f"flat{i}": link(flat) for i, link in enumerate((self.layer_norm, self.highway, self.maxout))})
        return results
