// The fields of Caffe's protobuf messages by number: what gives a binary file the names that the text form has. From caffe.proto
// of the Caffe project and, above 200, of the SSD branch. Left out: what only training uses.
#pragma once

#include <span>

namespace net2c::caffe {

enum class Wire : unsigned char { integer, real, text, message, blob, packed_integer };

struct Schema;
struct Entry {
  unsigned number;
  const char *name;
  Wire wire;
  const Schema *schema = nullptr;   // of a message
};
struct Schema {
  std::span<const Entry> entries;
};

extern const Schema net_schema;

}  // namespace net2c::caffe
