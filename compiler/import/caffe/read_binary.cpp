// Protobuf bytes -> messages. Every length is checked; memory is bounded by the bytes that are really there.
#include <algorithm>
#include <cstring>
#include <protozero/pbf_reader.hpp>

#include "import/caffe/records.h"
#include "import/caffe/schema.h"
#include "import/protobuf.h"

namespace net2c::caffe {

namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;

constexpr uint32_t varint(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::varint); }
constexpr uint32_t bytes(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::length_delimited); }
constexpr uint32_t fixed32(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::fixed32); }
constexpr uint32_t fixed64(uint32_t field) { return protozero::tag_and_type(field, pbf_wire_type::fixed64); }

void append(std::vector<float> &to, std::string_view from, size_t element)
{
  for (size_t i = 0; i < from.size(); i += element) {
    float f = 0;
    double d = 0;
    if (element == 4) std::memcpy(&f, from.data() + i, 4);
    else std::memcpy(&d, from.data() + i, 8);
    to.push_back(element == 4 ? f : static_cast<float>(d));
  }
}

// Copies together what came in pieces.
void gather(Blob &blob)
{
  append(blob.loose, std::exchange(blob.floats, {}), 4);
  append(blob.loose, std::exchange(blob.doubles, {}), 8);
}

// A packed array is kept where it lies, unless it comes in several pieces.
void packed(Blob &blob, const protozero::data_view &data, size_t element)
{
  if (data.size() % element) throw protozero::invalid_length_exception{};
  const std::string_view view(data.data(), data.size());
  if (blob.size() == 0) {
    (element == 4 ? blob.floats : blob.doubles) = view;
    return;
  }
  gather(blob);
  append(blob.loose, view, element);
}

void number(Blob &blob, float x)
{
  gather(blob);
  blob.loose.push_back(x);
}

Blob blob(pbf_reader in)
{
  Blob b;
  Shape old(4, 0);
  bool legacy = false;
  while (in.next()) switch (in.tag_and_type()) {
      case varint(1):
      case varint(2):
      case varint(3):
      case varint(4): {
        const size_t axis = in.tag() - 1;
        old[axis] = in.get_int64();
        legacy = true;
        break;
      }
      case bytes(5): packed(b, in.get_view(), 4); break;
      case fixed32(5): number(b, in.get_float()); break;
      case bytes(7): {
        pbf_reader shape = in.get_message();
        b.shape.clear();
        while (shape.next()) {
          if (shape.tag_and_type() == varint(1)) b.shape.push_back(shape.get_int64());
          else if (shape.tag_and_type() == bytes(1))
            for (int64_t d : shape.get_packed_int64()) b.shape.push_back(d);
          else shape.skip();
        }
        break;
      }
      case bytes(8): packed(b, in.get_view(), 8); break;
      case fixed64(8): number(b, static_cast<float>(in.get_double())); break;
      default: in.skip();
    }
  if (legacy) b.shape = old;
  return b;
}

Message message(pbf_reader in, const Schema &schema)
{
  Message m;
  while (in.next()) {
    const auto known =
        std::find_if(schema.entries.begin(), schema.entries.end(), [&](const Entry &e) { return e.number == in.tag(); });
    const auto add = [&](Field::Kind kind) -> Field & {
      m.fields.push_back({.name = known->name, .kind = kind, .text = {}, .message = nullptr});
      return m.fields.back();
    };
    const pbf_wire_type wire = in.wire_type();
    if (known == schema.entries.end()) {
      // Kept by number, so that a parameter that means something is not passed over in silence.
      m.fields.push_back({.name = fmt::format("field {}", in.tag()), .kind = Field::Kind::word, .text = "?", .message = nullptr});
      in.skip();
    } else if ((known->wire == Wire::integer || known->wire == Wire::packed_integer) && wire == pbf_wire_type::varint) {
      add(Field::Kind::integer).integer = in.get_int64();
    } else if ((known->wire == Wire::integer || known->wire == Wire::packed_integer) && wire == pbf_wire_type::length_delimited) {
      for (int64_t x : in.get_packed_int64()) add(Field::Kind::integer).integer = x;
    } else if (known->wire == Wire::real && wire == pbf_wire_type::fixed32) {
      add(Field::Kind::real).real = static_cast<double>(in.get_float());
    } else if (known->wire == Wire::real && wire == pbf_wire_type::length_delimited) {
      for (float x : in.get_packed_float()) add(Field::Kind::real).real = static_cast<double>(x);
    } else if (known->wire == Wire::text && wire == pbf_wire_type::length_delimited) {
      add(Field::Kind::text).text = in.get_string();
    } else if (known->wire == Wire::blob && wire == pbf_wire_type::length_delimited) {
      m.blobs.push_back(blob(in.get_message()));
    } else if (known->wire == Wire::message && wire == pbf_wire_type::length_delimited && known->schema) {
      Field &f = add(Field::Kind::message);
      f.message = std::make_shared<Message>(message(in.get_message(), *known->schema));
    } else if (known->wire == Wire::message && wire == pbf_wire_type::length_delimited) {
      add(Field::Kind::message).message = std::make_shared<Message>();
      in.skip();
    } else {
      in.skip();   // another wire type than it should have: as every protobuf reader does
    }
  }
  return m;
}

}  // namespace

Message read_caffemodel(const std::string &file, std::span<const std::byte> data)
{
  return read_protobuf(file, data, [](pbf_reader in) { return message(in, net_schema); });
}

Blob read_blob(const std::string &file, std::span<const std::byte> data)
{
  return read_protobuf(file, data, [](pbf_reader in) { return blob(in); });
}

}  // namespace net2c::caffe
