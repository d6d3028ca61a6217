#include <algorithm>
#include <protozero/pbf_reader.hpp>

#include "import/caffe/caffe.h"
#include "import/caffe/records.h"

namespace net2c::caffe {

namespace {

using protozero::pbf_wire_type;

// The first line that is no comment begins like a field: a name and ':' or '{'.
Kind kind_of_text(std::string_view text)
{
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  size_t at = 0;
  while ((at = text.find_first_not_of(" \t\r\n", at)) != std::string_view::npos && text[at] == '#') at = text.find('\n', at);
  if (at == std::string_view::npos) return Kind::other;
  const size_t end = std::min(text.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789", at), text.size());
  const std::string_view word = text.substr(at, end - at);
  const size_t next = text.find_first_not_of(" \t\r\n", end);
  if (next == std::string_view::npos || (text[next] != ':' && text[next] != '{')) return Kind::other;
  for (const char *of_net :
       {"name", "layer", "layers", "input", "input_dim", "input_shape", "force_backward", "state", "debug_info"})
    if (word == of_net) return Kind::prototxt;
  for (const char *of_solver :
       {"net", "train_net", "test_net", "base_lr", "test_iter", "net_param", "lr_policy", "max_iter", "solver_mode", "type"})
    if (word == of_solver) return Kind::solver;
  // Other branches of Caffe begin with fields of their own.
  return text.find("\nlayer {") != std::string_view::npos || text.find("\nlayers {") != std::string_view::npos ? Kind::prototxt
                                                                                                               : Kind::other;
}

struct Seen {
  bool fits = true;     // every field has the number and the wire type that it should have
  bool whole = false;   // to the last byte
  uint64_t fields = 0;  // of 0..63, by number
  bool v2 = false;      // field 100
};

template <class F>
Seen walk(std::span<const std::byte> bytes, F right)
{
  Seen seen;
  protozero::pbf_reader in(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  try {
    while (in.next()) {
      if (!right(in.tag(), in.wire_type())) {
        seen.fits = false;
        return seen;
      }
      if (in.tag() < 64) seen.fields |= uint64_t{1} << in.tag();
      seen.v2 |= in.tag() == 100;
      in.skip();
    }
    seen.whole = true;
  } catch (const protozero::exception &) {
  }
  return seen;
}

bool net_field(uint32_t tag, pbf_wire_type wire)
{
  const bool number = tag == 4 || tag == 5 || tag == 7;
  if (number) return wire == pbf_wire_type::varint || (tag == 4 && wire == pbf_wire_type::length_delimited);
  return (tag == 1 || tag == 2 || tag == 3 || tag == 6 || tag == 8 || tag == 100) && wire == pbf_wire_type::length_delimited;
}

bool blob_field(uint32_t tag, pbf_wire_type wire)
{
  if (tag >= 1 && tag <= 4) return wire == pbf_wire_type::varint;
  if (tag == 5 || tag == 6) return wire == pbf_wire_type::length_delimited || wire == pbf_wire_type::fixed32;
  if (tag == 8 || tag == 9) return wire == pbf_wire_type::length_delimited || wire == pbf_wire_type::fixed64;
  return tag == 7 && wire == pbf_wire_type::length_delimited;
}

bool complete(std::span<const std::byte> bytes)
{
  try {
    const Blob blob = read_blob("", bytes);
    return blob.size() > 0 && blob.size() == count(blob.shape);
  } catch (const Error &) {
    return false;
  }
}

}  // namespace

Kind kind_of(std::span<const std::byte> bytes)
{
  const std::string_view data(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  if (is_text(data.substr(0, 1 << 16))) return kind_of_text(data);
  // The name comes first; an ONNX model begins with a number.
  if (const Seen net = walk(bytes, net_field);
      net.fits && (net.v2 || net.fields & (1u << 2) || (net.fields & (1u << 1) && !net.whole)))
    return Kind::caffemodel;
  const Seen blob = walk(bytes, blob_field);
  constexpr uint64_t old_shape = 2 | 4 | 8 | 16;
  if (blob.fits && ((blob.fields & old_shape) == old_shape || complete(bytes))) return Kind::mean;
  return Kind::other;
}

}  // namespace net2c::caffe
