// A recipe as C: what runtime/bundle/*.c includes and no file of the source tree has.
#pragma once

#include <string>
#include <vector>

#include "emit/emit.h"

namespace net2c {

// The kernels that the steps use, in the order of the catalogue.
struct Used {
  explicit Used(const Recipe &);
  std::vector<KernelId> kernels;
  std::vector<const Family *> families;
  uint32_t index(KernelId) const;
};

std::string figures(const Recipe &, const EmitOptions &);     // macros of the public header
std::string tables(const Recipe &, const Used &, const EmitOptions &);
std::string catalogue_lines(const Used &);                    // for kernels/catalogue.def
std::string family_bodies(const Used &);                      // for kernels/families.h
std::string picture_api(const EmitOptions &);                 // for runtime/bundle/picture.inc
std::string picture_body(const EmitOptions &);                // for runtime/bundle/picture_body.inc
std::string network_json(const Recipe &, const EmitOptions &, const std::string &name);
uint64_t weights_file_bytes(const Recipe &);

}  // namespace net2c
