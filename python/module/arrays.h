// NumPy's arrays as tensors, and back.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include "graph/tensor.h"

namespace net2c::python {

using Array = nanobind::ndarray<nanobind::ro, nanobind::c_contig, nanobind::device::cpu>;

Tensor tensor_of(const Array &, const std::string &what);   // Error: a type that tensors cannot have
nanobind::ndarray<nanobind::numpy> array_of(Tensor);        // takes the bytes over

}  // namespace net2c::python
