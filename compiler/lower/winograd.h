// Convolutions by Winograd's algorithm (kernels/winograd/winograd_args.h), and what they share with direct ones.
#pragma once

#include <string_view>

#include "lower/epilogue.h"
#include "lower/pack.h"

namespace net2c {

struct Operands {
  net2c_map y, r{};
  net2c_ref plain = NET2C_NONE;   // where the result goes instead of y, which has its sizes then
  EpilogueChoice epilogue;
  net2c_ref bias;
};
Operands operands_of(const Node &, const Epilogue &, Lowering &);

// How far taps reach beyond the map.
Halo halo_of(const Conv &, const Shape &x, const Shape &w, const Shape &y);
Halo halo_of(const ConvTranspose &, const Shape &x, const Shape &w, const Shape &y);

// Rows of tiles in a strip, where it may be as large as is fast: each has `columns` tiles and `row_bytes` of transformed input. odd_few: its panels of
// output channels are an odd few.
int64_t winograd_strip_rows(int64_t all_rows, int64_t columns, int64_t row_bytes, bool odd_few);

// Rows of tiles in a band of mixed ones (kernels/winograd/band.h), of a strip of `rows`; 0: a row has too many.
int64_t winograd_band_rows(int64_t rows, int64_t columns);

// Rows of output that a row of tiles makes, and of input that it reads, by the step's kernel; 0: not one over rows (of lines, chunks are columns).
uint32_t winograd_output_rows(std::string_view product);
uint32_t winograd_input_rows(std::string_view input);

// Whether it was lowered so: where the algorithm can be used and the costs say that it is faster than the direct sum.
bool lower_by_winograd(const Conv &, const Node &, Lowering &, const Groups &);
bool lower_by_winograd(const ConvTranspose &, const Node &, Lowering &, const Groups &);

}  // namespace net2c
