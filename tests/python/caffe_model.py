"""Writes Caffe's files for tests: blobs and caffemodels in each form that they have had."""
import struct

import numpy


def varint(n):
    out = bytearray()
    n &= (1 << 64) - 1
    while True:
        out.append(n & 127 | (128 if n > 127 else 0))
        n >>= 7
        if not n:
            return bytes(out)


def field(number, payload):
    """An integer, a text, or bytes (a message)."""
    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    if isinstance(payload, str):
        payload = payload.encode()
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def blob(array, legacy=False, double=False, packed=True):
    array = numpy.asarray(array)
    if legacy:  # four dimensions, ones in front
        shape = (1,) * (4 - array.ndim) + array.shape
        head = b"".join(field(i + 1, int(d)) for i, d in enumerate(shape))
    else:
        head = field(7, field(1, b"".join(varint(int(d)) for d in array.shape)))
    number, kind = (8, "<f8") if double else (5, "<f4")
    flat = array.astype(kind).ravel()
    if packed:
        return head + field(number, flat.tobytes())
    wire = 1 if double else 5
    return head + b"".join(varint(number << 3 | wire) + struct.pack("<d" if double else "<f", x) for x in flat)


def caffemodel(weights, v1=False, **form):
    """weights: {layer name: [arrays]}"""
    out = field(1, "net")
    for name, arrays in weights.items():
        blobs = [blob(a, **form) for a in arrays]
        if v1:
            out += field(2, field(4, name) + b"".join(field(6, b) for b in blobs))
        else:
            out += field(100, field(1, name) + b"".join(field(7, b) for b in blobs))
    return out


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
