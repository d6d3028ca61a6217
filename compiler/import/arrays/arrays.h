// Files that hold arrays by name: what training frameworks save weights in.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graph/tensor.h"

namespace net2c {

class ArrayFile {
 public:
  virtual ~ArrayFile() = default;
  const std::vector<std::string> &names() const { return names_; }
  // nullopt: the file says that there is nothing (None). `most`: an array of more bytes is an error before memory is taken for it.
  // Error: no such name, damaged, a type that tensors cannot have.
  virtual std::optional<Tensor> read(const std::string &name, int64_t most) = 0;

 protected:
  std::vector<std::string> names_;   // with '/' between the parts, in the file's order
};

// `bytes` must outlive the result.
bool looks_like_zip(std::span<const std::byte>);
bool looks_like_hdf5(std::span<const std::byte>);
std::unique_ptr<ArrayFile> open_npz(const std::string &path, std::span<const std::byte> bytes);
// Until the result is gone, other threads wait here.
std::unique_ptr<ArrayFile> open_hdf5(const std::string &path, std::span<const std::byte> bytes);

}  // namespace net2c
