// NumPy's .npy files, versions 1 to 3: header as text, little endian data in C order.
#pragma once

#include <span>
#include <string>

#include "graph/tensor.h"

namespace net2c {

// Error: not such a file, truncated, a big-endian, Fortran-ordered or structured array.
Tensor read_npy(const std::string &path, std::span<const std::byte>);
std::vector<std::byte> npy_bytes(const Tensor &);

}  // namespace net2c
