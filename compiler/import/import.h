// Files -> Graph. The format is known by content. After this no source format's word is used.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace net2c {

struct ImportOptions {
  std::optional<std::pair<int64_t, int64_t>> size;   // H, W for dynamic image dimensions; of a fixed one, a new size
  std::optional<std::pair<int64_t, int64_t>> open_size;  // the same from a picture: what is fixed stays
  std::map<std::string, Shape> shapes;               // input name ("": the only one) -> shape of the tensor given to `run`
  std::map<std::string, Tensor> constants;           // inputs baked in
  int64_t batch = 1;                                 // for a dynamic first dimension
  int64_t fold_limit = int64_t{1} << 30;             // bytes of constants computed on import, beside 4 x the file's size
  bool without_weights = false;                      // a network without its weights will do: shapes are all that is asked for
};

// Error: unreadable, unknown format, unsupported operators (all of them in one message), shapes that do not fit.
// The graph is verified, its shape arithmetic folded, its initialisers Constants.
Graph import_model(const std::vector<std::string> &files, const ImportOptions &);

}  // namespace net2c
