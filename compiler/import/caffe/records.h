// A Caffe file as plain records. Prototxt and caffemodel give the same tree of messages; net.cpp makes one form of the three
// versions that Caffe had. Binary blobs point into the file's bytes, which must outlive them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/op.h"

namespace net2c::caffe {

// BlobProto: an array of weights, or a mean image.
struct Blob {
  Shape shape;                            // the four old dimensions where the file has them
  std::string_view floats, doubles;       // little endian, as the file has them,
  std::vector<float> loose;               // or numbers one by one
  int64_t size() const { return static_cast<int64_t>(floats.size() / 4 + doubles.size() / 8 + loose.size()); }
};
// Error (reason only): the numbers do not make up the shape.
Tensor to_tensor(const Blob &, const Shape &);

struct Message;
struct Field {
  enum class Kind : uint8_t { word, text, integer, real, message };
  std::string name;
  Kind kind = Kind::word;
  std::string text;                       // word (number, enumerator, true) or what stood in quotes
  int64_t integer = 0;
  double real = 0;
  std::shared_ptr<Message> message;
};
struct Message {
  std::vector<Field> fields;              // repeated ones stand several times
  std::vector<Blob> blobs;

  const Field *find(std::string_view name) const;   // the last; nullptr: not there
  const Message *message(std::string_view name) const;
  std::vector<const Message *> messages(std::string_view name) const;
  std::vector<std::string> texts(std::string_view name) const;
};
// Error (reason only): the field is no such thing.
int64_t integer_of(const Field &);
double real_of(const Field &);
bool flag_of(const Field &);

// NetParameter of either form. Error: damaged; for text with the line.
Message read_prototxt(const std::string &file, std::span<const std::byte>);
Message read_caffemodel(const std::string &file, std::span<const std::byte>);
Blob read_blob(const std::string &file, std::span<const std::byte>);
Blob blob_of(const Message &);            // from its text form. Error: reason only

struct LayerRecord {
  std::string name, type;                 // the type's name of today
  std::vector<std::string> bottoms, tops;
  std::vector<Blob> blobs;
  std::shared_ptr<const Message> message; // where its ..._param are
  bool flat = false;                      // oldest version: parameters lie in the message itself
};

struct InputRecord {
  std::string name;
  Shape shape;                            // may be empty: not said
};

struct NetRecord {
  std::string name;
  std::vector<InputRecord> inputs;
  std::vector<LayerRecord> layers;
};

// The layers of phase TEST; all of them where the file was saved from a network that was built already (a caffemodel).
NetRecord net_of(const std::string &file, const Message &, bool all_phases);
Shape shape_of(const Message &blob_shape);

}  // namespace net2c::caffe
