"""Writes Caffe's blobs and caffemodels, in each form that they have had."""
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
