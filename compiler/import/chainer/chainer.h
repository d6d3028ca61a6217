// Chainer: the graph that python -m net2c.chainer writes (.c2g, docs/chainer.md) and the weights of chainer.serializers -> Graph.
#pragma once

#include <span>
#include <string>

#include "import/arrays/arrays.h"
#include "import/format.h"

namespace net2c::chainer {

extern const Format format;

bool looks_like_graph(std::span<const std::byte>);

// weights: nullptr where none are given; `weights_path` for messages.
Graph import_chainer(const std::string &path, std::span<const std::byte>, ArrayFile *weights, const std::string &weights_path,
                     const ImportOptions &);

}  // namespace net2c::chainer
