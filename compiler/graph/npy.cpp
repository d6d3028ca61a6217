#include "graph/npy.h"

#include <cstring>

namespace net2c {

namespace {

struct Kind { const char *descr; Type type; };
constexpr Kind kinds[] = {{"<f4", Type::f32}, {"<f2", Type::f16}, {"<f8", Type::f64}, {"|i1", Type::i8},  {"|u1", Type::u8},
                          {"<i2", Type::i16}, {"<u2", Type::u16}, {"<i4", Type::i32}, {"<u4", Type::u32}, {"<i8", Type::i64},
                          {"<u8", Type::u64}, {"|b1", Type::boolean}};

// The text after 'key': in the header's dictionary, without leading blanks.
std::string after(const std::string &path, const std::string &header, const std::string &key)
{
  const size_t at = header.find("'" + key + "'");
  const size_t colon = at == std::string::npos ? at : header.find(':', at);
  if (colon == std::string::npos) fail({.file = path}, "is not a .npy file that numpy wrote: its header has no '{}'", key);
  const size_t start = header.find_first_not_of(' ', colon + 1);
  return start == std::string::npos ? "" : header.substr(start);
}

// Fills t from elements whose first index runs fastest.
void from_fortran_order(Tensor &t, const std::byte *from)
{
  const size_t n = size_of(t.type), rank = t.shape.size();
  std::vector<size_t> index(rank), steps(rank, 1);
  for (size_t d = 1; d < rank; ++d) steps[d] = steps[d - 1] * static_cast<size_t>(t.shape[d - 1]);
  size_t at = 0;
  for (size_t to = 0; to < t.bytes.size(); to += n) {
    std::memcpy(t.bytes.data() + to, from + at * n, n);
    for (size_t d = rank; d-- > 0;) {
      at += steps[d];
      if (++index[d] < static_cast<size_t>(t.shape[d])) break;
      at -= steps[d] * index[d];
      index[d] = 0;
    }
  }
}

}  // namespace

Tensor read_npy(const std::string &path, std::span<const std::byte> bytes)
{
  const auto *p = reinterpret_cast<const unsigned char *>(bytes.data());
  if (bytes.size() < 12 || std::memcmp(p, "\x93NUMPY", 6) != 0) fail({.file = path}, "is not a .npy file; save the array with numpy.save");
  const bool wide = p[6] >= 2;
  const size_t length = p[8] | p[9] << 8 | (wide ? static_cast<size_t>(p[10]) << 16 | static_cast<size_t>(p[11]) << 24 : 0);
  const size_t start = wide ? 12 : 10;
  if (length > bytes.size() - start) fail({.file = path}, "is truncated inside its header");
  const std::string header(reinterpret_cast<const char *>(p) + start, length);
  const std::string descr = after(path, header, "descr"), order = after(path, header, "fortran_order");
  const Kind *kind = nullptr;
  for (const Kind &k : kinds)
    if (descr.compare(1, 3, k.descr) == 0 && !descr.empty() && (descr[0] == '\'' || descr[0] == '"')) kind = &k;
  if (!kind) fail({.file = path}, "has elements of type {}; give a little-endian float, integer or bool array", descr.substr(0, 12));
  const bool fortran = order.compare(0, 5, "False") != 0;
  const std::string tuple = after(path, header, "shape");
  if (tuple.empty() || tuple[0] != '(') fail({.file = path}, "has no shape in its header");
  Shape shape;
  for (size_t i = 1; i < tuple.size() && tuple[i] != ')';) {
    if (tuple[i] == ' ' || tuple[i] == ',') {
      ++i;
      continue;
    }
    int64_t n = 0;
    size_t digits = 0;
    for (; i < tuple.size() && tuple[i] >= '0' && tuple[i] <= '9' && digits < 13; ++i, ++digits) n = n * 10 + (tuple[i] - '0');
    if (!digits || digits == 13) fail({.file = path}, "has an unreadable shape in its header");
    shape.push_back(n);
  }
  if (shape.size() > 6) fail({.file = path}, "has {} dimensions; at most 6 are read", shape.size());
  const size_t wanted = static_cast<size_t>(count(shape)) * size_of(kind->type), there = bytes.size() - start - length;
  if (there != wanted) fail({.file = path}, "holds {} bytes of data, its shape {} wants {}", there, text_of(shape), wanted);
  Tensor t(kind->type, shape);
  if (wanted && fortran) from_fortran_order(t, bytes.data() + start + length);
  else if (wanted) std::memcpy(t.bytes.data(), bytes.data() + start + length, wanted);
  return t;
}

std::vector<std::byte> npy_bytes(const Tensor &t)
{
  const char *descr = "";
  for (const Kind &k : kinds)
    if (k.type == t.type) descr = k.descr;
  std::string shape;
  for (int64_t d : t.shape) shape += std::to_string(d) + ", ";
  if (t.shape.size() > 1) shape.resize(shape.size() - 2);
  else if (t.shape.size() == 1) shape.resize(shape.size() - 1);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
  header.append(63 - (10 + header.size()) % 64, ' ');
  header += '\n';
  std::string text = std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(header.size() & 255) + static_cast<char>(header.size() >> 8) + header;
  const auto head = std::as_bytes(std::span(text.data(), text.size()));
  std::vector<std::byte> bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), t.bytes.begin(), t.bytes.end());
  return bytes;
}

}  // namespace net2c
