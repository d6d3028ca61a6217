// Weights in the layouts of docs/layouts.md: the same bytes for every ISA.
#pragma once

#include <cstdint>
#include <vector>

#include "graph/tensor.h"

namespace net2c {

// A convolution's groups as the kernels take them: multiples of 8 channels, narrow ones merged block-diagonally.
struct Groups {
  int64_t groups = 1;              // after merging
  int64_t merged = 1;              // model groups in one of ours
  int64_t ic = 0, oc = 0;          // channels a group of ours, before padding to 8
};
// How to group so that every group but a single one has multiples of 8 input and output channels.
Groups group_channels(int64_t group, int64_t ic, int64_t oc);

enum class Taps { outside, inside };   // [KH][KW][C][16] of a pair of blocks, or [C][KH][KW][16]

// w [O][C/group][KH][KW] -> per group [OC/16][KH][KW][lanes * blocks][16]; lanes 8, or C for an image (one group).
std::vector<float> pack_conv(const Tensor &w, int64_t model_group, const Groups &, int64_t lanes, Taps = Taps::outside);

// w [C][O/group][KH][KW] -> by phase, row by row: per phase pack_conv's order of that phase's taps, kernel ascending.
std::vector<float> pack_deconv(const Tensor &w, int64_t model_group, const Groups &, const std::vector<int64_t> &strides,
                               const std::vector<int64_t> &dilations, const std::vector<int64_t> &pads, Taps = Taps::outside);

std::vector<float> pack_narrow(const Tensor &w);                            // [O][C][KH][KW] -> [KH][KW][C/8][O][8]
std::vector<float> pack_depthwise(const Tensor &w);                         // [C][1][KH][KW] -> [C/8][KH][KW][8]
std::vector<float> pack_dense(const float *b, int64_t k, int64_t n);        // [k][n] -> [n/32][k][32]
std::vector<float> pad_vector(const Tensor *, int64_t channels, int64_t multiple);   // nullptr: zeros

}  // namespace net2c
