#include "import/onnx/external.h"

#include <charconv>
#include <filesystem>

#include "base/error.h"

namespace net2c::onnx {

namespace fs = std::filesystem;

namespace {

std::string_view value_of(const TensorRecord &t, std::string_view key)
{
  for (const auto &[k, value] : t.external_data)
    if (k == key) return value;
  return {};
}

// Digits only; `otherwise` where there are none.
uint64_t number(const std::string &model, const TensorRecord &t, std::string_view key, uint64_t otherwise)
{
  const std::string_view text = value_of(t, key);
  if (text.empty()) return otherwise;
  uint64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size())
    fail({.file = model}, "tensor '{}': the {} of its data in another file is '{}'; the file is damaged", t.name, key, text);
  return n;
}

// A model from a stranger must not make us read what it likes.
bool stays_inside(const fs::path &location)
{
  for (const fs::path &part : location)
    if (part == "..") return false;
  return !location.empty() && location.is_relative() && location.native().find('\0') == std::string::npos;
}

}  // namespace

ExternalData::ExternalData(const std::string &model, GraphRecord &graph)
{
  for (TensorRecord &t : graph.initialisers) fetch(model, t);
  for (NodeRecord &node : graph.nodes)
    for (Attribute &attribute : node.attributes)
      if (attribute.tensor) fetch(model, *attribute.tensor);
}

void ExternalData::fetch(const std::string &model, TensorRecord &t)
{
  if (!t.external) return;
  const std::string_view location = value_of(t, "location");
  if (!stays_inside(location))
    fail({.file = model}, "tensor '{}': its data is in another file, '{}', which is not in the model's folder; save the model with all data inside",
         t.name, location);
  const std::string path = (fs::path(model).parent_path() / location).string();
  auto found = files_.find(path);
  if (found == files_.end()) {
    try {
      found = files_.emplace(path, read_file(path)).first;
    } catch (const Error &error) {
      fail({.file = model}, "the data of tensor '{}' is in another file, which must lie beside the model: {}", t.name, error.what());
    }
  }
  const Bytes &all = found->second;
  const uint64_t offset = number(model, t, "offset", 0), most = offset > all.size() ? 0 : all.size() - offset, length = number(model, t, "length", most);
  if (offset > all.size() || length > most)
    fail({.file = model}, "the data of tensor '{}' is {} bytes from {} on in {}, which has {}; the file is cut off, or that of another model", t.name,
         length, offset, path, all.size());
  t.raw = std::string_view(reinterpret_cast<const char *>(all.data()) + offset, length);
  t.external = false;
}

int64_t ExternalData::bytes() const
{
  int64_t n = 0;
  for (const auto &[path, data] : files_) n += static_cast<int64_t>(data.size());
  return n;
}

}  // namespace net2c::onnx
