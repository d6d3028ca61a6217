#include <protozero/pbf_reader.hpp>

#include "import/onnx/onnx.h"

namespace net2c::onnx {

// A ModelProto has few fields, each with its own wire type; other protobuf files break the pattern soon. A file that is cut
// off is still recognised, so that the message can say so.
bool looks_like_onnx(std::span<const std::byte> bytes)
{
  using protozero::pbf_wire_type;
  protozero::pbf_reader in(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  bool version = false, graph = false;
  try {
    while (in.next()) {
      const bool number = in.tag() == 1 || in.tag() == 5;
      const bool other = (in.tag() >= 2 && in.tag() <= 8 && !number) || in.tag() == 14 || in.tag() == 20 || in.tag() == 25 || in.tag() == 26;
      if (number ? in.wire_type() != pbf_wire_type::varint : !other || in.wire_type() != pbf_wire_type::length_delimited) return false;
      version |= in.tag() == 1;
      graph |= in.tag() == 7;
      in.skip();
    }
  } catch (const protozero::exception &) {
  }
  return version || graph;
}

namespace {

bool knows(const ModelFile &file) { return looks_like_onnx(file.bytes); }

Imported import_files(const std::vector<ModelFile> &files, const ImportOptions &options)
{
  if (!knows(files[0])) unknown_file(files[0]);
  if (files.size() > 1) fail({.file = files[1].path}, "is one file too many: an ONNX network is a single file");
  return {import_onnx(files[0].path, files[0].bytes, options), files[0].path, {}, {}};
}

}  // namespace

const Format format{"ONNX", "one .onnx file", knows, import_files};

}  // namespace net2c::onnx
