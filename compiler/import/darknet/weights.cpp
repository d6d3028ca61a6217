#include "import/darknet/weights.h"

#include <cstring>

namespace net2c::darknet {

namespace {

constexpr size_t header = 12;   // major, minor, revision; then how many pictures were seen in training

int32_t integer_at(std::span<const std::byte> bytes, size_t at)
{
  int32_t x = 0;
  std::memcpy(&x, bytes.data() + at, sizeof x);
  return x;
}

struct Version {
  int32_t major, minor, revision;
  bool wide() const { return int64_t{major} * 10 + minor >= 2 && major < 1000 && minor < 1000; }   // 64 bits of pictures seen
};

Version version_of(std::span<const std::byte> bytes) { return {integer_at(bytes, 0), integer_at(bytes, 4), integer_at(bytes, 8)}; }

}  // namespace

bool looks_like_weights(std::span<const std::byte> bytes)
{
  if (bytes.size() < header + 4 || bytes.size() % 4) return false;
  const Version v = version_of(bytes);
  return v.major == 0 && v.minor >= 1 && v.minor <= 9 && v.revision >= 0 && v.revision <= 99;
}

Weights::Weights(const std::optional<File> &file) : given_(file.has_value())
{
  if (!file) return;
  path_ = file->path;
  if (file->bytes.size() < header + 4) fail({.file = path_}, "is {} bytes long, too short for the header of a .weights file", file->bytes.size());
  const Version version = version_of(file->bytes);
  if (version.major < 0 || version.minor < 0)
    fail({.file = path_}, "begins with version {}.{}: this is no .weights file of Darknet", version.major, version.minor);
  transposed_ = version.major > 1000 || version.minor > 1000;
  const size_t start = header + (version.wide() ? 8 : 4);
  if (file->bytes.size() < start) fail({.file = path_}, "is cut off in its header");
  numbers_ = file->bytes.subspan(start);
}

Tensor Weights::take(const Shape &shape)
{
  const auto wanted = static_cast<size_t>(count(shape));
  if (given_ && wanted > left())
    fail({}, "needs {} numbers of {}, which has {} left: it is cut off, or not of this .cfg", wanted, path_, left());
  Tensor t(Type::f32, shape);
  if (given_) {
    std::memcpy(t.bytes.data(), numbers_.data(), t.bytes.size());
    numbers_ = numbers_.subspan(t.bytes.size());
    return t;
  }
  for (float &x : t.as<float>()) {
    state_ = state_ * 1664525 + 1013904223;   // Numerical Recipes' generator: no two layers alike, nothing that is special
    x = 0.5f + static_cast<float>(state_ >> 8) * 0x1p-24f;
  }
  return t;
}

}  // namespace net2c::darknet
