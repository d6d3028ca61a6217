// Recipe -> Bundle: file names and bytes. Prints tables and copies C sources; knows no op, no kernel family and no ISA.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/file.h"
#include "plan/plan.h"
#include "runtime/results/results.h"

namespace net2c {

// Where in the weights an input of a size and what it gives lie, for NAME_self_test.
struct Golden { std::vector<net2c_ref> inputs, outputs; };

// How input 0 comes from a picture at one size, and what the outputs are to it (--preprocess).
struct PictureOptions {
  net2c_picture_spec spec{};
  net2c_ref mean = NET2C_NONE;               // its mean image, in the weights
  std::optional<net2c_map_spec> map;
  std::optional<net2c_boxes_spec> boxes;
  std::vector<net2c_head> heads;             // of the boxes
};

struct EmitOptions {
  std::string name;                          // prefix of all that is public; made a C identifier. Empty: the recipe's
  std::vector<Isa> isas;                     // empty: all that are built in. Portable code is not added by itself
  std::vector<std::string> labels;           // of classes
  std::vector<PictureOptions> pictures;      // one a size, or none
  struct Size { std::string size, batch; };
  std::vector<Size> sizes;                   // the options that gave each size, for net.json; none: as the model says
  std::string max_memory;                    // the option that bounded them, for net.json
  bool halves = false;                       // weights in half precision, for net.json
  std::vector<Golden> golden;                // one a size, or none: no self-test
  bool single_file = false;                  // NAME.h and NAME.c, with kernels and weights in it
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

// Deterministic: equal recipes and options give equal bytes. Error: an ISA that has no kernels in this build; weights too
// large for a single file.
Bundle emit(const Recipe &, const EmitOptions &);
// One network for several sizes of its inputs: a recipe each, of equal ports but for their shapes, over the weights of all.
Bundle emit(std::span<const Recipe> sizes, std::span<const std::byte> weights, const EmitOptions &);

// All files into the folder, which is made; nothing stays when one cannot be written.
void write_bundle(const Bundle &, const std::string &folder);

// The .weights file: header, packed weights, 64 zero bytes. New weights of the same structure need only this.
uint64_t structure_of(std::span<const Recipe>);               // of all sizes together
Bytes weights_file(const Recipe &);
Bytes weights_file(std::span<const Recipe> sizes, std::span<const std::byte> weights);
uint64_t weights_file_bytes(uint64_t weights);   // its size

std::string c_identifier(const std::string &); // "mobilenet-v2.onnx" -> "mobilenet_v2_onnx"; never a keyword

}  // namespace net2c
