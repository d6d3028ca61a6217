"""The layers of a Network as Caffe's files: a deploy.prototxt and a caffemodel. Like its authors' files, it works in place
where nobody else reads a blob."""
import collections

from onnx import helper

from caffemodel import caffemodel


class Writer:
    def __init__(self, net):
        self.constants, self.weights = net.constants, {}
        self.readers = collections.Counter(name for node in net.nodes for name in node.input)
        self.blobs = {net.input.name: "data"}  # value: the blob that holds it
        self.text = [f'name: "{net.name}"',
                     f'layer {{ name: "data" type: "Input" top: "data" input_param {{ shape {{ dim: 1 dim: 3 dim: {net.height} dim: {net.width} }} }} }}']
        for node in net.nodes:
            write = getattr(self, "write_" + node.op_type.lower(), None)
            if write is None:
                raise ValueError(f"{net.name}: no layer of Caffe for {node.op_type}")
            write(node, {a.name: helper.get_attribute_value(a) for a in node.attribute})
            self.blobs[node.output[0]] = self.top

    def layer(self, kind, name, bottoms, params="", weights=(), in_place=False):
        """Adds a layer; in_place: it may overwrite its bottom."""
        self.top = bottoms[0] if in_place and bottoms[0] != "data" else name
        sides = "".join(f' bottom: "{b}"' for b in bottoms)
        self.text.append(f'layer {{ name: "{name}" type: "{kind}"{sides} top: "{self.top}"{" " + params if params else ""} }}')
        if weights:
            self.weights[name] = list(weights)

    def bottoms(self, node):
        return [self.blobs[i] for i in node.input if i not in self.constants]

    def simple(self, kind, node, params="", in_place=False):
        self.layer(kind, node.name, self.bottoms(node), params, in_place=in_place and self.readers[node.input[0]] == 1)

    def arrays(self, node):
        return [self.constants[i] for i in node.input if i in self.constants]

    def weighted(self, kind, node, message, params):
        arrays = self.arrays(node)
        bias = "" if len(arrays) == 2 else " bias_term: false"
        self.layer(kind, node.name, self.bottoms(node), f"{message} {{ num_output: {arrays[0].shape[0]}{bias}{params} }}", arrays)

    # An ONNX operator each -------------------------------------------------------------------------------------------

    def write_conv(self, node, a):
        self.weighted("Convolution", node, "convolution_param", window(a) + (f" group: {a['group']}" if a["group"] != 1 else ""))

    def write_gemm(self, node, a):
        self.weighted("InnerProduct", node, "inner_product_param", "")

    def write_batchnormalization(self, node, a):
        """Caffe has two layers for it: mean, variance and a factor that divides both; then scale and shift."""
        scale, shift, mean, variance = self.arrays(node)
        in_place = self.readers[node.input[0]] == 1
        self.layer("BatchNorm", node.name, self.bottoms(node), f"batch_norm_param {{ use_global_stats: true eps: {a['epsilon']:.7g} }}",
                   [mean * mean.dtype.type(2), variance * mean.dtype.type(2), mean[:1] * 0 + 2], in_place)
        self.layer("Scale", node.name + "/scale", [self.top], "scale_param { bias_term: true }", [scale, shift], in_place=True)

    def write_relu(self, node, a):
        self.simple("ReLU", node, in_place=True)

    def write_dropout(self, node, a):
        self.simple("Dropout", node, "dropout_param { dropout_ratio: 0.5 }", in_place=True)

    def write_lrn(self, node, a):
        self.simple("LRN", node, f"lrn_param {{ local_size: {a['size']} alpha: {a['alpha']:.7g} beta: {a['beta']:.7g} k: {a['bias']:.7g} }}")

    def write_maxpool(self, node, a):
        self.simple("Pooling", node, f"pooling_param {{ pool: MAX{window(a)} }}")

    def write_averagepool(self, node, a):
        self.simple("Pooling", node, f"pooling_param {{ pool: AVE{window(a)} }}")

    def write_globalaveragepool(self, node, a):
        self.simple("Pooling", node, "pooling_param { pool: AVE global_pooling: true }")

    def write_concat(self, node, a):
        self.simple("Concat", node)

    def write_add(self, node, a):
        self.simple("Eltwise", node, "eltwise_param { operation: SUM }")

    def write_flatten(self, node, a):
        self.simple("Flatten", node)


def window(a):
    """Kernel, stride and padding of a convolution or a pool: one number where rows and columns agree."""
    def both(word, rows, columns, usual):
        if rows == columns:
            return f" {word + '_size' if word == 'kernel' else word}: {rows}" if rows != usual else ""
        return f" {word}_h: {rows} {word}_w: {columns}"

    return both("kernel", *a["kernel_shape"], None) + both("stride", *a["strides"], 1) + both("pad", *a["pads"][:2], 0)


def prototxt(net):
    return "\n".join(Writer(net).text) + "\n"


def write(net, stem):
    """[prototxt, caffemodel] of a network; stem: their path without an ending."""
    writer = Writer(net)
    paths = [stem.with_suffix(".prototxt"), stem.with_suffix(".caffemodel")]
    paths[0].write_text("\n".join(writer.text) + "\n")
    paths[1].write_bytes(caffemodel(writer.weights))
    return paths
