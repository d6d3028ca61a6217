// Recipes as C: what runtime/bundle/*.c includes and no file of the source tree has.
#pragma once

#include <string>
#include <vector>

#include "emit/emit.h"

namespace net2c {

// The kernels that the steps use, in the order of the catalogue.
struct Used {
  explicit Used(std::span<const Recipe>);
  std::vector<KernelId> kernels;
  std::vector<const Family *> families;
  uint64_t acts = 0;   // element-wise functions, a bit each
  uint32_t index(KernelId) const;
};

std::string figures(std::span<const Recipe>, uint64_t weights_file_bytes, const EmitOptions &);   // macros of the public header
std::string tables(std::span<const Recipe>, const Used &, const EmitOptions &);
std::string kernels(const Used &);                            // for kernels/isa.h: families, instances, the table of them
std::string embedded_weights(std::span<const std::byte>);     // the file as an array
std::string golden_tables(std::span<const Golden>);
std::string picture_api(const EmitOptions &);                 // for runtime/bundle/picture.inc
std::string picture_body(const EmitOptions &);                // for runtime/bundle/picture_body.inc
std::string network_json(std::span<const Recipe>, uint64_t weights_file_bytes, const EmitOptions &, const std::string &name);

}  // namespace net2c
