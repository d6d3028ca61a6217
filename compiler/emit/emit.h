// Recipe -> Bundle: file names and bytes. Prints tables and copies C sources; knows no op, no kernel family and no ISA.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"
#include "plan/plan.h"
#include "runtime/results/results.h"

namespace net2c {

// How input 0 comes from a picture, and what the outputs are to it (--preprocess).
struct PictureOptions {
  net2c_picture_spec spec{};
  uint64_t mean_offset = 0;                  // of its mean image in the weights, in bytes
  std::optional<net2c_map_spec> map;
  std::optional<net2c_boxes_spec> boxes;
  std::vector<net2c_head> heads;             // of the boxes
};

struct EmitOptions {
  std::string name;                          // prefix of all that is public; made a C identifier. Empty: the recipe's
  std::vector<Isa> isas;                     // empty: all that are built in. Portable code is not added by itself
  std::vector<std::string> labels;           // of classes
  std::optional<PictureOptions> picture;
  std::string source;                        // what was compiled, for the comment: "mobilenet_v2.onnx, net2c 0.1.0"
};

struct BundleFile {
  std::string name;
  Bytes bytes;
};
struct Bundle {
  std::string name;                          // the C identifier
  std::vector<BundleFile> files;
};

// Deterministic: equal recipes and options give equal bytes. Error: an ISA that has no kernels in this build.
Bundle emit(const Recipe &, const EmitOptions &);

// All files into the folder, which is made; nothing stays when one cannot be written.
void write_bundle(const Bundle &, const std::string &folder);

// The .weights file: header, packed weights, 64 zero bytes. New weights of the same structure need only this.
Bytes weights_file(const Recipe &);

std::string c_identifier(const std::string &); // "mobilenet-v2.onnx" -> "mobilenet_v2_onnx"; never a keyword

}  // namespace net2c
