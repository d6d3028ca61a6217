"""The weights of SqueezeNet 1.0 as Deep Compression's authors published them."""
import numpy


def deep_compression(data):
    """The weights of SqueezeNet 1.0 from Deep Compression's file: counts of non-zeros; then for each layer a codebook of 256
    floats, biases, a byte of code for each non-zero, and half a byte of zeros before it."""
    shapes, channels = [("conv1", 96, 3, 7)], 96
    for index, (squeeze, expand) in enumerate([(16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256)], 2):
        shapes += [(f"fire{index}/conv1x1_1", squeeze, channels, 1), (f"fire{index}/conv1x1_2", expand, squeeze, 1), (f"fire{index}/conv3x3_2", expand, squeeze, 3)]
        channels = 2 * expand
    shapes.append(("conv_final", 1000, channels, 1))
    counts, at = numpy.frombuffer(data, "<u4", len(shapes)).tolist(), 4 * len(shapes)
    weights = {}
    for (name, outputs, inputs, kernel), count in zip(shapes, counts):
        codebook, bias = numpy.frombuffer(data, "<f4", 256, at), numpy.frombuffer(data, "<f4", outputs, at + 1024)
        at += 1024 + 4 * outputs
        codes, gaps = numpy.frombuffer(data, "u1", count, at), numpy.frombuffer(data, "u1", (count + 1) // 2, at + count)
        at += count + (count + 1) // 2
        gaps = numpy.stack([gaps & 15, gaps >> 4], 1).ravel()[:count].astype(int)
        array = numpy.zeros(outputs * inputs * kernel * kernel, "f4")
        array[numpy.cumsum(gaps + 1) - 1] = codebook[codes]
        weights[name] = [array.reshape(outputs, inputs, kernel, kernel), bias]
    assert at == len(data)
    return weights
