// Graph -> Graph with the same meaning and less to do. The table of passes, with the reason for the order: pipeline.cpp.
#pragma once

#include <functional>
#include <string>

#include "graph/graph.h"

namespace net2c {

// A pass: how many places it changed.
int fold_constants(Graph &);      // nodes whose inputs are all constants become constants
int remove_identities(Graph &);   // x+0, x*1, Identity, no-op Reshape/Transpose/Slice/Pad/Cast/Expand, reshape of reshape, ...
int remove_dead(Graph &);         // nodes and values nobody reads
int expand_norms(Graph &);        // Norm batch -> Affine; Mul/Add by per-channel constants -> Affine; chains of Affine merged
int fold_affine(Graph &);         // Affine into the weights of the Conv / ConvTranspose / MatMul before it (in double)
int fuse_bias(Graph &);           // MatMul + Add of a vector -> bias
int fuse_activation(Graph &);     // into Epilogue::act
int fuse_residual(Graph &);       // conv + Add(other) [+ act] -> Epilogue residual
int fuse_affine(Graph &);         // Affine after an activation -> Epilogue scale and shift
int fold_pads(Graph &);           // Pad before Conv (zero, edge, reflect), zero Pad before average pooling that counts pads
int recognise_patterns(Graph &);  // x sigmoid(x), x clip(x + 3) / 6, channel shuffles, ... -> one op
int move_strides(Graph &);        // of 1x1 convolutions into what makes their maps, whose other pixels nobody reads
int merge_siblings(Graph &);      // 1x1 convolutions of one map -> one convolution, and Slices of its result
int cancel_transposes(Graph &);   // Transpose - nodes - Transpose back -> the nodes alone; channels last -> channels first

// All passes in order, verified after each. `progress` is told a pass's name and its count.
void optimise(Graph &, const std::function<void(const char *, int)> &progress = {});

}  // namespace net2c
