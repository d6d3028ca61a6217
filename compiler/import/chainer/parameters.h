// The weights of a graph, found in a file of chainer.serializers.
#pragma once

#include <string>
#include <vector>

#include "import/arrays/arrays.h"
#include "import/chainer/records.h"

namespace net2c::chainer {

// One tensor for each of `wanted`, of its type and shape. The file may hold the network in a larger one (a prefix, as of a
// Classifier or a trainer's snapshot), or the graph may be of a larger one.
// Error: arrays that are missing, were not initialised, or do not fit.
std::vector<Tensor> read_parameters(ArrayFile &, const std::string &path, const std::vector<ValueRecord> &wanted);

// Numbers in their place: different ones, so that nothing takes them for zeros or ones.
Tensor made_up(const ValueRecord &);

}  // namespace net2c::chainer
